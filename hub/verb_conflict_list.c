/*
 * `conflict list`: records of one author in one place of its log. Neither counts twice; which of
 * two machines is the office's is for a person to say, by revoking.
 */
#include "hub/conflicts.h"
#include "hub/listing.h"
#include "hub/verbs.h"

#include <stdio.h>

#define COLUMNS 6
#define SHORT_ID 9 /* 8 digits and NUL */

static const struct table_column columns[COLUMNS] = {
    {N_("unit"), TABLE_LEFT},          {N_("epoch"), TABLE_RIGHT},   {N_("place"), TABLE_RIGHT},
    {N_("has the place"), TABLE_LEFT}, {N_("evidence"), TABLE_LEFT}, {N_("state"), TABLE_LEFT},
};

/* What is listed, and how many of them are open. */
struct conflict_list {
    struct command *call;
    uint32_t open;
};

static int put_row(struct table *t, const struct world *w, const struct conflict *c,
                   struct err *e) {
    char epoch[16], seq[24], held[HASH_TEXT], other[HASH_TEXT];
    hash_text(&c->held, held);
    hash_text(&c->fork.id, other);
    held[SHORT_ID - 1] = other[SHORT_ID - 1] = '\0';
    (void)snprintf(epoch, sizeof epoch, "%u", (unsigned)c->fork.epoch);
    (void)snprintf(seq, sizeof seq, "%llu", (unsigned long long)c->fork.seq);
    const char *const cells[COLUMNS] = {
        c->unit, epoch, seq, held, other, world_tr(w, c->settled ? N_("settled") : N_("open"))};
    return table_row(t, TABLE_TOP, cells, NULL, e);
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

static int put_all(void *arg, struct table *t, struct json *j, struct err *e) {
    struct conflict_list *l = arg;
    struct conflict_walk w;
    struct conflict c;
    int rc = 0;
    conflict_walk_init(&w, l->call);
    while (rc == 0 && conflict_walk_next(&w, &c)) {
        l->open += !c.settled;
        if (j)
            put_object(j, &c);
        else
            rc = put_row(t, l->call->world, &c, e);
    }
    conflict_walk_done(&w);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    struct command s = {0};
    struct conflict_list l = {.call = &s};
    int rc = command_begin(call, ROLE_HUB, COMMAND_READ, &s, e);
    if (rc == 0)
        rc = listing_print(call, columns, COLUMNS, put_all, &l, e);
    if (rc == 0 && l.open > 0)
        world_say(call->world, &call->words,
                  "%u are open: find out which machine is the office's, then `revoke` ends both "
                  "and a new ticket lets one go on",
                  l.open);
    else if (rc == 0 && !call->json && call->out.len == 0)
        world_say(call->world, &call->words, "no two records claim one place");
    return command_end(&s, rc, e);
}

const struct verb hub_verb_conflict_list = {
    .name = "conflict list",
    .flags = VERB_JSON,
    .help = N_("records that claim one place: copied machines, stolen keys"),
    .run = run,
};
