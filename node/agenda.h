/*
 * Agenda: what this office is asked for and no hub has received yet, the nearest due date first.
 */
#ifndef NODE_AGENDA_H
#define NODE_AGENDA_H

#include "node/outcome.h"

/* Texts but `why` are the catalog's: valid as long as the actor's transaction. */
struct agenda {
    uint32_t n, n_exempt;
    struct due_view *list;
    struct due_view *exempt; /* what would be due, today or later, were the unit not exempt */
};

/*
 * The agenda on `today` into `ret_agenda`, given what became of reports so far; agenda_done frees
 * it. Of the own unit; of units just below it that have no machine, unless the hub above is the own
 * unit's and deals with them itself; and of any other for which this office listed subjects.
 * Reports without a due date are not in it.
 */
int agenda_load(struct actor *a, struct txn *t, const struct outcomes *outcomes, day today,
                struct agenda *ret_agenda, struct err *e);
void agenda_done(struct agenda *g);

/* The unit of the hub that this actor reports to; NULL where that is not known yet. */
const struct unit_fact *agenda_hub(struct actor *a, struct txn *t);

#endif
