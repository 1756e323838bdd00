#include "core/limits.h"
#include "core/unit_id.h"
#include "core/units.h"
#include "core/units_tree.h"
#include "core/units_way.h"

#include <assert.h>
#include <string.h>

uint32_t units_facts_until(const struct unit *unit, day on) {
    uint32_t lo = 0, hi = unit->n;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (unit->facts[mid]->says.effective <= on)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

size_t units_count(const struct units *u) {
    return u->n;
}

const struct uid *units_id(const struct units *u, size_t i) {
    return i < u->n ? &u->list[i].id : NULL;
}

uint32_t units_facts(const struct units *u, const struct uid *id) {
    uint32_t at;
    return index_find(&u->by_id, id, &at) ? u->list[at].n : 0;
}

size_t units_moves(const struct units *u) {
    return u->n_edges - u->n; /* each came with one */
}

bool units_full(const struct units *u) {
    return u->n >= LIMIT_UNITS || u->n_facts >= LIMIT_UNIT_FACTS;
}

const struct unit_fact *units_at(const struct units *u, const struct uid *id, day on) {
    uint32_t at;
    if (!index_find(&u->by_id, id, &at))
        return NULL;
    const struct fact *f = units_fact_at(&u->list[at], on);
    return f ? &f->says : NULL;
}

static bool exists(const struct unit_fact *f, day on) {
    struct span s = units_existence(f);
    return s.lo <= on && on < s.hi;
}

bool units_exist(const struct units *u, const struct uid *id, day on) {
    const struct unit_fact *f = units_at(u, id, on);
    return f && exists(f, on);
}

/* The next unit that exists on `on` with the code that `at` is at; NULL: there is no more. */
static const struct unit_fact *next_with(const struct units *u, struct index_at *at,
                                         const char *code, day on) {
    uint32_t use;
    while (index_next(&u->by_code, at, &use) && strcmp(u->uses[use].code, code) == 0) {
        const struct fact *f = units_fact_at(&u->list[u->uses[use].unit], on);
        if (f && strcmp(f->says.code, code) == 0 && exists(&f->says, on))
            return &f->says;
    }
    return NULL;
}

const struct unit_fact *units_by_code(const struct units *u, const char *code, day on) {
    struct code_key key = {.code = code};
    struct index_at at = index_seek(&u->by_code, &key);
    return next_with(u, &at, code, on);
}

int units_named(const struct units *u, const char *code, day on, const struct unit_fact **ret_fact,
                struct err *e) {
    struct code_key key = {.code = code};
    struct index_at at = index_seek(&u->by_code, &key);
    const struct unit_fact *f = next_with(u, &at, code, on), *other = NULL;
    if (f)
        other = next_with(u, &at, code, on);
    if (other) {
        const struct unit_fact *above = units_at(u, &f->parent, on),
                               *beside = units_at(u, &other->parent, on);
        return err_set(e, ERR_REFUSED,
                       "two units have the code %s: %s below %s, and %s below %s; have one of them "
                       "recoded by the hub that entered it",
                       code, f->name, above ? above->name : "-", other->name,
                       beside ? beside->name : "-");
    }
    *ret_fact = f;
    return 0;
}

bool units_under(const struct units *u, const struct uid *id, const struct uid *top, day on) {
    uint32_t at, goal = NOWHERE;
    if (!index_find(&u->by_id, id, &at))
        return false;
    if (uid_is_zero(top))
        return true;
    if (!index_find(&u->by_id, top, &goal))
        return false;
    while (at != goal) {
        const struct fact *f = units_fact_at(&u->list[at], on);
        if (!f || f->parent == NOWHERE)
            return false;
        at = f->parent;
    }
    return true;
}

/* Whether some chain of facts leads from unit `at` up to `goal`. */
static bool leads_up(const struct units *u, uint32_t at, uint32_t goal) {
    uint64_t walk = units_walk_begin(u, at);
    for (uint32_t last = at; at != NOWHERE && at != goal; at = u->list[at].next)
        units_walk_up(u, walk, at, &last);
    return at == goal;
}

bool units_ever_under(const struct units *u, const struct uid *id, const struct uid *top) {
    uint32_t at, goal;
    return index_find(&u->by_id, id, &at) &&
           (uid_is_zero(top) || uid_equal(id, top) ||
            (index_find(&u->by_id, top, &goal) && leads_up(u, at, goal)));
}

/* Whether `id` is `top` or below it on `on`; a unit of which nothing is known yet then is looked at
 * by its first fact. */
static bool leads_up_on(const struct units *u, const struct uid *id, const struct uid *top,
                        day on) {
    uint32_t at, goal;
    if (!index_find(&u->by_id, id, &at) || !index_find(&u->by_id, top, &goal))
        return false;
    for (unsigned steps = 0; at != goal && steps <= LIMIT_UNIT_DEPTH; steps++) {
        const struct unit *unit = &u->list[at];
        const struct fact *f = units_fact_at(unit, on);
        if (!f)
            f = units_fact_at(unit, unit->facts[0]->says.effective);
        assert(f); /* each unit has a fact, and that one is effective by then */
        if (f->parent == NOWHERE)
            return false;
        at = f->parent;
    }
    return at == goal;
}

/* Whether `id` is bound to a unit of the author's, at or above `parent`: the author drew it, or has
 * it from a hub below. */
static bool is_drawn_below(const struct units *u, const struct uid *id, const struct uid *parent,
                           const struct uid *author) {
    struct uid above[LIMIT_UNIT_WAYS];
    size_t n = units_way_above(u, parent, above, LIMIT_UNIT_WAYS);
    for (size_t i = 0; i < n && i < LIMIT_UNIT_WAYS; i++)
        if (unit_id_is_bound(id, &above[i]))
            return units_ever_under(u, &above[i], author);
    return false;
}

bool units_may_state(const struct units *u, const struct uid *author,
                     const struct unit_fact *fact) {
    uint32_t at;
    day on = fact->effective;
    if (uid_equal(&fact->id, author) || !leads_up_on(u, &fact->parent, author, on))
        return false;
    return index_find(&u->by_id, &fact->id, &at)
               ? leads_up_on(u, &fact->id, author, on)
               : is_drawn_below(u, &fact->id, &fact->parent, author);
}
