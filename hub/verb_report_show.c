#include "hub/hub_call.h"
#include "hub/report_views.h"
#include "hub/verbs.h"
#include "node/show_values.h"
#include "store/log.h"

static int show_record(struct hub_call *s, const struct record *r, struct err *e) {
    struct report_views v = {0};
    int rc = report_views_one(&s->actor, s->t, s->call->world, r, &v, e);
    if (rc == 0)
        rc = show_values(s->call, &s->actor, s->t, r, &v.list[0], e);
    report_views_done(&v);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    struct hub_call s;
    struct hash id;
    struct record r;
    int rc = hub_call_open(&s, call, false, e);
    if (rc == 0)
        rc = log_find(s.t, verb_arg(call, 0), &id, e);
    if (rc == 0)
        rc = log_get(s.t, &id, &r, e);
    if (rc == 0 && r.h.kind != KIND_REPORT)
        rc = err_set(e, ERR_REFUSED, "record %s is no report: `report list` shows all",
                     verb_arg(call, 0));
    if (rc == 0)
        rc = show_record(&s, &r, e);
    hub_call_done(&s);
    return rc;
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
