#include "hub/campaign_state.h"
#include "hub/hub_call.h"
#include "hub/verbs.h"
#include "node/slots.h"
#include "node/why.h"

#include <string.h>

static int state(struct command *s, const struct payload_campaign_withdraw *p, struct hash *ret_id,
                 struct err *e) {
    struct buf b;
    buf_init(&b);
    int rc = payload_campaign_withdraw_encode(p, &b, e);
    if (rc == 0)
        rc = campaign_state(s, KIND_CAMPAIGN_WITHDRAW, buf_slice(&b), ret_id, e);
    buf_done(&b);
    return rc;
}

/* How many revisions of reports are held of what is called `campaign` here. */
static uint32_t in_hand(struct command *s, const char *campaign) {
    struct slot_place place;
    struct slot_walk w;
    struct slot_revision r;
    struct key after = {.n = 0};
    uint32_t n = 0;
    bool more = slots_first(s->t, &s->actor.unit, campaign, &place);
    while (more && uid_equal(&place.slot.issuer, &s->actor.unit) &&
           strcmp(place.slot.campaign, campaign) == 0) {
        slots_walk(&w, s->t, &place.slot);
        while (slots_next(&w, &r))
            n++;
        slots_done(&w);
        after = place.key;
        more = slots_after(s->t, key_slice(&after), &place);
    }
    return n;
}

static void tell(struct command *s, const char *campaign, const struct hash *id) {
    struct verb_call *call = s->call;
    char text[HASH_TEXT];
    world_say(call->world, &call->words,
              "a withdrawal cannot be taken back, and no campaign can be called %s again; reports "
              "in hand: %u",
              campaign, in_hand(s, campaign));
    if (call->dry_run) {
        world_say(call->world, &call->words, "campaign %s would be withdrawn", campaign);
        return;
    }
    hash_text(id, text);
    buf_printf(&call->out, "%s\n", text);
    world_say(call->world, &call->words,
              "campaign %s is withdrawn: what was due before stays as it is, nobody is asked any "
              "more",
              campaign);
}

static int withdraw(struct command *s, const struct act_reason *reason, struct err *e) {
    struct catalog_campaign *k;
    struct hash id;
    int rc = hub_call_own_campaign(s, verb_arg(s->call, 0), &k, e);
    if (rc != 0)
        return rc;
    struct payload_campaign_withdraw p = {k->c.id, s->now, *reason};
    rc = state(s, &p, &id, e);
    if (rc == 0)
        tell(s, k->c.id, &id);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    struct command s = {0};
    struct why why = {0};
    struct act_reason reason;
    int rc = command_begin(call, ROLE_HUB, COMMAND_STATE, &s, e);
    if (rc == 0)
        rc = why_read(call, &why, &reason, e);
    if (rc == 0)
        rc = withdraw(&s, &reason, e);
    why_done(&why);
    return command_end(&s, rc, e);
}

const struct verb hub_verb_campaign_withdraw = {
    .name = "campaign withdraw",
    .args = "ID",
    .min_args = 1,
    .max_args = 1,
    .flags = VERB_DRY_RUN,
    .options =
        (const struct verb_option[]){
            {.name = "reason", .value = "TEXT", .required = true, .help = N_("why")},
            {.name = NULL},
        },
    .help = N_("end a campaign: nobody is asked by it any more"),
    .run = run,
};
