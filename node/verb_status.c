#include "core/mem.h"
#include "core/table.h"
#include "node/agenda.h"
#include "node/command.h"
#include "node/joining.h"
#include "node/moved.h"
#include "node/show_report.h"
#include "node/unsealed.h"
#include "node/verbs.h"
#include "node/words.h"
#include "store/meta.h"
#include "store/stream.h"

#include <stdio.h>
#include <string.h>

/* Everything that is told, gathered. */
struct gathered {
    struct outcomes outcomes;
    struct agenda agenda;
    struct report_view *views;
    struct buf unsealed; /* of struct unsealed_view */
    struct status_view status;
};

static void gathered_done(struct gathered *g) {
    outcomes_done(&g->outcomes);
    agenda_done(&g->agenda);
    mem_free(g->views);
    buf_done(&g->unsealed);
}

static int gather(struct command *c, struct gathered *g, struct err *e) {
    struct actor *a = &c->actor;
    int rc = outcomes_load(a, c->t, c->world, &g->outcomes, e);
    if (rc == 0)
        rc = agenda_load(a, c->t, &g->outcomes, c->today, &g->agenda, e);
    if (rc != 0)
        return rc;
    rc = unsealed_all(a, c->t, &g->outcomes.facts.own, &g->unsealed, e);
    if (rc != 0)
        return rc;
    g->views = mem_zalloc(g->outcomes.n, sizeof *g->views);
    if (!g->views)
        return err_nomem(e);
    for (uint32_t i = 0; i < g->outcomes.n; i++)
        g->views[i] = g->outcomes.list[i].view;
    const struct unit_fact *own = catalog_unit(&a->catalog, &a->unit), *hub = agenda_hub(a, c->t);
    uint64_t heard = meta_u64(c->t, "heard"), acked = meta_u64(c->t, "outbox.acked");
    uint64_t end = stream_end(c->t, &a->outbox);
    g->status = (struct status_view){
        .unit = own ? own->code : NULL,
        .hub = hub ? hub->code : NULL,
        .last_contact = heard ? (instant)heard : INSTANT_NONE,
        .pending = end > acked ? end - acked : 0,
        .n_reports = g->outcomes.n,
        .n_due = g->agenda.n,
        .reports = g->views,
        .due = g->agenda.list,
        .n_exempt = g->agenda.n_exempt,
        .exempt = g->agenda.exempt,
        .n_unsealed = (uint32_t)(g->unsealed.len / sizeof(struct unsealed_view)),
        .unsealed = buf_items(&g->unsealed),
    };
    if (a->ended.how != ENDED_NOT) {
        g->status.ended = a->ended.how == ENDED_REVOKED ? "revoked" : "replaced";
        g->status.ended_since = a->ended.since;
        g->status.ended_why = a->ended.why[0] ? a->ended.why : NULL;
    }
    struct moved m;
    if (moved_away(a, c->t, &m)) {
        g->status.moved_since = m.since;
        g->status.moved_under = m.under->code;
    }
    return txn_failed(c->t, e);
}

/* How many days there are left, or how late it is, into `out`; its text. */
static const char *days_left(const struct world *w, int32_t days, struct buf *out) {
    if (days >= 0) {
        buf_printf(out, "%d", days);
    } else {
        if (days == -1)
            world_say(w, out, "one day late");
        else
            world_say(w, out, "%d days late", -days);
        out->len -= out->len > 0; /* a cell has no end of line */
    }
    const char *text = buf_cstr(out);
    return text ? text : "";
}

static int print_due(struct command *c, const struct status_view *s, struct err *e) {
    const struct world *w = c->world;
    const struct table_column columns[] = {
        {world_tr(w, N_("due")), TABLE_LEFT},     {world_tr(w, N_("days left")), TABLE_RIGHT},
        {world_tr(w, N_("unit")), TABLE_LEFT},    {world_tr(w, N_("campaign")), TABLE_LEFT},
        {world_tr(w, N_("period")), TABLE_LEFT},  {world_tr(w, N_("report kind")), TABLE_LEFT},
        {world_tr(w, N_("remarks")), TABLE_LEFT},
    };
    struct table *t = NULL;
    int rc = table_new(columns, sizeof columns / sizeof *columns, &t, e);
    for (uint32_t i = 0; rc == 0 && i < s->n_due; i++) {
        const struct due_view *d = &s->due[i];
        char last[INSTANT_TEXT];
        struct buf left;
        const char *kind = report_kind_text(d->kind);
        words_until(d->due, last);
        buf_init(&left);
        const char *remark = d->extended ? world_tr(w, N_("extended until then")) : "";
        const char *cells[] = {last,      days_left(w, d->days_left, &left),
                               d->unit,   d->campaign,
                               d->period, world_tr(w, kind),
                               remark};
        rc = table_row(t, TABLE_TOP, cells, NULL, e);
        buf_done(&left);
    }
    if (rc == 0)
        rc = table_render(t, 0, &c->call->out, e);
    table_free(t);
    for (uint32_t i = 0; rc == 0 && i < s->n_due; i++) {
        char until[INSTANT_TEXT];
        if (s->due[i].extended)
            world_say_with(w, &c->call->out, s->due[i].why ? s->due[i].why : "?",
                           "%s, %s %s: unit %s has until %s:", s->due[i].campaign, s->due[i].period,
                           world_tr(w, report_kind_text(s->due[i].kind)), s->due[i].unit,
                           words_until(s->due[i].due, until));
    }
    for (uint32_t i = 0; rc == 0 && s->unit && i < s->n_due; i++)
        if (strcmp(s->due[i].unit, s->unit) != 0) {
            world_say(w, &c->call->out,
                      "this machine reports for unit %s too: give --unit %s with template, record, "
                      "import, score and submit",
                      s->due[i].unit, s->due[i].unit);
            break;
        }
    return rc;
}

/* What keeps this machine and its hub apart until a person acts; false: nothing. */
static bool print_obstacle(struct command *c) {
    const struct world *w = c->world;
    char text[ERR_ARGS * ERR_ARG_BYTES];
    struct err why = {0};
    bool joined = joining_done(c->t);
    if (!joined)
        world_say(w, &c->call->out,
                  "this machine has not finished joining: run join again with the same ticket, or, "
                  "if the hub refused that, with a new one");
    if (ended_refusal(c->t, &why))
        world_say(w, &c->call->out, "the hub refused this machine: %s",
                  err_text(&why, w->tr, text, sizeof text));
    bool ended = actor_state(&c->actor) == ACTOR_ENDED;
    if (ended && !ended_by_refusal(c->t)) { /* that line did not say it */
        struct err own = {0};
        (void)actor_may_sign(&c->actor, &own);
        world_say(w, &c->call->out, "%s", err_text(&own, w->tr, text, sizeof text));
    } else if (ended) {
        world_say(w, &c->call->out,
                  "a sheet that was not submitted is kept here: `template` writes it out, and "
                  "`import` takes it in on the machine that goes on");
    }
    return why.code != 0 || !joined || ended;
}

#define SILENT_DAYS 7 /* so long without a word from the hub, and somebody should look into it */

/* What to do about a hub that is silent, or that the one above it replaced or revoked; and whom to
 * ask, as far as that was told. */
static void print_advice(struct command *c, const struct status_view *s) {
    const struct world *w = c->world;
    struct actor *a = &c->actor;
    struct member m;
    const struct unit_fact *hub = agenda_hub(a, c->t);
    uint32_t epoch = roster_epoch(c->t, &a->parent);
    int32_t silent = s->last_contact == INSTANT_NONE ? 0 : c->today - instant_day(s->last_contact);
    bool ended = epoch > 0 && roster_find(c->t, &a->parent, epoch, &m) && m.ended;
    if (ended)
        world_say(w, &c->call->out,
                  "the hub of unit %s was replaced or revoked: ask that office for a ticket of the "
                  "new one, and join with it in a new data directory; what was sealed is kept here",
                  s->hub ? s->hub : "?");
    else if (silent >= SILENT_DAYS)
        world_say(w, &c->call->out,
                  "the hub has not been reached for %d days: see that this machine has a network, "
                  "then ask the office of unit %s whether its hub runs, or was replaced; nothing "
                  "is lost meanwhile",
                  silent, s->hub ? s->hub : "?");
    if ((ended || silent >= SILENT_DAYS) && hub && (*hub->contact || *hub->phone))
        world_say(w, &c->call->out, "whom to ask there: %s %s", hub->contact, hub->phone);
}

/* To a machine that has sealed nothing: why it has nothing of what its unit reported before. */
static void print_arrival(struct command *c, const struct status_view *s) {
    const struct unit_fact *hub = agenda_hub(&c->actor, c->t);
    char since[INSTANT_TEXT];
    day came;
    if (s->n_reports > 0 || !hub || !moved_here(&c->actor.catalog, &c->actor.unit, &hub->id, &came))
        return;
    day_text_people(came, since);
    world_say(c->world, &c->call->out,
              "this unit came under %s on %s: what it reported before stays with the hub of then "
              "and those above both; for its values run `template` on the old machine and `import` "
              "here",
              hub->code, since);
}

/* In an older copy of what this machine stated: what to do first. */
static void print_spent(struct command *c) {
    char text[ERR_ARGS * ERR_ARG_BYTES];
    struct err why = {0};
    if (actor_state(&c->actor) != ACTOR_SPENT)
        return;
    (void)actor_may_sign(&c->actor, &why);
    world_say(c->world, &c->call->out, "%s", err_text(&why, c->world->tr, text, sizeof text));
}

static void print_head(struct command *c, const struct status_view *s) {
    const struct world *w = c->world;
    struct buf *out = &c->call->out;
    char when[INSTANT_TEXT];
    world_say(w, out, "unit: %s", s->unit ? s->unit : "?");
    if (print_obstacle(c))
        return;
    print_spent(c);
    moved_say(&c->actor, c->t, w, out);
    print_arrival(c, s);
    if (s->last_contact == INSTANT_NONE) {
        world_say(w, out, "hub: %s, never heard; `sync` calls it", s->hub ? s->hub : "?");
    } else {
        instant_text_people(s->last_contact, when);
        world_say(w, out, "hub: %s, last heard on %s", s->hub ? s->hub : "?", when);
    }
    if (s->pending == 1)
        world_say(
            w, out,
            "one record waits here for the hub; it goes with the next `sync`, by itself where "
            "`sync --follow` runs");
    else if (s->pending > 0)
        world_say(
            w, out,
            "%llu records wait here for the hub; they go with the next `sync`, by themselves where "
            "`sync --follow` runs",
            (unsigned long long)s->pending);
    else
        world_say(w, out, "nothing waits here for the hub");
    print_advice(c, s);
}

/* That there are none of either, where all that there is may be here: not in an older copy, and not
 * before it joined. */
static void print_none(struct command *c, const char *msgid) {
    if (joining_done(c->t) && actor_state(&c->actor) != ACTOR_SPENT)
        buf_printf(&c->call->out, "%s\n", world_tr(c->world, msgid));
}

static int print(struct command *c, const struct status_view *s, struct err *e) {
    struct buf *out = &c->call->out;
    print_head(c, s);
    buf_put_u8(out, '\n');
    int rc = 0;
    if (s->n_reports == 0)
        print_none(c, N_("no report has been sealed yet"));
    else
        rc = show_reports(s->reports, s->n_reports, c->world, out, e);
    for (uint32_t i = 0; rc == 0 && i < s->n_unsealed; i++)
        unsealed_say(&s->unsealed[i], c->world, out);
    buf_put_u8(out, '\n');
    if (rc != 0)
        return rc;
    if (s->n_due == 0)
        print_none(c, N_("nothing is due that no hub has received"));
    else
        rc = print_due(c, s, e);
    for (uint32_t i = 0; i < s->n_exempt; i++)
        world_say_with(c->world, out, s->exempt[i].why ? s->exempt[i].why : "?",
                       "%s, %s %s: unit %s is exempt:", s->exempt[i].campaign, s->exempt[i].period,
                       world_tr(c->world, report_kind_text(s->exempt[i].kind)), s->exempt[i].unit);
    return rc;
}

static int status(struct command *c, struct err *e) {
    struct gathered g = {0};
    buf_init(&g.unsealed);
    int rc = gather(c, &g, e);
    if (rc == 0 && c->call->json) {
        rc = json_status(&g.status, &c->call->out, e);
        if (rc == 0)
            buf_put_u8(&c->call->out, '\n');
    } else if (rc == 0) {
        rc = print(c, &g.status, e);
    }
    gathered_done(&g);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    struct command c;
    int rc = command_begin(call, ROLE_NODE, call->json ? COMMAND_READ : COMMAND_TELL, &c, e);
    return rc == 0 ? command_end(&c, status(&c, e), e) : rc;
}

const struct verb node_verb_status = {
    .name = "status",
    .flags = VERB_JSON,
    .help = N_("what became of every report, and what is due next"),
    .run = run,
};
