#include "node/asked.h"
#include "node/deadline.h"
#include "node/moved.h"
#include "node/office_call.h"
#include "node/outcome.h"
#include "node/returned.h"
#include "node/seal.h"
#include "node/show_campaign.h"
#include "node/unsealed.h"
#include "node/verbs.h"
#include "node/words.h"

#include <string.h>

#define EMPTY_LINES 50u   /* subjects whose empty criteria are listed */
#define UNASKED_LINES 20u /* subjects of whom nothing is asked that are listed */

static int read_kind(const struct verb_call *call, enum report_kind *ret_kind, struct err *e) {
    const char *typed = verb_text(call, "kind");
    *ret_kind = 0;
    return typed ? words_kind_read(typed, ret_kind, e) : 0;
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

/* That it follows a report that this machine had lost, and what it says otherwise than the last. */
static void tell_back(struct command *c, const struct unsealed_view *since) {
    if (since->came_back)
        world_say(c->world, &c->call->words,
                  "it follows revision %u, which came back from the hub; of the values here, %u "
                  "differ from it",
                  since->revision, since->values);
    else if (c->call->dry_run)
        unsealed_say(since, c->world, &c->call->words);
    unsealed_cells(since, c->world, &c->call->words);
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
              "%s %s, %s, revision %u of unit %s is sealed and queued; it goes with the next "
              "`sync`, by itself where `sync --follow` runs",
              o->campaign->c.id, o->period->id, world_tr(w, report_kind_text(s->kind)), s->revision,
              o->unit->code);
    tell_inherited(c, s);
    if (s->empty > 0)
        world_say(w, words, "%u values are empty, which this campaign allows", s->empty);
}

/* Which revision of the slot of `s` counts already and was received in time: one that comes late
 * does not take its place. */
static int tell_in_time(struct command *c, const struct slot *slot, struct err *e) {
    struct outcomes all;
    int rc = outcomes_load(&c->actor, c->t, c->world, &all, e);
    if (rc != 0)
        return rc;
    for (uint32_t i = 0; i < all.n; i++) {
        const struct outcome *x = &all.list[i];
        if (x->effective && x->view.state == STATE_RECEIVED && !x->view.late && !x->withdrawn &&
            own_reports_same_slot(&x->slot, slot))
            world_say(c->world, &c->call->words,
                      "revision %u, which was received in time, goes on counting; this one will be "
                      "kept and shown beside it",
                      x->view.revision);
    }
    outcomes_done(&all);
    return 0;
}

/* That the hub can only receive it late, as far as is known here. */
static int tell_past(struct command *c, const struct office *o, const struct sealed *s,
                     struct err *e) {
    const struct catalog_campaign *k = o->campaign;
    const struct slot slot = {k->issuer, k->c.id, o->period->id, s->kind, o->unit->id};
    char last[INSTANT_TEXT];
    instant until;
    int rc = deadline_of(&c->actor, c->t, k, &slot, c->today, &until, e);
    if (rc != 0 || until == INSTANT_NONE || c->now < until)
        return rc;
    world_say(c->world, &c->call->words,
              "the due date has passed: it was due until %s, so it comes late unless the hub "
              "above extends that",
              words_until(until, last));
    return tell_in_time(c, &slot, e);
}

/* Where values are missing: which, and what may be said in place of them. */
static void tell_empty(struct command *c, const struct office *o) {
    const struct world *w = c->world;
    struct buf *words = &c->call->words;
    if (seal_empty(o, w, words, EMPTY_LINES) == 0)
        return;
    if (seal_filled(o) == 0)
        world_say(w, words,
                  "nothing is filled in: where there is nothing to report, `submit --nil` says so");
    if (o->profile->na_allowed)
        world_say(w, words,
                  "what does not apply is recorded as such: `record --na` with a --note, or “na: "
                  "why” in the sheet");
}

/* Whether subjects of the kind of `row` are asked for something, and this one for nothing. The
 * unit itself is one of them where somebody gave it a class. */
static bool is_unasked(const struct office *o, uint32_t row) {
    const struct subject *s = &o->people.subjects.list[row];
    const struct criteria *criteria = &o->campaign->criteria;
    bool kind = false;
    if (row == 0 && s->class_id[0] == '\0')
        return false;
    for (uint32_t j = 0; j < criteria->n_leaves; j++) {
        if (criteria->leaves[j]->is_aim)
            continue;
        if (office_applies(o, row, j))
            return false;
        kind |= criterion_about(criteria->leaves[j], s->kind);
    }
    return kind;
}

/* Who has a maximum of zero: a class that is wrong, or is missing, looks like this. */
static void tell_unasked(struct command *c, const struct office *o) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < o->sheet.rows; i++) {
        const struct subject *s = &o->people.subjects.list[i];
        if (!is_unasked(o, i) || n++ >= UNASKED_LINES)
            continue;
        world_say(c->world, &c->call->words,
                  "%s (class “%s”): no criterion applies, so the maximum is 0 and no ranking has "
                  "this subject: is the class right?",
                  s->code, s->class_id);
    }
    if (n > UNASKED_LINES)
        world_say(c->world, &c->call->words, "… and %u more like that", n - UNASKED_LINES);
}

static int submit(struct command *c, struct err *e) {
    struct seal how = {.nil = verb_flag(c->call, "nil"), .now = c->now};
    struct office o;
    struct sealed sealed;
    int rc = read_kind(c->call, &how.kind, e);
    if (rc == 0)
        rc = office_call_open(c, false, &o, e);
    if (rc != 0)
        return rc;
    if (o.strays > 0)
        world_say(
            c->world, &c->call->words,
            "%u drafted values belong to subjects or criteria that are gone; they are left out",
            o.strays);
    struct unsealed_view since = {.values = 0};
    rc = asked_say(c, &o, how.kind, e);
    if (rc == 0 && ((c->call->dry_run && !how.nil) || returned_any(c->t)))
        rc = unsealed_find(&o, NULL, &since, e);
    if (rc == 0)
        rc = seal_report(&o, &how, &sealed, e);
    if (rc == 0) {
        tell(c, &o, &sealed);
        if (!how.nil)
            tell_unasked(c, &o);
        tell_back(c, &since);
        rc = tell_past(c, &o, &sealed, e);
        tell_campaign(c, &o, &sealed);
        moved_say(&c->actor, c->t, c->world, &c->call->words);
    } else if (!how.nil) {
        tell_empty(c, &o);
    }
    office_done(&o);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    struct command c;
    int rc = command_begin(call, ROLE_NODE, COMMAND_STATE, &c, e);
    return rc == 0 ? command_end(&c, submit(&c, e), e) : rc;
}

const struct verb node_verb_submit = {
    .name = "submit",
    .flags = VERB_DRY_RUN,
    .options =
        (const struct verb_option[]){
            {.name = "kind", .value = "KIND", .help = N_("annual, interim, final, result …")},
            {.name = "nil", .kind = OPTION_FLAG, .help = N_("there is nothing to report")},
            OFFICE_CALL_OPTIONS,
            {.name = NULL},
        },
    .help = N_("seal the report and queue it for the hub"),
    .run = run,
};
