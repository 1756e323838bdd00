#include "tests/sim/history.h"

#include "core/mem.h"
#include "store/key.h"
#include "tests/sim/office.h"
#include "tests/sim/peek.h"
#include "tests/sim/world.h"

#include <assert.h>

#define KIND_RECEIPT_NUMBER 64u

void history_init(struct history *h) {
    *h = (struct history){.last_receipt = 0};
}

void history_done(struct history *h) {
    for (uint32_t i = 0; i < h->n; i++)
        mem_free(h->list[i].bytes);
    mem_free(h->list);
    mem_free(h->arrivals);
    *h = (struct history){0};
}

struct stated *history_find(struct history *h, const struct hash *id) {
    for (uint32_t i = h->n; i > 0; i--)
        if (hash_equal(&h->list[i - 1].id, id))
            return &h->list[i - 1];
    return NULL;
}

static void add_stated(struct sim *sim, struct node *n, const struct peek_record *r) {
    struct history *h = &sim->history;
    if (h->n == h->cap) {
        h->cap = h->cap ? h->cap * 2 : 64;
        h->list = mem_realloc(h->list, h->cap * sizeof *h->list);
        assert(h->list);
    }
    struct stated *s = &h->list[h->n++];
    *s = (struct stated){.id = r->id,
                         .node = n->index,
                         .deed = NO_DEED,
                         .kind = r->kind,
                         .seq = r->seq,
                         .len = r->bytes.len,
                         .sealed_at = sim->s.now,
                         .sent_at = NEVER};
    s->bytes = mem_alloc(s->len);
    assert(s->bytes);
    memcpy(s->bytes, r->bytes.data, s->len);
    if (r->kind == 35)
        office_expect(sim, n, s, r->payload);
}

/* The record `id` as the store holds it; it must be what its name says. */
static bool raw_record(struct sim *sim, struct txn *t, const struct hash *id,
                       struct peek_record *ret) {
    struct slice bytes;
    if (!txn_get(t, TABLE_RECORDS, slice_of(id->b, HASH_BYTES), &bytes) ||
        !peek_record(bytes, ret) || !hash_equal(&ret->id, id)) {
        sim_violate(sim, "stores", "a record is listed and not held as its name says");
        return false;
    }
    return true;
}

static void look_at_lane(struct sim *sim, struct node *n, struct txn *t) {
    uint64_t *seen = &sim->history.seen_seq[n->index];
    for (;;) {
        struct key k = {.n = 0};
        struct slice v;
        struct hash id;
        struct peek_record r;
        key_hash(&k, &n->actor.id);
        key_u32(&k, 1);
        key_uid(&k, &n->unit);
        key_u64(&k, *seen + 1);
        if (!txn_get(t, TABLE_LANES, key_slice(&k), &v) || v.len != HASH_BYTES)
            return;
        memcpy(id.b, v.data, HASH_BYTES);
        if (!raw_record(sim, t, &id, &r))
            return;
        add_stated(sim, n, &r);
        ++*seen;
    }
}

static void take_entry(struct sim *sim, struct node *n, const struct peek_receipt *e) {
    struct stated *s = history_find(&sim->history, &e->record);
    if (!s || s->node != n->index) {
        sim_violate(sim, "receipts", "node %u holds a receipt for what it did not state", n->index);
        return;
    }
    sim_say(sim, "node %u: receipt of seq %llu: %u", n->index, (unsigned long long)s->seq,
            e->state);
    if (e->state == 1) {
        s->helds++;
        s->held_at = e->received_at;
        return;
    }
    s->finals++;
    s->received_at = e->received_at;
    s->got_state = e->state;
    s->got_code = e->code;
    s->got_doubt = e->clock_doubt;
}

static void look_at_receipts(struct sim *sim, struct node *n, struct txn *t) {
    uint64_t *seen = &sim->history.seen_log[n->index];
    struct slice k, v;
    struct walk w;
    struct key prefix = {.n = 0}, from = {.n = 0};
    key_u16(&prefix, KIND_RECEIPT_NUMBER);
    key_u16(&from, KIND_RECEIPT_NUMBER);
    key_u64(&from, *seen + 1);
    walk_init_from(&w, t, TABLE_KINDS, key_slice(&prefix), key_slice(&from));
    while (walk_next(&w, &k, &v)) {
        struct hash id;
        struct peek_record r;
        struct peek_receipt e;
        struct reader number = reader_of(slice_of(k.data + 2, k.len - 2));
        *seen = reader_u64(&number);
        memcpy(id.b, v.data, HASH_BYTES);
        if (!raw_record(sim, t, &id, &r))
            break;
        struct reader in = reader_of(r.payload);
        while (peek_receipt(&in, &e))
            take_entry(sim, n, &e);
    }
    walk_done(&w);
}

void history_look(struct sim *sim, struct node *n) {
    struct txn *t;
    struct err e = {0};
    if (txn_begin(n->actor.db, false, &t, &e) != 0) {
        sim_broken(sim, "reading a node's store", &e);
        return;
    }
    look_at_lane(sim, n, t);
    look_at_receipts(sim, n, t);
    txn_abort(t);
}

/* ---- frames ---- */

void history_sent_up(struct sim *sim, struct node *n, struct slice frame) {
    struct reader body;
    struct slice bytes;
    struct peek_record r;
    if (peek_frame(frame, &body) != PEEK_RECORDS)
        return;
    while (peek_frame_record(PEEK_RECORDS, &body, &bytes)) {
        struct stated *s = peek_record(bytes, &r) ? history_find(&sim->history, &r.id) : NULL;
        if (!s || s->node != n->index)
            sim_violate(sim, "custody", "node %u sends what it did not durably state", n->index);
        else if (s->sent_at == NEVER)
            s->sent_at = sim->s.now;
    }
}

/* Whether the hub's committed state has `position` of `stream`. */
static bool is_durable(struct txn *t, const struct uid *stream, uint64_t position) {
    struct walk w;
    struct slice k, v;
    bool enough = position == 0;
    walk_init(&w, t, TABLE_CURSORS, slice_of(NULL, 0));
    while (!enough && walk_next(&w, &k, &v)) {
        struct reader value = reader_of(v);
        enough = k.len == HASH_BYTES + UID_BYTES &&
                 memcmp(k.data + HASH_BYTES, stream->b, UID_BYTES) == 0 &&
                 reader_u64(&value) >= position;
    }
    walk_done(&w);
    return enough;
}

/* Nothing leaves the hub before it is durable: neither a record nor a position. */
void history_sent_down(struct sim *sim, struct slice frame) {
    struct reader body;
    struct slice bytes, held;
    struct peek_record r;
    struct uid stream;
    uint64_t position;
    struct txn *t;
    struct err e = {0};
    unsigned type = peek_frame(frame, &body);
    if (type != PEEK_RECORDS && type != PEEK_ACK && type != PEEK_JOINED)
        return;
    if (txn_begin(sim->root.actor.db, false, &t, &e) != 0) {
        sim_broken(sim, "reading the hub's store", &e);
        return;
    }
    while (type != PEEK_ACK && peek_frame_record(type, &body, &bytes))
        if (!peek_record(bytes, &r) ||
            !txn_get(t, TABLE_RECORDS, slice_of(r.id.b, HASH_BYTES), &held) ||
            !slice_equal(held, bytes))
            sim_violate(sim, "6 durable before sent", "a record left the hub before its commit");
    if (type == PEEK_ACK) {
        peek_ack(body, &stream, &position);
        if (!is_durable(t, &stream, position))
            sim_violate(sim, "6 durable before sent", "an ACK left the hub before its commit");
    }
    txn_abort(t);
}

void history_taken(struct sim *sim, struct slice frame, instant at) {
    struct history *h = &sim->history;
    struct reader body;
    struct slice bytes;
    struct peek_record r;
    if (peek_frame(frame, &body) != PEEK_RECORDS)
        return;
    while (peek_frame_record(PEEK_RECORDS, &body, &bytes)) {
        if (!peek_record(bytes, &r))
            continue;
        if (h->n_arrivals == h->arrivals_cap) {
            h->arrivals_cap = h->arrivals_cap ? h->arrivals_cap * 2 : 64;
            h->arrivals = mem_realloc(h->arrivals, h->arrivals_cap * sizeof *h->arrivals);
            assert(h->arrivals);
        }
        h->arrivals[h->n_arrivals++] = (struct arrival){r.id, at};
    }
}

/* ---- the hub's steps ---- */

void history_step_begins(struct sim *sim, instant wall, int64_t drift) {
    struct history *h = &sim->history;
    h->step_wall = wall;
    h->step_doubt = drift > 60000 || drift < -60000 || wall < h->last_receipt;
}

static void note_take(struct stated *s, instant at) {
    if (s->n_takes < TAKES_MAX)
        s->takes[s->n_takes++] = at;
}

/* Which of the records that came are held now and were not before. */
static void note_held(struct sim *sim) {
    struct history *h = &sim->history;
    struct txn *t;
    struct err e = {0};
    bool receipts = false;
    if (h->n_arrivals == 0)
        return;
    if (txn_begin(sim->root.actor.db, false, &t, &e) != 0) {
        sim_broken(sim, "reading the hub's store", &e);
        return;
    }
    for (uint32_t i = 0; i < h->n_arrivals; i++) {
        struct arrival *a = &h->arrivals[i];
        struct stated *s = history_find(h, &a->id);
        if (!s || s->at_hub || !txn_get(t, TABLE_RECORDS, slice_of(a->id.b, HASH_BYTES), NULL))
            continue;
        if (s->n_takes == 0)
            receipts |= s->expect != EXPECT_NOTHING;
        s->doubt = h->step_doubt;
        note_take(s, a->at);
    }
    txn_abort(t);
    for (uint32_t i = 0; i < h->n; i++)
        h->list[i].at_hub |= h->list[i].n_takes > 0;
    if (receipts && !h->step_doubt)
        h->last_receipt = h->step_wall;
}

void history_step(struct sim *sim, bool committed, bool lost) {
    if (committed)
        note_held(sim);
    if (committed || lost)
        sim->history.n_arrivals = 0;
}

void history_reopened(struct sim *sim) {
    note_held(sim);
    sim->history.n_arrivals = 0;
}
