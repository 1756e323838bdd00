#include "node/append.h"
#include "node/command.h"
#include "node/deadline.h"
#include "node/outcome.h"
#include "node/verbs.h"
#include "node/why.h"
#include "node/words.h"
#include "store/log.h"

#include <assert.h>
#include <string.h>

/* The report of ours that `prefix` names, which must still be there to be taken back. */
static int find(struct command *c, const char *prefix, const struct outcomes *all,
                const struct outcome **ret_outcome, struct err *e) {
    struct hash id;
    int rc = log_find(c->t, prefix, &id, e);
    if (rc != 0)
        return rc;
    const struct outcome *o = NULL;
    for (uint32_t i = 0; i < all->n; i++)
        if (hash_equal(&all->list[i].view.report, &id))
            o = &all->list[i];
    if (!o)
        return err_set(e, ERR_REFUSED, "%s is no report of this office; `report list` shows all",
                       prefix);
    if (o->withdrawn)
        return err_set(e, ERR_REFUSED, "report %s was withdrawn before", prefix);
    if (o->view.state == STATE_REJECTED)
        return err_set(e, ERR_REFUSED, "report %s was rejected: there is nothing to withdraw",
                       prefix);
    *ret_outcome = o;
    return 0;
}

static int state(struct command *c, const struct outcome *o, const struct act_reason *reason,
                 struct hash *ret_id, struct err *e) {
    struct payload_withdrawal p = {o->view.report, *reason};
    struct buf b;
    buf_init(&b);
    int rc = payload_withdrawal_encode(&p, &b, e);
    if (rc == 0)
        rc = append_own(&c->actor, c->t, KIND_WITHDRAWAL, &c->actor.unit, buf_slice(&b), c->now,
                        ret_id, e);
    buf_done(&b);
    return rc;
}

static bool is_same_slot(const struct slot *a, const struct slot *b) {
    return a->campaign && b->campaign && uid_equal(&a->issuer, &b->issuer) &&
           strcmp(a->campaign, b->campaign) == 0 && strcmp(a->period, b->period) == 0 &&
           a->kind == b->kind && uid_equal(&a->unit, &b->unit);
}

/* Whether `x` was stated after `o`, of its slot: what is said again has the number that it had. */
static bool is_after(const struct outcomes *all, const struct outcome *x, const struct outcome *o) {
    const struct own_report *a = &all->facts.own.list[x - all->list];
    const struct own_report *b = &all->facts.own.list[o - all->list];
    if (a->inherited || b->inherited) /* seqs of two machines cannot be compared */
        return a->inherited == b->inherited ? a->revision > b->revision : b->inherited;
    return record_later(a->epoch, a->seq, b->epoch, b->seq);
}

/* The last revision after `o` in its slot that still stands; NULL: there is none. */
static const struct outcome *standing_after(const struct outcomes *all, const struct outcome *o) {
    const struct outcome *last = NULL;
    for (uint32_t i = 0; i < all->n; i++) {
        const struct outcome *x = &all->list[i];
        if (is_same_slot(&x->slot, &o->slot) && !x->withdrawn && x->view.state != STATE_REJECTED &&
            is_after(all, x, o) && (!last || is_after(all, x, last)))
            last = x;
    }
    return last;
}

/* That `later`, which goes on counting, came late, if so. */
static void tell_late(struct command *c, const struct outcome *later) {
    if (later && (later->view.late || !hash_is_zero(&later->view.in_force)))
        world_say(c->world, &c->call->words,
                  "revision %u was received after the due date: it counts as late",
                  later->view.revision);
}

/* That what comes in place of `o` comes late, as far as is known here; `later` is the last revision
 * that goes on counting, NULL: none. */
static int tell_past(struct command *c, const struct outcome *o, const struct outcome *later,
                     struct err *e) {
    const struct catalog_campaign *k =
        o->slot.campaign ? catalog_latest(&c->actor.catalog, &o->slot.issuer, o->slot.campaign)
                         : NULL;
    char last[INSTANT_TEXT];
    instant until;
    if (!k || (later && later->view.state != STATE_QUEUED))
        return 0;
    int rc = deadline_of(&c->actor, c->t, k, &o->slot, c->today, &until, e);
    if (rc != 0 || until == INSTANT_NONE || c->now < until)
        return rc;
    words_until(until, last);
    if (o->view.state != STATE_QUEUED && !o->view.late)
        world_say(c->world, &c->call->words,
                  "the due date has passed: it was due until %s. Revision %u, which was received "
                  "in time, counts no more once it is withdrawn, and what is received from now on "
                  "comes late unless the hub above extends that",
                  last, o->view.revision);
    else
        world_say(c->world, &c->call->words,
                  "the due date has passed: it was due until %s, so what is received from now on "
                  "comes late unless the hub above extends that",
                  last);
    return 0;
}

static void tell(struct command *c, const struct outcomes *all, const struct outcome *o,
                 const struct hash *id) {
    const struct report_view *r = &o->view;
    const struct outcome *later = standing_after(all, o);
    const struct world *w = c->world;
    struct buf *words = &c->call->words;
    char text[HASH_TEXT];
    const char *campaign = r->campaign ? r->campaign : "?";
    if (c->call->dry_run) {
        world_say(w, words, "%s %s, %s, revision %u of unit %s would be withdrawn", campaign,
                  r->period, world_tr(w, report_kind_text(r->kind)), r->revision, r->unit);
        tell_late(c, later);
        return;
    }
    hash_text(id, text);
    buf_printf(&c->call->out, "%s\n", text);
    if (later) {
        world_say(
            w, words,
            "the withdrawal of %s %s, %s, revision %u of unit %s is queued; it goes with the "
            "next `sync`, by itself where `sync --follow` runs. Revision %u came after it and "
            "goes on counting",
            campaign, r->period, world_tr(w, report_kind_text(r->kind)), r->revision, r->unit,
            later->view.revision);
        tell_late(c, later);
        return;
    }
    world_say(
        w, words,
        "the withdrawal of %s %s, %s, revision %u of unit %s is queued; it goes with the next "
        "`sync`, by itself where `sync --follow` runs. No earlier revision takes its place: "
        "submit a new one",
        campaign, r->period, world_tr(w, report_kind_text(r->kind)), r->revision, r->unit);
}

static int withdraw(struct command *c, struct err *e) {
    struct outcomes all;
    const struct outcome *found = NULL;
    struct why why;
    struct act_reason reason;
    struct hash id;
    int rc = why_read(c->call, &why, &reason, e);
    if (rc != 0)
        return rc;
    rc = outcomes_load(&c->actor, c->t, c->world, &all, e);
    if (rc == 0) {
        rc = find(c, verb_arg(c->call, 0), &all, &found, e);
        if (rc == 0) {
            assert(found); /* where there is none, that is refused */
            rc = state(c, found, &reason, &id, e);
        }
        if (rc == 0)
            tell(c, &all, found, &id);
        if (rc == 0)
            rc = tell_past(c, found, standing_after(&all, found), e);
        outcomes_done(&all);
    }
    why_done(&why);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    struct command c;
    int rc = command_begin(call, ROLE_NODE, COMMAND_STATE, &c, e);
    return rc == 0 ? command_end(&c, withdraw(&c, e), e) : rc;
}

const struct verb node_verb_withdraw = {
    .name = "withdraw",
    .args = "REPORT",
    .min_args = 1,
    .max_args = 1,
    .flags = VERB_DRY_RUN,
    .options =
        (const struct verb_option[]){
            {.name = "reason", .value = "TEXT", .required = true, .help = N_("why")},
            {.name = NULL},
        },
    .help = N_("take a report back; no earlier revision takes its place"),
    .run = run,
};
