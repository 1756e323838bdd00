#include "store/log.h"

#include "store/key.h"

static struct key lane_key(const struct hash *actor, uint32_t epoch, const struct uid *lane) {
    struct key k = {.n = 0};
    key_hash(&k, actor);
    key_u32(&k, epoch);
    key_uid(&k, lane);
    return k;
}

bool log_has(struct txn *t, const struct hash *id) {
    return txn_get(t, TABLE_RECORDS, slice_of(id->b, HASH_BYTES), NULL);
}

int log_get(struct txn *t, const struct hash *id, struct record *ret_record, struct err *e) {
    struct slice bytes;
    char text[HASH_TEXT];
    if (!txn_get(t, TABLE_RECORDS, slice_of(id->b, HASH_BYTES), &bytes)) {
        if (txn_failed(t, e) != 0)
            return txn_failed(t, NULL);
        hash_text(id, text);
        return err_set(e, ERR_ABSENT, "record %s is not held here", text);
    }
    struct record r;
    if (record_parse(bytes, &r, NULL) != 0 || !hash_equal(&r.id, id)) {
        hash_text(id, text);
        return err_set(e, ERR_CORRUPT,
                       "the store is damaged: record %s is not what was stored; "
                       "restore it from a backup or from its neighbours",
                       text);
    }
    *ret_record = r;
    return 0;
}

struct log_head log_head_of(struct txn *t, const struct hash *actor, uint32_t epoch,
                            const struct uid *lane) {
    struct log_head head = {0};
    struct key prefix = lane_key(actor, epoch, lane);
    struct slice k, v;
    if (walk_last(t, TABLE_LANES, key_slice(&prefix), &k, &v)) {
        struct reader r = reader_of(slice_of(k.data + prefix.n, k.len - prefix.n));
        head.seq = reader_u64(&r);
        r = reader_of(v);
        reader_copy(&r, head.id.b, HASH_BYTES);
    }
    return head;
}

bool log_at(struct txn *t, const struct hash *actor, uint32_t epoch, const struct uid *lane,
            uint64_t seq, struct hash *ret_id) {
    struct key k = lane_key(actor, epoch, lane);
    key_u64(&k, seq);
    struct slice v;
    if (!txn_get(t, TABLE_LANES, key_slice(&k), &v))
        return false;
    struct reader r = reader_of(v);
    reader_copy(&r, ret_id->b, HASH_BYTES);
    return !r.failed;
}

void lane_walk_init(struct lane_walk *w, struct txn *t, const struct hash *actor) {
    *w = (struct lane_walk){.t = t, .actor = *actor};
}

bool lane_walk_next(struct lane_walk *w, struct log_head *ret_head) {
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
    bool found = walk_next(&rows, &k, NULL);
    if (found) {
        struct reader r = reader_of(k);
        reader_bytes(&r, HASH_BYTES);
        w->epoch = reader_u32(&r);
        reader_copy(&r, w->lane.b, UID_BYTES);
        w->begun = true;
    }
    walk_done(&rows);
    if (found)
        *ret_head = log_head_of(w->t, &w->actor, w->epoch, &w->lane);
    return found;
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
    struct key by_lane = lane_key(&r->h.actor, r->h.epoch, &r->h.lane);
    key_u64(&by_lane, r->h.seq);
    txn_put(t, TABLE_RECORDS, id, r->bytes);
    txn_put(t, TABLE_LOG, key_slice(&by_number), id);
    txn_put(t, TABLE_KINDS, key_slice(&by_kind), id);
    txn_put(t, TABLE_LANES, key_slice(&by_lane), id);
    return number;
}

void log_fork(struct txn *t, const struct record *r) {
    struct key k = lane_key(&r->h.actor, r->h.epoch, &r->h.lane);
    key_u64(&k, r->h.seq);
    key_hash(&k, &r->id);
    txn_put(t, TABLE_FORKS, key_slice(&k), r->bytes);
}

void fork_walk_init(struct fork_walk *w, struct txn *t) {
    walk_init(&w->walk, t, TABLE_FORKS, slice_of(NULL, 0));
}

bool fork_walk_next(struct fork_walk *w, struct fork *ret_fork) {
    struct slice k;
    struct fork f;
    if (!walk_next(&w->walk, &k, NULL))
        return false;
    struct reader r = reader_of(k);
    reader_copy(&r, f.actor.b, HASH_BYTES);
    f.epoch = reader_u32(&r);
    reader_copy(&r, f.lane.b, UID_BYTES);
    f.seq = reader_u64(&r);
    reader_copy(&r, f.id.b, HASH_BYTES);
    if (!r.failed)
        *ret_fork = f;
    return !r.failed;
}

void fork_walk_done(struct fork_walk *w) {
    walk_done(&w->walk);
}

bool log_follows_fork(struct txn *t, const struct record_header *h) {
    struct key k = {.n = 0};
    key_hash(&k, &h->actor);
    key_u32(&k, h->epoch);
    key_uid(&k, &h->lane);
    key_u64(&k, h->seq - 1);
    key_hash(&k, &h->prev);
    return txn_get(t, TABLE_FORKS, key_slice(&k), NULL);
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

/* Whether `text` is 8 to 64 hex digits; the whole bytes of it go into `out`. */
static bool parse_prefix(const char *text, uint8_t out[HASH_BYTES], size_t *ret_whole) {
    size_t n = strlen(text);
    if (n < 8 || n > (size_t)2 * HASH_BYTES || strspn(text, "0123456789abcdefABCDEF") != n)
        return false;
    *ret_whole = n / 2;
    return hex_decode(text, n / 2 * 2, out, n / 2);
}

int log_find(struct txn *t, const char *prefix, struct hash *ret_id, struct err *e) {
    uint8_t raw[HASH_BYTES];
    size_t whole, n = strlen(prefix);
    if (!parse_prefix(prefix, raw, &whole))
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
