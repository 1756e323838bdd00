#include "node/unit_marks.h"

#include "core/index.h"
#include "core/limits.h"
#include "core/list.h"
#include "core/mem.h"
#include "core/units_way.h"

/* What was read of a unit, or only named: the places, by number from 1, that stand last. */
struct unit_mark {
    struct uid unit;
    uint32_t said;   /* of a fact of it … */
    uint32_t looked; /* … and of one that looked at it */
};

struct unit_marks {
    uint32_t n, n_places;
    struct unit_mark *list;
    struct unit_marks_place *places; /* in the order read; the last one is being read */
    struct index by_unit, by_place;
};

int unit_marks_place_cmp(const struct unit_marks_place *a, const struct unit_marks_place *b) {
    if (a->depth != b->depth)
        return a->depth < b->depth ? -1 : 1;
    int order = hash_cmp(&a->actor, &b->actor);
    if (order == 0)
        order = (a->epoch > b->epoch) - (a->epoch < b->epoch);
    return order != 0 ? order : (a->seq > b->seq) - (a->seq < b->seq);
}

static int order_unit(const void *arg, const void *key, uint32_t value) {
    const struct unit_marks *m = arg;
    return uid_cmp(key, &m->list[value].unit);
}

static int order_place(const void *arg, const void *key, uint32_t value) {
    const struct unit_marks *m = arg;
    return unit_marks_place_cmp(key, &m->places[value]);
}

int unit_marks_new(struct unit_marks **ret_marks, struct err *e) {
    struct unit_marks *m = mem_zalloc(1, sizeof *m);
    if (!m)
        return err_nomem(e);
    index_init(&m->by_unit, order_unit, m);
    index_init(&m->by_place, order_place, m);
    *ret_marks = m;
    return 0;
}

void unit_marks_free(struct unit_marks *m) {
    if (!m)
        return;
    index_done(&m->by_unit);
    index_done(&m->by_place);
    mem_free(m->list);
    mem_free(m->places);
    mem_free(m);
}

int unit_marks_begin(struct unit_marks *m, const struct unit_marks_place *place, bool *ret_last,
                     struct err *e) {
    int rc = list_grow(&m->places, m->n_places, sizeof *m->places, e);
    if (rc == 0)
        rc = index_reserve(&m->by_place, e);
    if (rc != 0)
        return rc;
    uint32_t next;
    struct index_at at = index_seek(&m->by_place, place);
    *ret_last =
        !index_next(&m->by_place, &at, &next) || !hash_equal(&m->places[next].actor, &place->actor);
    m->places[m->n_places] = *place;
    index_insert(&m->by_place, place, m->n_places++);
    return 0;
}

/* Whether the place numbered `number` (0: none) stands behind the one that is being read. */
static bool is_behind(const struct unit_marks *m, uint32_t number) {
    return number > 0 &&
           unit_marks_place_cmp(&m->places[number - 1], &m->places[m->n_places - 1]) > 0;
}

static int mark_of(struct unit_marks *m, const struct uid *unit, struct unit_mark **ret_mark,
                   struct err *e) {
    uint32_t at;
    if (!index_find(&m->by_unit, unit, &at)) {
        int rc = list_grow(&m->list, m->n, sizeof *m->list, e);
        if (rc == 0)
            rc = index_reserve(&m->by_unit, e);
        if (rc != 0)
            return rc;
        at = m->n++;
        m->list[at] = (struct unit_mark){.unit = *unit};
        index_insert(&m->by_unit, unit, at);
    }
    *ret_mark = &m->list[at];
    return 0;
}

/* `unit` and what is above it over time are looked at. */
static int look_up(struct unit_marks *m, const struct units *units, const struct uid *unit,
                   bool *clash, struct err *e) {
    struct uid above[LIMIT_UNIT_WAYS + 1];
    size_t n = units_way_above(units, unit, above, LIMIT_UNIT_WAYS + 1);
    int rc = 0;
    if (n == 0) /* not known yet */
        above[n++] = *unit;
    for (size_t i = 0; rc == 0 && i < n && i < LIMIT_UNIT_WAYS + 1; i++) {
        struct unit_mark *mark;
        rc = mark_of(m, &above[i], &mark, e);
        if (rc != 0)
            break;
        *clash |= is_behind(m, mark->said);
        if (!is_behind(m, mark->looked))
            mark->looked = m->n_places;
    }
    return rc;
}

int unit_marks_look(struct unit_marks *m, const struct units *units, const struct unit_fact *fact,
                    bool *ret_clash, struct err *e) {
    struct unit_mark *own;
    bool clash = false;
    int rc = mark_of(m, &fact->id, &own, e);
    if (rc != 0)
        return rc;
    clash = is_behind(m, own->looked);
    rc = look_up(m, units, &fact->parent, &clash, e);
    if (rc == 0)
        rc = look_up(m, units, &fact->id, &clash, e);
    if (rc == 0)
        rc = mark_of(m, &fact->id, &own, e);
    if (rc != 0)
        return rc;
    if (!is_behind(m, own->said))
        own->said = m->n_places;
    *ret_clash = clash;
    return 0;
}
