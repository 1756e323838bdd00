#include "hub/unit_import.h"

#include "core/limits.h"
#include "core/mem.h"
#include "core/search.h"
#include "core/text.h"
#include "core/unit_id.h"
#include "core/units_way.h"
#include "core/word.h"

#include <stdlib.h>
#include <string.h>

#define NO_ROW UINT32_MAX
#define TEXT_BYTES_MAX (4 * (size_t)LIMIT_CSV_BYTES)

const struct csv_column unit_import_columns[UNIT_COLUMNS] = {
    [UNIT_CODE] = {"code", {"mã", "mã đơn vị", "mã số"}, true},
    [UNIT_PARENT] = {"parent", {"đơn vị cấp trên", "mã cấp trên", "cấp trên", "mã cha"}, true},
    [UNIT_LEVEL] = {"level", {"cấp", "cấp hành chính"}, true},
    [UNIT_KIND] = {"kind", {"loại", "loại hình", "khối cơ quan"}, false},
    [UNIT_NAME] = {"name", {"tên", "tên đơn vị"}, true},
    [UNIT_GROUP] = {"group", {"cụm", "khối", "cụm thi đua", "khối thi đua", "nhóm"}, false},
    [UNIT_CONTACT] = {"contact", {"liên hệ", "người liên hệ", "đầu mối"}, false},
    [UNIT_PHONE] = {"phone", {"điện thoại", "số điện thoại"}, false},
    [UNIT_FROM] = {"from", {"từ ngày", "hiệu lực từ"}, false},
    [UNIT_UNTIL] = {"until", {"đến ngày", "hết hiệu lực", "trước ngày"}, false},
};

/* A code and whose it is: a row of the file, or the latest fact about a unit. */
struct code_entry {
    const char *code;
    uint32_t row;
    const struct unit_fact *fact;
};

/* One reading of a file. */
struct reading {
    const struct csv *csv;
    struct units *units;
    const struct unit_fact *top;
    const struct import_hub *hub;
    const struct world *world;
    struct problems *p;
    struct unit_plan *plan;
    day today;
    struct code_entry *in_file, *held; /* by code */
    uint32_t n_held;
    struct err *e;
};

static int by_code(const void *pa, const void *pb) {
    const struct code_entry *a = pa, *b = pb;
    int order = strcmp(a->code, b->code);
    return order != 0 ? order : (a->row > b->row) - (a->row < b->row);
}

static int entry_of_code(const void *code, const void *entry) {
    return strcmp(code, ((const struct code_entry *)entry)->code);
}

/* The first entry with `code` among `n` at `list`; NULL if there is none. */
static const struct code_entry *first_of(const struct code_entry *list, uint32_t n,
                                         const char *code) {
    uint32_t at = search_first(code, list, n, sizeof *list, entry_of_code);
    return at < n && strcmp(list[at].code, code) == 0 ? &list[at] : NULL;
}

static uint32_t row_of(const struct reading *r, const char *code) {
    const struct code_entry *entry = first_of(r->in_file, r->plan->n, code);
    return entry ? entry->row : NO_ROW;
}

static bool days_meet(const struct unit_fact *f, day from, day until) {
    return (until == DAY_NONE || f->from == DAY_NONE || f->from < until) &&
           (f->until == DAY_NONE || from == DAY_NONE || from < f->until);
}

/*
 * The unit called `code` that is meant by a row for [from, until): of several that used the code
 * one after the other, the one that exists in those days, rather one that still does.
 */
static const struct unit_fact *held_as(const struct reading *r, const char *code, day from,
                                       day until) {
    const struct code_entry *end = r->held + r->n_held;
    const struct unit_fact *best = NULL;
    for (const struct code_entry *at = first_of(r->held, r->n_held, code);
         at && at < end && strcmp(at->code, code) == 0; at++)
        if (days_meet(at->fact, from, until) && (!best || best->until != DAY_NONE))
            best = at->fact;
    return best;
}

static bool code_exists(void *arg, const char *code) {
    const struct reading *r = arg;
    return first_of(r->in_file, r->plan->n, code) || first_of(r->held, r->n_held, code);
}

static bool code_held(void *arg, const char *code) {
    const struct reading *r = arg;
    return first_of(r->held, r->n_held, code) != NULL;
}

static const char *cell(const struct reading *r, uint32_t row, enum unit_column k) {
    return csv_get(r->csv, row, k);
}

static struct err *problem(struct reading *r, uint32_t row, enum unit_column k) {
    r->plan->rows[row].state = UNIT_ROW_WRONG;
    return csv_problem(r->csv, r->p, row, k);
}

/* Tell where several units called `code` are meant by row `row` as much as each other: hubs below
 * entered them without knowing of one another. */
static bool is_shared(struct reading *r, uint32_t row, enum unit_column k, const char *code) {
    const struct unit_fact *f;
    struct err why = {0};
    int rc = units_named(r->units, code, r->today, &f, &why);
    if (rc != 0)
        *problem(r, row, k) = why;
    return rc != 0;
}

static char *keep(struct reading *r, const char *text) {
    size_t n = strlen(text) + 1;
    char *copy = arena_alloc(&r->plan->arena, n);
    if (copy)
        memcpy(copy, text, n);
    return copy;
}

/* What column `k` says; where the file has no such column, what `before` says, or nothing. */
static char *said(struct reading *r, uint32_t row, enum unit_column k, const char *before) {
    bool there = csv_where(r->csv, k) != CSV_ABSENT;
    return keep(r, there ? cell(r, row, k) : before ? before : "");
}

static day said_day(struct reading *r, uint32_t row, enum unit_column k) {
    day d = DAY_NONE;
    if (csv_where(r->csv, k) == CSV_ABSENT)
        return d;
    const char *text = cell(r, row, k);
    if (*text && !day_parse(text, &d))
        err_set(problem(r, row, k), ERR_REFUSED,
                "“%s” is no date: write it as 31/12/2023 or 2023-12-31", text);
    return d;
}

/* Days, texts and who is meant; parents come later, when all rows are known. */
static void read_row(struct reading *r, uint32_t row) {
    struct unit_row *u = &r->plan->rows[row];
    struct err why = {0};
    const char *code = cell(r, row, UNIT_CODE);
    if (u->state == UNIT_ROW_WRONG)
        return;
    if (text_code_check(code, &why) != 0) {
        *problem(r, row, UNIT_CODE) = why;
        return;
    }
    if (is_shared(r, row, UNIT_CODE, code))
        return;
    day from = said_day(r, row, UNIT_FROM), until = said_day(r, row, UNIT_UNTIL);
    const struct unit_fact *b = u->before = held_as(r, code, from, until);
    if (b) {
        u->fact.id = b->id;
    } else {
        r->world->random(r->world->arg, u->fact.id.b, UNIT_ID_RANDOM);
        unit_id_bind(&u->fact.id, &r->top->id);
    }
    u->fact.effective = b ? b->effective : DAY_NONE;
    u->fact.from = b && csv_where(r->csv, UNIT_FROM) == CSV_ABSENT ? b->from : from;
    u->fact.until = b && csv_where(r->csv, UNIT_UNTIL) == CSV_ABSENT ? b->until : until;
    u->fact.code = keep(r, code);
    u->fact.level = keep(r, word_level(cell(r, row, UNIT_LEVEL)));
    u->fact.name = keep(r, cell(r, row, UNIT_NAME));
    u->fact.kind = said(r, row, UNIT_KIND, b ? b->kind : NULL);
    u->fact.group = said(r, row, UNIT_GROUP, b ? b->group : NULL);
    u->fact.contact = said(r, row, UNIT_CONTACT, b ? b->contact : NULL);
    u->fact.phone = said(r, row, UNIT_PHONE, b ? b->phone : NULL);
    if (!*cell(r, row, UNIT_LEVEL))
        err_set(problem(r, row, UNIT_LEVEL), ERR_REFUSED,
                "the level is missing: province, commune, department …");
    if (!*cell(r, row, UNIT_NAME))
        err_set(problem(r, row, UNIT_NAME), ERR_REFUSED, "the name is missing");
    if (b && uid_equal(&b->id, &r->top->id) && !r->hub->is_root)
        err_set(problem(r, row, UNIT_CODE), ERR_REFUSED,
                "%s is the unit of this hub: the hub above states it; remove the row", code);
    else if (b && !units_under(r->units, &b->id, &r->top->id, DAY_LATEST))
        err_set(problem(r, row, UNIT_CODE), ERR_REFUSED,
                "unit %s does not lie below %s, the unit of this hub: remove the row", code,
                r->top->code);
}

static void unknown_code(struct reading *r, uint32_t row, enum unit_column k, const char *code,
                         bool (*exists)(void *arg, const char *code)) {
    char guess[LIMIT_CODE + 1];
    if (csv_suggest_code(code, exists, r, guess))
        err_set(problem(r, row, k), ERR_REFUSED,
                "there is no unit %s: did you mean %s? Spreadsheets eat leading zeros; format the "
                "column as text",
                code, guess);
    else
        err_set(problem(r, row, k), ERR_REFUSED,
                "there is no unit %s, in this file or in the hub: correct the code or add its row",
                code);
}

/* A row without a parent: only the unit of the root hub has none. */
static void find_no_parent(struct reading *r, uint32_t row) {
    struct unit_row *u = &r->plan->rows[row];
    char guess[LIMIT_CODE + 1];
    if (u->before && uid_equal(&u->before->id, &r->top->id)) {
        u->fact.parent = u->before->parent;
        return;
    }
    if (!u->before && csv_suggest_code(u->fact.code, code_held, r, guess) &&
        strcmp(guess, r->top->code) == 0)
        unknown_code(r, row, UNIT_CODE, u->fact.code, code_held);
    else
        err_set(problem(r, row, UNIT_PARENT), ERR_REFUSED,
                "the parent is missing: name the unit above; only %s, the unit of this hub, needs "
                "none",
                r->top->code);
}

static void find_parent(struct reading *r, uint32_t row) {
    struct unit_row *u = &r->plan->rows[row];
    const char *code = cell(r, row, UNIT_PARENT);
    if (u->state == UNIT_ROW_WRONG)
        return;
    if (!*code) {
        find_no_parent(r, row);
        return;
    }
    if (u->before && uid_equal(&u->before->id, &r->top->id)) {
        err_set(problem(r, row, UNIT_PARENT), ERR_REFUSED,
                "%s is the unit of this hub and the topmost one: leave its parent empty",
                u->fact.code);
        return;
    }
    u->parent_row = row_of(r, code);
    if (u->parent_row != NO_ROW)
        u->fact.parent = r->plan->rows[u->parent_row].fact.id;
    if (u->parent_row != NO_ROW || is_shared(r, row, UNIT_PARENT, code))
        return;
    const struct unit_fact *held = held_as(r, code, u->fact.from, u->fact.until);
    if (!held)
        unknown_code(r, row, UNIT_PARENT, code, code_exists);
    else if (!units_under(r->units, &held->id, &r->top->id, DAY_LATEST))
        err_set(problem(r, row, UNIT_PARENT), ERR_REFUSED,
                "unit %s does not lie below %s, the unit of this hub", code, r->top->code);
    else
        u->fact.parent = held->id;
}

static bool same_fact(const struct unit_fact *a, const struct unit_fact *b) {
    return uid_equal(&a->parent, &b->parent) && a->from == b->from && a->until == b->until &&
           strcmp(a->code, b->code) == 0 && strcmp(a->level, b->level) == 0 &&
           strcmp(a->kind, b->kind) == 0 && strcmp(a->name, b->name) == 0 &&
           strcmp(a->group, b->group) == 0 && strcmp(a->contact, b->contact) == 0 &&
           strcmp(a->phone, b->phone) == 0;
}

/* Whether row `u` would put a unit elsewhere as if it had always been there, though somebody
 * reported for it, or for one below it, from where it was. */
static bool moves_used(const struct reading *r, const struct unit_row *u) {
    bool used = false;
    if (!u->before || uid_equal(&u->before->parent, &u->fact.parent))
        return false;
    for (size_t i = 0; i < r->hub->n_used && !used; i++)
        used = units_ever_under(r->units, &r->hub->used[i], &u->fact.id);
    return used;
}

/* Try row `row`, whose parent was tried before, and put it in order. */
static int try_row(struct reading *r, uint32_t row) {
    struct unit_row *u = &r->plan->rows[row];
    struct err why = {0};
    if (u->parent_row != NO_ROW && r->plan->rows[u->parent_row].state == UNIT_ROW_WRONG)
        u->state = UNIT_ROW_WRONG; /* told there */
    if (u->state == UNIT_ROW_WRONG)
        return 0;
    if (u->before && same_fact(u->before, &u->fact)) {
        r->plan->n_same++;
        return 0;
    }
    if (!r->hub->is_root) { /* of the days before it came here the hub that had it then speaks */
        day here = units_way_since(r->units, &u->fact.id, &r->top->id);
        day there = units_way_since(r->units, &u->fact.parent, &r->top->id);
        here = here > there ? here : there;
        u->fact.effective = here > u->fact.effective ? here : u->fact.effective;
    }
    int rc = units_trial(r->units, &u->fact, &why);
    if (rc == ERR_NOMEM)
        return err_nomem(r->e);
    if (rc != 0) {
        *problem(r, row, UNIT_CODE) = why;
        return 0;
    }
    if (moves_used(r, u)) {
        err_set(problem(r, row, UNIT_PARENT), ERR_REFUSED,
                "unit %s, or one below it, has had a machine or a report: a file of units cannot "
                "give it another parent; use `unit apply` with the date of the move",
                u->fact.code);
        return 0;
    }
    u->state = u->before ? UNIT_ROW_CHANGED : UNIT_ROW_NEW;
    r->plan->n_changed += u->before != NULL;
    r->plan->n_new += u->before == NULL;
    r->plan->order[r->plan->n_order++] = row;
    return 0;
}

enum { UNSEEN, ON_THE_WAY, DONE };

/* Try `row` after every row above it; `way` has room for all rows. */
static int try_with_parents(struct reading *r, uint32_t row, uint32_t *way) {
    struct unit_row *rows = r->plan->rows;
    uint32_t n = 0, at = row;
    while (at != NO_ROW && rows[at].mark == UNSEEN) {
        rows[at].mark = ON_THE_WAY;
        way[n++] = at;
        at = rows[at].parent_row;
    }
    if (at != NO_ROW && rows[at].mark == ON_THE_WAY && rows[at].state != UNIT_ROW_WRONG)
        err_set(problem(r, at, UNIT_PARENT), ERR_REFUSED,
                "unit %s would lie below itself: correct its parent or that of a unit above it",
                rows[at].fact.code);
    int rc = 0;
    while (n > 0) {
        at = way[--n];
        rows[at].mark = DONE;
        if (rc == 0)
            rc = try_row(r, at);
    }
    return rc;
}

static int index_codes(struct reading *r) {
    size_t n = units_count(r->units);
    r->in_file = mem_zalloc(r->plan->n, sizeof *r->in_file);
    r->held = mem_zalloc(n, sizeof *r->held);
    if (!r->in_file || !r->held)
        return err_nomem(r->e);
    for (uint32_t i = 0; i < r->plan->n; i++)
        r->in_file[i] = (struct code_entry){.code = cell(r, i, UNIT_CODE), .row = i};
    for (size_t i = 0; i < n; i++) {
        const struct unit_fact *f = units_at(r->units, units_id(r->units, i), DAY_LATEST);
        if (f)
            r->held[r->n_held++] = (struct code_entry){.code = f->code, .fact = f};
    }
    if (r->plan->n > 1)
        qsort(r->in_file, r->plan->n, sizeof *r->in_file, by_code);
    if (r->n_held > 1)
        qsort(r->held, r->n_held, sizeof *r->held, by_code);
    /* Of rows with one code the first is meant; that the others are there is told by csv_unique. */
    for (uint32_t i = 1; i < r->plan->n; i++)
        if (strcmp(r->in_file[i - 1].code, r->in_file[i].code) == 0)
            r->plan->rows[r->in_file[i].row].state = UNIT_ROW_WRONG;
    return 0;
}

static int read_rows(struct reading *r) {
    static const size_t code_only[] = {UNIT_CODE};
    struct unit_plan *plan = r->plan;
    int rc = csv_unique(r->csv, code_only, 1, r->p, r->e);
    for (uint32_t i = 0; rc == 0 && i < plan->n; i++) {
        plan->rows[i].parent_row = NO_ROW;
        read_row(r, i);
    }
    if (rc == 0 && plan->arena.failed)
        rc = err_nomem(r->e);
    for (uint32_t i = 0; rc == 0 && i < plan->n; i++)
        find_parent(r, i);
    uint32_t *way = mem_zalloc(plan->n, sizeof *way);
    if (rc == 0 && !way)
        rc = err_nomem(r->e);
    for (uint32_t i = 0; rc == 0 && i < plan->n; i++) {
        rc = try_with_parents(r, i, way);
        world_progress(r->world, N_("checking units"), i + 1, plan->n);
    }
    mem_free(way);
    return rc;
}

int unit_import_plan(const struct csv *csv, struct units *units, const struct import_hub *hub,
                     const struct world *world, struct problems *p, struct unit_plan *ret_plan,
                     struct err *e) {
    *ret_plan = (struct unit_plan){.n = (uint32_t)csv_rows(csv)};
    arena_init(&ret_plan->arena, TEXT_BYTES_MAX);
    ret_plan->rows = mem_zalloc(ret_plan->n, sizeof *ret_plan->rows);
    ret_plan->order = mem_zalloc(ret_plan->n, sizeof *ret_plan->order);
    struct reading r = {.csv = csv,
                        .units = units,
                        .top = units_at(units, hub->unit, DAY_LATEST),
                        .hub = hub,
                        .world = world,
                        .p = p,
                        .plan = ret_plan,
                        .today = instant_day(world->now(world->arg)),
                        .e = e};
    int rc = ret_plan->rows && ret_plan->order ? 0 : err_nomem(e);
    if (rc == 0 && !r.top)
        rc = err_set(e, ERR_CORRUPT,
                     "the hub's own unit is not known here: `check` tells what is wrong");
    if (rc == 0)
        rc = index_codes(&r);
    if (rc == 0)
        rc = read_rows(&r);
    mem_free(r.in_file);
    mem_free(r.held);
    return rc;
}

void unit_import_done(struct unit_plan *plan) {
    arena_done(&plan->arena);
    mem_free(plan->rows);
    mem_free(plan->order);
    *plan = (struct unit_plan){0};
}
