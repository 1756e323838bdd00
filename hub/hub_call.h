/*
 * What a call of a hub's verb names: units, campaigns of its own.
 */
#ifndef HUB_HUB_CALL_H
#define HUB_HUB_CALL_H

#include "node/command.h"

/* What to do about a `code` that no unit has on `on`: where one has it but for upper and lower
 * case, that one is named. Always ERR_REFUSED. */
int hub_call_unknown(const struct units *units, const char *code, day on, struct err *e);
/* The unit called `code` today, else the one called so by its latest fact, into `ret_fact`;
 * ERR_REFUSED if there is none, or several are called so today. */
int hub_call_unit(const struct command *s, const char *code, const struct unit_fact **ret_fact,
                  struct err *e);

/*
 * The latest version of the campaign called `name` (ID, or UNIT/ID) that this hub issued and did
 * not withdraw. ERR_REFUSED says what it is if it is anything else.
 */
int hub_call_own_campaign(const struct command *s, const char *name,
                          struct catalog_campaign **ret_campaign, struct err *e);

#endif
