#include "hub/arrivals.h"

#include <string.h>

static struct key key_of(const struct hash *carrier, const struct hash *record) {
    struct key k = {.n = 0};
    key_hash(&k, carrier);
    key_hash(&k, record);
    return k;
}

void arrivals_keep(struct txn *t, const struct arrival *x) {
    struct key k = key_of(&x->carrier, &x->record), v = {.n = 0};
    if (txn_get(t, TABLE_ARRIVALS, key_slice(&k), NULL))
        return;
    key_u64(&v, (uint64_t)x->at.received);
    key_put(&v, &(uint8_t){x->at.doubt}, 1);
    txn_put(t, TABLE_ARRIVALS, key_slice(&k), key_slice(&v));
}

void arrivals_forget(struct txn *t, const struct arrival *x) {
    struct key k = key_of(&x->carrier, &x->record);
    txn_delete(t, TABLE_ARRIVALS, key_slice(&k));
}

struct key arrivals_after(const struct arrival *x) {
    struct key k = key_of(&x->carrier, &x->record);
    key_put(&k, "", 1);
    return k;
}

struct key arrivals_behind(const struct arrival *x) {
    struct arrival last = {.carrier = x->carrier};
    memset(last.record.b, 0xff, HASH_BYTES);
    return arrivals_after(&last);
}

static struct taken_at read_at(struct slice value) {
    struct reader v = reader_of(value);
    instant received = (instant)reader_u64(&v);
    return (struct taken_at){received, reader_u8(&v) != 0};
}

static bool read_next(struct walk *w, struct arrival *ret) {
    struct slice k, v;
    if (!walk_next(w, &k, &v))
        return false;
    struct reader key = reader_of(k);
    reader_copy(&key, ret->carrier.b, HASH_BYTES);
    reader_copy(&key, ret->record.b, HASH_BYTES);
    ret->at = read_at(v);
    return true;
}

static bool next(struct txn *t, const struct key *from, struct arrival *ret) {
    struct walk w;
    walk_init_from(&w, t, TABLE_ARRIVALS, slice_of(NULL, 0), key_slice(from));
    bool found = read_next(&w, ret);
    walk_done(&w);
    return found;
}

bool arrivals_has(struct txn *t, const struct hash *record) {
    struct walk w;
    struct arrival x;
    bool found = false;
    walk_init(&w, t, TABLE_ARRIVALS, slice_of(NULL, 0));
    while (!found && read_next(&w, &x))
        found = hash_equal(&x.record, record);
    walk_done(&w);
    return found;
}

instant arrivals_earliest(struct txn *t, instant now) {
    struct walk w;
    struct arrival x;
    walk_init(&w, t, TABLE_ARRIVALS, slice_of(NULL, 0));
    while (read_next(&w, &x))
        if (x.at.received < now)
            now = x.at.received;
    walk_done(&w);
    return pending_earliest(t, now);
}

bool arrivals_doubted(struct txn *t, const struct hash *actor) {
    struct member m;
    struct child c;
    return roster_find(t, actor, roster_epoch(t, actor), &m) && !m.ended &&
           actor_child(t, &m.unit, actor, &c) && c.doubt;
}

bool arrivals_find(struct txn *t, struct key from, struct arrival *ret) {
    struct arrival x;
    for (; next(t, &from, &x); from = arrivals_behind(&x))
        if (!arrivals_doubted(t, &x.carrier))
            return *ret = x, true;
    return false;
}

void arrivals_share(struct txn *t, const struct hash *carrier, const struct hash *record) {
    struct key from = {.n = 0}, own = key_of(carrier, record);
    struct arrival x;
    struct slice v;
    if (txn_get(t, TABLE_ARRIVALS, key_slice(&own), NULL))
        return;
    for (; next(t, &from, &x); from = arrivals_behind(&x)) {
        struct key k = key_of(&x.carrier, record);
        if (!txn_get(t, TABLE_ARRIVALS, key_slice(&k), &v))
            continue;
        struct arrival shared = {*carrier, *record, read_at(v)};
        arrivals_keep(t, &shared);
        return;
    }
}

bool arrivals_wait(const struct actor *a, struct txn *t) {
    struct arrival any;
    return !actor_holds_back(a) && arrivals_find(t, (struct key){.n = 0}, &any);
}

static bool any_of(struct txn *t, const struct hash *carrier) {
    struct key from = key_of(carrier, &(struct hash){{0}});
    struct arrival x;
    return next(t, &from, &x) && hash_equal(&x.carrier, carrier);
}

bool arrivals_wait_of(const struct actor *a, struct txn *t, const struct hash *carrier) {
    return !actor_holds_back(a) && (any_of(t, &(struct hash){{0}}) ||
                                    (any_of(t, carrier) && !arrivals_doubted(t, carrier)));
}
