/*
 * What a node tells programs: its status, its reports, its subjects, a score. Plain data, filled by
 * node/ and printed here; texts are owned by whoever fills them, NULL prints null.
 */
#ifndef PROTO_JSON_NODE_H
#define PROTO_JSON_NODE_H

#include "core/limits.h"
#include "core/sheet.h"
#include "proto/payload.h"

/* What became of a report, as far as receipts that are here bear witness. */
enum report_state {
    STATE_QUEUED,   /* no receipt yet */
    STATE_RECEIVED, /* a hub holds it */
    STATE_ACCEPTED, /* a reviewer's act, never merely received */
    STATE_RETURNED,
    STATE_REJECTED,
    STATE_SUPERSEDED, /* a later revision counts */
    STATE_WITHDRAWN,
};

struct receipt_view {
    const char *unit, *level; /* of the hub that received it */
    instant received_at;      /* by that hub's clock */
    enum receipt_state state;
    bool clock_doubt;     /* that clock was in doubt */
    instant mended_at;    /* what it counts as, as somebody above that hub stated; INSTANT_NONE */
    const char *reason;   /* of a rejection, in the reader's language; else NULL */
    uint32_t reason_code; /* its code; 0: none */
};

struct report_view {
    struct hash report;
    const char *unit, *campaign, *period;
    enum report_kind kind;
    uint32_t revision;
    bool nil;
    enum report_state state;
    instant sealed_at; /* by this machine's clock: a claim */
    uint32_t n_receipts;
    struct receipt_view *receipts;
    const char *reason;      /* of a rejection, in the reader's language */
    uint32_t reason_code;    /* its code; 0: none */
    uint32_t version;        /* of the campaign, that the report answers; 0: not held here */
    uint32_t latest_version; /* the one in force */
    bool reconstructed;      /* some criteria are rebuilt from what others cite */
    uint32_t epoch; /* at a hub: where it stands in the log of the machine that stated it; else 0 */
    uint64_t seq;
    bool registration_unchecked; /* it needs a registration, which nobody looks for yet */
    bool inherited;              /* at a node: a machine of the unit before this one stated it */
    bool came_back;       /* the hub gave it back: another copy of its machine may have stated it */
    struct hash restates; /* what it says again, whose place another copy of its machine had taken;
                             zero: nothing */
    struct hash rival;    /* … that copy's report for the same, as far as it is here; zero */
    const char *rival_by; /* who received that, and when; NULL: not known here */
    instant rival_at;
    uint32_t rival_values; /* in how many values that report differs, as far as it can be read */
    struct hash in_force;  /* received after the window: what counts instead; zero: not so */
    bool late;             /* received after the window, of which the two instants tell */
    instant counts_at;     /* … when it counts as received */
    instant window;        /* … the first instant that was too late */
};

struct due_view {
    const char *unit, *campaign, *period;
    enum report_kind kind;
    instant due;       /* the first instant that is too late */
    bool extended;     /* … by a signed extension, later than the campaign says */
    char *why;         /* it was extended, or its unit is exempt, in the act's own words; NULL */
    int32_t days_left; /* until the last day that counts: 0 today, negative: past */
};

/* A cell of a sheet that says otherwise than the last report. */
struct unsealed_cell {
    char subject[LIMIT_CODE + 1];
    const char *criterion;
    struct cell here, reported; /* the same: another note stands there */
};
#define UNSEALED_CELLS 20u

/* A sheet that says otherwise than the last report that was stated of it. */
struct unsealed_view {
    const char *unit, *campaign, *period;
    struct hash report;
    enum report_kind kind;
    uint32_t revision;
    uint32_t values; /* how many cells do */
    bool came_back;  /* the hub gave that report back, and nothing was sealed since */
    uint32_t n_cells;
    struct unsealed_cell cells[UNSEALED_CELLS]; /* the first of them, row by row */
};

struct status_view {
    const char *unit, *hub;
    instant last_contact;
    uint64_t pending; /* records of ours that the hub has not said to hold */
    uint32_t n_reports, n_due, n_exempt;
    const struct report_view *reports;
    const struct due_view *due;
    const struct due_view *exempt; /* what is not asked because its unit is exempt by name */
    const char *moved_under;       /* where the unit lies now; NULL: below its hub, as ever */
    day moved_since;
    const char *ended; /* `revoked` or `replaced`: the machine states nothing more; NULL: neither */
    instant ended_since;
    const char *ended_why; /* NULL: unknown */
    uint32_t n_unsealed;
    const struct unsealed_view *unsealed;
};

/* Each appends one document to `out`, in one line without a line feed. */
int json_status(const struct status_view *s, struct buf *out, struct err *e);
int json_reports(const struct report_view *list, uint32_t n, struct buf *out, struct err *e);

/* One value of a sheet, as it stands. */
struct value_view {
    const char *subject, *criterion, *note;
    struct cell cell;
};
/* One report with its values. */
int json_report(const struct report_view *r, const struct value_view *values, uint32_t n,
                struct buf *out, struct err *e);

struct subject_view {
    const char *unit;
    const struct subject *subject;
    const struct payload_name *name;
};
/* A list of subjects, or with `single` the only one. */
int json_subjects(const struct subject_view *list, uint32_t n, bool single, struct buf *out,
                  struct err *e);

/* Somebody in a list who leaves it, or has another name from now on, and what hangs on the code. */
struct subject_change {
    const char *unit, *code;
    const char *before, *after; /* names; `after` NULL: leaves */
    uint32_t values, reports;
};
/* What is said of somebody in a list, besides the name, and is another now; empty: nothing. */
struct subject_field_change {
    const char *unit, *code, *field, *before, *after;
};
/* What an import of subjects came to. */
struct subject_import_view {
    uint32_t rows, added, changed, gone;
    bool dry_run;
    uint32_t n;
    const struct subject_change *list;
    uint32_t n_fields;
    const struct subject_field_change *fields;
};
int json_subject_import(const struct subject_import_view *v, struct buf *out, struct err *e);

/* The points of one row of a sheet, and which of its applicable criteria are empty. */
struct score_row {
    const char *subject, *name;
    enum subject_kind kind;
    const char *class_id;
    struct points points;
    const char *grade; /* id; NULL: none */
    uint32_t n_empty;
    const char **empty; /* criteria ids, in the campaign's order */
};
struct score_view {
    const char *unit, *campaign, *period, *profile;
    uint32_t version, empty, strays;
    bool reconstructed; /* some criteria are rebuilt from what others cite */
    uint32_t n_rows;
    const struct score_row *rows;
    const struct unsealed_view *unsealed; /* NULL: the sheet is as the last report says */
};
int json_score(const struct score_view *s, struct buf *out, struct err *e);

/* What a check found. */
struct problem_view {
    struct hash record; /* zero: of no one record */
    const char *what;
};
struct check_view {
    uint64_t records, rows, total;
    uint32_t n; /* of `total`, those that are listed */
    const struct problem_view *problems;
};
int json_check(const struct check_view *c, struct buf *out, struct err *e);

#endif
