#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hub/drain.h"

#include <string.h>

static const struct uid outbox = {{7}}, other = {{8}};

#define ASK 'a'    /* the parent asks, if that is due: nonce 1, 2, … */
#define ANSWER 'r' /* the child answers the asking called `nonce`: its stream ends at `n` */
#define STRAY 's'  /* … of another stream */
#define TAKEN 't'  /* the stream is here up to `n`; `want` is what that proves */

struct event {
    char what;
    instant at; /* minutes, on both clocks */
    uint64_t nonce, n;
    instant want;
    instant behind; /* the child's clock, when it answers */
};

#define NEVER INSTANT_NONE
#define EVENTS 8

static void what_is_proven_is_what_the_child_held_when_it_was_asked(void **state) {
    (void)state;
    static const struct {
        const char *name;
        struct event events[EVENTS];
    } cases[] = {
        {"not asked yet", {{TAKEN, 1, 0, 100, NEVER}}},
        {"asked, and no answer", {{ASK, 1, 1}, {TAKEN, 2, 0, 100, NEVER}}},
        {"all is here already", {{ASK, 1, 1}, {ANSWER, 2, 1, 5}, {TAKEN, 3, 0, 5, 1}}},
        {"the last record is on its way",
         {{ASK, 1, 1}, {ANSWER, 2, 1, 5}, {TAKEN, 3, 0, 4, NEVER}, {TAKEN, 9, 0, 5, 1}}},
        {"what came after the answer proves no more",
         {{ASK, 1, 1}, {ANSWER, 2, 1, 5}, {TAKEN, 9, 0, 50, 1}}},
        {"an answer to something else", {{ASK, 1, 1}, {ANSWER, 2, 9, 0}, {TAKEN, 3, 0, 5, NEVER}}},
        {"a heartbeat's answer", {{ASK, 1, 1}, {ANSWER, 2, 0, 0}, {TAKEN, 3, 0, 5, NEVER}}},
        {"the end of another stream", {{ASK, 1, 1}, {STRAY, 2, 1, 0}, {TAKEN, 3, 0, 5, NEVER}}},
        {"a second answer changes nothing",
         {{ASK, 1, 1}, {ANSWER, 2, 1, 9}, {ANSWER, 3, 1, 0}, {TAKEN, 4, 0, 5, NEVER}}},
        {"a late answer to an earlier asking",
         {{ASK, 1, 1}, {ASK, 5, 2}, {ANSWER, 6, 1, 0}, {TAKEN, 7, 0, 5, NEVER}}},
        {"the child's clock is behind: it may yet receipt what comes before it shows 1",
         {{ASK, 9, 1}, {ANSWER, 10, 1, 5, 0, 9}, {TAKEN, 11, 0, 5, 1}}},
        {"… by less than the answer took",
         {{ASK, 9, 1}, {ANSWER, 12, 1, 5, 0, 2}, {TAKEN, 13, 0, 5, 9}}},
        {"the child's clock is ahead",
         {{ASK, 9, 1}, {ANSWER, 9, 1, 5, 0, -9}, {TAKEN, 9, 0, 5, 9}}},
        {"a child that says nothing of its stream",
         {{ASK, 1, 1}, {STRAY, 2, 1, 0}, {TAKEN, 3, 0, 50, NEVER}}},
        {"asked again, and answered",
         {{ASK, 1, 1},
          {ANSWER, 2, 1, 5},
          {TAKEN, 3, 0, 5, 1},
          {ASK, 20, 2},
          {TAKEN, 21, 0, 9, NEVER},
          {ANSWER, 22, 2, 9},
          {TAKEN, 23, 0, 9, 20}}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct drain d = {.wanted = true, .asked_at = INSTANT_NONE};
        print_message("%s\n", cases[i].name);
        for (size_t k = 0; k < EVENTS && cases[i].events[k].what; k++) {
            const struct event *v = &cases[i].events[k];
            struct moment now = {.wall = v->at * 60000, .boot_ms = v->at * 60000};
            struct frame_ping pong = {v->nonce, now.wall - v->behind * 60000,
                                      v->what == STRAY ? other : outbox, v->n};
            instant want = v->want == NEVER ? NEVER : v->want * 60000;
            if (v->what == ASK) {
                assert_true(drain_due(&d, now));
                drain_ask(&d, v->nonce, now, INSTANT_NONE);
            } else if (v->what == TAKEN) {
                assert_true(drain_proven(&d, v->n) == want);
            } else {
                drain_answered(&d, &outbox, &pong);
            }
        }
    }
}

static void a_child_is_asked_now_and_then_and_when_a_due_instant_has_passed(void **state) {
    (void)state;
    static const struct {
        const char *name;
        bool wanted, asked, answered, here;
        int64_t after_ms;
        bool want;
    } cases[] = {
        {"a node is not", false, false, false, false, 0, false},
        {"a hub is, at first", true, false, false, false, 0, true},
        {"the answer may come yet", true, true, false, false, DRAIN_AGAIN_MS - 1, false},
        {"no answer came", true, true, false, false, DRAIN_AGAIN_MS, true},
        {"what it held is on its way", true, true, true, false, DRAIN_ASK_MS * 9, false},
        {"it is known, for now", true, true, true, true, 299999, false},
        {"a due instant has come", true, true, true, true, 300000, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct drain d = {.wanted = cases[i].wanted, .asked_at = INSTANT_NONE};
        struct moment asked = {.wall = 1000000, .boot_ms = 5000}, now = asked;
        struct frame_ping pong = {1, asked.wall, outbox, 10};
        if (cases[i].asked)
            drain_ask(&d, 1, asked, asked.wall + 300000);
        if (cases[i].answered)
            drain_answered(&d, &outbox, &pong);
        if (cases[i].here)
            (void)drain_proven(&d, 10);
        now.wall += cases[i].after_ms;
        now.boot_ms += cases[i].after_ms;
        print_message("%s\n", cases[i].name);
        assert_int_equal(drain_due(&d, now), cases[i].want);
    }
    struct drain d = {.wanted = true};
    struct frame_ping pong = {1, 0, outbox, 0};
    drain_ask(&d, 1, (struct moment){.wall = 0, .boot_ms = 0}, INSTANT_NONE);
    drain_answered(&d, &outbox, &pong);
    (void)drain_proven(&d, 0);
    assert_false(drain_due(&d, (struct moment){.wall = 0, .boot_ms = DRAIN_ASK_MS - 1}));
    assert_true(drain_due(&d, (struct moment){.wall = 0, .boot_ms = DRAIN_ASK_MS}));
}

/* Asked at the due instant, 4 minutes before the child's clock comes there. */
static void a_child_that_is_behind_is_asked_until_its_clock_is_past_the_due_instant(void **state) {
    (void)state;
    const instant due = 100 * 60000;
    struct drain d = {.wanted = true, .asked_at = INSTANT_NONE};
    struct moment now = {.wall = due - 60000};
    uint64_t nonce = 1;
    drain_ask(&d, nonce, now, due);
    for (instant behind_ms = 240000; now.wall < due + 20 * 60000; now.wall += 1000) {
        struct frame_ping pong = {nonce, now.wall - behind_ms, outbox, 0};
        drain_answered(&d, &outbox, &pong);
        if (drain_proven(&d, 0) >= due)
            break;
        now.boot_ms += 1000;
        if (drain_due(&d, now))
            drain_ask(&d, ++nonce, now, now.wall < due ? due : INSTANT_NONE);
    }
    assert_true(now.wall >= due + 240000 && now.wall <= due + 240000 + 2 * DRAIN_AGAIN_MS);
    assert_true(nonce <= 8);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_proven_is_what_the_child_held_when_it_was_asked),
        cmocka_unit_test(a_child_is_asked_now_and_then_and_when_a_due_instant_has_passed),
        cmocka_unit_test(a_child_that_is_behind_is_asked_until_its_clock_is_past_the_due_instant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
