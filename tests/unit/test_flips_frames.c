/*
 * G5, of frames: a frame that is one bit away from a genuine one is refused, or does no more than
 * that one would have done.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node/joining.h"
#include "store/log.h"
#include "tests/unit/fixture_stage.h"

#include <string.h>

#define PEER 5u

/* How much a store holds: what a harmless frame leaves alone, and what genuine records add to. */
struct extent {
    uint64_t members, children, tickets, forks, held;
    uint64_t positions; /* how far streams were read, added up */
};

static uint64_t positions_of(struct txn *t) {
    struct walk w;
    struct slice v;
    uint64_t sum = 0;
    walk_init(&w, t, TABLE_CURSORS, slice_of(NULL, 0));
    while (walk_next(&w, NULL, &v)) {
        struct reader r = reader_of(v);
        sum += reader_u64(&r);
    }
    walk_done(&w);
    return sum;
}

static struct extent extent_of(struct db *db) {
    struct txn *t;
    struct err e = {0};
    FIXTURE_OK(txn_begin(db, false, &t, &e), &e);
    struct extent x = {txn_count(t, TABLE_ACTORS) + txn_count(t, TABLE_TRANSPORTS),
                       txn_count(t, TABLE_CHILDREN),
                       txn_count(t, TABLE_TICKETS),
                       txn_count(t, TABLE_FORKS),
                       txn_count(t, TABLE_RECORDS),
                       positions_of(t)};
    txn_abort(t);
    return x;
}

static bool same_trust(const struct extent *a, const struct extent *b) {
    return a->members == b->members && a->children == b->children && a->tickets == b->tickets &&
           a->forks == b->forks;
}

/* Of all that `a` holds, nothing but what somebody on the stage signed. */
static void assert_genuine(const struct stage *s, struct actor *a) {
    struct txn *t;
    struct log_walk w;
    struct hash id;
    struct record r;
    struct err e = {0};
    FIXTURE_OK(txn_begin(a->db, false, &t, &e), &e);
    log_walk_init(&w, t, 0, 0);
    while (log_walk_next(&w, NULL, &id)) {
        FIXTURE_OK(log_get(t, &id, &r, &e), &e);
        assert_true(stage_signed(s, a, &r));
    }
    log_walk_done(&w);
    txn_abort(t);
}

static void encode(const struct frame *f, struct buf *out) {
    struct err e = {0};
    buf_init(out);
    FIXTURE_OK(frame_encode(f, out, &e), &e);
}

static void flip(struct buf *b, size_t bit) {
    b->data[bit / 8] ^= (uint8_t)(1u << bit % 8);
}

/* ---- at the hub ---- */

static void greet(struct stage *s) {
    fixture_hello(&s->hub, PEER, &s->authors[0], STAGE_STORY, NULL, 0);
    fixture_step(&s->hub);
    fixture_drop_all(&s->hub);
}

/* A hello comes on a connection of its own. */
static void hand_over(struct stage *s, bool guest, bool hello, const struct buf *frame) {
    struct sender from = {.peer = PEER + hello, .guest = guest};
    struct err e = {0};
    from.transport_key = *key_pair_public(s->authors[2].transport);
    if (!guest)
        from.actor = s->authors[0].id;
    FIXTURE_OK(hub_take(&s->hub.hub, &from, s->hub.now, buf_slice(frame), &e), &e);
    fixture_step(&s->hub);
    fixture_drop_all(&s->hub);
}

/* Every bit of `f`, after a greeting unless it comes from a guest; genuine, it `adds` records. */
static void flip_at_hub(const struct frame *f, bool guest, uint32_t adds) {
    struct buf frame;
    struct stage *s = stage_hub();
    struct extent before = extent_of(s->hub.actor.db);
    encode(f, &frame);
    greet(s);
    hand_over(s, guest, f->type == FRAME_HELLO, &frame);
    assert_int_equal(extent_of(s->hub.actor.db).held - before.held, adds);
    s = stage_hub();
    for (size_t bit = 0; bit < 8 * frame.len; bit++) {
        if (!guest)
            greet(s);
        flip(&frame, bit);
        hand_over(s, guest, f->type == FRAME_HELLO, &frame);
        flip(&frame, bit);
        struct extent after = extent_of(s->hub.actor.db);
        assert_true(after.held <= before.held + adds);
        assert_true(after.held > before.held || same_trust(&before, &after));
        if (after.held == before.held && after.positions == before.positions)
            continue; /* else what follows would be passed over as had already */
        assert_genuine(s, &s->hub.actor);
        s = stage_hub();
    }
    stage_hold(s, &s->hub.actor);
    buf_done(&frame);
}

static struct frame hello_of(struct stage *s, uint32_t author) {
    static char program[] = "test 1";
    static struct lane_head head;
    struct frame f = {.type = FRAME_HELLO};
    head = (struct lane_head){s->hub_id, 1, {{0}}, 1, s->hub.campaign};
    f.u.greeting = (struct frame_greeting){.version_min = 1,
                                           .version_max = 1,
                                           .deployment = s->hub.actor.deployment,
                                           .actor = s->authors[author].id,
                                           .epoch = 1,
                                           .outbox = s->authors[author].outbox,
                                           .outbox_position = STAGE_STORY,
                                           .n_heads = 1,
                                           .heads = &head,
                                           .clock = s->hub.now.wall,
                                           .program = program};
    return f;
}

static void g5_no_bit_of_a_greeting_can_be_flipped_to_any_effect(void **st) {
    (void)st;
    struct frame f = hello_of(stage_hub(), 0);
    flip_at_hub(&f, false, 0);
}

static void g5_no_bit_of_a_run_of_records_can_be_flipped_into_another_record(void **st) {
    (void)st;
    struct stage *s = stage_hub();
    struct slice record = buf_slice(&s->story[0][0]);
    struct frame f = {.type = FRAME_RECORDS};
    f.u.records = (struct frame_records){s->authors[0].outbox, 1, 1, 1, &record};
    flip_at_hub(&f, false, 1);
}

static struct frame part_of(const struct uid *stream, struct slice record, uint32_t offset,
                            size_t n) {
    struct frame f = {.type = FRAME_PART};
    f.u.part = (struct frame_part){
        *stream, 1, offset, (uint32_t)record.len, slice_of(record.data + offset, n), 1};
    return f;
}

static void g5_no_bit_of_a_part_of_a_record_can_be_flipped_into_another_record(void **st) {
    (void)st;
    struct stage *s = stage_hub();
    struct slice record = buf_slice(&s->story[0][0]);
    struct frame f = part_of(&s->authors[0].outbox, record, 0, record.len);
    flip_at_hub(&f, false, 1);
    f = part_of(&s->authors[0].outbox, record, 0, record.len / 2);
    flip_at_hub(&f, false, 0);
    f = part_of(&s->authors[0].outbox, record, 40, record.len - 40); /* without a beginning */
    flip_at_hub(&f, false, 0);
}

static void g5_no_bit_of_a_request_for_the_next_epoch_can_be_flipped(void **st) {
    (void)st;
    struct stage *s = stage_hub();
    const struct fixture_author *a = &s->authors[0];
    struct payload_grant g = {.actor = a->id,
                              .epoch = 2,
                              .sign_key = *key_pair_public(s->authors[1].sign),
                              .transport_key = *key_pair_public(a->transport),
                              .unit = a->unit,
                              .renewal = {{8}}};
    struct frame f = {.type = FRAME_RENEW};
    f.u.renew = (struct frame_renew){.epoch = 2, .sign_key = g.sign_key, .renewal = g.renewal};
    payload_renewal_prove(&g, &s->hub.actor.deployment, a->sign, f.u.renew.proof);
    flip_at_hub(&f, false, 1);
}

static void g5_no_bit_of_an_acknowledgement_or_heartbeat_can_be_flipped_to_any_effect(void **st) {
    (void)st;
    struct stage *s = stage_hub();
    struct frame f = {.type = FRAME_ACK};
    static char word[] = "1";
    char *args[] = {word};
    f.u.ack = (struct frame_ack){s->authors[0].outbox, 2, 100, 4, 0x5555};
    flip_at_hub(&f, false, 0);
    f = (struct frame){.type = FRAME_PING};
    f.u.ping = (struct frame_ping){.nonce = 0x5555, .clock = s->hub.now.wall};
    flip_at_hub(&f, false, 0);
    f.type = FRAME_PONG;
    flip_at_hub(&f, false, 0);
    f = (struct frame){.type = FRAME_REFUSED};
    f.u.refused = (struct frame_refused){REFUSED_BUSY, 1, args};
    flip_at_hub(&f, false, 0);
}

/* A stranger with a genuine ticket for its unit. */
static void g5_no_bit_of_a_join_can_be_flipped(void **st) {
    (void)st;
    struct stage *s = stage_hub();
    struct frame f = {.type = FRAME_JOIN};
    struct buf frame;
    (void)fixture_ticket(&s->hub, &s->authors[2].unit, ROLE_NODE, 9);
    memset(f.u.join.token, 9, sizeof f.u.join.token);
    f.u.join.record = buf_slice(&s->story[2][0]);
    encode(&f, &frame);
    struct extent before = extent_of(s->hub.actor.db);
    for (size_t bit = 0; bit < 8 * frame.len; bit++) {
        flip(&frame, bit);
        hand_over(s, true, false, &frame);
        flip(&frame, bit);
        struct extent after = extent_of(s->hub.actor.db);
        assert_memory_equal(&before, &after, sizeof after);
    }
    hand_over(s, true, false, &frame);
    struct extent after = extent_of(s->hub.actor.db);
    assert_true(after.children == before.children + 1 && after.held == before.held + 2);
    buf_done(&frame);
}

/* ---- at the office ---- */

static void g5_no_bit_of_the_answer_to_a_join_can_be_flipped(void **st) {
    (void)st;
    struct stage *s = stage_node(STAGE_ASKED);
    struct extent before = extent_of(s->node.db);
    struct buf *answer = &s->frames[0];
    assert_int_equal(answer->data[4], FRAME_JOINED);
    for (size_t bit = 0; bit < 8 * answer->len; bit++) {
        flip(answer, bit);
        int rc = joining_answer(&s->node, buf_slice(answer), NULL);
        flip(answer, bit);
        struct extent after = extent_of(s->node.db);
        assert_true(rc != 0);
        assert_memory_equal(&before, &after, sizeof after);
    }
    assert_int_equal(joining_answer(&s->node, buf_slice(answer), NULL), 0);
}

static void connect(struct stage *s) {
    struct err e = {0};
    uplink_done(&s->up);
    uplink_init(&s->up, &s->node, "test", pending_earliest);
    FIXTURE_OK(uplink_start(&s->up, s->hub.now, &e), &e);
}

/* Every bit of `frame`, after the genuine `welcome` (NULL: it is the welcome); genuine, it `adds`
 * records. */
static void flip_at_node(const struct buf *welcome, struct buf *frame, uint32_t adds) {
    struct stage *s = stage_node(STAGE_JOINED);
    struct extent before = extent_of(s->node.db);
    struct err e = {0};
    connect(s);
    if (welcome)
        FIXTURE_OK(uplink_frame(&s->up, s->hub.now, buf_slice(welcome), &e), &e);
    FIXTURE_OK(uplink_frame(&s->up, s->hub.now, buf_slice(frame), &e), &e);
    assert_int_equal(extent_of(s->node.db).held - before.held, adds);
    s = stage_node(STAGE_JOINED);
    for (size_t bit = 0; bit < 8 * frame->len; bit++) {
        connect(s);
        if (welcome)
            FIXTURE_OK(uplink_frame(&s->up, s->hub.now, buf_slice(welcome), &e), &e);
        flip(frame, bit);
        FIXTURE_OK(uplink_frame(&s->up, s->hub.now, buf_slice(frame), &e), &e);
        flip(frame, bit);
        struct extent after = extent_of(s->node.db);
        assert_true(after.held <= before.held + adds);
        assert_true(after.held > before.held || same_trust(&before, &after));
        if (after.held == before.held && after.positions == before.positions)
            continue; /* else what follows would be passed over as had already */
        assert_genuine(s, &s->node);
        s = stage_node(STAGE_JOINED);
    }
    stage_hold(s, &s->node);
}

static struct buf *kept(struct stage *s, enum frame_type type) {
    for (uint32_t i = 0; i < s->n_frames; i++)
        if (s->frames[i].data[4] == type)
            return &s->frames[i];
    fail_msg("the hub said nothing of type %d", (int)type);
    return NULL;
}

static void
g5_no_bit_of_a_parent_s_welcome_or_acknowledgement_can_be_flipped_to_any_effect(void **st) {
    (void)st;
    struct stage *s = stage_node(STAGE_JOINED);
    flip_at_node(NULL, kept(s, FRAME_WELCOME), 0);
    flip_at_node(kept(s, FRAME_WELCOME), kept(s, FRAME_ACK), 0);
}

static void flip_said_to_node(struct stage *s, const struct frame *f) {
    struct buf frame;
    encode(f, &frame);
    flip_at_node(kept(s, FRAME_WELCOME), &frame, 0);
    buf_done(&frame);
}

static void g5_no_bit_of_a_parent_s_heartbeat_or_refusal_can_be_flipped_to_any_effect(void **st) {
    (void)st;
    struct stage *s = stage_node(STAGE_JOINED);
    static char word[] = "1";
    char *args[] = {word};
    struct frame f = {.type = FRAME_PING};
    f.u.ping = (struct frame_ping){.nonce = 0x5555, .clock = s->hub.now.wall};
    flip_said_to_node(s, &f);
    f.type = FRAME_PONG;
    flip_said_to_node(s, &f);
    f = (struct frame){.type = FRAME_REFUSED};
    f.u.refused = (struct frame_refused){REFUSED_BUSY, 1, args};
    flip_said_to_node(s, &f);
}

static void g5_no_bit_of_a_parent_s_records_or_parts_can_be_flipped_into_another_record(void **st) {
    (void)st;
    struct stage *s = stage_node(STAGE_JOINED);
    struct buf one;
    struct frame f;
    struct arena a;
    struct err e = {0};
    arena_init(&a, FRAME_ARENA_BYTES);
    FIXTURE_OK(frame_decode(buf_slice(kept(s, FRAME_RECORDS)), &a, &f, &e), &e);
    f.u.records.n = 1;
    encode(&f, &one);
    flip_at_node(kept(s, FRAME_WELCOME), &one, 1);
    buf_done(&one);
    struct frame part =
        part_of(&f.u.records.stream, f.u.records.records[0], 0, f.u.records.records[0].len);
    encode(&part, &one);
    flip_at_node(kept(s, FRAME_WELCOME), &one, 1);
    buf_done(&one);
    arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(g5_no_bit_of_a_greeting_can_be_flipped_to_any_effect),
        cmocka_unit_test(g5_no_bit_of_a_run_of_records_can_be_flipped_into_another_record),
        cmocka_unit_test(g5_no_bit_of_a_part_of_a_record_can_be_flipped_into_another_record),
        cmocka_unit_test(g5_no_bit_of_a_request_for_the_next_epoch_can_be_flipped),
        cmocka_unit_test(g5_no_bit_of_an_acknowledgement_or_heartbeat_can_be_flipped_to_any_effect),
        cmocka_unit_test(g5_no_bit_of_a_join_can_be_flipped),
        cmocka_unit_test(g5_no_bit_of_the_answer_to_a_join_can_be_flipped),
        cmocka_unit_test(
            g5_no_bit_of_a_parent_s_welcome_or_acknowledgement_can_be_flipped_to_any_effect),
        cmocka_unit_test(g5_no_bit_of_a_parent_s_heartbeat_or_refusal_can_be_flipped_to_any_effect),
        cmocka_unit_test(
            g5_no_bit_of_a_parent_s_records_or_parts_can_be_flipped_into_another_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
