/*
 * Units: the dated tree of offices. A unit is named by an opaque random id for ever; code, name,
 * level, kind, group and parent are facts about it that hold from a day on. Codes get reused and
 * names repeat, so neither is a key.
 *
 * A fact is one row as a hub stated it; the tree keeps all of them, in the order in which they were
 * added: hubs above before those below, each in the order of its log. What holds on a
 * day is the fact with the greatest `effective` not after that day, the later stated one where two
 * are equal.
 */
#ifndef CORE_UNITS_H
#define CORE_UNITS_H

#include "core/unit_fact.h"

#include <stdint.h>

#define DAY_LATEST INT32_MAX /* the day after which nothing changes */

struct units; /* opaque: facts in the order added, indexed by id and by code */

int units_new(struct units **ret_units, struct err *e);
void units_free(struct units *u);

/* Add `fact` (its strings are copied). ERR_REFUSED on a cycle, an unknown parent, or a bound. A
 * code that another unit has on the same days takes no unit out of the tree: both have it. */
int units_add(struct units *u, const struct unit_fact *fact, struct err *e);
/* Add `fact`, which is about to be stated here: ERR_REFUSED also where another unit has its code.
 */
int units_trial(struct units *u, const struct unit_fact *fact, struct err *e);

/* Number of distinct units, and the id of the i-th in the order in which they were added. */
size_t units_count(const struct units *u);
const struct uid *units_id(const struct units *u, size_t i);
/* How many facts about `id` there are, of whatever day. */
uint32_t units_facts(const struct units *u, const struct uid *id);
/* How often a unit that was in `u` already came below one that it never was directly below. */
size_t units_moves(const struct units *u);
/* Whether `u` holds as many units, or facts, as a deployment may. */
bool units_full(const struct units *u);

/* The fact that holds for `id` on `on` (whether or not the unit exists then); NULL if none. */
const struct unit_fact *units_at(const struct units *u, const struct uid *id, day on);
/* Whether `id` exists on `on`. */
bool units_exist(const struct units *u, const struct uid *id, day on);
/* The unit whose code is `code` on `on` and which exists then, of several the one with the least
 * id; NULL if none. */
const struct unit_fact *units_by_code(const struct units *u, const char *code, day on);
/* The same for people who name a unit by its code, into `ret_fact`: ERR_REFUSED, naming both, where
 * several have it; those who entered them did not know of each other. */
int units_named(const struct units *u, const char *code, day on, const struct unit_fact **ret_fact,
                struct err *e);
/* Whether `id` is `top` or lies below it on `on`. A zero `top` holds for every unit. */
bool units_under(const struct units *u, const struct uid *id, const struct uid *top, day on);
/* Whether any fact ever stated puts `id` at or below `top`: a right to speak for a unit is not
 * undone by a later move. */
bool units_ever_under(const struct units *u, const struct uid *id, const struct uid *top);
/*
 * Whether the hub of unit `author`, which is not the root's, may state `fact`: of a unit that, on
 * the day from which the fact holds, is below it, putting it below itself; or of one not known yet
 * whose id (core/unit_id.h) it drew, or a hub below it. What it may not state is passed over: after
 * a move the old hub speaks of the days before it, the new one of those since.
 */
bool units_may_state(const struct units *u, const struct uid *author, const struct unit_fact *fact);

#endif
