/*
 * Acts: what signed records say about slots that a report alone does not: until when a unit may
 * report, and which reports were taken back. Read from the log whenever somebody asks.
 */
#ifndef NODE_ACTS_H
#define NODE_ACTS_H

#include "core/limits.h"
#include "node/actor.h"
#include "node/slots.h"

/* All acts hold as stated, whenever they were stated. All zero is empty. */
struct acts {
    uint32_t n_extensions, n_withdrawals;
    struct act_extension *extensions; /* by unit */
    struct act_withdrawal {
        struct hash report, record;
    } * withdrawals; /* by report */
};

/*
 * All that `t` holds, at the actor `a`, into `ret_acts` (acts_done). An extension counts when the
 * campaign's issuer is its author's unit or below it, as the latest facts say; a withdrawal when it
 * names a report that is held, in the same lane.
 */
int acts_load(struct actor *a, struct txn *t, struct acts *ret_acts, struct err *e);
void acts_done(struct acts *acts);

/* The latest instant that any extension gives `slot`; INSTANT_NONE if there is none. */
instant acts_until(const struct acts *acts, const struct slot *slot);
/* Why that extension was given, in its author's words, into `ret_why` (mem_free); NULL where there
 * is none, or for a reason that this program does not know. */
int acts_until_why(const struct acts *acts, struct txn *t, const struct slot *slot, char **ret_why,
                   struct err *e);

/* The withdrawals of `report`, how many into `ret_n`; those of one report stand together. */
const struct act_withdrawal *acts_withdrawals(const struct acts *acts, const struct hash *report,
                                              uint32_t *ret_n);
/*
 * Why `report`, which was withdrawn, was taken back, in its author's words, into `ret_words` (in
 * `a`); NULL for a reason that this program does not know.
 */
int acts_why(const struct acts *acts, struct txn *t, const struct hash *report, struct arena *a,
             const char **ret_words, struct err *e);
/* Whether there is one. */
bool acts_withdrawn(const struct acts *acts, const struct hash *report);

#endif
