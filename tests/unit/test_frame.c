#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/limits.h"
#include "core/mem.h"
#include "proto/frame.h"
#include "proto/kinds.h"
#include "proto/refusal.h"

#include <string.h>

static struct arena arena;
static struct buf out;

static int begin(void **state) {
    (void)state;
    arena_init(&arena, FRAME_ARENA_BYTES);
    buf_init(&out);
    return 0;
}

static int end(void **state) {
    (void)state;
    arena_done(&arena);
    buf_done(&out);
    return 0;
}

/* `f` through the wire and back. */
static int through(const struct frame *f, struct frame *ret) {
    buf_clear(&out);
    assert_int_equal(frame_encode(f, &out, NULL), 0);
    return frame_decode(buf_slice(&out), &arena, ret, NULL);
}

static struct frame a_hello(void) {
    static struct lane_head heads[2];
    heads[0] = (struct lane_head){{{1}}, 2, {{3}}, 4, {{5}}};
    heads[1] = (struct lane_head){{{6}}, 1, {{0}}, UINT64_MAX, {{7}}};
    struct frame f = {.type = FRAME_HELLO};
    f.u.greeting = (struct frame_greeting){.version_min = 1,
                                           .version_max = 3,
                                           .features = FEATURE_BATCH,
                                           .deployment = {{1}},
                                           .actor = {{2}},
                                           .epoch = 1,
                                           .outbox = {{3}},
                                           .outbox_position = 99,
                                           .part = 4321,
                                           .n_heads = 2,
                                           .heads = heads,
                                           .clock = -7,
                                           .program = "thidua 0.1.0"};
    return f;
}

static struct frame a_welcome(void) {
    struct frame f = a_hello();
    f.type = FRAME_WELCOME;
    f.u.greeting.version_min = f.u.greeting.version_max = 1;
    f.u.greeting.inbox = (struct uid){{9}};
    f.u.greeting.inbox_position = 5;
    f.u.greeting.inbox_end = 12;
    f.u.greeting.credits = LIMIT_CREDITS;
    return f;
}

static struct frame a_run(enum frame_type type) {
    static struct slice records[3];
    records[0] = slice_str("one");
    records[1] = slice_str("two");
    records[2] = slice_str("a third");
    struct frame f = {.type = type};
    f.u.records = (struct frame_records){{{4}}, 10, 30, 3, records};
    return f;
}

static void a_hello_says_the_same_on_the_other_side(void **state) {
    (void)state;
    struct frame in = a_hello(), ret;
    assert_int_equal(through(&in, &ret), 0);
    const struct frame_greeting *a = &in.u.greeting, *b = &ret.u.greeting;
    assert_int_equal(ret.type, FRAME_HELLO);
    assert_int_equal(b->version_min, 1);
    assert_int_equal(b->version_max, 3);
    assert_true(b->features == a->features && b->outbox_position == 99 && b->clock == -7);
    assert_true(hash_equal(&a->deployment, &b->deployment) && uid_equal(&a->outbox, &b->outbox));
    assert_true(uid_is_zero(&b->inbox));
    assert_int_equal(b->part, 4321);
    assert_int_equal(b->n_heads, 2);
    assert_memory_equal(&b->heads[1].id, &a->heads[1].id, sizeof(struct hash));
    assert_true(b->heads[1].seq == UINT64_MAX && uid_is_zero(&b->heads[1].lane));
    assert_string_equal(b->program, a->program);
}

static void a_welcome_says_the_same_on_the_other_side(void **state) {
    (void)state;
    struct frame in = a_welcome(), ret;
    assert_int_equal(through(&in, &ret), 0);
    const struct frame_greeting *b = &ret.u.greeting;
    assert_int_equal(b->version_min, 1);
    assert_int_equal(b->version_max, 1);
    assert_true(b->inbox_position == 5 && b->inbox_end == 12 && b->outbox_position == 99);
    assert_int_equal(b->credits, LIMIT_CREDITS);
    assert_int_equal(b->part, 4321);
    assert_int_equal(b->n_heads, 2);
}

static void records_arrive_as_they_were_in_every_frame_that_carries_them(void **state) {
    (void)state;
    static const enum frame_type types[] = {FRAME_RECORDS, FRAME_JOINED};
    for (size_t i = 0; i < 2; i++) {
        struct frame in = a_run(types[i]), ret;
        assert_int_equal(through(&in, &ret), 0);
        assert_int_equal(ret.u.records.n, 3);
        for (uint32_t j = 0; j < 3; j++)
            assert_true(slice_equal(ret.u.records.records[j], in.u.records.records[j]));
        bool run = types[i] == FRAME_RECORDS;
        assert_true(ret.u.records.first == (run ? 10 : 0) && ret.u.records.end == (run ? 30 : 0));
    }
}

static void a_part_lies_in_its_record_or_is_no_frame(void **state) {
    (void)state;
    static const uint8_t bytes[LIMIT_BATCH_BYTES + 1];
    static const struct {
        const char *name;
        uint64_t position;
        uint32_t offset, size, n;
        int want;
    } cases[] = {
        {"all of it", 1, 0, 10, 10, 0},
        {"the largest", 1, 0, LIMIT_RECORD, LIMIT_BATCH_BYTES, 0},
        {"the end of the largest", 1, LIMIT_RECORD - 1, LIMIT_RECORD, 1, 0},
        {"beyond its end", 1, 1, 10, 10, ERR_CORRUPT},
        {"far beyond", 1, UINT32_MAX, 10, 10, ERR_CORRUPT},
        {"nothing", 1, 0, 10, 0, ERR_CORRUPT},
        {"of nothing", 1, 0, 0, 0, ERR_CORRUPT},
        {"of too much", 1, 0, LIMIT_RECORD + 1, 10, ERR_CORRUPT},
        {"too much", 1, 0, LIMIT_RECORD, LIMIT_BATCH_BYTES + 1, ERR_CORRUPT},
        {"at no place", 0, 0, 10, 10, ERR_CORRUPT},
        {"at the last of all places", UINT64_MAX, 0, 10, 10, ERR_CORRUPT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct frame in = {.type = FRAME_PART}, ret;
        print_message("%s\n", cases[i].name);
        in.u.part = (struct frame_part){{{4}},         cases[i].position,           cases[i].offset,
                                        cases[i].size, slice_of(bytes, cases[i].n), 1};
        assert_int_equal(through(&in, &ret), cases[i].want);
    }
}

static void small_frames_say_the_same_on_the_other_side(void **state) {
    (void)state;
    struct frame in = {.type = FRAME_ACK}, ret;
    in.u.ack = (struct frame_ack){{{4}}, 7, 12, 40, 9000};
    assert_int_equal(through(&in, &ret), 0);
    assert_memory_equal(&in.u.ack.stream, &ret.u.ack.stream, UID_BYTES);
    assert_true(ret.u.ack.position == 7 && ret.u.ack.credits == 12 && ret.u.ack.end == 40);
    assert_int_equal(ret.u.ack.part, 9000);

    in = (struct frame){.type = FRAME_PART};
    in.u.part = (struct frame_part){{{4}}, 7, 30, 35, slice_str("bytes"), 40};
    assert_int_equal(through(&in, &ret), 0);
    assert_memory_equal(&in.u.part.stream, &ret.u.part.stream, UID_BYTES);
    assert_true(ret.u.part.position == 7 && ret.u.part.offset == 30 && ret.u.part.size == 35);
    assert_true(slice_equal(in.u.part.bytes, ret.u.part.bytes) && ret.u.part.end == 40);

    in = (struct frame){.type = FRAME_JOIN};
    in.u.join = (struct frame_join){{1, 2, 3}, slice_str("a record")};
    assert_int_equal(through(&in, &ret), 0);
    assert_memory_equal(in.u.join.token, ret.u.join.token, sizeof in.u.join.token);
    assert_true(slice_equal(in.u.join.record, ret.u.join.record));

    in = (struct frame){.type = FRAME_RENEW};
    in.u.renew = (struct frame_renew){3, {{7}}, {{8}}, {9}};
    assert_int_equal(through(&in, &ret), 0);
    assert_int_equal(ret.u.renew.epoch, 3);
    assert_memory_equal(&in.u.renew.sign_key, &ret.u.renew.sign_key, PUBLIC_KEY_BYTES);
    assert_memory_equal(&in.u.renew.renewal, &ret.u.renew.renewal, UID_BYTES);
    assert_memory_equal(in.u.renew.proof, ret.u.renew.proof, SIGNATURE_BYTES);
    in.u.renew.epoch = 1;
    assert_int_equal(through(&in, &ret), ERR_CORRUPT);

    char *args[] = {"2", "5"};
    in = (struct frame){.type = FRAME_REFUSED};
    in.u.refused = (struct frame_refused){REFUSED_VERSION, 2, args};
    assert_int_equal(through(&in, &ret), 0);
    assert_int_equal(ret.u.refused.code, REFUSED_VERSION);
    assert_string_equal(ret.u.refused.args[1], "5");

    in = (struct frame){.type = FRAME_PONG, .u.ping = {UINT64_MAX, -1, {{7}}, 9}};
    assert_int_equal(through(&in, &ret), 0);
    assert_int_equal(ret.type, FRAME_PONG);
    assert_true(ret.u.ping.nonce == UINT64_MAX && ret.u.ping.clock == -1);
    assert_true(ret.u.ping.stream.b[0] == 7 && ret.u.ping.end == 9);
    in.u.ping.clock = INSTANT_MIN - 1;
    assert_int_equal(through(&in, &ret), ERR_CORRUPT);
}

static void no_version(struct frame *f) {
    f->u.greeting.version_min = f->u.greeting.version_max = 0;
}
static void versions_turned_round(struct frame *f) {
    f->u.greeting.version_min = 4;
}
static void no_deployment(struct frame *f) {
    f->u.greeting.deployment = (struct hash){{0}};
}
static void no_outbox(struct frame *f) {
    f->u.greeting.outbox = (struct uid){{0}};
}
static void no_epoch(struct frame *f) {
    f->u.greeting.epoch = 0;
}
static void head_without_actor(struct frame *f) {
    f->u.greeting.heads[0].actor = (struct hash){{0}};
}
static void head_of_seq_zero(struct frame *f) {
    f->u.greeting.heads[1].seq = 0;
}
static void head_of_epoch_zero(struct frame *f) {
    f->u.greeting.heads[1].epoch = 0;
}
static void program_too_long(struct frame *f) {
    static char text[LIMIT_NAME + 2];
    memset(text, 'x', LIMIT_NAME + 1);
    f->u.greeting.program = text;
}
static void too_many_heads(struct frame *f) {
    struct frame_greeting *g = &f->u.greeting;
    struct lane_head one = g->heads[0];
    g->n_heads = LIMIT_HEADS + 1;
    g->heads = arena_alloc(&arena, g->n_heads * sizeof *g->heads);
    for (uint32_t i = 0; i < g->n_heads; i++)
        g->heads[i] = one;
}

static void clock_of_no_year(struct frame *f) {
    f->u.greeting.clock = INSTANT_MAX + 1;
}
static void greetings_out_of_bounds_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *name;
        bool hello, welcome; /* which of the two it spoils */
        void (*spoil)(struct frame *);
    } cases[] = {{"no version", true, true, no_version},
                 {"versions turned round", true, false, versions_turned_round},
                 {"no deployment", true, false, no_deployment},
                 {"no outbox", true, false, no_outbox},
                 {"no epoch", true, false, no_epoch},
                 {"a head without actor", true, true, head_without_actor},
                 {"a head of seq 0", true, true, head_of_seq_zero},
                 {"a head of epoch 0", true, true, head_of_epoch_zero},
                 {"a program name too long", true, true, program_too_long},
                 {"a clock of no year", true, true, clock_of_no_year},
                 {"too many heads", true, true, too_many_heads}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct frame hello = a_hello(), welcome, ret;
        cases[i].spoil(&hello);
        if (cases[i].hello && through(&hello, &ret) != ERR_CORRUPT)
            fail_msg("hello with %s", cases[i].name);
        welcome = a_welcome();
        cases[i].spoil(&welcome);
        if (cases[i].welcome && through(&welcome, &ret) != ERR_CORRUPT)
            fail_msg("welcome with %s", cases[i].name);
    }
}

static void runs_out_of_bounds_are_refused(void **state) {
    (void)state;
    struct frame ret, f = a_run(FRAME_RECORDS);
    f.u.records.first = 0;
    assert_int_equal(through(&f, &ret), ERR_CORRUPT);
    f.u.records.first = UINT64_MAX;
    assert_int_equal(through(&f, &ret), ERR_CORRUPT);
    f = a_run(FRAME_RECORDS);
    f.u.records.stream = (struct uid){{0}};
    assert_int_equal(through(&f, &ret), ERR_CORRUPT);
    static const enum frame_type types[] = {FRAME_RECORDS, FRAME_JOINED};
    static struct slice many[LIMIT_BATCH_RECORDS + 1];
    for (size_t i = 0; i <= LIMIT_BATCH_RECORDS; i++)
        many[i] = slice_str("r");
    for (size_t i = 0; i < 2; i++) {
        f = a_run(types[i]);
        f.u.records.n = 0;
        assert_int_equal(through(&f, &ret), ERR_CORRUPT);
        f = a_run(types[i]);
        f.u.records.records[1] = slice_of(NULL, 0);
        assert_int_equal(through(&f, &ret), ERR_CORRUPT);
        f.u.records.records = many;
        f.u.records.n = LIMIT_BATCH_RECORDS;
        assert_int_equal(through(&f, &ret), 0);
        f.u.records.n = LIMIT_BATCH_RECORDS + 1;
        assert_int_equal(through(&f, &ret), ERR_CORRUPT);
    }
}

static void a_record_of_any_allowed_size_fits_a_frame_and_none_beyond_is_made(void **state) {
    (void)state;
    uint8_t *big = mem_zalloc(1, LIMIT_FRAME);
    struct slice one = slice_of(big, LIMIT_RECORD);
    struct frame ret, f = a_run(FRAME_RECORDS);
    f.u.records.records = &one;
    f.u.records.n = 1;
    f.u.records.first = f.u.records.end = UINT64_MAX - LIMIT_BATCH_RECORDS;
    assert_int_equal(through(&f, &ret), 0);
    one.len = LIMIT_RECORD + 1;
    assert_int_equal(through(&f, &ret), ERR_CORRUPT);
    one.len = LIMIT_FRAME;
    buf_clear(&out);
    assert_int_equal(frame_encode(&f, &out, NULL), ERR_REFUSED);
    assert_int_equal(out.len, 0);
    mem_free(big);
}

static void what_is_no_frame_of_this_protocol_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *name;
        const uint8_t bytes[6];
        size_t n;
    } cases[] = {
        {"nothing", {0}, 0},
        {"a cut head", {'T', 'D', 'F', 1}, 4},
        {"another magic", {'T', 'D', 'X', 1, 8}, 5},
        {"version 2", {'T', 'D', 'F', 2, 8}, 5},
        {"type 0", {'T', 'D', 'F', 1, 0}, 5},
        {"type 11", {'T', 'D', 'F', 1, 11}, 5},
        {"type 255", {'T', 'D', 'F', 1, 255}, 5},
        {"a cut body", {'T', 'D', 'F', 1, 8, 8}, 6},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct frame ret;
        struct err e = {0};
        struct slice in = slice_of(cases[i].bytes, cases[i].n);
        if (frame_decode(in, &arena, &ret, &e) != ERR_CORRUPT || e.code != ERR_CORRUPT)
            fail_msg("%s", cases[i].name);
    }
    struct frame ret;
    const uint8_t ping[] = {'T', 'D', 'F', 1, FRAME_PING};
    assert_int_equal(frame_decode(slice_of(ping, sizeof ping), &arena, &ret, NULL), 0);
}

static void unknown_fields_of_a_newer_program_are_ignored(void **state) {
    (void)state;
    struct frame in = a_hello(), ret;
    buf_clear(&out);
    assert_int_equal(frame_encode(&in, &out, NULL), 0);
    buf_put(&out, "\xa2\x06\x03new", 6); /* field 100, three bytes */
    assert_int_equal(frame_decode(buf_slice(&out), &arena, &ret, NULL), 0);
    assert_int_equal(ret.u.greeting.version_max, 3);
}

static void no_bytes_make_the_decoder_crash(void **state) {
    (void)state;
    uint64_t x = 20231215;
    print_message("# seed %llu\n", (unsigned long long)x);
    struct frame samples[] = {a_hello(), a_welcome(), a_run(FRAME_RECORDS), a_run(FRAME_JOINED)};
    for (unsigned round = 0; round < 20000; round++) {
        struct frame ret;
        struct arena a;
        buf_clear(&out);
        assert_int_equal(frame_encode(&samples[round % 4], &out, NULL), 0);
        for (unsigned i = 0; i <= round % 5; i++) {
            x = x * 6364136223846793005u + 1442695040888963407u;
            out.data[4 + (x >> 33) % (out.len - 4)] = (uint8_t)(x >> 20);
        }
        out.data[4] = round % 3 ? out.data[4] : (uint8_t)(1 + round % 10);
        uint8_t *cut = mem_alloc(out.len); /* its exact size, so that reading past it shows */
        size_t n = round % 2 ? out.len : (size_t)(x >> 40) % out.len;
        memcpy(cut, out.data, out.len);
        arena_init(&a, FRAME_ARENA_BYTES);
        (void)frame_decode(slice_of(cut, n), &a, &ret, NULL);
        arena_done(&a);
        mem_free(cut);
    }
}

static void frames_fail_cleanly_without_memory(void **state) {
    (void)state;
    struct frame f = a_hello(), ret;
    for (long n = 0;; n++) {
        struct arena a;
        buf_done(&out);
        arena_init(&a, FRAME_ARENA_BYTES);
        mem_fail_at(n);
        int rc = frame_encode(&f, &out, NULL);
        if (rc == 0)
            rc = frame_decode(buf_slice(&out), &a, &ret, NULL);
        mem_fail_at(-1);
        arena_done(&a);
        if (rc == 0)
            break;
        assert_int_equal(rc, ERR_NOMEM);
        assert_true(n < 50);
    }
}

static void every_refusal_has_words_and_unknown_ones_too(void **state) {
    (void)state;
    char text[512];
    for (uint32_t code = 0; code <= REFUSED_SHARE + 1; code++) {
        struct err why = {0};
        struct frame_refused r = {code, 0, NULL};
        int rc = refusal_words(&r, &why);
        assert_true(rc == ERR_AWAY || rc == ERR_REFUSED);
        assert_true(strlen(err_text(&why, NULL, text, sizeof text)) > 10);
    }
}

static void who_was_revoked_is_told_when_and_why_as_far_as_the_hub_says(void **state) {
    (void)state;
    char when[] = "2023-12-20T10:30:00+07:00", why[] = "mất máy", none[] = "", odd[] = "hôm qua";
    static const char plain[] = "this machine was revoked:", *const rest = "what it has not sent";
    struct {
        uint32_t n;
        char *args[2];
        const char *want;
    } cases[] = {
        {2, {when, why}, "revoked on 20/12/2023 10:30 (mất máy):"},
        {2, {when, none}, "revoked on 20/12/2023 10:30:"},
        {1, {when, NULL}, "revoked on 20/12/2023 10:30:"},
        {2, {odd, why}, plain},
        {0, {NULL, NULL}, plain},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        struct err e = {0};
        struct frame_refused r = {REFUSED_REVOKED, cases[i].n, cases[i].args};
        assert_int_equal(refusal_words(&r, &e), ERR_REFUSED);
        assert_non_null(strstr(err_text(&e, NULL, text, sizeof text), cases[i].want));
        assert_non_null(strstr(text, rest));
    }
}

static void kinds_are_registered_once_and_unknown_ones_have_no_rule(void **state) {
    (void)state;
    unsigned n = 0;
    for (uint32_t kind = 0; kind <= UINT16_MAX; kind++) {
        const struct kind_rule *r = kind_rule((uint16_t)kind);
        n += r != NULL;
        if (r)
            assert_int_equal(r->kind, kind);
    }
    assert_int_equal(n, 34);
    assert_null(kind_rule(200));
    assert_string_equal(kind_rule(KIND_REPORT)->name, "report");
    assert_true(kind_rule(KIND_SUBJECT_NAME)->erasable);
    assert_true(kind_rule(KIND_REPORT)->receipted && !kind_rule(KIND_RECEIPT)->receipted);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_hello_says_the_same_on_the_other_side),
        TEST(a_welcome_says_the_same_on_the_other_side),
        TEST(records_arrive_as_they_were_in_every_frame_that_carries_them),
        TEST(a_part_lies_in_its_record_or_is_no_frame),
        TEST(small_frames_say_the_same_on_the_other_side),
        TEST(greetings_out_of_bounds_are_refused),
        TEST(runs_out_of_bounds_are_refused),
        TEST(a_record_of_any_allowed_size_fits_a_frame_and_none_beyond_is_made),
        TEST(what_is_no_frame_of_this_protocol_is_refused),
        TEST(unknown_fields_of_a_newer_program_are_ignored),
        TEST(no_bytes_make_the_decoder_crash),
        TEST(frames_fail_cleanly_without_memory),
        TEST(every_refusal_has_words_and_unknown_ones_too),
        cmocka_unit_test(who_was_revoked_is_told_when_and_why_as_far_as_the_hub_says),
        TEST(kinds_are_registered_once_and_unknown_ones_have_no_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
