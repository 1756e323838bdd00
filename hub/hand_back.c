#include "hub/hand_back.h"

#include "core/limits.h"
#include "node/route.h"
#include "proto/kinds.h"

#include <string.h>

/* The next machine right below, as its last epoch says: not one that was ended, which hands nothing
 * back. */
static bool next_machine(struct txn *t, struct child *at, struct member *ret_member) {
    while (route_next_child(t, at))
        if (roster_find(t, &at->actor, roster_epoch(t, &at->actor), ret_member) &&
            !ret_member->ended && uid_equal(&at->unit, &ret_member->unit))
            return true;
    return false;
}

/* The first code of `*rest` into `ret_code`, and what is behind its comma; false at the end. */
static bool next_code(const char **rest, char ret_code[LIMIT_NAME + 1]) {
    size_t n = strcspn(*rest, ",");
    if (**rest == '\0')
        return false;
    size_t kept = n < LIMIT_NAME ? n : LIMIT_NAME;
    memcpy(ret_code, *rest, kept);
    ret_code[kept] = '\0';
    *rest += n + ((*rest)[n] == ',');
    return true;
}

/* Whether `without` names `unit`. */
static bool is_named(struct command *s, const char *without, const struct uid *unit) {
    char code[LIMIT_NAME + 1];
    const struct unit_fact *f;
    while (without && next_code(&without, code))
        if (hub_call_unit(s, code, &f, NULL) == 0 && uid_equal(&f->id, unit))
            return true;
    return false;
}

static int look_at_names(struct command *s, const char *without, struct err *e) {
    char code[LIMIT_NAME + 1];
    const struct unit_fact *f;
    int rc = 0;
    while (rc == 0 && without && next_code(&without, code))
        rc = hub_call_unit(s, code, &f, e);
    return rc;
}

static void tell(struct command *s, const struct member *m) {
    const struct unit_fact *f = catalog_unit(&s->actor.catalog, &m->unit);
    const char *code = f ? f->code : "?", *name = f ? f->name : "?";
    struct verb_call *call = s->call;
    if (m->by == BY_HUB)
        world_say(call->world, &call->words,
                  "not here yet since this copy began to serve: the hub of unit %s, %s", code,
                  name);
    else
        world_say(call->world, &call->words,
                  "not here yet since this copy began to serve: the machine of unit %s, %s", code,
                  name);
}

/* Tell of each that is waited for; how many. */
static uint32_t tell_all(struct command *s, const char *without) {
    struct child at = {0};
    struct member m;
    uint32_t n = 0;
    while (next_machine(s->t, &at, &m))
        if (!at.handed && !is_named(s, without, &m.unit)) {
            tell(s, &m);
            n++;
        }
    return n;
}

int hand_back_done(struct command *s, const char *without, struct err *e) {
    const struct actor *a = &s->actor;
    int rc = look_at_names(s, without, e);
    if (rc != 0 || !a->is_root || !a->spent || a->ended.how != ENDED_NOT)
        return rc;
    if (uid_is_zero(&a->renewal))
        return err_set(e, ERR_REFUSED,
                       "run serve first, so that those below can hand back what is "
                       "missing; then renew");
    uint32_t n = tell_all(s, without);
    if (n == 0)
        return 0;
    return err_set(e, ERR_REFUSED,
                   "%u of the machines right below have not handed back yet what this copy lacks: "
                   "only they know which epochs were granted, and one that is granted twice parts "
                   "them from this hub for good. Let them connect while serve runs, then run this "
                   "again; renew --without CODE names the unit of one that is gone for good",
                   n);
}

bool hand_back_any(struct txn *t) {
    struct child at = {0};
    struct member m;
    while (next_machine(t, &at, &m))
        if (at.handed)
            return true;
    return false;
}
