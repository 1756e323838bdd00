#include "node/uplink.h"

#include "core/limits.h"
#include "core/mem.h"
#include "node/joining.h"
#include "node/pending.h"
#include "node/renewal.h"
#include "proto/kinds.h"
#include "proto/refusal.h"
#include "store/log.h"
#include "store/meta.h"
#include "store/stream.h"

#include <stdio.h>
#include <string.h>

#define SHOWN_ROOM 64u /* for what a join has beside its record */
#define SHOWN_MOST 12u /* of the frames that a guest may send on one connection */

void uplink_init(struct uplink *u, struct actor *actor, const char *program,
                 uplink_earliest *earliest) {
    *u = (struct uplink){
        .actor = actor, .earliest = earliest, .in_hand = INSTANT_NONE, .program = program};
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
    g->features = FEATURE_BATCH | FEATURE_PARTS;
    g->deployment = u->actor->deployment;
    g->actor = u->actor->id;
    g->epoch = u->actor->epoch;
    g->outbox = u->actor->outbox;
    g->outbox_position = stream_end(t, &u->actor->outbox);
    if (meta_uid(t, "inbox", &u->inbox))
        read = cursor_get(t, &u->actor->parent, &u->inbox);
    u->inbox_position = read.position;
    u->inbox_part = sync_part_here(t, &u->actor->parent, &u->inbox);
    g->inbox = u->inbox;
    g->inbox_position = read.position;
    g->digest = read.digest;
    g->part = u->inbox_part;
    g->heads = heads;
    g->clock = now.wall;
    g->program = program;
    renewal_heads(u->actor, t, &u->actor->id, NULL, heads, &g->n_heads);
    int rc = post_put(&u->post, 0, &f, e);
    mem_free(heads);
    return rc;
}

/* Stage a join that shows `enrolment`, unless it is larger than what a guest may send. */
static int put_enrolment(struct uplink *u, struct slice enrolment, struct err *e) {
    struct frame f = {.type = FRAME_JOIN, .u.join = {.record = enrolment}};
    if (enrolment.len > LIMIT_GUEST_FRAME - SHOWN_ROOM)
        return 0;
    memset(f.u.join.token, 0xff, sizeof f.u.join.token); /* no ticket: it has to be something */
    u->shows++;
    return post_put(&u->post, 0, &f, e);
}

/*
 * Stage, each in a join, the last enrolments of this machine by its parent, as many as a guest may
 * send, the earlier first: one whose store was put back knows nobody whom it enrolled since it was
 * copied. Where the stream has brought none yet, the one that the join was answered with.
 */
static int put_enrolments(struct uplink *u, struct txn *t, struct err *e) {
    struct member m;
    struct record r;
    struct slice answered;
    int rc = 0;
    uint32_t last = roster_epoch(t, &u->actor->id);
    uint32_t at = last > SHOWN_MOST ? last - SHOWN_MOST + 1 : 1;
    if (last == 0 && joining_enrolment(t, &answered))
        return put_enrolment(u, answered, e);
    for (; rc == 0 && roster_find(t, &u->actor->id, at, &m); at++)
        if (hash_equal(&m.enroller, &u->actor->parent) && log_held(t, &m.record, &r))
            rc = put_enrolment(u, r.bytes, e);
    return rc;
}

int uplink_start(struct uplink *u, struct moment now, struct err *e) {
    struct txn *t;
    int rc = actor_begin(u->actor, false, &t, e);
    if (rc != 0)
        return rc;
    u->state = UPLINK_GREETING;
    u->heard_ms = u->pinged_ms = now.boot_ms;
    struct sync_place from = {.position = meta_u64(t, "outbox.acked")};
    sync_out_start(&u->out, &u->actor->outbox, from, LIMIT_BATCH_RECORDS, SYNC_LARGE_WAIT);
    if (meta_u64(t, "refused") == REFUSED_UNKNOWN)
        rc = put_enrolments(u, t, e);
    if (rc == 0 && !u->shows)
        rc = put_hello(u, t, now, e);
    if (rc == 0 && !u->shows)
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

/* Hand back to the parent what it lacks of its own, and, where it does not go on with the stream
 * that was read here, of all above it. */
static int give_back(struct uplink *u, struct txn *t, const struct frame_greeting *g,
                     struct err *e) {
    bool gave, lost = !uid_is_zero(&u->inbox) && !uid_equal(&u->inbox, &g->inbox);
    struct renewal_gift gift = {.heads = g->heads, .n = g->n_heads, .stream = &u->actor->outbox};
    struct renewal_authors of;
    int rc = 0;
    renewal_authors(u->actor, t, &u->actor->parent, lost, &of);
    for (uint32_t i = 0; rc == 0 && i < of.n; i++) {
        gift.of = &of.list[i];
        rc = renewal_give(u->actor, t, &gift, &gave, e);
    }
    return rc;
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
        u->out.acked.position < stream_end(t, &u->out.stream) ||
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
    struct sync_place from = {g->outbox_position, g->part};
    struct sync_out first = u->out; /* its runs are on their way */
    sync_out_start(&u->out, &u->actor->outbox, from, credits, sync_large_of(g->features));
    sync_out_resume(&u->out, &first);
    if (!uid_equal(&g->inbox, &u->inbox)) {
        u->inbox = g->inbox;
        u->inbox_position =
            0; /* what was read under that name may have been another branch of it */
        u->inbox_part = 0;
        cursor_put(t, &u->actor->parent, &u->inbox, &(struct cursor){0});
        meta_put_uid(t, "inbox", &u->inbox);
    }
    u->inbox_end = g->inbox_end;
    u->parent_ahead_ms = g->clock - now.wall;
    u->state = UPLINK_LIVE;
    meta_put_u64(t, "outbox.acked", g->outbox_position);
    actor_put_answer(u->actor, t, NULL, now.wall);
    rc = sync_send(&u->out, t, &u->post, 0, now, e);
    return rc == 0 && !uid_is_zero(&u->actor->rotation) ? ask_renewal(u, t, now, e) : rc;
}

static int put_ack(struct uplink *u, struct txn *t, struct err *e) {
    struct frame f = {.type = FRAME_ACK};
    f.u.ack = (struct frame_ack){.stream = u->inbox,
                                 .position = u->inbox_position,
                                 .credits = LIMIT_CREDITS,
                                 .end = stream_end(t, &u->actor->outbox),
                                 .part = u->inbox_part};
    return post_put(&u->post, 0, &f, e);
}

/* What waits here may be a child's, and is receipted by this clock once that has brought the rest.
 * Its hub knows what the greeting said of that only when it looks next. */
static bool is_clock_doubted(const struct uplink *u) {
    return u->actor->clock_doubt || u->parent_ahead_ms > UPLINK_APART_MS ||
           u->parent_ahead_ms < -UPLINK_APART_MS;
}

/* A run of the inbox, or a part of one of its records. */
static int take_stream(struct uplink *u, struct txn *t, struct moment now, const struct frame *f,
                       struct err *e) {
    struct admit admit = {.actor = u->actor, .t = t, .origin = ORIGIN_ABOVE};
    struct sync_taken taken;
    if (!uid_equal(sync_stream_of(f), &u->inbox))
        return 0;
    admit.carrier = u->actor->parent;
    admit.clock_doubt = is_clock_doubted(u);
    int rc = sync_take(&admit, f, NULL, now.wall, &taken, e);
    if (rc != 0)
        return rc;
    u->inbox_position = taken.position;
    u->inbox_part = taken.part;
    u->received += taken.held;
    if (taken.end > u->inbox_end)
        u->inbox_end = taken.end;
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
    meta_put_u64(t, "outbox.acked", u->out.acked.position);
    if (ack->end > u->inbox_end)
        u->inbox_end = ack->end;
    int rc = ask_renewal(u, t, now, e);
    return rc != 0 ? rc : sync_send(&u->out, t, &u->post, 0, now, e);
}

/*
 * The answer to a ping says how much there is to be said at this moment: once the parent has all of
 * that, it knows up to when nothing is left here. Whoever lacks records of its own cannot say.
 */
static int put_pong(struct uplink *u, struct txn *t, struct moment now, const struct frame_ping *in,
                    struct err *e) {
    struct frame f = {.type = FRAME_PONG, .u.ping = {.nonce = in->nonce, .clock = now.wall}};
    if (!u->actor->spent) {
        f.u.ping.clock = u->earliest(t, now.wall);
        if (u->in_hand != INSTANT_NONE && u->in_hand < f.u.ping.clock)
            f.u.ping.clock = u->in_hand;
        f.u.ping.stream = u->actor->outbox;
        f.u.ping.end = stream_end(t, &u->actor->outbox);
    }
    return post_put(&u->post, 0, &f, e);
}

/* Over; a refusal that stays one until a person acts is remembered. */
static void take_refused(struct uplink *u, struct txn *t, struct moment now,
                         const struct frame_refused *r) {
    if (u->shows > 1 && r->code == REFUSED_UNKNOWN) { /* of an epoch that was ended, perhaps */
        u->shows--;
        return;
    }
    u->state = UPLINK_OVER;
    u->again = r->code == (u->shows > 0 ? REFUSED_BUSY : REFUSED_UNKNOWN);
    if (u->shows > 0 && r->code == REFUSED_BUSY) {
        actor_put_answer(u->actor, t, NULL, now.wall);
        (void)err_set(&u->why, ERR_AWAY,
                      "the hub did not know this machine and was shown how it enrolled it: its "
                      "data was put back from an older copy; nothing is lost, try again");
        return;
    }
    if (r->code == REFUSED_BUSY && u->actor->spent && !actor_rotates(u->actor)) {
        (void)err_set(&u->why, ERR_AWAY,
                      "this data directory is an older copy, or another copy of it is in use: what "
                      "was missing is here, and the hub lets it go on in a while, later each time; "
                      "try again, and where two machines use one directory stop one of them and "
                      "ask the hub for a ticket for it");
        return;
    }
    if (refusal_words(r, &u->why) == ERR_REFUSED)
        actor_put_answer(u->actor, t, r, now.wall);
}

static int take(struct uplink *u, struct txn *t, struct moment now, const struct frame *f,
                struct err *e) {
    switch (f->type) {
    case FRAME_WELCOME:
        return u->state == UPLINK_GREETING ? take_welcome(u, t, now, &f->u.greeting, e) : 0;
    case FRAME_RECORDS:
    case FRAME_PART:
        return u->state == UPLINK_LIVE ? take_stream(u, t, now, f, e) : 0;
    case FRAME_ACK:
        return u->state == UPLINK_LIVE ? take_ack(u, t, now, &f->u.ack, e) : 0;
    case FRAME_REFUSED:
        take_refused(u, t, now, &f->u.refused);
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
    struct err why;
    err_init(&why);
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
    return u->state == UPLINK_LIVE && u->out.acked.position == u->out.end &&
           u->inbox_position >= u->inbox_end && !u->actor->spent &&
           (uid_is_zero(&u->actor->rotation) || !u->actor->other_sign);
}
