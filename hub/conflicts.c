#include "hub/conflicts.h"

static struct conflict look_up(struct command *s, const struct fork *f) {
    struct conflict c = {.fork = *f, .unit = "?"};
    struct member m;
    (void)log_at(s->t, &f->actor, f->epoch, &f->lane, f->seq, &c.held);
    if (!roster_find(s->t, &f->actor, f->epoch, &m))
        return c;
    const struct unit_fact *unit = catalog_unit(&s->actor.catalog, &m.unit);
    c.unit = unit ? unit->code : "?";
    c.ended = m.ended;
    c.settled = m.ended || roster_epoch(s->t, &f->actor) > f->epoch;
    return c;
}

void conflict_walk_init(struct conflict_walk *w, struct command *call) {
    w->call = call;
    fork_walk_init(&w->forks, call->t);
}

bool conflict_walk_next(struct conflict_walk *w, struct conflict *ret_conflict) {
    struct fork f;
    if (!fork_walk_next(&w->forks, &f))
        return false;
    *ret_conflict = look_up(w->call, &f);
    return true;
}

void conflict_walk_done(struct conflict_walk *w) {
    fork_walk_done(&w->forks);
}

void conflicts_tell(struct command *call) {
    struct conflict_walk w;
    struct conflict c;
    uint32_t n[2] = {0, 0}; /* open, settled */
    const char *unit[2] = {"?", "?"};
    conflict_walk_init(&w, call);
    while (conflict_walk_next(&w, &c))
        if (!c.ended && n[c.settled]++ == 0)
            unit[c.settled] = c.unit;
    conflict_walk_done(&w);
    if (n[0] > 0)
        world_say(call->call->world, &call->call->words,
                  "two machines signed as one (%u records, first of unit %s): a directory that was "
                  "copied or put back, or a stolen key; `conflict list` shows them, and revoking "
                  "one settles it",
                  n[0], unit[0]);
    if (n[1] > 0)
        world_say(
            call->call->world, &call->call->words,
            "two machines signed as one, and one of them went on (%u records, first of unit "
            "%s): that is settled, and what counts stands on the board; `conflict list` "
            "shows them. Where a directory was put back from a copy, nothing is left to do; where "
            "both machines are still in use, stop one and `enrol` anew; where a key was "
            "stolen, `revoke`",
            n[1], unit[1]);
}
