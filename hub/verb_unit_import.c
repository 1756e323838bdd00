#include "core/mem.h"
#include "hub/unit_file.h"
#include "hub/unit_import.h"
#include "hub/unit_levels.h"
#include "hub/unit_state.h"
#include "hub/verbs.h"
#include "node/roster.h"
#include "node/slots.h"

#include <string.h>

static int state_all(struct command *o, const struct unit_plan *plan, struct err *e) {
    struct unit_fact *facts = mem_zalloc(plan->n_order, sizeof *facts);
    int rc = facts ? 0 : err_nomem(e);
    for (uint32_t i = 0; rc == 0 && i < plan->n_order; i++)
        facts[i] = plan->rows[plan->order[i]].fact;
    if (rc == 0)
        rc = unit_state_facts(o, facts, plan->n_order, e);
    mem_free(facts);
    return rc;
}

/* What would change, one unit a line: `+ CODE NAME`, or `~ CODE NAME (was NAME)`. */
static void show_plan(const struct unit_plan *plan, struct buf *out) {
    for (uint32_t i = 0; i < plan->n_order; i++) {
        const struct unit_row *u = &plan->rows[plan->order[i]];
        const char *sign = u->before ? "~" : "+";
        buf_printf(out, "%s %s %s", sign, u->fact.code, u->fact.name);
        if (u->before && strcmp(u->before->name, u->fact.name) != 0)
            buf_printf(out, " (%s)", u->before->name);
        buf_put_u8(out, '\n');
    }
}

static int finish(struct command *o, const struct unit_plan *plan, const char *file,
                  struct err *e) {
    struct verb_call *call = o->call;
    if (plan->n_order == 0) {
        world_say(call->world, &call->words, "nothing to change: all %u units of %s are here so",
                  plan->n_same, file);
        return 0;
    }
    if (call->dry_run) {
        show_plan(plan, &call->out);
        world_say(call->world, &call->words,
                  "%s would add %u units and change %u; %u are here so already", file, plan->n_new,
                  plan->n_changed, plan->n_same);
        return 0;
    }
    /* The trial added the facts to the catalog; now they come from records. */
    int rc = catalog_reset(&o->actor.catalog, e);
    if (rc == 0)
        rc = catalog_refresh(&o->actor.catalog, o->t, e);
    if (rc == 0)
        rc = state_all(o, plan, e);
    if (rc == 0)
        world_say(call->world, &call->words, "%u units added, %u changed, %u were here so already",
                  plan->n_new, plan->n_changed, plan->n_same);
    return rc;
}

/* The units that have, or had, a machine or a report. */
static int find_used(struct command *o, struct buf *ret_units, struct err *e) {
    struct roster_walk w;
    struct member m;
    struct slot_place place;
    struct key last = {.n = 0};
    roster_walk_init(&w, o->t);
    while (roster_walk_next(&w, &m))
        if (!uid_equal(&m.unit, &o->actor.unit))
            buf_put(ret_units, m.unit.b, UID_BYTES);
    roster_walk_done(&w);
    while (slots_after(o->t, key_slice(&last), &place)) {
        buf_put(ret_units, place.slot.unit.b, UID_BYTES);
        last = place.key;
    }
    return ret_units->failed ? err_nomem(e) : txn_failed(o->t, e);
}

static int import(struct command *o, const struct csv *csv, struct problems *p, const char *file,
                  struct err *e) {
    struct verb_call *call = o->call;
    struct unit_plan plan = {0};
    struct buf used, news; /* what is new is told where the file is taken */
    buf_init(&used);
    buf_init(&news);
    int rc = find_used(o, &used, e);
    const struct import_hub hub = {.unit = &o->actor.unit,
                                   .is_root = o->actor.is_root,
                                   .used = (const struct uid *)used.data,
                                   .n_used = used.len / UID_BYTES};
    if (rc == 0)
        rc = unit_levels_check(csv, o->actor.catalog.units, &o->actor.unit, p, call->world, &news,
                               e);
    if (rc == 0)
        rc = unit_import_plan(csv, o->actor.catalog.units, &hub, call->world, p, &plan, e);
    if (rc == 0)
        rc = problems_end(p, file, call->world->tr, &call->words, e);
    if (rc == 0) {
        buf_put(&call->words, news.data, news.len);
        rc = news.failed ? err_nomem(e) : finish(o, &plan, file, e);
    }
    unit_import_done(&plan);
    buf_done(&news);
    buf_done(&used);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    return unit_file_run(call, unit_import_columns, UNIT_COLUMNS, import, e);
}

const struct verb hub_verb_unit_import = {
    .name = "unit import",
    .args = "FILE.csv",
    .min_args = 1,
    .max_args = 1,
    .flags = VERB_DRY_RUN,
    .help = N_("add and correct units from a spreadsheet: code, parent, level, kind, name, group"),
    .run = run,
};
