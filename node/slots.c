#include "node/slots.h"

#include "core/limits.h"
#include "node/roster.h"
#include "store/key.h"
#include "store/log.h"

static_assert(UID_BYTES * 2 + (LIMIT_CODE + 1) * 2 + 2 + HASH_BYTES <= KEY_BYTES_MAX,
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

/* A slot is mostly touched again and again before anybody looks: most of it is a look, no write. */
static void touch(struct txn *t, struct slice key) {
    if (!txn_get(t, TABLE_TOUCHED, key, NULL))
        txn_put(t, TABLE_TOUCHED, key, slice_of(NULL, 0));
}

void slots_enter(struct txn *t, const struct slot *s, const struct slot_revision *in) {
    struct key k = slot_key(s), v = {.n = 0}, slot = k;
    key_hash(&k, &in->report);
    key_hash(&v, &in->author);
    key_u32(&v, in->epoch);
    key_u64(&v, in->seq);
    txn_put(t, TABLE_SLOTS, key_slice(&k), key_slice(&v));
    touch(t, key_slice(&slot));
}

void slots_touch(struct txn *t, const struct slot *s) {
    struct key k = slot_key(s);
    touch(t, key_slice(&k));
}

void slots_touch_report(struct txn *t, const struct hash *report) {
    touch(t, slice_of(report->b, HASH_BYTES));
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
    if (!walk_next(&w->walk, &key, &value) || key.len < HASH_BYTES)
        return false;
    struct reader v = reader_of(value);
    memcpy(ret_revision->report.b, key.data + key.len - HASH_BYTES, HASH_BYTES);
    reader_copy(&v, ret_revision->author.b, HASH_BYTES);
    ret_revision->epoch = reader_u32(&v);
    ret_revision->seq = reader_u64(&v);
    return !v.failed;
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
    for (int i = 0; after.len > 0 && i <= HASH_BYTES; i++) /* past all of its revisions */
        key_put(&from, &(uint8_t){0xff}, 1);
    walk_init_from(&w, t, TABLE_SLOTS, slice_of(NULL, 0), key_slice(&from));
    bool found = walk_next(&w, &k, NULL) && k.len > HASH_BYTES &&
                 slots_read(slice_of(k.data, k.len - HASH_BYTES), ret_place);
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
    struct slot_revision in;
    struct record r;
    bool held = false;
    walk_init(&w.walk, t, TABLE_SLOTS, key_slice(&k));
    while (!held && slots_next(&w, &in))
        held = log_get(t, &in.report, &r, NULL) == 0 && roster_stands(t, &r.h);
    slots_done(&w);
    return held;
}
