#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/limits.h"
#include "hub/campaign_state.h"
#include "proto/payload_act.h"
#include "proto/payload_campaign.h"
#include "store/log.h"
#include "tests/unit/contacts_world.h"
#include "tests/unit/fixture_disk.h"

#include <stdlib.h>

/*
 * What hubs below the root state of campaigns has a share for each hub and each branch. What is
 * beyond says nothing, at the hub as for the auditor, in whatever order it came; of others all
 * counts as before.
 */

#define LONG_BYTES 1000000u
#define BUNDLE_BYTES (128u * 1024u * 1024u)

static char words[] = "mất máy", *args[] = {words}, thu[] = "thu", fill[] = "fill";
static const struct act_reason why = {ACT_REASON_WORDS, 1, args};

/* The root's campaign as `id` in `version`; the first is asked of whom the root's is asked, later
 * ones of every unit. */
static void put_campaign(char *id, uint32_t version, struct buf *out) {
    struct actor a;
    struct txn *t;
    struct err e = {0};
    char amended_on[] = "2023-01-02";
    hub_world_open(&a, false, &t);
    struct campaign k = a.catalog.campaigns[0]->c;
    struct report_rule rule = k.reports[0];
    k.id = id;
    k.version = version;
    k.reports = &rule;
    if (version > 1) {
        rule.n_expected = 0;
        k.amended_on = amended_on;
        k.amended_why = words;
    }
    buf_init(out);
    assert_int_equal(campaign_encode(&k, out, &e), 0);
    actor_abort(&a, t);
    actor_close(&a);
}

/* Make `b`, a payload, long: a field of a later version, number 1000 and of LONG_BYTES bytes. */
static void make_long(struct buf *b) {
    static uint8_t zeros[LONG_BYTES];
    static const uint8_t tag[] = {0xc2, 0x3e, 0xc0, 0x84, 0x3d};
    buf_put(b, tag, sizeof tag);
    buf_put(b, zeros, sizeof zeros);
}

static void issue_by(struct hub_world *w, unsigned by, char *id, uint32_t version) {
    struct buf b;
    put_campaign(id, version, &b);
    hand_in(w, &hubs[by].zero, KIND_CAMPAIGN, &b, w->now);
}

/* How much hub `by` may still state; ROOT: the hub that is asked. */
static uint64_t room(unsigned by) {
    struct actor a;
    struct txn *t;
    hub_world_open(&a, false, &t);
    uint64_t n = 0;
    const struct hash *id = by == ROOT ? &a.id : &hubs[by].own->actor;
    assert_int_equal(campaign_shares_room(t, id, &n, NULL), 0);
    actor_abort(&a, t);
    actor_close(&a);
    return n;
}

static uint32_t campaigns_read(void) {
    struct actor a;
    struct txn *t;
    hub_world_open(&a, false, &t);
    uint32_t n = a.catalog.n_campaigns;
    actor_abort(&a, t);
    actor_close(&a);
    return n;
}

/* Let hub `by` issue `n` long campaigns. */
static void issue_long(struct hub_world *w, unsigned by, unsigned n) {
    struct actor a;
    struct txn *t;
    struct buf b;
    put_campaign(fill, 1, &b);
    make_long(&b);
    hub_world_open(&a, false, &t);
    for (unsigned i = 0; i < n; i++)
        (void)hub_world_state(w, &hubs[by].zero, &a.deployment, KIND_CAMPAIGN, buf_slice(&b),
                              w->now);
    actor_abort(&a, t);
    actor_close(&a);
    buf_done(&b);
    hub_world_deliver(w);
}

/* Let hub `by` issue so many that no other one counts. */
static void fill_share(struct hub_world *w, unsigned by) {
    issue_long(w, by, LIMIT_HUB_CAMPAIGNS / LONG_BYTES + 1);
    assert_int_equal(room(by), 0);
}

static int read_bundle(const char *path, struct buf *out, struct err *e) {
    return host_read_file(path, BUNDLE_BYTES, out, e);
}

/* The board of the campaign `name`, which the auditor says too, finding nothing wrong; until the
 * next. */
static const char *asked(struct hub_world *w, char *name) {
    static const struct verb *const verbs[] = {&verify_cmd, NULL};
    static const struct verb_program program = {"thidua-audit", "test", "test", verbs};
    const struct verify_cmd_host host = {read_bundle};
    char at[] = "2023-12-17";
    char *audit[] = {"thidua-audit", "verify", "bundle.tdb", "--root",     w->genesis, "--json",
                     "--board",      "--at",   at,           "--campaign", name};
    struct verb_call call;
    struct err e = {0};
    (void)remove("bundle.tdb");
    hub_world_do(w, "bundle", "export", "bundle.tdb");
    hub_world_do(w, "board", "--json", "--at", at, "--campaign", name);
    w->out[strcspn(w->out, "\n")] = '\0';
    verb_call_init(&call, &w->world, (void *)(uintptr_t)&host);
    int rc = verb_run(&program, sizeof audit / sizeof *audit, audit, &call, &e);
    if (rc != 0 || !strstr(buf_cstr(&call.out), w->out))
        fail_msg("the auditor: %.900s\nthe hub: %s", buf_cstr(&call.out), w->out);
    verb_call_done(&call);
    return w->out;
}

static void end_campaign(struct hub_world *w, struct buf *out) {
    struct payload_campaign_withdraw p = {thu, w->now, why};
    assert_int_equal(payload_campaign_withdraw_encode(&p, out, NULL), 0);
}

static void exempt(struct hub_world *w, struct buf *out) {
    struct actor a;
    struct txn *t;
    hub_world_open(&a, false, &t);
    struct payload_campaign_assign p = {
        thu,      units_by_code(a.catalog.units, "U6", instant_day(w->now))->id,
        true,     DAY_NONE,
        DAY_NONE, why};
    assert_int_equal(payload_campaign_assign_encode(&p, out, NULL), 0);
    actor_abort(&a, t);
    actor_close(&a);
}

/* D states all three of which the board would speak. */
static void change_all(struct hub_world *w) {
    struct buf b;
    issue_by(w, D, thu, 2);
    buf_init(&b);
    exempt(w, &b);
    hand_in(w, &hubs[D].zero, KIND_CAMPAIGN_ASSIGN, &b, w->now);
    buf_init(&b);
    end_campaign(w, &b);
    hand_in(w, &hubs[D].zero, KIND_CAMPAIGN_WITHDRAW, &b, w->now);
}

/* D would not sign what is beyond. */
static void expect_refused(struct hub_world *w) {
    struct command s = {.now = w->now};
    struct err e = {0};
    struct hash record;
    char text[1024];
    hub_world_open(&s.actor, true, &s.t);
    struct hash root = s.actor.id;
    s.actor.id = hubs[D].own->actor;
    assert_int_equal(campaign_state(&s, KIND_CAMPAIGN, slice_str("x"), &record, &e), ERR_REFUSED);
    assert_non_null(strstr(err_text(&e, NULL, text, sizeof text), "this weighs 2 KiB"));
    s.actor.id = root;
    actor_abort(&s.actor, s.t);
    actor_close(&s.actor);
}

static void what_is_beyond_the_share_of_a_hub_says_nothing(void **state) {
    struct hub_world *w = *state;
    char before[sizeof w->out], d[] = "D/thu", e[] = "E/thu";
    issue_by(w, D, thu, 1);
    fill_share(w, D);
    (void)snprintf(before, sizeof before, "%s", asked(w, d));
    uint32_t n = campaigns_read();
    change_all(w);
    assert_string_equal(asked(w, d), before);
    assert_int_equal(campaigns_read(), n);
    assert_true(n <= LIMIT_HUB_CAMPAIGNS / LONG_BYTES + 2);
    issue_by(w, E, thu, 1); /* another branch, and the root, go on */
    issue_by(w, E, thu, 2);
    (void)asked(w, e);
    assert_int_equal(campaigns_read(), n + 2);
    assert_true(room(ROOT) == UINT64_MAX && room(E) > LIMIT_HUB_CAMPAIGNS - 8192);
    expect_refused(w);
    hub_world_do(w, "check");
}

/* What an upper hub states goes before what those below it did, and pushes that out. */
static void a_branch_has_a_share_and_upper_hubs_are_read_first(void **state) {
    struct hub_world *w = *state;
    char b[] = "B/thu", c[] = "C/thu", d[] = "D/thu";
    const struct hub_report report = {.campaign = b};
    struct err e = {0};
    fill_share(w, C);
    issue_by(w, B, thu, 1);
    issue_long(w, B, 2);
    issue_by(w, B, thu, 2);
    (void)enrol_by(w, B, ROLE_NODE, "U5", &machine);
    (void)hub_world_seal(w, &machine, &report, w->now);
    hub_world_deliver(w);
    assert_non_null(strstr(asked(w, b), "\"on_time\""));
    issue_by(w, D, thu, 1);
    fill_share(w, D);
    (void)asked(w, d);
    assert_int_equal(room(B), 0);
    assert_null(strstr(asked(w, b), "\"on_time\"")); /* it names what says nothing now */
    issue_by(w, C, thu, 1);                          /* beyond its own share */
    e = (struct err){0};
    assert_int_not_equal(hub_world_run(w, &e, "board", "--campaign", c), 0);
    assert_true(campaigns_read() <= LIMIT_BRANCH_CAMPAIGNS / LONG_BYTES + 3);
    hub_world_do(w, "check");
}

/* Whether the hub's list of reports says `text`. */
static bool lists(struct hub_world *w, const char *text) {
    struct err e = {0};
    FIXTURE_OK(hub_world_run(w, &e, "report", "list", "--json"), &e);
    return strstr(w->out, text) != NULL;
}

/* What `machine` reported in `first`, once more. */
static void report_again(struct hub_world *w, const struct hash *first) {
    struct actor a;
    struct txn *t;
    struct record r;
    struct buf p;
    struct err e = {0};
    buf_init(&p);
    hub_world_open(&a, false, &t);
    FIXTURE_OK(log_get(t, first, &r, &e), &e);
    buf_put(&p, r.payload.data, r.payload.len);
    actor_abort(&a, t);
    actor_close(&a);
    hand_in(w, &machine, KIND_REPORT, &p, w->now);
}

/* D revokes C, of which nothing but its first record is good. */
static void revoke_c(struct hub_world *w) {
    struct last_good end = {.actor = hubs[C].own->actor, .epoch = 1, .seq = 1};
    struct payload_revoke revoke = {hubs[C].own->actor, 1, &end, why};
    struct err e = {0};
    struct buf q;
    buf_init(&q);
    FIXTURE_OK(payload_revoke_encode(&revoke, &q, &e), &e);
    hand_in(w, &hubs[D].zero, KIND_REVOKE, &q, w->now);
}

/* A hub that floods is ended: what waited for room is judged then, and nothing final was said. */
static void what_is_beyond_waits_until_there_is_room(void **state) {
    struct hub_world *w = *state;
    char b[] = "B/thu";
    const struct hub_report report = {.campaign = b};
    struct err e = {0};
    issue_long(w, B, 2);
    issue_by(w, B, thu, 1);
    (void)enrol_by(w, B, ROLE_NODE, "U5", &machine);
    struct hash first = hub_world_seal(w, &machine, &report, w->now);
    hub_world_deliver(w);
    fill_share(w, C);
    fill_share(w, D);
    report_again(w, &first);
    assert_true(lists(w, "\"state\":\"held\""));
    assert_false(lists(w, "\"state\":\"rejected\""));
    revoke_c(w);
    assert_false(lists(w, "\"state\":\"held\""));
    assert_false(lists(w, "\"state\":\"rejected\""));
    FIXTURE_OK(hub_world_run(w, &e, "check"), &e);
    (void)asked(w, b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_beyond_waits_until_there_is_room, begin, end),
        cmocka_unit_test_setup_teardown(what_is_beyond_the_share_of_a_hub_says_nothing, begin, end),
        cmocka_unit_test_setup_teardown(a_branch_has_a_share_and_upper_hubs_are_read_first, begin,
                                        end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
