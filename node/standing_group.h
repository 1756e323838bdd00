/*
 * Peer groups: ranking happens inside one. A campaign may declare its own, of units or of subject
 * classes; where it declares none for the subjects in question, the units' own groups count.
 */
#ifndef NODE_STANDING_GROUP_H
#define NODE_STANDING_GROUP_H

#include "node/standing_reports.h"

enum group_choice { GROUP_ALL, GROUP_DECLARED, GROUP_OF_UNIT, GROUP_NONE_DECLARED };

struct standing_group {
    enum group_choice choice;
    const struct campaign *campaign;
    enum subject_kind subjects;
    const struct peer_group *declared; /* GROUP_DECLARED */
    const char *of_unit;               /* GROUP_OF_UNIT: may be empty */
    bool everyone;                     /* nobody is left out: there is no other group */
};

/*
 * Choose the group called `typed` (NULL: the only one; `-`: what is in none) for `choice` over
 * `reports`. ERR_USAGE where there are several: they go into `words`; ERR_REFUSED for no such one.
 */
int standing_group_choose(const struct standing_choice *choice, const char *typed,
                          const struct standing_reports *reports, struct standing_group *ret_group,
                          struct buf *words, struct err *e);
/* Whether what parts `g` from the rest are classes of subjects, so that it runs through units. */
bool standing_group_by_class(const struct standing_group *g);
/* Its id; NULL for no group. */
const char *standing_group_id(const struct standing_group *g);
/* Whether a subject of class `class_id` in `unit` belongs to `g`. */
bool standing_group_has(const struct standing_group *g, const struct unit_fact *unit,
                        const char *class_id);

#endif
