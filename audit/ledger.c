#include "audit/ledger.h"

#include "core/limits.h"
#include "core/list.h"
#include "core/mem.h"
#include "core/search.h"

#include <stdlib.h>
#include <string.h>

void ledger_init(struct ledger *l, const struct hash *root, struct findings *findings) {
    *l = (struct ledger){.findings = findings, .root = *root, .signatures_ok = true};
}

void ledger_done(struct ledger *l) {
    mem_free(l->list);
    mem_free(l->by_id);
    mem_free(l->by_lane);
    mem_free(l->members);
    mem_free(l->ends);
    ledger_ends_done(l);
    *l = (struct ledger){0};
}

/* ---- loading ---- */

/* The id that the first bytes of an entry make, so that a broken record can be named. */
static struct hash id_of(struct slice bytes) {
    struct hash id = {0};
    if (bytes.len >= RECORD_HEADER_BYTES)
        crypto_hash_tagged(TAG_ID, slice_of(bytes.data, RECORD_HEADER_BYTES), &id);
    return id;
}

static int load_one(struct ledger *l, const struct bundle_reader *r, struct slice bytes,
                    struct err *e) {
    struct err why = {0};
    struct entry new = {.number = r->records, .good = true};
    if (record_parse(bytes, &new.r, &why) != 0) {
        struct hash id = id_of(bytes);
        l->signatures_ok = false;
        *findings_at_entry(l->findings, &id, r->records, r->entry_at) = why;
        return 0;
    }
    int rc = list_grow(&l->list, l->n, sizeof *l->list, e);
    if (rc == 0)
        l->list[l->n++] = new;
    return rc;
}

static int by_id(const void *a, const void *b) {
    const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;
    int order = hash_cmp(&x->r.id, &y->r.id);
    return order != 0 ? order : (x->number > y->number) - (x->number < y->number);
}

/* Sort by id, and drop what stands twice from the index and from what is good. */
static int index_entries(struct ledger *l, struct err *e) {
    l->by_id = mem_zalloc(l->n, sizeof(struct entry *));
    if (!l->by_id)
        return err_nomem(e);
    for (uint32_t i = 0; i < l->n; i++)
        l->by_id[i] = &l->list[i];
    qsort(l->by_id, l->n, sizeof(struct entry *), by_id);
    for (uint32_t i = 1; i < l->n; i++) {
        const struct hash *id = &l->by_id[i]->r.id;
        if (!hash_equal(id, &l->by_id[i - 1]->r.id))
            continue;
        l->by_id[i]->good = false;
        err_set(findings_at(l->findings, id), ERR_CORRUPT,
                "entry %llu: the same record stands in the file as entry %llu too",
                (unsigned long long)l->by_id[i]->number,
                (unsigned long long)l->by_id[i - 1]->number);
    }
    return 0;
}

int ledger_load(struct ledger *l, struct bundle_reader *r, struct err *e) {
    struct slice bytes;
    struct err why = {0};
    int rc;
    while ((rc = bundle_reader_next(r, &bytes, &why)) == 0) {
        if (r->records > UINT32_MAX / 2)
            return err_set(e, ERR_REFUSED, "more records than this program can count");
        if (load_one(l, r, bytes, e) != 0)
            return e->code;
    }
    l->read = r->records;
    if (rc == ERR_CORRUPT)
        *findings_at(l->findings, NULL) = why;
    if (index_entries(l, e) != 0 || ledger_seconds_mark(l, e) != 0)
        return ERR_NOMEM;
    return rc == ERR_ABSENT ? 0 : rc;
}

static int entry_of(const void *id, const void *entry) {
    return hash_cmp(id, &(*(struct entry *const *)entry)->r.id);
}

struct entry *ledger_find(const struct ledger *l, const struct hash *id) {
    uint32_t at = search_first(id, l->by_id, l->n, sizeof *l->by_id, entry_of);
    return at < l->n && hash_equal(&l->by_id[at]->r.id, id) ? l->by_id[at] : NULL;
}

/* ---- lanes ---- */

static int order_lane(const struct entry *x, const struct entry *y) {
    const struct record_header *a = &x->r.h, *b = &y->r.h;
    int order = hash_cmp(&a->actor, &b->actor);
    if (order == 0)
        order = (a->epoch > b->epoch) - (a->epoch < b->epoch);
    return order != 0 ? order : uid_cmp(&a->lane, &b->lane);
}

static int by_lane(const void *a, const void *b) {
    const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;
    int order = order_lane(x, y);
    if (order == 0)
        order = (x->r.h.seq > y->r.h.seq) - (x->r.h.seq < y->r.h.seq);
    return order != 0 ? order : by_id(a, b);
}

/* Check `x` against `before`, the one before it in its lane (NULL: it is the first). */
static void check_link(struct ledger *l, const struct entry *before, const struct entry *x) {
    static const struct hash none;
    uint64_t expected = before ? before->r.h.seq + 1 : 1;
    const struct hash *prev = before ? &before->r.id : &none;
    struct findings *f = l->findings;
    if (x->r.h.seq != expected) {
        err_set(findings_at(f, &x->r.id), ERR_CORRUPT,
                "number %llu of its lane is here and number %llu is not: a record was left out",
                (unsigned long long)x->r.h.seq, (unsigned long long)expected);
    } else if (!hash_equal(&x->r.h.prev, prev)) {
        err_set(findings_at(f, &x->r.id), ERR_CORRUPT,
                "it does not name the record before it in its lane");
    }
}

int ledger_chains(struct ledger *l, struct err *e) {
    uint32_t n = 0;
    l->by_lane = mem_zalloc(l->n, sizeof(struct entry *));
    if (!l->by_lane)
        return err_nomem(e);
    for (uint32_t i = 0; i < l->n; i++)
        if (l->list[i].author && l->list[i].good)
            l->by_lane[n++] = &l->list[i];
    qsort(l->by_lane, n, sizeof(struct entry *), by_lane);
    for (uint32_t i = 0; i < n; i++) {
        bool first = i == 0 || order_lane(l->by_lane[i - 1], l->by_lane[i]) != 0;
        bool same_actor =
            i > 0 && hash_equal(&l->by_lane[i - 1]->r.h.actor, &l->by_lane[i]->r.h.actor);
        l->authors += !same_actor;
        check_link(l, first ? NULL : l->by_lane[i - 1], l->by_lane[i]);
    }
    return 0;
}
