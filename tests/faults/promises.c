#include "tests/faults/promises.h"

#include "core/mem.h"
#include "proto/frame.h"
#include "proto/payload.h"
#include "store/key.h"
#include "store/log.h"

#include <assert.h>

static void add(struct promises *p, const struct promise *one) {
    if (p->n == p->cap) {
        p->cap = p->cap ? p->cap * 2 : 256;
        p->list = mem_realloc(p->list, p->cap * sizeof *p->list);
        assert(p->list);
    }
    p->list[p->n++] = *one;
}

void promises_done(struct promises *p) {
    mem_free(p->list);
}

static void take_receipt(struct promises *p, const struct record *r) {
    struct arena a;
    struct payload_receipt receipt;
    arena_init(&a, FRAME_ARENA_BYTES);
    int rc = payload_receipt_decode(r->payload, &a, &receipt, NULL);
    assert(rc == 0);
    for (uint32_t i = 0; i < receipt.n; i++) {
        p->receipts++;
        add(p, &(struct promise){.what = PROMISE_HELD, .record = receipt.entries[i].record});
        add(p, &(struct promise){.what = PROMISE_RECEIPTED,
                                 .record = receipt.entries[i].record,
                                 .issuer = r->h.actor});
    }
    arena_done(&a);
}

static void take_record(struct promises *p, struct slice bytes) {
    struct record r;
    int rc = record_parse(bytes, &r, NULL);
    assert(rc == 0);
    add(p, &(struct promise){.what = PROMISE_HELD, .record = r.id});
    if (r.h.kind == KIND_RECEIPT)
        take_receipt(p, &r);
}

void promises_take(struct promises *p, struct slice frame) {
    struct arena a;
    struct frame f;
    arena_init(&a, FRAME_ARENA_BYTES);
    int rc = frame_decode(frame, &a, &f, NULL);
    assert(rc == 0);
    p->frames++;
    if (f.type == FRAME_RECORDS || f.type == FRAME_JOINED)
        for (uint32_t i = 0; i < f.u.records.n; i++)
            take_record(p, f.u.records.records[i]);
    if (f.type == FRAME_JOIN)
        take_record(p, f.u.join.record);
    if (f.type == FRAME_ACK && f.u.ack.position > 0)
        add(p, &(struct promise){
                   .what = PROMISE_TAKEN, .stream = f.u.ack.stream, .position = f.u.ack.position});
    arena_done(&a);
}

/* How far the store has got in `stream`, of whichever neighbour it is. */
static uint64_t taken_of(struct txn *t, const struct uid *stream) {
    struct walk w;
    struct slice k, v;
    uint64_t position = 0;
    walk_init(&w, t, TABLE_CURSORS, slice_of(NULL, 0));
    while (walk_next(&w, &k, &v)) {
        struct reader r = reader_of(v);
        if (k.len == HASH_BYTES + UID_BYTES &&
            memcmp(k.data + HASH_BYTES, stream->b, UID_BYTES) == 0)
            position = reader_u64(&r);
    }
    walk_done(&w);
    return position;
}

static bool is_kept(const struct promise *p, struct txn *t) {
    struct key k = {.n = 0};
    switch (p->what) {
    case PROMISE_HELD:
        return log_has(t, &p->record);
    case PROMISE_RECEIPTED:
        key_hash(&k, &p->record);
        key_hash(&k, &p->issuer);
        return txn_get(t, TABLE_RECEIPTS, key_slice(&k), NULL);
    case PROMISE_TAKEN:
        return taken_of(t, &p->stream) >= p->position;
    }
    return false;
}

const struct promise *promises_broken(const struct promises *p, size_t n, struct txn *t) {
    assert(n <= p->n);
    for (size_t i = n; i-- > 0;) /* the youngest are the first to go */
        if (!is_kept(&p->list[i], t))
            return &p->list[i];
    return NULL;
}
