#include "hub/hub_call.h"
#include "hub/report_views.h"
#include "hub/verbs.h"
#include "node/show_report.h"

static int list(struct command *s, struct err *e) {
    struct verb_call *call = s->call;
    struct report_views v;
    int rc = report_views_load(&s->actor, s->t, call->world, &v, e);
    if (rc != 0)
        return rc;
    if (call->json) {
        rc = json_reports(v.list, v.n, &call->out, e);
        if (rc == 0)
            buf_put_u8(&call->out, '\n');
    } else {
        rc = show_reports(v.list, v.n, call->world, &call->out, e);
        if (v.n == 0)
            world_say(call->world, &call->words, "no report has come here yet");
    }
    report_views_done(&v);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    struct command s = {0};
    int rc = command_begin(call, ROLE_HUB, COMMAND_READ, &s, e);
    if (rc == 0)
        rc = list(&s, e);
    return command_end(&s, rc, e);
}

const struct verb hub_verb_report_list = {
    .name = "report list",
    .flags = VERB_JSON,
    .help = N_("every report that came here"),
    .run = run,
};
