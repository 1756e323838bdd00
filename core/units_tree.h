/*
 * What a tree of units is made of; for core/units*.c alone.
 */
#ifndef CORE_UNITS_TREE_H
#define CORE_UNITS_TREE_H

#include "core/index.h"
#include "core/unit_fact.h"

#define NOWHERE UINT32_MAX /* the parent of a root */

struct fact {
    struct unit_fact says;
    uint32_t parent; /* position of the parent unit, NOWHERE for a root */
};

/* Its facts by `effective`, later stated ones after earlier ones. */
struct unit {
    struct uid id;
    uint32_t n;
    struct fact **facts;
    uint32_t next; /* on the list of those to be looked at … */
    uint64_t seen; /* … by the walk of this number, and those before it */
};

/* Some unit had this code once; or this parent. Never taken out: what held is asked of the unit. */
struct code_use {
    const char *code;
    uint32_t unit;
};
struct edge {
    uint32_t parent, child;
};
/* What a use of a code is looked up by; the zero id is before all others. */
struct code_key {
    const char *code;
    struct uid id;
};

struct units {
    uint32_t n, n_facts;
    struct unit *list; /* in order of first statement */
    uint32_t n_uses, n_edges;
    struct code_use *uses;
    struct edge *edges;
    struct index by_id, by_code, by_parent;
    uint32_t last_parent; /* that was looked up; any number where there was none */
    uint64_t *walks;      /* how many there were */
};

/* Days [lo, hi). DAY_NONE is the least day, so an open beginning needs no special case. */
struct span {
    int64_t lo, hi;
};
#define FOR_EVER ((int64_t)INT32_MAX + 1)

/* How many facts of `unit` are effective on or before `on`. */
uint32_t units_facts_until(const struct unit *unit, day on);

static inline const struct fact *units_fact_at(const struct unit *unit, day on) {
    uint32_t n = units_facts_until(unit, on);
    return n > 0 ? unit->facts[n - 1] : NULL;
}

/* The days on which the unit of `f` exists, as that says. */
static inline struct span units_existence(const struct unit_fact *f) {
    struct span s = {f->from, f->until == DAY_NONE ? FOR_EVER : f->until};
    return s;
}

/*
 * A walk up from unit `at` by whatever fact was ever stated, which looks at each unit once: `at`
 * and then each `next`, until NOWHERE, putting the parents of each on the list behind `last`. There
 * is one walk at a time. Returns its number.
 */
static inline uint64_t units_walk_begin(const struct units *u, uint32_t at) {
    u->list[at].seen = ++*u->walks;
    u->list[at].next = NOWHERE;
    return *u->walks;
}

static inline void units_walk_up(const struct units *u, uint64_t walk, uint32_t at,
                                 uint32_t *last) {
    const struct unit *unit = &u->list[at];
    for (uint32_t i = unit->n; i-- > 0;) {
        uint32_t parent = unit->facts[i]->parent;
        if (parent == NOWHERE || u->list[parent].seen == walk)
            continue;
        u->list[parent].seen = walk;
        u->list[parent].next = NOWHERE;
        u->list[*last].next = parent;
        *last = parent;
    }
}

#endif
