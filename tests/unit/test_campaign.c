#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/campaign.h"
#include "core/limits.h"
#include "core/mem.h"

#include <string.h>

static void *zeroed(size_t n, size_t size) {
    void *p = mem_zalloc(n, size);
    assert_non_null(p);
    return p;
}

static char *copy(const char *s) {
    char *p = mem_strdup(s);
    assert_non_null(p);
    return p;
}

static void set(char **field, const char *s) {
    mem_free(*field);
    *field = copy(s);
}

static struct criterion criterion(const char *id, const char *parent, bool leaf) {
    struct criterion c = {.id = copy(id), .parent = copy(parent), .leaf = leaf, .collective = true};
    c.label.vi = copy("Tiêu chí");
    c.label.en = copy("");
    c.unit_of_measure = copy("");
    return c;
}

/* A small sound campaign that uses every list whose contents refer to something. */
static struct campaign sound(void) {
    struct campaign c = {.id = copy("vhcs-2023"), .version = 1, .profile = copy("met")};
    c.title.vi = copy("Thi đua thực hiện văn hoá công sở");
    c.n_periods = 2;
    c.periods = zeroed(2, sizeof *c.periods);
    for (int i = 0; i < 2; i++) {
        c.periods[i].id = copy(i == 0 ? "2023" : "2023-H1");
        (void)day_from_ymd(2023, 1, 1, &c.periods[i].begin);
        (void)day_from_ymd(2023, i == 0 ? 12 : 6, 30, &c.periods[i].end);
        c.periods[i].cutoff = c.periods[i].end;
    }
    c.n_reports = 2;
    c.reports = zeroed(2, sizeof *c.reports);
    c.reports[0].kind = REPORT_NOMINATION;
    c.reports[1].kind = REPORT_ANNUAL;
    c.reports[1].is_default = true;
    c.reports[1].n_due = 1;
    c.reports[1].due = zeroed(1, sizeof *c.reports[1].due);
    *c.reports[1].due = (struct due_rule){.level = copy(""), .year = 2023, .month = 12, .day = 15};
    c.reports[1].n_expected = 1;
    c.reports[1].expected = zeroed(1, sizeof *c.reports[1].expected);
    *c.reports[1].expected =
        (struct selection){.condition = copy("takes_part"), .from = DAY_NONE, .until = DAY_NONE};
    c.n_criteria = 4;
    c.criteria = zeroed(4, sizeof *c.criteria);
    c.criteria[0] = criterion("C1", "", false);
    c.criteria[1] = criterion("C1.1", "C1", true);
    c.criteria[2] = criterion("C1.2", "C1", true);
    c.criteria[3] = criterion("C3", "", true);
    c.criteria[1].applies.n_attributes = 1;
    c.criteria[1].applies.attributes = zeroed(1, sizeof(char *));
    c.criteria[1].applies.attributes[0] = copy("leader");
    c.criteria[2].test = TEST_GT;
    c.criteria[2].threshold = 8500;
    c.n_awards = 1;
    c.awards = zeroed(1, sizeof *c.awards);
    *c.awards = (struct award){.id = copy("giay-khen"), .from = DAY_NONE, .until = DAY_NONE};
    c.awards->label.vi = copy("Giấy khen");
    c.n_quotas = 1;
    c.quotas = zeroed(1, sizeof *c.quotas);
    *c.quotas = (struct quota){.id = copy("q"), .award = copy("giay-khen"), .amount = 2};
    c.n_milestones = 1;
    c.milestones = zeroed(1, sizeof *c.milestones);
    *c.milestones =
        (struct milestone){.id = copy("so-ket"), .precision = MILESTONE_YEAR, .year = 2022};
    c.milestones->label.vi = copy("Sơ kết");
    c.n_unit_attributes = 1;
    c.unit_attributes = zeroed(1, sizeof *c.unit_attributes);
    c.unit_attributes->id = copy("takes_part");
    c.unit_attributes->label.vi = copy("Tham gia chỉ số");
    c.n_comparators = 1;
    c.comparators = zeroed(1, sizeof *c.comparators);
    *c.comparators = (struct comparator){.field = BY_CRITERION, .criterion = copy("C3")};
    c.n_individuals = 1;
    c.individuals = zeroed(1, sizeof *c.individuals);
    c.individuals->id = copy("cong-chuc");
    c.n_parents = 1;
    c.parents = zeroed(1, sizeof *c.parents);
    *c.parents = (struct campaign_parent){.id = copy("733"), .reference = copy("733/QĐ-TTg")};
    return c;
}

static void no_id(struct campaign *c) {
    set(&c->id, "");
}
static void slash(struct campaign *c) {
    set(&c->id, "a/b");
}
static void nfd(struct campaign *c) {
    set(&c->title.vi, "Thi \xc4\x91ua u\xcc\x81");
}
static void long_name(struct campaign *c) {
    mem_free(c->title.vi);
    c->title.vi = zeroed(LIMIT_NAME + 2, 1);
    memset(c->title.vi, 'x', LIMIT_NAME + 1);
}
static void no_title(struct campaign *c) {
    set(&c->title.vi, "");
}
static void silent_amendment(struct campaign *c) {
    c->version = 2;
}
static void own_parent(struct campaign *c) {
    set(&c->parents[0].id, "vhcs-2023");
}
static void bad_period(struct campaign *c) {
    set(&c->periods[1].id, "2023-H3");
}
static void period_twice(struct campaign *c) {
    set(&c->periods[1].id, "2023");
}
static void period_backwards(struct campaign *c) {
    c->periods[0].end = c->periods[0].begin - 1;
}
static void period_without_day(struct campaign *c) {
    c->periods[0].cutoff = DAY_NONE;
}
static void no_such_date(struct campaign *c) {
    c->reports[1].due->day = 31;
    c->reports[1].due->month = 11;
}
static void yearly_leap_day(struct campaign *c) {
    *c->reports[1].due = (struct due_rule){
        .level = c->reports[1].due->level, .recurrence = DUE_YEARLY, .month = 2, .day = 29};
}
static void yearly_with_year(struct campaign *c) {
    c->reports[1].due->recurrence = DUE_YEARLY;
}
static void undated_with_date(struct campaign *c) {
    c->reports[1].due->recurrence = DUE_UNDATED;
}
static void two_defaults(struct campaign *c) {
    c->reports[0].is_default = true;
}
static void kind_twice(struct campaign *c) {
    c->reports[0].kind = REPORT_ANNUAL;
}
static void penalty_nowhere(struct campaign *c) {
    c->reports[0].late_penalty = 100;
}
static void condition_unknown(struct campaign *c) {
    set(&c->reports[1].expected->condition, "elsewhere");
}
static void criterion_twice(struct campaign *c) {
    set(&c->criteria[2].id, "C1.1");
}
static void parent_unknown(struct campaign *c) {
    set(&c->criteria[3].parent, "C9");
}
static void parent_cycle(struct campaign *c) {
    c->criteria[3].leaf = false;
    set(&c->criteria[3].parent, "C1");
    set(&c->criteria[0].parent, "C3");
}
static void parent_leaf(struct campaign *c) {
    set(&c->criteria[3].parent, "C1.2");
}
static void about_nobody(struct campaign *c) {
    c->criteria[3].collective = false;
}
static void attribute_unknown(struct campaign *c) {
    set(&c->criteria[1].applies.attributes[0], "tall");
}
static void threshold_blank_and_given(struct campaign *c) {
    c->criteria[2].threshold_unknown = true;
}
static void test_on_heading(struct campaign *c) {
    c->criteria[0].test = TEST_GE;
}
static void award_unknown(struct campaign *c) {
    set(&c->quotas[0].award, "huan-chuong");
}
static void base_unknown(struct campaign *c) {
    c->quotas[0].is_percentage = true;
    c->quotas[0].base = copy("everybody");
}
static void over_hundred_percent(struct campaign *c) {
    c->quotas[0].is_percentage = true;
    c->quotas[0].amount = 10001;
}
static void year_with_month(struct campaign *c) {
    c->milestones[0].month = 5;
}
static void comparator_heading(struct campaign *c) {
    set(&c->comparators[0].criterion, "C1");
}
static void comparator_unknown(struct campaign *c) {
    set(&c->comparators[0].criterion, "C77");
}
static void class_unknown(struct campaign *c) {
    struct applicability *a = &c->criteria[1].applies;
    a->n_classes = 1;
    a->classes = zeroed(1, sizeof(char *));
    a->classes[0] = copy("ap");
}
static void unchanged(struct campaign *c) {
    (void)c;
}
static void inherited_parent(struct campaign *c) {
    c->parents[0].inherit = INHERIT_CRITERIA;
    parent_unknown(c);
}

static void what_is_wrong_is_named_by_its_key_path(void **state) {
    (void)state;
    static const struct {
        const char *name;
        void (*input)(struct campaign *c);
        const char *want; /* NULL: accepted */
    } cases[] = {
        {"sound", unchanged, NULL},
        {"29 February of every year", yearly_leap_day, NULL},
        {"a parent that may be inherited", inherited_parent, NULL},
        {"no id", no_id, "id: nothing is given"},
        {"slash in an id", slash, "id: “a/b” is not a code"},
        {"not NFC", nfd, "title.vi: "},
        {"name too long", long_name, "title.vi: the text has 257 bytes, at most 256"},
        {"no title", no_title, "title: no name"},
        {"amendment that says nothing", silent_amendment, "version: version 2 amends"},
        {"its own parent", own_parent, "parents[1].id: campaign vhcs-2023 cannot be"},
        {"third half of a year", bad_period, "periods[2].id: “2023-H3” is no period"},
        {"period twice", period_twice, "periods[2]: “2023” stands here a second time"},
        {"period backwards", period_backwards, "periods[1].end: period 2023 ends"},
        {"period without a day", period_without_day, "periods[1].cutoff: no day"},
        {"31 November", no_such_date, "reports[2].due[1].date: there is no date 31/11/2023"},
        {"yearly with a year", yearly_with_year, "reports[2].due[1].date: there is no date"},
        {"undated with a date", undated_with_date, "reports[2].due[1].date: this recurrence"},
        {"two defaults", two_defaults, "reports[2].kind: "},
        {"kind twice", kind_twice, "reports[2].kind: kind annual"},
        {"penalty that is not asked for", penalty_nowhere, "reports[1].late_penalty: 100"},
        {"unknown condition", condition_unknown,
         "reports[2].expected[1].condition: no unit attribute is called “elsewhere”"},
        {"criterion twice", criterion_twice, "criteria[3]: “C1.1” stands here a second time"},
        {"unknown parent", parent_unknown,
         "criteria[4].parent: criterion C3 lies below “C9”, which is not there"},
        {"cycle", parent_cycle, "criteria[1].parent: criterion C1 comes to lie below itself"},
        {"leaf with a child", parent_leaf,
         "criteria[4].parent: criterion C3 lies below C1.2, which takes values"},
        {"about nobody", about_nobody, "criteria[4].subjects: "},
        {"unknown attribute", attribute_unknown, "criteria[2].attributes: "},
        {"threshold blank and given", threshold_blank_and_given, "criteria[3].threshold: 8500"},
        {"test on a heading", test_on_heading, "criteria[1].test: "},
        {"unknown award", award_unknown, "quotas[1].award: no award is called “huan-chuong”"},
        {"percentage of nothing", base_unknown, "quotas[1].base: a percentage of “everybody”"},
        {"more than all", over_hundred_percent, "quotas[1].amount: 10001"},
        {"year with a month", year_with_month, "milestones[1].month: 5"},
        {"comparing by a heading", comparator_heading, "tie_breakers[1].criterion: “C1”"},
        {"comparing by nothing", comparator_unknown, "tie_breakers[1].criterion: “C77”"},
        {"unknown class", class_unknown, "criteria[2].classes: no class"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct campaign c = sound();
        struct err e = {0};
        char text[600];
        cases[i].input(&c);
        int rc = campaign_check(&c, &e);
        err_text(&e, NULL, text, sizeof text);
        if (cases[i].want ? rc != ERR_REFUSED || strncmp(text, cases[i].want, strlen(cases[i].want))
                          : rc != 0)
            fail_msg("%s: %d %s", cases[i].name, rc, text);
        campaign_done(&c);
    }
    struct campaign c = sound();
    uint32_t n = c.n_criteria;
    c.n_criteria = LIMIT_CRITERIA + 1;
    assert_int_equal(campaign_check(&c, NULL), ERR_REFUSED);
    c.n_criteria = n;
    campaign_done(&c);
}

static void a_campaign_cut_short_while_it_was_filled_is_freed(void **state) {
    (void)state;
    struct campaign c = {.n_periods = 3, .n_reports = 2, .n_criteria = 2, .n_forms = 1};
    c.reports = zeroed(2, sizeof *c.reports);
    c.reports[0].n_due = 4;
    c.reports[1].n_expected = 1;
    c.reports[1].expected = zeroed(1, sizeof *c.reports[1].expected);
    c.reports[1].expected->n_levels = 3;
    c.forms = zeroed(1, sizeof *c.forms);
    c.forms->n_fields = 9;
    c.criteria = zeroed(2, sizeof *c.criteria);
    c.criteria[0].id = copy("C1");
    c.criteria[1].applies.n_classes = 2;
    campaign_done(&c);
    assert_int_equal(c.n_reports, 0);
    campaign_done(&c);
    campaign_done(NULL);
}

/* Campaigns by the first byte of their record. */
struct shelf {
    const struct campaign *by[8];
};

static const struct campaign *from_shelf(void *arg, const struct hash *record) {
    const struct shelf *s = arg;
    return record->b[0] < 8 ? s->by[record->b[0]] : NULL;
}

static struct campaign bare(const char *id, uint32_t n, const char *const *ids) {
    struct campaign c = {.id = copy(id), .version = 1, .n_criteria = n};
    c.title.vi = copy(id);
    c.criteria = zeroed(n, sizeof *c.criteria);
    for (uint32_t i = 0; i < n; i++)
        c.criteria[i] = criterion(ids[i], "", true);
    return c;
}

static void inherit_from(struct campaign *c, uint8_t a, uint8_t b) {
    c->n_parents = b ? 2 : 1;
    c->parents = zeroed(2, sizeof *c->parents);
    for (uint32_t i = 0; i < c->n_parents; i++) {
        c->parents[i].id = copy("parent");
        c->parents[i].reference = copy("733/QĐ-TTg");
        c->parents[i].inherit = INHERIT_CRITERIA;
        c->parents[i].record.b[0] = i == 0 ? a : b;
    }
}

static void own_criteria_take_the_place_of_inherited_ones(void **state) {
    (void)state;
    static const char *const top[] = {"A", "B"}, *const one[] = {"C"}, *const two[] = {"D", "A"},
                             *const own[] = {"B", "E"};
    struct campaign grand = bare("grand", 2, top), left = bare("left", 1, one);
    struct campaign right = bare("right", 2, two), c = bare("own", 2, own);
    grand.reconstructed = true;
    inherit_from(&left, 1, 0);
    inherit_from(&right, 1, 0);
    inherit_from(&c, 2, 3);
    struct shelf shelf = {{NULL, &grand, &left, &right}};
    struct criteria r;
    struct err e = {0};
    assert_int_equal(criteria_resolve(&c, from_shelf, &shelf, &r, &e), 0);
    static const char *const want[] = {"A", "B", "C", "D", "E"};
    assert_int_equal(r.n, 5);
    for (int i = 0; i < 5; i++)
        assert_string_equal(r.all[i]->id, want[i]);
    assert_ptr_equal(r.all[0], &right.criteria[1]);
    assert_ptr_equal(r.all[1], &c.criteria[0]);
    assert_true(r.reconstructed);
    assert_int_equal(criteria_leaf(&r, "E"), 4);
    assert_int_equal(criteria_leaf(&r, "F"), -1);
    criteria_done(&r);
    campaign_done(&grand);
    campaign_done(&left);
    campaign_done(&right);
    campaign_done(&c);
}

static void a_parent_that_is_not_at_hand_or_comes_round_again_is_told(void **state) {
    (void)state;
    static const char *const ids[] = {"A"};
    struct campaign a = bare("a", 1, ids), b = bare("b", 1, ids);
    inherit_from(&a, 2, 0);
    inherit_from(&b, 1, 0);
    struct shelf none = {{NULL}}, round = {{NULL, &a, &b}};
    struct criteria r = {.n = 77};
    struct err e = {0};
    char text[600];
    assert_int_equal(criteria_resolve(&a, from_shelf, &none, &r, &e), ERR_ABSENT);
    assert_string_equal(err_text(&e, NULL, text, sizeof text),
                        "parents[1]: campaign a inherits its criteria from parent (733/QĐ-TTg), "
                        "which is not at hand; issue or fetch that one first");
    err_clear(&e);
    assert_int_equal(criteria_resolve(&a, from_shelf, &round, &r, &e), ERR_REFUSED);
    assert_non_null(strstr(err_text(&e, NULL, text, sizeof text), "inherit from itself"));
    assert_int_equal(r.n, 77);
    a.parents[0].inherit = INHERIT_NONE;
    assert_int_equal(criteria_resolve(&a, from_shelf, &none, &r, NULL), 0);
    criteria_done(&r);
    campaign_done(&a);
    campaign_done(&b);
}

static void what_is_inherited_must_fit_what_is_own(void **state) {
    (void)state;
    static const char *const top[] = {"A"}, *const own[] = {"B"};
    struct campaign parent = bare("parent", 1, top), c = bare("own", 1, own);
    inherit_from(&c, 1, 0);
    set(&c.criteria[0].parent, "A");
    struct shelf shelf = {{NULL, &parent}};
    struct criteria r;
    struct err e = {0};
    char text[600];
    assert_int_equal(campaign_check(&c, &e), 0);
    assert_int_equal(criteria_resolve(&c, from_shelf, &shelf, &r, &e), ERR_REFUSED);
    assert_non_null(strstr(err_text(&e, NULL, text, sizeof text), "takes values itself"));
    parent.criteria[0].leaf = false;
    assert_int_equal(criteria_resolve(&c, from_shelf, &shelf, &r, NULL), 0);
    assert_int_equal(r.n_leaves, 1);
    criteria_done(&r);
    struct applicability *asks = &parent.criteria[0].applies;
    asks->n_unit_attributes = 1;
    asks->unit_attributes = zeroed(1, sizeof(char *));
    asks->unit_attributes[0] = copy("takes_part");
    assert_int_equal(criteria_resolve(&c, from_shelf, &shelf, &r, NULL), ERR_REFUSED);
    campaign_done(&parent);
    campaign_done(&c);
}

static void without_memory_nothing_is_resolved_and_nothing_leaks(void **state) {
    (void)state;
    struct campaign c = sound();
    struct criteria r = {.n = 77};
    for (long n = 0;; n++) {
        mem_fail_at(n);
        int rc = campaign_check(&c, NULL);
        if (rc == 0)
            rc = criteria_resolve(&c, from_shelf, NULL, &r, NULL);
        mem_fail_at(-1);
        if (rc == 0) {
            assert_true(n >= 3);
            break;
        }
        assert_int_equal(rc, ERR_NOMEM);
        assert_int_equal(r.n, 77);
    }
    criteria_done(&r);
    campaign_done(&c);
}

static void kinds_are_read_in_both_languages_and_any_case(void **state) {
    (void)state;
    static const struct {
        const char *input;
        enum report_kind want;
    } cases[] = {
        {"Hằng năm", REPORT_ANNUAL},
        {"HÀNG NĂM", REPORT_ANNUAL},
        {"năm", REPORT_ANNUAL},
        {"Báo cáo năm", REPORT_ANNUAL},
        {"báo cáo sơ kết", REPORT_INTERIM},
        {"So\u031b ke\u0302\u0301t", REPORT_INTERIM},
        {"Tổng kết", REPORT_FINAL},
        {"đăng ký", REPORT_REGISTRATION},
        {"đề nghị khen thưởng", REPORT_NOMINATION},
        {"kết quả", REPORT_RESULT},
        {"phần báo cáo", REPORT_SECTION},
        {"so ket", 0},
        {"", 0},
        {"annually", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (report_kind_parse(cases[i].input) != cases[i].want)
            fail_msg("%s", cases[i].input);
    for (enum report_kind kind = REPORT_ANNUAL; kind <= REPORT_KINDS; kind++)
        assert_int_equal(report_kind_parse(report_kind_text(kind)), kind);
    assert_null(report_kind_text(0));
    assert_int_equal(subject_kind_parse("tập thể"), SUBJECT_COLLECTIVE);
    assert_int_equal(subject_kind_parse("CÁ NHÂN"), SUBJECT_INDIVIDUAL);
    assert_string_equal(subject_kind_text(SUBJECT_INDIVIDUAL), "individual");
}

static void the_default_report_is_the_marked_one_else_the_first(void **state) {
    (void)state;
    struct campaign c = sound();
    assert_int_equal(campaign_default_report(&c)->kind, REPORT_ANNUAL);
    c.reports[1].is_default = false;
    assert_int_equal(campaign_default_report(&c)->kind, REPORT_NOMINATION);
    assert_null(campaign_report(&c, REPORT_FINAL));
    assert_string_equal(campaign_period(&c, "2023-H1")->id, "2023-H1");
    assert_null(campaign_period(&c, "2024"));
    assert_false(campaign_is_template(&c));
    campaign_done(&c);
    assert_true(campaign_is_template(&c));
    assert_null(campaign_default_report(&c));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_is_named_by_its_key_path),
        cmocka_unit_test(a_campaign_cut_short_while_it_was_filled_is_freed),
        cmocka_unit_test(own_criteria_take_the_place_of_inherited_ones),
        cmocka_unit_test(a_parent_that_is_not_at_hand_or_comes_round_again_is_told),
        cmocka_unit_test(what_is_inherited_must_fit_what_is_own),
        cmocka_unit_test(without_memory_nothing_is_resolved_and_nothing_leaks),
        cmocka_unit_test(kinds_are_read_in_both_languages_and_any_case),
        cmocka_unit_test(the_default_report_is_the_marked_one_else_the_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
