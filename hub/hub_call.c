#include "hub/hub_call.h"

#include <string.h>
#include <strings.h>

int hub_call_unknown(const struct units *units, const char *code, day on, struct err *e) {
    for (size_t i = 0; i < units_count(units); i++) {
        const struct unit_fact *f = units_at(units, units_id(units, i), on);
        if (f && strcasecmp(f->code, code) == 0)
            return err_set(e, ERR_REFUSED, "there is no unit %s here: is it %s, %s?", code, f->code,
                           f->name);
    }
    return err_set(e, ERR_REFUSED, "there is no unit %s here: `unit list` shows all", code);
}

int hub_call_unit(const struct command *s, const char *code, const struct unit_fact **ret_fact,
                  struct err *e) {
    const struct units *units = s->actor.catalog.units;
    const struct unit_fact *f = NULL;
    int rc = units_named(units, code, s->today, &f, e);
    for (size_t i = 0; rc == 0 && !f && i < units_count(units); i++) {
        const struct unit_fact *latest = units_at(units, units_id(units, i), DAY_LATEST);
        if (latest && strcmp(latest->code, code) == 0)
            f = latest;
    }
    if (rc == 0 && !f)
        rc = hub_call_unknown(units, code, s->today, e);
    if (rc == 0)
        *ret_fact = f;
    return rc;
}

int hub_call_own_campaign(const struct command *s, const char *name,
                          struct catalog_campaign **ret_campaign, struct err *e) {
    const struct catalog *c = &s->actor.catalog;
    struct catalog_campaign *k = catalog_latest(c, &s->actor.unit, name);
    int rc = k ? 0 : catalog_find(c, name, s->today, &k, e);
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
