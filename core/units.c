#include "core/units.h"
#include "core/units_tree.h"

#include "core/limits.h"
#include "core/list.h"
#include "core/mem.h"
#include "core/text.h"

#include <string.h>

static int order_id(const void *arg, const void *key, uint32_t value) {
    const struct units *u = arg;
    return uid_cmp(key, &u->list[value].id);
}

/* By id where codes are equal, so that it does not matter who was added first. */
static int order_code(const void *arg, const void *key, uint32_t value) {
    const struct units *u = arg;
    const struct code_key *k = key;
    const struct code_use *v = &u->uses[value];
    int order = strcmp(k->code, v->code);
    return order != 0 ? order : uid_cmp(&k->id, &u->list[v->unit].id);
}

static int order_edge(const void *arg, const void *key, uint32_t value) {
    const struct edge *k = key, *v = &((const struct units *)arg)->edges[value];
    if (k->parent != v->parent)
        return k->parent < v->parent ? -1 : 1;
    return (k->child > v->child) - (k->child < v->child);
}

int units_new(struct units **ret_units, struct err *e) {
    struct units *u = mem_zalloc(1, sizeof *u);
    uint64_t *walks = mem_zalloc(1, sizeof *walks);
    if (!u || !walks) {
        mem_free(u);
        mem_free(walks);
        return err_nomem(e);
    }
    u->walks = walks;
    index_init(&u->by_id, order_id, u);
    index_init(&u->by_code, order_code, u);
    index_init(&u->by_parent, order_edge, u);
    *ret_units = u;
    return 0;
}

void units_free(struct units *u) {
    if (!u)
        return;
    for (uint32_t i = 0; i < u->n; i++) {
        for (uint32_t k = 0; k < u->list[i].n; k++)
            mem_free(u->list[i].facts[k]); /* with all that it says */
        mem_free(u->list[i].facts);
    }
    mem_free(u->list);
    mem_free(u->uses);
    mem_free(u->edges);
    mem_free(u->walks);
    index_done(&u->by_id);
    index_done(&u->by_code);
    index_done(&u->by_parent);
    mem_free(u);
}

/* When fact `i` of `unit` holds: until the next one; empty where that is effective the same day. */
static struct span fact_span(const struct unit *unit, uint32_t i) {
    struct span s = {unit->facts[i]->says.effective, FOR_EVER};
    if (i + 1 < unit->n)
        s.hi = unit->facts[i + 1]->says.effective;
    return s;
}

static struct span overlap(struct span a, struct span b) {
    struct span s = {a.lo > b.lo ? a.lo : b.lo, a.hi < b.hi ? a.hi : b.hi};
    return s;
}

static bool is_empty(struct span s) {
    return s.lo >= s.hi;
}

/* Nobody else that exists has the code on any day of `span` on which `f` exists. */
static int check_code(const struct units *u, uint32_t self, const struct unit_fact *f,
                      struct span span, struct err *e) {
    struct span mine = overlap(span, units_existence(f));
    struct code_key key = {.code = f->code};
    struct index_at at = index_seek(&u->by_code, &key);
    uint32_t use;
    while (index_next(&u->by_code, &at, &use) && strcmp(u->uses[use].code, f->code) == 0) {
        const struct unit *other = &u->list[u->uses[use].unit];
        if (u->uses[use].unit == self)
            continue;
        for (uint32_t i = 0; i < other->n; i++) {
            const struct unit_fact *g = &other->facts[i]->says;
            struct span theirs = overlap(fact_span(other, i), units_existence(g));
            if (strcmp(g->code, f->code) == 0 && !is_empty(overlap(mine, theirs)))
                return err_set(e, ERR_REFUSED,
                               "code %s of %s is also the code of %s in the same days; end or "
                               "recode one of them first",
                               f->code, f->name, g->name);
        }
    }
    return 0;
}

/* Where to begin looking for the facts of `unit` that hold within `span`. */
static uint32_t first_in(const struct unit *unit, struct span span) {
    uint32_t n = units_facts_until(unit, (day)span.lo);
    return n > 0 ? n - 1 : 0;
}

/* The longest way up from `at` to a root within `span`, in steps; -1 if it comes by `self`. */
static int height_above(const struct units *u, uint32_t at, uint32_t self, struct span span,
                        int steps) {
    int most = steps;
    if (at == self)
        return -1;
    if (at == NOWHERE || steps > (int)LIMIT_UNIT_DEPTH)
        return steps;
    const struct unit *unit = &u->list[at];
    for (uint32_t i = first_in(unit, span); i < unit->n; i++) {
        struct span s = overlap(span, fact_span(unit, i));
        if (s.lo >= span.hi)
            break;
        if (is_empty(s))
            continue;
        int above = height_above(u, unit->facts[i]->parent, self, s, steps + 1);
        if (above < 0)
            return -1;
        most = above > most ? above : most;
    }
    return most;
}

/* How many levels hang below `at` within `span`. */
static int height_below(const struct units *u, uint32_t at, struct span span, int steps) {
    int most = steps;
    struct edge key = {at, 0};
    struct index_at place = index_seek(&u->by_parent, &key);
    uint32_t edge;
    while (most <= (int)LIMIT_UNIT_DEPTH && index_next(&u->by_parent, &place, &edge) &&
           u->edges[edge].parent == at) {
        const struct unit *child = &u->list[u->edges[edge].child];
        for (uint32_t i = first_in(child, span); i < child->n; i++) {
            struct span s = overlap(span, fact_span(child, i));
            if (s.lo >= span.hi)
                break;
            if (is_empty(s) || child->facts[i]->parent != at)
                continue;
            int below = height_below(u, u->edges[edge].child, s, steps + 1);
            most = below > most ? below : most;
        }
    }
    return most;
}

static int check_tree(const struct units *u, uint32_t self, uint32_t parent, struct span span,
                      const struct unit_fact *f, struct err *e) {
    int above = height_above(u, parent, self, span, 0);
    if (above < 0)
        return err_set(e, ERR_REFUSED, "unit %s would lie below itself; name another parent for it",
                       f->code);
    int below = self < u->n ? height_below(u, self, span, 0) : 0;
    if (above + below >= (int)LIMIT_UNIT_DEPTH)
        return err_set(e, ERR_REFUSED,
                       "unit %s would make the tree deeper than %u levels; name a higher parent",
                       f->code, LIMIT_UNIT_DEPTH);
    return 0;
}

#define FACT_TEXTS 8

/* `from` with all that it says in one piece of memory: the fact, its successors, its texts. */
static struct fact *fact_new(const struct unit_fact *from, uint32_t parent) {
    const char *const texts[FACT_TEXTS] = {from->code,  from->level,   from->kind,  from->name,
                                           from->group, from->contact, from->phone, from->basis};
    size_t len[FACT_TEXTS], n = sizeof(struct fact);
    size_t successors = from->n_successors * sizeof *from->successors;
    for (size_t i = 0; i < FACT_TEXTS; i++)
        n += len[i] = texts[i] ? strlen(texts[i]) + 1 : 1;
    struct fact *f = mem_alloc(n + successors);
    if (!f)
        return NULL;
    *f = (struct fact){.says = *from, .parent = parent};
    f->says.successors = (void *)(f + 1);
    if (successors > 0)
        memcpy(f->says.successors, from->successors, successors);
    char *at = (char *)(f + 1) + successors;
    char **const to[FACT_TEXTS] = {&f->says.code,  &f->says.level, &f->says.kind,
                                   &f->says.name,  &f->says.group, &f->says.contact,
                                   &f->says.phone, &f->says.basis};
    for (size_t i = 0; i < FACT_TEXTS; i++) {
        memcpy(at, texts[i] ? texts[i] : "", len[i]);
        *to[i] = at;
        at += len[i];
    }
    return f;
}

/* All the memory that one more fact of unit `self` can take, so that adding it cannot fail. */
static int reserve_all(struct units *u, uint32_t self, struct err *e) {
    int rc = list_grow(&u->list, u->n, sizeof *u->list, e);
    if (rc == 0)
        rc = list_grow(&u->uses, u->n_uses, sizeof *u->uses, e);
    if (rc == 0)
        rc = list_grow(&u->edges, u->n_edges, sizeof *u->edges, e);
    if (rc == 0)
        rc = index_reserve(&u->by_id, e);
    if (rc == 0)
        rc = index_reserve(&u->by_code, e);
    if (rc == 0)
        rc = index_reserve(&u->by_parent, e);
    if (rc != 0)
        return rc;
    if (self == u->n)
        memset(&u->list[self], 0, sizeof u->list[self]); /* one past the end: not counted yet */
    struct unit *unit = &u->list[self];
    return list_grow(&unit->facts, unit->n, sizeof *unit->facts, e);
}

/* Index unit `self`, which has facts already unless it is `fresh`, under the code and the parent
 * that `f` gives it, once each. */
static void index_fact(struct units *u, uint32_t self, bool fresh, const struct fact *f) {
    uint32_t found;
    struct code_key key = {f->says.code, f->says.id};
    if (fresh || !index_find(&u->by_code, &key, &found)) {
        u->uses[u->n_uses] = (struct code_use){f->says.code, self};
        index_insert(&u->by_code, &key, u->n_uses++);
    }
    struct edge edge = {f->parent, self};
    if (fresh || !index_find(&u->by_parent, &edge, &found)) {
        u->edges[u->n_edges] = edge;
        index_insert(&u->by_parent, &edge, u->n_edges++);
    }
}

/* Where a unit is; one that is not known is about to be at the end, and belongs at `place`. */
struct whereabouts {
    uint32_t self;
    bool known;
    struct index_at place; /* in the index by id */
};

static struct whereabouts find_unit(const struct units *u, const struct uid *id) {
    struct whereabouts w = {.place = index_seek(&u->by_id, id)};
    struct index_at at = w.place;
    w.known = index_next(&u->by_id, &at, &w.self) && uid_equal(&u->list[w.self].id, id);
    if (!w.known)
        w.self = u->n;
    return w;
}

/* The same of a parent: those who state units state the children of one after each other. */
static bool find_parent(struct units *u, const struct uid *id, uint32_t *ret_parent) {
    if (u->last_parent >= u->n || !uid_equal(&u->list[u->last_parent].id, id))
        if (!index_find(&u->by_id, id, &u->last_parent))
            return false;
    *ret_parent = u->last_parent;
    return true;
}

static int add_checked(struct units *u, const struct whereabouts *w, uint32_t parent,
                       const struct unit_fact *fact, struct err *e) {
    uint32_t self = w->self;
    struct fact *f = fact_new(fact, parent);
    if (!f)
        return err_nomem(e);
    int rc = reserve_all(u, self, e);
    if (rc != 0) {
        mem_free(f);
        return rc;
    }
    struct unit *unit = &u->list[self];
    if (!w->known) {
        unit->id = fact->id;
        u->n++;
        index_insert_at(&u->by_id, w->place, self);
    }
    uint32_t at = units_facts_until(unit, fact->effective);
    memmove(unit->facts + at + 1, unit->facts + at, (unit->n - at) * sizeof *unit->facts);
    unit->facts[at] = f;
    unit->n++;
    u->n_facts++;
    index_fact(u, self, !w->known, f);
    return 0;
}

/* The days on which a fact of unit `self`, effective from `effective`, would hold. */
static struct span new_span(const struct units *u, uint32_t self, day effective) {
    struct span s = {effective, FOR_EVER};
    if (self < u->n) {
        const struct unit *unit = &u->list[self];
        uint32_t next = units_facts_until(unit, effective);
        if (next < unit->n)
            s.hi = unit->facts[next]->says.effective;
    }
    return s;
}

int units_trial(struct units *u, const struct unit_fact *fact, struct err *e) {
    uint32_t self = u->n;
    (void)index_find(&u->by_id, &fact->id, &self);
    int rc = unit_fact_check(fact, e);
    if (rc == 0)
        rc = check_code(u, self, fact, new_span(u, self, fact->effective), e);
    return rc == 0 ? units_add(u, fact, e) : rc;
}

int units_add(struct units *u, const struct unit_fact *fact, struct err *e) {
    int rc = unit_fact_check(fact, e);
    if (rc != 0)
        return rc;
    struct whereabouts w = find_unit(u, &fact->id);
    uint32_t self = w.self, parent = NOWHERE;
    if ((!w.known && u->n == LIMIT_UNITS) || u->n_facts == LIMIT_UNIT_FACTS)
        return err_set(e, ERR_REFUSED,
                       "unit %s does not fit: a deployment holds at most %u units and %u facts "
                       "about them",
                       fact->code, LIMIT_UNITS, LIMIT_UNIT_FACTS);
    if (uid_equal(&fact->parent, &fact->id))
        parent = self;
    else if (!uid_is_zero(&fact->parent) && !find_parent(u, &fact->parent, &parent))
        return err_set(e, ERR_REFUSED,
                       "the parent of unit %s is not known here; state the parent first",
                       fact->code);
    struct span span = new_span(u, self, fact->effective);
    /* A rename leaves the tree alone: nothing to walk where the parent stays. */
    const struct fact *before = w.known ? units_fact_at(&u->list[self], fact->effective) : NULL;
    if (!before || before->parent != parent)
        rc = check_tree(u, self, parent, span, fact, e);
    return rc != 0 ? rc : add_checked(u, &w, parent, fact, e);
}
