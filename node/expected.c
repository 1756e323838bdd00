#include "node/expected.h"

#include "core/due.h"
#include "core/sheet.h"

#include <string.h>

static bool has_uid(const struct uid *list, uint32_t n, const struct uid *id) {
    for (uint32_t i = 0; i < n; i++)
        if (uid_equal(&list[i], id))
            return true;
    return false;
}

/* An empty list asks for nothing. */
static bool allows(char *const *list, uint32_t n, const char *value) {
    for (uint32_t i = 0; i < n; i++)
        if (strcmp(list[i], value) == 0)
            return true;
    return n == 0;
}

static bool selects(const struct selection *s, const struct catalog_campaign *k,
                    const struct unit_fact *f, day on) {
    bool conditions = s->n_levels + s->n_kinds + s->n_groups > 0 || s->condition[0] != '\0';
    struct unit_view unit = {f->id, f->kind};
    if ((s->from != DAY_NONE && on < s->from) || (s->until != DAY_NONE && on >= s->until) ||
        has_uid(s->exclude, s->n_exclude, &f->id))
        return false;
    if (has_uid(s->include, s->n_include, &f->id))
        return true;
    if (uid_equal(&f->id, &k->issuer) || (!conditions && s->n_include > 0))
        return false;
    return allows(s->levels, s->n_levels, f->level) && allows(s->kinds, s->n_kinds, f->kind) &&
           allows(s->groups, s->n_groups, f->group) &&
           (s->condition[0] == '\0' || unit_has_attribute(&k->c, &unit, s->condition));
}

enum expectation expected_on(const struct catalog *c, const struct catalog_campaign *k,
                             const struct report_rule *rule, const struct uid *unit, day on) {
    const struct unit_fact *f = units_at(c->units, unit, on);
    if (!f || !units_exist(c->units, unit, on) || !units_under(c->units, unit, &k->issuer, on) ||
        changes_ended(&c->changes, &k->issuer, k->c.id, on))
        return EXPECTED_NOT;
    enum change_says says = changes_of(&c->changes, &k->issuer, k->c.id, unit, on);
    if (says != CHANGE_NOTHING)
        return says == CHANGE_EXEMPT ? EXPECTED_EXEMPT : EXPECTED_YES;
    bool selected = rule->n_expected == 0 && !uid_equal(&f->id, &k->issuer);
    for (uint32_t i = 0; !selected && i < rule->n_expected; i++)
        selected = selects(&rule->expected[i], k, f, on);
    return selected ? EXPECTED_YES : EXPECTED_NOT;
}

int expected_due(const struct catalog *c, const struct report_rule *rule,
                 const struct period *period, const struct uid *unit, instant *ret_due,
                 struct err *e) {
    const struct unit_fact *f = unit ? units_at(c->units, unit, period->end) : NULL;
    return due_instant(rule, period, f ? f->level : NULL, NULL, ret_due, e);
}

day expected_day(const struct period *period, instant due, day today) {
    if (due != INSTANT_NONE)
        return instant_day(due - 1);
    return today < period->end ? today : period->end;
}

bool expected_of(const struct catalog *c, const struct catalog_campaign *k,
                 const struct report_rule *rule, const struct period *period,
                 const struct uid *unit, day today, instant *ret_due) {
    instant due;
    if (expected_due(c, rule, period, unit, &due, NULL) != 0)
        due = INSTANT_NONE;
    if (expected_on(c, k, rule, unit, expected_day(period, due, today)) != EXPECTED_YES)
        return false;
    *ret_due = due;
    return true;
}
