/*
 * Results: what a board and a ranking show, as plain data without any way of computing it. Filled
 * by the hub from its views and by the auditor from a bundle; printed by proto/json.
 */
#ifndef CORE_RESULT_H
#define CORE_RESULT_H

#include "core/campaign.h"

enum slot_state {
    SLOT_ON_TIME,
    SLOT_LATE,
    SLOT_EXCUSED,
    SLOT_MISSING,
    SLOT_UNKNOWN,
    SLOT_NOT_DUE,
    SLOT_EXEMPT,
};
enum slot_review { REVIEW_NONE, REVIEW_ACCEPTED, REVIEW_RETURNED };

/* `on_time` …, as JSON and command options spell it; parse takes `đúng hạn` … too, in any letter
 * case, and gives -1 if unknown. */
const char *slot_state_text(enum slot_state s);
int slot_state_parse(const char *text);
const char *slot_review_text(enum slot_review r);

struct board_row {
    char *unit, *name; /* code and name of the unit at the due instant */
    struct uid id;     /* … which orders those of one code */
    day on;            /* the day on which that is looked at */
    enum slot_state state;
    enum slot_review review;
    instant received_at; /* of the effective revision, mended; INSTANT_NONE: nothing received */
    bool clock_doubt;    /* … by a clock in doubt that nobody has mended */
    bool clock_mended;   /* … by a clock that somebody has mended; for people, of no JSON */
    char *by;            /* unit code of the receiving hub; NULL */
    struct hash report;  /* the effective revision; zero: none */
    uint32_t revision;   /* 0: none */
    bool nil;
    struct hash shown; /* a revision that came after the window and does not count; zero */
    instant shown_received_at;
    instant extended_to;  /* until when reports are excused; INSTANT_NONE: until the due instant */
    char *why;            /* it is exempt, or was given more time, in the act's own words; NULL */
    instant last_contact; /* of a machine of its own; INSTANT_NONE: never, or not known */
    instant known_to; /* it is unknown: up to when the hubs between have sent all; INSTANT_NONE */
};

/* The figures of one unit right below whoever looks, with all units below it. */
struct board_branch {
    char *unit, *name; /* as it was called on `last` */
    day last;          /* the last day on which one of its units is looked at */
    struct uid id;
    uint32_t expected, actual, actual_on_time; /* expected: actual and the three below */
    uint32_t missing, unknown, not_due;
};

struct board {
    char *campaign, *period;
    struct uid under; /* only this unit and those below; zero: not limited */
    enum report_kind kind;
    instant at, due;   /* due INSTANT_NONE: no date is asked */
    instant withdrawn; /* when the campaign was; INSTANT_NONE: it was not, by `at` */
    uint32_t expected, actual, actual_on_time;
    uint32_t n_rows;
    struct board_row *rows; /* by unit code */
    bool branched;          /* the branches are shown in place of the rows */
    uint32_t n_branches;
    struct board_branch *branches; /* by unit code */
    bool reconstructed;            /* some criteria are rebuilt from what others cite */
    bool registration_unchecked;   /* reports need a registration, which nobody looks for yet */
};
void board_row_done(struct board_row *r);
void board_rows_done(struct board *b); /* leaves `b` without any */
void board_done(struct board *b);

enum value_source { SOURCE_SELF, SOURCE_APPRAISED, SOURCE_COUNCIL };

/* Codes of rank_quota's `why`. */
#define QUOTA_BOTH_KINDS "both_kinds"     /* collectives and individuals share its places */
#define QUOTA_OTHER_GROUPS "other_groups" /* it is counted over several peer groups together */
#define QUOTA_PART_ONLY "part_only"       /* only some of the units that it counts are seen here */
#define QUOTA_NOT_DECIDED "not_decided"   /* a percentage of holders of an award not granted yet */

struct rank_row {
    uint32_t rank; /* 1 …; 0: no rank (applicable maximum zero) */
    bool tied;
    char *unit, *unit_name, *subject, *name, *class_id;
    int32_t total, max;
    char *grade;                     /* id; NULL: the profile has none */
    const struct label *grade_label; /* for people; lives in the catalog; NULL: not told */
    uint32_t older_profile; /* version scored by, where another is in force; 0: the one in force */
    enum value_source source;
    bool on_time;
    struct hash report;
    uint32_t revision;
    uint32_t older_version; /* of the campaign, that the report answers; 0: the one in force */
    int64_t *keys; /* what each comparator compares, the greater one first; NULL: there is none */
};
#define RANK_NO_VALUE INT64_MIN /* a key of it: nothing to compare, which goes last */
struct rank_excluded {
    char *unit, *subject;
    const char *why; /* a code: late, other_profile, returned … */
};

struct rank_tie {
    char *unit, *subject;
};
/*
 * Where a quota of the campaign cuts the ranking: `inside` subjects have a place for certain, those
 * of `ties` are equal and more than the `left` places that remain, which a vote of the council has
 * to settle. `edge` is the last rank that has a place, that of the ties where there are any.
 */
struct rank_quota {
    const struct quota *rule; /* lives in the catalog */
    char *within;             /* unit or peer group that it is counted in; NULL: all together */
    int64_t base;             /* how many its percentage is taken of; -1: none, or not known */
    int64_t places;           /* -1: not known */
    const char *why;          /* a code, why no edge is shown here; NULL: one is */
    uint32_t inside, left, edge;
    uint32_t n_ties;
    struct rank_tie *ties; /* by unit code, then subject code */
};
struct ranking {
    char *campaign;
    uint32_t version;
    char *period;
    enum report_kind kind;
    char *under; /* unit code; NULL: the whole subtree */
    char *group; /* NULL: none chosen */
    enum subject_kind subjects;
    char *profile;
    const char *values; /* self, appraised, council, effective */
    day units_as_of;
    uint32_t n_rows, n_excluded;
    struct rank_row *rows;
    struct rank_excluded *excluded;
    uint32_t n_quotas;
    struct rank_quota *quotas;   /* as the campaign declares them, then by unit code */
    bool reconstructed;          /* some criteria are rebuilt from what others cite */
    bool registration_unchecked; /* reports need a registration, which nobody looks for yet */
    uint32_t n_comparators;      /* what decides between equal shares; they live in the catalog */
    const struct comparator *comparators;
};
/* Whether row `i` of `r` has the share of the one before or after it, and comparators decide. */
bool ranking_is_equal(const struct ranking *r, uint32_t i);
/* What comparator `i` of `r` compares of `row`, as it is; RANK_NO_VALUE: nothing. */
int64_t ranking_compared(const struct ranking *r, const struct rank_row *row, uint32_t i);
void ranking_done(struct ranking *r);

/* 10000 · part ÷ whole, half up: hundredths of a percent; whole 0 gives 0. */
int64_t share_half_up(int64_t part, int64_t whole);
/* The same, half away from zero, for scores that may be negative. */
int64_t share_half_away(int64_t part, int64_t whole);

#endif
