#include "node/slots.h"

#include "core/limits.h"
#include "store/key.h"
#include "store/log.h"

#define ORDER_BYTES (20 + HASH_BYTES) /* of a key: enrolment 8, epoch 4, seq 8, record id 32 */

static_assert(UID_BYTES * 2 + (LIMIT_CODE + 1) * 2 + 2 + ORDER_BYTES <= KEY_BYTES_MAX,
              "slot keys fit");

static struct key slot_key(const struct slot *s) {
    struct key k = {.n = 0};
    key_uid(&k, &s->issuer);
    key_text(&k, s->campaign);
    key_text(&k, s->period);
    key_u16(&k, (uint16_t)s->kind);
    key_uid(&k, &s->unit);
    return k;
}

void slots_enter(struct txn *t, const struct slot *s, const struct member *author, uint64_t seq,
                 const struct hash *report, bool complete) {
    struct key k = slot_key(s), v = {.n = 0}, slot = k;
    key_u64(&k, author->order);
    key_u32(&k, author->epoch);
    key_u64(&k, seq);
    key_hash(&k, report); /* two hubs' enrolments may share a seq */
    key_put(&v, &(uint8_t){complete}, 1);
    txn_put(t, TABLE_SLOTS, key_slice(&k), key_slice(&v));
    txn_put(t, TABLE_TOUCHED, slice_of(report->b, HASH_BYTES), key_slice(&slot));
}

void slots_walk(struct slot_walk *w, struct txn *t, const struct slot *s) {
    struct key k = slot_key(s);
    memcpy(w->prefix, k.b, k.n);
    w->prefix_len = k.n;
    walk_init(&w->walk, t, TABLE_SLOTS, slice_of(w->prefix, w->prefix_len));
}

void slots_walk_all(struct slot_walk *w, struct txn *t) {
    w->prefix_len = 0;
    walk_init(&w->walk, t, TABLE_SLOTS, slice_of(w->prefix, 0));
}

bool slots_next(struct slot_walk *w, struct slot_revision *ret_revision) {
    struct slice key, value;
    if (!walk_next(&w->walk, &key, &value))
        return false;
    size_t order_at = key.len > ORDER_BYTES ? key.len - ORDER_BYTES : 0;
    struct reader k = reader_of(slice_of(key.data + order_at, key.len - order_at));
    struct reader v = reader_of(value);
    ret_revision->enrolment = reader_u64(&k);
    ret_revision->epoch = reader_u32(&k);
    ret_revision->seq = reader_u64(&k);
    reader_copy(&k, ret_revision->report.b, HASH_BYTES);
    ret_revision->complete = reader_u8(&v) != 0;
    return !k.failed && !v.failed;
}

void slots_done(struct slot_walk *w) {
    walk_done(&w->walk);
}

static bool read_text(struct reader *r, char out[LIMIT_CODE + 1]) {
    size_t n = 0;
    while (n <= LIMIT_CODE && (out[n] = (char)reader_u8(r)) != '\0')
        n++;
    return n <= LIMIT_CODE && !r->failed;
}

bool slots_read(struct slice key, struct slot_place *ret_place) {
    struct slot_place *p = ret_place;
    p->key.n = 0;
    key_put(&p->key, key.data, key.len < KEY_BYTES_MAX ? key.len : 0);
    struct reader r = reader_of(key_slice(&p->key));
    reader_copy(&r, p->slot.issuer.b, UID_BYTES);
    bool whole = read_text(&r, p->campaign) && read_text(&r, p->period);
    p->slot.kind = (enum report_kind)reader_u16(&r);
    reader_copy(&r, p->slot.unit.b, UID_BYTES);
    p->slot.campaign = p->campaign;
    p->slot.period = p->period;
    return whole && !r.failed && r.left == 0;
}

bool slots_after(struct txn *t, struct slice after, struct slot_place *ret_place) {
    struct key from = {.n = 0};
    struct walk w;
    struct slice k;
    key_put(&from, after.data, after.len);
    for (int i = 0; after.len > 0 && i <= ORDER_BYTES; i++) /* past all of its revisions */
        key_put(&from, &(uint8_t){0xff}, 1);
    walk_init_from(&w, t, TABLE_SLOTS, slice_of(NULL, 0), key_slice(&from));
    bool found = walk_next(&w, &k, NULL) && k.len > ORDER_BYTES &&
                 slots_read(slice_of(k.data, k.len - ORDER_BYTES), ret_place);
    walk_done(&w);
    return found;
}

bool slots_held(struct txn *t, const struct uid *issuer, const char *id, const char *period,
                enum report_kind kind) {
    struct key k = {.n = 0};
    key_uid(&k, issuer);
    key_text(&k, id);
    if (period)
        key_text(&k, period);
    if (period && kind != 0)
        key_u16(&k, (uint16_t)kind);
    struct slot_walk w;
    struct slot_revision row;
    struct record r;
    bool held = false;
    walk_init(&w.walk, t, TABLE_SLOTS, key_slice(&k));
    while (!held && slots_next(&w, &row))
        held = log_get(t, &row.report, &r, NULL) == 0 && roster_stands(t, &r.h);
    slots_done(&w);
    return held;
}
