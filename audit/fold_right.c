#include "audit/fold_right.h"

#include "core/limits.h"
#include "core/unit_id.h"
#include "core/units_way.h"
#include "proto/kinds.h"
#include "proto/payload.h"

/* What holds of `unit` on `on`; before its first fact, that one. NULL: it is unknown. */
static const struct unit_fact *first_or_at(const struct units *u, const struct uid *unit, day on) {
    const struct unit_fact *fact = units_at(u, unit, on), *first = units_at(u, unit, DAY_LATEST);
    while (!fact && first && first->effective != DAY_NONE &&
           units_at(u, unit, first->effective - 1))
        first = units_at(u, unit, first->effective - 1);
    return fact ? fact : first;
}

static bool is_below(const struct units *u, const struct uid *unit, const struct uid *author,
                     day on, unsigned steps) {
    if (uid_equal(unit, author))
        return true;
    const struct unit_fact *fact = first_or_at(u, unit, on);
    return fact && steps < LIMIT_UNIT_DEPTH && is_below(u, &fact->parent, author, on, steps + 1);
}

/* Whether a hub at or below unit `author` drew the id of a new unit below `parent`. */
static bool is_own(const struct units *u, const struct uid *id, const struct uid *parent,
                   const struct uid *author) {
    struct uid list[LIMIT_UNIT_WAYS];
    size_t n = units_way_above(u, parent, list, LIMIT_UNIT_WAYS);
    while (n > 0 && (n > LIMIT_UNIT_WAYS || !unit_id_is_bound(id, &list[n - 1])))
        n--;
    return n > 0 && units_ever_under(u, &list[n - 1], author);
}

enum fold_right fold_right_unit(const struct units *units, const struct uid *author,
                                const struct unit_fact *fact) {
    bool holds = units_at(units, &fact->id, DAY_LATEST) != NULL;
    bool above_known = first_or_at(units, &fact->parent, fact->effective) != NULL;
    if (uid_equal(&fact->id, author) || uid_is_zero(&fact->parent) ||
        (holds && !units_ever_under(units, &fact->id, author)) ||
        (above_known && !units_ever_under(units, &fact->parent, author)))
        return FOLD_RIGHT_NEVER;
    if (!above_known || (holds && !is_below(units, &fact->id, author, fact->effective, 0)) ||
        !is_below(units, &fact->parent, author, fact->effective, 0))
        return FOLD_RIGHT_PAST;
    return holds || is_own(units, &fact->id, &fact->parent, author) ? FOLD_RIGHT_YES
                                                                    : FOLD_RIGHT_NEVER;
}

static bool lane_fits(const struct units *units, const struct entry *x, enum lane_rule rule) {
    const struct uid *lane = &x->r.h.lane, *unit = &x->author->unit;
    switch (rule) {
    case LANE_ZERO:
        return uid_is_zero(lane);
    case LANE_OWN:
        return uid_equal(lane, unit);
    case LANE_CHILD:
        return !uid_is_zero(lane) && (uid_equal(lane, unit) || units_ever_under(units, lane, unit));
    }
    return false;
}

static int enrols_below(const struct units *units, const struct entry *x, bool *ret_below,
                        struct err *e) {
    struct arena a;
    struct payload_enrol p;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    int rc = payload_enrol_decode(x->r.payload, &a, &p, NULL);
    *ret_below = rc == 0 && units_ever_under(units, &p.grant.unit, &x->author->unit);
    arena_done(&a);
    return rc == ERR_NOMEM ? err_nomem(e) : 0;
}

/* Of a kind of a later version: a node speaks for its unit, a hub for all below it, a root key for
 * nobody's. */
static bool unknown_fits(const struct entry *x) {
    return x->author->by == BY_HUB || uid_equal(&x->r.h.lane, &x->author->unit);
}

int fold_right_record(const struct units *units, const struct entry *x, struct err *ret_why,
                      struct err *e) {
    const struct kind_rule *rule = kind_rule(x->r.h.kind);
    bool below = true;
    int rc = 0;
    if (x->r.h.kind == KIND_ENROL && x->good && x->r.h.payload_version == PAYLOAD_VERSION)
        rc = enrols_below(units, x, &below, e);
    if (rc != 0)
        return rc;
    if (rule && !(rule->by & x->author->by))
        err_set(ret_why, ERR_CORRUPT, "its author may not state a record of kind %s",
                err_word(rule->name).text);
    else if (rule && !lane_fits(units, x, rule->lane))
        err_set(ret_why, ERR_CORRUPT,
                "a record of kind %s may not stand in this lane of its author",
                err_word(rule->name).text);
    else if (!rule && !unknown_fits(x))
        err_set(ret_why, ERR_CORRUPT,
                "a record of an unknown kind may not stand in this lane of its author");
    else if (!below)
        err_set(ret_why, ERR_CORRUPT, "it enrols a unit that is not below its author");
    else if (x->r.erased)
        err_set(ret_why, ERR_CORRUPT, "its payload is missing and no erasure names it");
    return 0;
}
