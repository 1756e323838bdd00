#include "core/mem.h"
#include "node/command.h"
#include "node/outcome.h"
#include "node/show_report.h"
#include "node/verbs.h"

static int print(struct command *c, const struct report_view *views, uint32_t n, struct err *e) {
    if (!c->call->json) {
        if (n == 0)
            world_say(c->world, &c->call->words, "no report has been sealed yet");
        return show_reports(views, n, c->world, &c->call->out, e);
    }
    int rc = json_reports(views, n, &c->call->out, e);
    if (rc == 0)
        buf_put_u8(&c->call->out, '\n');
    return rc;
}

static int list(struct command *c, struct err *e) {
    struct outcomes o;
    int rc = outcomes_load(&c->actor, c->t, c->world, &o, e);
    if (rc != 0)
        return rc;
    struct report_view *views = mem_zalloc(o.n, sizeof *views);
    for (uint32_t i = 0; views && i < o.n; i++)
        views[i] = o.list[i].view;
    rc = views ? print(c, views, o.n, e) : err_nomem(e);
    mem_free(views);
    outcomes_done(&o);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    struct command c;
    int rc = command_begin(call, ROLE_NODE, COMMAND_READ, &c, e);
    return rc == 0 ? command_end(&c, list(&c, e), e) : rc;
}

const struct verb node_verb_report_list = {
    .name = "report list",
    .flags = VERB_JSON,
    .help = N_("every report sealed here"),
    .run = run,
};
