#include "node/moved.h"

#include "core/units_way.h"
#include "node/agenda.h"

bool moved_away(struct actor *a, struct txn *t, struct moved *ret_moved) {
    const struct catalog *c = &a->catalog;
    const struct unit_fact *own = catalog_unit(c, &a->unit), *hub = agenda_hub(a, t);
    const struct unit_fact *under = own ? catalog_unit(c, &own->parent) : NULL;
    if (!hub || !under)
        return false;
    day until = units_way_until(c->units, &a->unit, &hub->id);
    if (until == DAY_NONE || until == DAY_LATEST)
        return false;
    *ret_moved = (struct moved){hub, under, until + 1};
    return true;
}

void moved_say(struct actor *a, struct txn *t, const struct world *w, struct buf *words) {
    struct moved m;
    char since[INSTANT_TEXT];
    if (!moved_away(a, t, &m))
        return;
    day_text_people(m.since, since);
    world_say(
        w, words,
        "from %s on this unit lies under %s %s, no longer under %s: what this machine reports "
        "counts only as long as no machine that joined there does; ask the hub of %s for a "
        "ticket, and `join` with it in a new data directory (--data)",
        since, m.under->code, m.under->name, m.hub->code, m.under->code);
}

int moved_tell(struct actor *a, const struct world *w, struct buf *words, struct err *e) {
    struct txn *t;
    int rc = actor_begin(a, false, &t, e);
    if (rc != 0)
        return rc;
    moved_say(a, t, w, words);
    actor_abort(a, t);
    return 0;
}

bool moved_here(const struct catalog *c, const struct uid *unit, const struct uid *hub,
                day *ret_since) {
    day since = units_way_since(c->units, unit, hub);
    if (since == DAY_NONE || !units_at(c->units, unit, since - 1))
        return false;
    *ret_since = since;
    return true;
}
