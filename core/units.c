#include "core/units.h"

#include "core/index.h"
#include "core/limits.h"
#include "core/mem.h"
#include "core/text.h"

#include <string.h>

#define NOWHERE UINT32_MAX /* the parent of a root */

struct fact {
    struct unit_fact says;
    uint32_t parent; /* position of the parent unit, NOWHERE for a root */
};

/* Its facts by `effective`, later stated ones after earlier ones. */
struct unit {
    struct uid id;
    uint32_t n, cap;
    struct fact **facts;
};

/* Some unit had this code once; or this parent. Never taken out: what held is asked of the unit. */
struct code_use {
    const char *code;
    uint32_t unit;
};
struct edge {
    uint32_t parent, child;
};

struct units {
    uint32_t n, cap, n_facts;
    struct unit *list; /* in order of first statement */
    uint32_t n_uses, cap_uses, n_edges, cap_edges;
    struct code_use *uses;
    struct edge *edges;
    struct index by_id, by_code, by_parent;
};

/* Days [lo, hi). DAY_NONE is the least day, so an open beginning needs no special case. */
struct span {
    int64_t lo, hi;
};
#define FOR_EVER ((int64_t)INT32_MAX + 1)

static int order_id(const void *arg, const void *key, uint32_t value) {
    const struct units *u = arg;
    return uid_cmp(key, &u->list[value].id);
}

static int order_code(const void *arg, const void *key, uint32_t value) {
    const struct code_use *k = key, *v = &((const struct units *)arg)->uses[value];
    int order = strcmp(k->code, v->code);
    return order != 0 ? order : (k->unit > v->unit) - (k->unit < v->unit);
}

static int order_edge(const void *arg, const void *key, uint32_t value) {
    const struct edge *k = key, *v = &((const struct units *)arg)->edges[value];
    if (k->parent != v->parent)
        return k->parent < v->parent ? -1 : 1;
    return (k->child > v->child) - (k->child < v->child);
}

int units_new(struct units **ret_units, struct err *e) {
    struct units *u = mem_zalloc(1, sizeof *u);
    if (!u)
        return err_nomem(e);
    index_init(&u->by_id, order_id, u);
    index_init(&u->by_code, order_code, u);
    index_init(&u->by_parent, order_edge, u);
    *ret_units = u;
    return 0;
}

static void fact_free(struct fact *f) {
    if (f)
        unit_fact_done(&f->says);
    mem_free(f);
}

void units_free(struct units *u) {
    if (!u)
        return;
    for (uint32_t i = 0; i < u->n; i++) {
        for (uint32_t k = 0; k < u->list[i].n; k++)
            fact_free(u->list[i].facts[k]);
        mem_free(u->list[i].facts);
    }
    mem_free(u->list);
    mem_free(u->uses);
    mem_free(u->edges);
    index_done(&u->by_id);
    index_done(&u->by_code);
    index_done(&u->by_parent);
    mem_free(u);
}

/* How many facts of `unit` are effective on or before `on`. */
static uint32_t facts_until(const struct unit *unit, day on) {
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

static const struct fact *fact_at(const struct unit *unit, day on) {
    uint32_t n = facts_until(unit, on);
    return n > 0 ? unit->facts[n - 1] : NULL;
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

static struct span existence(const struct unit_fact *f) {
    struct span s = {f->from, f->until == DAY_NONE ? FOR_EVER : f->until};
    return s;
}

/* Nobody else that exists has the code on any day of `span` on which `f` exists. */
static int check_code(const struct units *u, uint32_t self, const struct unit_fact *f,
                      struct span span, struct err *e) {
    struct span mine = overlap(span, existence(f));
    struct code_use key = {f->code, 0};
    struct index_at at = index_seek(&u->by_code, &key);
    uint32_t use;
    while (index_next(&u->by_code, &at, &use) && strcmp(u->uses[use].code, f->code) == 0) {
        const struct unit *other = &u->list[u->uses[use].unit];
        if (u->uses[use].unit == self)
            continue;
        for (uint32_t i = 0; i < other->n; i++) {
            const struct unit_fact *g = &other->facts[i]->says;
            struct span theirs = overlap(fact_span(other, i), existence(g));
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
    uint32_t n = facts_until(unit, (day)span.lo);
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

static int copy_text(const char *from, char **ret_to) {
    *ret_to = mem_strdup(from ? from : "");
    return *ret_to ? 0 : ERR_NOMEM;
}

static struct fact *fact_new(const struct unit_fact *from, uint32_t parent) {
    struct fact *f = mem_zalloc(1, sizeof *f);
    if (!f)
        return NULL;
    f->says.id = from->id;
    f->says.parent = from->parent;
    f->says.effective = from->effective;
    f->says.from = from->from;
    f->says.until = from->until;
    f->parent = parent;
    f->says.successors = mem_zalloc(from->n_successors, sizeof *f->says.successors);
    if (!f->says.successors) {
        fact_free(f);
        return NULL;
    }
    for (; f->says.n_successors < from->n_successors; f->says.n_successors++)
        f->says.successors[f->says.n_successors] = from->successors[f->says.n_successors];
    if (copy_text(from->code, &f->says.code) || copy_text(from->level, &f->says.level) ||
        copy_text(from->kind, &f->says.kind) || copy_text(from->name, &f->says.name) ||
        copy_text(from->group, &f->says.group) || copy_text(from->contact, &f->says.contact) ||
        copy_text(from->phone, &f->says.phone) || copy_text(from->basis, &f->says.basis)) {
        fact_free(f);
        return NULL;
    }
    return f;
}

/* Room for one more of `size` bytes in the array at `*list`. */
static int reserve(void **list, uint32_t n, uint32_t *cap, size_t size, struct err *e) {
    if (n < *cap)
        return 0;
    uint32_t wanted = *cap ? 2 * *cap : 4;
    void *grown = mem_realloc(*list, wanted * size);
    if (!grown)
        return err_nomem(e);
    *list = grown;
    *cap = wanted;
    return 0;
}

/* All the memory that one more fact of unit `self` can take, so that adding it cannot fail. */
static int reserve_all(struct units *u, uint32_t self, struct err *e) {
    void *list = u->list, *uses = u->uses, *edges = u->edges;
    int rc = reserve(&list, u->n, &u->cap, sizeof *u->list, e);
    u->list = list;
    if (rc == 0)
        rc = reserve(&uses, u->n_uses, &u->cap_uses, sizeof *u->uses, e);
    u->uses = uses;
    if (rc == 0)
        rc = reserve(&edges, u->n_edges, &u->cap_edges, sizeof *u->edges, e);
    u->edges = edges;
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
    void *facts = unit->facts;
    uint32_t cap = self == u->n ? 0 : unit->cap;
    rc = reserve(&facts, unit->n, &cap, sizeof *unit->facts, e);
    unit->facts = facts;
    unit->cap = cap;
    return rc;
}

/* Index unit `self` under the code and the parent that `f` gives it, once each. */
static void index_fact(struct units *u, uint32_t self, const struct fact *f) {
    uint32_t found;
    struct code_use use = {f->says.code, self};
    if (!index_find(&u->by_code, &use, &found)) {
        u->uses[u->n_uses] = use;
        index_insert(&u->by_code, &use, u->n_uses++);
    }
    struct edge edge = {f->parent, self};
    if (!index_find(&u->by_parent, &edge, &found)) {
        u->edges[u->n_edges] = edge;
        index_insert(&u->by_parent, &edge, u->n_edges++);
    }
}

static int add_checked(struct units *u, uint32_t self, uint32_t parent,
                       const struct unit_fact *fact, struct err *e) {
    struct fact *f = fact_new(fact, parent);
    if (!f)
        return err_nomem(e);
    int rc = reserve_all(u, self, e);
    if (rc != 0) {
        fact_free(f);
        return rc;
    }
    struct unit *unit = &u->list[self];
    if (self == u->n) {
        unit->id = fact->id;
        u->n++;
        index_insert(&u->by_id, &unit->id, self);
    }
    uint32_t at = facts_until(unit, fact->effective);
    memmove(unit->facts + at + 1, unit->facts + at, (unit->n - at) * sizeof *unit->facts);
    unit->facts[at] = f;
    unit->n++;
    u->n_facts++;
    index_fact(u, self, f);
    return 0;
}

/* The days on which a fact of unit `self`, effective from `effective`, would hold. */
static struct span new_span(const struct units *u, uint32_t self, day effective) {
    struct span s = {effective, FOR_EVER};
    if (self < u->n) {
        const struct unit *unit = &u->list[self];
        uint32_t next = facts_until(unit, effective);
        if (next < unit->n)
            s.hi = unit->facts[next]->says.effective;
    }
    return s;
}

int units_add(struct units *u, const struct unit_fact *fact, struct err *e) {
    int rc = unit_fact_check(fact, e);
    if (rc != 0)
        return rc;
    uint32_t self = u->n, parent = NOWHERE;
    bool known = index_find(&u->by_id, &fact->id, &self);
    if ((!known && u->n == LIMIT_UNITS) || u->n_facts == LIMIT_UNIT_FACTS)
        return err_set(e, ERR_REFUSED,
                       "unit %s does not fit: a deployment holds at most %u units and %u facts "
                       "about them",
                       fact->code, LIMIT_UNITS, LIMIT_UNIT_FACTS);
    if (uid_equal(&fact->parent, &fact->id))
        parent = self;
    else if (!uid_is_zero(&fact->parent) && !index_find(&u->by_id, &fact->parent, &parent))
        return err_set(e, ERR_REFUSED,
                       "the parent of unit %s is not known here; state the parent first",
                       fact->code);
    struct span span = new_span(u, self, fact->effective);
    rc = check_code(u, self, fact, span, e);
    /* A rename leaves the tree alone: nothing to walk where the parent stays. */
    const struct fact *before = known ? fact_at(&u->list[self], fact->effective) : NULL;
    if (rc == 0 && (!before || before->parent != parent))
        rc = check_tree(u, self, parent, span, fact, e);
    return rc != 0 ? rc : add_checked(u, self, parent, fact, e);
}

size_t units_count(const struct units *u) {
    return u->n;
}

const struct uid *units_id(const struct units *u, size_t i) {
    return i < u->n ? &u->list[i].id : NULL;
}

const struct unit_fact *units_at(const struct units *u, const struct uid *id, day on) {
    uint32_t at;
    if (!index_find(&u->by_id, id, &at))
        return NULL;
    const struct fact *f = fact_at(&u->list[at], on);
    return f ? &f->says : NULL;
}

static bool exists(const struct unit_fact *f, day on) {
    struct span s = existence(f);
    return s.lo <= on && on < s.hi;
}

bool units_exist(const struct units *u, const struct uid *id, day on) {
    const struct unit_fact *f = units_at(u, id, on);
    return f && exists(f, on);
}

const struct unit_fact *units_by_code(const struct units *u, const char *code, day on) {
    struct code_use key = {code, 0};
    struct index_at at = index_seek(&u->by_code, &key);
    uint32_t use;
    while (index_next(&u->by_code, &at, &use) && strcmp(u->uses[use].code, code) == 0) {
        const struct fact *f = fact_at(&u->list[u->uses[use].unit], on);
        if (f && strcmp(f->says.code, code) == 0 && exists(&f->says, on))
            return &f->says;
    }
    return NULL;
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
        const struct fact *f = fact_at(&u->list[at], on);
        if (!f || f->parent == NOWHERE)
            return false;
        at = f->parent;
    }
    return true;
}

/* Whether some chain of facts leads from unit `at` up to `goal`. */
static bool leads_up(const struct units *u, uint32_t at, uint32_t goal, unsigned depth) {
    const struct unit *unit = &u->list[at];
    bool found = at == goal;
    for (uint32_t i = 0; !found && depth < LIMIT_UNIT_DEPTH && i < unit->n; i++) {
        uint32_t parent = unit->facts[i]->parent;
        bool seen = i > 0 && unit->facts[i - 1]->parent == parent; /* most facts keep the parent */
        found = parent != NOWHERE && !seen && leads_up(u, parent, goal, depth + 1);
    }
    return found;
}

bool units_ever_under(const struct units *u, const struct uid *id, const struct uid *top) {
    uint32_t at, goal;
    return index_find(&u->by_id, id, &at) &&
           (uid_is_zero(top) || (index_find(&u->by_id, top, &goal) && leads_up(u, at, goal, 0)));
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
        const struct fact *f = fact_at(unit, on);
        if (!f)
            f = fact_at(unit, unit->facts[0]->says.effective);
        if (f->parent == NOWHERE)
            return false;
        at = f->parent;
    }
    return at == goal;
}

bool units_may_state(const struct units *u, const struct uid *author,
                     const struct unit_fact *fact) {
    day on = fact->effective;
    bool known = units_at(u, &fact->id, on) != NULL;
    if (uid_equal(&fact->id, author) || (known && !leads_up_on(u, &fact->id, author, on)))
        return false;
    return leads_up_on(u, &fact->parent, author, on);
}

int units_depth(const struct units *u, const struct uid *id, day on) {
    uint32_t at;
    if (!index_find(&u->by_id, id, &at))
        return -1;
    for (int depth = 0;; depth++) {
        const struct fact *f = fact_at(&u->list[at], on);
        if (!f)
            return -1;
        if (f->parent == NOWHERE)
            return depth;
        at = f->parent;
    }
}
