/*
 * Periods: the ids that people type and the days they stand for. A campaign may declare other days
 * for a period than its id says (a school year); these are the natural ones, used where it does
 * not.
 */
#ifndef CORE_PERIOD_H
#define CORE_PERIOD_H

#include "core/err.h"
#include "core/instant.h"

/*
 * Read period id `id`: `YYYY`, `YYYY-Hn` (half), `YYYY-Qn` (quarter), `YYYY-MM` (month) or
 * `YYYY-YYYY` (the later year second), years 0001 to 9999. `ret_begin` and `ret_end` get its first
 * and its last day, both inside. ERR_REFUSED for anything else.
 */
int period_parse(const char *id, day *ret_begin, day *ret_end, struct err *e);

#endif
