#include "core/units_way.h"

#include "core/limits.h"

static bool has(const struct uid *list, size_t n, const struct uid *id) {
    for (size_t i = 0; i < n; i++)
        if (uid_equal(&list[i], id))
            return true;
    return false;
}

/* The fact about `id` before the one that begins on `effective`; NULL: there is none. */
static const struct unit_fact *fact_before(const struct units *u, const struct uid *id,
                                           day effective) {
    return effective == DAY_NONE ? NULL : units_at(u, id, effective - 1);
}

size_t units_way_above(const struct units *u, const struct uid *id, struct uid *ret_list,
                       size_t cap) {
    size_t n = 1;
    if (cap == 0 || !units_at(u, id, DAY_LATEST))
        return units_at(u, id, DAY_LATEST) ? 1 : 0;
    ret_list[0] = *id;
    for (size_t i = 0; i < n; i++) {
        struct uid at = ret_list[i];
        const struct unit_fact *f = units_at(u, &at, DAY_LATEST);
        for (; f; f = fact_before(u, &at, f->effective)) {
            if (uid_is_zero(&f->parent) || has(ret_list, n, &f->parent))
                continue;
            if (n == cap)
                return cap + 1;
            ret_list[n++] = f->parent;
        }
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
