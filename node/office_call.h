/*
 * Office call: which sheet a verb is asked about, as all verbs that work on one are.
 */
#ifndef NODE_OFFICE_CALL_H
#define NODE_OFFICE_CALL_H

#include "node/command.h"
#include "node/office.h"

/* The options that office_call_open reads, as rows of a verb's table. */
#define OFFICE_CALL_OPTIONS                                                                        \
    {.name = "campaign", .value = "ID", .help = N_("of which campaign")},                          \
        {.name = "period", .value = "P", .help = N_("of which period")}, {                         \
        .name = "unit", .value = "CODE", .help = N_("for a unit below that has no machine")        \
    }

/* Open the sheet that the call of `c` names, also one that is damaged where `damaged_too` says so,
 * into `ret_office`, as office_open does. */
int office_call_open(struct command *c, bool damaged_too, struct office *ret_office, struct err *e);

#endif
