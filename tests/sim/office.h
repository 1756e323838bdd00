/*
 * The people: the provincial office that issues a campaign, and the offices that report. They know
 * the rules and sometimes break them; what must come of each deed is said here in plain words.
 */
#ifndef TESTS_SIM_OFFICE_H
#define TESTS_SIM_OFFICE_H

#include "core/bytes.h"
#include "core/err.h"

struct sim;
struct node;
struct stated;

#define OFFICE_CAMPAIGN "thidua"

/* Plan the whole run from the seed's plan: dates, who reports what and when, when nodes sync. */
void office_plan(struct sim *sim);
/* State version `version` of the campaign at the hub; an error code as the engines give it. */
int office_issue(struct sim *sim, uint32_t version, struct err *e);
/* Do deed `deed` of `n`. Returns 1 when the office has to wait (it has no campaign yet), else an
 * error code; whether it is done shows in the history. */
int office_act(struct sim *sim, struct node *n, uint32_t deed, struct err *e);
/* What must come of the report with `payload` that `n` stated, into `s`. */
void office_expect(struct sim *sim, struct node *n, struct stated *s, struct slice payload);

#endif
