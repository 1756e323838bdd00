#include "hub/waits.h"

#include "node/pending.h"
#include "node/route.h"
#include "node/views.h"
#include "store/key.h"
#include "store/log.h"

void wait_walk_init(struct wait_walk *w, struct command *call) {
    *w = (struct wait_walk){.call = call};
    walk_init(&w->rows, call->t, TABLE_AWAITED, slice_of(NULL, 0));
}

void wait_walk_done(struct wait_walk *w) {
    walk_done(&w->rows);
}

static const char *code_of(struct command *s, const struct hash *actor) {
    struct member m;
    if (!roster_find(s->t, actor, roster_epoch(s->t, actor), &m))
        return NULL;
    const struct unit_fact *unit = catalog_unit(&s->actor.catalog, &m.unit);
    return unit ? unit->code : NULL;
}

/* The next child that is doubted: one that was ended hands nothing back. */
static bool next_doubted(struct wait_walk *w, struct wait *ret) {
    struct txn *t = w->call->t;
    struct member m;
    while (!w->children_done && route_next_child(t, &w->child)) {
        const struct hash *actor = &w->child.actor;
        if (!w->child.doubt || !roster_find(t, actor, roster_epoch(t, actor), &m) || m.ended)
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
    struct key before = {.n = 0}, own = {.n = 0};
    struct record r;
    struct slice v;
    key_hash(&before, carrier);
    key_hash(&before, &w->awaited);
    key_hash(&own, carrier);
    key_hash(&own, &w->record);
    if (txn_get(s->t, TABLE_PENDING, key_slice(&before), NULL) ||
        !txn_get(s->t, TABLE_PENDING, key_slice(&own), &v))
        return false;
    struct reader in = reader_of(v);
    w->since = (instant)reader_u64(&in);
    reader_u8(&in); /* whether the clock was in doubt */
    if (in.failed || record_parse(slice_of(in.data, in.left), &r, NULL) != 0)
        return false;
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

static bool look_up(struct command *s, struct slice key, struct slice value, struct wait *ret) {
    struct wait w = {.since = INSTANT_NONE};
    struct reader k = reader_of(key), v = reader_of(value);
    struct hash carrier;
    reader_copy(&k, w.awaited.b, HASH_BYTES);
    reader_copy(&k, w.record.b, HASH_BYTES);
    reader_copy(&k, carrier.b, HASH_BYTES);
    uint8_t how = reader_u8(&v);
    bool found = false;
    if (k.failed || v.failed)
        return false;
    if (how == PENDING_ADMISSION)
        found = look_up_pending(s, &carrier, &w);
    else if (how == PENDING_JUDGEMENT || how == PENDING_RIGHT)
        found = look_up_held(s, how == PENDING_RIGHT ? WAIT_UNIT : WAIT_NAMED, &w);
    w.unit = code_of(s, &w.actor);
    *ret = w;
    return found;
}

bool wait_walk_next(struct wait_walk *w, struct wait *ret_wait) {
    struct slice key, value;
    if (next_doubted(w, ret_wait))
        return true;
    while (walk_next(&w->rows, &key, &value))
        if (look_up(w->call, key, value, ret_wait))
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
