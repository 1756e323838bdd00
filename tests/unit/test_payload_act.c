#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/limits.h"
#include "proto/payload_act.h"

#include <string.h>

static char campaign[] = "thi-dua", period[] = "2023", group[] = "cum-1", words[] = "vì bão",
            empty[] = "", control[] = "a\x01", long_id[] = "thi-dua-2023-thi-dua-2023-thi-dua-2023";
static char *given[] = {words, words, words, words, words}, *nothing[] = {empty};
static const struct uid unit = {{0xa1}};

static struct payload_extension good_extension(void) {
    return (struct payload_extension){.issuer = unit,
                                      .campaign = campaign,
                                      .period = period,
                                      .kind = REPORT_FINAL,
                                      .until = 1702659600000,
                                      .scope = ACT_SCOPE_UNDER,
                                      .under = unit,
                                      .group = empty,
                                      .reason = {ACT_REASON_WORDS, 1, given}};
}

static void no_issuer(struct payload_extension *p) {
    p->issuer = (struct uid){{0}};
}
static void no_campaign(struct payload_extension *p) {
    p->campaign = empty;
}
static void far_campaign(struct payload_extension *p) {
    p->campaign = long_id;
}
static void no_period(struct payload_extension *p) {
    p->period = empty;
}
static void kind_eight(struct payload_extension *p) {
    p->kind = (enum report_kind)(REPORT_KINDS + 1);
}
static void no_scope(struct payload_extension *p) {
    p->scope = 0;
}
static void under_nothing(struct payload_extension *p) {
    p->under = (struct uid){{0}};
}
static void control_in_group(struct payload_extension *p) {
    p->group = control;
}
static void until_never(struct payload_extension *p) {
    p->until = INSTANT_NONE;
}
static void no_reason(struct payload_extension *p) {
    p->reason.code = 0;
}
static void no_words(struct payload_extension *p) {
    p->reason.n_args = 0;
}
static void empty_words(struct payload_extension *p) {
    p->reason.args = nothing;
}
static void too_many_words(struct payload_extension *p) {
    p->reason = (struct act_reason){7, ACT_REASON_ARGS + 1, given};
}

static void an_extension_is_decoded_or_refused(void **state) {
    (void)state;
    static const struct {
        const char *name;
        void (*spoil)(struct payload_extension *);
    } cases[] = {{"good", NULL},
                 {"no issuer", no_issuer},
                 {"no campaign", no_campaign},
                 {"a campaign id that is too long", far_campaign},
                 {"no period", no_period},
                 {"kind 8", kind_eight},
                 {"no scope", no_scope},
                 {"under nothing", under_nothing},
                 {"a control character", control_in_group},
                 {"until never", until_never},
                 {"no reason", no_reason},
                 {"no words", no_words},
                 {"empty words", empty_words},
                 {"too many arguments", too_many_words}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct payload_extension in = good_extension(), ret;
        struct arena arena;
        struct buf out;
        struct err e = {0};
        buf_init(&out);
        arena_init(&arena, PAYLOAD_ARENA_BYTES);
        if (cases[i].spoil)
            cases[i].spoil(&in);
        assert_int_equal(payload_extension_encode(&in, &out, NULL), 0);
        int rc = payload_extension_decode(buf_slice(&out), &arena, &ret, &e);
        if (rc != (cases[i].spoil ? ERR_CORRUPT : 0))
            fail_msg("%s: %d", cases[i].name, rc);
        if (rc == 0) {
            assert_string_equal(ret.campaign, campaign);
            assert_true(ret.until == in.until && ret.kind == in.kind && ret.scope == in.scope);
            assert_true(uid_equal(&ret.under, &unit));
            assert_string_equal(payload_act_words(&ret.reason), words);
        }
        arena_done(&arena);
        buf_done(&out);
    }
}

static void a_reason_of_another_code_has_no_words(void **state) {
    (void)state;
    const struct act_reason later = {7, 2, given};
    assert_null(payload_act_words(&later));
}

static void a_withdrawal_names_a_record_and_a_reason(void **state) {
    (void)state;
    struct payload_withdrawal in = {{{5}}, {ACT_REASON_WORDS, 1, given}}, ret;
    struct arena arena;
    struct buf out;
    buf_init(&out);
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    assert_int_equal(payload_withdrawal_encode(&in, &out, NULL), 0);
    assert_int_equal(payload_withdrawal_decode(buf_slice(&out), &arena, &ret, NULL), 0);
    assert_true(hash_equal(&ret.record, &in.record));
    buf_clear(&out);
    in.record = (struct hash){{0}};
    assert_int_equal(payload_withdrawal_encode(&in, &out, NULL), 0);
    assert_int_equal(payload_withdrawal_decode(buf_slice(&out), &arena, &ret, NULL), ERR_CORRUPT);
    assert_int_equal(payload_withdrawal_decode(slice_of("", 0), &arena, &ret, NULL), ERR_CORRUPT);
    arena_done(&arena);
    buf_done(&out);
}

static void changes_of_a_campaign_come_through(void **state) {
    (void)state;
    struct payload_campaign_assign in = {campaign, unit,     true,
                                         -3,       DAY_NONE, {ACT_REASON_WORDS, 1, given}},
                                   ret;
    struct payload_campaign_withdraw end = {campaign, 1702659600000, {ACT_REASON_WORDS, 1, given}},
                                     ended;
    struct arena arena;
    struct buf out;
    buf_init(&out);
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    assert_int_equal(payload_campaign_assign_encode(&in, &out, NULL), 0);
    assert_int_equal(payload_campaign_assign_decode(buf_slice(&out), &arena, &ret, NULL), 0);
    assert_true(ret.exempt && ret.from == -3 && ret.until == DAY_NONE);
    assert_true(uid_equal(&ret.unit, &unit));
    buf_clear(&out);
    assert_int_equal(payload_campaign_withdraw_encode(&end, &out, NULL), 0);
    assert_int_equal(payload_campaign_withdraw_decode(buf_slice(&out), &arena, &ended, NULL), 0);
    assert_true(ended.from == end.from);
    assert_string_equal(ended.campaign, campaign);
    arena_done(&arena);
    buf_done(&out);
}

static struct hash mended[] = {{{1}}, {{2}}};

static struct payload_clock_mend good_mend(void) {
    return (struct payload_clock_mend){.actor = {{7}},
                                       .from = 1702659600000,
                                       .until = 1702659600001,
                                       .shift_ms = -LIMIT_CLOCK_SHIFT_MS,
                                       .n_records = 2,
                                       .records = mended,
                                       .reason = {ACT_REASON_WORDS, 1, given}};
}

static void of_nobody(struct payload_clock_mend *p) {
    p->actor = (struct hash){{0}};
}
static void of_no_time(struct payload_clock_mend *p) {
    p->until = p->from;
}
static void by_too_much(struct payload_clock_mend *p) {
    p->shift_ms = LIMIT_CLOCK_SHIFT_MS + 1;
}
static void by_too_much_back(struct payload_clock_mend *p) {
    p->shift_ms = INT64_MIN;
}
static void out_of_time(struct payload_clock_mend *p) {
    p->until = INSTANT_MAX;
    p->shift_ms = 1;
}
static void of_a_nameless_record(struct payload_clock_mend *p) {
    static struct hash none[] = {{{1}}, {{0}}};
    p->records = none;
}
static void without_reason(struct payload_clock_mend *p) {
    p->reason.n_args = 0;
}

static void a_mend_is_decoded_or_refused(void **state) {
    (void)state;
    static const struct {
        const char *name;
        void (*spoil)(struct payload_clock_mend *);
    } cases[] = {{"good", NULL},
                 {"of nobody", of_nobody},
                 {"an empty span", of_no_time},
                 {"a shift of more than a hundred years", by_too_much},
                 {"the same backwards", by_too_much_back},
                 {"past the last instant there is", out_of_time},
                 {"a record without a name", of_a_nameless_record},
                 {"without a reason", without_reason}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct payload_clock_mend in = good_mend(), ret;
        struct arena arena;
        struct buf out;
        buf_init(&out);
        arena_init(&arena, PAYLOAD_ARENA_BYTES);
        if (cases[i].spoil)
            cases[i].spoil(&in);
        assert_int_equal(payload_clock_mend_encode(&in, &out, NULL), 0);
        int rc = payload_clock_mend_decode(buf_slice(&out), &arena, &ret, NULL);
        if (rc != (cases[i].spoil ? ERR_CORRUPT : 0))
            fail_msg("%s: %d", cases[i].name, rc);
        if (rc == 0) {
            assert_true(hash_equal(&ret.actor, &in.actor) && ret.from == in.from);
            assert_true(ret.until == in.until && ret.shift_ms == in.shift_ms);
            assert_true(ret.n_records == 2 && hash_equal(&ret.records[1], &mended[1]));
        }
        arena_done(&arena);
        buf_done(&out);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_extension_is_decoded_or_refused),
        cmocka_unit_test(a_reason_of_another_code_has_no_words),
        cmocka_unit_test(a_withdrawal_names_a_record_and_a_reason),
        cmocka_unit_test(changes_of_a_campaign_come_through),
        cmocka_unit_test(a_mend_is_decoded_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
