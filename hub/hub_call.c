#include "hub/hub_call.h"

#include <string.h>

int hub_call_open(struct hub_call *s, struct verb_call *call, bool write, struct err *e) {
    *s = (struct hub_call){.call = call, .now = call->world->now(call->world->arg)};
    int rc = actor_open(call->data, ROLE_HUB, call->world->passphrase, NULL, &s->actor, e);
    s->open = rc == 0;
    return rc == 0 ? actor_begin(&s->actor, write, &s->t, e) : rc;
}

int hub_call_commit(struct hub_call *s, struct err *e) {
    struct txn *t = s->t;
    s->t = NULL;
    int rc = actor_commit(&s->actor, t, e);
    if (rc != 0) { /* what verbs told beforehand did not come true */
        buf_clear(&s->call->out);
        buf_clear(&s->call->words);
    }
    return rc;
}

void hub_call_done(struct hub_call *s) {
    if (s->open) {
        txn_abort(s->t);
        actor_close(&s->actor);
    }
    *s = (struct hub_call){0};
}

day hub_call_today(const struct hub_call *s) {
    return instant_day(s->now);
}

int hub_call_unit(const struct hub_call *s, const char *code, const struct unit_fact **ret_fact,
                  struct err *e) {
    const struct units *units = s->actor.catalog.units;
    const struct unit_fact *f = NULL;
    int rc = units_named(units, code, hub_call_today(s), &f, e);
    for (size_t i = 0; rc == 0 && !f && i < units_count(units); i++) {
        const struct unit_fact *latest = units_at(units, units_id(units, i), DAY_LATEST);
        if (latest && strcmp(latest->code, code) == 0)
            f = latest;
    }
    if (rc == 0 && !f)
        rc = err_set(e, ERR_REFUSED, "there is no unit %s here: `unit list` shows all", code);
    if (rc == 0)
        *ret_fact = f;
    return rc;
}

int hub_call_own_campaign(const struct hub_call *s, const char *name,
                          struct catalog_campaign **ret_campaign, struct err *e) {
    const struct catalog *c = &s->actor.catalog;
    struct catalog_campaign *k = catalog_latest(c, &s->actor.unit, name);
    int rc = k ? 0 : catalog_find(c, name, hub_call_today(s), &k, e);
    if (rc != 0)
        return rc;
    if (!uid_equal(&k->issuer, &s->actor.unit))
        return err_set(e, ERR_REFUSED, "campaign %s was issued by %s: only its hub may change it",
                       k->c.id, catalog_code(c, &k->issuer));
    const struct change_end *end = changes_end(&c->changes, &k->issuer, k->c.id);
    if (end) {
        char when[INSTANT_TEXT];
        instant_text_people(end->from, when);
        return err_set(e, ERR_REFUSED, "campaign %s was withdrawn on %s: nothing can be changed",
                       k->c.id, when);
    }
    *ret_campaign = k;
    return 0;
}
