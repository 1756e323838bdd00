#include "core/table.h"
#include "node/command.h"
#include "node/office.h"
#include "node/verbs.h"
#include "proto/json_node.h"

#include <stdio.h>

/* The lists of several units, as one. */
struct listing {
    struct command *c;
    struct buf views; /* struct subject_view each */
    struct buf lists; /* struct people each, which the views point into */
};

static int add_unit(struct listing *l, const struct unit_fact *unit, struct err *e) {
    struct people p;
    int rc = people_load(&l->c->actor, l->c->t, unit, &p, e);
    if (rc != 0)
        return rc;
    for (uint32_t i = 0; i < p.subjects.n; i++) {
        struct subject_view v = {unit->code, &p.subjects.list[i], &p.names[i]};
        buf_put(&l->views, &v, sizeof v);
    }
    buf_put(&l->lists, &p, sizeof p);
    if (!l->lists.failed && !l->views.failed)
        return 0;
    people_done(&p);
    return err_nomem(e);
}

static int add_units(struct listing *l, const char *code, struct err *e) {
    struct actor *a = &l->c->actor;
    const struct catalog *c = &a->catalog;
    const struct unit_fact *unit;
    struct people_units listed;
    int rc = office_unit(a, l->c->t, code, l->c->today, &unit, e);
    if (rc == 0)
        rc = add_unit(l, unit, e);
    if (rc != 0 || code)
        return rc;
    rc = people_units_load(a, l->c->t, &listed, e);
    for (size_t i = 0; rc == 0 && i < units_count(c->units); i++) {
        const struct unit_fact *f = catalog_unit(c, units_id(c->units, i));
        if (f && f != unit && people_units_has(&listed, &f->id))
            rc = add_unit(l, f, e);
    }
    people_units_done(&listed);
    return rc;
}

static int print(struct listing *l, const struct subject_view *list, uint32_t n, struct err *e) {
    const struct world *w = l->c->world;
    const struct table_column columns[] = {
        {world_tr(w, N_("unit")), TABLE_LEFT},   {world_tr(w, N_("code")), TABLE_LEFT},
        {world_tr(w, N_("kind")), TABLE_LEFT},   {world_tr(w, N_("class")), TABLE_LEFT},
        {world_tr(w, N_("name")), TABLE_LEFT},   {world_tr(w, N_("position")), TABLE_LEFT},
        {world_tr(w, N_("leader")), TABLE_LEFT}, {world_tr(w, N_("uniformed")), TABLE_LEFT},
    };
    struct table *t = NULL;
    int rc = table_new(columns, sizeof columns / sizeof *columns, &t, e);
    if (rc != 0)
        return rc;
    for (uint32_t i = 0; rc == 0 && i < n; i++) {
        const struct subject *s = list[i].subject;
        const struct payload_name *name = list[i].name;
        const char *kind = world_tr(w, subject_kind_text(s->kind));
        const char *cells[] = {list[i].unit,
                               s->code,
                               kind,
                               s->class_id,
                               name->name,
                               name->position,
                               s->leader ? world_tr(w, N_("yes")) : "",
                               s->uniformed ? world_tr(w, N_("yes")) : ""};
        rc = table_row(t, TABLE_TOP, cells, NULL, e);
    }
    if (rc == 0)
        rc = table_render(t, 0, &l->c->call->out, e);
    table_free(t);
    return rc;
}

static int list(struct command *c, struct err *e) {
    struct listing l = {.c = c};
    buf_init(&l.views);
    buf_init(&l.lists);
    int rc = add_units(&l, verb_text(c->call, "unit"), e);
    const struct subject_view *views = buf_items(&l.views);
    uint32_t n = (uint32_t)(l.views.len / sizeof *views);
    if (rc == 0 && c->call->json) {
        rc = json_subjects(views, n, false, &c->call->out, e);
        if (rc == 0)
            buf_put_u8(&c->call->out, '\n');
    } else if (rc == 0) {
        rc = print(&l, views, n, e);
    }
    struct people *lists = buf_items(&l.lists);
    for (size_t i = 0; i < l.lists.len / sizeof *lists; i++)
        people_done(&lists[i]);
    buf_done(&l.lists);
    buf_done(&l.views);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    struct command c;
    int rc = command_begin(call, ROLE_NODE, COMMAND_READ, &c, e);
    return rc == 0 ? command_end(&c, list(&c, e), e) : rc;
}

const struct verb node_verb_subject_list = {
    .name = "subject list",
    .flags = VERB_JSON,
    .options =
        (const struct verb_option[]){
            {.name = "unit", .value = "CODE", .help = N_("only those of this unit")},
            {.name = NULL},
        },
    .help = N_("whom this office reports about"),
    .run = run,
};
