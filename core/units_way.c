#include "core/units_way.h"

#include "core/limits.h"
#include "core/units_tree.h"

/* The fact about `id` before the one that begins on `effective`; NULL: there is none. */
static const struct unit_fact *fact_before(const struct units *u, const struct uid *id,
                                           day effective) {
    return effective == DAY_NONE ? NULL : units_at(u, id, effective - 1);
}

size_t units_way_above(const struct units *u, const struct uid *id, struct uid *ret_list,
                       size_t cap) {
    uint32_t at, last;
    if (!index_find(&u->by_id, id, &at))
        return 0;
    uint64_t walk = units_walk_begin(u, at);
    size_t n = 0;
    for (last = at; at != NOWHERE; at = u->list[at].next) {
        if (n == cap)
            return cap + 1;
        ret_list[n++] = u->list[at].id;
        units_walk_up(u, walk, at, &last);
    }
    return n;
}

const struct unit_fact *units_way_next(const struct units *u, const struct uid *id, day on) {
    const struct unit_fact *f = units_at(u, id, DAY_LATEST), *next = NULL;
    for (; f && f->effective > on; f = fact_before(u, id, f->effective))
        next = f;
    return next;
}

/* Whether `id` is under `top` on `on`, and the first day since when all facts on that way hold, be
 * it the way to `top` or past it. */
static bool way_on(const struct units *u, const struct uid *id, const struct uid *top, day on,
                   day *ret_since) {
    struct uid at = *id;
    *ret_since = DAY_NONE;
    for (unsigned steps = 0; steps <= LIMIT_UNIT_DEPTH && !uid_equal(&at, top); steps++) {
        const struct unit_fact *f = units_at(u, &at, on);
        if (f && f->effective > *ret_since)
            *ret_since = f->effective;
        if (!f || uid_is_zero(&f->parent))
            return false;
        at = f->parent;
    }
    return uid_equal(&at, top);
}

struct uid units_way_below(const struct units *u, const struct uid *id, const struct uid *top,
                           day on) {
    struct uid below = *id, at = *id;
    for (unsigned steps = 0; steps <= LIMIT_UNIT_DEPTH && !uid_equal(&at, top); steps++) {
        const struct unit_fact *f = units_at(u, &at, on);
        below = at;
        if (!f)
            break;
        at = f->parent;
    }
    return below;
}

bool units_way_stayed(const struct units *u, const struct uid *id, const struct uid *top, day from,
                      day to) {
    while (units_at(u, id, to)) {
        day since;
        if (!way_on(u, id, top, to, &since))
            return false;
        if (since <= from)
            return true;
        to = since - 1;
    }
    return true;
}

day units_way_since(const struct units *u, const struct uid *id, const struct uid *top) {
    day since = DAY_NONE;
    bool under = way_on(u, id, top, DAY_LATEST, &since);
    while (under && since != DAY_NONE) {
        day earlier;
        if (!units_at(u, id, since - 1) || !way_on(u, id, top, since - 1, &earlier))
            break;
        since = earlier;
    }
    return under ? since : DAY_NONE;
}

day units_way_until(const struct units *u, const struct uid *id, const struct uid *top) {
    day until = DAY_LATEST, since;
    while (!way_on(u, id, top, until, &since)) {
        if (since == DAY_NONE)
            return DAY_NONE;
        until = since - 1;
    }
    return until;
}
