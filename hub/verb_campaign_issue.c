#include "hub/hub_call.h"
#include "hub/issue.h"
#include "hub/verbs.h"
#include "node/append.h"
#include "proto/payload_campaign.h"
#include "proto/payload_profile.h"

static bool find_unit(void *arg, const char *code, struct uid *ret_unit) {
    const struct unit_fact *f = hub_call_unit(arg, code);
    if (f)
        *ret_unit = f->id;
    return f != NULL;
}

static int state(struct hub_call *s, const struct campaign_file *file, struct hash *ret_id,
                 struct err *e) {
    uint16_t kind = file->is_profile ? KIND_PROFILE : KIND_CAMPAIGN;
    struct buf b;
    buf_init(&b);
    int rc = file->is_profile ? profile_encode(&file->profile, &b, e)
                              : campaign_encode(&file->campaign, &b, e);
    if (rc == 0)
        rc = append_own(&s->actor, s->t, kind, NULL, buf_slice(&b), s->now, ret_id, e);
    buf_done(&b);
    return rc;
}

static void tell(struct hub_call *s, const struct campaign_file *file, const struct hash *id) {
    struct verb_call *call = s->call;
    char text[HASH_TEXT];
    const char *name = file->is_profile ? file->profile.id : file->campaign.id;
    uint32_t version = file->is_profile ? file->profile.version : file->campaign.version;
    if (call->dry_run && file->is_profile) {
        world_say(call->world, &call->words, "scoring profile %s, version %u, would be issued",
                  name, version);
    } else if (call->dry_run) {
        world_say(call->world, &call->words, "campaign %s, version %u, would be issued", name,
                  version);
    } else {
        hash_text(id, text);
        buf_printf(&call->out, "%s\n", text);
        if (file->is_profile)
            world_say(call->world, &call->words, "scoring profile %s, version %u, is issued", name,
                      version);
        else
            world_say(call->world, &call->words, "campaign %s, version %u, is issued", name,
                      version);
    }
}

static int issue(struct hub_call *s, struct err *e) {
    struct verb_call *call = s->call;
    struct campaign_file file = {0};
    struct hash id = {{0}};
    int rc = campaign_file_load(verb_arg(call, 0), find_unit, s, &file, e);
    if (rc == 0) {
        rc = issue_prepare(&s->actor, &file, call->world, &call->words, e);
        err_where(e, verb_arg(call, 0));
    }
    if (rc == 0)
        rc = state(s, &file, &id, e);
    if (rc == 0 && !call->dry_run)
        rc = hub_call_commit(s, e);
    if (rc == 0)
        tell(s, &file, &id);
    campaign_file_done(&file);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    struct hub_call s;
    int rc = hub_call_open(&s, call, true, e);
    if (rc == 0)
        rc = issue(&s, e);
    hub_call_done(&s);
    return rc;
}

const struct verb hub_verb_campaign_issue = {
    .name = "campaign issue",
    .args = "FILE.yaml",
    .min_args = 1,
    .max_args = 1,
    .flags = VERB_DRY_RUN,
    .help = N_("issue a campaign or a scoring profile for everyone below; a higher version amends"),
    .run = run,
};
