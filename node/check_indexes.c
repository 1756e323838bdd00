#include "node/check_walks.h"

#include "node/check.h"
#include "store/key.h"
#include "store/log.h"

#include <string.h>

/* Whether `table` has `key`, and its value is `id`. */
static bool points_to(struct txn *t, enum store_table table, const struct key *key,
                      const struct hash *id) {
    struct slice v;
    return txn_get(t, table, key_slice(key), &v) && slice_equal(v, slice_of(id->b, HASH_BYTES));
}

static struct key lane_key(const struct record_header *h, uint64_t seq) {
    struct key k = {.n = 0};
    key_hash(&k, &h->actor);
    key_u32(&k, h->epoch);
    key_uid(&k, &h->lane);
    key_u64(&k, seq);
    return k;
}

/* One record from its place in the log: it is held, and found by kind and by lane, after the one
 * that it names. */
static void check_entry(struct txn *t, uint64_t number, const struct hash *id, uint64_t *displaced,
                        struct findings *f) {
    struct record r;
    struct key kind = {.n = 0};
    f->rows++;
    if (!log_has(t, id))
        check_findings_add(f, id, "it is in the log at %llu, but not among the records",
                           (unsigned long long)number);
    if (log_get(t, id, &r, NULL) != 0)
        return; /* a damaged one was told with the records */
    key_u16(&kind, r.h.kind);
    key_u64(&kind, number);
    if (!points_to(t, TABLE_KINDS, &kind, id))
        check_findings_add(f, id, "it is not found by its kind");
    struct key lane = lane_key(&r.h, r.h.seq);
    if (!points_to(t, TABLE_LANES, &lane, id) && roster_overruled(t, &r.h)) {
        ++*displaced; /* by a thief: its places are another's */
        return;
    }
    if (!points_to(t, TABLE_LANES, &lane, id))
        check_findings_add(f, id, "it is not found in its author's lane");
    struct key before = lane_key(&r.h, r.h.seq - 1);
    if (r.h.seq == 1 ? !hash_is_zero(&r.h.prev) : !points_to(t, TABLE_LANES, &before, &r.h.prev))
        check_findings_add(f, id, "the record before it in its lane is not the one that it names");
}

/* How many of the log have no place in a lane, since the key that signed them was nobody's. */
static uint64_t check_log(struct txn *t, struct findings *f) {
    struct log_walk w;
    struct hash id;
    uint64_t number, want = 1, displaced = 0;
    log_walk_init(&w, t, 0, 0);
    while (log_walk_next(&w, &number, &id)) {
        if (number != want)
            check_findings_add(f, &id, "the log jumps to %llu", (unsigned long long)number);
        check_entry(t, number, &id, &displaced, f);
        want = number + 1;
    }
    log_walk_done(&w);
    return displaced;
}

/* The other way: a row of an index is about a record that says so itself. */
static void check_kind_row(struct txn *t, struct slice key, struct slice value,
                           struct findings *f) {
    struct reader k = reader_of(key), v = reader_of(value);
    struct hash id;
    struct record r;
    uint16_t kind = reader_u16(&k);
    struct key number = {.n = 0};
    key_u64(&number, reader_u64(&k));
    reader_copy(&v, id.b, HASH_BYTES);
    f->rows++;
    bool readable = log_get(t, &id, &r, NULL) == 0;
    if (k.failed || v.failed || !points_to(t, TABLE_LOG, &number, &id) || !log_has(t, &id) ||
        (readable && r.h.kind != kind))
        check_findings_add(f, &id, "the index of kinds leads to what is not there");
}

static void check_lane_row(struct txn *t, struct slice key, struct slice value,
                           struct findings *f) {
    struct reader v = reader_of(value);
    struct hash id;
    struct record r;
    reader_copy(&v, id.b, HASH_BYTES);
    f->rows++;
    if (v.failed || !log_has(t, &id))
        check_findings_add(f, &id, "a lane leads to what is not there");
    if (v.failed || log_get(t, &id, &r, NULL) != 0)
        return;
    struct key want = lane_key(&r.h, r.h.seq);
    if (!slice_equal(key, key_slice(&want)))
        check_findings_add(f, &id, "it stands in the wrong place of a lane");
}

static void check_rows(struct txn *t, enum store_table table, uint64_t without, struct findings *f,
                       void (*row)(struct txn *, struct slice, struct slice, struct findings *)) {
    struct walk w;
    struct slice k, v;
    walk_init(&w, t, table, slice_of(NULL, 0));
    while (walk_next(&w, &k, &v))
        row(t, k, v, f);
    walk_done(&w);
    uint64_t rows = txn_count(t, table), records = txn_count(t, TABLE_RECORDS);
    if (rows + without != records)
        check_findings_add(f, NULL, "table %s has %llu rows for %llu records", db_table_name(table),
                           (unsigned long long)rows, (unsigned long long)records);
}

int check_tables(struct txn *t, struct findings *f, struct err *e) {
    for (int i = 0; i < TABLE_COUNT; i++) {
        struct table_state s;
        const char *name = db_table_name((enum store_table)i);
        int rc = txn_check_table(t, (enum store_table)i, &s, e);
        if (rc != 0)
            return rc;
        if (s.damaged > 0)
            check_findings_add(f, NULL, "table %s has %llu rows that are not as they were written",
                               name, (unsigned long long)s.damaged);
        else if (s.misses)
            check_findings_add(f, NULL, "table %s is not as it was written last", name);
        if (table_disposable((enum store_table)i) && (s.damaged > 0 || s.misses))
            check_findings_add(f, NULL,
                               "nothing is lost by that: %s is made anew when `serve` or `sync` "
                               "starts the next time",
                               name);
        if (s.disordered || s.rows != s.counted)
            check_findings_add(f, NULL,
                               "table %s says that it has %llu rows; %llu were met, or not in the "
                               "order of their keys",
                               name, (unsigned long long)s.counted, (unsigned long long)s.rows);
    }
    return 0;
}

int check_indexes(struct actor *a, struct txn *t, struct findings *f, struct err *e) {
    (void)a;
    uint64_t displaced = check_log(t, f);
    check_rows(t, TABLE_KINDS, 0, f, check_kind_row);
    check_rows(t, TABLE_LANES, displaced, f, check_lane_row);
    uint64_t rows = txn_count(t, TABLE_LOG), records = txn_count(t, TABLE_RECORDS);
    if (rows != records)
        check_findings_add(f, NULL, "table %s has %llu rows for %llu records",
                           db_table_name(TABLE_LOG), (unsigned long long)rows,
                           (unsigned long long)records);
    return txn_failed(t, e);
}
