#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/kinds.h"
#include "proto/payload_act.h"
#include "tests/unit/audit_world.h"

/*
 * Instants that do not fit together: an office below a district, one report, a receipt by each hub.
 * Everybody was enrolled and the campaign issued on 1/12/2023.
 */

enum mended { NOBODY, BY_ROOT, BY_ITSELF };

static const struct {
    const char *name;
    const char *district, *root; /* when they received it, as they say */
    bool doubted;                /* by the district */
    enum mended mended;          /* the district's receipts of 2023: a day later */
    const char *warning;         /* NULL: there is none */
    const char *stated[2];       /* the receipts, as each says; NULL: on 20/12/2023 */
} cases[] = {
    {"in order", "2023-12-10T08:00:00+07:00", "2023-12-12", false, NOBODY, NULL},
    {"on a day that both took it", "2023-12-12T00:10:00+07:00", "2023-12-12", false, NOBODY, NULL},
    {"the district later than the root", "2023-12-12T00:10:00.001+07:00", "2023-12-12", false,
     NOBODY, "came later than a hub further up received it"},
    {"… and in doubt", "2023-12-13", "2023-12-12", true, NOBODY, NULL},
    {"… and mended so", "2023-12-11T08:00:00+07:00", "2023-12-12", true, BY_ROOT,
     "came later than a hub further up received it"},
    {"before everything", "2023-11-30T23:49:59+07:00", "2023-12-12", false, NOBODY,
     "came before the hub, by the same clock, enrolled its author"},
    {"… by less than clocks may differ", "2023-11-30T23:50:00+07:00", "2023-12-12", false, NOBODY,
     NULL},
    {"… and in doubt", "2023-11-30T08:00:00+07:00", "2023-12-12", true, NOBODY, NULL},
    {"… and mended", "2023-11-30T08:00:00+07:00", "2023-12-12", true, BY_ROOT, NULL},
    {"mended by itself", "2023-12-10T08:00:00+07:00", "2023-12-12", true, BY_ITSELF,
     "it counts for nothing"},
    {"the root before the campaign", "2023-11-29", "2023-11-30T08:00:00+07:00", true, NOBODY,
     "came before the campaign that it answers was issued"},
    {"the root, later than it said so",
     "2023-12-10",
     "2023-12-12T00:10:00.001+07:00",
     true,
     NOBODY,
     "by the same clock, it was stated itself",
     {NULL, "2023-12-12"}},
    {"… by less than a clock may be set back",
     "2023-12-10",
     "2023-12-12T00:10:00+07:00",
     true,
     NOBODY,
     NULL,
     {NULL, "2023-12-12"}},
    {"the district, and in doubt", "2023-12-11", "2023-12-12", true, NOBODY, NULL, {"2023-12-10"}},
    {"the district, mended as a whole",
     "2023-12-10",
     "2023-12-12",
     true,
     BY_ROOT,
     NULL,
     {"2023-12-10"}},
};

static void mend(struct fixture *f, uint32_t by, uint32_t hub) {
    char words[] = "pin", *args[] = {words};
    struct payload_clock_mend p = {.actor = f->actors[hub].id,
                                   .from = fixture_at("2023-01-01"),
                                   .until = fixture_at("2024-01-01"),
                                   .shift_ms = MS_PER_DAY,
                                   .reason = {ACT_REASON_WORDS, 1, args}};
    struct buf b;
    buf_init(&b);
    assert_int_equal(payload_clock_mend_encode(&p, &b, NULL), 0);
    fixture_state(f, by, KIND_CLOCK_MEND, NULL, buf_slice(&b));
    buf_done(&b);
}

static void receipt_as(struct fixture *f, uint32_t hub, uint32_t author, struct hash record,
                       enum receipt_state state, instant at, bool doubted) {
    struct receipt_entry entry = {
        .record = record, .received_at = at, .state = state, .clock_doubt = doubted};
    struct payload_receipt p = {f->actors[author].id, 1, 1, &entry, 0};
    struct buf b;
    buf_init(&b);
    assert_int_equal(payload_receipt_encode(&p, &b, NULL), 0);
    fixture_state(f, hub, KIND_RECEIPT, &f->actors[author].unit, buf_slice(&b));
    buf_done(&b);
}

static void receipt(struct fixture *f, uint32_t hub, uint32_t author, struct hash record,
                    instant at, bool doubted) {
    receipt_as(f, hub, author, record, RECEIPT_VALID, at, doubted);
}

static instant stated(size_t i, unsigned which) {
    const char *at = cases[i].stated[which];
    return fixture_at(at ? at : "2023-12-20");
}

static void instants_that_do_not_fit_together_are_warned_of_and_are_no_problem(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture f = {0};
        struct verify v;
        struct buf file = {0};
        char text[1024] = "";
        fixture_init(&f, 7);
        uint32_t district = fixture_enrol(&f, FIXTURE_ROOT_HUB, f.units[3], ROLE_HUB);
        uint32_t office = fixture_enrol(&f, district, f.units[3], ROLE_NODE);
        fixture_plan(&f);
        fixture_issue(&f);
        struct hash report = fixture_report(&f, office, 1, CELL_MET, all_met);
        f.now = stated(i, 0);
        receipt(&f, district, office, report, fixture_at(cases[i].district), cases[i].doubted);
        f.now = stated(i, 1);
        receipt(&f, FIXTURE_ROOT_HUB, office, report, fixture_at(cases[i].root), false);
        if (cases[i].mended != NOBODY)
            mend(&f, cases[i].mended == BY_ROOT ? FIXTURE_ROOT_HUB : district, district);
        fixture_bundle(&f, FIXTURE_ROOT_HUB, fixture_at("2023-12-20"), &file);
        assert_int_equal(verify_bundle(buf_slice(&file), &f.deployment, NULL, &v, NULL), 0);
        print(&v.findings);
        if (v.findings.total > 0 || v.warnings.total != (cases[i].warning != NULL))
            fail_msg("%s: %llu problems, %llu warnings", cases[i].name,
                     (unsigned long long)v.findings.total, (unsigned long long)v.warnings.total);
        if (v.warnings.total > 0)
            err_text(&v.warnings.list[0].what, NULL, text, sizeof text);
        if (cases[i].warning && !strstr(text, cases[i].warning))
            fail_msg("%s: %s", cases[i].name, text);
        verify_done(&v);
        buf_done(&file);
        fixture_done(&f);
    }
}

/* A final word in a later epoch than the word that held the report. */
static void a_hub_that_goes_on_gives_no_earlier_instant(void **state) {
    (void)state;
    static const struct {
        const char *name, *held, *final;
        bool doubted; /* the first word */
        uint64_t warnings;
    } rows[] = {
        {"the same", "2023-12-17T09:00:00+07:00", "2023-12-17T09:00:00+07:00", false, 0},
        {"a later one", "2023-12-17T09:00:00+07:00", "2023-12-18T09:00:00+07:00", false, 0},
        {"an earlier one", "2023-12-17T09:00:00+07:00", "2023-12-14T09:00:00+07:00", false, 1},
        {"… by less than a clock may be set back", "2023-12-17T09:00:00+07:00",
         "2023-12-17T08:50:00+07:00", false, 0},
        {"… than one in doubt", "2023-12-17T09:00:00+07:00", "2023-12-14T09:00:00+07:00", true, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fixture f = {0};
        struct verify v;
        struct buf file = {0};
        char text[1024] = "";
        fixture_init(&f, 7);
        uint32_t office = fixture_enrol(&f, FIXTURE_ROOT_HUB, f.units[3], ROLE_NODE);
        fixture_plan(&f);
        fixture_issue(&f);
        struct hash report = fixture_report(&f, office, 1, CELL_MET, all_met);
        f.now = fixture_at("2023-12-20");
        receipt_as(&f, FIXTURE_ROOT_HUB, office, report, RECEIPT_HELD, fixture_at(rows[i].held),
                   rows[i].doubted);
        fixture_go_on(&f);
        receipt(&f, FIXTURE_ROOT_HUB, office, report, fixture_at(rows[i].final), false);
        fixture_bundle(&f, FIXTURE_ROOT_HUB, fixture_at("2023-12-20"), &file);
        assert_int_equal(verify_bundle(buf_slice(&file), &f.deployment, NULL, &v, NULL), 0);
        print(&v.findings);
        if (v.findings.total > 0 || v.warnings.total != rows[i].warnings)
            fail_msg("%s: %llu problems, %llu warnings", rows[i].name,
                     (unsigned long long)v.findings.total, (unsigned long long)v.warnings.total);
        if (v.warnings.total > 0)
            err_text(&v.warnings.list[0].what, NULL, text, sizeof text);
        assert_true(rows[i].warnings == 0 || strstr(text, "when it first held it"));
        verify_done(&v);
        buf_done(&file);
        fixture_done(&f);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hub_that_goes_on_gives_no_earlier_instant),
        cmocka_unit_test(instants_that_do_not_fit_together_are_warned_of_and_are_no_problem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
