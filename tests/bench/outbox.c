#include "tests/bench/outbox.h"

#include "core/limits.h"
#include "core/mem.h"
#include "proto/frame.h"
#include "store/log.h"
#include "store/meta.h"
#include "store/stream.h"
#include "tests/bench/bench.h"

#include <string.h>

/* Whom to call, and as whom. */
static void read_way(struct txn *t, const struct actor *a, struct outbox *o) {
    struct slice v;
    if (!meta_text(t, "hub.address", o->address, sizeof o->address) ||
        !txn_get(t, TABLE_META, slice_str("hub.key"), &v) || v.len != sizeof o->hub_key)
        bench_fail("this directory does not know its hub", NULL);
    memcpy(o->hub_key, v.data, sizeof o->hub_key);
    memcpy(o->keys.public_key, key_pair_public(a->transport)->b, sizeof o->keys.public_key);
    memcpy(o->keys.secret_key, key_pair_transport_secret(a->transport), sizeof o->keys.secret_key);
    o->deployment = a->deployment;
    o->actor = a->id;
    o->epoch = a->epoch;
    o->stream = a->outbox;
    o->start = meta_u64(t, "outbox.acked");
    o->end = stream_end(t, &o->stream);
    if (meta_uid(t, "inbox", &o->inbox))
        o->inbox_read = cursor_get(t, &a->parent, &o->inbox);
}

/* The run after position `after`, cut as sync_send cuts it. */
static uint64_t add_run(struct txn *t, struct outbox *o, uint64_t after, struct err *e) {
    struct slice records[LIMIT_BATCH_RECORDS];
    struct frame f = {.type = FRAME_RECORDS};
    uint32_t n = 0;
    size_t bytes = 0;
    while (n < LIMIT_BATCH_RECORDS && after + n < o->end) {
        struct hash id;
        struct record r;
        if (!stream_at(t, &o->stream, after + n + 1, &id))
            bench_fail("the outbox has a hole", NULL);
        bench_must(log_get(t, &id, &r, e), "a record", e);
        if (n > 0 && bytes + r.bytes.len > LIMIT_BATCH_BYTES)
            break;
        records[n++] = r.bytes;
        bytes += r.bytes.len;
        o->n_reports += r.h.kind == KIND_REPORT;
    }
    f.u.records = (struct frame_records){o->stream, after + 1, o->end, n, records};
    struct outbox_run run = {.last = after + n, .n = n, .start = o->frames.len};
    bench_must(frame_encode(&f, &o->frames, e), "a frame", e);
    run.len = o->frames.len - run.start;
    o->runs = mem_realloc(o->runs, (o->n_runs + 1) * sizeof *o->runs);
    if (!o->runs)
        bench_fail("out of memory", NULL);
    o->runs[o->n_runs++] = run;
    return run.last;
}

void outbox_load(const char *dir, struct outbox *ret_outbox) {
    struct outbox o = {.start = 0};
    struct err e = {0};
    struct actor a;
    struct txn *t;
    buf_init(&o.frames);
    bench_must(actor_open(dir, ROLE_NODE, NULL, NULL, &a, &e), dir, &e);
    bench_must(txn_begin(a.db, false, &t, &e), dir, &e);
    read_way(t, &a, &o);
    for (uint64_t at = o.start; at < o.end;)
        at = add_run(t, &o, at, &e);
    txn_abort(t);
    actor_close(&a);
    *ret_outbox = o;
}

void outbox_hello(const struct outbox *o, instant now, struct buf *out) {
    struct err e = {0};
    char program[] = "bench";
    struct frame f = {.type = FRAME_HELLO};
    f.u.greeting = (struct frame_greeting){.version_min = PROTOCOL_VERSION,
                                           .version_max = PROTOCOL_VERSION,
                                           .features = FEATURE_BATCH,
                                           .deployment = o->deployment,
                                           .actor = o->actor,
                                           .epoch = o->epoch,
                                           .outbox = o->stream,
                                           .outbox_position = o->end,
                                           .inbox = o->inbox,
                                           .inbox_position = o->inbox_read.position,
                                           .digest = o->inbox_read.digest,
                                           .clock = now,
                                           .program = program};
    bench_must(frame_encode(&f, out, &e), "a greeting", &e);
}
