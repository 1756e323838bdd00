#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/limits.h"
#include "core/mem.h"
#include "hub/campaign_file.h"
#include "proto/payload_campaign.h"
#include "proto/payload_profile.h"

#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define SHIPPED(name) SOURCE_DIR "/ops/campaigns/" name ".yaml"

/* Knows the units 31001 … 31009. */
static bool resolve(void *arg, const char *code, struct uid *ret_unit) {
    (void)arg;
    if (strlen(code) != 5 || strncmp(code, "3100", 4) != 0)
        return false;
    *ret_unit = (struct uid){{(uint8_t)code[4]}};
    return true;
}

static int read_text(const char *text, struct campaign_file *ret, struct err *e) {
    return campaign_file_read(slice_str(text), "f.yaml", resolve, NULL, ret, e);
}

static struct campaign_file loaded(const char *path) {
    struct campaign_file file;
    struct err e = {0};
    char why[512];
    if (campaign_file_load(path, resolve, NULL, &file, &e))
        fail_msg("%s", err_text(&e, NULL, why, sizeof why));
    return file;
}

/* The criteria of plan 000: id, parent, leaf, collective or individual, whom it asks for, line. */
static const struct {
    const char *id, *parent;
    bool leaf;
    char about;
    const char *attribute;
    int32_t line;
} plan[] = {
    {"C1", "", false, 'C', "", 83},
    {"C1.1", "C1", true, 'C', "", 85},
    {"C1.2", "C1", true, 'C', "", 87},
    {"C1.3", "C1", true, 'C', "", 89},
    {"C1.4", "C1", true, 'C', "", 91},
    {"C1.5", "C1", true, 'C', "", 93},
    {"C2", "", false, 'C', "", 95},
    {"C2.1", "C2", true, 'C', "", 99},
    {"C2.2", "C2", true, 'C', "", 101},
    {"C2.3", "C2", true, 'C', "", 103},
    {"C3", "", true, 'C', "", 105},
    {"C4", "", false, 'C', "", 107},
    {"C4.1", "C4", true, 'C', "", 109},
    {"C4.2", "C4", true, 'C', "", 111},
    {"C5", "", true, 'C', "", 113},
    {"I1", "", false, 'I', "", 117},
    {"I1.1", "I1", true, 'I', "", 119},
    {"I1.2", "I1", true, 'I', "", 121},
    {"I1.3", "I1", true, 'I', "", 123},
    {"I1.4", "I1", true, 'I', "", 125},
    {"I2", "", false, 'I', "", 127},
    {"I2.1", "I2", true, 'I', "", 129},
    {"I2.2", "I2", true, 'I', "", 131},
    {"I2.3", "I2", true, 'I', "", 133},
    {"I3", "", false, 'I', "", 135},
    {"I3.1", "I3", true, 'I', "", 137},
    {"I3.2", "I3", true, 'I', "", 139},
    {"I3.3", "I3", true, 'I', "", 141},
    {"I3.4", "I3", true, 'I', "leader", 143},
    {"I4", "", false, 'I', "", 145},
    {"I4.1", "I4", true, 'I', "", 147},
    {"I4.2", "I4", true, 'I', "", 149},
    {"I4.3", "I4", true, 'I', "", 151},
    {"I4.4", "I4", true, 'I', "leader", 153},
    {"I5", "", false, 'I', "", 155},
    {"I5.1", "I5", true, 'I', "", 157},
    {"I5.2", "I5", true, 'I', "", 159},
    {"I5.3", "I5", true, 'I', "", 161},
    {"I5.4", "I5", true, 'I', "", 165},
    {"I5.5", "I5", true, 'I', "", 167},
    {"I5.6", "I5", true, 'I', "", 169},
    {"I6", "", false, 'I', "", 171},
    {"I6.1", "I6", true, 'I', "", 173},
    {"I6.2", "I6", true, 'I', "", 175},
    {"I6.3", "I6", true, 'I', "uniformed", 177},
    {"I7", "", true, 'I', "", 179},
};

static void plan_000_has_each_of_its_criteria_with_what_it_applies_to(void **state) {
    (void)state;
    struct campaign_file file = loaded(SHIPPED("tan-thanh-2023"));
    const struct campaign *c = &file.campaign;
    unsigned leaves[2] = {0, 0};
    assert_int_equal(c->n_criteria, COUNT(plan));
    for (size_t i = 0; i < COUNT(plan); i++) {
        const struct criterion *x = &c->criteria[i];
        assert_string_equal(x->id, plan[i].id);
        assert_string_equal(x->parent, plan[i].parent);
        assert_int_equal(x->leaf, plan[i].leaf);
        assert_int_equal(x->collective, plan[i].about == 'C');
        assert_int_equal(x->individual, plan[i].about == 'I');
        assert_int_equal(x->applies.n_attributes, *plan[i].attribute ? 1 : 0);
        if (*plan[i].attribute)
            assert_string_equal(x->applies.attributes[0], plan[i].attribute);
        assert_int_equal(x->source_line, plan[i].line);
        assert_true(*x->label.vi && *x->label.en);
        assert_int_equal(x->threshold_unknown, strcmp(x->id, "C2.3") == 0);
        leaves[x->individual] += x->leaf;
    }
    assert_int_equal(leaves[0], 12);
    assert_int_equal(leaves[1], 25);
    campaign_file_done(&file);
}

static void plan_000_has_its_deadline_quotas_dossier_and_recipients(void **state) {
    (void)state;
    struct campaign_file file = loaded(SHIPPED("tan-thanh-2023"));
    const struct campaign *c = &file.campaign;
    const struct report_rule *nomination = campaign_report(c, REPORT_NOMINATION);
    assert_non_null(nomination);
    assert_int_equal(nomination->n_due, 1);
    const struct due_rule *due = &nomination->due[0];
    assert_int_equal(due->recurrence, DUE_ONCE);
    assert_int_equal(due->year, 2023);
    assert_int_equal(due->month, 12);
    assert_int_equal(due->day, 15);
    assert_true(due->inclusive);
    assert_int_equal(due->roll, ROLL_NONE);
    assert_int_equal(campaign_default_report(c)->kind, REPORT_ANNUAL);
    assert_int_equal(campaign_default_report(c)->n_due, 0);
    assert_int_equal(c->n_quotas, 2);
    assert_int_equal(c->quotas[0].subjects, SUBJECT_COLLECTIVE);
    assert_int_equal(c->quotas[0].amount, 2);
    assert_int_equal(c->quotas[1].subjects, SUBJECT_INDIVIDUAL);
    assert_int_equal(c->quotas[1].amount, 4);
    assert_false(c->quotas[0].is_percentage);
    assert_int_equal(c->n_dossier, 2);
    assert_int_equal(c->n_recipients, 6);
    assert_int_equal(c->n_collectives, 7);
    assert_int_equal(c->n_individuals, 5);
    assert_string_equal(c->parents[0].id, "855-KH-UBND");
    assert_int_equal(c->parents[0].inherit, INHERIT_NONE);
    assert_non_null(strstr(c->errata[0].text, "Ủy ban nhân dân xã Tân Châu"));
    campaign_file_done(&file);
}

static const struct campaign *parent_of(void *arg, const struct hash *record) {
    return record->b[0] == 7 ? arg : NULL;
}

static void soctrang_inherits_plan_000_and_both_profiles_fit_it(void **state) {
    (void)state;
    struct campaign_file parent = loaded(SHIPPED("tan-thanh-2023"));
    struct campaign_file file = loaded(SHIPPED("soctrang-2023"));
    struct campaign_file points = loaded(SHIPPED("soctrang-2023-points"));
    struct campaign_file met = loaded(SHIPPED("soctrang-2023-met"));
    struct criteria criteria;
    struct err e = {0};
    file.campaign.parents[0].record.b[0] = 7;
    assert_int_equal(criteria_resolve(&file.campaign, parent_of, &parent.campaign, &criteria, &e),
                     0);
    assert_int_equal(criteria.n_leaves, 38);
    assert_true(points.is_profile && met.is_profile);
    assert_int_equal(profile_check_criteria(&points.profile, &criteria, &e), 0);
    assert_int_equal(profile_check_criteria(&met.profile, &criteria, &e), 0);
    int32_t collective = 0, individual = 0;
    for (uint32_t i = 0; i < criteria.n_leaves; i++) {
        struct score_rule rule;
        profile_rule(&points.profile, criteria.leaves[i]->id, &rule);
        if (rule.part != PART_BASE)
            continue;
        collective += criteria.leaves[i]->collective ? rule.max : 0;
        individual += criteria.leaves[i]->individual ? rule.max : 0;
    }
    assert_int_equal(collective, 10000);
    assert_int_equal(individual, 10000);
    const struct report_rule *annual = campaign_default_report(&file.campaign);
    assert_int_equal(annual->n_expected, 1);
    assert_int_equal(annual->expected[0].n_levels, 2);
    assert_true(annual->due[0].inclusive);
    assert_int_equal(annual->late, LATE_MARK);
    criteria_done(&criteria);
    campaign_file_done(&met);
    campaign_file_done(&points);
    campaign_file_done(&file);
    campaign_file_done(&parent);
}

static void what_is_shipped_survives_the_way_through_bytes(void **state) {
    (void)state;
    static const char *const paths[] = {SHIPPED("tan-thanh-2023"), SHIPPED("soctrang-2023"),
                                        SHIPPED("soctrang-2023-points"),
                                        SHIPPED("soctrang-2023-met")};
    for (size_t i = 0; i < COUNT(paths); i++) {
        struct campaign_file file = loaded(paths[i]), back = {.is_profile = file.is_profile};
        struct buf once, twice;
        struct err e = {0};
        buf_init(&once);
        buf_init(&twice);
        if (file.is_profile) {
            assert_int_equal(profile_encode(&file.profile, &once, &e), 0);
            assert_int_equal(profile_decode(buf_slice(&once), &back.profile, &e), 0);
            assert_int_equal(profile_encode(&back.profile, &twice, &e), 0);
        } else {
            assert_int_equal(campaign_encode(&file.campaign, &once, &e), 0);
            assert_int_equal(campaign_decode(buf_slice(&once), &back.campaign, &e), 0);
            assert_int_equal(campaign_encode(&back.campaign, &twice, &e), 0);
        }
        assert_true(slice_equal(buf_slice(&once), buf_slice(&twice)));
        assert_true(once.len < 16384);
        buf_done(&once);
        buf_done(&twice);
        campaign_file_done(&back);
        campaign_file_done(&file);
    }
}

#define HEAD "campaign:\n  id: a\n  title: {vi: A}\n"
#define PERIOD "  periods:\n    - {id: \"2023\", begin: 1/1/2023, end: 2023-12-31}\n"
#define DUE(x) HEAD PERIOD "  reports:\n    - kind: annual\n      due: " x "\n"
#define LEAF "  criteria:\n    - {id: C1, about: both, label: {vi: Một}}\n"

static const struct {
    const char *name, *in, *want[3];
} bad[] = {
    {"nothing", "# empty\n", {"“campaign:” or “profile:”"}},
    {"both",
     HEAD "profile: {id: p, campaign: a, default_mode: met, default_max: 1}\n",
     {"“campaign:” or “profile:”"}},
    {"unknown key", HEAD "  deadline: x\n", {"line 4", "“deadline”", "known here: id, version"}},
    {"unknown key below",
     HEAD LEAF "    - id: C2\n      about: both\n      titel: x\n",
     {"line 8: campaign.criteria[2]", "“titel”", "parent"}},
    {"key twice", HEAD "  id: b\n", {"campaign.id", "“id”", "twice"}},
    {"decimal comma inside braces",
     "profile:\n  id: p\n  rules:\n    - {criterion: C1, max: 12,5}\n",
     {"line 4: profile.rules[1]: inside { } a comma ends a value, so “5” is read as a key"}},
    {"key missing", "campaign:\n  title: {vi: A}\n", {"campaign: the key “id” is missing"}},
    {"no word of the list",
     DUE("{date: 1/1/2024, inclusive: maybe}"),
     {"line 8: campaign.reports[1].due.inclusive", "“maybe”", "yes, no"}},
    {"list expected", HEAD "  periods: 2023\n", {"line 4: campaign.periods", "a list"}},
    {"keys expected", HEAD "  funding: [a]\n", {"line 4: campaign.funding", "one text"}},
    {"text too long",
     "campaign:\n  id: aaaaaaaaaabbbbbbbbbbccccccccccddd\n",
     {"line 2: campaign.id", "32 bytes"}},
    {"no YAML", "campaign: {id: [\n", {"f.yaml"}},
    {"alias", HEAD "  issuer: &x A\n  document: *x\n", {"campaign", "“*”"}},
    {"tab", "campaign:\n\tid: a\n", {"line 2", "tab"}},
    {"second document", HEAD "---\ncampaign: {id: b}\n", {"line 4", "second document"}},
    {"not UTF-8", "campaign:\n  id: \xff\n", {"line 2", "UTF-8"}},
    {"no such date",
     DUE("{date: 31/02/2023, inclusive: yes}"),
     {"campaign.reports[1].due.date", "“31/02/2023”", "15/12/2023"}},
    {"no such day of the year",
     DUE("{each_year: 31/04, inclusive: no}"),
     {"campaign.reports[1].due.each_year", "“31/04”", "30/10"}},
    {"two rules at once",
     DUE("{date: 1/1/2024, each_year: 1/1, inclusive: no}"),
     {"campaign.reports[1].due: give one of"}},
    {"inclusive not said", DUE("{date: 15/12/2023}"), {"reports[1].due: say inclusive"}},
    {"period backwards",
     HEAD "  periods:\n    - {id: \"2023\", begin: 2/1/2023, end: 1/1/2023}\n",
     {"periods[1]"}},
    {"no number",
     HEAD PERIOD "  reports:\n    - {kind: annual, return_days: 1.5}\n",
     {"campaign.reports[1].return_days", "“1.5”", "whole number"}},
    {"criterion twice",
     HEAD LEAF "    - {id: C1, about: both, label: {vi: Hai}}\n",
     {"criteria", "C1"}},
    {"criterion under itself",
     HEAD LEAF "    - {id: C2, parent: C3, about: both, label: {vi: Hai}}\n"
               "    - {id: C3, parent: C2, about: both, label: {vi: Ba}}\n",
     {"criteria"}},
    {"no such parent",
     HEAD LEAF "    - {id: C2, parent: X, about: both, label: {vi: Hai}}\n",
     {"criteria", "X"}},
    {"no such award",
     HEAD LEAF "  quotas:\n    - {id: q, award: none, amount: 2}\n",
     {"quotas", "none"}},
    {"no share",
     HEAD LEAF "  quotas:\n    - {id: q, amount: \"x %\"}\n",
     {"campaign.quotas[1].amount", "“x”"}},
    {"no such unit",
     HEAD LEAF "  groups:\n    - {id: g, label: {vi: G}, units: [\"99\"]}\n",
     {"campaign.groups[1].units", "“99”", "import"}},
    {"three decimals",
     "profile:\n  id: p\n  campaign: a\n  default_mode: points\n"
     "  default_max: 8,555\n",
     {"profile.default_max", "“8,555”", "two decimals"}},
    {"bands not falling",
     "profile:\n  id: p\n  campaign: a\n  label: {vi: P}\n"
     "  default_mode: points\n  default_max: 8,5\n  grades:\n"
     "    - {id: x, from: 50, label: {vi: X}}\n    - {id: y, from: 70, label: {vi: Y}}\n",
     {"grades"}},
};

static void a_bad_file_is_refused_with_place_and_expectation(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct campaign_file file;
        struct err e = {0};
        char why[1024];
        if (read_text(bad[i].in, &file, &e) != ERR_REFUSED)
            fail_msg("%s: not refused", bad[i].name);
        err_text(&e, NULL, why, sizeof why);
        for (size_t k = 0; k < COUNT(bad[i].want) && bad[i].want[k]; k++)
            if (!strstr(why, bad[i].want[k]))
                fail_msg("%s: “%s” lacks “%s”", bad[i].name, why, bad[i].want[k]);
    }
}

static void values_are_taken_as_people_write_them(void **state) {
    (void)state;
    struct campaign_file file;
    struct err e = {0};
    assert_int_equal(
        read_text(HEAD PERIOD
                  "  council: có\n"
                  "  reports:\n"
                  "    - kind: result\n"
                  "      basis: root\n"
                  "      late: penalty\n"
                  "      late_penalty: 2,5\n"
                  "      due: {each_year: 30/10, inclusive: no}\n"
                  "      due_by_level:\n"
                  "        - {level: commune, days_after_period: 10, inclusive: yes, roll: next}\n"
                  "        - {level: district, undated: yes}\n"
                  "      expected:\n"
                  "        - {kinds: [state], exclude: [\"31002\"], from: 1/7/2025}\n"
                  "  milestones:\n"
                  "    - {id: m, label: {vi: M}, date: \"2022\"}\n"
                  "  awards:\n"
                  "    - {id: w, label: {vi: W}}\n"
                  "  quotas:\n"
                  "    - {id: q, award: w, amount: 12.5 %, base: subjects, rounding: up}\n"
                  "  criteria:\n"
                  "    - {id: K1, about: collective, label: {vi: K}, measure: \"%\",\n"
                  "       threshold: {must_be: over, value: 85}}\n",
                  &file, &e),
        0);
    const struct campaign *c = &file.campaign;
    const struct report_rule *r = &c->reports[0];
    assert_true(c->issuer_is_council);
    assert_int_equal(c->version, 1);
    assert_int_equal(c->periods[0].cutoff, c->periods[0].end);
    assert_int_equal(r->basis, BASIS_ROOT);
    assert_int_equal(r->late_penalty, 250);
    assert_int_equal(r->n_due, 3);
    assert_int_equal(r->due[0].recurrence, DUE_YEARLY);
    assert_int_equal(r->due[0].month, 10);
    assert_int_equal(r->due[0].day, 30);
    assert_false(r->due[0].inclusive);
    assert_int_equal(r->due[1].recurrence, DUE_PERIOD_END);
    assert_int_equal(r->due[1].days_after, 10);
    assert_int_equal(r->due[1].roll, ROLL_NEXT);
    assert_int_equal(r->due[2].recurrence, DUE_UNDATED);
    assert_string_equal(r->expected[0].kinds[0], "state");
    assert_int_equal(r->expected[0].exclude[0].b[0], '2');
    assert_int_equal(r->expected[0].until, DAY_NONE);
    assert_int_equal(c->milestones[0].precision, MILESTONE_YEAR);
    assert_true(c->quotas[0].is_percentage);
    assert_int_equal(c->quotas[0].amount, 1250);
    assert_int_equal(c->criteria[0].test, TEST_GT);
    assert_int_equal(c->criteria[0].threshold, 8500);
    campaign_file_done(&file);
}

static void text_is_stored_composed_and_line_ends_and_a_mark_do_not_matter(void **state) {
    (void)state;
    struct campaign_file file;
    struct err e = {0};
    assert_int_equal(read_text("\xef\xbb\xbf---\r\ncampaign:\r\n  id: a\r\n"
                               "  title: {vi: \"Thi đua va\xcc\x86"
                               "n\"}\r\n" LEAF,
                               &file, &e),
                     0);
    assert_string_equal(file.campaign.title.vi, "Thi đua văn");
    campaign_file_done(&file);
}

static void a_file_that_is_too_long_or_not_there_is_refused(void **state) {
    (void)state;
    struct campaign_file file;
    struct err e = {0};
    char *big = mem_alloc(LIMIT_YAML_BYTES + 2);
    assert_non_null(big);
    memset(big, '#', LIMIT_YAML_BYTES + 1);
    big[LIMIT_YAML_BYTES + 1] = '\0';
    assert_int_equal(read_text(big, &file, &e), ERR_REFUSED);
    mem_free(big);
    err_clear(&e);
    assert_int_equal(campaign_file_load("/nowhere/f.yaml", NULL, NULL, &file, &e), ERR_IO);
}

static void each_failing_allocation_is_an_error_and_leaks_nothing(void **state) {
    (void)state;
    for (long n = 0;; n++) {
        struct campaign_file file;
        struct err e = {0};
        mem_fail_at(n);
        int rc = read_text(HEAD PERIOD LEAF, &file, &e);
        mem_fail_at(-1);
        if (rc == 0) {
            assert_true(n > 20);
            campaign_file_done(&file);
            return;
        }
        assert_int_equal(rc, ERR_NOMEM);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plan_000_has_each_of_its_criteria_with_what_it_applies_to),
        cmocka_unit_test(plan_000_has_its_deadline_quotas_dossier_and_recipients),
        cmocka_unit_test(soctrang_inherits_plan_000_and_both_profiles_fit_it),
        cmocka_unit_test(what_is_shipped_survives_the_way_through_bytes),
        cmocka_unit_test(a_bad_file_is_refused_with_place_and_expectation),
        cmocka_unit_test(values_are_taken_as_people_write_them),
        cmocka_unit_test(text_is_stored_composed_and_line_ends_and_a_mark_do_not_matter),
        cmocka_unit_test(a_file_that_is_too_long_or_not_there_is_refused),
        cmocka_unit_test(each_failing_allocation_is_an_error_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
