#include "node/asked.h"

#include "node/agenda.h"
#include "node/expected.h"

#include <string.h>

#define AWAITED_MAX 8u /* reports named; the rest is for `status` */

static void put_awaited(struct command *c, const struct office *o, const struct agenda *g,
                        struct buf *out) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->n; i++) {
        const struct due_view *d = &g->list[i];
        if (strcmp(d->unit, o->unit->code) != 0)
            continue;
        if (n++ == AWAITED_MAX) {
            buf_printf(out, " …");
            return;
        }
        buf_printf(out, "%s%s %s, %s", n > 1 ? "; " : "", d->campaign, d->period,
                   world_tr(c->world, report_kind_text(d->kind)));
    }
}

static int say_awaited(struct command *c, const struct office *o, const struct outcomes *outcomes,
                       struct err *e) {
    struct agenda g;
    struct buf list;
    int rc = agenda_load(&c->actor, c->t, outcomes, c->today, &g, e);
    if (rc != 0)
        return rc;
    buf_init(&list);
    put_awaited(c, o, &g, &list);
    const char *awaited = buf_cstr(&list);
    if (!awaited)
        rc = err_nomem(e);
    else if (*awaited)
        world_say_with(c->world, &c->call->words, awaited,
                       "unit %s is not asked for this report. Awaited from it:", o->unit->code);
    else
        world_say(c->world, &c->call->words,
                  "unit %s is not asked for this report, nor for another one now", o->unit->code);
    buf_done(&list);
    agenda_done(&g);
    return rc;
}

static enum expectation expectation_of(struct command *c, const struct office *o,
                                       const struct report_rule *rule) {
    const struct catalog *all = &c->actor.catalog;
    instant due;
    if (expected_due(all, rule, o->period, &o->unit->id, &due, NULL) != 0)
        due = INSTANT_NONE;
    return expected_on(all, o->campaign, rule, &o->unit->id,
                       expected_day(o->period, due, c->today));
}

int asked_say(struct command *c, const struct office *o, enum report_kind kind, struct err *e) {
    const struct campaign *k = &o->campaign->c;
    const struct report_rule *rule =
        kind == 0 ? campaign_default_report(k) : campaign_report(k, kind);
    enum expectation x = rule ? expectation_of(c, o, rule) : EXPECTED_YES;
    struct outcomes outcomes;
    if (x == EXPECTED_EXEMPT)
        world_say(c->world, &c->call->words,
                  "unit %s is exempt from this report: nobody waits for it", o->unit->code);
    if (x != EXPECTED_NOT)
        return 0;
    int rc = outcomes_load(&c->actor, c->t, c->world, &outcomes, e);
    if (rc != 0)
        return rc;
    rc = say_awaited(c, o, &outcomes, e);
    outcomes_done(&outcomes);
    return rc;
}
