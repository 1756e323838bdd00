#include "hub/hub_call.h"
#include "hub/report_views.h"
#include "hub/verbs.h"
#include "node/show_values.h"
#include "store/fork.h"
#include "store/log.h"

/* `evidence`: it has no place in its machine's log. */
static int show_record(struct command *s, const struct record *r, bool evidence, struct err *e) {
    struct report_views v = {0};
    int rc = report_views_one(&s->actor, s->t, s->call->world, r, &v, e);
    if (rc == 0 && evidence) {
        v.list[0].state = STATE_REJECTED;
        v.list[0].reason = show_values_evidence(s->call->world);
    }
    if (rc == 0)
        rc = show_values(s->call, &s->actor, s->t, r, &v.list[0], e);
    report_views_done(&v);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    struct command s = {0};
    struct hash id;
    struct fork f;
    struct record r;
    bool evidence = false;
    int rc = command_begin(call, ROLE_HUB, COMMAND_READ, &s, e);
    if (rc == 0)
        evidence = fork_find(s.t, verb_arg(call, 0), &f);
    if (rc == 0)
        rc = evidence ? fork_get(s.t, &f, &r, e) : log_find(s.t, verb_arg(call, 0), &id, e);
    if (rc == 0 && !evidence)
        rc = log_get(s.t, &id, &r, e);
    if (rc == 0 && r.h.kind != KIND_REPORT)
        rc = err_set(e, ERR_REFUSED, "record %s is no report: `report list` shows all",
                     verb_arg(call, 0));
    if (rc == 0)
        rc = show_record(&s, &r, evidence, e);
    return command_end(&s, rc, e);
}

const struct verb hub_verb_report_show = {
    .name = "report show",
    .args = "REPORT",
    .min_args = 1,
    .max_args = 1,
    .flags = VERB_JSON,
    .help = N_("one report with its values and receipts"),
    .run = run,
};
