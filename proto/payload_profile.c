#include "proto/payload_profile.h"

#include "core/limits.h"
#include "proto/pb_map.h"

#include <campaign.pb-c.h>

#define TEXT(s, m, max) PB_FIELD(s, PB_TEXT, m, 0, max)
#define FLAG(s, m) PB_FIELD(s, PB_BOOL, m, 0, 1)
#define NUMBER(s, m, min, max) PB_FIELD(s, PB_NUMBER, m, min, max)

#define S struct label
static const struct pb_map_field label_fields[] = {
    TEXT(S, vi, LIMIT_NAME),
    TEXT(S, en, LIMIT_NAME),
};
static const struct pb_map label_map = PB_MAP(thidua__label__descriptor, S, label_fields);
#undef S

#define S struct score_rule
static const struct pb_map_field rule_fields[] = {
    TEXT(S, criterion, LIMIT_CODE),
    NUMBER(S, part, 0, PART_PENALTY),
    NUMBER(S, mode, 0, MODE_VALUE),
    NUMBER(S, max, 1, LIMIT_SCORE),
};
static const struct pb_map rule_map = PB_MAP(thidua__score_rule__descriptor, S, rule_fields);
#undef S

#define S struct grade
static const struct pb_map_field grade_fields[] = {
    TEXT(S, id, LIMIT_CODE),
    PB_WITHIN(S, label, &label_map),
    NUMBER(S, share_min, INT32_MIN, INT32_MAX),
};
static const struct pb_map grade_map = PB_MAP(thidua__grade__descriptor, S, grade_fields);
#undef S

#define S struct grade_cap
static const struct pb_map_field cap_fields[] = {
    TEXT(S, criterion, LIMIT_CODE),
    NUMBER(S, below, -LIMIT_SCORE, LIMIT_SCORE),
    TEXT(S, grade, LIMIT_CODE),
};
static const struct pb_map cap_map = PB_MAP(thidua__grade_cap__descriptor, S, cap_fields);
#undef S

#define S struct profile
static const struct pb_map_field profile_fields[] = {
    TEXT(S, id, LIMIT_CODE),
    NUMBER(S, version, 1, INT32_MAX),
    TEXT(S, campaign, LIMIT_CODE),
    PB_WITHIN(S, label, &label_map),
    NUMBER(S, default_mode, 0, MODE_VALUE),
    NUMBER(S, default_max, 1, LIMIT_SCORE),
    FLAG(S, na_allowed),
    PB_LIST(S, PB_PARTS, rules, LIMIT_CRITERIA, &rule_map),
    PB_LIST(S, PB_PARTS, grades, LIMIT_LIST, &grade_map),
    PB_LIST(S, PB_PARTS, caps, LIMIT_LIST, &cap_map),
};
static const struct pb_map profile_map = PB_MAP(thidua__profile__descriptor, S, profile_fields);
#undef S

int profile_encode(const struct profile *p, struct buf *out, struct err *e) {
    size_t before = out->len;
    struct profile back;
    int rc = pb_map_pack(&profile_map, p, out, e);
    if (rc)
        return rc;
    rc = profile_decode(slice_of(out->data + before, out->len - before), &back, e);
    if (rc)
        out->len = before;
    else
        profile_done(&back);
    return rc;
}

int profile_decode(struct slice payload, struct profile *ret_profile, struct err *e) {
    struct profile p = {0};
    int rc = pb_map_unpack(&profile_map, payload, &p, e);
    if (!rc)
        rc = profile_check(&p, e);
    if (rc)
        profile_done(&p);
    else
        *ret_profile = p;
    return rc;
}
