#include "node/uplink.h"

#include "core/limits.h"
#include "core/mem.h"
#include "node/renewal.h"
#include "proto/kinds.h"
#include "store/key.h"
#include "store/log.h"
#include "store/meta.h"
#include "store/stream.h"

#include <stdio.h>

void uplink_init(struct uplink *u, struct actor *actor, const char *program) {
    *u = (struct uplink){.actor = actor, .program = program};
    post_init(&u->post);
}

void uplink_done(struct uplink *u) {
    post_done(&u->post);
}

static void over(struct uplink *u, int code, const char *msgid) {
    u->state = UPLINK_OVER;
    if (u->why.code == 0)
        u->why = (struct err){.code = code, .msgid = msgid};
}

/* What is lacking comes over new streams, so by another connection. */
static void over_as_old_copy(struct uplink *u) {
    over(u, ERR_AWAY,
         "this data directory is an older copy of what this machine has stated: the hub hands back "
         "what is missing");
}

/* Let what was staged leave; after a failure nothing more comes of this connection. */
static int settle(struct uplink *u, int rc, const struct err *e) {
    if (rc == 0) {
        post_release(&u->post);
        return 0;
    }
    post_drop(&u->post);
    u->state = UPLINK_OVER;
    if (e && u->why.code == 0)
        u->why = *e;
    return rc;
}

static int put_hello(struct uplink *u, struct txn *t, struct moment now, struct err *e) {
    struct lane_head *heads = mem_alloc(LIMIT_HEADS * sizeof *heads);
    struct cursor read = {0};
    char program[64];
    struct frame f = {.type = FRAME_HELLO};
    struct frame_greeting *g = &f.u.greeting;
    if (!heads)
        return err_nomem(e);
    (void)snprintf(program, sizeof program, "%s", u->program);
    g->version_min = g->version_max = PROTOCOL_VERSION;
    g->features = FEATURE_BATCH;
    g->deployment = u->actor->deployment;
    g->actor = u->actor->id;
    g->epoch = u->actor->epoch;
    g->outbox = u->actor->outbox;
    g->outbox_position = stream_end(t, &u->actor->outbox);
    if (meta_uid(t, "inbox", &u->inbox))
        read = cursor_get(t, &u->actor->parent, &u->inbox);
    u->inbox_position = read.position;
    g->inbox = u->inbox;
    g->inbox_position = read.position;
    g->digest = read.digest;
    g->heads = heads;
    g->clock = now.wall;
    g->program = program;
    renewal_heads(u->actor, t, &u->actor->id, NULL, heads, &g->n_heads);
    int rc = post_put(&u->post, 0, &f, e);
    mem_free(heads);
    return rc;
}

int uplink_start(struct uplink *u, struct moment now, struct err *e) {
    struct txn *t;
    int rc = actor_begin(u->actor, false, &t, e);
    if (rc != 0)
        return rc;
    u->state = UPLINK_GREETING;
    u->heard_ms = u->pinged_ms = now.boot_ms;
    sync_out_start(&u->out, &u->actor->outbox, meta_u64(t, "outbox.acked"), LIMIT_BATCH_RECORDS);
    rc = put_hello(u, t, now, e);
    if (rc == 0)
        rc = sync_send(&u->out, t, &u->post, 0, now, e);
    if (rc == 0)
        rc = txn_failed(t, e);
    actor_abort(u->actor, t); /* nothing was written */
    return settle(u, rc, e);
}

/* Whether the parent had from us what is not here: this directory was copied, or put back. */
static bool is_old_copy(struct uplink *u, struct txn *t, const struct frame_greeting *g) {
    struct uid digest;
    return !stream_digest(t, &u->actor->outbox, g->outbox_position, &digest) ||
           !uid_equal(&digest, &g->digest) || renewal_lacks(u->actor, t, g->heads, g->n_heads);
}

/* Hand back to the parent what it lacks of its own; to the root hub, of the root key's too. */
static int give_back(struct uplink *u, struct txn *t, const struct frame_greeting *g,
                     struct err *e) {
    bool gave;
    struct renewal_gift gift = {
        .of = &u->actor->parent, .heads = g->heads, .n = g->n_heads, .stream = &u->actor->outbox};
    struct hash keys[ROOT_KEYS];
    uint32_t n = renewal_granters(t, gift.of, keys);
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < n; i++) { /* its epochs, before what it stated in them */
        gift.of = &keys[i];
        rc = renewal_give(u->actor, t, &gift, &gave, e);
    }
    gift.of = &u->actor->parent;
    return rc == 0 ? renewal_give(u->actor, t, &gift, &gave, e) : rc;
}

/* Whether our streams have to be made anew, which is done before the next connection. */
static bool is_unprepared(struct uplink *u) {
    if (!u->actor->spent || !uid_is_zero(&u->actor->renewal))
        return false;
    over_as_old_copy(u);
    return true;
}

/* Ask for the next epoch once all that the parent hands back is here: also what it answers forks
 * with, so it has to have all that is here. */
static int ask_renewal(struct uplink *u, struct txn *t, struct moment now, struct err *e) {
    if (u->state != UPLINK_LIVE || u->inbox_position < u->inbox_end ||
        u->out.acked < stream_end(t, &u->out.stream) ||
        (u->asked && now.boot_ms - u->asked_ms < RESEND_MS) ||
        (!u->actor->spent && !renewal_begin(u->actor, t)))
        return 0;
    u->asked = true;
    u->asked_ms = now.boot_ms;
    return renewal_ask(u->actor, t, &u->post, e);
}

static int take_welcome(struct uplink *u, struct txn *t, struct moment now,
                        const struct frame_greeting *g, struct err *e) {
    if (g->version_max != PROTOCOL_VERSION) {
        over(u, ERR_AWAY,
             "the hub speaks another version of the protocol: update the older program");
        return 0;
    }
    if (!hash_equal(&g->actor, &u->actor->parent)) {
        over(u, ERR_REFUSED, "this is not the hub that enrolled this machine: check the ticket");
        return 0;
    }
    if (is_old_copy(u, t, g))
        renewal_lost(u->actor, t);
    if (is_unprepared(u))
        return 0;
    int rc = give_back(u, t, g, e);
    if (rc != 0)
        return rc;
    uint32_t credits = g->credits < LIMIT_CREDITS ? g->credits : LIMIT_CREDITS;
    struct sync_out first = u->out; /* its run is on its way */
    sync_out_start(&u->out, &u->actor->outbox, g->outbox_position, credits);
    sync_out_resume(&u->out, &first);
    if (!uid_equal(&g->inbox, &u->inbox)) {
        u->inbox = g->inbox;
        u->inbox_position = cursor_get(t, &u->actor->parent, &u->inbox).position;
        meta_put_uid(t, "inbox", &u->inbox);
    }
    u->inbox_end = g->inbox_end;
    u->parent_ahead_ms = g->clock - now.wall;
    u->state = UPLINK_LIVE;
    meta_put_u64(t, "outbox.acked", g->outbox_position);
    if (meta_u64(t, "refused") != 0)
        meta_put_u64(t, "refused", 0);
    rc = sync_send(&u->out, t, &u->post, 0, now, e);
    return rc == 0 && !uid_is_zero(&u->actor->rotation) ? ask_renewal(u, t, now, e) : rc;
}

static int put_ack(struct uplink *u, struct txn *t, struct err *e) {
    struct frame f = {.type = FRAME_ACK};
    f.u.ack = (struct frame_ack){u->inbox, u->inbox_position, LIMIT_CREDITS,
                                 stream_end(t, &u->actor->outbox)};
    return post_put(&u->post, 0, &f, e);
}

static int take_records(struct uplink *u, struct txn *t, struct moment now,
                        const struct frame_records *in, struct err *e) {
    struct admit admit = {.actor = u->actor, .t = t, .origin = ORIGIN_ABOVE};
    struct sync_taken taken;
    if (!uid_equal(&in->stream, &u->inbox))
        return 0;
    admit.carrier = u->actor->parent;
    int rc = sync_take(&admit, in, NULL, now.wall, &taken, e);
    if (rc != 0)
        return rc;
    u->inbox_position = taken.position;
    u->received += taken.held;
    if (in->end > u->inbox_end)
        u->inbox_end = in->end;
    if (taken.no_room)
        over(u, ERR_AWAY, "too many records wait for what they build on: try again later");
    rc = ask_renewal(u, t, now, e);
    if (rc == 0)
        rc = put_ack(u, t, e);
    return rc == 0 ? sync_send(&u->out, t, &u->post, 0, now, e) : rc; /* what it led to */
}

static int take_ack(struct uplink *u, struct txn *t, struct moment now, const struct frame_ack *ack,
                    struct err *e) {
    if (!uid_equal(&ack->stream, &u->actor->outbox))
        return 0;
    sync_acked(&u->out, ack, now);
    meta_put_u64(t, "outbox.acked", u->out.acked);
    if (ack->end > u->inbox_end)
        u->inbox_end = ack->end;
    int rc = ask_renewal(u, t, now, e);
    return rc != 0 ? rc : sync_send(&u->out, t, &u->post, 0, now, e);
}

/* The earliest instant that a receipt still to come may bear: now, unless what came before waits
 * for its receipt. */
static instant earliest_receipt(struct txn *t, instant now) {
    struct walk w;
    struct slice key, value;
    walk_init(&w, t, TABLE_ARRIVALS, slice_of(NULL, 0));
    while (walk_next(&w, &key, &value)) {
        struct reader v = reader_of(value);
        instant came = (instant)reader_u64(&v);
        if (!v.failed && came < now)
            now = came;
    }
    walk_done(&w);
    return now;
}

/*
 * The answer to a ping says how much there is to be said at this moment: once the parent has all of
 * that, it knows up to when nothing is left here. Whoever lacks records of its own cannot say.
 */
static int put_pong(struct uplink *u, struct txn *t, struct moment now, const struct frame_ping *in,
                    struct err *e) {
    struct frame f = {.type = FRAME_PONG, .u.ping = {.nonce = in->nonce, .clock = now.wall}};
    if (!u->actor->spent) {
        f.u.ping.clock = earliest_receipt(t, now.wall);
        f.u.ping.stream = u->actor->outbox;
        f.u.ping.end = stream_end(t, &u->actor->outbox);
    }
    return post_put(&u->post, 0, &f, e);
}

/* Over; a refusal that stays one until a person acts is remembered, for `status`. */
static void take_refused(struct uplink *u, struct txn *t, const struct frame_refused *r) {
    u->state = UPLINK_OVER;
    if (frame_refusal_words(r, &u->why) != ERR_REFUSED)
        return;
    meta_put_u64(t, "refused", r->code);
    meta_put_text(t, "refused.when", r->n_args > 0 ? r->args[0] : "");
    meta_put_text(t, "refused.why", r->n_args > 1 ? r->args[1] : "");
}

static int take(struct uplink *u, struct txn *t, struct moment now, const struct frame *f,
                struct err *e) {
    switch (f->type) {
    case FRAME_WELCOME:
        return u->state == UPLINK_GREETING ? take_welcome(u, t, now, &f->u.greeting, e) : 0;
    case FRAME_RECORDS:
        return u->state == UPLINK_LIVE ? take_records(u, t, now, &f->u.records, e) : 0;
    case FRAME_ACK:
        return u->state == UPLINK_LIVE ? take_ack(u, t, now, &f->u.ack, e) : 0;
    case FRAME_REFUSED:
        take_refused(u, t, &f->u.refused);
        return 0;
    case FRAME_PING:
        return put_pong(u, t, now, &f->u.ping, e);
    case FRAME_PONG:
        return 0;
    case FRAME_HELLO:
    case FRAME_JOIN:
    case FRAME_JOINED:
    case FRAME_RENEW:
        break;
    }
    over(u, ERR_AWAY, "the hub sent a frame that makes no sense here: update the older program");
    return 0;
}

/* Whether our streams were made anew since this connection began: then it is over. */
static bool is_stale(struct uplink *u) {
    bool stale = !uid_equal(&u->out.stream, &u->actor->outbox);
    if (stale)
        over(u, ERR_AWAY, "this machine's streams were made anew: it connects again");
    return stale;
}

/* Run `f` in a write transaction of its own; frames leave only if it commits. */
static int step(struct uplink *u, struct moment now, const struct frame *f, struct err *e) {
    struct txn *t;
    int rc = actor_begin(u->actor, true, &t, e);
    if (rc != 0)
        return settle(u, rc, e);
    meta_put_u64(t, "heard", (uint64_t)now.wall);
    if (!is_stale(u))
        rc = take(u, t, now, f, e);
    if (rc == 0 && u->state == UPLINK_LIVE)
        (void)is_unprepared(u); /* what came may have shown it */
    if (rc != 0)
        actor_abort(u->actor, t);
    else
        rc = actor_commit(u->actor, t, e);
    return settle(u, rc, e);
}

int uplink_frame(struct uplink *u, struct moment now, struct slice frame, struct err *e) {
    struct arena a;
    struct frame f;
    struct err why = {0};
    if (u->state == UPLINK_OVER)
        return 0;
    arena_init(&a, FRAME_ARENA_BYTES);
    int rc = frame_decode(frame, &a, &f, &why);
    if (rc == 0) {
        if (u->state == UPLINK_LIVE || f.type == FRAME_WELCOME) /* until then nothing else counts */
            u->heard_ms = now.boot_ms;
        rc = step(u, now, &f, e);
    } else if (rc == ERR_NOMEM) {
        err_nomem(e);
    } else {
        over(u, ERR_AWAY, "what answers there does not speak as a thidua hub: check the address");
        rc = 0;
    }
    arena_done(&a);
    return rc;
}

/* Ask whether the parent is there, and say how far its stream has come. */
static int ping(struct uplink *u, struct txn *t, struct moment now, struct err *e) {
    struct frame f = {.type = FRAME_PING, .u.ping = {.nonce = 0, .clock = now.wall}};
    if (now.boot_ms - u->heard_ms < UPLINK_PING_MS || now.boot_ms - u->pinged_ms < UPLINK_PING_MS)
        return 0;
    u->pinged_ms = now.boot_ms;
    int rc = post_put(&u->post, 0, &f, e);
    return rc == 0 ? put_ack(u, t, e) : rc;
}

int uplink_tick(struct uplink *u, struct moment now, struct err *e) {
    struct txn *t;
    if (u->state != UPLINK_OVER && now.boot_ms - u->heard_ms >= UPLINK_SILENCE_MS)
        over(u, ERR_AWAY, "the hub stopped answering: nothing is lost, try again later");
    if (u->state != UPLINK_LIVE)
        return 0;
    bool rotates = !uid_is_zero(&u->actor->rotation); /* asking for new keys is written down */
    int rc = actor_begin(u->actor, rotates, &t, e);
    if (rc != 0)
        return rc;
    if (!is_stale(u)) {
        rc = sync_send(&u->out, t, &u->post, 0, now, e);
        if (rc == 0 && (rotates || u->actor->spent))
            rc = ask_renewal(u, t, now, e);
        if (rc == 0)
            rc = ping(u, t, now, e);
    }
    if (rc == 0 && rotates)
        rc = actor_commit(u->actor, t, e);
    else
        actor_abort(u->actor, t); /* nothing was written */
    return settle(u, rc, e);
}

bool uplink_settled(const struct uplink *u) {
    return u->state == UPLINK_LIVE && u->out.acked == u->out.end &&
           u->inbox_position >= u->inbox_end && !u->actor->spent &&
           (uid_is_zero(&u->actor->rotation) || !u->actor->other_sign);
}
