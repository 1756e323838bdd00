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

/* `on_time` …, as JSON and command options spell it; parse gives -1 if unknown. */
const char *slot_state_text(enum slot_state s);
int slot_state_parse(const char *text);
const char *slot_review_text(enum slot_review r);

struct board_row {
    char *unit, *name; /* code and name of the unit at the due instant */
    enum slot_state state;
    enum slot_review review;
    instant received_at; /* of the effective revision; INSTANT_NONE: nothing received */
    char *by;            /* unit code of the receiving hub; NULL */
    struct hash report;  /* the effective revision; zero: none */
    uint32_t revision;   /* 0: none */
    bool nil;
    struct hash shown; /* a revision that came after the window and does not count; zero */
    instant shown_received_at;
    instant extended_to;  /* until when reports are excused; INSTANT_NONE: until the due instant */
    instant last_contact; /* INSTANT_NONE: never, or not known */
};

struct board {
    char *campaign, *period;
    enum report_kind kind;
    instant at, due; /* due INSTANT_NONE: no date is asked */
    uint32_t expected, actual, actual_on_time;
    uint32_t n_rows;
    struct board_row *rows; /* by unit code */
    bool reconstructed;     /* some criteria are rebuilt from what others cite */
};
void board_done(struct board *b);

enum value_source { SOURCE_SELF, SOURCE_APPRAISED, SOURCE_COUNCIL };

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
};
struct rank_excluded {
    char *unit, *subject;
    const char *why; /* a code: late, other_profile, returned … */
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
    bool reconstructed; /* some criteria are rebuilt from what others cite */
};
void ranking_done(struct ranking *r);

/* 10000 · part ÷ whole, half up: hundredths of a percent; whole 0 gives 0. */
int64_t share_half_up(int64_t part, int64_t whole);
/* The same, half away from zero, for scores that may be negative. */
int64_t share_half_away(int64_t part, int64_t whole);

#endif
