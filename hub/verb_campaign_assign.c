#include "hub/campaign_state.h"
#include "hub/hub_call.h"
#include "hub/verbs.h"
#include "node/why.h"

static int read_day(const struct verb_call *call, const char *option, day *ret_day, struct err *e) {
    const char *text = verb_text(call, option);
    *ret_day = DAY_NONE;
    if (text && !day_parse(text, ret_day))
        return err_set(e, ERR_USAGE, "--%s: “%s” is no date: write 15/12/2023 or 2023-12-15",
                       option, text);
    return 0;
}

static int find_unit(struct command *s, struct uid *ret_unit, struct err *e) {
    const char *code = verb_text(s->call, "unit");
    const struct unit_fact *f;
    int rc = hub_call_unit(s, code, &f, e);
    if (rc != 0)
        return rc;
    if (!catalog_ever_under(&s->actor.catalog, &f->id, &s->actor.unit))
        return err_set(e, ERR_REFUSED, "unit %s is not below this hub's unit", code);
    *ret_unit = f->id;
    return 0;
}

static int state(struct command *s, const struct payload_campaign_assign *p, struct hash *ret_id,
                 struct err *e) {
    struct buf b;
    buf_init(&b);
    int rc = payload_campaign_assign_encode(p, &b, e);
    if (rc == 0)
        rc = campaign_state(s, KIND_CAMPAIGN_ASSIGN, buf_slice(&b), ret_id, e);
    buf_done(&b);
    return rc;
}

static void tell(struct command *s, const char *campaign, bool exempt, const struct hash *id) {
    struct verb_call *call = s->call;
    const char *unit = verb_text(call, "unit");
    char text[HASH_TEXT];
    if (call->dry_run && exempt) {
        world_say(call->world, &call->words, "unit %s would be exempt from campaign %s", unit,
                  campaign);
    } else if (call->dry_run) {
        world_say(call->world, &call->words, "unit %s would be asked by campaign %s", unit,
                  campaign);
    } else {
        hash_text(id, text);
        buf_printf(&call->out, "%s\n", text);
        if (exempt)
            world_say(call->world, &call->words, "unit %s is exempt from campaign %s", unit,
                      campaign);
        else
            world_say(call->world, &call->words, "unit %s is asked by campaign %s", unit, campaign);
    }
}

static int assign(struct command *s, const struct act_reason *reason, struct err *e) {
    struct catalog_campaign *k;
    struct payload_campaign_assign p = {.exempt = verb_flag(s->call, "exempt"), .reason = *reason};
    struct hash id;
    int rc = hub_call_own_campaign(s, verb_arg(s->call, 0), &k, e);
    if (rc == 0)
        rc = find_unit(s, &p.unit, e);
    if (rc == 0)
        rc = read_day(s->call, "from", &p.from, e);
    if (rc == 0)
        rc = read_day(s->call, "until", &p.until, e);
    if (rc != 0)
        return rc;
    if (p.from != DAY_NONE && p.until != DAY_NONE && p.from >= p.until)
        return err_set(e, ERR_REFUSED, "--until lies before --from: nothing would hold");
    p.campaign = k->c.id;
    rc = state(s, &p, &id, e);
    if (rc == 0)
        tell(s, k->c.id, p.exempt, &id);
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
        rc = assign(&s, &reason, e);
    why_done(&why);
    return command_end(&s, rc, e);
}

static const struct verb_option options[] = {
    {.name = "unit", .value = "CODE", .required = true, .help = N_("which unit")},
    {.name = "exempt", .kind = OPTION_FLAG, .help = N_("it is shown on boards and not counted")},
    {.name = "from", .value = "DATE", .help = N_("for what is due on this day or later")},
    {.name = "until", .value = "DATE", .help = N_("for what is due before this day")},
    {.name = "reason", .value = "TEXT", .required = true, .help = N_("why")},
    {.name = NULL},
};

const struct verb hub_verb_campaign_assign = {
    .name = "campaign assign",
    .args = "ID",
    .min_args = 1,
    .max_args = 1,
    .flags = VERB_DRY_RUN,
    .options = options,
    .help = N_("ask a unit, or exempt it, whatever the campaign says"),
    .run = run,
};
