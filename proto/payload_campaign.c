#include "proto/payload_campaign.h"

#include "core/limits.h"
#include "proto/pb_map.h"

#include <campaign.pb-c.h>

/* One table per struct of core/campaign.h, in the order of the schema. */

#define ID(s, m) PB_FIELD(s, PB_TEXT, m, 0, LIMIT_CODE)
#define NAME(s, m) PB_FIELD(s, PB_TEXT, m, 0, LIMIT_NAME)
#define TEXT(s, m) PB_FIELD(s, PB_TEXT, m, 0, LIMIT_TEXT)
#define FLAG(s, m) PB_FIELD(s, PB_BOOL, m, 0, 1)
#define NUMBER(s, m, min, max) PB_FIELD(s, PB_NUMBER, m, min, max)
#define DAY(s, m) PB_FIELD(s, PB_DAY, m, 0, 0)
#define TEXTS(s, m) PB_LIST(s, PB_TEXTS, m, LIMIT_LIST, NULL)
#define UNITS(s, m) PB_LIST(s, PB_UIDS, m, LIMIT_LIST, NULL)
#define LIST(s, m, max, part) PB_LIST(s, PB_PARTS, m, max, part)

#define S struct label
static const struct pb_map_field label_fields[] = {NAME(S, vi), NAME(S, en)};
static const struct pb_map label_map = PB_MAP(thidua__label__descriptor, S, label_fields);
#undef S

#define S struct due_rule
static const struct pb_map_field due_fields[] = {
    ID(S, level),
    NUMBER(S, recurrence, 0, DUE_UNDATED),
    NUMBER(S, year, 0, 9999),
    NUMBER(S, month, 0, 12),
    NUMBER(S, day, 0, 31),
    NUMBER(S, days_after, 0, 3660),
    FLAG(S, inclusive),
    NUMBER(S, roll, 0, ROLL_PREVIOUS),
};
static const struct pb_map due_map = PB_MAP(thidua__due_rule__descriptor, S, due_fields);
#undef S

#define S struct selection
static const struct pb_map_field selection_fields[] = {
    TEXTS(S, levels),  TEXTS(S, kinds),  TEXTS(S, groups), UNITS(S, include),
    UNITS(S, exclude), ID(S, condition), DAY(S, from),     DAY(S, until),
};
static const struct pb_map selection_map =
    PB_MAP(thidua__selection__descriptor, S, selection_fields);
#undef S

#define S struct report_rule
static const struct pb_map_field report_fields[] = {
    NUMBER(S, kind, REPORT_ANNUAL, REPORT_KINDS),
    FLAG(S, is_default),
    NUMBER(S, basis, 0, BASIS_ROOT),
    FLAG(S, allow_incomplete),
    NUMBER(S, late, 0, LATE_EXCLUDE),
    NUMBER(S, late_penalty, 0, LIMIT_SCORE),
    NUMBER(S, return_days, 0, 3660),
    LIST(S, due, LIMIT_DUE, &due_map),
    LIST(S, expected, LIMIT_LIST, &selection_map),
    FLAG(S, embedded),
    NAME(S, embedded_in),
    NUMBER(S, needs, 0, REPORT_KINDS),
};
static const struct pb_map report_map = PB_MAP(thidua__report_rule__descriptor, S, report_fields);
#undef S

#define S struct period
static const struct pb_map_field period_fields[] = {ID(S, id), DAY(S, begin), DAY(S, end),
                                                    DAY(S, cutoff)};
static const struct pb_map period_map = PB_MAP(thidua__period__descriptor, S, period_fields);
#undef S

#define S struct applicability
static const struct pb_map_field applies_fields[] = {
    TEXTS(S, attributes),
    TEXTS(S, classes),
    TEXTS(S, unit_attributes),
};
static const struct pb_map applies_map =
    PB_MAP(thidua__applicability__descriptor, S, applies_fields);
#undef S

#define S struct criterion
static const struct pb_map_field criterion_fields[] = {
    ID(S, id),
    ID(S, parent),
    FLAG(S, leaf),
    FLAG(S, collective),
    FLAG(S, individual),
    PB_WITHIN(S, label, &label_map),
    PB_WITHIN(S, applies, &applies_map),
    NUMBER(S, test, 0, TEST_EQ),
    FLAG(S, threshold_unknown),
    NUMBER(S, threshold, -LIMIT_SCORE, LIMIT_SCORE),
    NAME(S, unit_of_measure),
    FLAG(S, is_aim),
    NUMBER(S, source_line, 0, INT32_MAX),
    TEXTS(S, references),
};
static const struct pb_map criterion_map =
    PB_MAP(thidua__criterion__descriptor, S, criterion_fields);
#undef S

#define S struct campaign_parent
static const struct pb_map_field parent_fields[] = {
    ID(S, id),
    ID(S, issuer),
    NAME(S, reference),
    NUMBER(S, inherit, 0, INHERIT_CRITERIA),
    PB_FIELD(S, PB_HASH, record, 0, 0),
};
static const struct pb_map parent_map =
    PB_MAP(thidua__campaign_parent__descriptor, S, parent_fields);
#undef S

#define S struct milestone
static const struct pb_map_field milestone_fields[] = {
    ID(S, id),
    PB_WITHIN(S, label, &label_map),
    NUMBER(S, precision, 0, MILESTONE_YEAR),
    NUMBER(S, year, 0, 9999),
    NUMBER(S, month, 0, 12),
    NUMBER(S, day, 0, 31),
    FLAG(S, missing_after),
};
static const struct pb_map milestone_map =
    PB_MAP(thidua__milestone__descriptor, S, milestone_fields);
#undef S

#define S struct award
static const struct pb_map_field award_fields[] = {
    ID(S, id),
    PB_WITHIN(S, label, &label_map),
    ID(S, occasion),
    ID(S, authority),
    DAY(S, from),
    DAY(S, until),
    TEXT(S, note),
    TEXT(S, condition),
    NUMBER(S, upkeep, 0, UPKEEP_FROM_REGISTRATION),
};
static const struct pb_map award_map = PB_MAP(thidua__award__descriptor, S, award_fields);
#undef S

#define S struct quota
static const struct pb_map_field quota_fields[] = {
    ID(S, id),
    ID(S, award),
    NUMBER(S, subjects, 0, SUBJECT_INDIVIDUAL),
    NUMBER(S, scope, 0, QUOTA_UNIT),
    NUMBER(S, mode, 0, QUOTA_BLOCK),
    FLAG(S, is_percentage),
    NUMBER(S, amount, 0, INT32_MAX),
    {"percentage_of", PB_TEXT, offsetof(S, base), 0, 0, LIMIT_CODE, NULL},
    NUMBER(S, rounding, 0, ROUND_HALF_UP),
};
static const struct pb_map quota_map = PB_MAP(thidua__quota__descriptor, S, quota_fields);
#undef S

#define S struct item
static const struct pb_map_field item_fields[] = {
    ID(S, id), NAME(S, role), NAME(S, whom), PB_WITHIN(S, label, &label_map), TEXT(S, text),
};
static const struct pb_map item_map = PB_MAP(thidua__item__descriptor, S, item_fields);
#undef S

#define S struct form_field
static const struct pb_map_field form_field_fields[] = {ID(S, id), PB_WITHIN(S, label, &label_map),
                                                        FLAG(S, required)};
static const struct pb_map form_field_map =
    PB_MAP(thidua__form_field__descriptor, S, form_field_fields);
#undef S

#define S struct form
static const struct pb_map_field form_fields[] = {
    ID(S, id),
    NUMBER(S, kind, REPORT_ANNUAL, REPORT_KINDS),
    PB_WITHIN(S, label, &label_map),
    LIST(S, fields, LIMIT_LIST, &form_field_map),
};
static const struct pb_map form_map = PB_MAP(thidua__form__descriptor, S, form_fields);
#undef S

#define S struct peer_group
static const struct pb_map_field group_fields[] = {
    ID(S, id),
    PB_WITHIN(S, label, &label_map),
    NUMBER(S, subjects, 0, SUBJECT_INDIVIDUAL),
    UNITS(S, units),
    TEXTS(S, classes),
};
static const struct pb_map group_map = PB_MAP(thidua__peer_group__descriptor, S, group_fields);
#undef S

#define S struct unit_attribute
static const struct pb_map_field attribute_fields[] = {
    ID(S, id),
    PB_WITHIN(S, label, &label_map),
    UNITS(S, units),
    TEXTS(S, kinds),
};
static const struct pb_map attribute_map =
    PB_MAP(thidua__unit_attribute__descriptor, S, attribute_fields);
#undef S

#define S struct comparator
static const struct pb_map_field comparator_fields[] = {
    NUMBER(S, field, 0, BY_MET),
    ID(S, criterion),
    FLAG(S, ascending),
};
static const struct pb_map comparator_map =
    PB_MAP(thidua__comparator__descriptor, S, comparator_fields);
#undef S

#define S struct campaign
#define ITEMS(m) LIST(S, m, LIMIT_LIST, &item_map)
static const struct pb_map_field campaign_fields[] = {
    ID(S, id),
    NUMBER(S, version, 1, INT32_MAX),
    NAME(S, amended_on),
    TEXT(S, amended_why),
    PB_WITHIN(S, title, &label_map),
    NAME(S, issuer_name),
    NAME(S, document),
    FLAG(S, issuer_is_council),
    FLAG(S, reconstructed),
    NUMBER(S, confidence, 0, CONFIDENCE_LOW),
    ID(S, profile),
    LIST(S, criteria, LIMIT_CRITERIA, &criterion_map),
    LIST(S, parents, LIMIT_PARENTS, &parent_map),
    LIST(S, periods, LIMIT_PERIODS, &period_map),
    LIST(S, reports, REPORT_KINDS, &report_map),
    TEXT(S, funding),
    LIST(S, milestones, LIMIT_LIST, &milestone_map),
    LIST(S, awards, LIMIT_LIST, &award_map),
    LIST(S, quotas, LIMIT_LIST, &quota_map),
    ITEMS(dossier),
    ITEMS(recipients),
    ITEMS(routes),
    ITEMS(roles),
    ITEMS(sources),
    ITEMS(errata),
    LIST(S, forms, LIMIT_LIST, &form_map),
    LIST(S, groups, LIMIT_LIST, &group_map),
    LIST(S, unit_attributes, LIMIT_LIST, &attribute_map),
    LIST(S, comparators, LIMIT_LIST, &comparator_map),
    ITEMS(collectives),
    ITEMS(individuals),
};
static const struct pb_map campaign_map = PB_MAP(thidua__campaign__descriptor, S, campaign_fields);
#undef S

/* Ends by reading back, so that nobody can sign a campaign that others must reject. */
int campaign_encode(const struct campaign *c, struct buf *out, struct err *e) {
    size_t before = out->len;
    struct campaign back;
    int rc = pb_map_pack(&campaign_map, c, out, e);
    if (rc)
        return rc;
    rc = campaign_decode(slice_of(out->data + before, out->len - before), &back, e);
    if (rc)
        out->len = before;
    else
        campaign_done(&back);
    return rc;
}

int campaign_decode(struct slice payload, struct campaign *ret_campaign, struct err *e) {
    struct campaign c = {0};
    int rc = pb_map_unpack(&campaign_map, payload, &c, e);
    if (!rc)
        rc = campaign_check(&c, e);
    if (rc)
        campaign_done(&c);
    else
        *ret_campaign = c;
    return rc;
}
