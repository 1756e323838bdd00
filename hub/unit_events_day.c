#include "hub/unit_events_day.h"

#include "core/limits.h"
#include "core/list.h"
#include "core/mem.h"
#include "core/text.h"
#include "core/unit_id.h"
#include "core/units_way.h"
#include "core/word.h"

#include <stdio.h>
#include <string.h>

/* What one day makes of one unit. */
struct pending {
    struct unit_fact fact;
    const struct unit_fact *before; /* what holds that day as yet; NULL: the unit is new */
    uint32_t row, n_rows;           /* the first row that is about it, and how many are */
    unsigned said;                  /* events of it, as bits */
    bool wrong, done;
};
#define SAID(op) (1u << (op))
#define SAID_WHOLE (1u << 31) /* merged, split or dissolved: it ends */
#define NOBODY UINT32_MAX

struct today {
    struct event_hub *h;
    day on;
    uint32_t n, n_rows;
    struct pending *list;
    struct event_row *rows;
    uint32_t *of; /* which pending a row is about */
};

static const char *cell(const struct today *t, uint32_t row, enum event_column k) {
    return csv_get(t->h->csv, row, k);
}

static struct err *problem(struct today *t, uint32_t i, uint32_t row, enum event_column k) {
    if (i != NOBODY)
        t->list[i].wrong = true;
    return csv_problem(t->h->csv, t->h->p, row, k);
}

static char *keep(struct today *t, const char *text) {
    size_t n = strlen(text) + 1;
    char *copy = arena_alloc(&t->h->plan->arena, n);
    if (copy)
        memcpy(copy, text, n);
    return copy;
}

/* ---- who is meant ---- */

/* `from` is a code of the day before; of a unit that begins that very day, its first. */
static const struct unit_fact *held_from(const struct today *t, const char *code) {
    const struct unit_fact *f = units_by_code(t->h->units, code, t->on - 1);
    return f ? f : units_by_code(t->h->units, code, t->on);
}

static bool has_from(void *arg, const char *code) {
    return held_from(arg, code) != NULL;
}

static uint32_t pending_of(const struct today *t, const struct uid *unit) {
    for (uint32_t i = 0; i < t->n; i++)
        if (uid_equal(&t->list[i].fact.id, unit))
            return i;
    return NOBODY;
}

/* The unit that has the code `code` when the day is over; false: none. */
static bool held_to(const struct today *t, const char *code, struct uid *ret_unit) {
    for (uint32_t i = 0; i < t->n; i++) {
        const struct pending *p = &t->list[i];
        bool named = (p->said & (SAID(OP_CREATE) | SAID(OP_RECODE))) != 0;
        if (named && strcmp(p->fact.code, code) == 0)
            return *ret_unit = p->fact.id, true;
    }
    const struct unit_fact *f = units_by_code(t->h->units, code, t->on);
    uint32_t i = f ? pending_of(t, &f->id) : NOBODY;
    if (!f || (i != NOBODY && (t->list[i].said & SAID(OP_RECODE))))
        return false;
    *ret_unit = f->id;
    return true;
}

static bool has_to(void *arg, const char *code) {
    struct uid unit;
    return held_to(arg, code, &unit);
}

static void unknown(struct today *t, uint32_t i, uint32_t row, enum event_column k,
                    const char *code, bool (*exists)(void *arg, const char *code)) {
    char guess[LIMIT_CODE + 1], on[INSTANT_TEXT];
    day_text_people(t->on, on);
    if (csv_suggest_code(code, exists, t, guess))
        err_set(problem(t, i, row, k), ERR_REFUSED,
                "there is no unit %s on %s: did you mean %s? Spreadsheets eat leading zeros; "
                "format the column as text",
                code, on, guess);
    else
        err_set(problem(t, i, row, k), ERR_REFUSED,
                "there is no unit %s on %s: correct the code or the date, or add a row that "
                "creates it",
                code, on);
}

/* Whether this hub may speak of `unit` on that day; else it is told. */
static bool is_ours(struct today *t, uint32_t i, uint32_t row, enum event_column k,
                    const struct uid *unit, const char *code, bool own_too) {
    const struct event_hub *h = t->h;
    bool own = uid_equal(unit, &h->top->id);
    bool below =
        own || pending_of(t, unit) != NOBODY || units_under(h->units, unit, &h->top->id, t->on);
    if (!below)
        err_set(problem(t, i, row, k), ERR_REFUSED,
                "unit %s does not lie below %s, the unit of this hub, on that day: the hub above "
                "both states it",
                code, h->top->code);
    else if (own && !own_too)
        err_set(problem(t, i, row, k), ERR_REFUSED,
                "%s is the unit of this hub: the hub above states what becomes of it", code);
    return below && (!own || own_too);
}

/* ---- one unit ---- */

/* The texts of `f` are the plan's from here on. */
static void keep_texts(struct today *t, struct unit_fact *f) {
    char **const texts[] = {&f->code,  &f->level,   &f->kind,  &f->name,
                            &f->group, &f->contact, &f->phone, &f->basis};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = keep(t, *texts[i] ? *texts[i] : "");
}

static uint32_t add_pending(struct today *t, const struct unit_fact *before, uint32_t row) {
    struct pending *p = &t->list[t->n];
    *p = (struct pending){.before = before, .row = row};
    if (before) {
        p->fact = *before;
        if (before->effective != t->on) {
            p->fact.basis = NULL;
            p->fact.n_successors = 0;
        }
        keep_texts(t, &p->fact);
        /* A list of its own, with room for what is added. */
        p->fact.successors =
            arena_alloc(&t->h->plan->arena, LIMIT_SUCCESSORS * sizeof *p->fact.successors);
        for (uint32_t i = 0; p->fact.successors && i < p->fact.n_successors; i++)
            p->fact.successors[i] = before->successors[i];
    } else {
        const struct world *w = t->h->world;
        w->random(w->arg, p->fact.id.b, UNIT_ID_RANDOM);
        unit_id_bind(&p->fact.id, &t->h->top->id);
        p->fact.from = t->on;
        p->fact.until = DAY_NONE;
    }
    p->fact.effective = t->on;
    return t->n++;
}

/* Make a pending of whom row `k` is about; its `to` is looked at when all are known. */
static void find_from(struct today *t, uint32_t k) {
    const struct event_row *r = &t->rows[k];
    enum event_column column = r->op == OP_CREATE ? EVENT_TO : EVENT_FROM;
    const char *code = cell(t, r->row, column);
    const struct unit_fact *f = held_from(t, code);
    t->of[k] = NOBODY;
    if (r->op == OP_CREATE) {
        f = units_by_code(t->h->units, code, t->on);
        /* Of another unit it is only the code, which is free or not: that comes out on trial. */
        if (f && (f->from != t->on || pending_of(t, &f->id) != NOBODY))
            f = NULL;
    } else if (!f) {
        unknown(t, NOBODY, r->row, column, code, has_from);
        return;
    }
    bool labels = r->op == OP_RENAME || r->op == OP_RECODE || r->op == OP_REGROUP;
    if (f && !is_ours(t, NOBODY, r->row, column, &f->id, code, t->h->is_root && labels))
        return;
    uint32_t i = f ? pending_of(t, &f->id) : NOBODY;
    if (i == NOBODY)
        i = add_pending(t, f ? units_at(t->h->units, &f->id, t->on) : NULL, r->row);
    t->of[k] = i;
    t->list[i].n_rows++;
}

static void say_once(struct today *t, uint32_t k, unsigned what) {
    struct pending *p = &t->list[t->of[k]];
    bool ends = (what & SAID_WHOLE) != 0;
    if ((p->said & what) != 0)
        err_set(problem(t, t->of[k], t->rows[k].row, EVENT_OP), ERR_REFUSED,
                ends ? N_("the unit goes somewhere whole by another row of that day already: a "
                          "unit that goes apart is split, and no unit ends twice")
                     : N_("the same is said of this unit by another row of that day: keep one"));
    p->said |= what;
}

static bool find_to(struct today *t, uint32_t k, enum event_column column, struct uid *ret_unit) {
    uint32_t row = t->rows[k].row;
    const char *code = cell(t, row, column);
    if (!held_to(t, code, ret_unit)) {
        unknown(t, t->of[k], row, column, code, has_to);
        return false;
    }
    return is_ours(t, t->of[k], row, column, ret_unit, code, true);
}

static void add_successor(struct today *t, uint32_t k) {
    struct unit_fact *f = &t->list[t->of[k]].fact;
    struct unit_successor s = {.partial = t->rows[k].partial};
    uint32_t i = 0;
    if (!find_to(t, k, EVENT_TO, &s.unit) || uid_equal(&s.unit, &f->id))
        return; /* what goes into itself stays as it is */
    while (i < f->n_successors && !uid_equal(&f->successors[i].unit, &s.unit))
        i++;
    if (i == LIMIT_SUCCESSORS) {
        err_set(problem(t, t->of[k], t->rows[k].row, EVENT_TO), ERR_REFUSED,
                "unit %s has more than %u successors; name fewer", f->code, LIMIT_SUCCESSORS);
        return;
    }
    f->successors[i] = s;
    f->n_successors += i == f->n_successors;
    if (!s.partial) {
        if (t->rows[k].op == OP_MERGE)
            say_once(t, k, SAID_WHOLE);
        f->until = t->on;
    }
}

/* The levels that the tree has, as `province, commune`. */
static bool has_level(const struct units *u, const char *level, char *out, size_t cap) {
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < units_count(u); i++) {
        const struct unit_fact *f = units_at(u, units_id(u, i), DAY_LATEST);
        if (strcmp(f->level, level) == 0)
            return true;
        char quoted[LIMIT_CODE + 3];
        (void)snprintf(quoted, sizeof quoted, ", %s", f->level);
        if (n + strlen(quoted) < cap && !strstr(out, f->level))
            n += (size_t)snprintf(out + n, cap - n, "%s", n == 0 ? quoted + 2 : quoted);
    }
    return false;
}

static void read_create(struct today *t, uint32_t k) {
    uint32_t row = t->rows[k].row;
    struct unit_fact *f = &t->list[t->of[k]].fact;
    char levels[160];
    say_once(t, k, SAID(OP_CREATE));
    const char *level = word_level(cell(t, row, EVENT_LEVEL));
    if (!has_level(t->h->units, level, levels, sizeof levels))
        err_set(problem(t, t->of[k], row, EVENT_LEVEL), ERR_REFUSED,
                "no unit has the level “%s”: the tree has %s", cell(t, row, EVENT_LEVEL), levels);
    f->level = keep(t, level);
    f->kind = keep(t, cell(t, row, EVENT_KIND));
    f->name = keep(t, cell(t, row, EVENT_NAME));
    f->group = keep(t, cell(t, row, EVENT_GROUP));
    if (!f->contact)
        f->contact = f->phone = keep(t, "");
}

/* What row `k` says by itself. */
static void read_row(struct today *t, uint32_t k) {
    const struct event_row *r = &t->rows[k];
    struct unit_fact *f = &t->list[t->of[k]].fact;
    const char *to = cell(t, r->row, EVENT_TO), *basis = cell(t, r->row, EVENT_BASIS);
    struct err why = {0};
    if (*basis)
        f->basis = keep(t, basis);
    if (r->op == OP_RENAME || r->op == OP_REGROUP || r->op == OP_MOVE)
        say_once(t, k, SAID(r->op));
    switch (r->op) {
    case OP_RENAME:
        f->name = keep(t, to);
        break;
    case OP_REGROUP:
        f->group = keep(t, to);
        break;
    case OP_RECODE:
    case OP_CREATE:
        if (text_code_check(to, &why) != 0)
            *problem(t, t->of[k], r->row, EVENT_TO) = why;
        f->code = keep(t, to);
        if (r->op == OP_CREATE)
            read_create(t, k);
        else
            say_once(t, k, SAID(OP_RECODE));
        break;
    case OP_DISSOLVE:
        say_once(t, k, SAID_WHOLE);
        f->until = t->on;
        break;
    case OP_MOVE:
    case OP_MERGE:
    case OP_SPLIT:
    case OP_NONE:
        break;
    }
}

/* What row `k` says of its unit and another one, now that each has its code. */
static void read_other(struct today *t, uint32_t k) {
    const struct event_row *r = &t->rows[k];
    struct uid parent;
    if (r->op == OP_MERGE || r->op == OP_SPLIT)
        add_successor(t, k);
    else if ((r->op == OP_MOVE || r->op == OP_CREATE) &&
             find_to(t, k, r->op == OP_MOVE ? EVENT_TO : EVENT_PARENT, &parent))
        t->list[t->of[k]].fact.parent = parent;
}

/* ---- the trial ---- */

static bool same_text(const char *a, const char *b) {
    return strcmp(a ? a : "", b ? b : "") == 0;
}

/* Whether all of it is so already. */
static bool is_same(const struct pending *p) {
    const struct unit_fact *a = &p->fact, *b = p->before;
    if (!b || !uid_equal(&a->parent, &b->parent) || a->until != b->until ||
        !same_text(a->code, b->code) || !same_text(a->level, b->level) ||
        !same_text(a->kind, b->kind) || !same_text(a->name, b->name) ||
        !same_text(a->group, b->group))
        return false;
    if (a->n_successors > 0 && b->effective != a->effective)
        return false;
    bool same = a->n_successors == 0 || a->n_successors == b->n_successors;
    for (uint32_t i = 0; same && i < a->n_successors; i++)
        same = uid_equal(&a->successors[i].unit, &b->successors[i].unit) &&
               a->successors[i].partial == b->successors[i].partial;
    return same;
}

static int plan_add(struct today *t, const struct unit_fact *f, const struct unit_fact *before,
                    bool aside) {
    struct event_plan *plan = t->h->plan;
    if (list_grow(&plan->facts, plan->n, sizeof *plan->facts, t->h->e) != 0)
        return ERR_NOMEM;
    plan->facts[plan->n++] = (struct event_fact){*f, before, aside};
    return 0;
}

/* A unit whose code another one takes that day, while it gets a new one itself, is out of the way
 * for a moment: two may change codes. */
static int step_aside(struct today *t, uint32_t taker) {
    const struct unit_fact *f = units_by_code(t->h->units, t->list[taker].fact.code, t->on);
    uint32_t i = f ? pending_of(t, &f->id) : NOBODY;
    struct err why = {0};
    if (i == NOBODY || i == taker || !(t->list[i].said & SAID(OP_RECODE)))
        return 0;
    struct unit_fact aside = *f;
    char code[LIMIT_CODE + 1] = "aside-";
    for (size_t k = 0; k < 12; k++)
        (void)snprintf(code + 6 + 2 * k, 3, "%02x", f->id.b[k]);
    aside.code = code;
    aside.effective = t->on;
    aside.n_successors = 0;
    keep_texts(t, &aside);
    if (t->h->plan->arena.failed)
        return err_nomem(t->h->e);
    int rc = units_trial(t->h->units, &aside, &why);
    if (rc == ERR_NOMEM)
        return err_nomem(t->h->e);
    return rc == 0 ? plan_add(t, &aside, f, true) : 0;
}

/* Try pending `i`; `last`: what is refused now is told. */
static int try_one(struct today *t, uint32_t i, bool last) {
    struct pending *p = &t->list[i];
    struct err why = {0};
    int rc = units_trial(t->h->units, &p->fact, &why);
    if (rc == ERR_NOMEM)
        return err_nomem(t->h->e);
    if (rc == 0) {
        p->done = true;
        t->h->plan->n_rows += p->n_rows;
        return plan_add(t, &p->fact, p->before, false);
    }
    if (last)
        *problem(t, i, p->row, p->before ? EVENT_FROM : EVENT_TO) = why;
    return 0;
}

/* What comes too early: something is stated of the unit that holds from a later day on. */
static void check_order(struct today *t, uint32_t i) {
    struct pending *p = &t->list[i];
    const struct unit_fact *next =
        p->before ? units_way_next(t->h->units, &p->fact.id, t->on) : NULL;
    char on[INSTANT_TEXT];
    if (!next || p->wrong)
        return;
    day_text_people(next->effective, on);
    err_set(problem(t, i, p->row, EVENT_DATE), ERR_REFUSED,
            "something that holds from %s on is stated of unit %s already: events of a unit are "
            "stated in the order of their days",
            on, p->fact.code);
}

/* In which order facts stand only those know that try: a code is free when its last unit has gone,
 * a parent is there once it was created. */
static int try_all(struct today *t) {
    int rc = 0;
    for (uint32_t i = 0; i < t->n; i++)
        if (is_same(&t->list[i])) {
            t->list[i].done = true;
            t->h->plan->n_same += t->list[i].n_rows;
        } else {
            check_order(t, i);
        }
    for (uint32_t i = 0; rc == 0 && i < t->n; i++)
        if (!t->list[i].done && !t->list[i].wrong &&
            (t->list[i].said & (SAID(OP_RECODE) | SAID(OP_CREATE))))
            rc = step_aside(t, i);
    for (bool more = true, last = false; rc == 0 && (more || !last);) {
        last = !more;
        more = false;
        for (uint32_t i = 0; rc == 0 && i < t->n; i++) {
            if (t->list[i].done || t->list[i].wrong)
                continue;
            rc = try_one(t, i, last);
            more |= t->list[i].done && !last;
        }
    }
    return rc;
}

/* Nobody is left below a unit that ends. */
static void check_left(struct today *t) {
    const struct units *u = t->h->units;
    bool ends = false;
    for (uint32_t i = 0; i < t->n; i++)
        ends |= t->list[i].fact.until == t->on;
    for (size_t k = 0; ends && k < units_count(u); k++) {
        const struct uid *id = units_id(u, k);
        const struct unit_fact *f = units_at(u, id, t->on);
        uint32_t i = f && units_exist(u, id, t->on) ? pending_of(t, &f->parent) : NOBODY;
        if (i == NOBODY || t->list[i].wrong || t->list[i].fact.until != t->on)
            continue;
        err_set(problem(t, i, t->list[i].row, EVENT_FROM), ERR_REFUSED,
                "unit %s would be left below %s, which ends: move it, or end it as well", f->code,
                t->list[i].fact.code);
    }
}

int unit_events_day(struct event_hub *h, struct event_row *rows, uint32_t n) {
    struct today t = {.h = h, .on = rows[0].on, .n_rows = n, .rows = rows};
    t.list = mem_zalloc(n, sizeof *t.list);
    t.of = mem_zalloc(n, sizeof *t.of);
    int rc = t.list && t.of ? 0 : err_nomem(h->e);
    for (uint32_t k = 0; rc == 0 && k < n; k++)
        find_from(&t, k);
    if (rc == 0 && h->plan->arena.failed)
        rc = err_nomem(h->e);
    for (uint32_t k = 0; rc == 0 && k < n; k++)
        if (t.of[k] != NOBODY)
            read_row(&t, k);
    for (uint32_t k = 0; rc == 0 && k < n; k++)
        if (t.of[k] != NOBODY)
            read_other(&t, k);
    if (rc == 0 && h->plan->arena.failed)
        rc = err_nomem(h->e);
    if (rc == 0)
        rc = try_all(&t);
    if (rc == 0)
        check_left(&t);
    mem_free(t.list);
    mem_free(t.of);
    return rc;
}
