/*
 * Marks: which units were looked at for which facts, so that a record of units that comes after
 * others, and belongs before them, need not have all of them read anew.
 *
 * Why that is the same. A fact writes to one unit, its own. Whether it is taken follows from the
 * facts of: that unit, the parent it names, all above these two over time, and all that ever was
 * below the unit (how deep the tree gets). So a late fact f and a fact g that belongs behind it,
 * but was read before it, do not touch each other if g is not of a unit that f looks at upwards,
 * and g did not look upwards through the unit of f. Then what one of them looks at downwards is out
 * of the other's reach too: that g is of a unit below f's means that g looked up through f's; and
 * that f is of a unit below g's means that f looks up through g's. Facts that were passed over
 * count as well: they might have been taken. The upward walks are those of LIMIT_UNIT_WAYS units;
 * what lies below more is passed over because of just these. What a late record cannot change is
 * how much of the shares is left for others, as long as none is used up: node/catalog_units sees to
 * that.
 *
 * Marks are of hubs below the root alone. The root's facts come first of all, and where one of them
 * is late, all is read anew.
 */
#ifndef NODE_UNIT_MARKS_H
#define NODE_UNIT_MARKS_H

#include "core/units.h"

/* Where a record of units stands among all of them. */
struct unit_marks_place {
    uint32_t depth; /* of its author: 1 is the root hub */
    struct hash actor;
    uint32_t epoch;
    uint64_t seq;
};

/* Negative, zero or positive as `a` is read before `b`. */
int unit_marks_place_cmp(const struct unit_marks_place *a, const struct unit_marks_place *b);

struct unit_marks; /* opaque */

int unit_marks_new(struct unit_marks **ret_marks, struct err *e);
void unit_marks_free(struct unit_marks *m);

/* The record at `place` is read now. `ret_last`: no other of its author that was read stands behind
 * it. */
int unit_marks_begin(struct unit_marks *m, const struct unit_marks_place *place, bool *ret_last,
                     struct err *e);
/*
 * `fact` of that record is about to be read into `units`: mark what it looks at. `ret_clash`: some
 * fact that belongs behind it and it do touch each other.
 */
int unit_marks_look(struct unit_marks *m, const struct units *units, const struct unit_fact *fact,
                    bool *ret_clash, struct err *e);

#endif
