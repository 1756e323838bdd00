/*
 * `conflict list`: records of one author in one place of its log. Neither counts twice; which of
 * two machines is the office's is for a person to say, by revoking.
 */
#include "core/table.h"
#include "hub/hub_call.h"
#include "hub/verbs.h"
#include "proto/json.h"
#include "store/log.h"

#include <stdio.h>

#define COLUMNS 6
#define SHORT_ID 9 /* 8 digits and NUL */

struct conflict {
    struct fork fork;
    struct hash held; /* the one that has the place */
    const char *unit;
    bool settled; /* that epoch is over: the machine goes on in another, or was ended */
};

/* Where the two lists go: a table, or JSON. */
struct listing {
    struct hub_call *call;
    struct table *table;
    struct json *json;
    uint32_t open;
};

static struct conflict look_up(struct hub_call *s, const struct fork *f) {
    struct conflict c = {.fork = *f, .unit = "?"};
    struct member m;
    (void)log_at(s->t, &f->actor, f->epoch, &f->lane, f->seq, &c.held);
    if (!roster_find(s->t, &f->actor, f->epoch, &m))
        return c;
    const struct unit_fact *unit = catalog_unit(&s->actor.catalog, &m.unit);
    c.unit = unit ? unit->code : "?";
    c.settled = m.ended || roster_epoch(s->t, &f->actor) > f->epoch;
    return c;
}

static int put_row(struct listing *l, const struct conflict *c, struct err *e) {
    const struct world *w = l->call->call->world;
    char epoch[16], seq[24], held[HASH_TEXT], other[HASH_TEXT];
    hash_text(&c->held, held);
    hash_text(&c->fork.id, other);
    held[SHORT_ID - 1] = other[SHORT_ID - 1] = '\0';
    (void)snprintf(epoch, sizeof epoch, "%u", (unsigned)c->fork.epoch);
    (void)snprintf(seq, sizeof seq, "%llu", (unsigned long long)c->fork.seq);
    const char *const cells[COLUMNS] = {
        c->unit, epoch, seq, held, other, world_tr(w, c->settled ? N_("settled") : N_("open"))};
    return table_row(l->table, TABLE_TOP, cells, NULL, e);
}

static void put_object(struct json *j, const struct conflict *c) {
    json_begin_object(j, NULL);
    json_put_text(j, "unit", c->unit);
    json_put_hash(j, "actor", &c->fork.actor);
    json_put_int(j, "epoch", c->fork.epoch);
    json_put_uid(j, "lane", &c->fork.lane);
    json_put_int(j, "seq", (int64_t)c->fork.seq);
    json_put_hash(j, "record", &c->held);
    json_put_hash(j, "other", &c->fork.id);
    json_put_bool(j, "settled", c->settled);
    json_end(j);
}

static int put_all(struct listing *l, struct err *e) {
    struct fork_walk w;
    struct fork f;
    int rc = 0;
    fork_walk_init(&w, l->call->t);
    while (rc == 0 && fork_walk_next(&w, &f)) {
        struct conflict c = look_up(l->call, &f);
        l->open += !c.settled;
        if (l->json)
            put_object(l->json, &c);
        else
            rc = put_row(l, &c, e);
    }
    fork_walk_done(&w);
    return rc;
}

static int print_json(struct listing *l, struct err *e) {
    struct buf *out = &l->call->call->out;
    int rc = json_new(&l->json, e);
    if (rc != 0)
        return rc;
    json_begin_list(l->json, NULL);
    rc = put_all(l, e);
    json_end(l->json);
    if (rc == 0)
        rc = json_print(l->json, out, e);
    buf_put_u8(out, '\n');
    json_free(l->json);
    return rc;
}

static int print_table(struct listing *l, struct err *e) {
    const struct world *w = l->call->call->world;
    const struct table_column columns[COLUMNS] = {
        {world_tr(w, N_("unit")), TABLE_LEFT},     {world_tr(w, N_("epoch")), TABLE_RIGHT},
        {world_tr(w, N_("place")), TABLE_RIGHT},   {world_tr(w, N_("counts")), TABLE_LEFT},
        {world_tr(w, N_("evidence")), TABLE_LEFT}, {world_tr(w, N_("state")), TABLE_LEFT}};
    int rc = table_new(columns, COLUMNS, &l->table, e);
    if (rc == 0)
        rc = put_all(l, e);
    if (rc == 0)
        rc = table_render(l->table, 0, &l->call->call->out, e);
    table_free(l->table);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    struct hub_call s;
    struct listing l = {.call = &s};
    int rc = hub_call_open(&s, call, false, e);
    if (rc == 0)
        rc = call->json ? print_json(&l, e) : print_table(&l, e);
    if (rc == 0 && l.open > 0)
        world_say(call->world, &call->words,
                  "%u are open: find out which machine is the office's, then `revoke` ends both "
                  "and a new ticket lets one go on",
                  l.open);
    else if (rc == 0 && !call->json && call->out.len == 0)
        world_say(call->world, &call->words, "no two records claim one place");
    hub_call_done(&s);
    return rc;
}

const struct verb hub_verb_conflict_list = {
    .name = "conflict list",
    .flags = VERB_JSON,
    .help = N_("records that claim one place: copied machines, stolen keys"),
    .run = run,
};
