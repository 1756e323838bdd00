/*
 * thidua-node: the program. Clock, randomness, signals, command line and the socket; everything
 * else is below.
 */
#include "core/verb_run.h"
#include "node/call.h"
#include "node/joining.h"
#include "node/moved.h"
#include "node/outlive.h"
#include "node/pending.h"
#include "node/verbs.h"
#include "proto/confine.h"
#include "proto/language.h"
#include "proto/link.h"
#include "store/host.h"
#include "store/keyfile.h"
#include "store/lock.h"

#define PROGRAM "thidua-node " THIDUA_VERSION

/* Words of something that goes on leave at once. */
static void say_now(struct verb_call *call) {
    (void)host_write(2, buf_slice(&call->words), NULL);
    buf_clear(&call->words);
}

/* ---- sync ---- */

/* Why the epoch rose, after `before`: it was for the new keys that were asked for; else the
 * directory was behind. */
static void tell_epoch(struct verb_call *call, const struct actor *actor,
                       const struct actor *before) {
    bool rose = actor->epoch > before->epoch;
    if (rose && !uid_is_zero(&before->rotation) && uid_is_zero(&actor->rotation))
        world_say(call->world, &call->words,
                  "the new keys that `rotate` made are in use from now on, in epoch %u",
                  actor->epoch);
    else if (rose)
        world_say(call->world, &call->words,
                  "this data directory was behind what the hub has of this machine: an older copy "
                  "was put back, or another copy of it is in use. What was missing is here, and "
                  "what was stated here in places that were taken is said again, later: see "
                  "`report list`. Where two machines use one directory stop one of them, and ask "
                  "the hub for a ticket for it");
}

static int sync_once(struct verb_call *call, struct actor *actor, int stop_fd, struct err *e) {
    uint32_t received;
    const struct actor before = *actor;
    int rc = call_once(actor, call->world, PROGRAM, pending_earliest, stop_fd, &received, e);
    tell_epoch(call, actor, &before);
    if (rc == 0)
        world_say(call->world, &call->words,
                  "in step with the hub: %u records came in; see "
                  "`thidua-node status` for receipts",
                  received);
    return rc == 0 ? moved_tell(actor, call->world, &call->words, e) : rc;
}

/* What has been told of a connection so far. */
struct told {
    bool connected, in_step;
    uint32_t received;
};

/* Tell what changed since `before`: connected, records that came in, in step. */
static void tell_progress(struct verb_call *call, const struct call *c, struct told *before) {
    const struct world *w = call->world;
    bool live = c->state == CALL_TALKING && c->uplink.state == UPLINK_LIVE;
    if (!live) {
        *before = (struct told){.connected = false};
        return;
    }
    if (!before->connected)
        world_say(w, &call->words, "connected to the hub");
    bool in_step = call_settled(c);
    if (in_step && (!before->in_step || c->uplink.received > before->received)) {
        world_say(w, &call->words, "in step with the hub; %u records came in",
                  c->uplink.received - before->received);
        before->received = c->uplink.received;
    }
    before->connected = true;
    before->in_step = in_step;
    if (call->words.len > 0)
        say_now(call);
}

/* Stay connected until asked to stop; each break is told, and tried again. */
static int sync_follow(struct verb_call *call, struct actor *actor, int stop_fd, struct err *e) {
    struct call c;
    struct told told = {.connected = false};
    struct outlive outlive = {.said_ms = 0};
    struct actor before = *actor;
    char text[512];
    int rc = 0;
    call_init(&c, actor, call->world, PROGRAM, pending_earliest);
    rc = link_load(e); /* while its files may be read */
    if (rc != 0)
        return rc;
    if (!confine_files(call->data, language_catalogues(), true) || !confine_calls(CONFINE_CONNECTS))
        world_say(
            call->world, &call->words,
            "this program cannot confine itself to its data directory, and runs as it is: the "
            "kernel of this machine, or what started the program, does not let it");
    host_run();
    do {
        rc = call_pump(&c, CALL_TICK_MS, stop_fd, e);
        if (rc != ERR_REFUSED) /* there is nothing else to do here than to talk with the hub */
            rc = outlive_failure(&outlive, call, "thidua-node", rc, e);
        if (c.broke) {
            int64_t wait_ms = c.again_ms - call->world->boot_ms(call->world->arg);
            buf_printf(&call->words, "%s\n", err_text(&c.why, call->world->tr, text, sizeof text));
            world_say(call->world, &call->words, "trying again in %lld s",
                      (long long)(wait_ms > 0 ? (wait_ms + 999) / 1000 : 0));
            c.broke = false;
        }
        if (call->words.len > 0)
            say_now(call);
        if (rc == 0)
            tell_progress(call, &c, &told);
        tell_epoch(call, actor, &before);
        if (actor->epoch != before.epoch || uid_is_zero(&before.rotation))
            before = *actor;
    } while (rc == 0 && !call_rest(&c, stop_fd));
    call_done(&c);
    return rc;
}

static int is_joined(struct actor *actor, bool *ret_joined, struct err *e) {
    struct txn *t;
    int rc = txn_begin(actor->db, false, &t, e);
    if (rc != 0)
        return rc;
    *ret_joined = joining_done(t);
    rc = txn_failed(t, e);
    txn_abort(t);
    return rc;
}

static int sync_locked(struct verb_call *call, struct err *e) {
    struct actor actor;
    bool joined = false;
    int stop_fd = -1;
    int rc = host_stop_fd(&stop_fd, e);
    if (rc == 0)
        rc = actor_open(call->data, ROLE_NODE, call->world->passphrase, NULL, &actor, e);
    if (rc != 0)
        return rc;
    rc = db_mend(actor.db, e);
    if (rc == 0)
        rc = is_joined(&actor, &joined, e);
    if (rc == 0 && !joined)
        rc = err_set(e, ERR_REFUSED,
                     "this directory has not finished joining: run join again with its "
                     "ticket");
    if (rc == 0)
        rc = verb_flag(call, "follow") ? sync_follow(call, &actor, stop_fd, e)
                                       : sync_once(call, &actor, stop_fd, e);
    actor_close(&actor);
    return rc;
}

static int run_sync(struct verb_call *call, struct err *e) {
    int lock_fd = -1;
    if (verb_flag(call, "follow"))
        host_stay();
    int rc = lock_take(call->data, &lock_fd, e);
    keyfile_tell_open(call);
    if (rc == 0)
        rc = sync_locked(call, e);
    lock_give(lock_fd);
    return rc;
}

/* ---- join ---- */

static int join_with(struct verb_call *call, const struct ticket *ticket, struct err *e) {
    struct actor actor;
    const struct world *w = call->world;
    int rc = actor_open(call->data, ROLE_NODE, call->world->passphrase, NULL, &actor, e);
    if (rc != 0)
        return rc;
    rc = call_join(&actor, ticket, w, -1, e);
    if (rc == 0) {
        world_say(w, &call->words, "joined: this machine reports for %s %s", ticket->code,
                  ticket->name);
        rc = sync_once(call, &actor, -1, e);
    }
    actor_close(&actor);
    return rc;
}

/* `join` once more with the ticket that it joined with: what is left of it is the first exchange,
 * if that was cut off. */
static int join_again(struct verb_call *call, struct err *e) {
    struct actor actor;
    struct txn *t;
    int rc = actor_open(call->data, ROLE_NODE, call->world->passphrase, NULL, &actor, e);
    if (rc != 0)
        return rc;
    rc = txn_begin(actor.db, false, &t, e);
    if (rc == 0) {
        bool exchanged = joining_exchanged(&actor, t);
        txn_abort(t);
        if (!exchanged)
            rc = sync_once(call, &actor, -1, e);
        else
            world_say(call->world, &call->words,
                      "this machine joined with this ticket already: nothing to do; `sync` "
                      "exchanges records with the hub");
    }
    actor_close(&actor);
    return rc;
}

static int run_join(struct verb_call *call, struct err *e) {
    struct ticket ticket;
    int lock_fd = -1;
    bool made;
    if (call->n_args > 1)
        return err_set(
            e, ERR_USAGE,
            "join takes one ticket: this one may be broken over two lines; put “'” before "
            "it and behind it");
    int rc = ticket_parse(verb_arg(call, 0), &ticket, e);
    if (rc == 0 && ticket.role != ROLE_NODE)
        rc = err_set(e, ERR_REFUSED, "this ticket is for a hub: use `thidua-hub init --parent`");
    if (rc == 0)
        rc = joining_directory(call->data, &made, e);
    if (rc == 0)
        rc = lock_take(call->data, &lock_fd, e);
    bool used = rc == 0 && joining_used(call->data, &ticket);
    if (used)
        rc = join_again(call, e);
    if (rc == 0 && !used)
        rc = joining_prepare(call->data, &ticket, call->world->passphrase, call->world, e);
    if (rc == 0 && !used)
        rc = join_with(call, &ticket, e);
    lock_give(lock_fd);
    return rc;
}

/* ---- the program ---- */

static const struct verb_option join_options[] = {
    {.name = "request", .value = "FILE", .help = N_("join without a network: ask"), .later = true},
    {.name = "accept", .value = "FILE", .help = N_("join without a network: take"), .later = true},
    {.name = NULL},
};

static const struct verb verb_join = {
    .name = "join",
    .args = "TICKET",
    .min_args = 1,
    .max_args = 2, /* of which the second is told what it is */
    .options = join_options,
    .help = N_("make this machine a unit's, with the ticket from its hub"),
    .run = run_join,
};

static const struct verb_option sync_options[] = {
    {.name = "follow", .kind = OPTION_FLAG, .help = N_("stay connected until stopped")},
    {.name = NULL},
};

static const struct verb verb_sync = {
    .name = "sync",
    .options = sync_options,
    .help = N_("exchange records with the hub"),
    .run = run_sync,
};

/* Named already, so that whoever asks is told: not built yet. */
static const struct verb verb_bundle_import = {.name = "bundle import", .help = ""};
static const struct verb verb_restore = {.name = "restore", .help = ""};
static const struct verb verb_desk = {.name = "desk", .help = ""};

static const struct verb *const verbs[] = {
    &verb_join,
    &node_verb_subject_import,
    &node_verb_subject_list,
    &node_verb_subject_show,
    &node_verb_campaign_list,
    &node_verb_campaign_show,
    &node_verb_template,
    &node_verb_record,
    &node_verb_import,
    &node_verb_score,
    &node_verb_submit,
    &node_verb_withdraw,
    &node_verb_status,
    &node_verb_report_list,
    &node_verb_report_show,
    &node_verb_rank,
    &verb_sync,
    &node_verb_rotate,
    &node_verb_bundle_export,
    &node_verb_check,
    &node_verb_backup,
    &verb_bundle_import,
    &verb_restore,
    &verb_desk,
    NULL,
};

static const char *const of_the_hub[] = {"init",  "serve",    "unit",    "enrol",
                                         "board", "extend",   "revoke",  "renew",
                                         "clock", "conflict", "waiting", NULL};

static const struct verb_program program = {
    .name = "thidua-node",
    .version = THIDUA_VERSION,
    .about = N_("the office: records, seals and sends reports, and shows what became of them"),
    .verbs = verbs,
    .other = "thidua-hub",
    .others = of_the_hub,
    .before = keyfile_tell_unsealed,
};

int main(int argc, char **argv) {
    struct world world;
    struct verb_call call;
    struct err e = {0};
    host_start();
    language_choose(argc, argv, language_catalogues());
    host_world(&world);
    host_faults(program.name, &world);
    verb_call_init(&call, &world, NULL);
    if (crypto_start(&e) == 0 && host_passphrase(argc, argv, "join", &world, &e) == 0)
        (void)verb_run(&program, argc, argv, &call, &e);
    int status = host_end(program.name, buf_slice(&call.out), buf_slice(&call.words), &e, &world);
    verb_call_done(&call);
    return status;
}
