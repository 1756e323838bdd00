/*
 * Overtaken: what an office would state again, as its places were taken, it may have put right
 * since by what stands: a later revision, a withdrawal, a later list of subjects. Said again it
 * would come behind these and undo them. What another copy of it stated, in epochs in which this
 * one signed nothing, was not said since: it came back.
 */
#ifndef NODE_OVERTAKEN_H
#define NODE_OVERTAKEN_H

#include "node/own_reports.h"

struct overtaken_taking {
    struct hash withdrawal, report;
};

/* A name of a subject that stands, and where. */
struct overtaken_name {
    struct uid subject;
    uint32_t epoch;
    uint64_t seq;
};

/* The last list of subjects of a unit that stands, and where. */
struct overtaken_list {
    struct uid unit;
    struct hash list;
    uint32_t epoch;
    uint64_t seq;
    bool undone; /* one that was displaced is said again behind it */
};

/* All zero is empty. */
struct overtaken {
    struct own_reports standing, displaced;
    uint32_t n_takings;
    struct overtaken_taking *takings; /* withdrawals that stand */
    uint32_t n_names;
    struct overtaken_name *names;
    uint32_t n_lists;
    struct overtaken_list *lists; /* one of each unit */
};

/* What the actor `a` stated that bears on it, as `t` has it now (overtaken_done). */
int overtaken_load(struct actor *a, struct txn *t, struct overtaken *ret, struct err *e);
void overtaken_done(struct overtaken *o);

/* Whether a revision of the report `r`, which was displaced, stands behind it. */
bool overtaken_report(const struct overtaken *o, const struct record *r);
/* The same of `d`, which is of those that stand or of those that were displaced. */
bool overtaken_standing(const struct overtaken *o, const struct own_report *d);
/* Whether `report` is one that was displaced itself: a withdrawal that names it takes nothing back.
 */
bool overtaken_displaced(const struct overtaken *o, const struct hash *report);
/* Whether a name of the subject of `r`, a name that was displaced, stands behind it; ERR_NOMEM. */
int overtaken_named(const struct overtaken *o, const struct record *r, bool *ret_overtaken,
                    struct err *e);
/* The list `r` is said again: mark that of its unit which stands behind it, if any; ERR_NOMEM. */
int overtaken_undo(struct overtaken *o, const struct record *r, struct err *e);

#endif
