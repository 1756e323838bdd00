/*
 * Inputs as events. Each begins with a byte that says what happens; what it needs follows, and is
 * zero where the input ends. A frame may be changed at one place before it is delivered: `at` (2
 * bytes, from the end where it is longer) and `by` (1 byte, exclusive or; 0: as it is).
 *
 *     hub      0 who, end, position            greet       7 seconds (2), sign   time passes
 *              1 who, first, n, at, by         records     8 who                 gone
 *              2 who, position (2), credits    ack         9 at, by              knock with a join
 *              3 who, n, bytes                 any frame  10                     the process
 * restarts 4 who, author, n, at, by        another's records 5 who, first, record, at, by    one
 * record, changed before it is framed 6                               step
 *             11 who, record, offset (2), n (2), more, at, by    a part of a record, which has
 * `more` bytes more than it has
 *
 *     office   0 frame, at, by                 one of the hub's frames
 *              1 first, n, at, by              records of the hub, as a run
 *              2 n, bytes                      any frame
 *              3 position (2), credits, end    ack
 *              4 seconds (2)                   time passes
 *              5                               it states something
 *              6                               connects again
 *              7 record, offset (2), n (2), more, at, by    a part of a record of the hub
 *
 *     answer   0, then at, by, again and again the genuine answer to a join, changed there
 *              1 bytes                         any frame
 */
#include "tests/fuzz/play.h"
#include "proto/frame.h"
#include "store/log.h"

#include "node/append.h"
#include "node/joining.h"

#include <assert.h>
#include <string.h>

#define EVENTS_MAX 64
#define PEER_FIRST 5u

static void change(struct reader *in, struct buf *frame) {
    size_t at = reader_u16(in);
    uint8_t by = reader_u8(in);
    if (frame->len > 0)
        frame->data[at < frame->len ? at : frame->len - 1 - at % frame->len] ^= by;
}

/* ---- the hub ---- */

static void deliver_hub(struct stage *s, uint8_t who, bool guest, struct slice frame) {
    const struct fixture_author *a = &s->authors[who];
    struct sender from = {.peer = PEER_FIRST + who, .guest = guest};
    struct err e = {0};
    if (guest)
        from.transport_key = *key_pair_public(a->transport);
    else
        from.actor = a->id;
    if (intake_full(&s->hub.hub.intake))
        fixture_step(&s->hub);
    if (frame.len > 0)
        FIXTURE_OK(hub_take(&s->hub.hub, &from, s->hub.now, frame, &e), &e);
}

/* `f`, changed as the input says, from `who`. */
static void say(struct stage *s, uint8_t who, bool guest, const struct frame *f,
                struct reader *in) {
    struct buf b = {0};
    struct err e = {0};
    FIXTURE_OK(frame_encode(f, &b, &e), &e);
    change(in, &b);
    deliver_hub(s, who, guest, buf_slice(&b));
    buf_done(&b);
}

static void say_records(struct stage *s, uint8_t who, uint8_t author, uint8_t first, uint8_t n,
                        struct reader *in) {
    struct slice list[STAGE_STORY];
    struct frame f = {.type = FRAME_RECORDS};
    uint32_t from = first % STAGE_STORY, count = 1 + n % (STAGE_STORY - from);
    for (uint32_t i = 0; i < count; i++)
        list[i] = buf_slice(&s->story[author][from + i]);
    f.u.records =
        (struct frame_records){s->authors[who].outbox, first + 1, first + count, count, list};
    say(s, who, false, &f, in);
}

/* A part of `record`, of `stream` at `position`, as the input says. */
static struct frame part_of(struct slice record, const struct uid *stream, uint64_t position,
                            struct reader *in) {
    struct frame f = {.type = FRAME_PART};
    uint32_t size = (uint32_t)record.len, offset = reader_u16(in) % size, n = reader_u16(in);
    n = n == 0 || n > size - offset ? size - offset : n;
    f.u.part = (struct frame_part){.stream = *stream,
                                   .position = position,
                                   .offset = offset,
                                   .size = size + reader_u8(in),
                                   .bytes = slice_of(record.data + offset, n),
                                   .end = position};
    return f;
}

static void say_part(struct stage *s, uint8_t who, struct reader *in) {
    uint8_t which = reader_u8(in) % STAGE_STORY;
    struct frame f =
        part_of(buf_slice(&s->story[who][which]), &s->authors[who].outbox, (uint64_t)which + 1, in);
    say(s, who, false, &f, in);
}

static void say_changed_record(struct stage *s, uint8_t who, struct reader *in) {
    uint8_t first = reader_u8(in), which = reader_u8(in) % STAGE_STORY;
    struct buf copy = {0};
    buf_put(&copy, s->story[who][which].data, s->story[who][which].len);
    change(in, &copy);
    struct slice record = buf_slice(&copy);
    struct frame f = {.type = FRAME_RECORDS};
    f.u.records = (struct frame_records){s->authors[who].outbox, first + 1, first + 1, 1, &record};
    say(s, who, false, &f, in);
    buf_done(&copy);
}

static void say_ack(struct stage *s, uint8_t who, struct reader *in) {
    struct frame f = {.type = FRAME_ACK};
    struct child c;
    struct txn *t;
    struct err e = {0};
    FIXTURE_OK(txn_begin(s->hub.actor.db, false, &t, &e), &e);
    if (!actor_child(t, &s->authors[who].unit, &s->authors[who].id, &c))
        c.inbox = s->authors[who].outbox;
    txn_abort(t);
    f.u.ack = (struct frame_ack){c.inbox, reader_u16(in), reader_u8(in), reader_u8(in), 0};
    say(s, who, false, &f, in);
}

static void say_join(struct stage *s, struct reader *in) {
    struct frame f = {.type = FRAME_JOIN};
    memset(f.u.join.token, 7, sizeof f.u.join.token); /* of the ticket that the office has used */
    f.u.join.record = buf_slice(&s->story[STAGE_AUTHORS - 1][0]);
    say(s, STAGE_AUTHORS - 1, true, &f, in);
}

static void pass_time(struct stage *s, struct reader *in) {
    int64_t ms = (int64_t)reader_u16(in) * 1000;
    struct err e = {0};
    s->hub.now.boot_ms += ms;
    s->hub.now.wall += reader_u8(in) % 4 == 3 ? -ms : ms;
    FIXTURE_OK(hub_tick(&s->hub.hub, s->hub.now, &e), &e);
}

static void drain_hub(struct stage *s) {
    struct frame f;
    uint32_t peer;
    while (fixture_left(&s->hub, &peer, &f)) /* each decodes */
        ;
}

static void event_hub(struct stage *s, struct reader *in) {
    uint8_t what = reader_u8(in) % 12;
    bool none = what == 6 || what == 7 || what == 9 || what == 10;
    uint8_t who = none ? 0 : reader_u8(in) % STAGE_AUTHORS;
    if (what == 0) {
        uint8_t end = reader_u8(in);
        fixture_hello(&s->hub, PEER_FIRST + who, &s->authors[who], end, NULL, reader_u8(in));
    } else if (what == 1 || what == 4) {
        uint8_t author = what == 4 ? reader_u8(in) % STAGE_AUTHORS : who;
        uint8_t first = reader_u8(in);
        say_records(s, who, author, first, reader_u8(in), in);
    } else if (what == 2) {
        say_ack(s, who, in);
    } else if (what == 3) {
        struct slice bytes = reader_bytes(in, reader_u8(in));
        deliver_hub(s, who, who + 1 == STAGE_AUTHORS, bytes);
    } else if (what == 5) {
        say_changed_record(s, who, in);
    } else if (what == 6) {
        fixture_step(&s->hub);
    } else if (what == 7) {
        pass_time(s, in);
    } else if (what == 8) {
        hub_gone(&s->hub.hub, PEER_FIRST + who);
    } else if (what == 9) {
        say_join(s, in);
    } else if (what == 11) {
        say_part(s, who, in);
    } else {
        fixture_hub_restart(&s->hub);
    }
}

void play_hub(struct stage *s, struct slice ops) {
    struct reader in = reader_of(ops);
    for (int i = 0; i < EVENTS_MAX && in.left > 0; i++) {
        event_hub(s, &in);
        drain_hub(s);
    }
    fixture_step(&s->hub);
    drain_hub(s);
}

/* ---- the office ---- */

static void deliver_node(struct stage *s, struct slice frame) {
    struct err e = {0};
    if (frame.len > 0)
        FIXTURE_OK(uplink_frame(&s->up, s->hub.now, frame, &e), &e);
}

static void say_kept(struct stage *s, struct reader *in) {
    struct buf copy = {0};
    const struct buf *kept = &s->frames[reader_u8(in) % s->n_frames];
    buf_put(&copy, kept->data, kept->len);
    change(in, &copy);
    deliver_node(s, buf_slice(&copy));
    buf_done(&copy);
}

/* The records that the hub's frames carry, as a run of its stream; `parts`: one of them in part. */
static void say_run(struct stage *s, bool parts, struct reader *in) {
    uint8_t first = reader_u8(in), n = parts ? 0 : reader_u8(in);
    struct arena a;
    struct frame f;
    struct buf b = {0};
    arena_init(&a, FRAME_ARENA_BYTES);
    for (uint32_t i = 0; i < s->n_frames; i++) {
        if (frame_decode(buf_slice(&s->frames[i]), &a, &f, NULL) != 0 || f.type != FRAME_RECORDS)
            continue;
        uint32_t from = first % f.u.records.n, left = f.u.records.n - from;
        f.u.records.first += from;
        f.u.records.records += from;
        f.u.records.n = 1 + n % left;
        break;
    }
    const struct frame_records run = f.u.records;
    if (parts)
        f = part_of(run.records[0], &run.stream, run.first, in);
    FIXTURE_OK(frame_encode(&f, &b, NULL), NULL);
    change(in, &b);
    deliver_node(s, buf_slice(&b));
    buf_done(&b);
    arena_done(&a);
}

static void say_ack_down(struct stage *s, struct reader *in) {
    struct frame f = {.type = FRAME_ACK};
    struct buf b = {0};
    f.u.ack.stream = s->node.outbox;
    f.u.ack.position = reader_u16(in);
    f.u.ack.credits = reader_u8(in);
    f.u.ack.end = reader_u8(in);
    FIXTURE_OK(frame_encode(&f, &b, NULL), NULL);
    deliver_node(s, buf_slice(&b));
    buf_done(&b);
}

static void state_something(struct stage *s) {
    struct txn *t;
    struct hash id;
    struct err e = {0};
    FIXTURE_OK(actor_begin(&s->node, true, &t, &e), &e);
    if (actor_may_sign(&s->node, NULL) != 0) { /* it was told that it is an old copy */
        actor_abort(&s->node, t);
        return;
    }
    FIXTURE_OK(append_own(&s->node, t, 999, &s->node.unit, slice_str("something"), s->hub.now.wall,
                          &id, &e),
               &e);
    FIXTURE_OK(actor_commit(&s->node, t, &e), &e);
}

static void connect(struct stage *s) {
    struct err e = {0};
    uplink_done(&s->up);
    uplink_init(&s->up, &s->node, "test", pending_earliest);
    FIXTURE_OK(uplink_start(&s->up, s->hub.now, &e), &e);
}

static void event_node(struct stage *s, struct reader *in) {
    uint8_t what = reader_u8(in) % 8;
    struct err e = {0};
    if (what == 0) {
        say_kept(s, in);
    } else if (what == 1 || what == 7) {
        say_run(s, what == 7, in);
    } else if (what == 2) {
        deliver_node(s, reader_bytes(in, reader_u8(in)));
    } else if (what == 3) {
        say_ack_down(s, in);
    } else if (what == 4) {
        s->hub.now.wall += (int64_t)reader_u16(in) * 1000;
        s->hub.now.boot_ms += 31000;
        FIXTURE_OK(uplink_tick(&s->up, s->hub.now, &e), &e);
    } else if (what == 5) {
        state_something(s);
    } else {
        connect(s);
    }
}

static void drain_node(struct stage *s) {
    struct slice frame;
    uint32_t peer;
    struct frame f;
    struct arena a;
    struct err e = {0};
    while (post_next(&s->up.post, &peer, &frame)) {
        arena_init(&a, FRAME_ARENA_BYTES);
        FIXTURE_OK(frame_decode(frame, &a, &f, &e), &e);
        arena_done(&a);
    }
}

void play_node(struct stage *s, struct slice ops) {
    struct reader in = reader_of(ops);
    connect(s);
    for (int i = 0; i < EVENTS_MAX && in.left > 0; i++) {
        event_node(s, &in);
        drain_node(s);
    }
}

/* ---- the office that asked to join ---- */

int play_answer(struct stage *s, struct slice ops, struct err *e) {
    struct reader in = reader_of(ops);
    struct buf frame = {0};
    bool any = reader_u8(&in) % 2;
    struct slice genuine = buf_slice(&s->frames[0]); /* what the hub said first of all */
    struct slice from = any ? slice_of(in.data, in.left) : genuine;
    buf_put(&frame, from.data, from.len);
    for (int i = 0; !any && i < EVENTS_MAX && in.left > 0; i++)
        change(&in, &frame);
    int rc = joining_answer(&s->node, buf_slice(&frame), e);
    assert(rc != 0 || any || slice_equal(buf_slice(&frame), genuine));
    buf_done(&frame);
    return rc;
}
