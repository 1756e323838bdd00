/*
 * Asked: whether a report that is about to be stated is one that its unit is asked for.
 */
#ifndef NODE_ASKED_H
#define NODE_ASKED_H

#include "node/command.h"
#include "node/office.h"

/*
 * Say in the words of `c` where the unit of `o` is not asked for a report of `kind` (0: the
 * campaign's default), or exempt from it, and which reports are awaited from it. It may be stated
 * all the same.
 */
int asked_say(struct command *c, const struct office *o, enum report_kind kind, struct err *e);

#endif
