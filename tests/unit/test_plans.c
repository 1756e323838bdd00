/* The five plans as they are shipped, held against facts written down here by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/due.h"
#include "core/mem.h"
#include "node/expected.h"
#include "tests/unit/hub_world.h"
#include "tests/unit/plan_world.h"

#include <dirent.h>

static void has_facts(const struct campaign *c, const struct fact *facts, size_t n) {
    assert_int_equal(c->n_criteria, n);
    for (size_t i = 0; i < n; i++) {
        const struct fact *f = &facts[i];
        const struct criterion *x = &c->criteria[i];
        const struct applicability *a = &x->applies;
        assert_string_equal(x->id, f->id);
        assert_string_equal(x->parent, f->parent);
        assert_int_equal(x->leaf, f->leaf);
        assert_int_equal(x->collective, f->about != 'I');
        assert_int_equal(x->individual, f->about != 'C');
        assert_int_equal(x->source_line, f->line);
        assert_true(*x->label.vi && *x->label.en);
        assert_int_equal(a->n_attributes + a->n_unit_attributes, *f->applies ? 1 : 0);
        assert_int_equal(a->n_classes, 0);
        if (*f->applies)
            assert_string_equal(a->n_attributes ? a->attributes[0] : a->unit_attributes[0],
                                f->applies);
    }
}

static void plans_001_to_003_have_each_of_their_criteria_with_whom_it_asks(void **state) {
    (void)state;
    has_facts(plan("quang-binh-vp"), plan_001, COUNT(plan_001));
    has_facts(plan("son-hong-2021"), plan_002, COUNT(plan_002));
    has_facts(plan("soctrang-mo-hinh"), plan_003, COUNT(plan_003));
    assert_int_equal(plan("lang-son")->n_criteria, 0);
}

static void the_leaves_of_each_plan_are_counted(void **state) {
    (void)state;
    static const struct {
        const char *plan;
        unsigned collective, individual, both, aims;
        bool reconstructed;
    } want[] = {
        {"tan-thanh-2023", 12, 25, 0, 0, false}, {"quang-binh-vp", 11, 24, 0, 0, false},
        {"son-hong-2021", 11, 23, 2, 0, false},  {"soctrang-mo-hinh", 3, 0, 0, 3, false},
        {"qd-733", 11, 23, 0, 0, false},         {"lang-son", 11, 23, 0, 0, true},
    };
    for (size_t i = 0; i < COUNT(want); i++) {
        struct criteria all = resolved(plan(want[i].plan));
        unsigned collective = 0, individual = 0, both = 0, aims = 0;
        for (uint32_t k = 0; k < all.n_leaves; k++) {
            const struct criterion *x = all.leaves[k];
            if (x->is_aim)
                aims++;
            else if (x->collective && x->individual)
                both++;
            else if (x->collective)
                collective++;
            else
                individual++;
        }
        if (collective != want[i].collective || individual != want[i].individual ||
            both != want[i].both || aims != want[i].aims)
            fail_msg("%s: %u + %u + %u + %u", want[i].plan, collective, individual, both, aims);
        assert_int_equal(all.reconstructed, want[i].reconstructed);
        criteria_done(&all);
    }
    assert_true(plan("qd-733")->reconstructed && campaign_is_template(plan("qd-733")));
}

static const struct criterion *find(const struct campaign *c, const char *id) {
    for (uint32_t i = 0; i < c->n_criteria; i++)
        if (strcmp(c->criteria[i].id, id) == 0)
            return &c->criteria[i];
    return NULL;
}

static bool same_ask(const struct criterion *a, const struct criterion *b) {
    const struct applicability *x = &a->applies, *y = &b->applies;
    return a->collective == b->collective && a->individual == b->individual &&
           strcmp(a->parent, b->parent) == 0 && x->n_attributes == y->n_attributes &&
           (x->n_attributes == 0 || strcmp(x->attributes[0], y->attributes[0]) == 0) &&
           a->threshold_unknown == b->threshold_unknown;
}

static void plan_733_is_what_plans_000_and_002_share(void **state) {
    (void)state;
    const struct campaign *one = plan("tan-thanh-2023"), *two = plan("son-hong-2021");
    const struct campaign *parent = plan("qd-733");
    uint32_t shared = 0;
    for (uint32_t i = 0; i < one->n_criteria; i++) {
        const struct criterion *a = &one->criteria[i], *b = find(two, a->id);
        const struct criterion *x = find(parent, a->id);
        assert_int_equal(b != NULL, x != NULL);
        if (!b)
            continue;
        shared++;
        assert_true(same_ask(a, b) && same_ask(a, x));
        assert_int_equal(x->leaf, a->leaf || b->leaf);
    }
    assert_int_equal(parent->n_criteria, shared);
}

static void a_due_instant_of_every_kind_is_the_one_counted_by_hand(void **state) {
    (void)state;
    static const struct {
        const char *plan, *period;
        enum report_kind kind;
        const char *due;
        int last_day; /* of the week, 6 is Sunday */
    } dated[] = {
        /* chậm nhất ngày 15/12/2023: a Friday, counted in */
        {"tan-thanh-2023", "2023", REPORT_NOMINATION, "2023-12-16T00:00:00+07:00", 4},
        {"soctrang-2023", "2023", REPORT_ANNUAL, "2023-12-16T00:00:00+07:00", 4},
        /* trước ngày 30 tháng 10 hàng năm: the 29th is the last day that counts, a Sunday too */
        {"soctrang-mo-hinh", "2023", REPORT_RESULT, "2023-10-30T00:00:00+07:00", 6},
        {"soctrang-mo-hinh", "2024", REPORT_RESULT, "2024-10-30T00:00:00+07:00", 1},
        {"soctrang-mo-hinh", "2025", REPORT_RESULT, "2025-10-30T00:00:00+07:00", 2},
    };
    size_t seen = 0, slots = 0;
    for (size_t i = 0; i < COUNT(files); i++) {
        const struct campaign *c = &loaded[i].campaign;
        for (uint32_t k = 0; !loaded[i].is_profile && k < c->n_reports * c->n_periods;
             k++, slots++) {
            const struct report_rule *rule = &c->reports[k / c->n_periods];
            const struct period *period = &c->periods[k % c->n_periods];
            const char *want = "none";
            char got[INSTANT_TEXT] = "none";
            instant due;
            assert_int_equal(due_instant(rule, period, "department", NULL, &due, NULL), 0);
            if (due != INSTANT_NONE)
                instant_text(due, got);
            for (size_t d = 0; d < COUNT(dated); d++) {
                if (strcmp(dated[d].plan, c->id) != 0 || dated[d].kind != rule->kind ||
                    strcmp(dated[d].period, period->id) != 0)
                    continue;
                want = dated[d].due;
                seen++;
                assert_int_equal(day_of_week(instant_day(due - 1)), dated[d].last_day);
            }
            if (strcmp(got, want) != 0)
                fail_msg("%s %s: %s, not %s", c->id, period->id, got, want);
        }
    }
    assert_int_equal(seen, COUNT(dated));
    assert_int_equal(slots, 2 + 1 + 1 + 2 + 6 + 7);
}

static void plan_001_has_its_readers_references_and_errata(void **state) {
    (void)state;
    const struct campaign *c = plan("quang-binh-vp");
    const struct criterion *directives = find(c, "I5.3");
    unsigned oversight = 0;
    for (uint32_t i = 0; i < c->n_roles; i++)
        oversight += strcmp(c->roles[i].role, "oversight") == 0;
    assert_int_equal(oversight, 3);
    assert_int_equal(c->n_quotas, 0);
    assert_int_equal(c->n_recipients, 5);
    assert_int_equal(c->n_collectives, 3);
    assert_int_equal(c->n_individuals, 4);
    assert_string_equal(c->parents[0].id, "1786-KH-UBND");
    assert_string_equal(c->periods[0].id, "2019-2025");
    assert_string_equal(c->routes[0].role, "don-vi>hoi-dong-co-quan>ban-tdkt-tinh");
    assert_int_equal(directives->n_references, 2);
    assert_string_equal(directives->references[0], "769-CT-TTCP");
    assert_string_equal(find(c, "C3.3")->references[0], "411-KH-UBND");
    assert_non_null(strstr(c->errata[0].text, "“II. NỘI DUNG, TIÊU CHUẨN PHONG TRÀO THI ĐUA”"));
    assert_non_null(strstr(c->errata[1].text, "số 411/KH-UBND ngày 29/3/2019 của Chính phủ"));
}

static void plan_002_has_its_ladder_of_awards_and_warns_of_one_rung(void **state) {
    (void)state;
    static const struct {
        const char *occasion, *authority;
    } ladder[] = {
        {"yearly", ""},
        {"yearly", ""},
        {"interim", "pm"},
        {"interim", "province_chair"},
        {"interim", "district_chair"},
        {"interim", "commune_chair"},
        {"final", "president"},
        {"final", "pm"},
        {"final", "province_chair"},
        {"final", "district_chair"},
        {"final", "district_chair"},
        {"final", "commune_chair"},
    };
    const struct campaign *c = plan("son-hong-2021");
    day reform;
    assert_true(day_from_ymd(2025, 7, 1, &reform));
    assert_int_equal(c->n_awards, COUNT(ladder));
    for (size_t i = 0; i < COUNT(ladder); i++) {
        const struct award *a = &c->awards[i];
        bool district = strcmp(a->authority, "district_chair") == 0;
        bool warned = strcmp(a->id, "tong-ket-bk-huyen") == 0;
        assert_string_equal(a->occasion, ladder[i].occasion);
        assert_string_equal(a->authority, ladder[i].authority);
        assert_int_equal(a->until, district ? reform : DAY_NONE);
        assert_int_equal(*a->note != '\0', warned);
    }
    assert_int_equal(c->confidence, CONFIDENCE_LOW);
    assert_int_equal(c->n_parents, 2);
    assert_int_equal(c->n_collectives, 6);
    assert_true(find(c, "C2.3")->threshold_unknown);
    assert_int_equal(c->reports[0].expected[0].n_levels, 1);
    assert_string_equal(c->reports[0].expected[0].levels[0], "body");
    assert_string_equal(c->roles[c->n_roles - 1].role, "followed");
}

static void plan_003_has_its_aims_form_and_life_of_a_model(void **state) {
    (void)state;
    static const struct {
        const char *id;
        enum indicator_test test;
        score threshold;
    } aims[] = {{"K1", TEST_GE, 100}, {"K2", TEST_GT, 8500}, {"K3", TEST_GT, 7500}};
    const struct campaign *c = plan("soctrang-mo-hinh");
    const struct report_rule *result = campaign_default_report(c);
    for (size_t i = 0; i < COUNT(aims); i++) {
        const struct criterion *x = find(c, aims[i].id);
        assert_true(x->is_aim && x->test == aims[i].test && x->threshold == aims[i].threshold);
    }
    assert_true(c->issuer_is_council);
    assert_int_equal(result->kind, REPORT_RESULT);
    assert_int_equal(result->basis, BASIS_ROOT);
    assert_int_equal(result->needs, REPORT_REGISTRATION);
    assert_int_equal(result->due[0].roll, ROLL_NONE);
    assert_int_equal(campaign_report(c, REPORT_REGISTRATION)->n_due, 0);
    assert_int_equal(c->forms[0].kind, REPORT_REGISTRATION);
    assert_int_equal(c->forms[0].n_fields, 12);
    assert_int_equal(c->awards[0].upkeep, UPKEEP_FROM_LAUNCH);
    assert_string_equal(c->awards[0].authority, "province_chair");
    assert_non_null(strstr(c->awards[0].condition, "ưu tiên mô hình mới"));
    assert_int_equal(c->n_collectives, 7);
    assert_int_equal(c->n_individuals, 0);
}

static void plan_004_has_its_milestones_parents_routes_and_its_section(void **state) {
    (void)state;
    static const int32_t years[] = {2019, 2022, 2025};
    const struct campaign *c = plan("lang-son");
    const struct report_rule *section = campaign_default_report(c);
    assert_int_equal(c->n_milestones, COUNT(years));
    for (size_t i = 0; i < COUNT(years); i++) {
        assert_int_equal(c->milestones[i].precision, MILESTONE_YEAR);
        assert_int_equal(c->milestones[i].year, years[i]);
        assert_false(c->milestones[i].missing_after);
    }
    assert_int_equal(section->kind, REPORT_SECTION);
    assert_true(section->embedded);
    assert_int_equal(c->n_periods, 7);
    assert_int_equal(c->n_parents, 2);
    assert_int_equal(c->parents[0].inherit, INHERIT_CRITERIA);
    assert_string_equal(c->parents[1].id, "719-PD-UBND");
    assert_int_equal(c->parents[1].inherit, INHERIT_NONE);
    assert_string_equal(c->routes[0].role, "don-vi>ban-tdkt>so-noi-vu");
    assert_int_equal(c->n_recipients, 12);
    assert_int_equal(c->n_individuals, 4);
    assert_non_null(strstr(c->funding, "Quỹ thi đua, khen thưởng"));
}

/* What a profile gives to a subject to whom everything applies. */
static void sums(const struct profile *p, const struct criteria *all, int32_t ret_sums[2]) {
    for (uint32_t i = 0; i < all->n_leaves; i++) {
        struct score_rule rule;
        profile_rule(p, all->leaves[i]->id, &rule);
        if (all->leaves[i]->is_aim || rule.part != PART_BASE)
            continue;
        ret_sums[0] += all->leaves[i]->collective ? rule.max : 0;
        ret_sums[1] += all->leaves[i]->individual ? rule.max : 0;
    }
}

static void every_profile_fits_its_campaign_and_points_come_to_a_hundred(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(files); i++) {
        const struct profile *p = &loaded[i].profile;
        struct err e = {0};
        if (!loaded[i].is_profile)
            continue;
        struct criteria all = resolved(plan(p->campaign));
        int32_t got[2] = {0, 0};
        assert_int_equal(profile_check_criteria(p, &all, &e), 0);
        sums(p, &all, got);
        if (p->default_mode == MODE_POINTS) {
            assert_int_equal(got[0], 10000);
            assert_int_equal(got[1], plan(p->campaign)->n_individuals ? 10000 : 0);
        }
        assert_string_equal(p->id, files[i]);
        criteria_done(&all);
    }
}

static void nothing_is_shipped_that_is_not_tested_and_described(void **state) {
    (void)state;
    static char readme[1 << 16];
    FILE *f = fopen(FOLDER "README.md", "rb");
    assert_non_null(f);
    readme[fread(readme, 1, sizeof readme - 1, f)] = '\0';
    (void)fclose(f);
    unsigned n = 0;
    DIR *folder = opendir(FOLDER);
    assert_non_null(folder);
    for (const struct dirent *d = readdir(folder); d; d = readdir(folder)) {
        char name[300];
        size_t len = strlen(d->d_name);
        if (len < 5 || strcmp(d->d_name + len - 5, ".yaml") != 0)
            continue;
        (void)snprintf(name, sizeof name, "\n| `%s` |", d->d_name);
        if (!strstr(readme, name))
            fail_msg("%s is not in the table of README.md", d->d_name);
        n++;
    }
    (void)closedir(folder);
    assert_int_equal(n, COUNT(files));
}

#define UNITS                                                                                      \
    "code,parent,level,kind,name\n"                                                                \
    "SNV,94,department,state,Sở Nội vụ\n"                                                    \
    "TU,94,department,party,Ban Tuyên giáo\n"                                                    \
    "DN,94,department,enterprise,Công ty Xổ số\n"                                             \
    "948,94,district,state,Thị xã Ngã Năm\n"                                                  \
    "31741,948,commune,state,Xã Tân Long\n"

static void issue_all(struct hub_world *w) {
    for (size_t i = 0; i < COUNT(files); i++) {
        char path[512];
        (void)snprintf(path, sizeof path, "%s%s.yaml", FOLDER, files[i]);
        hub_world_do(w, "campaign", "issue", path);
        assert_int_equal(strstr(w->words, "reconstructed") != NULL,
                         strcmp(files[i], "qd-733") == 0 || strcmp(files[i], "lang-son") == 0);
        assert_int_equal(strstr(w->words, "cấp huyện chỉ tặng Giấy khen") != NULL,
                         strcmp(files[i], "son-hong-2021") == 0);
    }
}

static void everything_issues_in_order_and_what_is_reconstructed_says_so(void **state) {
    (void)state;
    struct hub_world w;
    struct err e = {0};
    char path[512];
    hub_world_init(&w, 71, UNITS);
    (void)snprintf(path, sizeof path, "%slang-son.yaml", FOLDER);
    assert_int_equal(hub_world_run(&w, &e, "campaign", "issue", path), ERR_REFUSED);
    issue_all(&w);
    hub_world_do(&w, "campaign", "show", "lang-son", "--json");
    assert_non_null(strstr(w.out, "\"criteria_reconstructed\":true"));
    hub_world_do(&w, "campaign", "show", "lang-son");
    assert_non_null(strstr(w.out, "Some criteria are reconstructed"));
    hub_world_do(&w, "campaign", "show", "qd-733");
    assert_non_null(strstr(w.out, "reconstructed; hands down criteria only"));
    hub_world_do(&w, "campaign", "list");
    assert_non_null(strstr(w.out, "criteria reconstructed\n"));
    assert_non_null(strstr(w.out, "reconstructed; hands down criteria only"));
    hub_world_do(&w, "campaign", "show", "son-hong-2021");
    assert_non_null(strstr(w.out, "source hard to read"));
    assert_non_null(strstr(w.out, "; beware: Kế hoạch ghi"));
    assert_non_null(strstr(w.out, "\n  C1.5; sources 05-CT-TW\n"));
    hub_world_do(&w, "campaign", "show", "soctrang-mo-hinh");
    assert_non_null(strstr(w.out, "; only after: registration"));
    assert_non_null(strstr(w.out, "a model counts from its launch to the review"));
    hub_world_do(&w, "board", "--campaign", "lang-son", "--period", "2023", "--json");
    assert_non_null(strstr(w.out, "\"reconstructed\":true"));
    hub_world_done(&w);
}

/* Whether K2 of 003, given as 85,5, may stand in the sheet of the unit of `f`. */
static bool takes_k2(const struct catalog_campaign *k, const struct unit_fact *f) {
    struct subject unit = {.id = f->id, .code = f->code, .kind = SUBJECT_COLLECTIVE};
    struct subjects subjects = {.n = 1, .list = &unit};
    struct sheet_rules rules = {.campaign = &k->c,
                                .criteria = &k->criteria,
                                .profile = &loaded[at("soctrang-mo-hinh-met")].profile,
                                .subjects = &subjects,
                                .unit = {f->id, f->kind}};
    const struct cell cell = {CELL_VALUE, 8550};
    uint32_t column = (uint32_t)criteria_leaf(&k->criteria, "K2");
    assert_int_equal(criterion_applies(k->criteria.leaves[column], &k->c, &unit, &rules.unit),
                     criterion_applies(find(&k->c, "K3"), &k->c, &unit, &rules.unit));
    assert_true(criterion_applies(find(&k->c, "K1"), &k->c, &unit, &rules.unit));
    return cell_check(&rules, 0, column, &cell, false, NULL) == 0;
}

static void only_units_that_take_part_are_asked_for_the_indices(void **state) {
    (void)state;
    static const struct {
        const char *code;
        bool expected, takes_part;
    } want[] = {{"SNV", true, true},
                {"TU", true, false},
                {"DN", true, false},
                {"948", true, true},
                {"31741", false, false}};
    struct hub_world w;
    struct actor a;
    struct txn *t;
    struct catalog_campaign *k;
    hub_world_init(&w, 72, UNITS);
    issue_all(&w);
    hub_world_open(&a, false, &t);
    day today = instant_day(w.now);
    assert_int_equal(catalog_find(&a.catalog, "soctrang-mo-hinh", today, &k, NULL), 0);
    struct err e = {0};
    assert_int_equal(catalog_find(&a.catalog, NULL, today, &k, &e), ERR_REFUSED);
    assert_non_null(strstr(e.arg[0], "soctrang-mo-hinh"));
    assert_null(strstr(e.arg[0], "qd-733")); /* to which nobody reports */
    err_clear(&e);
    assert_int_equal(catalog_find(&a.catalog, "no-such", today, &k, &e), ERR_REFUSED);
    assert_non_null(strstr(e.arg[1], "qd-733"));
    assert_int_equal(catalog_find(&a.catalog, "soctrang-mo-hinh", today, &k, NULL), 0);
    assert_int_equal(catalog_criteria(&a.catalog, k, NULL, NULL), 0);
    for (size_t i = 0; i < COUNT(want); i++) {
        const struct unit_fact *f = units_by_code(a.catalog.units, want[i].code, today);
        instant due = INSTANT_NONE;
        bool expected = expected_of(&a.catalog, k, campaign_report(&k->c, REPORT_RESULT),
                                    &k->c.periods[0], &f->id, today, &due);
        if (expected != want[i].expected)
            fail_msg("%s: expected %d", want[i].code, expected);
        if (expected && takes_k2(k, f) != want[i].takes_part)
            fail_msg("%s: K2 is wrong", want[i].code);
        if (expected)
            assert_int_equal(due, hub_world_at("2023-10-30T00:00:00+07:00"));
    }
    actor_abort(&a, t);
    actor_close(&a);
    hub_world_done(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_001_to_003_have_each_of_their_criteria_with_whom_it_asks),
        cmocka_unit_test(the_leaves_of_each_plan_are_counted),
        cmocka_unit_test(plan_733_is_what_plans_000_and_002_share),
        cmocka_unit_test(a_due_instant_of_every_kind_is_the_one_counted_by_hand),
        cmocka_unit_test(plan_001_has_its_readers_references_and_errata),
        cmocka_unit_test(plan_002_has_its_ladder_of_awards_and_warns_of_one_rung),
        cmocka_unit_test(plan_003_has_its_aims_form_and_life_of_a_model),
        cmocka_unit_test(plan_004_has_its_milestones_parents_routes_and_its_section),
        cmocka_unit_test(every_profile_fits_its_campaign_and_points_come_to_a_hundred),
        cmocka_unit_test(nothing_is_shipped_that_is_not_tested_and_described),
        cmocka_unit_test(everything_issues_in_order_and_what_is_reconstructed_says_so),
        cmocka_unit_test(only_units_that_take_part_are_asked_for_the_indices),
    };
    return cmocka_run_group_tests(tests, load_all, free_all);
}
