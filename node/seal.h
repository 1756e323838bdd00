/*
 * Sealing: the draft becomes a report, a signed record that is queued for the hub. It is judged
 * here by the rules that the hub judges by, before it is stated: what a node seals is not rejected
 * above for its content.
 */
#ifndef NODE_SEAL_H
#define NODE_SEAL_H

#include "node/office.h"

struct seal {
    enum report_kind kind; /* 0: the campaign's default */
    bool nil;              /* a report that there is nothing to report */
    instant now;
};

struct sealed {
    struct hash report;
    enum report_kind kind;
    uint32_t revision;
    uint32_t inherited; /* the revision of a machine before this one that it follows; 0: none */
    uint32_t empty;     /* applicable cells without a value, where the campaign allows that */
};

/*
 * State `how` from the sheet of `o`, and the subject list before it where that was never stated,
 * in the transaction of `o`, which the caller commits (or aborts, to see what would happen).
 * ERR_REFUSED where the sheet does not pass, naming what is wrong, or where it is what the last
 * revision of this machine said and that was not rejected, naming it; where this machine stated
 * none, what the one that counts of a machine before it said.
 */
int seal_report(struct office *o, const struct seal *how, struct sealed *ret_sealed, struct err *e);

/*
 * Count the cells of `o` that a complete report has and the draft has not. Appends one line per
 * subject with the criteria to `words`, at most `lines` lines, where `words` is not NULL.
 */
uint32_t seal_empty(const struct office *o, const struct world *w, struct buf *words,
                    uint32_t lines);
/* How many cells of `o` have a value. */
uint32_t seal_filled(const struct office *o);
/* Whether a complete report has a value at `row`, `column`, and the draft has none. */
bool seal_is_empty(const struct office *o, uint32_t row, uint32_t column);

#endif
