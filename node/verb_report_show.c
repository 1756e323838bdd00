#include "node/command.h"
#include "node/outcome.h"
#include "node/show_values.h"
#include "node/verbs.h"
#include "store/fork.h"
#include "store/log.h"

/* The report of this office that `id` names; NULL: it is none. */
static const struct outcome *find(const struct outcomes *all, const struct hash *id) {
    for (uint32_t i = 0; i < all->n; i++)
        if (hash_equal(&all->list[i].view.report, id))
            return &all->list[i];
    return NULL;
}

/* Which report says again what `id`, evidence, said; NULL: none. */
static const struct outcome *find_again(const struct outcomes *all, const struct hash *id) {
    for (uint32_t i = 0; i < all->n; i++)
        if (hash_equal(&all->list[i].view.restates, id))
            return &all->list[i];
    return NULL;
}

/* Show the report `r`, which counts for nothing, since two copies of this directory were in use. */
static int show_evidence(struct command *c, const struct own_report *o, const struct record *r,
                         const struct outcomes *all, struct err *e) {
    const struct outcome *again = find_again(all, &o->report);
    struct report_view v = {
        .report = o->report,
        .unit = catalog_code(&c->actor.catalog, &o->slot.unit),
        .campaign = o->slot.campaign,
        .period = o->slot.period,
        .kind = o->slot.kind,
        .revision = o->revision,
        .nil = o->nil,
        .sealed_at = o->sealed_at,
        .state = STATE_REJECTED,
        .reason = show_values_evidence(c->world),
    };
    if (again) {
        char id[HASH_TEXT];
        hash_text(&again->view.report, id);
        world_say(c->world, &c->call->words, "this machine says it again by %s: see `report show`",
                  id);
    }
    return show_values(c->call, &c->actor, c->t, r, &v, e);
}

/* The evidence that `prefix` names, if it names any; `ret_found` says whether. */
static int try_evidence(struct command *c, const char *prefix, const struct outcomes *all,
                        bool *ret_found, struct err *e) {
    struct own_reports evidence;
    struct hash id;
    struct fork f;
    struct record r;
    struct err none = {0};
    bool fork = fork_find(c->t, prefix, &f);
    *ret_found = false;
    if (fork)
        id = f.id;
    else if (log_find(c->t, prefix, &id, &none) != 0)
        return 0;
    int rc = own_reports_evidence(&c->actor, c->t, &evidence, e);
    if (rc != 0)
        return rc;
    for (uint32_t i = 0; rc == 0 && i < evidence.n && !*ret_found; i++) {
        if (!hash_equal(&evidence.list[i].report, &id))
            continue;
        *ret_found = true;
        rc = fork ? fork_get(c->t, &f, &r, e) : log_get(c->t, &id, &r, e);
        if (rc == 0)
            rc = show_evidence(c, &evidence.list[i], &r, all, e);
    }
    own_reports_done(&evidence);
    return rc;
}

static int show_own(struct command *c, const char *prefix, const struct outcomes *all,
                    struct err *e) {
    struct hash id;
    struct record r;
    int rc = log_find(c->t, prefix, &id, e);
    const struct outcome *found = rc == 0 ? find(all, &id) : NULL;
    if (rc == 0 && !found)
        rc = err_set(e, ERR_REFUSED, "%s is no report of this office; `report list` shows all",
                     prefix);
    if (rc == 0)
        rc = log_get(c->t, &id, &r, e);
    return rc == 0 ? show_values(c->call, &c->actor, c->t, &r, &found->view, e) : rc;
}

static int show(struct command *c, const char *prefix, struct err *e) {
    struct outcomes all;
    bool evidence;
    int rc = outcomes_load(&c->actor, c->t, c->world, &all, e);
    if (rc != 0)
        return rc;
    rc = try_evidence(c, prefix, &all, &evidence, e);
    if (rc == 0 && !evidence)
        rc = show_own(c, prefix, &all, e);
    outcomes_done(&all);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    struct command c;
    int rc = command_begin(call, ROLE_NODE, COMMAND_READ, &c, e);
    return rc == 0 ? command_end(&c, show(&c, verb_arg(call, 0), e), e) : rc;
}

const struct verb node_verb_report_show = {
    .name = "report show",
    .args = "REPORT",
    .min_args = 1,
    .max_args = 1,
    .flags = VERB_JSON,
    .help = N_("one report with its values and receipts"),
    .run = run,
};
