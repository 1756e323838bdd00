#include "core/mem.h"
#include "hub/unit_events.h"
#include "hub/unit_file.h"
#include "hub/unit_state.h"
#include "hub/verbs.h"

#include <string.h>

static bool ends(const struct event_fact *f) {
    return f->fact.until != DAY_NONE && f->fact.until == f->fact.effective;
}

/* What would be stated, one unit a line: the day, `+` begins, `~` changes, `-` ends, code and name.
 */
static void show_plan(const struct event_plan *plan, struct buf *out) {
    for (uint32_t i = 0; i < plan->n; i++) {
        const struct event_fact *f = &plan->facts[i];
        char on[INSTANT_TEXT];
        if (f->aside)
            continue;
        day_text(f->fact.effective, on);
        buf_printf(out, "%s %s %s %s", on,
                   !f->before ? "+"
                   : ends(f)  ? "-"
                              : "~",
                   f->fact.code, f->fact.name);
        if (f->before && (strcmp(f->before->name, f->fact.name) != 0 ||
                          strcmp(f->before->code, f->fact.code) != 0))
            buf_printf(out, " (%s %s)", f->before->code, f->before->name);
        buf_put_u8(out, '\n');
    }
}

static int state_all(struct command *o, const struct event_plan *plan, struct err *e) {
    struct unit_fact *facts = mem_zalloc(plan->n, sizeof *facts);
    int rc = facts ? 0 : err_nomem(e);
    for (uint32_t i = 0; rc == 0 && i < plan->n; i++)
        facts[i] = plan->facts[i].fact;
    if (rc == 0)
        rc = unit_state_facts(o, facts, plan->n, e);
    mem_free(facts);
    return rc;
}

static int finish(struct command *o, const struct event_plan *plan, const char *file,
                  struct err *e) {
    struct verb_call *call = o->call;
    if (plan->n == 0) {
        world_say(call->world, &call->words, "nothing to change: all %u rows of %s are here so",
                  plan->n_same, file);
        return 0;
    }
    if (call->dry_run) {
        show_plan(plan, &call->out);
        world_say(call->world, &call->words, "+ begins, ~ changes, - ends");
        world_say(call->world, &call->words, "%s would state %u events; %u are here so already",
                  file, plan->n_rows, plan->n_same);
        return 0;
    }
    /* The trial added the facts to the catalog; now they come from records. */
    int rc = catalog_reset(&o->actor.catalog, e);
    if (rc == 0)
        rc = catalog_refresh(&o->actor.catalog, o->t, e);
    if (rc == 0)
        rc = state_all(o, plan, e);
    if (rc == 0)
        world_say(call->world, &call->words, "%u events stated, %u were here so already",
                  plan->n_rows, plan->n_same);
    return rc;
}

static int apply(struct command *o, const struct csv *csv, struct problems *p, const char *file,
                 struct err *e) {
    struct verb_call *call = o->call;
    struct event_plan plan = {0};
    int rc = unit_events_plan(csv, o->actor.catalog.units, &o->actor.unit, o->actor.is_root,
                              call->world, p, &plan, e);
    if (rc == 0)
        rc = problems_end(p, file, call->world->tr, &call->words, e);
    if (rc == 0)
        rc = finish(o, &plan, file, e);
    unit_events_done(&plan);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    return unit_file_run(call, unit_events_columns, EVENT_COLUMNS, apply, e);
}

const struct verb hub_verb_unit_apply = {
    .name = "unit apply",
    .args = "FILE.csv",
    .min_args = 1,
    .max_args = 1,
    .flags = VERB_DRY_RUN,
    .help = N_("state what happens to units on a day: date, op, from, to, extent, basis"),
    .run = run,
};
