#include "store/log.h"

#include "core/limits.h"
#include "store/fork.h"
#include "store/key.h"

bool log_has(struct txn *t, const struct hash *id) {
    return txn_get(t, TABLE_RECORDS, slice_of(id->b, HASH_BYTES), NULL);
}

int log_damaged(const struct hash *id, struct err *e) {
    char text[HASH_TEXT];
    hash_text(id, text);
    return err_set(e, ERR_CORRUPT,
                   "the store is damaged: record %s is not what was stored; "
                   "restore it from a backup or from its neighbours",
                   text);
}

int log_seek(struct txn *t, const struct hash *id, struct record *ret_record, struct err *e) {
    struct slice bytes;
    char text[HASH_TEXT];
    if (!txn_get(t, TABLE_RECORDS, slice_of(id->b, HASH_BYTES), &bytes)) {
        if (txn_failed(t, e) != 0)
            return txn_failed(t, NULL);
        hash_text(id, text);
        return err_set(e, ERR_ABSENT, "record %s is not held here", text);
    }
    struct record r;
    if (record_parse(bytes, &r, NULL) != 0 || !hash_equal(&r.id, id))
        return log_damaged(id, e);
    *ret_record = r;
    return 0;
}

int log_get(struct txn *t, const struct hash *id, struct record *ret_record, struct err *e) {
    struct err why;
    err_init(&why);
    int rc = log_seek(t, id, ret_record, &why);
    if (rc == ERR_ABSENT)
        return log_damaged(id, e);
    if (rc != 0 && e)
        *e = why;
    return rc;
}

bool log_named(struct txn *t, const struct hash *id, struct record *ret_record) {
    struct err why;
    err_init(&why);
    int rc = log_get(t, id, ret_record, &why);
    if (rc != 0)
        txn_fail(t, &why);
    return rc == 0;
}

bool log_held(struct txn *t, const struct hash *id, struct record *ret_record) {
    struct err why;
    err_init(&why);
    int rc = log_seek(t, id, ret_record, &why);
    if (rc != 0 && rc != ERR_ABSENT)
        txn_fail(t, &why);
    return rc == 0;
}

/* The head of the lane whose keys begin with `prefix`, from its last row. */
static struct log_head read_head(const struct key *prefix, struct slice key, struct slice value) {
    struct log_head head;
    struct reader r = reader_of(slice_of(key.data + prefix->n, key.len - prefix->n));
    head.seq = reader_u64(&r);
    r = reader_of(value);
    reader_copy(&r, head.id.b, HASH_BYTES);
    return head;
}

struct log_head log_head_of(struct txn *t, const struct hash *actor, uint32_t epoch,
                            const struct uid *lane) {
    struct key prefix = key_lane(actor, epoch, lane);
    struct slice k, v;
    if (!walk_last(t, TABLE_LANES, key_slice(&prefix), &k, &v))
        return (struct log_head){0};
    return read_head(&prefix, k, v);
}

bool log_at(struct txn *t, const struct hash *actor, uint32_t epoch, const struct uid *lane,
            uint64_t seq, struct hash *ret_id) {
    struct key k = key_lane(actor, epoch, lane);
    key_u64(&k, seq);
    struct slice v;
    if (!txn_get(t, TABLE_LANES, key_slice(&k), &v))
        return false;
    struct reader r = reader_of(v);
    reader_copy(&r, ret_id->b, HASH_BYTES);
    return !r.failed;
}

bool log_states(struct txn *t, const struct hash *actor, const struct hash *id) {
    struct walk w;
    struct slice v;
    bool found = false;
    walk_init(&w, t, TABLE_LANES, slice_of(actor->b, HASH_BYTES));
    for (unsigned i = 0; !found && i < LOG_STATES_ROWS && walk_next(&w, NULL, &v); i++)
        found = slice_equal(v, slice_of(id->b, HASH_BYTES));
    walk_done(&w);
    return found;
}

void lane_walk_init(struct lane_walk *w, struct txn *t, const struct hash *actor) {
    *w = (struct lane_walk){.t = t, .actor = *actor};
}

/* Note in `w` that the lane of `key`, if it is one of the same actor, comes next. */
static void note_next(struct lane_walk *w, struct slice key) {
    struct reader r = reader_of(key);
    struct slice actor = reader_bytes(&r, HASH_BYTES);
    w->next_epoch = reader_u32(&r);
    reader_copy(&r, w->next_lane.b, UID_BYTES);
    w->follows = !r.failed && slice_equal(actor, slice_of(w->actor.b, HASH_BYTES));
}

/* Find the lane that comes next. */
static void look_ahead(struct lane_walk *w) {
    struct key from = {.n = 0};
    struct walk rows;
    struct slice k;
    key_hash(&from, &w->actor);
    if (w->begun) { /* past every seq of the lane before */
        key_u32(&from, w->epoch);
        key_uid(&from, &w->lane);
        key_u64(&from, UINT64_MAX);
    }
    walk_init_from(&rows, w->t, TABLE_LANES, slice_of(w->actor.b, HASH_BYTES), key_slice(&from));
    w->follows = walk_next(&rows, &k, NULL);
    if (w->follows)
        note_next(w, k);
    walk_done(&rows);
}

bool lane_walk_next(struct lane_walk *w, struct log_head *ret_head) {
    struct slice k, v, next = {0};
    if (!w->looked || w->writes != txn_writes_made(w->t))
        look_ahead(w);
    if (!w->follows)
        return false;
    w->epoch = w->next_epoch;
    w->lane = w->next_lane;
    w->begun = true;
    struct key prefix = key_lane(&w->actor, w->epoch, &w->lane);
    if (!walk_last_and_next(w->t, TABLE_LANES, key_slice(&prefix), &k, &v, &next))
        return false; /* the store failed */
    *ret_head = read_head(&prefix, k, v);
    note_next(w, next); /* it was found on the way to the head */
    w->looked = true;
    w->writes = txn_writes_made(w->t);
    return true;
}

uint64_t log_last(struct txn *t) {
    struct slice k;
    if (!walk_last(t, TABLE_LOG, slice_of(NULL, 0), &k, NULL))
        return 0;
    struct reader r = reader_of(k);
    return reader_u64(&r);
}

uint64_t log_append(struct txn *t, const struct record *r) {
    struct slice id = slice_of(r->id.b, HASH_BYTES);
    uint64_t number = log_last(t) + 1;
    struct key by_number = {.n = 0}, by_kind = {.n = 0};
    key_u64(&by_number, number);
    key_u16(&by_kind, r->h.kind);
    key_u64(&by_kind, number);
    struct key by_lane = key_lane(&r->h.actor, r->h.epoch, &r->h.lane);
    key_u64(&by_lane, r->h.seq);
    txn_put(t, TABLE_RECORDS, id, r->bytes);
    txn_put(t, TABLE_LOG, key_slice(&by_number), id);
    txn_put(t, TABLE_KINDS, key_slice(&by_kind), id);
    txn_put(t, TABLE_LANES, key_slice(&by_lane), id);
    return number;
}

/* The first place of `actor` in an epoch from `epoch` on; false: there is none. */
static bool first_place(struct txn *t, const struct hash *actor, uint32_t epoch,
                        struct key *ret_place, struct hash *ret_id) {
    struct key from = {.n = 0};
    struct walk w;
    struct slice k, v;
    key_hash(&from, actor);
    key_u32(&from, epoch);
    walk_init_from(&w, t, TABLE_LANES, slice_of(actor->b, HASH_BYTES), key_slice(&from));
    bool found = walk_next(&w, &k, &v);
    if (found) {
        struct reader id = reader_of(v);
        ret_place->n = 0;
        key_put(ret_place, k.data, k.len);
        reader_copy(&id, ret_id->b, HASH_BYTES);
    }
    walk_done(&w);
    return found;
}

int log_displace(struct txn *t, const struct hash *actor, uint32_t epoch, struct err *e) {
    struct key place;
    struct hash id;
    struct buf copy; /* what is written moves what was read */
    int rc = 0;
    buf_init(&copy);
    struct fork_room room = fork_room(t, actor);
    while (rc == 0 && first_place(t, actor, epoch, &place, &id)) {
        struct slice bytes;
        struct record r;
        txn_delete(t, TABLE_LANES, key_slice(&place));
        if (!txn_get(t, TABLE_RECORDS, slice_of(id.b, HASH_BYTES), &bytes) ||
            !fork_room_take(&room, bytes.len))
            continue;
        buf_clear(&copy);
        buf_put(&copy, bytes.data, bytes.len);
        if (copy.failed)
            rc = err_nomem(e);
        else if (record_parse(buf_slice(&copy), &r, NULL) != 0)
            rc = log_damaged(&id, e);
        else
            fork_keep(t, &r);
    }
    buf_done(&copy);
    return rc == 0 ? txn_failed(t, e) : rc;
}

static void put_u64(uint8_t out[8], uint64_t v) {
    for (int i = 0; i < 8; i++)
        out[i] = (uint8_t)(v >> (56 - 8 * i));
}

void log_walk_init(struct log_walk *w, struct txn *t, uint16_t kind, uint64_t after) {
    w->prefix_len = kind ? 2 : 0;
    w->prefix[0] = w->from[0] = (uint8_t)(kind >> 8);
    w->prefix[1] = w->from[1] = (uint8_t)kind;
    put_u64(w->from + w->prefix_len, after + 1);
    walk_init_from(&w->walk, t, kind ? TABLE_KINDS : TABLE_LOG, slice_of(w->prefix, w->prefix_len),
                   slice_of(w->from, w->prefix_len + 8));
}

bool log_walk_next(struct log_walk *w, uint64_t *ret_number, struct hash *ret_id) {
    struct slice k, v;
    if (!walk_next(&w->walk, &k, &v))
        return false;
    struct reader r = reader_of(slice_of(k.data + w->prefix_len, k.len - w->prefix_len));
    uint64_t number = reader_u64(&r);
    if (ret_number)
        *ret_number = number;
    r = reader_of(v);
    reader_copy(&r, ret_id->b, HASH_BYTES);
    return true;
}

void log_walk_done(struct log_walk *w) {
    walk_done(&w->walk);
}

static bool is_among(uint16_t kind, const uint16_t *kinds, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (kinds[i] == kind)
            return true;
    return false;
}

static bool has_kind(struct txn *t, uint16_t kind, uint64_t after) {
    struct log_walk w;
    struct hash id;
    log_walk_init(&w, t, kind, after);
    bool found = log_walk_next(&w, NULL, &id);
    log_walk_done(&w);
    return found;
}

/* Mostly a record or two came: then they are looked at, else the kinds one by one. */
bool log_grew_by(struct txn *t, uint64_t after, const uint16_t *kinds, size_t n) {
    struct log_walk w;
    struct hash id;
    struct slice bytes;
    size_t i = 0;
    bool more = true, found = false;
    log_walk_init(&w, t, 0, after);
    for (; !found && i < n && (more = log_walk_next(&w, NULL, &id)); i++)
        found = !txn_get(t, TABLE_RECORDS, slice_of(id.b, HASH_BYTES), &bytes) ||
                is_among(record_kind_of(bytes), kinds, n);
    log_walk_done(&w);
    for (i = 0; more && !found && i < n; i++)
        found = has_kind(t, kinds[i], after);
    return found;
}

int log_find(struct txn *t, const char *prefix, struct hash *ret_id, struct err *e) {
    uint8_t raw[HASH_BYTES];
    size_t whole, n = strlen(prefix);
    if (!hash_prefix(prefix, raw, &whole))
        return err_set(e, ERR_REFUSED, "%s: a record is named by 8 or more hex digits of its id",
                       prefix);
    struct walk w;
    walk_init(&w, t, TABLE_RECORDS, slice_of(raw, whole));
    struct slice k;
    unsigned found = 0;
    while (found < 2 && walk_next(&w, &k, NULL)) {
        char text[HASH_TEXT];
        hex_encode(k.data, HASH_BYTES, text);
        if (n % 2 == 1 && (text[n - 1] | 0x20) != (prefix[n - 1] | 0x20))
            continue;
        memcpy(ret_id->b, k.data, HASH_BYTES);
        found++;
    }
    walk_done(&w);
    if (txn_failed(t, e) != 0)
        return txn_failed(t, NULL);
    if (found == 1)
        return 0;
    if (found == 0)
        return err_set(e, ERR_REFUSED, "%s: no record held here has such an id", prefix);
    return err_set(e, ERR_REFUSED, "%s: several records begin so; give more digits", prefix);
}
