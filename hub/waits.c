#include "hub/waits.h"

#include "hub/arrivals.h"
#include "node/route.h"
#include "node/views.h"
#include "store/log.h"

void wait_walk_init(struct wait_walk *w, struct command *call) {
    *w = (struct wait_walk){.call = call};
    pending_walk_init(&w->rows, call->t);
}

void wait_walk_done(struct wait_walk *w) {
    pending_walk_done(&w->rows);
}

static const char *code_of(struct command *s, const struct hash *actor) {
    struct member m;
    if (!roster_find(s->t, actor, roster_epoch(s->t, actor), &m))
        return NULL;
    const struct unit_fact *unit = catalog_unit(&s->actor.catalog, &m.unit);
    return unit ? unit->code : NULL;
}

/* The next child that is doubted. */
static bool next_doubted(struct wait_walk *w, struct wait *ret) {
    struct txn *t = w->call->t;
    while (!w->children_done && route_next_child(t, &w->child)) {
        const struct hash *actor = &w->child.actor;
        if (!w->child.doubt || !arrivals_doubted(t, actor))
            continue;
        *ret = (struct wait){.what_for = WAIT_SHOWN, .actor = *actor, .since = INSTANT_NONE};
        ret->unit = ret->by = code_of(w->call, actor);
        return true;
    }
    w->children_done = true;
    return false;
}

/* A record that waits for its author or predecessor; false: its row is gone, or what it waits for
 * waits itself. */
static bool look_up_pending(struct command *s, const struct hash *carrier, struct wait *w) {
    struct record r;
    struct taken_at at;
    struct slice bytes;
    if (pending_has(s->t, carrier, &w->awaited) ||
        !pending_look(s->t, carrier, &w->record, &at, &bytes) || record_parse(bytes, &r, NULL) != 0)
        return false;
    w->since = at.received;
    w->actor = r.h.actor;
    w->what_for = hash_equal(&w->awaited, &r.h.actor) ? WAIT_ENROLMENT : WAIT_PLACE;
    w->by = code_of(s, carrier);
    return true;
}

/* A record that is held and waits: for one that it names, or an enrolment for its right. */
static bool look_up_held(struct command *s, enum wait_for what_for, struct wait *w) {
    struct receipt_row said;
    struct record r;
    if (!log_held(s->t, &w->record, &r))
        return false;
    w->actor = r.h.actor;
    w->what_for = what_for;
    if (views_receipt(s->t, &w->record, &s->actor.id, &said))
        w->since = said.received_at;
    return true;
}

static bool look_up(struct command *s, const struct hash *awaited, const struct pending_waiter *p,
                    struct wait *ret) {
    struct wait w = {.since = INSTANT_NONE, .record = p->record, .awaited = *awaited};
    bool found = false;
    if (p->how == PENDING_ADMISSION)
        found = look_up_pending(s, &p->carrier, &w);
    else if (p->how == PENDING_JUDGEMENT || p->how == PENDING_RIGHT)
        found = look_up_held(s, p->how == PENDING_RIGHT ? WAIT_UNIT : WAIT_NAMED, &w);
    w.unit = code_of(s, &w.actor);
    *ret = w;
    return found;
}

bool wait_walk_next(struct wait_walk *w, struct wait *ret_wait) {
    struct hash awaited;
    struct pending_waiter p;
    if (next_doubted(w, ret_wait))
        return true;
    while (pending_walk_next(&w->rows, &awaited, &p))
        if (look_up(w->call, &awaited, &p, ret_wait))
            return true;
    return false;
}

void waits_tell(struct command *call) {
    struct wait_walk w;
    struct wait first, x;
    uint32_t n = 0;
    wait_walk_init(&w, call);
    while (next_doubted(&w, &x))
        if (n++ == 0)
            first = x;
    wait_walk_done(&w);
    if (n > 0)
        world_say(call->call->world, &call->call->words,
                  "%u machines below have still to show what they hold of this hub (first unit "
                  "%s), and until then units below it stay unknown: `waiting list` says what to do",
                  n, first.unit ? first.unit : "?");
}
