#include "core/limits.h"
#include "core/mem.h"
#include "core/search.h"
#include "hub/hub_call.h"
#include "hub/listing.h"
#include "hub/verbs.h"
#include "node/words.h"
#include "proto/kinds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A unit that exists on the day, and its place in the tree. */
struct entry {
    const struct unit_fact *fact;
    bool node, hub; /* has a live one */
};

struct unit_list {
    struct command *o;
    uint32_t n;
    struct entry *list;    /* by parent, then code */
    const struct uid *top; /* from here down */
    day on;                /* as the tree is on that day */
    struct table *table;   /* people's … */
    struct json *json;     /* … or a program's */
    struct err *e;
};

static int by_parent(const void *pa, const void *pb) {
    const struct entry *a = pa, *b = pb;
    int order = uid_cmp(&a->fact->parent, &b->fact->parent);
    return order != 0 ? order : strcmp(a->fact->code, b->fact->code);
}

static int by_id(const void *key, const void *pb) {
    const struct uid *id = key;
    const struct uid *other = pb;
    return uid_cmp(id, other);
}

static int order_id(const void *pa, const void *pb) {
    return uid_cmp(pa, pb);
}

/* The units with a live actor that may author as `by`, sorted. */
static int live_units(struct command *o, uint8_t by, struct buf *out, struct err *e) {
    struct roster_walk w;
    struct member m;
    roster_walk_init(&w, o->t);
    while (roster_walk_next(&w, &m))
        if (m.by == by && !m.ended)
            buf_put(out, m.unit.b, UID_BYTES);
    roster_walk_done(&w);
    if (out->len > UID_BYTES)
        qsort(out->data, out->len / UID_BYTES, UID_BYTES, order_id);
    return out->failed ? err_nomem(e) : 0;
}

static bool is_among(const struct buf *units, const struct uid *id) {
    return units->len > 0 &&
           bsearch(id, units->data, units->len / UID_BYTES, UID_BYTES, by_id) != NULL;
}

static int gather(struct unit_list *l) {
    struct command *o = l->o;
    const struct units *units = o->actor.catalog.units;
    struct buf nodes, hubs;
    buf_init(&nodes);
    buf_init(&hubs);
    l->list = mem_zalloc(units_count(units), sizeof *l->list);
    int rc = l->list ? live_units(o, BY_NODE, &nodes, l->e) : err_nomem(l->e);
    if (rc == 0)
        rc = live_units(o, BY_HUB, &hubs, l->e);
    for (size_t i = 0; rc == 0 && i < units_count(units); i++) {
        const struct uid *id = units_id(units, i);
        if (!units_exist(units, id, l->on))
            continue;
        struct entry *entry = &l->list[l->n++];
        entry->fact = units_at(units, id, l->on);
        entry->node = is_among(&nodes, id);
        entry->hub = is_among(&hubs, id);
    }
    if (rc == 0 && l->n > 1)
        qsort(l->list, l->n, sizeof *l->list, by_parent);
    buf_done(&nodes);
    buf_done(&hubs);
    return rc;
}

static int show_row(struct unit_list *l, const struct entry *u, size_t parent, size_t *ret_row) {
    const struct world *w = l->o->call->world;
    const struct unit_fact *f = u->fact;
    const char *runs = u->node && u->hub ? world_tr(w, N_("node, hub"))
                       : u->node         ? world_tr(w, N_("node"))
                       : u->hub          ? world_tr(w, N_("hub"))
                                         : "";
    char code[LIMIT_CODE + 4];
    const struct unit_fact *only;
    (void)snprintf(code, sizeof code, "%s%s", f->code,
                   units_named(l->o->actor.catalog.units, f->code, l->on, &only, NULL) ? " (!)"
                                                                                       : "");
    const char *cells[] = {code, f->name, words_level(w, f->level), f->kind, f->group, runs};
    return table_row(l->table, parent, cells, ret_row, l->e);
}

/* By which document it is so, and to whom it gave a part of itself that day. */
static void print_lineage(struct unit_list *l, const struct unit_fact *f) {
    const struct units *units = l->o->actor.catalog.units;
    struct json *j = l->json;
    if (f->basis && *f->basis)
        json_put_text(j, "basis", f->basis);
    if (f->n_successors == 0)
        return;
    json_begin_list(j, "successors");
    for (uint32_t i = 0; i < f->n_successors; i++) {
        const struct unit_fact *to = units_at(units, &f->successors[i].unit, f->effective);
        json_begin_object(j, NULL);
        json_put_text(j, "unit", to ? to->code : NULL);
        json_put_bool(j, "partial", f->successors[i].partial);
        json_end(j);
    }
    json_end(j);
}

static void print_row(struct unit_list *l, const struct entry *u) {
    const struct units *units = l->o->actor.catalog.units;
    const struct unit_fact *f = u->fact, *parent = units_at(units, &f->parent, l->on);
    struct json *j = l->json;
    json_begin_object(j, NULL);
    json_put_text(j, "code", f->code);
    json_put_text(j, "parent", parent ? parent->code : NULL);
    json_put_text(j, "level", f->level);
    json_put_text(j, "kind", f->kind);
    json_put_text(j, "name", f->name);
    json_put_text(j, "group", f->group);
    json_put_text(j, "contact", f->contact);
    json_put_text(j, "phone", f->phone);
    json_put_day(j, "from", f->from);
    json_put_day(j, "until", f->until);
    json_put_bool(j, "node", u->node);
    json_put_bool(j, "hub", u->hub);
    print_lineage(l, f);
    json_end(j);
}

static int put_subtree(struct unit_list *l, const struct entry *u, size_t parent);

static int child_of(const void *parent, const void *entry) {
    return uid_cmp(parent, &((const struct entry *)entry)->fact->parent);
}

/* The units right below `id`, in order; the tree is at most LIMIT_UNIT_DEPTH deep. */
static int put_children(struct unit_list *l, const struct uid *id, size_t parent) {
    uint32_t i = search_first(id, l->list, l->n, sizeof *l->list, child_of);
    int rc = 0;
    for (; rc == 0 && i < l->n && uid_equal(&l->list[i].fact->parent, id); i++)
        rc = put_subtree(l, &l->list[i], parent);
    return rc;
}

static int put_subtree(struct unit_list *l, const struct entry *u, size_t parent) {
    size_t row = TABLE_TOP;
    int rc = 0;
    if (l->json)
        print_row(l, u);
    else
        rc = show_row(l, u, parent, &row);
    return rc == 0 ? put_children(l, &u->fact->id, row) : rc;
}

static int put_all(void *arg, struct table *t, struct json *j, struct err *e) {
    struct unit_list *l = arg;
    l->e = e;
    l->table = t;
    l->json = j;
    for (uint32_t i = 0; i < l->n; i++)
        if (uid_equal(&l->list[i].fact->id, l->top))
            return put_subtree(l, &l->list[i], TABLE_TOP);
    return 0;
}

static const struct table_column columns[] = {
    {N_("code"), TABLE_TREE}, {N_("name"), TABLE_LEFT},  {N_("level"), TABLE_LEFT},
    {N_("kind"), TABLE_LEFT}, {N_("group"), TABLE_LEFT}, {N_("runs"), TABLE_LEFT},
};

static int list(struct command *o, struct err *e) {
    struct unit_list l = {.o = o, .top = &o->actor.unit, .on = o->today, .e = e};
    const char *under = verb_text(o->call, "under"), *at = verb_text(o->call, "at");
    if (at && !day_parse(at, &l.on))
        return err_set(e, ERR_USAGE, "--at %s is no date: write it as 31/12/2023 or 2023-12-31",
                       at);
    if (under) {
        const struct unit_fact *f = NULL;
        int found = units_named(o->actor.catalog.units, under, l.on, &f, e);
        if (found == 0 && !f)
            found = hub_call_unit(o, under, &f, e);
        if (found != 0)
            return found;
        l.top = &f->id;
    }
    int rc = gather(&l);
    if (rc == 0)
        rc = listing_print(o->call, columns, sizeof columns / sizeof *columns, put_all, &l, e);
    mem_free(l.list);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    struct command o = {0};
    int rc = command_begin(call, ROLE_HUB, COMMAND_READ, &o, e);
    if (rc == 0)
        rc = list(&o, e);
    return command_end(&o, rc, e);
}

static const struct verb_option options[] = {
    {.name = "under", .value = "CODE", .help = N_("only this unit and those below")},
    {.name = "at", .value = "DATE", .help = N_("as the tree is on that day; else today")},
    {.name = NULL},
};

const struct verb hub_verb_unit_list = {
    .name = "unit list",
    .flags = VERB_JSON,
    .options = options,
    .help = N_("the tree of units"),
    .run = run,
};
