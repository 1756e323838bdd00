/*
 * The reports that a ranking is made of: of every unit in question its effective revision.
 */
#ifndef NODE_STANDING_REPORTS_H
#define NODE_STANDING_REPORTS_H

#include "core/result.h"
#include "node/standing_choice.h"

struct standing_report {
    const struct unit_fact *unit; /* as on the day chosen */
    struct hash report;           /* zero: none came */
    enum slot_state state;        /* where one came */
    bool expected;                /* the campaign asks the unit for one */
};

struct standing_reports {
    uint32_t n;
    struct standing_report *list;
};

/* One entry for every unit that `choice` takes in and that has a report or is asked for one. */
int standing_reports_find(struct slot_facts *f, const struct standing_choice *choice,
                          struct standing_reports *ret_reports, struct err *e);
void standing_reports_done(struct standing_reports *r);

#endif
