#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node/views.h"
#include "store/log.h"
#include "tests/unit/agree_ask.h"

/*
 * What a revoked hub stated after its last good record counts for nothing, and neither does a
 * report that names it: hub and auditor say the same, whatever had been receipted before.
 */

#define ROUNDS 24

static unsigned n_void, n_rejected_void;

/* The district's hub, which states things in lane 0 beside nobody's knowledge of units. */
static struct hub_office *found_district(struct hub_world *w) {
    struct hub_office *d = hub_world_enrol_as(w, "P1", ROLE_HUB);
    d->unit = (struct uid){{0}};
    return d;
}

/* Let `d` state what the root stated in `record`, as its own. */
static struct hash state_copy(struct hub_world *w, struct hub_office *d,
                              const struct hash *record) {
    struct actor a;
    struct txn *t;
    struct record r;
    hub_world_open(&a, false, &t);
    assert_int_equal(log_get(t, record, &r, NULL), 0);
    struct hash id = hub_world_state(w, d, &a.deployment, r.h.kind, r.payload, w->now);
    actor_abort(&a, t);
    actor_close(&a);
    hub_world_deliver(w);
    return id;
}

/* The root's version `version` of its campaign; a profile with version 0. */
static struct hash of_root(uint32_t version) {
    struct actor a;
    struct txn *t;
    struct hash id = {{0}};
    hub_world_open(&a, false, &t);
    for (uint32_t i = 0; version > 0 && i < a.catalog.n_campaigns; i++)
        if (a.catalog.campaigns[i]->c.version == version)
            id = a.catalog.campaigns[i]->record;
    if (version == 0)
        id = a.catalog.profiles[0]->record;
    actor_abort(&a, t);
    actor_close(&a);
    assert_false(hash_is_zero(&id));
    return id;
}

/* The district puts one of its units elsewhere, or into another group. */
static void state_units(struct hub_world *w, struct hub_office *d, const char *code) {
    struct actor a;
    struct txn *t;
    struct buf b;
    buf_init(&b);
    hub_world_open(&a, false, &t);
    struct unit_fact f = *units_by_code(a.catalog.units, code, instant_day(w->now));
    f.group = roll(w, 2) ? "a" : "b";
    f.kind = roll(w, 2) ? "state" : "party";
    struct payload_units p = {1, &f};
    assert_int_equal(payload_units_encode(&p, &b, NULL), 0);
    hub_world_state(w, d, &a.deployment, KIND_UNITS, buf_slice(&b), w->now);
    actor_abort(&a, t);
    actor_close(&a);
    buf_done(&b);
    hub_world_deliver(w);
}

/* The root ends `d` with its record `last`. */
static void end_district(struct hub_world *w, const struct hub_office *d, uint64_t last) {
    struct actor a;
    struct txn *t;
    struct buf b;
    struct hash id;
    char words[] = "mất", *args[] = {words};
    struct last_good end = {.actor = d->actor, .epoch = 1, .seq = last};
    struct payload_revoke p = {d->actor, 1, &end, {ACT_REASON_WORDS, 1, args}};
    buf_init(&b);
    hub_world_open(&a, true, &t);
    assert_int_equal(payload_revoke_encode(&p, &b, NULL), 0);
    assert_int_equal(append_own(&a, t, KIND_REVOKE, NULL, buf_slice(&b), w->now, &id, NULL), 0);
    assert_int_equal(actor_commit(&a, t, NULL), 0);
    actor_close(&a);
    buf_done(&b);
}

/* Two versions of a campaign by the root, in units that do not change. */
static void begin(struct hub_world *w, uint64_t seed) {
    struct hub_world dice = {.random = seed};
    struct buf b;
    n_sealed = n_enrolled = 0;
    buf_init(&b);
    make_units(&dice, &b);
    hub_world_init(w, seed + 100, buf_cstr(&b));
    issue(w, &dice, 1);
    issue(w, &dice, 2);
    hub_world_issue(w, profile);
    buf_done(&b);
}

static struct hash seal_here(struct hub_world *w, struct hub_office *o, uint32_t revision) {
    struct hub_report r = {
        .campaign = "P1/thu", .profile = roll(w, 3) ? "diem" : NULL, .revision = revision};
    return hub_world_seal(
        w, o, &r, hub_world_at("2023-12-06T00:00:00+07:00") + MS_PER_DAY * (instant)roll(w, 14));
}

static void count_words(void) {
    struct actor a;
    struct txn *t;
    struct receipt_walk w;
    struct receipt_row row;
    struct hash of;
    hub_world_open(&a, false, &t);
    views_receipts_all(&w, t);
    while (views_receipts_next_of(&w, &of, &row))
        n_rejected_void += row.state == RECEIPT_REJECTED && row.code == REJECT_VOID;
    views_receipts_done(&w);
    actor_abort(&a, t);
    actor_close(&a);
}

static void ask_both(struct hub_world *w, uint64_t seed) {
    hub_world_do(w, "check");
    hub_world_do(w, "bundle", "export", "bundle.tdb");
    compare(w, seed, false, (char *[]){NULL});
    both(w, seed, false, "--campaign", "P1/thu", "--period", "2023");
    both(w, seed, false, "--campaign", "P1/thu", "--at", "2023-12-11T00:00:00+07:00");
    both(w, seed, false, "--campaign", "P1/thu", "--state", "late");
    both(w, seed, true, "--campaign", "P1/thu", "--period", "2023", "--subject-kind", "collective");
    both(w, seed, true, "--campaign", "P1/thu", "--period", "2023", "--subject-kind", "individual",
         "--group", "-");
    both(w, seed, true, "--campaign", "94/thu", "--period", "2023", "--subject-kind", "collective");
}

/* The district states versions, profiles and units in some order, offices report in between; then
 * it is ended somewhere, and they report again. */
static void round_of(uint64_t seed) {
    struct hub_world w;
    begin(&w, seed);
    struct hash parts[] = {of_root(1), of_root(0), of_root(2), of_root(0)};
    struct hub_office *d = found_district(&w), *offices[2];
    offices[0] = hub_world_enrol(&w, "Q1");
    offices[1] = hub_world_enrol(&w, "Q2");
    uint32_t revision = 1;
    for (size_t i = 0; i < 4; i++) {
        state_copy(&w, d, &parts[i]);
        if (roll(&w, 4) == 0)
            state_units(&w, d, roll(&w, 2) ? "Q1" : "Q2");
        for (size_t k = 0; k < 2; k++)
            if (roll(&w, 2))
                seal_here(&w, offices[k], revision++);
        if (roll(&w, 2))
            hub_world_deliver(&w); /* else what is on its way comes after the end */
    }
    uint64_t last = roll(&w, (unsigned)d->seq + 1);
    w.now = hub_world_at("2023-12-20T08:00:00+07:00");
    end_district(&w, d, last);
    n_void += last < d->seq;
    hub_world_deliver(&w);
    struct actor a;
    struct txn *t;
    hub_world_open(&a, false, &t);
    bool any = catalog_latest(&a.catalog, &offices[0]->unit, "thu") != NULL;
    struct catalog_campaign *k;
    any |= catalog_find(&a.catalog, "P1/thu", instant_day(w.now), &k, NULL) == 0;
    actor_abort(&a, t);
    actor_close(&a);
    if (any && roll(&w, 2))
        seal_here(&w, offices[0], revision);
    hub_world_deliver(&w);
    count_words();
    ask_both(&w, seed);
    hub_world_done(&w);
}

static void hub_and_auditor_agree_on_what_names_a_void_record(void **state) {
    (void)state;
    n_void = n_rejected_void = 0;
    for (uint64_t seed = 4001; seed <= 4000 + ROUNDS; seed++)
        round_of(seed);
    assert_true(n_void > ROUNDS / 3 && n_rejected_void > 0);
}

/* What the hub says of `report` is in w->out. */
static void show(struct hub_world *w, const struct hash *report) {
    char id[HASH_TEXT];
    hash_text(report, id);
    hub_world_do(w, "report", "show", id, "--json");
}

static void the_last_report_that_rests_on_what_stands_counts_and_the_other_is_told_why(void **s) {
    (void)s;
    struct hub_world w;
    begin(&w, 5);
    struct hash v1 = of_root(1), v2 = of_root(2), points = of_root(0);
    struct hub_office *d = found_district(&w), *o = hub_world_enrol(&w, "Q1");
    state_copy(&w, d, &v1);
    state_copy(&w, d, &points);
    struct hash r1 = seal_here(&w, o, 1);
    hub_world_deliver(&w);
    state_copy(&w, d, &v2);
    struct hash r2 = seal_here(&w, o, 2);
    hub_world_deliver(&w);
    w.now = hub_world_at("2023-12-20T08:00:00+07:00");
    show(&w, &r1);
    assert_non_null(strstr(w.out, "superseded"));
    end_district(&w, d, 2);
    show(&w, &r2);
    assert_non_null(strstr(w.out, "\"state\":\"rejected\""));
    assert_non_null(strstr(w.out, "report again"));
    show(&w, &r1);
    assert_non_null(strstr(w.out, "\"state\":\"received\""));
    ask_both(&w, 5);
    struct hash r3 = seal_here(&w, o, 3);
    hub_world_deliver(&w);
    show(&w, &r1);
    assert_non_null(strstr(w.out, "superseded"));
    show(&w, &r3);
    assert_non_null(strstr(w.out, "\"state\":\"received\""));
    ask_both(&w, 5);
    hub_world_done(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hub_and_auditor_agree_on_what_names_a_void_record),
        cmocka_unit_test(
            the_last_report_that_rests_on_what_stands_counts_and_the_other_is_told_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
