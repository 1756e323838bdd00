/*
 * Questions: which board and which ranking somebody asks the auditor for, and what the words of the
 * question mean among the facts. The options are those of `thidua-hub board` and `rank`.
 */
#ifndef AUDIT_ASK_H
#define AUDIT_ASK_H

#include "audit/fold.h"
#include "core/result.h"

struct ask {
    const char *campaign, *period, *under, *group; /* NULL: not given */
    enum report_kind kind;                         /* 0: not given */
    int state;                                     /* enum slot_state; -1: any */
    bool branches;                                 /* figures of each branch, no rows */
    enum subject_kind subjects;                    /* SUBJECT_ANY: not given */
    const char *subject; /* NULL: all; else this one, after the first `limit` */
    const char *values;  /* NULL: effective */
    day units_as_of;     /* DAY_NONE: the period's cutoff */
    uint32_t limit;      /* 0: none */
    instant at;
};

/* One thing that is asked for: the latest version of a campaign, a period and a report of it. */
struct ask_slot {
    const struct fold_campaign *k;
    const struct period *period;
    const struct report_rule *rule;
};

/*
 * All that `a` may mean for a board, in the order that boards are listed, into `ret_list` (the
 * caller frees it with mem_free). ERR_REFUSED if there is none, ERR_USAGE where an id is not
 * enough.
 */
int ask_boards(const struct fold *f, const struct ask *a, struct ask_slot **ret_list,
               uint32_t *ret_n, struct err *e);
/* The one that `a` means for a ranking; ERR_USAGE lists what there is if it may be several. */
int ask_ranking(const struct fold *f, const struct ask *a, struct ask_slot *ret_slot,
                struct err *e);

/* Whether report `r` answers `s`: of that campaign in any version, that period and kind. */
bool ask_answers(const struct fold *f, const struct ask_slot *s, const struct fold_report *r);

/* A growing line of names for a message. */
struct ask_names {
    char text[ERR_ARG_BYTES];
    size_t n;
};
void ask_names_add(struct ask_names *names, const char *a, const char *b);

#endif
