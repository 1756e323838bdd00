#include "node/call.h"

#include "node/joining.h"
#include "node/renewal.h"
#include "proto/endpoint.h"
#include "store/meta.h"

#include <poll.h>
#include <string.h>

void call_init(struct call *c, struct actor *actor, const struct world *world, const char *program,
               uplink_earliest *earliest) {
    *c = (struct call){.actor = actor,
                       .world = world,
                       .program = program,
                       .earliest = earliest,
                       .in_hand = INSTANT_NONE,
                       .pause_ms = CALL_PAUSE_MS_MIN};
}

void call_in_hand(struct call *c, instant first) {
    c->in_hand = c->uplink.in_hand = first;
}

static void hang_up(struct call *c) {
    if (c->state == CALL_TALKING)
        uplink_done(&c->uplink);
    link_free(c->link);
    c->link = NULL;
    c->state = CALL_RESTING;
}

void call_done(struct call *c) {
    hang_up(c);
}

/* Connect to the hub that the store of `actor` names, with its own keys or the `other` ones. */
static int dial(struct actor *actor, bool other, struct link **ret_link, struct err *e) {
    char address[ENDPOINT_TEXT];
    struct link_keys keys;
    struct slice v;
    uint8_t hub_key[DOOR_KEY];
    struct txn *t;
    int rc = txn_begin(actor->db, false, &t, e);
    if (rc != 0)
        return rc;
    bool known = meta_text(t, "hub.address", address, sizeof address) &&
                 txn_get(t, TABLE_META, slice_str("hub.key"), &v) && v.len == sizeof hub_key;
    if (known)
        memcpy(hub_key, v.data, sizeof hub_key);
    rc = txn_failed(t, e);
    txn_abort(t);
    if (rc == 0 && !known)
        rc = err_set(e, ERR_REFUSED, "this directory does not know its hub: join with a ticket");
    if (rc != 0)
        return rc;
    const struct key_pair *own = other ? actor->other_transport : actor->transport;
    memcpy(keys.public_key, key_pair_public(own)->b, sizeof keys.public_key);
    memcpy(keys.secret_key, key_pair_transport_secret(own), sizeof keys.secret_key);
    rc = link_connect(address, hub_key, &keys, CALL_PATIENCE_MS, ret_link, e);
    crypto_wipe(&keys, sizeof keys);
    return rc;
}

/* The connection is over because of `why`: rest, longer each time, with jitter. */
static void rest(struct call *c, struct moment now, const struct err *why) {
    uint16_t jitter;
    if (c->state == CALL_TALKING && c->uplink.state == UPLINK_LIVE)
        c->pause_ms = CALL_PAUSE_MS_MIN;
    if (c->state == CALL_TALKING && c->pause_ms > CALL_PAUSE_MS_TALKED)
        c->pause_ms = CALL_PAUSE_MS_TALKED;
    hang_up(c);
    c->world->random(c->world->arg, (uint8_t *)&jitter, sizeof jitter);
    c->again_ms = now.boot_ms + c->pause_ms + c->pause_ms * jitter / (2 * 65536);
    c->pause_ms = c->pause_ms * 2 < CALL_PAUSE_MS_MAX ? c->pause_ms * 2 : CALL_PAUSE_MS_MAX;
    c->why = *why;
    c->broke = true;
}

/* A refusal, or a failure of our own: for whoever goes on all the same, rest as after a break. */
static int give_up(struct call *c, struct moment now, const struct err *why, struct err *e) {
    rest(c, now, why);
    c->broke = false;
    *e = *why;
    return why->code;
}

static int send_post(struct call *c, struct err *e) {
    uint32_t peer;
    struct slice frame;
    while (post_next(&c->uplink.post, &peer, &frame)) {
        int rc = link_send(c->link, 0, frame, e);
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* Why the link failed. A hub that was replaced keeps its address, but not its key: an office that
 * calls it as before hears no more than that it is a stranger, each time; a line that drops, or a
 * hub that ends, looks the same once. */
static int link_broke(struct call *c, struct err *e) {
    enum reason why = link_failure(c->link, e);
    c->closed = why == REASON_CLOSED ? c->closed + 1 : 0;
    if (c->closed == 1) {
        e->msgid = N_("the line to %s dropped before the hub answered: nothing is lost, try again");
        return e->code;
    }
    if (why != REASON_CLOSED && why != REASON_WRONG_KEY)
        return e->code;
    if (c->actor->role == ROLE_HUB)
        e->msgid = N_("%s accepts connections but is no thidua hub, or not the one above this hub, "
                      "or the line broke; it is tried again. Where it stays so ask the office "
                      "above whether its hub was replaced, or put back without its actor.key");
    else
        e->msgid = N_("%s accepts connections but is no thidua hub, or not the one that this "
                      "machine joined, or the line broke; try again. The hub may have been "
                      "replaced: ask for a new ticket, join in a new directory, and bring what was "
                      "not sent with `template` and `import`");
    return e->code;
}

/* What the link came back with while the handshake or the talk goes on. */
static int take_event(struct call *c, int event, const struct link_frame *frame, struct moment now,
                      struct err *e) {
    if (event == LINK_CHANGED && link_state(c->link) == LINK_FAILED)
        return link_broke(c, e);
    if (c->state == CALL_CONNECTING && link_state(c->link) != LINK_READY)
        return now.boot_ms - c->dialed_ms < CALL_ANSWER_MS
                   ? 0
                   : err_set(e, ERR_AWAY, "the other side has left or does not keep up; try again");
    if (c->state == CALL_CONNECTING) {
        c->state = CALL_TALKING;
        c->closed = 0;
        uplink_init(&c->uplink, c->actor, c->program, c->earliest);
        c->uplink.in_hand = c->in_hand;
        return uplink_start(&c->uplink, now, e);
    }
    if (event == LINK_FRAME)
        return uplink_frame(&c->uplink, now, frame->bytes, e);
    return uplink_tick(&c->uplink, now, e);
}

static int talk(struct call *c, int timeout_ms, int watch, struct err *e) {
    struct link_frame frame;
    link_watch(c->link, watch);
    for (;;) {
        int event = link_recv(c->link, timeout_ms, &frame, e);
        int rc = event < 0 ? event : take_event(c, event, &frame, world_moment(c->world), e);
        if (rc == 0 && c->state == CALL_TALKING)
            rc = send_post(c, e);
        if (rc == 0 && c->state == CALL_TALKING && c->uplink.state == UPLINK_OVER) {
            *e = c->uplink.why;
            rc = e->code;
        }
        if (rc != 0 || event != LINK_FRAME)
            return rc;
        timeout_ms = 0;
    }
}

/* Refused while an answer is out: the keys that were asked for may be those that are known there.
 * If these are refused too, what was said of the others counts, in `why`. */
static bool tries_other_keys(struct call *c, struct moment now, struct err *why) {
    if (c->other_keys) {
        c->other_keys = false;
        *why = c->refused;
        return false;
    }
    if (!actor_rotates(c->actor) || !c->actor->other_transport)
        return false;
    c->refused = *why;
    rest(c, now, why);
    c->broke = false;
    c->again_ms = 0;
    c->other_keys = true;
    return true;
}

/* The break itself says what to try next: to show an enrolment, or to greet after that. */
static bool hurries(struct call *c, struct moment now, const struct err *why) {
    if (c->state != CALL_TALKING || !c->uplink.again || c->hurried == CALL_HURRIES)
        return false;
    c->hurried++;
    rest(c, now, why);
    c->broke = false;
    c->again_ms = 0;
    return true;
}

int call_pump(struct call *c, int timeout_ms, int watch, struct err *e) {
    struct moment now = world_moment(c->world);
    struct err why = {0};
    bool changed;
    int rc = 0;
    if (c->state == CALL_RESTING) {
        if (now.boot_ms < c->again_ms)
            return 0;
        c->dialed_ms = now.boot_ms;
        rc = renewal_prepare(c->actor, c->world, &changed, &why);
        c->other_keys = c->other_keys && actor_rotates(c->actor) && c->actor->other_transport;
        if (rc == 0)
            rc = dial(c->actor, c->other_keys, &c->link, &why);
        if (rc == 0)
            c->state = CALL_CONNECTING;
    }
    if (rc == 0)
        rc = talk(c, timeout_ms, watch, &why);
    if (rc == 0)
        return 0;
    if (rc == ERR_REFUSED && tries_other_keys(c, now, &why))
        return 0;
    if (hurries(c, now, &why))
        return 0;
    c->hurried = 0;
    if (rc != ERR_AWAY)
        return give_up(c, now, &why, e);
    rest(c, now, &why);
    return 0;
}

bool call_settled(const struct call *c) {
    return c->state == CALL_TALKING && uplink_settled(&c->uplink);
}

bool call_rest(const struct call *c, int watch) {
    struct pollfd p = {.fd = watch, .events = POLLIN};
    int64_t ms = c->state == CALL_RESTING ? c->again_ms - c->world->boot_ms(c->world->arg) : 0;
    return poll(&p, 1, ms > 0 ? (int)ms : 0) > 0;
}

/* The break that a store which was put back makes once, to begin with new streams, and once that of
 * a line that was closed too soon: dial again. */
static bool begins_anew(struct call *c, bool *renewed, bool *redialed) {
    bool renews = c->actor->spent && !*renewed, redials = c->closed == 1 && !*redialed;
    if (!c->broke || (!renews && !redials))
        return false;
    *renewed |= renews;
    *redialed |= redials;
    c->broke = false;
    c->again_ms = 0;
    return true;
}

int call_once(struct actor *actor, const struct world *world, const char *program,
              uplink_earliest *earliest, int watch, uint32_t *ret_received, struct err *e) {
    struct call c;
    bool renewed = false, redialed = false;
    int rc = 0;
    call_init(&c, actor, world, program, earliest);
    while (rc == 0 && (!c.broke || begins_anew(&c, &renewed, &redialed)) && !call_settled(&c) &&
           !call_rest(&c, watch))
        rc = call_pump(&c, CALL_TICK_MS, watch, e);
    if (rc == 0 && c.broke) {
        *e = c.why;
        rc = e->code;
    }
    *ret_received = call_settled(&c) ? c.uplink.received : 0;
    call_done(&c);
    return rc;
}

static int send_request(struct actor *actor, const struct ticket *ticket, struct link *link,
                        struct err *e) {
    struct post post;
    uint32_t peer;
    struct slice frame;
    post_init(&post);
    int rc = joining_request(actor, ticket, &post, e);
    while (rc == 0 && post_next(&post, &peer, &frame))
        rc = link_send(link, 0, frame, e);
    post_done(&post);
    return rc;
}

/* One turn of waiting for the answer; 1 once it was taken. */
static int await_answer(struct actor *actor, const struct ticket *ticket, struct link *link,
                        bool *asked, struct err *e) {
    struct link_frame frame;
    int event = link_recv(link, CALL_TICK_MS, &frame, e);
    if (event < 0)
        return event;
    if (event == LINK_FRAME) {
        int rc = joining_answer(actor, frame.bytes, e);
        return rc == 0 ? 1 : rc;
    }
    if (event == LINK_WATCHED)
        return err_set(e, ERR_AWAY, "stopped: run the same command again with the same ticket");
    if (link_state(link) == LINK_FAILED) {
        link_failure(link, e);
        return e->code;
    }
    if (link_state(link) != LINK_READY || *asked)
        return 0;
    *asked = true;
    return send_request(actor, ticket, link, e);
}

int call_join(struct actor *actor, const struct ticket *ticket, const struct world *world,
              int watch, struct err *e) {
    struct link *link = NULL;
    bool asked = false;
    int64_t until_ms = world->boot_ms(world->arg) + CALL_ANSWER_MS;
    int rc = dial(actor, false, &link, e);
    if (rc == 0)
        link_watch(link, watch);
    while (rc == 0) {
        rc = await_answer(actor, ticket, link, &asked, e);
        if (rc == 0 && world->boot_ms(world->arg) > until_ms)
            rc = err_set(e, ERR_AWAY,
                         "the hub at %s did not answer: run the same command again with "
                         "the same ticket",
                         ticket->address);
    }
    link_free(link);
    return rc < 0 ? rc : 0;
}
