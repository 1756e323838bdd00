#include "hub/hub.h"

#include "hub/arrivals.h"
#include "hub/enrolment.h"
#include "hub/greeting.h"
#include "hub/heard.h"
#include "node/renewal.h"
#include "node/standing_keep.h"
#include "proto/kinds.h"
#include "store/log.h"
#include "store/meta.h"
#include "store/stream.h"

#include <stdio.h>
#include <string.h>

void hub_init(struct hub *h, struct actor *actor, const struct world *world, const char *program,
              struct moment now) {
    *h = (struct hub){.actor = actor, .world = world, .program = program, .reference.started = now};
    post_init(&h->post);
    intake_init(&h->intake);
}

void hub_done(struct hub *h) {
    post_done(&h->post);
    intake_done(&h->intake);
    sessions_done(&h->sessions);
    mends_kept_done(&h->reference.mends);
    *h = (struct hub){0};
}

void hub_rest(struct hub *h) {
    intake_rest(&h->intake);
    post_rest(&h->post);
}

/* One step over one queue. */
struct step {
    struct hub *hub;
    struct txn *t;
    struct moment now;
    struct ingest ingest;
};

static enum doubt doubt_at(const struct step *st, struct moment at) {
    return doubt_clock(&st->hub->reference, st->hub->reference.last, at);
}

/* Find out whether the clock is in doubt now. Those below are asked where nobody above was. */
static int look_at_clock(struct step *st, struct err *e) {
    struct hub *h = st->hub;
    bool heard = !h->actor->is_root && h->welcomed;
    int rc = doubt_look(&h->reference, h->actor, st->t, heard ? NULL : &h->sessions, e);
    h->doubt = doubt_at(st, st->now);
    h->actor->clock_doubt = h->doubt != DOUBT_NONE;
    return rc;
}

/* A run of the child's outbox, or a part of one of its records. */
static int take_stream(struct step *st, struct session *s, const struct taken *f, struct err *e) {
    struct sync_taken taken;
    struct hub_events *events = &st->hub->events;
    if (!uid_equal(sync_stream_of(&f->frame), &s->outbox)) {
        s->refuse = REFUSED_FRAME;
        return 0;
    }
    if (st->hub->disk_low) { /* what is left is for receipts and our own acts */
        s->refuse = REFUSED_DISK;
        return 0;
    }
    st->ingest.carrier = s->actor;
    st->ingest.doubted = s->doubt;
    st->ingest.inbox = &s->inbox.stream;
    st->ingest.inbox_acked = s->inbox.acked.position;
    struct admit admit = ingest_admit(&st->ingest);
    int rc = sync_take(&admit, &f->frame, f->checked, f->at.wall, &taken, e);
    st->ingest.carrier = (struct hash){{0}};
    st->ingest.doubted = false;
    st->ingest.inbox = NULL;
    if (rc != 0)
        return rc;
    s->taken = taken.position;
    s->part = taken.part;
    if (taken.end > s->outbox_end)
        s->outbox_end = taken.end;
    s->ack_due = true;
    events->pending += taken.pending;
    events->refused += taken.refused;
    events->voided += taken.voided;
    events->forks += taken.forks;
    if (events->why.code == 0)
        events->why = taken.why;
    if (events->why_void.code == 0)
        events->why_void = taken.why_void;
    if (taken.no_room || taken.over)
        s->refuse = taken.over ? REFUSED_SHARE : REFUSED_PENDING;
    return 0;
}

/* A join by the holder of transport key `key`. */
static int take_join(struct step *st, const struct taken *in, const struct frame_join *join,
                     const struct public_key *key, struct err *e) {
    uint32_t refusal;
    struct hash actor;
    struct knock k = {join, *key, in->at.wall, {{0}}};
    st->hub->world->random(st->hub->world->arg, k.inbox.b, UID_BYTES);
    int rc = enrolment_join(&st->ingest, &k, &refusal, &actor, e);
    if (rc != 0)
        return rc;
    if (refusal != 0)
        return session_refuse(&st->hub->post, in->from.peer, refusal, e);
    st->hub->events.joined++;
    return enrolment_answer(st->t, &actor, &st->hub->post, in->from.peer, e);
}

/* The child asks for its next epoch; what is answered with nothing is asked again. */
static int take_renew(struct step *st, struct session *s, const struct frame_renew *renew,
                      struct err *e) {
    struct hub_events *events = &st->hub->events;
    uint32_t refusal = 0;
    if (s->doubt)
        return 0;
    int rc = enrolment_renew(&st->ingest, &s->actor, renew, st->now.wall, &refusal, e);
    if (rc != 0 || refusal == 0)
        return rc;
    s->refuse = refusal;
    if (refusal == REFUSED_TAKEN && events->refused++ == 0 && events->why.code == 0)
        enrolment_taken(st->hub->actor, &s->unit, st->now.wall, &events->why);
    return 0;
}

/* A guest's frame is a join or nothing; one whose key was ended is told so, whatever it says. Whom
 * this hub does not know it may know once the hub above has told it who it is itself. */
static int take_guest(struct step *st, const struct taken *in, const struct frame *f,
                      struct err *e) {
    struct member m;
    if (roster_by_transport(st->t, &in->from.transport_key, &m) && m.ended)
        return session_refuse_ended(&st->hub->sessions, st->t, &m.actor, &st->hub->post,
                                    in->from.peer, e);
    if (f->type == FRAME_JOIN)
        return take_join(st, in, &f->u.join, &in->from.transport_key, e);
    uint32_t refusal = !enrolment_is_told(st->t, st->hub->actor) ? REFUSED_BUSY
                       : f->type == FRAME_HELLO                  ? REFUSED_UNKNOWN
                                                                 : REFUSED_FRAME;
    return session_refuse(&st->hub->post, in->from.peer, refusal, e);
}

static int take_hello(struct step *st, const struct taken *in, const struct frame_greeting *said,
                      struct err *e) {
    struct hub *h = st->hub;
    if (session_speaking(&h->sessions, &in->from))
        return 0; /* a connection greets once */
    const struct greeted greeted = {h->actor, h->world, &h->sessions, &h->post, h->program};
    int rc = greeting_take(&greeted, st->t, st->now, &(struct hello){in->from, in->at, said}, e);
    return rc == 0 ? look_at_clock(st, e) : rc;
}

/* A frame of an enrolled child on its newest connection. */
static int take_known(struct step *st, const struct taken *in, const struct frame *f,
                      struct err *e) {
    struct member m;
    struct frame pong = {.type = FRAME_PONG,
                         .u.ping = {.nonce = f->u.ping.nonce, .clock = st->now.wall}};
    if (f->type == FRAME_HELLO)
        return take_hello(st, in, &f->u.greeting, e);
    if (f->type == FRAME_JOIN && roster_find(st->t, &in->from.actor, 1, &m)) /* a lost answer */
        return session_stands(st->t, &(struct session){.actor = m.actor, .epoch = 1})
                   ? take_join(st, in, &f->u.join, &m.transport_key, e)
                   : session_refuse_ended(&st->hub->sessions, st->t, &m.actor, &st->hub->post,
                                          in->from.peer, e);
    struct session *s = session_speaking(&st->hub->sessions, &in->from);
    if (!s || s->refuse != 0)
        return 0; /* its greeting was refused, a newer connection took over, or it is over */
    if (!session_stands(st->t, s)) {
        s->live = false;
        return session_refuse_ended(&st->hub->sessions, st->t, &s->actor, &st->hub->post, s->peer,
                                    e);
    }
    s->heard = true;
    s->heard_ms = in->at.boot_ms;
    switch (f->type) {
    case FRAME_RECORDS:
    case FRAME_PART:
        return take_stream(st, s, in, e);
    case FRAME_ACK:
        sync_acked(&s->inbox, &f->u.ack, st->now);
        if (f->u.ack.end > s->outbox_end)
            s->outbox_end = f->u.ack.end;
        greeting_acknowledged(st->t, s, &f->u.ack);
        return 0;
    case FRAME_PING:
        session_note_clock(s, f->u.ping.clock, in->at);
        s->ack_due = true; /* a frame of its stream that was lost is sent again */
        return post_put(&st->hub->post, s->peer, &pong, e);
    case FRAME_PONG:
        session_note_clock(s, f->u.ping.clock, in->at);
        drain_answered(&s->drain, &s->outbox, &f->u.ping);
        return 0;
    case FRAME_REFUSED:
        s->live = false;
        return 0;
    case FRAME_RENEW:
        return take_renew(st, s, &f->u.renew, e);
    case FRAME_HELLO:
    case FRAME_WELCOME:
    case FRAME_JOIN:
    case FRAME_JOINED:
        break;
    }
    s->refuse = REFUSED_FRAME;
    return 0;
}

/* What does not decode ends the connection. */
static int take_garbage(struct step *st, const struct taken *in, struct err *e) {
    struct session *s = session_speaking(&st->hub->sessions, &in->from);
    if (!s)
        return session_refuse(&st->hub->post, in->from.peer, REFUSED_FRAME, e);
    s->refuse = REFUSED_FRAME;
    return 0;
}

/* Whether this hub was replaced or revoked: whatever it states from there on is void, its receipts
 * too. A root hub goes on in a later epoch, and states then what it owes. */
static bool is_ended(const struct actor *a) {
    return !a->is_root && actor_state(a) == ACTOR_ENDED;
}

/* Whoever speaks to a hub that was ended is told so: a receipt would deceive it. */
static int take_in_vain(struct step *st, const struct taken *in, struct err *e) {
    struct session *s = session_speaking(&st->hub->sessions, &in->from);
    if (s)
        s->live = false;
    return session_refuse(&st->hub->post, in->from.peer, REFUSED_HUB_ENDED, e);
}

static int take_one(struct step *st, uint32_t i, struct err *e) {
    struct intake *queue = &st->hub->intake;
    const struct taken *in = &queue->list[i];
    int rc = intake_read(queue, i, e);
    if (rc != 0)
        return rc;
    if (is_ended(st->hub->actor))
        return take_in_vain(st, in, e);
    if (in->state == TAKEN_GARBAGE)
        return take_garbage(st, in, e);
    return in->from.guest ? take_guest(st, in, &in->frame, e) : take_known(st, in, &in->frame, e);
}

/* A clock that is in doubt proves nothing about due instants. */
static void note_heard(struct step *st, struct session *s) {
    instant proven = drain_proven(&s->drain, s->taken);
    bool doubt = !s->is_hub || doubt_at(st, st->now) != DOUBT_NONE;
    heard_note(st->t, &s->actor, &s->unit, st->now.wall, doubt ? INSTANT_NONE : proven);
}

/* Tell each child that spoke what is new for it, and how far its own stream is durable. What the
 * step put on the streams of others is sent by the next tick: most have nothing, and to look costs
 * as much as to take a frame. */
static int answer_all(struct step *st, struct err *e) {
    struct hub *h = st->hub;
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < h->sessions.n; i++) {
        struct session *s = &h->sessions.list[i];
        struct frame f = {.type = FRAME_ACK};
        greeting_look_due(h->actor, st->t, s);
        if (!s->live || !(s->heard || s->ack_due || s->refuse != 0))
            continue;
        if (s->heard)
            note_heard(st, s);
        s->heard = false;
        if (s->ack_due) {
            f.u.ack = greeting_ack(s, stream_end(st->t, &s->inbox.stream));
            rc = post_put(&h->post, s->peer, &f, e);
            s->ack_due = false;
        }
        if (rc == 0 && s->refuse != 0) {
            s->live = false;
            rc = session_refuse(&h->post, s->peer, s->refuse, e);
        } else if (rc == 0) {
            rc = sync_send(&s->inbox, st->t, &h->post, s->peer, st->now, e);
            rc = session_spare(s, &h->post, rc, &h->events.damage, e);
        }
    }
    return rc;
}

/*
 * What else came to be held here since the last step (a campaign issued by a command, what the hub
 * above sent) may be what a report from below waits for.
 */
static int wake_for_others(struct step *st, struct err *e) {
    struct admit admit = ingest_admit(&st->ingest);
    uint64_t woken = meta_u64(st->t, "woken"), last = log_last(st->t);
    int rc = 0;
    while (rc == 0 && woken < last) {
        struct log_walk w;
        struct hash id;
        log_walk_init(&w, st->t, 0, woken);
        bool found = log_walk_next(&w, &woken, &id);
        log_walk_done(&w); /* no write while a walk is open */
        if (!found)
            break;
        rc = admit_wake_held(&admit, &id, st->now.wall, e);
        if (rc == 0)
            rc = ingest_found(&st->ingest, &id, st->now.wall, e);
    }
    return rc;
}

/* State the receipts of what was taken so far. */
static int state_receipts(struct step *st, struct err *e) {
    doubt_note(&st->hub->reference, st->t, &st->ingest);
    return ingest_receipts(&st->ingest, st->now.wall, e);
}

static int run_step(struct step *st, struct err *e) {
    struct hub *h = st->hub;
    uint32_t joined = h->events.joined;
    int rc = look_at_clock(st, e);
    ingest_init(&st->ingest, h->actor, st->t, h->doubt != DOUBT_NONE);
    st->ingest.now = st->now.wall;
    if (rc == 0)
        rc = wake_for_others(st, e);
    if (rc == 0)
        rc = ingest_arrivals(&st->ingest, e);
    /* Before a hello is answered: a welcome promises what stands on the inbox by then. */
    if (rc == 0)
        rc = state_receipts(st, e);
    for (uint32_t i = 0; rc == 0 && i < h->intake.n; i++) {
        st->ingest.clock_doubt =
            h->doubt != DOUBT_NONE || doubt_at(st, h->intake.list[i].at) != DOUBT_NONE;
        rc = take_one(st, i, e);
        catalog_release(&h->actor->catalog); /* nobody looks at what was read before that */
        h->doubt = doubt_at(st, st->now);
    }
    if (rc == 0 && greeting_settle(st->t, &h->sessions))
        rc = ingest_arrivals(&st->ingest, e);
    if (rc == 0)
        rc = state_receipts(st, e);
    if (rc == 0)
        share_tell(&st->ingest.share, h->actor, st->now.wall, &h->events.over);
    if (rc == 0 && (h->news || h->events.joined > joined))
        rc = sessions_cut_ended(&h->sessions, st->t, &h->post, e);
    if (rc == 0)
        rc = answer_all(st, e);
    if (rc == 0 && meta_u64(st->t, "woken") != log_last(st->t)) /* a write costs its page */
        meta_put_u64(st->t, "woken", log_last(st->t));
    return rc;
}

/* Whether `peer` was told already: it has a session, or an earlier frame in the queue. */
static bool was_told(const struct hub *h, uint32_t n, uint32_t peer) {
    for (uint32_t i = 0; i < h->sessions.n; i++)
        if (h->sessions.list[i].live && h->sessions.list[i].peer == peer)
            return true;
    for (uint32_t i = 0; i < n; i++)
        if (h->intake.list[i].from.peer == peer)
            return true;
    return false;
}

/* The queue could not be taken: whoever is here has to come back and offer it again. */
static void send_all_away(struct hub *h) {
    struct err ignored = {0};
    post_drop(&h->post);
    for (uint32_t i = 0; i < h->sessions.n; i++)
        if (h->sessions.list[i].live)
            (void)session_refuse(&h->post, h->sessions.list[i].peer, REFUSED_BUSY, &ignored);
    for (uint32_t i = 0; i < h->intake.n; i++)
        if (!was_told(h, i, h->intake.list[i].from.peer))
            (void)session_refuse(&h->post, h->intake.list[i].from.peer, REFUSED_BUSY, &ignored);
    post_release(&h->post);
    sessions_clear(&h->sessions);
}

static void count(struct hub *h, const struct ingest *in) {
    h->events.valid += in->valid;
    h->events.rejected += in->rejected;
    h->events.held += in->held;
    h->events.again += in->again;
}

int hub_step(struct hub *h, struct moment now, struct err *e) {
    struct step st = {.hub = h, .now = now};
    if (h->intake.n == 0 && !h->news)
        return 0;
    int rc = actor_begin(h->actor, true, &st.t, e);
    if (rc == 0) {
        rc = run_step(&st, e);
        if (rc == 0)
            rc = actor_commit(h->actor, st.t, e);
        else
            actor_abort(h->actor, st.t);
        if (rc == 0)
            count(h, &st.ingest);
        ingest_done(&st.ingest);
    }
    if (rc == 0) {
        post_release(&h->post);
    } else {
        h->events = (struct hub_events){0}; /* nothing of it happened */
        mends_kept_done(&h->reference.mends);
        send_all_away(h);
    }
    intake_clear(&h->intake);
    return rc;
}

int hub_take(struct hub *h, const struct sender *from, struct moment at, struct slice frame,
             struct err *e) {
    return intake_take(&h->intake, from, at, frame, e);
}

void hub_exchange(struct hub *h, struct intake *in) {
    struct intake queue = h->intake;
    h->intake = *in;
    *in = queue;
}

static int send_news(struct hub *h, struct txn *t, struct moment now, struct err *e) {
    bool changed = txn_id(t) != h->sent;
    int rc = 0;
    h->sent = txn_id(t);
    for (uint32_t i = 0; rc == 0 && i < h->sessions.n; i++) {
        struct session *s = &h->sessions.list[i];
        if (!s->live)
            continue;
        if (changed)
            rc = sync_send(&s->inbox, t, &h->post, s->peer, now, e);
        rc = session_spare(s, &h->post, rc, &h->events.damage, e);
        if (!s->live)
            continue;
        if (rc == 0)
            rc = session_ping(s, &h->post, now, e);
        if (rc == 0 && drain_due(&s->drain, now))
            rc = session_ask_end(s, &h->post, ++h->asked, now, heard_next_due(h->actor, now.wall),
                                 e);
    }
    return rc;
}

/* After our store was found to be an old one: new streams, so whoever is connected comes again. The
 * child side, before it dials, may have made them. */
static int renew_streams(struct hub *h, struct err *e) {
    bool changed;
    int rc = renewal_prepare(h->actor, h->world, &changed, e);
    const struct uid *renewal = &h->actor->renewal;
    if (rc == 0 && (changed || (!uid_is_zero(renewal) && !uid_equal(renewal, &h->renewal))))
        send_all_away(h);
    h->renewal = *renewal;
    return rc;
}

void hub_heard_above(struct hub *h, const struct uplink *up) {
    if (up->state != UPLINK_LIVE)
        return;
    h->reference.parent_ahead_ms = up->parent_ahead_ms;
    h->welcomed = true;
}

int hub_tick(struct hub *h, struct moment now, struct err *e) {
    struct txn *t;
    if (h->trouble.code != 0) {
        *e = h->trouble;
        err_clear(&h->trouble);
        return e->code;
    }
    int rc = renew_streams(h, e);
    if (rc != 0)
        return rc;
    rc = actor_begin(h->actor, false, &t, e);
    if (rc != 0)
        return rc;
    struct step st = {.hub = h, .t = t, .now = now};
    rc = look_at_clock(&st, e);
    if (rc != 0) {
        actor_abort(h->actor, t);
        return rc;
    }
    bool due = !actor_holds_back(h->actor) && (h->actor->is_root || h->welcomed) &&
               heard_statement_due(h->actor, t, now.wall);
    h->news = log_last(t) > meta_u64(t, "woken") || arrivals_wait(h->actor, t);
    catch_up_look(&h->catch_up, t);
    rc = send_news(h, t, now, e);
    if (rc == 0)
        rc = txn_failed(t, e);
    actor_abort(h->actor, t); /* nothing was written */
    if (rc == 0)
        post_release(&h->post);
    else
        send_all_away(h);
    return rc == 0 && due ? heard_state_alone(h->actor, now.wall, e) : rc;
}

void hub_gone(struct hub *h, uint32_t peer) {
    for (uint32_t i = 0; i < h->sessions.n; i++)
        if (h->sessions.list[i].peer == peer)
            h->sessions.list[i].live = false;
}
