#include "hub/greeting.h"

#include "core/limits.h"
#include "core/mem.h"
#include "hub/arrivals.h"
#include "node/renewal.h"
#include "node/route.h"
#include "proto/kinds.h"
#include "store/stream.h"

#include <stdio.h>

struct greeting {
    const struct greeted *hub;
    struct txn *t;
    struct moment now;
    const struct hello *hello;
    const struct frame_greeting *said; /* by the child */
    struct member member;
    struct child child;
    bool known; /* the child reads the stream that we have for it */
};

/* Who the child is. An epoch of its own that is not known here may be what it hands back, and one
 * that was ended may have been followed by another that it does not know of: then its last one that
 * is. */
static bool find_member(struct greeting *x) {
    const struct hash *actor = &x->said->actor;
    return (roster_find(x->t, actor, x->said->epoch, &x->member) && !x->member.ended) ||
           roster_find(x->t, actor, roster_epoch(x->t, actor), &x->member);
}

/* Why it cannot be taken; 0: it can. */
static uint32_t refusal_of(struct greeting *x) {
    const struct frame_greeting *g = x->said;
    if (g->version_min > PROTOCOL_VERSION || g->version_max < PROTOCOL_VERSION)
        return REFUSED_VERSION;
    if (!hash_equal(&g->deployment, &x->hub->actor->deployment))
        return REFUSED_DEPLOYMENT;
    if (!hash_equal(&g->actor, &x->hello->from.actor) || !find_member(x) ||
        !actor_child(x->t, &x->member.unit, &x->member.actor, &x->child))
        return x->hub->actor->spent ? REFUSED_BUSY : REFUSED_UNKNOWN;
    return x->member.ended ? REFUSED_ENDED : 0;
}

/* Whether the child read, or says so, what is not on the stream. */
static bool read_too_much(struct greeting *x) {
    struct uid digest;
    x->known = uid_equal(&x->said->inbox, &x->child.inbox);
    return x->known && (!stream_digest(x->t, &x->child.inbox, x->said->inbox_position, &digest) ||
                        !uid_equal(&digest, &x->said->digest));
}

/* Whether the child last read a stream of ours that is no more, or is not yet: what it read there,
 * of those above us too, may be lost here. */
static bool lost_its_place(const struct greeting *x) {
    return !x->known && !uid_is_zero(&x->said->inbox);
}

/* Keep that the child knows the stream that we have for it. If it once did and names another one,
 * one of us is an older copy: nothing is said to it until it has shown what it has. */
static void look_at_name(struct greeting *x) {
    bool doubts = lost_its_place(x) && x->child.named && !x->hub->actor->spent;
    if (!doubts && (!x->known || x->child.named))
        return;
    x->child.doubt |= doubts;
    x->child.named = true;
    actor_put_child(x->t, &x->child);
}

/* Doubt the child, and begin its inbox anew. */
static int begin_anew(struct greeting *x, struct err *e) {
    x->known = false;
    x->child.doubt = !x->hub->actor->spent;
    if (anew_note(&x->hub->sessions->anew, &x->said->actor, x->now.boot_ms, e) != 0)
        return ERR_NOMEM;
    return route_renew_child(x->hub->actor, x->t, x->hub->world, &x->child, e);
}

void greeting_acknowledged(struct txn *t, struct session *s, const struct frame_ack *ack) {
    if ((!s->doubt && !s->owes) || !uid_equal(&ack->stream, &s->inbox.stream) ||
        ack->position < stream_end(t, &s->inbox.stream))
        return;
    s->shown = true;
    s->shown_end = ack->end;
}

static bool settle(struct txn *t, struct session *s) {
    struct child c;
    bool doubted = s->doubt, owed = s->owes;
    if ((!doubted && !owed) || !s->shown || s->taken < s->shown_end)
        return false;
    s->doubt = s->owes = false;
    if (actor_child(t, &s->unit, &s->actor, &c) && (c.doubt || owed)) {
        c.doubt = false;
        c.handed |= owed;
        actor_put_child(t, &c);
    }
    return doubted;
}

bool greeting_settle(struct txn *t, struct sessions *all) {
    bool any = all->settled;
    all->settled = false;
    for (uint32_t i = 0; i < all->n; i++)
        if (all->list[i].live && settle(t, &all->list[i]))
            any = all->list[i].due = true;
    return any;
}

void greeting_look_due(const struct actor *a, struct txn *t, struct session *s) {
    if (!s->due || arrivals_wait_of(a, t, &s->actor))
        return;
    s->due = false;
    s->ack_due = true;
}

struct frame_ack greeting_ack(const struct session *s, uint64_t inbox_end) {
    struct frame_ack ack = {s->outbox, s->taken, LIMIT_CREDITS, inbox_end, s->part};
    if ((s->doubt || s->due) && s->taken >= s->outbox_end && s->taken > 0) {
        ack.position--;
        ack.part = 0;
    }
    return ack;
}

/* Put on the child's inbox what it lacks of its own, and, if so, of all below it. */
static int give_back(struct greeting *x, struct err *e) {
    bool gave;
    if (x->said->n_heads == 0) /* it does not say what it has */
        return 0;
    struct session *s = session_get(x->hub->sessions, &x->said->actor, e);
    if (!s)
        return ERR_NOMEM;
    struct renewal_gift gift = {.of = &x->said->actor,
                                .heads = x->said->heads,
                                .n = x->said->n_heads,
                                .stream = &x->child.inbox,
                                .handed = &s->handed};
    int rc = renewal_give(x->hub->actor, x->t, &gift, &gave, e);
    if (rc == 0 && gave && x->member.by == BY_HUB)
        rc = renewal_give_below(x->hub->actor, x->t, &x->member.unit, &x->said->actor, gift.handed,
                                e);
    return rc;
}

/* The most needful first, where there is no room for all. */
static void name_heads(struct greeting *x, const struct session *s, struct frame_greeting *g) {
    struct actor *a = x->hub->actor;
    struct renewal_authors of;
    renewal_authors(a, x->t, &a->id, lost_its_place(x), &of);
    for (uint32_t i = 0; i < of.keys; i++)
        renewal_heads(a, x->t, &of.list[i], NULL, g->heads, &g->n_heads);
    renewal_heads(a, x->t, &s->actor, NULL, g->heads, &g->n_heads);
    for (uint32_t i = of.n; i > of.keys; i--)
        renewal_heads(a, x->t, &of.list[i - 1], &s->unit, g->heads, &g->n_heads);
}

static int put_welcome(struct greeting *x, struct session *s, struct err *e) {
    struct actor *a = x->hub->actor;
    struct lane_head *heads = mem_alloc(LIMIT_HEADS * sizeof *heads);
    struct cursor taken = cursor_get(x->t, &s->actor, &s->outbox);
    char program[64];
    struct frame f = {.type = FRAME_WELCOME};
    struct frame_greeting *g = &f.u.greeting;
    if (!heads)
        return err_nomem(e);
    (void)snprintf(program, sizeof program, "%s", x->hub->program);
    g->version_min = g->version_max = PROTOCOL_VERSION;
    g->features = FEATURE_BATCH | (x->said->features & FEATURE_PARTS);
    g->actor = a->id;
    g->outbox_position = taken.position;
    g->digest = taken.digest;
    g->part = x->said->features & FEATURE_PARTS ? s->part : 0;
    g->credits = LIMIT_CREDITS;
    g->inbox = s->inbox.stream;
    g->inbox_position = s->inbox.sent.position;
    g->inbox_end = stream_end(x->t, &s->inbox.stream);
    g->clock = x->now.wall;
    g->program = program;
    g->heads = heads;
    name_heads(x, s, g);
    int rc = post_put(x->hub->post, s->peer, &f, e);
    mem_free(heads);
    return rc;
}

/* Whether it had read all of our stream before it greeted: nothing will come that it answers. */
static bool has_read_all(const struct greeting *x) {
    return x->known && x->said->inbox_position >= stream_end(x->t, &x->child.inbox);
}

static int welcome(struct greeting *x, struct err *e) {
    const struct actor *a = x->hub->actor;
    struct post *post = x->hub->post;
    const struct hello *f = x->hello;
    struct session *s = session_get(x->hub->sessions, &x->said->actor, e);
    if (!s)
        return ERR_NOMEM;
    if (s->live && s->peer != f->from.peer) {
        int rc = session_refuse(post, s->peer, REFUSED_NEWER, e);
        if (rc != 0)
            return rc;
    }
    bool is_hub = x->member.by == BY_HUB;
    struct sync_place from = {0};
    if (x->known)
        from = (struct sync_place){x->said->inbox_position, x->said->part};
    *s = (struct session){.actor = x->said->actor,
                          .epoch = x->member.epoch,
                          .unit = x->member.unit,
                          .peer = f->from.peer,
                          .outbox = x->said->outbox,
                          .outbox_end = x->said->outbox_position,
                          .taken = cursor_get(x->t, &x->said->actor, &x->said->outbox).position,
                          .part = sync_part_here(x->t, &x->said->actor, &x->said->outbox),
                          .drain = {.wanted = is_hub, .asked_at = INSTANT_NONE},
                          .live = true,
                          .is_hub = is_hub,
                          .doubt = x->child.doubt,
                          .owes = a->spent && a->is_root && !x->child.handed,
                          .shown = has_read_all(x),
                          .shown_end = x->said->outbox_position,
                          .handed = s->handed,
                          .heard = true,
                          .heard_ms = f->at.boot_ms,
                          .pinged_ms = f->at.boot_ms};
    session_note_clock(s, x->said->clock, f->at);
    sync_out_start(&s->inbox, &x->child.inbox, from, LIMIT_BATCH_RECORDS,
                   sync_large_of(x->said->features));
    return put_welcome(x, s, e);
}

/* Trust the child again if it showed all that it has by this very hello. */
static void settle_by_hello(struct greeting *x) {
    uint64_t taken = cursor_get(x->t, &x->said->actor, &x->said->outbox).position;
    if (!x->child.doubt || !has_read_all(x) || taken < x->said->outbox_position)
        return;
    x->child.doubt = false;
    actor_put_child(x->t, &x->child);
    x->hub->sessions->settled = true;
}

/* Whether receipts that a welcome would promise are still to be stated: the child has to come
 * again. */
static bool waits_for_receipts(struct greeting *x) {
    settle_by_hello(x);
    return arrivals_wait_of(x->hub->actor, x->t, &x->said->actor);
}

int greeting_take(const struct greeted *hub, struct txn *t, struct moment now,
                  const struct hello *hello, struct err *e) {
    struct greeting x = {.hub = hub, .t = t, .now = now, .hello = hello, .said = hello->said};
    uint32_t refusal = refusal_of(&x);
    if (refusal == 0 && hub->actor->spent && uid_is_zero(&hub->actor->renewal))
        refusal = REFUSED_BUSY; /* our streams are made anew first */
    bool anew = refusal == 0 && read_too_much(&x);
    if (anew && !anew_may(&hub->sessions->anew, &x.said->actor, now.boot_ms))
        refusal = REFUSED_NEWER; /* two copies of one directory take turns */
    if (refusal == 0 && !anew && waits_for_receipts(&x))
        refusal = REFUSED_BUSY;
    if (refusal == REFUSED_ENDED)
        return session_refuse_ended(hub->sessions, t, &x.said->actor, hub->post, hello->from.peer,
                                    e);
    if (refusal != 0)
        return session_refuse(hub->post, hello->from.peer, refusal, e);
    int rc = anew ? begin_anew(&x, e) : 0;
    if (rc == 0 && !anew)
        look_at_name(&x);
    if (rc == 0)
        rc = give_back(&x, e);
    return rc == 0 ? welcome(&x, e) : rc;
}
