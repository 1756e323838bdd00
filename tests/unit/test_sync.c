#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/limits.h"
#include "node/sync.h"

#include <string.h>

static const struct uid stream = {{5}}, another = {{6}};

static struct sync_out out_at(uint64_t acked, uint64_t sent, uint64_t last, int64_t since_ms) {
    struct sync_out o;
    sync_out_start(&o, &stream, acked, 100);
    o.sent = sent;
    o.end = last;
    o.waiting_ms = since_ms;
    if (sent > acked)
        o.runs[o.n_runs++] = sent;
    return o;
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
        struct sync_out o = out_at(10, 20, 30, 0);
        struct frame_ack ack = {cases[i].foreign ? another : stream, cases[i].position, 7, 0};
        print_message("%s\n", cases[i].name);
        sync_acked(&o, &ack, (struct moment){0, 10});
        assert_int_equal(o.acked, cases[i].want_acked);
        assert_int_equal(o.sent, cases[i].want_sent);
        assert_int_equal(o.n_runs, cases[i].want_runs);
        assert_true(o.acked <= o.sent && o.sent <= o.end);
        assert_int_equal(o.credits, cases[i].foreign ? 100 : 7);
    }
}

static void credits_are_bounded_and_zero_leaves_them_as_they_were(void **state) {
    (void)state;
    struct sync_out o = out_at(10, 20, 30, 0);
    sync_acked(&o, &(struct frame_ack){stream, 10, 0, 0}, (struct moment){0, 10});
    assert_int_equal(o.credits, 100);
    sync_acked(&o, &(struct frame_ack){stream, 10, UINT32_MAX, 0}, (struct moment){0, 10});
    assert_int_equal(o.credits, LIMIT_CREDITS);
}

static void what_is_unanswered_for_long_is_sent_again_and_not_before(void **state) {
    (void)state;
    struct sync_out o = out_at(10, 20, 30, 1000);
    const struct frame_ack same = {stream, 10, 0, 0};
    sync_acked(&o, &same, (struct moment){0, 1000 + RESEND_MS - 1});
    assert_int_equal(o.sent, 20);
    sync_acked(&o, &same, (struct moment){0, 1000 + RESEND_MS});
    assert_int_equal(o.sent, 10);
    assert_int_equal(o.n_runs, 0);
    o = out_at(10, 10, 30, 0); /* nothing is unanswered */
    sync_acked(&o, &same, (struct moment){0, 10 * RESEND_MS});
    assert_int_equal(o.sent, 10);
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
        sync_out_start(&first, &stream, cases[i].had, 256);
        first.sent = 40;
        first.n_runs = 3;
        first.runs[0] = 20, first.runs[1] = 30, first.runs[2] = 40;
        sync_out_start(&o, &stream, cases[i].position, 100);
        sync_out_resume(&o, &first);
        print_message("%s\n", cases[i].name);
        assert_int_equal(o.sent, cases[i].want_sent);
        assert_int_equal(o.n_runs, cases[i].want_runs);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ack_moves_only_forward_and_only_within_what_there_is),
        cmocka_unit_test(credits_are_bounded_and_zero_leaves_them_as_they_were),
        cmocka_unit_test(what_is_unanswered_for_long_is_sent_again_and_not_before),
        cmocka_unit_test(what_is_on_its_way_is_counted_run_by_run_after_a_welcome),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
