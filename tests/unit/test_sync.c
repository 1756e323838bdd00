#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/limits.h"
#include "node/sync.h"

#include <string.h>

static const struct uid stream = {{5}}, another = {{6}};

/* One run is in flight if more is sent than acknowledged. */
static struct sync_out out_at(struct sync_place acked, struct sync_place sent, uint64_t last,
                              int64_t since_ms) {
    struct sync_out o;
    sync_out_start(&o, &stream, acked, 100, SYNC_LARGE_PARTS);
    o.sent = sent;
    o.end = last;
    o.waiting_ms = since_ms;
    if (sent.position > acked.position || sent.part > acked.part)
        o.runs[o.n_runs++] = (struct sync_run){sent, 1000, since_ms, 0};
    return o;
}

static const struct sync_place ten = {10, 0}, twenty = {20, 0};

static void assert_place(struct sync_place is, uint64_t position, uint32_t part) {
    assert_int_equal(is.position, position);
    assert_int_equal(is.part, part);
}

static void an_ack_moves_only_forward_and_only_within_what_there_is(void **state) {
    (void)state;
    static const struct {
        const char *name;
        uint64_t position, want_acked, want_sent;
        uint32_t want_runs;
        bool foreign;
    } cases[] = {
        {"part", 15, 15, 20, 1, false},          {"all", 20, 20, 20, 0, false},
        {"older", 5, 10, 20, 1, false},          {"the same", 10, 10, 20, 1, false},
        {"past the end", 31, 10, 20, 1, false},  {"past what was sent", 25, 25, 25, 0, false},
        {"another stream", 20, 10, 20, 1, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sync_out o = out_at(ten, twenty, 30, 0);
        struct frame_ack ack = {cases[i].foreign ? another : stream, cases[i].position, 7, 0, 0};
        print_message("%s\n", cases[i].name);
        sync_acked(&o, &ack, (struct moment){0, 10});
        assert_place(o.acked, cases[i].want_acked, 0);
        assert_place(o.sent, cases[i].want_sent, 0);
        assert_int_equal(o.n_runs, cases[i].want_runs);
        assert_int_equal(o.credits, cases[i].foreign ? 100 : 7);
    }
}

static void an_ack_of_a_part_moves_within_its_record_and_back_where_that_begins_anew(void **state) {
    (void)state;
    static const struct {
        const char *name;
        enum sync_large large;
        uint64_t position;
        uint32_t part, want_acked, want_sent, want_runs;
    } cases[] = {
        {"more", SYNC_LARGE_PARTS, 10, 3000, 3000, 4000, 1},
        {"all of what was sent", SYNC_LARGE_PARTS, 10, 4000, 4000, 4000, 0},
        {"the same", SYNC_LARGE_PARTS, 10, 2000, 2000, 4000, 1},
        {"less: it begins anew", SYNC_LARGE_PARTS, 10, 0, 0, 0, 0},
        {"more than was sent", SYNC_LARGE_PARTS, 10, 9000, 9000, 9000, 0},
        {"of an older record", SYNC_LARGE_PARTS, 9, 3000, 2000, 4000, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sync_out o =
            out_at((struct sync_place){10, 2000}, (struct sync_place){10, 4000}, 30, 0);
        struct frame_ack ack = {stream, cases[i].position, 7, 0, cases[i].part};
        print_message("%s\n", cases[i].name);
        sync_acked(&o, &ack, (struct moment){0, 10});
        assert_place(o.acked, 10, cases[i].want_acked);
        assert_place(o.sent, 10, cases[i].want_sent);
        assert_int_equal(o.n_runs, cases[i].want_runs);
    }
}

static void whoever_did_not_name_parts_is_not_believed_to_have_any(void **state) {
    (void)state;
    struct sync_out o;
    sync_out_start(&o, &stream, (struct sync_place){10, 500}, 100, SYNC_LARGE_WHOLE);
    assert_place(o.acked, 10, 0);
    o.sent = twenty;
    o.end = 30;
    sync_acked(&o, &(struct frame_ack){stream, 12, 0, 0, 700}, (struct moment){0, 10});
    assert_place(o.acked, 12, 0);
    assert_int_equal(sync_large_of(FEATURE_BATCH), SYNC_LARGE_WHOLE);
    assert_int_equal(sync_large_of(FEATURE_BATCH | FEATURE_PARTS), SYNC_LARGE_PARTS);
}

static void credits_are_bounded_and_zero_leaves_them_as_they_were(void **state) {
    (void)state;
    struct sync_out o = out_at(ten, twenty, 30, 0);
    sync_acked(&o, &(struct frame_ack){stream, 10, 0, 0, 0}, (struct moment){0, 10});
    assert_int_equal(o.credits, 100);
    sync_acked(&o, &(struct frame_ack){stream, 10, UINT32_MAX, 0, 0}, (struct moment){0, 10});
    assert_int_equal(o.credits, LIMIT_CREDITS);
}

static void what_is_unanswered_for_long_is_sent_again_and_not_before(void **state) {
    (void)state;
    struct sync_out o = out_at(ten, twenty, 30, 1000);
    const struct frame_ack same = {stream, 10, 0, 0, 0};
    sync_acked(&o, &same, (struct moment){0, 1000 + RESEND_MS - 1});
    assert_int_equal(o.sent.position, 20);
    sync_acked(&o, &same, (struct moment){0, 1000 + RESEND_MS});
    assert_int_equal(o.sent.position, 10);
    assert_int_equal(o.n_runs, 0);
    o = out_at(ten, ten, 30, 0); /* nothing is unanswered */
    sync_acked(&o, &same, (struct moment){0, 10 * RESEND_MS});
    assert_int_equal(o.sent.position, 10);
}

static void what_is_on_its_way_is_counted_run_by_run_after_a_welcome(void **state) {
    (void)state;
    static const struct {
        const char *name;
        uint64_t had, position, want_sent;
        uint32_t want_runs;
    } cases[] = {
        {"nothing of it was had", 10, 10, 40, 3}, {"a part was had", 10, 20, 40, 2},
        {"all was had", 10, 40, 40, 0},           {"more was had", 10, 50, 50, 0},
        {"it begins too late", 10, 5, 5, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sync_out first, o;
        sync_out_start(&first, &stream, (struct sync_place){cases[i].had, 0}, 256, SYNC_LARGE_WAIT);
        first.sent.position = 40;
        for (uint32_t k = 0; k < 3; k++)
            first.runs[first.n_runs++] = (struct sync_run){{20 + 10 * k, 0}, 100, 0, 0};
        sync_out_start(&o, &stream, (struct sync_place){cases[i].position, 0}, 100,
                       SYNC_LARGE_PARTS);
        sync_out_resume(&o, &first);
        print_message("%s\n", cases[i].name);
        assert_int_equal(o.sent.position, cases[i].want_sent);
        assert_int_equal(o.n_runs, cases[i].want_runs);
    }
}

/* Answer the oldest frame in flight at `ms`. */
static void answer_one(struct sync_out *o, int64_t ms) {
    struct sync_place at = o->runs[0].last;
    sync_acked(o, &(struct frame_ack){stream, at.position, 0, 0, at.part}, (struct moment){0, ms});
}

/* `n` frames of `bytes`, sent at `ms`. */
static void send_some(struct sync_out *o, uint32_t n, uint32_t bytes, int64_t ms) {
    for (uint32_t i = 0; i < n; i++) {
        o->sent.position++;
        o->runs[o->n_runs++] = (struct sync_run){o->sent, bytes, ms, o->delivered};
    }
}

static void what_a_line_carries_is_learnt_from_its_answers(void **state) {
    (void)state;
    static const struct {
        const char *name;
        uint32_t frames, bytes;
        int64_t first_ms, each_ms; /* the first answer, and each one after it */
        uint64_t end;
        uint32_t want_least, want_most;
    } cases[] = {
        {"fast", 4, 8192, 2, 0, 99, LIMIT_FRAME, LIMIT_FRAME},
        {"as it was taken for", 4, 8192, 1600, 1000, 99, 6000, 8192},
        {"slower", 4, 8192, 8600, 8000, 99, 3000, 6000},
        {"in a bunch, late", 4, 8192, 4000, 0, 99, 7000, 8192},
        {"all was sent: little says nothing", 1, 300, 600, 0, 1, 8192, 8192},
        {"far away and fast", 4, 8192, 600, 0, 99, 50000, 60000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sync_out o;
        print_message("%s\n", cases[i].name);
        sync_out_start(&o, &stream, (struct sync_place){0}, 100, SYNC_LARGE_PARTS);
        o.end = cases[i].end;
        send_some(&o, cases[i].frames, cases[i].bytes, 1000);
        for (int64_t ms = 1000 + cases[i].first_ms; o.n_runs > 0; ms += cases[i].each_ms)
            answer_one(&o, ms);
        assert_in_range(o.rate, cases[i].want_least, cases[i].want_most);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ack_moves_only_forward_and_only_within_what_there_is),
        cmocka_unit_test(an_ack_of_a_part_moves_within_its_record_and_back_where_that_begins_anew),
        cmocka_unit_test(whoever_did_not_name_parts_is_not_believed_to_have_any),
        cmocka_unit_test(credits_are_bounded_and_zero_leaves_them_as_they_were),
        cmocka_unit_test(what_is_unanswered_for_long_is_sent_again_and_not_before),
        cmocka_unit_test(what_is_on_its_way_is_counted_run_by_run_after_a_welcome),
        cmocka_unit_test(what_a_line_carries_is_learnt_from_its_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
