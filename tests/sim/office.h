/*
 * The people: the provincial office that issues a campaign, and the offices that report. They know
 * the rules and sometimes break them; what must come of each deed is said here in plain words.
 */
#ifndef TESTS_SIM_OFFICE_H
#define TESTS_SIM_OFFICE_H

#include "core/bytes.h"
#include "core/err.h"

struct sim;
struct machine;
struct stated;
struct hash;

#define OFFICE_CAMPAIGN "thidua"
#define CRITERIA 4 /* of a campaign's second version; its first has one less */

/* Plan the whole run from the seed's plan: the tree, dates, who does what and when. */
void office_plan(struct sim *sim);
/* Do act `act` of the office of the hub `m`. Returns 1 when it has to wait, else an error code;
 * whether it is done shows in the history. */
int office_state(struct sim *sim, struct machine *m, uint32_t act, struct err *e);
/* The hub `m` makes another ticket for `child`, which lost everything, and hands it out. */
int office_ticket(struct machine *m, struct machine *child, struct err *e);
/* The hub `m` was seen to have stated `id`, of `kind`. */
void office_stated(struct sim *sim, struct machine *m, uint16_t kind, const struct hash *id);
/* Do deed `deed` of `n`. Returns 1 when the office has to wait (it has no campaign yet), else an
 * error code; whether it is done shows in the history. */
int office_deed(struct sim *sim, struct machine *n, uint32_t deed, struct err *e);
/* What must come of the report or withdrawal with `payload` that `n` stated, into `s`. */
void office_expect(struct sim *sim, struct machine *n, struct stated *s, struct slice payload);

#endif
