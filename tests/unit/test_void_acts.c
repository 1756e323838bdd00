#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/unit_id.h"
#include "proto/payload_campaign.h"
#include "tests/unit/contacts_world.h"

/*
 * District D issued a campaign of its own; what it states of it, or of units, after its last good
 * record counts for nothing once it is revoked, at the hub as for the auditor.
 */

static char words[] = "mất máy", *args[] = {words}, id[] = "thu";
static const struct act_reason why = {ACT_REASON_WORDS, 1, args};

static struct uid unit_of(struct hub_world *w, const char *code) {
    struct actor a;
    struct txn *t;
    hub_world_open(&a, false, &t);
    struct uid unit = units_by_code(a.catalog.units, code, instant_day(w->now))->id;
    actor_abort(&a, t);
    actor_close(&a);
    return unit;
}

/* The root's campaign, as D issues it in `version`; the second one asks more units. */
static void put_campaign(uint32_t version, struct buf *out) {
    struct actor a;
    struct txn *t;
    hub_world_open(&a, false, &t);
    char amended_on[] = "2023-01-02";
    struct campaign k = a.catalog.campaigns[0]->c;
    k.version = version;
    struct report_rule rule = k.reports[0];
    k.reports = &rule;
    if (version > 1) {
        rule.n_expected = 0; /* of every unit below */
        k.amended_on = amended_on;
        k.amended_why = words;
    }
    assert_int_equal(campaign_encode(&k, out, NULL), 0);
    actor_abort(&a, t);
    actor_close(&a);
}

static void amend(struct hub_world *w, struct buf *out) {
    (void)w;
    put_campaign(2, out);
}

static void end_campaign(struct hub_world *w, struct buf *out) {
    struct payload_campaign_withdraw p = {id, w->now, why};
    assert_int_equal(payload_campaign_withdraw_encode(&p, out, NULL), 0);
}

static void exempt(struct hub_world *w, struct buf *out) {
    struct payload_campaign_assign p = {id, unit_of(w, "U6"), true, DAY_NONE, DAY_NONE, why};
    assert_int_equal(payload_campaign_assign_encode(&p, out, NULL), 0);
}

static void add_unit(struct hub_world *w, struct buf *out) {
    static char code[] = "U9", level[] = "commune", name[] = "Xã Chín", none[] = "";
    struct unit_fact fact = {.id = {{9}},
                             .parent = unit_of(w, "D"),
                             .effective = DAY_NONE,
                             .from = DAY_NONE,
                             .until = DAY_NONE,
                             .code = code,
                             .level = level,
                             .kind = none,
                             .name = name,
                             .group = none,
                             .contact = none,
                             .phone = none};
    struct payload_units p = {1, &fact};
    unit_id_bind(&fact.id, &fact.parent);
    assert_int_equal(payload_units_encode(&p, out, NULL), 0);
}

/* The board of D's campaign, which the auditor says too, finding nothing wrong; until the next. */
static const char *asked(struct hub_world *w) {
    static const struct verb *const verbs[] = {&verify_cmd, NULL};
    static const struct verb_program program = {"thidua-audit", "test", "test", verbs};
    const struct verify_cmd_host host = {read_file};
    char at[] = "2023-12-17", k[] = "D/thu";
    char *audit[] = {"thidua-audit", "verify", "bundle.tdb", "--root",     w->genesis, "--json",
                     "--board",      "--at",   at,           "--campaign", k};
    struct verb_call call;
    struct err e = {0};
    (void)remove("bundle.tdb");
    hub_world_do(w, "bundle", "export", "bundle.tdb");
    hub_world_do(w, "board", "--json", "--at", at, "--campaign", k);
    w->out[strcspn(w->out, "\n")] = '\0';
    verb_call_init(&call, &w->world, (void *)(uintptr_t)&host);
    int rc = verb_run(&program, sizeof audit / sizeof *audit, audit, &call, &e);
    if (rc != 0 || !strstr(buf_cstr(&call.out), w->out))
        fail_msg("the auditor: %.900s\nthe hub: %s", buf_cstr(&call.out), w->out);
    verb_call_done(&call);
    return w->out;
}

/* The root revokes D, whose records in lane 0 stand up to `seq`. */
static void revoke_d(struct hub_world *w, uint64_t seq) {
    struct last_good end_of = {hubs[D].own->actor, 1, {{0}}, seq};
    struct payload_revoke p = {hubs[D].own->actor, 1, &end_of, why};
    struct actor a;
    struct txn *t;
    struct hash record;
    struct buf b;
    buf_init(&b);
    assert_int_equal(payload_revoke_encode(&p, &b, NULL), 0);
    hub_world_open(&a, true, &t);
    assert_int_equal(append_own(&a, t, KIND_REVOKE, NULL, buf_slice(&b), w->now, &record, NULL), 0);
    assert_int_equal(actor_commit(&a, t, NULL), 0);
    actor_close(&a);
    buf_done(&b);
}

static const struct {
    const char *name;
    uint16_t kind;
    void (*put)(struct hub_world *w, struct buf *out);
} cases[] = {
    {"a unit", KIND_UNITS, add_unit},
    {"a unit that is exempt", KIND_CAMPAIGN_ASSIGN, exempt},
    {"the campaign's end", KIND_CAMPAIGN_WITHDRAW, end_campaign},
    {"the campaign's next version", KIND_CAMPAIGN, amend},
};

static void what_is_stated_after_the_last_good_record_says_nothing(void **s) {
    (void)s;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hub_world *w = &world;
        char before[sizeof w->out];
        struct buf b;
        void *state = NULL;
        print_message("%s\n", cases[i].name);
        begin(&state);
        buf_init(&b);
        put_campaign(1, &b);
        hand_in(w, &hubs[D].zero, KIND_CAMPAIGN, &b, w->now);
        uint64_t good = hubs[D].zero.seq;
        (void)snprintf(before, sizeof before, "%s", asked(w));
        buf_init(&b);
        cases[i].put(w, &b);
        hand_in(w, &hubs[D].zero, cases[i].kind, &b, w->now);
        assert_string_not_equal(asked(w), before);
        revoke_d(w, good);
        assert_string_equal(asked(w), before);
        hub_world_do(w, "check");
        end(&state);
    }
}

/* One process, which had read it all: a hub that runs, and a transaction that is given up. */
static void what_was_read_is_read_anew_and_still_there_to_look_at(void **s) {
    struct hub_world *w = &world;
    struct buf b;
    struct actor a;
    struct txn *t;
    struct err e = {0};
    struct hash record;
    begin(s);
    struct last_good end_of = {hubs[D].own->actor, 1, {{0}}, hubs[D].zero.seq};
    struct payload_revoke p = {hubs[D].own->actor, 1, &end_of, why};
    buf_init(&b);
    put_campaign(1, &b);
    hand_in(w, &hubs[D].zero, KIND_CAMPAIGN, &b, w->now);
    buf_init(&b);
    assert_int_equal(payload_revoke_encode(&p, &b, NULL), 0);
    hub_world_open(&a, true, &t);
    for (int given_up = 1; given_up >= 0; given_up--) {
        const struct catalog_campaign *k = catalog_latest(&a.catalog, &hubs[D].own->unit, id);
        assert_non_null(k);
        assert_int_equal(append_own(&a, t, KIND_REVOKE, NULL, buf_slice(&b), w->now, &record, &e),
                         0);
        assert_null(catalog_latest(&a.catalog, &hubs[D].own->unit, id));
        assert_string_equal(k->c.id, id);
        if (given_up) {
            actor_abort(&a, t);
            assert_int_equal(actor_begin(&a, true, &t, &e), 0);
        }
    }
    assert_int_equal(actor_commit(&a, t, &e), 0);
    actor_close(&a);
    buf_done(&b);
    end(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_stated_after_the_last_good_record_says_nothing),
        cmocka_unit_test(what_was_read_is_read_anew_and_still_there_to_look_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
