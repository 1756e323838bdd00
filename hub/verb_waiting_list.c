/*
 * `waiting list`: what is here and nothing is made of yet, what it waits for, and what a person can
 * do where that does not come.
 */
#include "hub/listing.h"
#include "hub/verbs.h"
#include "hub/waits.h"

#include <assert.h>

#define COLUMNS 5
#define SHORT_ID 9 /* 8 digits and NUL */

/* What it waits for: for people, and for programs. */
static const struct {
    const char *words, *code;
} kinds[WAIT_KINDS] = {
    [WAIT_SHOWN] = {N_("what that machine holds of this hub"), "shown"},
    [WAIT_PLACE] = {N_("the record before it"), "record"},
    [WAIT_ENROLMENT] = {N_("the enrolment of its machine"), "enrolment"},
    [WAIT_NAMED] = {N_("a record that it names"), "named"},
    [WAIT_UNIT] = {N_("its unit"), "unit"},
};

static const struct table_column columns[COLUMNS] = {
    {N_("unit"), TABLE_LEFT},      {N_("brought by"), TABLE_LEFT}, {N_("record"), TABLE_LEFT},
    {N_("waits for"), TABLE_LEFT}, {N_("since"), TABLE_LEFT},
};

/* What is listed: how many of each kind, and the unit of the first. */
struct wait_list {
    struct command *call;
    uint32_t n[WAIT_KINDS];
    const char *first[WAIT_KINDS];
};

static int put_row(struct table *t, const struct world *w, const struct wait *x, struct err *e) {
    char record[HASH_TEXT] = "", since[INSTANT_TEXT] = "";
    if (x->what_for != WAIT_SHOWN) {
        hash_text(&x->record, record);
        record[SHORT_ID - 1] = '\0';
    }
    if (x->since != INSTANT_NONE)
        instant_text_people(x->since, since);
    const char *const cells[COLUMNS] = {x->unit ? x->unit : "?", x->by ? x->by : "", record,
                                        world_tr(w, kinds[x->what_for].words), since};
    return table_row(t, TABLE_TOP, cells, NULL, e);
}

static void put_object(struct json *j, const struct wait *x) {
    json_begin_object(j, NULL);
    json_put_text(j, "unit", x->unit);
    json_put_text(j, "by", x->by);
    json_put_hash(j, "actor", &x->actor);
    json_put_hash(j, "record", &x->record);
    json_put_text(j, "waits_for", kinds[x->what_for].code);
    json_put_hash(j, "awaited", &x->awaited);
    json_put_instant(j, "since", x->since);
    json_end(j);
}

static int put_all(void *arg, struct table *t, struct json *j, struct err *e) {
    struct wait_list *l = arg;
    struct wait_walk w;
    struct wait x;
    int rc = 0;
    wait_walk_init(&w, l->call);
    while (rc == 0 && wait_walk_next(&w, &x)) {
        assert(x.what_for < WAIT_KINDS);
        if (l->n[x.what_for]++ == 0)
            l->first[x.what_for] = x.unit ? x.unit : x.by;
        if (j)
            put_object(j, &x);
        else
            rc = put_row(t, l->call->world, &x, e);
    }
    wait_walk_done(&w);
    return rc == 0 ? txn_failed(l->call->t, e) : rc;
}

/* What a person does about the `n` of one kind; `first` is the unit of the first. */
static void advise_one(struct verb_call *call, enum wait_for what_for, uint32_t n,
                       const char *first) {
    const struct world *w = call->world;
    struct buf *to = &call->words;
    switch (what_for) {
    case WAIT_SHOWN:
        world_say(w, to,
                  "%u machines (first unit %s) say that this hub was put back to an older state: "
                  "let each connect until its `sync` is done; one that never comes again is ended "
                  "by `revoke` or by a new ticket of `enrol`",
                  n, first);
        break;
    case WAIT_PLACE:
        world_say(w, to,
                  "%u records (first of unit %s) follow one that never came: ask that office to "
                  "`sync`; where its machine is lost, `enrol` another one and let it report again",
                  n, first);
        break;
    case WAIT_ENROLMENT:
        world_say(w, to,
                  "%u records (first brought by unit %s) are of machines whose enrolment is not "
                  "here: ask the hub that enrolled them to `sync`",
                  n, first);
        break;
    case WAIT_NAMED:
        world_say(
            w, to,
            "%u records (first of unit %s) name a campaign, a list or a report that never came: "
            "ask that office to `sync`, and else to submit again: a later revision counts "
            "without them",
            n, first);
        break;
    case WAIT_UNIT:
        world_say(w, to,
                  "%u enrolments (first by unit %s) are of units that do not lie below whoever "
                  "stated them: where no move of the unit is still to come, enrol that machine "
                  "where its unit lies",
                  n, first);
        break;
    }
}

static void advise(struct wait_list *l) {
    struct verb_call *call = l->call->call;
    uint32_t all = 0;
    for (uint32_t i = 0; i < WAIT_KINDS; i++) {
        all += l->n[i];
        if (l->n[i] > 0)
            advise_one(call, (enum wait_for)i, l->n[i], l->first[i] ? l->first[i] : "?");
    }
    if (all == 0 && !call->json)
        world_say(call->world, &call->words, "nothing waits here for anything");
}

static int run(struct verb_call *call, struct err *e) {
    struct command s = {0};
    struct wait_list l = {.call = &s};
    int rc = command_begin(call, ROLE_HUB, COMMAND_READ, &s, e);
    if (rc == 0)
        rc = listing_print(call, columns, COLUMNS, put_all, &l, e);
    if (rc == 0)
        advise(&l);
    return command_end(&s, rc, e);
}

const struct verb hub_verb_waiting_list = {
    .name = "waiting list",
    .flags = VERB_JSON,
    .help = N_("what came and waits for something, and what to do about it"),
    .run = run,
};
