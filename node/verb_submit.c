#include "node/command.h"
#include "node/moved.h"
#include "node/seal.h"
#include "node/show_campaign.h"
#include "node/verbs.h"

#include <string.h>

#define EMPTY_LINES 50u /* subjects whose empty criteria are listed */

static int read_kind(const struct verb_call *call, enum report_kind *ret_kind, struct err *e) {
    const char *text = verb_text(call, "kind");
    enum report_kind kind = text ? report_kind_parse(text) : 0;
    if (text && kind == 0)
        return err_set(e, ERR_USAGE,
                       "'%s' is no kind of report: annual, interim, final, registration, "
                       "nomination, result, section",
                       text);
    *ret_kind = kind;
    return 0;
}

/* What the report rests on, and what nobody looks for yet. */
static void tell_campaign(struct command *c, const struct office *o, const struct sealed *s) {
    const struct report_rule *rule = campaign_report(&o->campaign->c, s->kind);
    show_campaign_reconstructed(o->campaign, c->world, &c->call->words);
    if (rule && rule->needs == REPORT_REGISTRATION)
        world_say(c->world, &c->call->words, "registration: not checked");
}

/* That the office goes on where another machine stopped. */
static void tell_inherited(struct command *c, const struct sealed *s) {
    if (s->inherited > 0)
        world_say(c->world, &c->call->words,
                  "it follows revision %u, which was sealed on the machine before this one; values "
                  "that were not changed here are those of that revision",
                  s->inherited);
}

/* Say what was sealed: queued, never sent. */
static void tell(struct command *c, const struct office *o, const struct sealed *s) {
    const struct world *w = c->world;
    struct buf *words = &c->call->words;
    char id[HASH_TEXT];
    hash_text(&s->report, id);
    if (c->call->dry_run) {
        world_say(w, words, "%s %s, %s, revision %u of unit %s would be sealed", o->campaign->c.id,
                  o->period->id, world_tr(w, report_kind_text(s->kind)), s->revision,
                  o->unit->code);
        tell_inherited(c, s);
        return;
    }
    buf_printf(&c->call->out, "%s\n", id);
    world_say(w, words,
              "%s %s, %s, revision %u of unit %s is sealed and queued; `sync` takes it up",
              o->campaign->c.id, o->period->id, world_tr(w, report_kind_text(s->kind)), s->revision,
              o->unit->code);
    tell_inherited(c, s);
    if (s->empty > 0)
        world_say(w, words, "%u values are empty, which this campaign allows", s->empty);
}

static int submit(struct command *c, struct err *e) {
    struct office_choice choice = {verb_text(c->call, "unit"), verb_text(c->call, "campaign"),
                                   verb_text(c->call, "period")};
    struct seal how = {.nil = verb_flag(c->call, "nil"), .now = c->now};
    struct office o;
    struct sealed sealed;
    int rc = read_kind(c->call, &how.kind, e);
    if (rc == 0)
        rc = office_open(&c->actor, c->t, &choice, c->today, &o, e);
    if (rc != 0)
        return rc;
    if (o.strays > 0)
        world_say(
            c->world, &c->call->words,
            "%u drafted values belong to subjects or criteria that are gone; they are left out",
            o.strays);
    rc = seal_report(&o, &how, &sealed, e);
    if (rc == 0) {
        tell(c, &o, &sealed);
        tell_campaign(c, &o, &sealed);
        moved_say(&c->actor, c->t, c->world, &c->call->words);
    } else if (!how.nil) {
        (void)seal_empty(&o, c->world, &c->call->words, EMPTY_LINES);
    }
    office_done(&o);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    struct command c;
    int rc = command_begin(call, true, &c, e);
    return rc == 0 ? command_end(&c, submit(&c, e), e) : rc;
}

const struct verb node_verb_submit = {
    .name = "submit",
    .flags = VERB_DRY_RUN,
    .options =
        (const struct verb_option[]){
            {.name = "kind", .value = "KIND", .help = N_("annual, interim, final, result …")},
            {.name = "nil", .kind = OPTION_FLAG, .help = N_("there is nothing to report")},
            {.name = "campaign", .value = "ID", .help = N_("of which campaign")},
            {.name = "period", .value = "P", .help = N_("of which period")},
            {.name = "unit", .value = "CODE", .help = N_("for a unit below that has no machine")},
            {.name = NULL},
        },
    .help = N_("seal the report and queue it for the hub"),
    .run = run,
};
