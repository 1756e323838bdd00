/*
 * What a campaign file may say, as a table for libcyaml, and the plain structs that it fills: those
 * of core/ where a value needs no thought, and beside them, as text, dates, numbers and unit codes.
 */
#ifndef HUB_CAMPAIGN_SCHEMA_H
#define HUB_CAMPAIGN_SCHEMA_H

#include "core/profile.h"

#include <cyaml/cyaml.h>

/* A choice without a default is one more than the enum it stands for; 0: not given. */

struct raw_due {
    char *level, *date, *each_year, *days_after_period;
    bool undated;
    int32_t inclusive; /* 1 no, 2 yes */
    enum due_roll roll;
};

struct raw_selection {
    struct selection core;
    uint32_t n_include, n_exclude;
    char **include, **exclude;
    char *from, *until;
};

struct raw_report {
    struct report_rule core;
    char *late_penalty, *return_days;
    struct raw_due *due; /* for all levels */
    uint32_t n_by_level, n_expected;
    struct raw_due *by_level;
    struct raw_selection *expected;
};

struct raw_period {
    struct period core;
    char *begin, *end, *cutoff;
};

struct raw_threshold {
    int32_t must_be;
    char *value;
};

struct raw_criterion {
    struct criterion core;
    enum subject_kind about;
    struct raw_threshold *threshold;
    char *line;
};

struct raw_milestone {
    struct milestone core;
    char *date;
};

struct raw_award {
    struct award core;
    char *from, *until;
};

struct raw_quota {
    struct quota core;
    char *amount;
};

struct raw_units {
    uint32_t n;
    char **codes;
};

struct raw_group {
    struct peer_group core;
    struct raw_units units;
};

struct raw_attribute {
    struct unit_attribute core;
    struct raw_units units;
};

struct raw_campaign {
    struct campaign core;
    char *version;
    uint32_t n_reports, n_periods, n_criteria, n_milestones, n_awards, n_quotas, n_groups,
        n_attributes;
    struct raw_report *reports;
    struct raw_period *periods;
    struct raw_criterion *criteria;
    struct raw_milestone *milestones;
    struct raw_award *awards;
    struct raw_quota *quotas;
    struct raw_group *groups;
    struct raw_attribute *attributes;
};

struct raw_rule {
    struct score_rule core;
    int32_t mode;
    char *max;
};

struct raw_grade {
    struct grade core;
    char *from;
};

struct raw_cap {
    struct grade_cap core;
    char *below;
};

struct raw_profile {
    struct profile core;
    char *version, *default_max;
    uint32_t n_rules, n_grades, n_caps;
    struct raw_rule *rules;
    struct raw_grade *grades;
    struct raw_cap *caps;
};

/* One file: one of them is not NULL. */
struct raw_file {
    struct raw_campaign *campaign;
    struct raw_profile *profile;
};

/* Describes struct raw_file. */
extern const cyaml_schema_value_t campaign_schema;

#endif
