#include "node/command.h"
#include "node/outcome.h"
#include "node/show_values.h"
#include "node/verbs.h"
#include "store/log.h"

/* The report of ours that `prefix` names. */
static int find(struct command *c, const char *prefix, const struct outcomes *all,
                const struct outcome **ret_outcome, struct err *e) {
    struct hash id;
    int rc = log_find(c->t, prefix, &id, e);
    if (rc != 0)
        return rc;
    for (uint32_t i = 0; i < all->n; i++)
        if (hash_equal(&all->list[i].view.report, &id)) {
            *ret_outcome = &all->list[i];
            return 0;
        }
    return err_set(e, ERR_REFUSED, "%s is no report of this office; `report list` shows all",
                   prefix);
}

static int show(struct command *c, const char *prefix, struct err *e) {
    struct outcomes all;
    const struct outcome *found = NULL;
    struct record r;
    int rc = outcomes_load(&c->actor, c->t, c->world, &all, e);
    if (rc != 0)
        return rc;
    rc = find(c, prefix, &all, &found, e);
    if (rc == 0)
        rc = log_get(c->t, &found->view.report, &r, e);
    if (rc == 0)
        rc = show_values(c->call, &c->actor, c->t, &r, &found->view, e);
    outcomes_done(&all);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    struct command c;
    int rc = command_begin(call, false, &c, e);
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
