/*
 * thidua-node: the program. Clock, randomness, signals, command line and the socket; everything
 * else is below.
 */
#include "core/verb_run.h"
#include "node/joining.h"
#include "node/uplink.h"
#include "node/verbs.h"
#include "proto/endpoint.h"
#include "proto/link.h"
#include "store/host.h"
#include "store/lock.h"
#include "store/meta.h"

#include <poll.h>
#include <string.h>
#include <time.h>

#define PROGRAM "thidua-node " THIDUA_VERSION
#define PATIENCE_MS 20000   /* for a connection, and then for a handshake */
#define TICK_MS 500         /* how soon the hub hears what another process stated */
#define RETRY_MS_MIN 2000   /* --follow: first wait after a broken connection … */
#define RETRY_MS_MAX 300000 /* … doubling up to this, with jitter */
#define ANSWER_MS 60000     /* for the answer to a join */

static struct moment host_moment(const struct world *w) {
    struct timespec boot;
    clock_gettime(CLOCK_BOOTTIME, &boot);
    return (struct moment){w->now(w->arg), (int64_t)boot.tv_sec * 1000 + boot.tv_nsec / 1000000};
}

/* One connection to the hub, and the node behind it. */
struct client {
    struct verb_call *call;
    struct actor actor;
    struct link *link;
    int stop_fd;
    bool stopped; /* asked to stop */
};

static void say_now(struct client *c) {
    (void)host_write(2, buf_slice(&c->call->words), NULL);
    buf_clear(&c->call->words);
}

/* Connect to the hub that the store knows. */
static int call_hub(struct client *c, struct err *e) {
    char address[ENDPOINT_TEXT];
    struct link_keys keys;
    struct slice v;
    uint8_t hub_key[DOOR_KEY];
    struct txn *t;
    int rc = txn_begin(c->actor.db, false, &t, e);
    if (rc != 0)
        return rc;
    bool known = meta_text(t, "hub.address", address, sizeof address) &&
                 txn_get(t, TABLE_META, slice_str("hub.key"), &v) && v.len == sizeof hub_key;
    if (known)
        memcpy(hub_key, v.data, sizeof hub_key);
    txn_abort(t);
    if (!known)
        return err_set(e, ERR_REFUSED, "this directory does not know its hub: join with a ticket");
    memcpy(keys.public_key, key_pair_public(c->actor.transport)->b, sizeof keys.public_key);
    memcpy(keys.secret_key, key_pair_transport_secret(c->actor.transport), sizeof keys.secret_key);
    rc = link_connect(address, hub_key, &keys, PATIENCE_MS, &c->link, e);
    crypto_wipe(&keys, sizeof keys);
    if (rc == 0 && c->stop_fd >= 0)
        link_watch(c->link, c->stop_fd);
    return rc;
}

/* Wait for what concerns us: an event of the link, ERR_AWAY once it has failed. */
static int wait_link(struct client *c, int timeout_ms, struct link_frame *frame, struct err *e) {
    int event = link_recv(c->link, timeout_ms, frame, e);
    if (event == LINK_WATCHED)
        c->stopped = true;
    if (event == LINK_CHANGED && link_state(c->link) == LINK_FAILED) {
        link_failure(c->link, e);
        return ERR_AWAY;
    }
    return event;
}

static int wait_ready(struct client *c, struct err *e) {
    struct link_frame frame;
    int event = 0;
    while (event >= 0 && !c->stopped && link_state(c->link) == LINK_CONNECTING)
        event = wait_link(c, TICK_MS, &frame, e);
    return event < 0 ? event : 0;
}

static int send_post(struct client *c, struct post *post, struct err *e) {
    uint32_t peer;
    struct slice frame;
    while (post_next(post, &peer, &frame)) {
        int rc = link_send(c->link, 0, frame, e);
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* ---- join ---- */

/* Knock as a guest and take the answer. */
static int knock(struct client *c, const struct ticket *ticket, struct err *e) {
    struct post post;
    struct link_frame frame;
    int64_t until_ms = host_moment(c->call->world).boot_ms + ANSWER_MS;
    post_init(&post);
    int rc = joining_request(&c->actor, ticket, &post, e);
    if (rc == 0)
        rc = wait_ready(c, e);
    if (rc == 0)
        rc = send_post(c, &post, e);
    post_done(&post);
    while (rc == 0 && !c->stopped) {
        struct moment now = host_moment(c->call->world);
        int event = wait_link(c, TICK_MS, &frame, e);
        if (event == LINK_FRAME)
            return joining_answer(&c->actor, frame.bytes, e);
        if (event < 0)
            rc = event;
        else if (now.boot_ms > until_ms)
            rc = err_set(e, ERR_AWAY,
                         "the hub at %s did not answer: run join again with the same "
                         "ticket",
                         ticket->address);
    }
    return rc == 0 ? err_set(e, ERR_AWAY, "stopped: run join again with the same ticket") : rc;
}

static int is_joined(struct client *c, bool *ret_joined, struct err *e) {
    struct txn *t;
    int rc = txn_begin(c->actor.db, false, &t, e);
    if (rc != 0)
        return rc;
    *ret_joined = joining_done(t);
    txn_abort(t);
    return 0;
}

static int sync_once(struct client *c, struct err *e);

static int join_with(struct verb_call *call, const struct ticket *ticket, struct err *e) {
    struct client c = {.call = call, .stop_fd = -1};
    const struct world *w = call->world;
    int rc = joining_prepare(call->data, ticket, NULL, w, PROGRAM, e);
    if (rc == 0)
        rc = actor_open(call->data, ROLE_NODE, NULL, NULL, &c.actor, e);
    if (rc != 0)
        return rc;
    rc = call_hub(&c, e);
    if (rc == 0)
        rc = knock(&c, ticket, e);
    link_free(c.link);
    c.link = NULL;
    if (rc == 0) {
        world_say(w, &call->words, "joined: this machine reports for %s %s", ticket->code,
                  ticket->name);
        rc = sync_once(&c, e);
    }
    actor_close(&c.actor);
    return rc;
}

static int run_join(struct verb_call *call, struct err *e) {
    struct ticket ticket;
    int lock_fd = -1;
    int rc = ticket_parse(verb_arg(call, 0), &ticket, e);
    if (rc == 0 && ticket.role != ROLE_NODE)
        rc = err_set(e, ERR_REFUSED, "this ticket is for a hub: use `thidua-hub init --parent`");
    if (rc == 0)
        rc = join_with(call, &ticket, e);
    lock_give(lock_fd);
    return rc;
}

/* ---- sync ---- */

static int run_uplink(struct client *c, struct uplink *u, bool follow, struct err *e) {
    const struct world *w = c->call->world;
    struct link_frame frame;
    int rc = wait_ready(c, e);
    if (rc == 0)
        rc = uplink_start(u, host_moment(w), e);
    while (rc == 0 && !c->stopped) {
        rc = send_post(c, &u->post, e);
        if (rc != 0 || u->state == UPLINK_OVER || (!follow && uplink_settled(u)))
            break;
        int event = wait_link(c, TICK_MS, &frame, e);
        if (event < 0)
            rc = event;
        else if (event == LINK_FRAME)
            rc = uplink_frame(u, host_moment(w), frame.bytes, e);
        else
            rc = uplink_tick(u, host_moment(w), e);
    }
    if (rc == 0 && u->state == UPLINK_OVER) {
        *e = u->why;
        rc = u->why.code;
    }
    return rc;
}

static int connect_and_run(struct client *c, bool follow, struct uplink *u, struct err *e) {
    int rc = call_hub(c, e);
    uplink_init(u, &c->actor, PROGRAM);
    if (rc == 0)
        rc = run_uplink(c, u, follow, e);
    uplink_done(u);
    link_free(c->link);
    c->link = NULL;
    return rc;
}

static int sync_once(struct client *c, struct err *e) {
    struct uplink u;
    int rc = connect_and_run(c, false, &u, e);
    if (rc == 0 && !c->stopped)
        world_say(c->call->world, &c->call->words,
                  "in step with the hub: %u records came in; see "
                  "`thidua-node status` for receipts",
                  u.received);
    return rc;
}

/* Wait before the next attempt: doubling, plus up to half of it again at random. */
static void back_off(struct client *c, int64_t *wait_ms) {
    uint16_t jitter;
    struct pollfd stop = {.fd = c->stop_fd, .events = POLLIN};
    c->call->world->random(c->call->world->arg, (uint8_t *)&jitter, sizeof jitter);
    int64_t ms = *wait_ms + *wait_ms * jitter / (2 * 65536);
    if (poll(&stop, 1, (int)ms) > 0)
        c->stopped = true;
    *wait_ms = *wait_ms * 2 < RETRY_MS_MAX ? *wait_ms * 2 : RETRY_MS_MAX;
}

static int sync_follow(struct client *c, struct err *e) {
    int64_t wait_ms = RETRY_MS_MIN;
    char text[512];
    while (!c->stopped) {
        struct uplink u;
        int rc = connect_and_run(c, true, &u, e);
        if (rc != 0 && rc != ERR_AWAY)
            return rc;
        if (c->stopped)
            break;
        if (u.received > 0 || u.state == UPLINK_LIVE)
            wait_ms = RETRY_MS_MIN;
        buf_printf(&c->call->words, "%s\n", err_text(e, c->call->world->tr, text, sizeof text));
        say_now(c);
        err_clear(e);
        back_off(c, &wait_ms);
    }
    return 0;
}

static int sync_locked(struct verb_call *call, struct err *e) {
    struct client c = {.call = call, .stop_fd = -1};
    bool joined = false;
    int rc = host_stop_fd(&c.stop_fd, e);
    if (rc == 0)
        rc = actor_open(call->data, ROLE_NODE, NULL, NULL, &c.actor, e);
    if (rc != 0)
        return rc;
    rc = is_joined(&c, &joined, e);
    if (rc == 0 && !joined)
        rc = err_set(e, ERR_REFUSED,
                     "this directory has not finished joining: run join again with its "
                     "ticket");
    if (rc == 0)
        rc = verb_flag(call, "follow") ? sync_follow(&c, e) : sync_once(&c, e);
    actor_close(&c.actor);
    return rc;
}

static int run_sync(struct verb_call *call, struct err *e) {
    int lock_fd = -1;
    int rc = lock_take(call->data, &lock_fd, e);
    if (rc == 0)
        rc = sync_locked(call, e);
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
    .max_args = 1,
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
    &node_verb_status,
    &node_verb_report_list,
    &node_verb_report_show,
    &verb_sync,
    &node_verb_bundle_export,
    &node_verb_check,
    NULL,
};

static const struct verb_program program = {
    .name = "thidua-node",
    .version = THIDUA_VERSION,
    .about = N_("the office: records, seals and sends reports, and shows what became of them"),
    .verbs = verbs,
};

int main(int argc, char **argv) {
    struct world world;
    struct verb_call call;
    struct err e = {0};
    host_start();
    host_language(argc, argv, THIDUA_LOCALEDIR);
    host_world(&world);
    verb_call_init(&call, &world, NULL);
    if (crypto_start(&e) == 0)
        (void)verb_run(&program, argc, argv, &call, &e);
    int status = host_end(program.name, buf_slice(&call.out), buf_slice(&call.words), &e, &world);
    verb_call_done(&call);
    return status;
}
