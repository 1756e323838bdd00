#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/limits.h"
#include "core/mem.h"
#include "proto/payload_campaign.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* A campaign in which every member differs from its default. */

static char *levels[] = {"commune"}, *kinds[] = {"state", "police"}, *unit_groups[] = {"cum-1"};
static char *attributes[] = {"leader"}, *classes[] = {"can-bo"}, *has[] = {"takes-part"};
static char *references[] = {"i1"};
static char *group_classes[] = {"can-bo"};
static struct uid units[] = {{{1, 2, 3}}, {{255}}};

static struct due_rule due[] = {
    {"commune", DUE_ONCE, 2024, 2, 29, 0, true, ROLL_NEXT},
    {"district", DUE_YEARLY, 0, 10, 30, 0, false, ROLL_PREVIOUS},
    {"", DUE_PERIOD_END, 0, 0, 0, 10, true, ROLL_NONE},
};
static struct selection expected[] = {{
    .n_levels = 1,
    .n_kinds = 2,
    .n_groups = 1,
    .n_include = 2,
    .n_exclude = 1,
    .levels = levels,
    .kinds = kinds,
    .groups = unit_groups,
    .include = units,
    .exclude = units,
    .condition = "takes-part",
    .from = -1,
    .until = 20000,
}};
static struct report_rule reports[] = {{
                                           REPORT_RESULT,
                                           true,
                                           BASIS_ROOT,
                                           true,
                                           LATE_PENALTY,
                                           250,
                                           7,
                                           3,
                                           due,
                                           1,
                                           expected,
                                           true,
                                           "Báo cáo chung",
                                           REPORT_REGISTRATION,
                                       },
                                       {.kind = REPORT_REGISTRATION}};
static struct campaign_parent parents[] = {{"p", "31", "1/KH", INHERIT_CRITERIA, {{9, 8, 7}}}};
static struct period periods[] = {{"2023", 19358, 19722, 19700}};
static struct criterion criteria[] = {
    {.id = "K", .label = {"Chung", "All"}, .collective = true, .individual = true},
    {
        .id = "K1",
        .parent = "K",
        .leaf = true,
        .collective = true,
        .individual = true,
        .label = {"Một", "One"},
        .applies = {1, 1, 1, attributes, classes, has},
        .test = TEST_GT,
        .threshold = 8500,
        .unit_of_measure = "%",
        .is_aim = true,
        .source_line = 12,
        .n_references = 1,
        .references = references,
    },
    {
        .id = "K2",
        .parent = "K",
        .leaf = true,
        .individual = true,
        .label = {"Hai", ""},
        .test = TEST_GE,
        .threshold_unknown = true,
    },
};
static struct milestone milestones[] = {
    {"m1", {"Sơ kết", "Interim"}, MILESTONE_YEAR, 2022, 0, 0, true},
    {"m2", {"Tổng kết", "Final"}, MILESTONE_DAY, 2025, 12, 31, false},
};
static struct award awards[] = {{"a1",
                                 {"Giấy khen", "Merit"},
                                 "yearly",
                                 "commune_chair",
                                 0,
                                 20000,
                                 "Ghi chú",
                                 "Mô hình mới đi trước",
                                 UPKEEP_FROM_LAUNCH}};
static struct quota quotas[] = {{"q1", "a1", SUBJECT_INDIVIDUAL, QUOTA_UNIT, QUOTA_BLOCK, true,
                                 1500, "subjects", ROUND_HALF_UP}};
static struct item items[] = {{"i1", "follower", "Nội vụ", {"Theo dõi", "Follows"}, "Dòng\nhai"}};
static struct item individuals[] = {{"can-bo", "", "", {"Cán bộ", "Official"}, ""}};
static struct form_field fields[] = {{"f1", {"Tên", "Name"}, true}};
static struct form forms[] = {{"form1", REPORT_REGISTRATION, {"Mẫu", "Form"}, 1, fields}};
static struct peer_group groups[] = {
    {"g1", {"Cụm", "Cluster"}, SUBJECT_INDIVIDUAL, 0, 1, NULL, group_classes},
    {"g2", {"Khối", "Block"}, SUBJECT_ANY, 2, 0, units, NULL},
};
static struct unit_attribute unit_attributes[] = {
    {"takes-part", {"Tham gia", "Takes part"}, 2, 2, units, kinds}};
static struct comparator comparators[] = {{BY_CRITERION, "K1", true}, {BY_MET, "", false}};

static struct campaign full(void) {
    return (struct campaign){
        .id = "c",
        .version = 2,
        .amended_on = "1/6/2023",
        .amended_why = "Sửa hạn",
        .title = {"Thi đua", "Emulation"},
        .issuer_name = "UBND",
        .document = "2/KH",
        .issuer_is_council = true,
        .reconstructed = true,
        .confidence = CONFIDENCE_LOW,
        .profile = "c-points",
        .funding = "Ngân sách",
        .n_parents = COUNT(parents),
        .parents = parents,
        .n_periods = COUNT(periods),
        .periods = periods,
        .n_reports = COUNT(reports),
        .reports = reports,
        .n_criteria = COUNT(criteria),
        .criteria = criteria,
        .n_milestones = COUNT(milestones),
        .milestones = milestones,
        .n_awards = COUNT(awards),
        .awards = awards,
        .n_quotas = COUNT(quotas),
        .quotas = quotas,
        .n_dossier = 1,
        .dossier = items,
        .n_recipients = 1,
        .recipients = items,
        .n_routes = 1,
        .routes = items,
        .n_roles = 1,
        .roles = items,
        .n_sources = 1,
        .sources = items,
        .n_errata = 1,
        .errata = items,
        .n_forms = COUNT(forms),
        .forms = forms,
        .n_groups = COUNT(groups),
        .groups = groups,
        .n_unit_attributes = COUNT(unit_attributes),
        .unit_attributes = unit_attributes,
        .n_comparators = COUNT(comparators),
        .comparators = comparators,
        .n_collectives = 1,
        .collectives = items,
        .n_individuals = 1,
        .individuals = individuals,
    };
}

static void encoded(struct buf *b) {
    struct campaign c = full();
    struct err e = {0};
    char why[512];
    buf_init(b);
    if (campaign_encode(&c, b, &e))
        fail_msg("%s", err_text(&e, NULL, why, sizeof why));
}

#define SAME_TEXT(m) assert_string_equal(a->m ? a->m : "", b->m)
#define SAME(m) assert_int_equal(a->m, b->m)
#define SAME_LABEL(m)                                                                              \
    do {                                                                                           \
        SAME_TEXT(m.vi);                                                                           \
        SAME_TEXT(m.en);                                                                           \
    } while (0)
#define SAME_TEXTS(m)                                                                              \
    do {                                                                                           \
        SAME(n_##m);                                                                               \
        for (uint32_t t = 0; t < a->n_##m; t++)                                                    \
            SAME_TEXT(m[t]);                                                                       \
    } while (0)
#define SAME_UNITS(m)                                                                              \
    do {                                                                                           \
        SAME(n_##m);                                                                               \
        for (uint32_t u = 0; u < a->n_##m; u++)                                                    \
            assert_true(uid_equal(&a->m[u], &b->m[u]));                                            \
    } while (0)

static void same_report(const struct report_rule *a, const struct report_rule *b) {
    SAME(kind), SAME(is_default), SAME(basis), SAME(allow_incomplete), SAME(late);
    SAME(late_penalty), SAME(return_days), SAME(embedded), SAME(needs), SAME(n_due),
        SAME(n_expected);
    SAME_TEXT(embedded_in);
    for (uint32_t i = 0; i < a->n_due; i++) {
        SAME_TEXT(due[i].level);
        SAME(due[i].recurrence), SAME(due[i].year), SAME(due[i].month), SAME(due[i].day);
        SAME(due[i].days_after), SAME(due[i].inclusive), SAME(due[i].roll);
    }
}

static void same_selection(const struct selection *a, const struct selection *b) {
    SAME_TEXTS(levels);
    SAME_TEXTS(kinds);
    SAME_TEXTS(groups);
    SAME_UNITS(include);
    SAME_UNITS(exclude);
    SAME_TEXT(condition);
    SAME(from), SAME(until);
}

static void same_criterion(const struct criterion *a, const struct criterion *b) {
    SAME_TEXT(id);
    SAME_TEXT(parent);
    SAME(leaf), SAME(collective), SAME(individual), SAME(test), SAME(threshold_unknown);
    SAME(threshold), SAME(is_aim), SAME(source_line);
    SAME_LABEL(label);
    SAME_TEXT(unit_of_measure);
    SAME_TEXTS(references);
    SAME(applies.n_attributes), SAME(applies.n_classes), SAME(applies.n_unit_attributes);
    if (a->applies.n_attributes) {
        SAME_TEXT(applies.attributes[0]);
        SAME_TEXT(applies.classes[0]);
        SAME_TEXT(applies.unit_attributes[0]);
    }
}

static void same_item(const struct item *a, const struct item *b) {
    SAME_TEXT(id);
    SAME_TEXT(role);
    SAME_TEXT(whom);
    SAME_TEXT(text);
    SAME_LABEL(label);
}

static void same_awards(const struct campaign *a, const struct campaign *b) {
    SAME_TEXT(awards[0].id);
    SAME_LABEL(awards[0].label);
    SAME_TEXT(awards[0].occasion);
    SAME_TEXT(awards[0].authority);
    SAME_TEXT(awards[0].note);
    SAME_TEXT(awards[0].condition);
    SAME(awards[0].upkeep);
    SAME(awards[0].from), SAME(awards[0].until);
    SAME_TEXT(quotas[0].id);
    SAME_TEXT(quotas[0].award);
    SAME_TEXT(quotas[0].base);
    SAME(quotas[0].subjects), SAME(quotas[0].scope), SAME(quotas[0].mode);
    SAME(quotas[0].is_percentage), SAME(quotas[0].amount), SAME(quotas[0].rounding);
    for (uint32_t i = 0; i < a->n_milestones; i++) {
        SAME_TEXT(milestones[i].id);
        SAME_LABEL(milestones[i].label);
        SAME(milestones[i].precision), SAME(milestones[i].year), SAME(milestones[i].month);
        SAME(milestones[i].day), SAME(milestones[i].missing_after);
    }
}

static void same_group(const struct peer_group *a, const struct peer_group *b) {
    SAME_TEXT(id);
    SAME_LABEL(label);
    SAME(subjects);
    SAME_UNITS(units);
    SAME_TEXTS(classes);
}

static void same_attribute(const struct unit_attribute *a, const struct unit_attribute *b) {
    SAME_TEXT(id);
    SAME_LABEL(label);
    SAME_UNITS(units);
    SAME_TEXTS(kinds);
}

static void same_forms(const struct campaign *a, const struct campaign *b) {
    SAME_TEXT(forms[0].id);
    SAME(forms[0].kind), SAME(forms[0].n_fields);
    SAME_LABEL(forms[0].label);
    SAME_TEXT(forms[0].fields[0].id);
    SAME_LABEL(forms[0].fields[0].label);
    SAME(forms[0].fields[0].required);
    for (uint32_t i = 0; i < a->n_comparators; i++) {
        SAME(comparators[i].field), SAME(comparators[i].ascending);
        SAME_TEXT(comparators[i].criterion);
    }
}

static void same_head(const struct campaign *a, const struct campaign *b) {
    SAME_TEXT(id);
    SAME_TEXT(amended_on);
    SAME_TEXT(amended_why);
    SAME_LABEL(title);
    SAME_TEXT(issuer_name);
    SAME_TEXT(document);
    SAME_TEXT(profile);
    SAME_TEXT(funding);
    SAME(version), SAME(issuer_is_council), SAME(reconstructed), SAME(confidence);
    SAME(n_parents), SAME(n_periods), SAME(n_reports), SAME(n_criteria), SAME(n_milestones);
    SAME(n_awards), SAME(n_quotas), SAME(n_dossier), SAME(n_recipients), SAME(n_routes);
    SAME(n_roles), SAME(n_sources), SAME(n_errata), SAME(n_forms), SAME(n_groups);
    SAME(n_unit_attributes), SAME(n_comparators), SAME(n_collectives), SAME(n_individuals);
    SAME_TEXT(parents[0].id);
    SAME_TEXT(parents[0].issuer);
    SAME_TEXT(parents[0].reference);
    SAME(parents[0].inherit);
    assert_true(hash_equal(&a->parents[0].record, &b->parents[0].record));
    SAME_TEXT(periods[0].id);
    SAME(periods[0].begin), SAME(periods[0].end), SAME(periods[0].cutoff);
}

static void every_member_arrives_as_it_left(void **state) {
    (void)state;
    struct campaign c = full(), back;
    struct buf b;
    struct err e = {0};
    encoded(&b);
    assert_int_equal(campaign_decode(buf_slice(&b), &back, &e), 0);
    same_head(&c, &back);
    same_report(c.reports, back.reports);
    same_selection(c.reports->expected, back.reports->expected);
    for (uint32_t i = 0; i < c.n_criteria; i++)
        same_criterion(&c.criteria[i], &back.criteria[i]);
    for (uint32_t i = 0; i < c.n_groups; i++)
        same_group(&c.groups[i], &back.groups[i]);
    same_attribute(c.unit_attributes, back.unit_attributes);
    same_awards(&c, &back);
    same_forms(&c, &back);
    same_item(items, back.dossier), same_item(items, back.recipients);
    same_item(items, back.routes), same_item(items, back.roles);
    same_item(items, back.sources), same_item(items, back.errata);
    same_item(items, back.collectives), same_item(individuals, back.individuals);
    campaign_done(&back);
    buf_done(&b);
}

static void one_campaign_is_always_the_same_bytes_and_unknown_fields_are_ignored(void **state) {
    (void)state;
    struct buf once, twice;
    struct campaign back;
    struct err e = {0};
    encoded(&once);
    buf_put(&once, "\xf8\x3f\x01", 3); /* field 1023, a varint */
    assert_int_equal(campaign_decode(buf_slice(&once), &back, &e), 0);
    once.len -= 3;
    buf_init(&twice);
    assert_int_equal(campaign_encode(&back, &twice, &e), 0);
    assert_true(slice_equal(buf_slice(&once), buf_slice(&twice)));
    campaign_done(&back);
    buf_done(&once);
    buf_done(&twice);
}

/* Whatever comes out is a campaign that passes its own check, or an error. */
static void decode_any(struct slice bytes) {
    struct campaign c;
    struct err e = {0};
    if (campaign_decode(bytes, &c, &e)) {
        assert_true(e.code == ERR_REFUSED || e.code == ERR_CORRUPT);
        return;
    }
    assert_int_equal(campaign_check(&c, &e), 0);
    campaign_done(&c);
}

static void no_truncation_and_no_flipped_bit_does_harm(void **state) {
    (void)state;
    struct buf b;
    encoded(&b);
    for (size_t n = 0; n < b.len; n++)
        decode_any(slice_of(b.data, n));
    for (size_t i = 0; i < b.len * 8; i++) {
        b.data[i / 8] ^= (uint8_t)(1u << i % 8);
        decode_any(buf_slice(&b));
        b.data[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    buf_done(&b);
}

static void small_bytes_cannot_ask_for_much_memory(void **state) {
    (void)state;
    struct buf b;
    struct campaign c;
    struct err e = {0};
    buf_init(&b);
    for (int i = 0; i < 400000; i++)
        buf_put(&b, "\x7a\x00", 2); /* an empty report rule */
    assert_true(campaign_decode(buf_slice(&b), &c, &e) != 0);
    err_clear(&e);
    assert_non_null(buf_extend(&b, LIMIT_PAYLOAD));
    assert_int_equal(campaign_decode(buf_slice(&b), &c, &e), ERR_REFUSED);
    buf_done(&b);
}

static void what_passes_a_bound_is_refused_and_leaves_the_buffer_alone(void **state) {
    (void)state;
    char *long_name = mem_zalloc(LIMIT_NAME + 2, 1);
    assert_non_null(long_name);
    memset(long_name, 'x', LIMIT_NAME + 1);
    const struct {
        const char *name;
        void *at, *value;
        size_t n;
    } cases[] = {
        {"long name", &items[0].whom, &long_name, sizeof(char *)},
        {"control character", &items[0].whom, &(char *){"a\x01"}, sizeof(char *)},
        {"code with a space", &items[0].id, &(char *){"a b"}, sizeof(char *)},
        {"no such enum", &quotas[0].mode, &(int){7}, sizeof(int)},
        {"month 13", &due[0].month, &(int32_t){13}, sizeof(int32_t)},
        {"30 February", &due[0].day, &(int32_t){30}, sizeof(int32_t)},
        {"report kind 0", &forms[0].kind, &(int){0}, sizeof(int)},
        {"needs itself", &reports[0].needs, &(int){REPORT_RESULT}, sizeof(int)},
        {"needs what nobody asks for", &reports[1].kind, &(int){REPORT_FINAL}, sizeof(int)},
        {"no such source", &references[0], &(char *){"i2"}, sizeof(char *)},
        {"no such upkeep", &awards[0].upkeep, &(int){3}, sizeof(int)},
        {"score too large", &criteria[1].threshold, &(score){LIMIT_SCORE + 1}, sizeof(score)},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t kept[16];
        struct campaign c = full();
        struct buf b;
        struct err e = {0};
        buf_init(&b);
        buf_put_u8(&b, 42);
        memcpy(kept, cases[i].at, cases[i].n);
        memcpy(cases[i].at, cases[i].value, cases[i].n);
        if (campaign_encode(&c, &b, &e) != ERR_REFUSED)
            fail_msg("%s: not refused", cases[i].name);
        assert_int_equal(b.len, 1);
        memcpy(cases[i].at, kept, cases[i].n);
        buf_done(&b);
    }
    mem_free(long_name);
}

static void each_failing_allocation_is_an_error_and_leaks_nothing(void **state) {
    (void)state;
    for (long n = 0;; n++) {
        struct campaign c = full();
        struct buf b;
        struct err e = {0};
        buf_init(&b);
        mem_fail_at(n);
        int rc = campaign_encode(&c, &b, &e);
        mem_fail_at(-1);
        buf_done(&b);
        if (rc == 0) {
            assert_true(n > 50);
            return;
        }
        assert_int_equal(rc, ERR_NOMEM);
    }
}

static void a_unit_of_a_wrong_length_is_refused_by_key_path(void **state) {
    (void)state;
    /* Campaign.groups (27) with two entries; the second has a unit of three bytes. */
    static const uint8_t bytes[] = "\xda\x01\x00\xda\x01\x05\x22\x03\x61\x62\x63";
    struct campaign c;
    struct err e = {0};
    char why[256];
    const char *start = "\x10\x01"; /* version 1 */
    struct buf b;
    buf_init(&b);
    buf_put(&b, start, 2);
    buf_put(&b, bytes, sizeof bytes - 1);
    assert_int_equal(campaign_decode(buf_slice(&b), &c, &e), ERR_REFUSED);
    assert_string_equal(err_text(&e, NULL, why, sizeof why), "groups[1].units: a unit is 16 bytes");
    buf_done(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_arrives_as_it_left),
        cmocka_unit_test(one_campaign_is_always_the_same_bytes_and_unknown_fields_are_ignored),
        cmocka_unit_test(no_truncation_and_no_flipped_bit_does_harm),
        cmocka_unit_test(small_bytes_cannot_ask_for_much_memory),
        cmocka_unit_test(what_passes_a_bound_is_refused_and_leaves_the_buffer_alone),
        cmocka_unit_test(a_unit_of_a_wrong_length_is_refused_by_key_path),
        cmocka_unit_test(each_failing_allocation_is_an_error_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
