#include "hub/extend.h"

#include "core/due.h"
#include "core/mem.h"
#include "node/acts.h"
#include "node/append.h"
#include "node/expected.h"
#include "node/words.h"

#include <stdlib.h>
#include <string.h>

#define A_YEAR_MS ((instant)366 * 24 * 60 * 60 * 1000)

/* Whom an extension is for, while they are looked for. */
struct finding {
    struct actor *a;
    const struct extend *x;
    struct acts acts;
    struct buf list;         /* struct extended_unit each */
    uint32_t meant, undated; /* how many it is for; of these without a due date, … */
    uint32_t passed;         /* … and with that much time already */
    instant far_due;         /* the earliest that it goes beyond by a year; INSTANT_NONE: none */
    struct err *e;
};

static const struct units *units_of(const struct finding *f) {
    return f->a->catalog.units;
}

/* The peer group called `id` that the campaign declares of units; NULL if there is none. */
static const struct peer_group *declared(const struct campaign *c, const char *id) {
    for (uint32_t i = 0; i < c->n_groups; i++)
        if (strcmp(c->groups[i].id, id) == 0 && c->groups[i].n_units > 0)
            return &c->groups[i];
    return NULL;
}

static bool in_group(const struct finding *f, const struct uid *unit, day on) {
    const struct peer_group *g = declared(&f->x->q->campaign->c, f->x->name);
    const struct unit_fact *fact = units_at(units_of(f), unit, on);
    for (uint32_t i = 0; g && i < g->n_units; i++)
        if (uid_equal(&g->units[i], unit))
            return true;
    return !g && fact && strcmp(fact->group, f->x->name) == 0;
}

/* Whether `unit`, looked at on `on`, is meant. One that is named need not be asked. */
static bool is_meant(const struct finding *f, const struct uid *unit, day on) {
    const struct board_query *q = f->x->q;
    const struct catalog *c = &f->a->catalog;
    if (!catalog_ever_under(c, unit, &f->a->unit))
        return false;
    switch (f->x->scope) {
    case ACT_SCOPE_UNIT:
        return uid_equal(unit, &f->x->unit);
    case ACT_SCOPE_UNDER:
        return units_under(units_of(f), unit, &f->x->unit, on) &&
               expected_on(c, q->campaign, q->rule, unit, on) == EXPECTED_YES;
    case ACT_SCOPE_GROUP:
        return in_group(f, unit, on) &&
               expected_on(c, q->campaign, q->rule, unit, on) == EXPECTED_YES;
    }
    return false;
}

static int look_at(struct finding *f, const struct uid *unit) {
    const struct board_query *q = f->x->q;
    instant due;
    int rc = expected_due(&f->a->catalog, q->rule, q->period, unit, &due, f->e);
    if (rc != 0)
        return rc;
    if (!is_meant(f, unit, expected_day(q->period, due, q->period->end)))
        return 0;
    const struct slot slot = {q->campaign->issuer, q->campaign->c.id, q->period->id, q->rule->kind,
                              *unit};
    instant until;
    rc = acts_until(&f->acts, &slot, &until, f->e);
    if (rc != 0)
        return rc;
    instant window = until > due ? until : due;
    f->meant++;
    f->undated += due == INSTANT_NONE;
    f->passed += due != INSTANT_NONE && f->x->until <= window;
    struct extended_unit found = {.unit = *unit, .code = catalog_code(&f->a->catalog, unit)};
    if (due != INSTANT_NONE && f->x->until > window)
        buf_put(&f->list, &found, sizeof found);
    if (due != INSTANT_NONE && f->x->until > window && f->x->until - due > A_YEAR_MS &&
        (f->far_due == INSTANT_NONE || due < f->far_due))
        f->far_due = due;
    return 0;
}

int extend_asks(struct actor *a, const struct extend *x, bool *ret_asks, struct err *e) {
    const struct board_query *q = x->q;
    const struct finding f = {.a = a, .x = x, .e = e};
    bool asks = false;
    for (size_t i = 0; !asks && i < units_count(a->catalog.units); i++) {
        const struct uid *unit = units_id(a->catalog.units, i);
        instant due;
        int rc = expected_due(&a->catalog, q->rule, q->period, unit, &due, e);
        if (rc != 0)
            return rc;
        day on = expected_day(q->period, due, q->period->end);
        asks = is_meant(&f, unit, on) &&
               expected_on(&a->catalog, q->campaign, q->rule, unit, on) == EXPECTED_YES;
    }
    *ret_asks = asks;
    return 0;
}

static int by_code(const void *pa, const void *pb) {
    const struct extended_unit *a = pa, *b = pb;
    int order = strcmp(a->code, b->code);
    return order != 0 ? order : uid_cmp(&a->unit, &b->unit);
}

/* Only the issuer, or a hub above it: nobody moves a due date that comes from above. */
static int check_right(const struct finding *f) {
    const struct catalog_campaign *k = f->x->q->campaign;
    const struct catalog *c = &f->a->catalog;
    if (!catalog_ever_under(c, &k->issuer, &f->a->unit))
        return err_set(f->e, ERR_REFUSED,
                       "campaign %s was issued by %s, above this hub: only that hub, or one above "
                       "it, may extend it",
                       k->c.id, catalog_code(c, &k->issuer));
    if (changes_end(&c->changes, &k->issuer, k->c.id))
        return err_set(f->e, ERR_REFUSED, "campaign %s was withdrawn: there is nothing to extend",
                       k->c.id);
    return 0;
}

static int nobody(const struct finding *f) {
    char until[INSTANT_TEXT];
    if (f->meant == 0)
        return err_set(f->e, ERR_REFUSED, "nobody in %s is asked for this report by this campaign",
                       f->x->name);
    if (f->undated > 0)
        return err_set(f->e, ERR_REFUSED,
                       "this report has no due date: there is nothing to extend");
    instant_text_people(f->x->until, until);
    return err_set(f->e, ERR_REFUSED, "--until %s changes nothing: there is that much time already",
                   until);
}

static int too_far(const struct finding *f) {
    char until[INSTANT_TEXT], due[INSTANT_TEXT];
    return err_set(f->e, ERR_REFUSED,
                   "--until %s is more than a year after the due date, %s, and an extension cannot "
                   "be shortened: correct the year, or say --over-a-year where it is meant",
                   words_until(f->x->until, until), words_until(f->far_due, due));
}

int extend_find(struct actor *a, struct txn *t, const struct extend *x,
                struct extended_unit **ret_list, uint32_t *ret_n, uint32_t *ret_passed,
                struct err *e) {
    struct finding f = {.a = a, .x = x, .acts = acts_of(a, t), .far_due = INSTANT_NONE, .e = e};
    size_t units = units_count(a->catalog.units);
    buf_init(&f.list);
    int rc = check_right(&f);
    for (size_t i = 0; rc == 0 && i < units; i++)
        rc = look_at(&f, units_id(a->catalog.units, i));
    if (rc == 0 && f.list.failed)
        rc = err_nomem(e);
    else if (rc == 0 && f.list.len == 0)
        rc = nobody(&f);
    else if (rc == 0 && f.far_due != INSTANT_NONE && !x->over_a_year)
        rc = too_far(&f);
    if (rc != 0) {
        buf_done(&f.list);
        return rc;
    }
    struct extended_unit *list = buf_items(&f.list);
    uint32_t n = (uint32_t)(f.list.len / sizeof *list);
    qsort(list, n, sizeof *list, by_code);
    *ret_list = list;
    *ret_n = n;
    *ret_passed = f.passed;
    return 0;
}

int extend_state(struct actor *a, struct txn *t, const struct extend *x, struct extended_unit *list,
                 uint32_t n, instant now, struct err *e) {
    const struct board_query *q = x->q;
    char none[] = "";
    struct buf b;
    buf_init(&b);
    struct payload_extension p = {.issuer = q->campaign->issuer,
                                  .campaign = q->campaign->c.id,
                                  .period = q->period->id,
                                  .kind = q->rule->kind,
                                  .until = x->until,
                                  .scope = x->scope,
                                  .group = none,
                                  .reason = x->reason};
    char *group = x->scope == ACT_SCOPE_GROUP ? mem_strdup(x->name) : NULL;
    if (group)
        p.group = group;
    if (x->scope == ACT_SCOPE_UNDER)
        p.under = x->unit;
    int rc = x->scope == ACT_SCOPE_GROUP && !group ? err_nomem(e) : 0;
    if (rc == 0)
        rc = payload_extension_encode(&p, &b, e);
    for (uint32_t i = 0; rc == 0 && i < n; i++)
        rc =
            append_own(a, t, KIND_EXTENSION, &list[i].unit, buf_slice(&b), now, &list[i].record, e);
    buf_done(&b);
    mem_free(group);
    return rc;
}
