/*
 * What a ranking is about: which campaign, period, kind of report and of subject somebody means,
 * and on which day the units are looked at. What goes without saying may be left out.
 */
#ifndef NODE_STANDING_CHOICE_H
#define NODE_STANDING_CHOICE_H

#include "node/slot_facts.h"

/* As typed; NULL: left out. */
struct standing_asked {
    const char *campaign, *period, *kind, *under, *group, *subject_kind, *values, *subject;
    day units_as_of;           /* DAY_NONE: left out */
    uint32_t limit;            /* 0: none */
    bool from_scratch;         /* not from the book: for tests, which compare the two */
    const struct world *world; /* who is told how far it is; NULL: nobody */
};

struct standing_choice {
    struct catalog_campaign *campaign; /* the latest version */
    const struct period *period;
    const struct report_rule *rule;
    enum subject_kind subjects;
    struct uid under; /* zero: not limited */
    day as_of;
    const char *values;
};

/*
 * Make up `ret_choice` of what `asked` says, among what `f` was read from. ERR_USAGE where there
 * are several and none is chosen: they go into `words`; ERR_REFUSED where there is none so called.
 */
int standing_choice_make(const struct slot_facts *f, const struct standing_asked *asked,
                         struct standing_choice *ret_choice, struct buf *words, struct err *e);

/* One subject, by codes. */
struct standing_subject {
    char unit[LIMIT_CODE + 1], code[LIMIT_CODE + 1];
};
/*
 * Whom `typed` means: UNIT/CODE; a unit's code alone, the unit itself; any other code, a subject of
 * the unit of `f`. ERR_REFUSED where that is no code.
 */
int standing_subject_parse(const struct slot_facts *f, const struct standing_choice *choice,
                           const char *typed, struct standing_subject *ret_subject, struct err *e);
/* ERR_REFUSED: the subject that was asked for is not in the ranking. */
int standing_subject_absent(const struct standing_asked *asked, struct err *e);

#endif
