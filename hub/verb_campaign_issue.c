#include "core/limits.h"
#include "hub/campaign_line.h"
#include "hub/campaign_state.h"
#include "hub/hub_call.h"
#include "hub/issue.h"
#include "hub/verbs.h"
#include "proto/payload_campaign.h"
#include "proto/payload_profile.h"
#include "store/host.h"

#include <stdio.h>
#include <string.h>

static bool find_unit(void *arg, const char *code, struct uid *ret_unit) {
    const struct unit_fact *f;
    if (hub_call_unit(arg, code, &f, NULL) != 0)
        return false;
    *ret_unit = f->id;
    return true;
}

static int state(struct command *s, const struct campaign_file *file, struct hash *ret_id,
                 struct err *e) {
    uint16_t kind = file->is_profile ? KIND_PROFILE : KIND_CAMPAIGN;
    struct buf b;
    buf_init(&b);
    int rc = file->is_profile ? profile_encode(&file->profile, &b, e)
                              : campaign_encode(&file->campaign, &b, e);
    if (rc == 0)
        rc = campaign_state(s, kind, buf_slice(&b), ret_id, e);
    buf_done(&b);
    return rc;
}

static void tell(struct command *s, const struct campaign_file *file, const struct hash *id) {
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

/* The line to which the key path at the head of the message leads; 0 if there is none. */
static unsigned line_of(const char *file, const struct err *e) {
    char text[ERR_ARGS * ERR_ARG_BYTES];
    unsigned line = 0;
    struct buf bytes;
    buf_init(&bytes);
    (void)err_text(e, NULL, text, sizeof text);
    if (host_read_file(file, LIMIT_YAML_BYTES, &bytes, NULL) == 0)
        for (char *at = text, *end; line == 0 && (end = strstr(at, ": ")); at = end + 2) {
            *end = '\0';
            if (strcmp(at, file) != 0)
                line = campaign_line(buf_slice(&bytes), at);
        }
    buf_done(&bytes);
    return line;
}

/* Say in which line of `file` the mistake is that `e` names by its key path, if it can be found. */
static void add_line(const struct world *w, const char *file, struct err *e) {
    unsigned line = e->code != 0 && !strstr(e->msgid, "line %u") ? line_of(file, e) : 0;
    struct buf place;
    if (line == 0)
        return;
    buf_init(&place);
    world_say(w, &place, "%s, line %u", file, line);
    const char *text = buf_cstr(&place);
    if (text && strcmp(e->arg[0], file) == 0)
        (void)snprintf(e->arg[0], sizeof e->arg[0], "%.*s", (int)strcspn(text, "\n"), text);
    else if (text)
        (void)snprintf(e->where, sizeof e->where, "%.*s", (int)strcspn(text, "\n"), text);
    buf_done(&place);
}

static int issue(struct command *s, struct err *e) {
    struct verb_call *call = s->call;
    struct campaign_file file = {0};
    struct hash id = {{0}};
    int rc = campaign_file_load(verb_arg(call, 0), find_unit, s, &file, e);
    if (rc == 0) {
        rc = issue_prepare(&s->actor, &file, call->world, &call->words, e);
        err_where(e, verb_arg(call, 0));
    }
    if (rc != 0)
        add_line(call->world, verb_arg(call, 0), e);
    if (rc == 0)
        rc = state(s, &file, &id, e);
    if (rc == 0)
        tell(s, &file, &id);
    campaign_file_done(&file);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    struct command s = {0};
    int rc = command_begin(call, ROLE_HUB, COMMAND_STATE, &s, e);
    if (rc == 0)
        rc = issue(&s, e);
    return command_end(&s, rc, e);
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
