#include "hub/campaign_schema.h"

#include "core/limits.h"

/* Numbers and dates come as text, because libcyaml takes `1.5` for an integer and any word for a
 * boolean. */
#define OPTIONAL (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)
#define NEED(key, s, m, max) CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, s, m, 1, max)
#define TEXT(key, s, m, max) CYAML_FIELD_STRING_PTR(key, OPTIONAL, s, m, 0, max)
#define NEED_CODE(key, s, m) NEED(key, s, m, LIMIT_CODE)
#define CODE(key, s, m) TEXT(key, s, m, LIMIT_CODE)
#define NAME(key, s, m) TEXT(key, s, m, LIMIT_NAME)
#define NEED_ONE_OF(key, s, m, names)                                                              \
    CYAML_FIELD_ENUM(key, CYAML_FLAG_STRICT, s, m, names, CYAML_ARRAY_LEN(names))
#define ONE_OF(key, s, m, names)                                                                   \
    CYAML_FIELD_ENUM(key, CYAML_FLAG_STRICT | CYAML_FLAG_OPTIONAL, s, m, names,                    \
                     CYAML_ARRAY_LEN(names))
#define FLAG(key, s, m) ONE_OF(key, s, m, yes_no)
#define LABEL(key, s, m) CYAML_FIELD_MAPPING(key, CYAML_FLAG_OPTIONAL, s, m, label_fields)
#define LIST(key, s, m, count, entry, max)                                                         \
    CYAML_FIELD_SEQUENCE_COUNT(key, OPTIONAL, s, m, count, &(entry), 0, max)
#define TEXTS(key, s, m, count) LIST(key, s, m, count, text_value, LIMIT_LIST)
#define ENTRY(type, fields)                                                                        \
    { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, type, fields) }

static const cyaml_strval_t yes_no[] = {
    {"yes", 1}, {"no", 0}, {"có", 1}, {"không", 0}, {"true", 1}, {"false", 0},
};
static const cyaml_strval_t yes_no_said[] = {
    {"yes", 2}, {"no", 1}, {"có", 2}, {"không", 1}, {"true", 2}, {"false", 1},
};
static const cyaml_strval_t subject_names[] = {
    {"collective", SUBJECT_COLLECTIVE},
    {"individual", SUBJECT_INDIVIDUAL},
    {"both", SUBJECT_ANY},
};
static const cyaml_strval_t kind_names[] = {
    {"annual", REPORT_ANNUAL},         {"interim", REPORT_INTERIM},
    {"final", REPORT_FINAL},           {"registration", REPORT_REGISTRATION},
    {"nomination", REPORT_NOMINATION}, {"result", REPORT_RESULT},
    {"section", REPORT_SECTION},
};
static const cyaml_strval_t roll_names[] = {
    {"none", ROLL_NONE}, {"next", ROLL_NEXT}, {"previous", ROLL_PREVIOUS}};
static const cyaml_strval_t basis_names[] = {{"first_hub", BASIS_FIRST_HUB}, {"root", BASIS_ROOT}};
static const cyaml_strval_t late_names[] = {
    {"mark", LATE_MARK}, {"penalty", LATE_PENALTY}, {"exclude", LATE_EXCLUDE}};
static const cyaml_strval_t test_names[] = {
    {"over", TEST_GT},    {"at_least", TEST_GE}, {"under", TEST_LT},
    {"at_most", TEST_LE}, {"equal", TEST_EQ},
};
static const cyaml_strval_t inherit_names[] = {{"none", INHERIT_NONE},
                                               {"criteria", INHERIT_CRITERIA}};
static const cyaml_strval_t scope_names[] = {
    {"issuer", QUOTA_ISSUER}, {"group", QUOTA_GROUP}, {"unit", QUOTA_UNIT}};
static const cyaml_strval_t rounding_names[] = {
    {"down", ROUND_DOWN}, {"up", ROUND_UP}, {"half_up", ROUND_HALF_UP}};
static const cyaml_strval_t quota_mode_names[] = {{"warn", QUOTA_WARN}, {"block", QUOTA_BLOCK}};
static const cyaml_strval_t by_names[] = {
    {"criterion", BY_CRITERION}, {"base", BY_BASE},   {"bonus", BY_BONUS},
    {"penalty", BY_PENALTY},     {"total", BY_TOTAL}, {"met", BY_MET},
};
static const cyaml_strval_t upkeep_names[] = {{"from_launch", UPKEEP_FROM_LAUNCH},
                                              {"from_registration", UPKEEP_FROM_REGISTRATION}};
static const cyaml_strval_t confidence_names[] = {{"high", CONFIDENCE_HIGH},
                                                  {"low", CONFIDENCE_LOW}};
static const cyaml_strval_t mode_names[] = {
    {"met", MODE_MET}, {"points", MODE_POINTS}, {"value", MODE_VALUE}};
static const cyaml_strval_t mode_said_names[] = {
    {"met", MODE_MET + 1}, {"points", MODE_POINTS + 1}, {"value", MODE_VALUE + 1}};
static const cyaml_strval_t part_names[] = {
    {"base", PART_BASE}, {"bonus", PART_BONUS}, {"penalty", PART_PENALTY}};

static const cyaml_schema_value_t text_value = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 1, LIMIT_NAME)};

#define S struct label
static const cyaml_schema_field_t label_fields[] = {
    NAME("vi", S, vi),
    NAME("en", S, en),
    CYAML_FIELD_END,
};
#undef S

#define S struct raw_due
static const cyaml_schema_field_t due_fields[] = {
    CODE("level", S, level),
    CODE("date", S, date),
    CODE("each_year", S, each_year),
    CODE("days_after_period", S, days_after_period),
    FLAG("undated", S, undated),
    ONE_OF("inclusive", S, inclusive, yes_no_said),
    ONE_OF("roll", S, roll, roll_names),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t due_value = ENTRY(S, due_fields);
#undef S

#define S struct raw_selection
static const cyaml_schema_field_t selection_fields[] = {
    TEXTS("levels", S, core.levels, core.n_levels),
    TEXTS("kinds", S, core.kinds, core.n_kinds),
    TEXTS("groups", S, core.groups, core.n_groups),
    TEXTS("include", S, include, n_include),
    TEXTS("exclude", S, exclude, n_exclude),
    CODE("condition", S, core.condition),
    CODE("from", S, from),
    CODE("until", S, until),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t selection_value = ENTRY(S, selection_fields);
#undef S

#define S struct raw_report
static const cyaml_schema_field_t report_fields[] = {
    NEED_ONE_OF("kind", S, core.kind, kind_names),
    FLAG("default", S, core.is_default),
    ONE_OF("basis", S, core.basis, basis_names),
    FLAG("allow_incomplete", S, core.allow_incomplete),
    ONE_OF("late", S, core.late, late_names),
    CODE("late_penalty", S, late_penalty),
    CODE("return_days", S, return_days),
    CYAML_FIELD_MAPPING_PTR("due", OPTIONAL, S, due, due_fields),
    LIST("due_by_level", S, by_level, n_by_level, due_value, LIMIT_UNIT_DEPTH),
    LIST("expected", S, expected, n_expected, selection_value, LIMIT_LIST),
    NAME("embedded_in", S, core.embedded_in),
    ONE_OF("needs", S, core.needs, kind_names),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t report_value = ENTRY(S, report_fields);
#undef S

#define S struct raw_period
static const cyaml_schema_field_t period_fields[] = {
    NEED_CODE("id", S, core.id),
    NEED_CODE("begin", S, begin),
    NEED_CODE("end", S, end),
    CODE("cutoff", S, cutoff),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t period_value = ENTRY(S, period_fields);
#undef S

#define S struct raw_threshold
static const cyaml_schema_field_t threshold_fields[] = {
    NEED_ONE_OF("must_be", S, must_be, test_names),
    NEED_CODE("value", S, value),
    CYAML_FIELD_END,
};
#undef S

#define S struct applicability
static const cyaml_schema_field_t applies_fields[] = {
    TEXTS("attributes", S, attributes, n_attributes),
    TEXTS("classes", S, classes, n_classes),
    TEXTS("unit_attributes", S, unit_attributes, n_unit_attributes),
    CYAML_FIELD_END,
};
#undef S

#define S struct raw_criterion
static const cyaml_schema_field_t criterion_fields[] = {
    NEED_CODE("id", S, core.id),
    CODE("parent", S, core.parent),
    NEED_ONE_OF("about", S, about, subject_names),
    LABEL("label", S, core.label),
    CYAML_FIELD_MAPPING("applies", CYAML_FLAG_OPTIONAL, S, core.applies, applies_fields),
    CYAML_FIELD_MAPPING_PTR("threshold", OPTIONAL, S, threshold, threshold_fields),
    NAME("measure", S, core.unit_of_measure),
    FLAG("aim", S, core.is_aim),
    CODE("line", S, line),
    TEXTS("references", S, core.references, core.n_references),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t criterion_value = ENTRY(S, criterion_fields);
#undef S

#define S struct campaign_parent
static const cyaml_schema_field_t parent_fields[] = {
    NEED_CODE("id", S, id),
    CODE("issuer", S, issuer),
    NAME("document", S, reference),
    ONE_OF("inherit", S, inherit, inherit_names),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t parent_value = ENTRY(S, parent_fields);
#undef S

#define S struct raw_milestone
static const cyaml_schema_field_t milestone_fields[] = {
    NEED_CODE("id", S, core.id),
    LABEL("label", S, core.label),
    NEED_CODE("date", S, date),
    FLAG("missing_after", S, core.missing_after),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t milestone_value = ENTRY(S, milestone_fields);
#undef S

#define S struct raw_award
static const cyaml_schema_field_t award_fields[] = {
    NEED_CODE("id", S, core.id),
    LABEL("label", S, core.label),
    CODE("occasion", S, core.occasion),
    CODE("authority", S, core.authority),
    CODE("from", S, from),
    CODE("until", S, until),
    TEXT("note", S, core.note, LIMIT_TEXT),
    TEXT("condition", S, core.condition, LIMIT_TEXT),
    ONE_OF("upkeep", S, core.upkeep, upkeep_names),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t award_value = ENTRY(S, award_fields);
#undef S

#define S struct raw_quota
static const cyaml_schema_field_t quota_fields[] = {
    NEED_CODE("id", S, core.id),
    CODE("award", S, core.award),
    ONE_OF("subjects", S, core.subjects, subject_names),
    ONE_OF("scope", S, core.scope, scope_names),
    ONE_OF("mode", S, core.mode, quota_mode_names),
    NEED_CODE("amount", S, amount),
    CODE("base", S, core.base),
    ONE_OF("rounding", S, core.rounding, rounding_names),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t quota_value = ENTRY(S, quota_fields);
#undef S

#define S struct item
static const cyaml_schema_field_t item_fields[] = {
    CODE("id", S, id),
    NAME("role", S, role),
    NAME("whom", S, whom),
    LABEL("label", S, label),
    TEXT("text", S, text, LIMIT_TEXT),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t item_value = ENTRY(S, item_fields);
#undef S

#define S struct form_field
static const cyaml_schema_field_t form_field_fields[] = {
    NEED_CODE("id", S, id),
    LABEL("label", S, label),
    FLAG("required", S, required),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t form_field_value = ENTRY(S, form_field_fields);
#undef S

#define S struct form
static const cyaml_schema_field_t form_fields[] = {
    NEED_CODE("id", S, id),   NEED_ONE_OF("kind", S, kind, kind_names),
    LABEL("label", S, label), LIST("fields", S, fields, n_fields, form_field_value, LIMIT_LIST),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t form_value = ENTRY(S, form_fields);
#undef S

#define S struct raw_group
static const cyaml_schema_field_t group_fields[] = {
    NEED_CODE("id", S, core.id),
    LABEL("label", S, core.label),
    ONE_OF("subjects", S, core.subjects, subject_names),
    TEXTS("units", S, units.codes, units.n),
    TEXTS("classes", S, core.classes, core.n_classes),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t group_value = ENTRY(S, group_fields);
#undef S

#define S struct raw_attribute
static const cyaml_schema_field_t attribute_fields[] = {
    NEED_CODE("id", S, core.id),
    LABEL("label", S, core.label),
    TEXTS("units", S, units.codes, units.n),
    TEXTS("kinds", S, core.kinds, core.n_kinds),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t attribute_value = ENTRY(S, attribute_fields);
#undef S

#define S struct comparator
static const cyaml_schema_field_t comparator_fields[] = {
    NEED_ONE_OF("by", S, field, by_names),
    CODE("criterion", S, criterion),
    FLAG("smallest_first", S, ascending),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t comparator_value = ENTRY(S, comparator_fields);
#undef S

#define S struct raw_campaign
#define ITEMS(key, m) LIST(key, S, core.m, core.n_##m, item_value, LIMIT_LIST)
static const cyaml_schema_field_t campaign_fields[] = {
    NEED_CODE("id", S, core.id),
    CODE("version", S, version),
    CODE("amended_on", S, core.amended_on),
    TEXT("amended_why", S, core.amended_why, LIMIT_TEXT),
    LABEL("title", S, core.title),
    NAME("issuer", S, core.issuer_name),
    NAME("document", S, core.document),
    FLAG("council", S, core.issuer_is_council),
    FLAG("reconstructed", S, core.reconstructed),
    ONE_OF("confidence", S, core.confidence, confidence_names),
    CODE("profile", S, core.profile),
    TEXT("funding", S, core.funding, LIMIT_TEXT),
    LIST("parents", S, core.parents, core.n_parents, parent_value, LIMIT_PARENTS),
    LIST("periods", S, periods, n_periods, period_value, LIMIT_PERIODS),
    LIST("reports", S, reports, n_reports, report_value, REPORT_KINDS),
    LIST("criteria", S, criteria, n_criteria, criterion_value, LIMIT_CRITERIA),
    LIST("milestones", S, milestones, n_milestones, milestone_value, LIMIT_LIST),
    LIST("awards", S, awards, n_awards, award_value, LIMIT_LIST),
    LIST("quotas", S, quotas, n_quotas, quota_value, LIMIT_LIST),
    ITEMS("dossier", dossier),
    ITEMS("recipients", recipients),
    ITEMS("routes", routes),
    ITEMS("roles", roles),
    ITEMS("sources", sources),
    ITEMS("errata", errata),
    ITEMS("collectives", collectives),
    ITEMS("individuals", individuals),
    LIST("forms", S, core.forms, core.n_forms, form_value, LIMIT_LIST),
    LIST("groups", S, groups, n_groups, group_value, LIMIT_LIST),
    LIST("unit_attributes", S, attributes, n_attributes, attribute_value, LIMIT_LIST),
    LIST("tie_breakers", S, core.comparators, core.n_comparators, comparator_value, LIMIT_LIST),
    CYAML_FIELD_END,
};
#undef S

#define S struct raw_rule
static const cyaml_schema_field_t rule_fields[] = {
    NEED_CODE("criterion", S, core.criterion),
    ONE_OF("part", S, core.part, part_names),
    ONE_OF("mode", S, mode, mode_said_names),
    CODE("max", S, max),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t rule_value = ENTRY(S, rule_fields);
#undef S

#define S struct raw_grade
static const cyaml_schema_field_t grade_fields[] = {
    NEED_CODE("id", S, core.id),
    LABEL("label", S, core.label),
    NEED_CODE("from", S, from),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t grade_value = ENTRY(S, grade_fields);
#undef S

#define S struct raw_cap
static const cyaml_schema_field_t cap_fields[] = {
    NEED_CODE("criterion", S, core.criterion),
    NEED_CODE("below", S, below),
    NEED_CODE("at_most", S, core.grade),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t cap_value = ENTRY(S, cap_fields);
#undef S

#define S struct raw_profile
static const cyaml_schema_field_t profile_fields[] = {
    NEED_CODE("id", S, core.id),
    CODE("version", S, version),
    NEED_CODE("campaign", S, core.campaign),
    LABEL("label", S, core.label),
    NEED_ONE_OF("default_mode", S, core.default_mode, mode_names),
    NEED_CODE("default_max", S, default_max),
    FLAG("na_allowed", S, core.na_allowed),
    LIST("rules", S, rules, n_rules, rule_value, LIMIT_CRITERIA),
    LIST("grades", S, grades, n_grades, grade_value, LIMIT_LIST),
    LIST("caps", S, caps, n_caps, cap_value, LIMIT_LIST),
    CYAML_FIELD_END,
};
#undef S

static const cyaml_schema_field_t file_fields[] = {
    CYAML_FIELD_MAPPING_PTR("campaign", OPTIONAL, struct raw_file, campaign, campaign_fields),
    CYAML_FIELD_MAPPING_PTR("profile", OPTIONAL, struct raw_file, profile, profile_fields),
    CYAML_FIELD_END,
};
const cyaml_schema_value_t campaign_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct raw_file, file_fields)};
