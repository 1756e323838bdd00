/*
 * Scoring profiles: how values become points. A separate, versioned layer, because the plans carry
 * no points. A campaign names one by id; a report names the exact version it was made under.
 */
#ifndef CORE_PROFILE_H
#define CORE_PROFILE_H

#include "core/campaign.h"

enum score_mode {
    MODE_MET,    /* met, not met: all or nothing of `max` */
    MODE_POINTS, /* 0 to `max` */
    MODE_VALUE,  /* a measured value; an indicator's test decides met or not */
};
enum score_part { PART_BASE, PART_BONUS, PART_PENALTY };

/* How one criterion scores. A leaf without an entry scores by the profile's defaults. */
struct score_rule {
    char *criterion;
    enum score_part part; /* bonus and penalty are outside the applicable maximum */
    enum score_mode mode;
    score max; /* > 0 */
};

struct grade {
    char *id;
    struct label label;
    int32_t
        share_min; /* hundredths of a percent of the applicable maximum; bands from high to low */
};

/* A condition that overrides the band: when it holds, the grade is at most `grade`. */
struct grade_cap {
    char *criterion; /* this leaf … */
    score below;     /* … scored below this (for met / not met: not met) */
    char *grade;
};

struct profile {
    char *id;
    uint32_t version;
    char *campaign; /* id of the campaign that it scores */
    struct label label;
    enum score_mode default_mode;
    score default_max; /* > 0, of each leaf without a rule */
    bool na_allowed; /* whether a reporter may say `na` (with a note); it counts until confirmed */
    uint32_t n_rules, n_grades, n_caps;
    struct score_rule *rules;
    struct grade *grades;
    struct grade_cap *caps;
};

void profile_done(struct profile *p);

/* Check `p` by itself: bounds, unique ids, bands falling, caps that name a grade and no penalty. */
int profile_check(const struct profile *p, struct err *e);
/*
 * Check `p` against the leaves it scores: every rule and cap names one, a measured value has a
 * threshold to be held against, and no total can leave LIMIT_SCORE.
 */
int profile_check_criteria(const struct profile *p, const struct criteria *c, struct err *e);

/* The built-in profile of a campaign that names none: every leaf met / not met for 1.00, `na`
 * allowed. */
extern const struct profile profile_met;

/* The rule for leaf `id`; fills `ret_rule` with the defaults where there is no entry. */
void profile_rule(const struct profile *p, const char *id, struct score_rule *ret_rule);

#endif
