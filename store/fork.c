#include "store/fork.h"

#include "core/limits.h"
#include "store/key.h"

#include <string.h>
#include <strings.h>

static struct key fork_key(const struct fork *f) {
    struct key k = key_lane(&f->actor, f->epoch, &f->lane);
    key_u64(&k, f->seq);
    key_hash(&k, &f->id);
    return k;
}

void fork_keep(struct txn *t, const struct record *r) {
    struct key k = fork_key(&(struct fork){r->h.actor, r->h.epoch, r->h.lane, r->h.seq, r->id});
    txn_put(t, TABLE_FORKS, key_slice(&k), r->bytes);
}

bool fork_any(struct txn *t, const struct hash *actor, uint32_t epoch) {
    struct key prefix = {.n = 0};
    key_hash(&prefix, actor);
    key_u32(&prefix, epoch);
    return walk_last(t, TABLE_FORKS, key_slice(&prefix), NULL, NULL);
}

struct fork_room fork_room(struct txn *t, const struct hash *actor) {
    struct fork_room room = {LIMIT_FORKS, LIMIT_FORK_BYTES};
    struct walk w;
    struct slice v;
    walk_init(&w, t, TABLE_FORKS, slice_of(actor->b, HASH_BYTES));
    while (walk_next(&w, NULL, &v)) {
        room.rows -= room.rows > 0;
        room.bytes -= v.len < room.bytes ? v.len : room.bytes;
    }
    walk_done(&w);
    return room;
}

bool fork_room_take(struct fork_room *room, size_t bytes) {
    if (room->rows == 0 || bytes > room->bytes)
        return false;
    room->rows--;
    room->bytes -= bytes;
    return true;
}

/* The fork whose key is `k`. */
static bool read_place(struct slice k, struct fork *ret_fork) {
    struct reader r = reader_of(k);
    struct fork f;
    reader_copy(&r, f.actor.b, HASH_BYTES);
    f.epoch = reader_u32(&r);
    reader_copy(&r, f.lane.b, UID_BYTES);
    f.seq = reader_u64(&r);
    reader_copy(&r, f.id.b, HASH_BYTES);
    if (!r.failed)
        *ret_fork = f;
    return !r.failed;
}

bool fork_first(struct txn *t, const struct hash *actor, uint32_t epoch, const struct uid *lane,
                struct fork *ret_fork) {
    struct key prefix = key_lane(actor, epoch, lane);
    struct walk w;
    struct slice k;
    walk_init(&w, t, TABLE_FORKS, key_slice(&prefix));
    bool found = walk_next(&w, &k, NULL) && read_place(k, ret_fork);
    walk_done(&w);
    return found;
}

bool fork_last(struct txn *t, const struct hash *actor, uint32_t epoch, const struct uid *lane,
               struct fork *ret_fork) {
    struct key prefix = key_lane(actor, epoch, lane);
    struct slice k;
    return walk_last(t, TABLE_FORKS, key_slice(&prefix), &k, NULL) && read_place(k, ret_fork);
}

bool fork_next(struct txn *t, const struct hash *actor, uint32_t epoch, struct fork *f) {
    struct key prefix = {.n = 0}, from;
    struct walk w;
    struct slice k;
    key_hash(&prefix, actor);
    key_u32(&prefix, epoch);
    from = prefix;
    if (f->seq > 0) {
        from = fork_key(f);
        key_put(&from, "", 1);
    }
    walk_init_from(&w, t, TABLE_FORKS, key_slice(&prefix), key_slice(&from));
    bool found = walk_next(&w, &k, NULL) && read_place(k, f);
    walk_done(&w);
    return found;
}

void fork_walk_init(struct fork_walk *w, struct txn *t) {
    walk_init(&w->walk, t, TABLE_FORKS, slice_of(NULL, 0));
}

void fork_walk_of(struct fork_walk *w, struct txn *t, const struct hash *actor) {
    w->actor = *actor;
    walk_init(&w->walk, t, TABLE_FORKS, slice_of(w->actor.b, HASH_BYTES));
}

bool fork_walk_next(struct fork_walk *w, struct fork *ret_fork) {
    struct slice k;
    return walk_next(&w->walk, &k, NULL) && read_place(k, ret_fork);
}

void fork_walk_done(struct fork_walk *w) {
    walk_done(&w->walk);
}

int fork_get(struct txn *t, const struct fork *f, struct record *ret_record, struct err *e) {
    struct slice bytes;
    struct record r;
    struct key k = fork_key(f);
    if (!txn_get(t, TABLE_FORKS, key_slice(&k), &bytes))
        return txn_failed(t, e) != 0 ? txn_failed(t, NULL)
                                     : err_set(e, ERR_ABSENT, "this evidence is not held here");
    if (record_parse(bytes, &r, NULL) != 0 || !hash_equal(&r.id, &f->id))
        return err_set(e, ERR_CORRUPT,
                       "the store is damaged: evidence is not what was stored; put a "
                       "good copy in its place");
    *ret_record = r;
    return 0;
}

bool fork_find(struct txn *t, const char *prefix, struct fork *ret_fork) {
    struct fork_walk w;
    struct fork f;
    uint8_t raw[HASH_BYTES];
    size_t whole;
    uint32_t found = 0;
    if (!hash_prefix(prefix, raw, &whole))
        return false;
    fork_walk_init(&w, t);
    while (found < 2 && fork_walk_next(&w, &f)) {
        char text[HASH_TEXT];
        hash_text(&f.id, text);
        if (strncasecmp(text, prefix, strlen(prefix)) != 0)
            continue;
        *ret_fork = f;
        found++;
    }
    fork_walk_done(&w);
    return found == 1;
}

bool fork_precedes(struct txn *t, const struct record_header *h) {
    struct key k = fork_key(&(struct fork){h->actor, h->epoch, h->lane, h->seq - 1, h->prev});
    return txn_get(t, TABLE_FORKS, key_slice(&k), NULL);
}
