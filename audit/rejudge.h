/*
 * Judgement worked out once more: what a hub's receipt had to say of each report, and whether it
 * did.
 */
#ifndef AUDIT_REJUDGE_H
#define AUDIT_REJUDGE_H

#include "audit/fold.h"
#include "core/sheet.h"

/* A report opened for reading: everything that its values mean. */
struct opened {
    struct arena arena;
    struct payload_report report;
    struct subjects subjects; /* in the arena */
    struct sheet sheet;
    const struct fold_campaign *campaign;
    const struct period *period;
    const struct profile *profile;
    struct unit_view unit;
};
void rejudge_opened_done(struct opened *o);
/* What `o`'s sheet is scored by; valid as long as `o`. */
struct sheet_rules rejudge_opened_rules(const struct opened *o);

/* Mark the campaigns of `f` that inherit from one stated after its author's end. */
void rejudge_inherited(struct fold *f);

/*
 * Judge `r` into its `verdict` and `either`. With `ret_opened` not NULL a valid one is left open
 * there. Below zero only without memory.
 */
int rejudge_report(const struct fold *f, struct fold_report *r, struct opened *ret_opened,
                   struct err *e);

/*
 * Judge all reports of `f` and hold every receipt against that: it names a record that is here
 * (except where the bundle was made for `for_unit` and its subtree alone; zero: for anyone; or
 * where it is of somebody who is not below `exporter`), stands in the lane of its author's unit,
 * comes from a hub above, and a held one is followed by at most one final one with the same
 * instant. `exporter` (NULL: not known) receipted all that it holds of those below it.
 */
int rejudge_all(struct fold *f, const struct uid *for_unit, const struct member *exporter,
                struct err *e);

#endif
