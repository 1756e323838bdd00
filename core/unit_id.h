/*
 * Ids of units: drawn at random, and bound to the unit of the hub that draws them, so that no other
 * hub can be the first to speak of the unit, in whatever order they are heard.
 */
#ifndef CORE_UNIT_ID_H
#define CORE_UNIT_ID_H

#include "core/id.h"

/* Make of `id`, whose first UNIT_ID_RANDOM bytes are random, one that is bound to unit `author`. */
#define UNIT_ID_RANDOM 6
void unit_id_bind(struct uid *id, const struct uid *author);
/* Whether `id` is bound to unit `author`. */
bool unit_id_is_bound(const struct uid *id, const struct uid *author);

#endif
