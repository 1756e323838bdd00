#include "hub/founding_key.h"
#include "hub/hand_back.h"
#include "hub/hub_call.h"
#include "hub/revoke.h"
#include "hub/root_key.h"
#include "hub/verbs.h"
#include "node/why.h"
#include "proto/kinds.h"

#include <stdio.h>
#include <string.h>

/* `EPOCH:SEQ`, both in decimal, the epoch from 1. */
static bool parse_last(const char *text, struct last_good *ret_last) {
    uint64_t part[2] = {0, 0};
    unsigned digits[2] = {0, 0}, at = 0;
    for (; *text; text++) {
        if (*text == ':' && at == 0)
            at = 1;
        else if (*text >= '0' && *text <= '9' && ++digits[at] <= 18)
            part[at] = part[at] * 10 + (uint64_t)(*text - '0');
        else
            return false;
    }
    if (digits[0] == 0 || digits[1] == 0 || part[0] == 0 || part[0] > UINT32_MAX)
        return false;
    ret_last->epoch = (uint32_t)part[0];
    ret_last->seq = part[1];
    return true;
}

static const struct {
    const char *name;
    uint8_t by;
} roles[] = {{"node", BY_NODE}, {"hub", BY_HUB}, {"root-key", BY_ROOT_KEY}};

static int read_asked(const struct verb_call *call, uint8_t *ret_by, struct last_good *last,
                      bool *ret_given, struct err *e) {
    const char *role = verb_text(call, "role"), *text = verb_text(call, "last-good");
    *ret_given = text != NULL;
    *ret_by = 0;
    for (size_t i = 0; role && i < sizeof roles / sizeof *roles; i++)
        if (strcmp(role, roles[i].name) == 0)
            *ret_by = roles[i].by;
    if (role && *ret_by == 0)
        return err_set(e, ERR_USAGE, "--role is node, hub or root-key, not %s", role);
    bool root = *ret_by == BY_ROOT_KEY;
    if ((root && !verb_text(call, "key")) ||
        (verb_text(call, "key") && (text || *ret_by == BY_NODE)))
        return err_set(e, ERR_USAGE,
                       "--key ends the root hub, or with --role root-key the root key; nothing "
                       "else does, and neither has a --last-good");
    if (text && !parse_last(text, last))
        return err_set(e, ERR_USAGE,
                       "--last-good: “%s” is no EPOCH:SEQ, as `report show` prints it", text);
    return 0;
}

static void tell(struct command *s, const struct member *m, const char *code, const struct hash *id,
                 uint32_t voided) {
    struct verb_call *call = s->call;
    const struct world *w = call->world;
    char text[HASH_TEXT];
    bool hub = m->by == BY_HUB;
    hash_text(id, text);
    if (!call->dry_run)
        buf_printf(&call->out, "%s %s\n", code, text);
    if (call->dry_run && hub)
        world_say(w, &call->words, "the hub of unit %s would be revoked", code);
    else if (call->dry_run)
        world_say(w, &call->words, "the node of unit %s would be revoked", code);
    else if (hub)
        world_say(w, &call->words, "the hub of unit %s is revoked; what is held here of it stands",
                  code);
    else
        world_say(w, &call->words, "the node of unit %s is revoked", code);
    if (voided > 0)
        world_say(w, &call->words, "%u reports stand after its last good record: they do not count",
                  voided);
    if (hub) {
        world_say(w, &call->words,
                  "this ends that hub alone: enrol a new one with `enrol %s --role hub`, and let "
                  "it enrol the machines below again",
                  code);
        revoke_tell_lost(w, code, &call->words);
    } else {
        world_say(w, &call->words, "a new machine of the unit joins with a ticket: `enrol %s`",
                  code);
    }
}

/* What stays of the machine of `m` where the unit has another one, which says nothing of it. */
static void tell_beside(struct command *s, const struct member *m, const char *code, bool cut) {
    struct member enroller;
    if (m->by != BY_NODE || cut || !revoke_beside(s->t, m, &enroller))
        return;
    world_say(
        s->world, &s->call->words,
        "unit %s has another machine, which the hub of %s enrolled and which goes on: reports "
        "of the revoked one that were received stay in force, and may go before those of the "
        "other, unless --last-good cuts them",
        code, catalog_code(&s->actor.catalog, &enroller.unit));
}

static int revoke_one(struct command *s, const struct member *m, const char *code,
                      const struct last_good *last, const struct act_reason *reason,
                      struct err *e) {
    struct ending ending = {0};
    struct hash id;
    uint32_t voided = 0;
    int rc = revoke_ending(s->t, m, last, &ending, e);
    if (rc == 0)
        rc = revoke_state(&s->actor, s->t, m, &ending, reason, s->now, &id, e);
    if (rc == 0)
        rc = revoke_count_void(s->t, &m->actor, &voided, e);
    if (rc == 0)
        tell(s, m, code, &id, voided);
    if (rc == 0)
        tell_beside(s, m, code, last != NULL);
    ending_done(&ending);
    return rc;
}

/* Said while it can still be left. */
static void tell_final(struct command *s) {
    if (s->call->dry_run)
        world_say(s->world, &s->call->words, "a revocation cannot be taken back");
}

static void tell_root(struct command *s, bool key, const struct hash *id) {
    struct verb_call *call = s->call;
    const struct world *w = call->world;
    char text[HASH_TEXT];
    hash_text(id, text);
    if (!call->dry_run)
        buf_printf(&call->out, "%s %s\n", verb_arg(call, 0), text);
    if (call->dry_run && key)
        world_say(w, &call->words, "the root key would be revoked");
    else if (call->dry_run)
        world_say(w, &call->words, "the root hub would be revoked");
    else if (key)
        world_say(w, &call->words,
                  "the root key is revoked: only the recovery key grants and revokes from now on");
    else
        world_say(w, &call->words,
                  "the root hub is revoked and states nothing more: `rotate --key` lets it go on "
                  "with new keys");
}

/* With the root or recovery key: the root hub, or the root key. */
static int revoke_root(struct command *s, const struct unit_fact *f, bool key,
                       const struct act_reason *reason, struct err *e) {
    struct key_seeds seeds;
    struct hash id;
    if (!uid_equal(&f->id, &s->actor.unit))
        return err_set(e, ERR_REFUSED, "--key ends the root hub, and that is not the one of %s",
                       f->code);
    int rc = founding_key_read(s->call, &seeds, e);
    if (rc == 0)
        rc = hand_back_done(s, NULL, e);
    if (rc == 0)
        rc = root_key_revoke(&s->actor, s->t, seeds.sign,
                             key ? ROOT_KEY_ENDS_KEY : ROOT_KEY_ENDS_HUB, reason, s->now, &id, e);
    crypto_wipe(&seeds, sizeof seeds);
    if (rc == 0)
        tell_root(s, key, &id);
    if (rc == 0)
        tell_final(s);
    return rc;
}

static int revoke(struct command *s, const struct act_reason *reason, struct err *e) {
    const char *code = verb_arg(s->call, 0);
    struct last_good last;
    struct revoke_targets targets = {0};
    uint8_t by;
    bool given;
    int rc = read_asked(s->call, &by, &last, &given, e);
    const struct unit_fact *f = NULL;
    if (rc == 0)
        rc = hub_call_unit(s, code, &f, e);
    if (rc != 0)
        return rc;
    if (verb_text(s->call, "key"))
        return revoke_root(s, f, by == BY_ROOT_KEY, reason, e);
    rc =
        revoke_find(&s->actor, s->t, &f->id, f->code, given && by == 0 ? BY_NODE : by, &targets, e);
    char name[LIMIT_CODE + 1];
    (void)snprintf(name, sizeof name, "%s", f->code);
    for (uint32_t i = 0; rc == 0 && i < targets.n; i++)
        rc = revoke_one(s, &targets.list[i], name, given ? &last : NULL, reason, e);
    revoke_targets_done(&targets);
    if (rc == 0)
        tell_final(s);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    struct command s = {0};
    struct why why = {0};
    struct act_reason reason;
    int rc =
        command_begin(call, ROLE_HUB, verb_text(call, "key") ? COMMAND_KEY : COMMAND_STATE, &s, e);
    if (rc == 0)
        rc = why_read(call, &why, &reason, e);
    if (rc == 0)
        rc = revoke(&s, &reason, e);
    if (rc != 0) { /* nothing was done, so nothing is told */
        buf_clear(&call->out);
        buf_clear(&call->words);
    }
    why_done(&why);
    return command_end(&s, rc, e);
}

static const struct verb_option options[] = {
    {.name = "role",
     .value = "node|hub|root-key",
     .help = N_("only this machine of the unit (both), or with --key the root key")},
    {.name = "key",
     .value = "FILE",
     .help = N_("root.key or recovery.key: end the root hub itself")},
    FOUNDING_KEY_PASSPHRASE,
    {.name = "last-good",
     .value = "EPOCH:SEQ",
     .help = N_("the node's last record that stands (the last one held here)")},
    {.name = "reason", .value = "TEXT", .required = true, .help = N_("why")},
    {.name = NULL},
};

const struct verb hub_verb_revoke = {
    .name = "revoke",
    .args = "CODE",
    .min_args = 1,
    .max_args = 1,
    .flags = VERB_DRY_RUN,
    .options = options,
    .help = N_("end a unit's machine whose key is lost or stolen; what it stated before stands"),
    .run = run,
};
