#include "node/slots.h"

#include "core/limits.h"
#include "node/roster.h"
#include "store/key.h"
#include "store/log.h"

#include <endian.h>
#include <string.h>

static_assert(UID_BYTES * 2 + (LIMIT_CODE + 1) * 2 + 2 + HASH_BYTES <= KEY_BYTES_MAX,
              "slot keys fit");

static inline struct key slot_key(const struct slot *s) {
    struct key k = {.n = 0};
    key_uid(&k, &s->issuer);
    key_text(&k, s->campaign);
    key_text(&k, s->period);
    key_u16(&k, (uint16_t)s->kind);
    key_uid(&k, &s->unit);
    return k;
}

struct key slots_key(const struct slot *s) {
    return slot_key(s);
}

/* A slot is mostly touched again and again before anybody looks: most of it is a look, no write. */
static void touch(struct txn *t, struct slice key) {
    if (!txn_get(t, TABLE_TOUCHED, key, NULL))
        txn_put(t, TABLE_TOUCHED, key, slice_of(NULL, 0));
}

#define SUM_BYTES 8

static uint64_t word(const uint8_t *p) {
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return be64toh(v);
}

/* What a revision adds to the sum of its slot: hashes are as good as random, so that a sum of their
 * words changes with any bit. It finds damage, not malice: who can write here can write anything.
 */
static uint64_t weight(const struct slot_revision *in) {
    uint64_t sum = ((uint64_t)in->epoch << 32) + in->seq + ((uint64_t)in->number << 32) +
                   ((uint64_t)in->nil << 31);
    for (int i = 0; i < HASH_BYTES; i += SUM_BYTES)
        sum += word(in->report.b + i) + word(in->author.b + i);
    return sum;
}

/* Put the row `k` of `in` into its slot, and count it there. What stands in a slot never changes.
 */
static void put_row(struct txn *t, const struct key *slot, const struct key *k,
                    const struct slot_revision *in) {
    struct key v = {.n = 0}, sum = {.n = 0};
    struct slice head;
    bool any = txn_get(t, TABLE_SLOTS, key_slice(slot), &head) && head.len == SUM_BYTES;
    uint64_t before = any ? word(head.data) : 0;
    if (any && txn_get(t, TABLE_SLOTS, key_slice(k), NULL))
        return;
    key_hash(&v, &in->author);
    key_u32(&v, in->epoch);
    key_u64(&v, in->seq);
    key_u32(&v, in->number);
    key_put(&v, &(uint8_t){in->nil}, 1);
    key_u64(&sum, before + weight(in));
    txn_put(t, TABLE_SLOTS, key_slice(slot), key_slice(&sum));
    txn_put(t, TABLE_SLOTS, key_slice(k), key_slice(&v));
}

void slots_enter(struct txn *t, const struct slot *s, const struct slot_revision *in) {
    struct key slot = slot_key(s), k = slot;
    key_hash(&k, &in->report);
    put_row(t, &slot, &k, in);
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
    *w = (struct slot_walk){.prefix_len = k.n};
    memcpy(w->prefix, k.b, k.n);
    walk_init(&w->walk, t, TABLE_SLOTS, slice_of(w->prefix, w->prefix_len));
}

void slots_walk_all(struct slot_walk *w, struct txn *t) {
    *w = (struct slot_walk){.prefix_len = 0};
    walk_init(&w->walk, t, TABLE_SLOTS, slice_of(w->prefix, 0));
}

/* What the row `value` says beside its report's id; false: it is none. */
static bool read_row(struct slice value, struct slot_revision *ret) {
    struct reader r = reader_of(value);
    reader_copy(&r, ret->author.b, HASH_BYTES);
    ret->epoch = reader_u32(&r);
    ret->seq = reader_u64(&r);
    ret->number = reader_u32(&r);
    uint8_t nil = reader_u8(&r);
    ret->nil = nil == 1;
    return !r.failed && r.left == 0 && nil <= 1;
}

bool slots_next(struct slot_walk *w, struct slot_revision *ret_revision) {
    struct slice key, value;
    bool found = walk_next(&w->walk, &key, &value);
    for (; found && value.len == SUM_BYTES; found = walk_next(&w->walk, &key, &value))
        w->head += word(value.data);
    if (!found || key.len < HASH_BYTES || !read_row(value, ret_revision)) {
        w->damaged = found || w->head != w->sum;
        return false;
    }
    memcpy(ret_revision->report.b, key.data + key.len - HASH_BYTES, HASH_BYTES);
    w->sum += weight(ret_revision);
    return true;
}

void slots_done(struct slot_walk *w) {
    walk_done(&w->walk);
}

int slots_damaged(struct err *e) {
    return err_set(e, ERR_CORRUPT,
                   "the store is damaged: reports of one unit are not all where they were: run "
                   "`check`, then restore it from a backup");
}

/* The walk `w`, which was to decide something, met damage. */
static void fail(struct txn *t, const struct slot_walk *w) {
    struct err why = {0};
    if (!w->damaged)
        return;
    slots_damaged(&why);
    txn_fail(t, &why);
}

bool slots_full(struct txn *t, const struct slot *s, const struct slot_revision *in) {
    struct slot_walk w;
    struct slot_revision other;
    uint32_t n = 0;
    bool known = false;
    slots_walk(&w, t, s);
    while (!known && n < LIMIT_REVISIONS && slots_next(&w, &other)) {
        known = hash_equal(&other.report, &in->report);
        n += hash_equal(&other.author, &in->author);
    }
    slots_done(&w);
    fail(t, &w);
    return !known && n == LIMIT_REVISIONS;
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

/* The slot of the next row of `w`, which is done with then. */
static bool take_place(struct walk *w, struct slot_place *ret_place) {
    struct slice k;
    bool found = walk_next(w, &k, NULL);
    if (found &&
        !slots_read(k, ret_place)) /* its first row is its own; one of a report is damage */
        found = k.len > HASH_BYTES && slots_read(slice_of(k.data, k.len - HASH_BYTES), ret_place);
    walk_done(w);
    return found;
}

bool slots_after(struct txn *t, struct slice after, struct slot_place *ret_place) {
    struct key from = {.n = 0};
    struct walk w;
    key_put(&from, after.data, after.len);
    for (int i = 0; after.len > 0 && i <= HASH_BYTES; i++) /* past all of its revisions */
        key_put(&from, &(uint8_t){0xff}, 1);
    walk_init_from(&w, t, TABLE_SLOTS, slice_of(NULL, 0), key_slice(&from));
    return take_place(&w, ret_place);
}

bool slots_first(struct txn *t, const struct uid *issuer, const char *campaign,
                 struct slot_place *ret_place) {
    struct key k = {.n = 0};
    struct walk w;
    key_uid(&k, issuer);
    key_text(&k, campaign);
    walk_init(&w, t, TABLE_SLOTS, key_slice(&k));
    return take_place(&w, ret_place);
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
    struct slot_walk w = {.prefix_len = 0};
    struct slot_revision in;
    struct record r;
    bool held = false;
    walk_init(&w.walk, t, TABLE_SLOTS, key_slice(&k));
    while (!held && slots_next(&w, &in))
        held = log_named(t, &in.report, &r) && roster_stands(t, &r.h);
    slots_done(&w);
    fail(t, &w);
    return held;
}
