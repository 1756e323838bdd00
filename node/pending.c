#include "node/pending.h"

#include "core/limits.h"
#include "node/roster.h"
#include "node/shown.h"
#include "proto/kinds.h"
#include "store/log.h"

/* Rows of TABLE_WAITING: what waits for its author, what for its place, how much of a carrier. */
enum { ROW_AUTHOR = 1, ROW_PLACE = 2, ROW_CARRIER = 3 };

/* ---- rows ---- */

static struct key pending_key(const struct hash *carrier, const struct hash *record) {
    struct key k = {.n = 0};
    key_hash(&k, carrier);
    key_hash(&k, record);
    return k;
}

static struct key actor_key(uint8_t row, const struct hash *actor) {
    struct key k = {.n = 0};
    key_put(&k, &row, 1);
    key_hash(&k, actor);
    return k;
}

static struct key lane_key(uint8_t row, const struct record_header *h) {
    struct key k = actor_key(row, &h->actor);
    key_uid(&k, &h->lane);
    return k;
}

static struct key record_key(uint8_t row, const struct record *r) {
    struct key k = lane_key(row, &r->h);
    key_u32(&k, r->h.epoch);
    key_u64(&k, r->h.seq);
    key_hash(&k, &r->id);
    return k;
}

static struct key waiting_key(uint8_t row, const struct record *r, const struct hash *carrier) {
    struct key k = record_key(row, r);
    key_hash(&k, carrier);
    return k;
}

/* A row of one that waits for its author or place. */
struct waiting {
    struct hash actor, record, carrier, prev;
    struct uid lane;
    uint32_t epoch;
    uint64_t seq;
};

static struct waiting waiting_of(struct slice key, struct slice value) {
    struct reader k = reader_of(key), v = reader_of(value);
    struct waiting w;
    reader_u8(&k);
    reader_copy(&k, w.actor.b, HASH_BYTES);
    reader_copy(&k, w.lane.b, UID_BYTES);
    w.epoch = reader_u32(&k);
    w.seq = reader_u64(&k);
    reader_copy(&k, w.record.b, HASH_BYTES);
    reader_copy(&k, w.carrier.b, HASH_BYTES);
    reader_copy(&v, w.prev.b, HASH_BYTES);
    return w;
}

bool pending_has(struct txn *t, const struct hash *carrier, const struct hash *record) {
    struct key k = pending_key(carrier, record);
    return txn_get(t, TABLE_PENDING, key_slice(&k), NULL);
}

bool pending_look(struct txn *t, const struct hash *carrier, const struct hash *record,
                  struct taken_at *ret_at, struct slice *ret_bytes) {
    struct key k = pending_key(carrier, record);
    struct slice v;
    if (!txn_get(t, TABLE_PENDING, key_slice(&k), &v))
        return false;
    struct reader in = reader_of(v);
    ret_at->received = (instant)reader_u64(&in);
    ret_at->doubt = reader_u8(&in) != 0;
    *ret_bytes = slice_of(in.data, in.left);
    return !in.failed;
}

/* When `record` by `carrier` came; INSTANT_NONE: it keeps none. */
static struct taken_at came_at(struct txn *t, const struct hash *carrier,
                               const struct hash *record) {
    struct taken_at at = {INSTANT_NONE, false};
    struct slice bytes;
    return pending_look(t, carrier, record, &at, &bytes) ? at
                                                         : (struct taken_at){INSTANT_NONE, false};
}

static int put_pending(struct txn *t, const struct hash *carrier, const struct hash *record,
                       struct taken_at at, struct slice bytes, struct err *e) {
    struct key k = pending_key(carrier, record);
    struct buf value;
    buf_init(&value);
    buf_put_u64(&value, (uint64_t)at.received);
    buf_put_u8(&value, at.doubt);
    buf_put(&value, bytes.data, bytes.len);
    int rc = value.failed ? err_nomem(e) : 0;
    if (rc == 0)
        txn_put(t, TABLE_PENDING, key_slice(&k), buf_slice(&value));
    buf_done(&value);
    return rc;
}

/* ---- how much is kept ---- */

struct load {
    uint32_t n;
    uint64_t bytes;
};

static struct load load_of(struct txn *t, const struct hash *carrier) {
    struct key k = actor_key(ROW_CARRIER, carrier);
    struct slice v;
    if (!txn_get(t, TABLE_WAITING, key_slice(&k), &v))
        return (struct load){0};
    struct reader in = reader_of(v);
    uint32_t n = reader_u32(&in);
    return (struct load){n, reader_u64(&in)};
}

static void put_load(struct txn *t, const struct hash *carrier, const struct load *load) {
    struct key k = actor_key(ROW_CARRIER, carrier), v = {.n = 0};
    key_u32(&v, load->n);
    key_u64(&v, load->bytes);
    if (load->n == 0)
        txn_delete(t, TABLE_WAITING, key_slice(&k));
    else
        txn_put(t, TABLE_WAITING, key_slice(&k), key_slice(&v));
}

/* ---- who keeps the instant at which it came ---- */

/* The first row of the lane `prefix` after `last`, its key into `last` (empty: begin). */
static bool next_row(struct txn *t, const struct key *prefix, struct key *last,
                     struct waiting *ret) {
    struct walk w;
    struct slice k, v;
    if (last->n == 0)
        *last = *prefix;
    else
        key_put(last, "", 1);
    walk_init_from(&w, t, TABLE_WAITING, key_slice(prefix), key_slice(last));
    bool found = walk_next(&w, &k, &v);
    if (found) {
        last->n = 0;
        key_put(last, k.data, k.len);
        *ret = waiting_of(k, v);
    }
    walk_done(&w);
    return found;
}

static bool any_row(struct txn *t, const struct key *prefix) {
    struct key last = {.n = 0};
    struct waiting w;
    return next_row(t, prefix, &last, &w);
}

/* Whether `r` is of the chain that begins with `first` and waits in the lane `prefix`: in it, right
 * before, or right behind it. */
static bool is_of_chain(struct txn *t, const struct key *prefix, const struct waiting *first,
                        const struct record *r) {
    struct slice k, v;
    struct key same = record_key(ROW_PLACE, r);
    if (any_row(t, &same))
        return true;
    if (r->h.epoch != first->epoch || !walk_last(t, TABLE_WAITING, key_slice(prefix), &k, &v))
        return false;
    struct waiting last = waiting_of(k, v);
    return (r->h.seq + 1 == first->seq && hash_equal(&first->prev, &r->id)) ||
           (r->h.seq == last.seq + 1 && hash_equal(&r->h.prev, &last.record));
}

/* None that waits in the lane `prefix` keeps its instant. */
static int forget_instants(struct txn *t, const struct key *prefix, struct err *e) {
    struct key last = {.n = 0};
    struct waiting w;
    struct buf copy;
    const struct taken_at none = {INSTANT_NONE, false};
    int rc = 0;
    buf_init(&copy);
    while (rc == 0 && next_row(t, prefix, &last, &w)) {
        struct taken_at at;
        struct slice bytes = {0};
        (void)pending_look(t, &w.carrier, &w.record, &at, &bytes);
        buf_clear(&copy);
        buf_put(&copy, bytes.data, bytes.len);
        rc = copy.failed ? err_nomem(e)
                         : put_pending(t, &w.carrier, &w.record, none, buf_slice(&copy), e);
    }
    buf_done(&copy);
    return rc;
}

/* Look at `r`, which is to wait for its place, beside what waits in its lane: all keep their
 * instants, or none does. */
static int contest(struct txn *t, const struct record *r, struct taken_at *at, struct err *e) {
    struct key prefix = lane_key(ROW_PLACE, &r->h), key = {.n = 0};
    struct waiting first;
    if (!next_row(t, &prefix, &key, &first))
        return 0;
    bool kept = came_at(t, &first.carrier, &first.record).received != INSTANT_NONE;
    if (kept && is_of_chain(t, &prefix, &first, r))
        return 0;
    *at = (struct taken_at){INSTANT_NONE, false};
    return kept ? forget_instants(t, &prefix, e) : 0;
}

/*
 * The latest instant at which somebody on the way from the root to `actor` in `epoch` was enrolled,
 * by the clock of whoever did it; INSTANT_NONE where that is not known.
 */
static instant enrolled_at(struct txn *t, const struct hash *actor, uint32_t epoch) {
    struct hash of = *actor;
    instant at = INSTANT_NONE;
    struct member m;
    struct record r;
    for (unsigned i = 0; i <= LIMIT_ENROLMENTS && roster_find(t, &of, epoch, &m); i++) {
        if (m.by == BY_ROOT_KEY || !shown_held(t, &m.record, &r))
            break;
        if (r.h.claimed > at)
            at = r.h.claimed;
        of = r.h.actor;
        epoch = r.h.epoch;
    }
    return at;
}

static bool is_ended(struct txn *t, const struct hash *actor) {
    struct member m;
    return roster_find(t, actor, roster_epoch(t, actor), &m) && m.ended;
}

/* ---- keeping and taking ---- */

int pending_keep(struct txn *t, const struct hash *carrier, const struct record *r, bool verified,
                 struct taken_at at, bool *ret_kept, struct err *e) {
    struct load load = load_of(t, carrier);
    uint8_t row = verified ? ROW_PLACE : ROW_AUTHOR;
    uint64_t bytes = PENDING_BESIDE + r->bytes.len;
    bool room = load.n < LIMIT_PENDING_RECORDS && load.bytes + bytes <= LIMIT_PENDING_BYTES;
    int rc = room && verified ? contest(t, r, &at, e) : 0;
    if (room && rc == 0)
        rc = put_pending(t, carrier, &r->id, at, r->bytes, e);
    if (rc != 0)
        return rc;
    *ret_kept = room;
    if (!room)
        return 0;
    load.n++;
    load.bytes += bytes;
    put_load(t, carrier, &load);
    struct key k = waiting_key(row, r, carrier);
    txn_put(t, TABLE_WAITING, key_slice(&k), slice_of(r->h.prev.b, HASH_BYTES));
    pending_await(t, verified ? &r->h.prev : &r->h.actor, &r->id, PENDING_ADMISSION, carrier);
    return 0;
}

bool pending_read(struct txn *t, const struct pending_waiter *w, struct buf *ret) {
    struct taken_at at;
    struct slice bytes;
    if (!pending_look(t, &w->carrier, &w->record, &at, &bytes))
        return false;
    buf_put(ret, bytes.data, bytes.len);
    return true;
}

int pending_take(struct txn *t, const struct pending_waiter *w, const struct record *r,
                 struct taken_at now, struct taken_at *ret_at, struct err *e) {
    struct key k = pending_key(&w->carrier, &r->id);
    struct load load = load_of(t, &w->carrier);
    struct taken_at at = came_at(t, &w->carrier, &r->id);
    txn_delete(t, TABLE_PENDING, key_slice(&k));
    k = waiting_key(w->for_author ? ROW_AUTHOR : ROW_PLACE, r, &w->carrier);
    txn_delete(t, TABLE_WAITING, key_slice(&k));
    load.n--;
    load.bytes -= PENDING_BESIDE + r->bytes.len;
    put_load(t, &w->carrier, &load);
    if (at.received == INSTANT_NONE || is_ended(t, &w->carrier))
        at = now;
    if (w->for_author && at.received < now.received) {
        instant since = enrolled_at(t, &r->h.actor, r->h.epoch);
        if (since >= now.received)
            at = now;
        else if (since > at.received)
            at.received = since; /* a doubt stays: by a right clock it may have come later */
    }
    *ret_at = at;
    return txn_failed(t, e);
}

/* ---- who waits for what ---- */

static struct key awaited_key(const struct hash *awaited, const struct hash *record,
                              const struct hash *carrier) {
    struct key k = {.n = 0};
    key_hash(&k, awaited);
    key_hash(&k, record);
    key_hash(&k, carrier);
    return k;
}

void pending_await(struct txn *t, const struct hash *awaited, const struct hash *record,
                   enum pending_how how, const struct hash *carrier) {
    struct key k = awaited_key(awaited, record, carrier), v = {.n = 0};
    key_put(&v, &(uint8_t){(uint8_t)how}, 1);
    txn_put(t, TABLE_AWAITED, key_slice(&k), key_slice(&v));
}

void pending_awake(struct txn *t, const struct hash *awaited, const struct pending_waiter *w) {
    struct key k = awaited_key(awaited, &w->record, &w->carrier);
    txn_delete(t, TABLE_AWAITED, key_slice(&k));
}

/* A row of TABLE_AWAITED; false: it is none. */
static bool read_awaited(struct slice key, struct slice value, struct hash *ret_awaited,
                         struct pending_waiter *ret) {
    struct reader k = reader_of(key), v = reader_of(value);
    *ret = (struct pending_waiter){.for_author = false};
    reader_copy(&k, ret_awaited->b, HASH_BYTES);
    reader_copy(&k, ret->record.b, HASH_BYTES);
    reader_copy(&k, ret->carrier.b, HASH_BYTES);
    ret->how = reader_u8(&v);
    return !k.failed && !v.failed;
}

/* As pending_next, among the records of `name`. */
static bool next_of_author(struct txn *t, const struct key *prefix, struct key *last,
                           struct pending_waiter *ret) {
    struct waiting w;
    bool found = next_row(t, prefix, last, &w);
    if (found)
        *ret = (struct pending_waiter){w.record, w.carrier, PENDING_ADMISSION, true};
    return found;
}

/* … and in TABLE_AWAITED. */
static bool next_awaiting(struct txn *t, const struct hash *name, struct key *last,
                          struct pending_waiter *ret) {
    struct walk w;
    struct slice k, v;
    if (last->n == 0)
        key_hash(last, name);
    else
        key_put(last, "", 1);
    walk_init_from(&w, t, TABLE_AWAITED, slice_of(name->b, HASH_BYTES), key_slice(last));
    bool found = walk_next(&w, &k, &v);
    if (found) {
        struct hash awaited;
        last->n = 0;
        key_put(last, k.data, k.len);
        (void)read_awaited(k, v, &awaited, ret);
    }
    walk_done(&w);
    return found;
}

bool pending_next(struct txn *t, const struct hash *name, struct key *last,
                  struct pending_waiter *ret_waiter) {
    struct key prefix = actor_key(ROW_AUTHOR, name);
    /* A name is an actor's or a record's: nothing else waits for one that has rows here. */
    bool of_author = last->n == 0 ? any_row(t, &prefix) : last->n > awaited_key(name, name, name).n;
    return of_author ? next_of_author(t, &prefix, last, ret_waiter)
                     : next_awaiting(t, name, last, ret_waiter);
}

void pending_walk_init(struct pending_walk *w, struct txn *t) {
    walk_init(&w->rows, t, TABLE_AWAITED, slice_of(NULL, 0));
}

bool pending_walk_next(struct pending_walk *w, struct hash *ret_awaited,
                       struct pending_waiter *ret_waiter) {
    struct slice k, v;
    while (walk_next(&w->rows, &k, &v))
        if (read_awaited(k, v, ret_awaited, ret_waiter))
            return true;
    return false;
}

void pending_walk_done(struct pending_walk *w) {
    walk_done(&w->rows);
}

/* Whether what waits by `w` will be held with its own instant, as far as is known. */
static bool may_count(struct txn *t, const struct waiting *w) {
    struct member m;
    return !is_ended(t, &w->carrier) && !(roster_find(t, &w->actor, w->epoch, &m) && m.ended &&
                                          w->seq > roster_last_good(t, &m, &w->lane));
}

instant pending_earliest(struct txn *t, instant now) {
    static const uint8_t rows[] = {ROW_AUTHOR, ROW_PLACE};
    for (size_t i = 0; i < sizeof rows; i++) {
        struct key prefix = {{rows[i]}, 1}, last = {.n = 0};
        struct waiting w;
        while (next_row(t, &prefix, &last, &w)) {
            instant at = came_at(t, &w.carrier, &w.record).received;
            if (at != INSTANT_NONE && at < now && may_count(t, &w))
                now = at;
        }
    }
    return now;
}
