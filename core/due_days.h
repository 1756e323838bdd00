/*
 * Due days: the days at whose first instant something is too late, of many campaigns at once. A day
 * is one bit, so that what is asked at every tick costs the same however many dates were stated.
 */
#ifndef CORE_DUE_DAYS_H
#define CORE_DUE_DAYS_H

#include "core/campaign.h"

/* All zero is empty. */
struct due_days {
    uint64_t *words; /* NULL: there are none */
};

void due_days_done(struct due_days *d);
/* Take in every due instant that `c`, which was checked, has for units of any level. ERR_NOMEM. */
int due_days_add(struct due_days *d, const struct campaign *c, struct err *e);
/* The first due instant after `after`, up to `until`; INSTANT_NONE: there is none. */
instant due_days_next(const struct due_days *d, instant after, instant until);

#endif
