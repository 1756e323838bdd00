#include "hub/session.h"

#include "core/list.h"
#include "core/mem.h"
#include "core/search.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

void sessions_clear(struct sessions *s) {
    for (uint32_t i = 0; i < s->n; i++)
        handed_done(&s->list[i].handed);
    s->n = 0;
    s->n_ended = 0;
}

void sessions_done(struct sessions *s) {
    sessions_clear(s);
    mem_free(s->list);
    mem_free(s->ended);
    anew_done(&s->anew);
    *s = (struct sessions){0};
}

static int session_of(const void *actor, const void *session) {
    return hash_cmp(actor, &((const struct session *)session)->actor);
}

/* Where `actor` is, or would be, among the sessions. */
static uint32_t session_place(const struct sessions *all, const struct hash *actor) {
    return search_first(actor, all->list, all->n, sizeof *all->list, session_of);
}

struct session *session_find(struct sessions *all, const struct hash *actor) {
    uint32_t i = session_place(all, actor);
    bool found = i < all->n && hash_equal(&all->list[i].actor, actor);
    return found ? &all->list[i] : NULL;
}

struct session *session_speaking(struct sessions *all, const struct sender *from) {
    struct session *s = from->guest ? NULL : session_find(all, &from->actor);
    return s && s->live && s->peer == from->peer ? s : NULL;
}

struct session *session_get(struct sessions *all, const struct hash *actor, struct err *e) {
    struct session *s = session_find(all, actor);
    if (s)
        return s;
    if (list_grow(&all->list, all->n, sizeof *all->list, e) != 0)
        return NULL;
    assert(all->list);
    uint32_t i = session_place(all, actor);
    memmove(&all->list[i + 1], &all->list[i], (all->n - i) * sizeof *all->list);
    all->n++;
    all->list[i] = (struct session){.actor = *actor};
    return &all->list[i];
}

int session_refuse(struct post *post, uint32_t peer, enum refusal code, struct err *e) {
    struct frame f = {.type = FRAME_REFUSED, .u.refused = {.code = code}};
    char low[16], high[16], *args[2] = {low, high};
    if (code == REFUSED_VERSION) {
        (void)snprintf(low, sizeof low, "%u", PROTOCOL_VERSION);
        (void)snprintf(high, sizeof high, "%u", PROTOCOL_VERSION);
        f.u.refused.n_args = 2;
        f.u.refused.args = args;
    }
    return post_put(post, peer, &f, e);
}

static int search_of(const void *actor, const void *search) {
    return hash_cmp(actor, &((const struct ended_search *)search)->actor);
}

/* What was found of `actor`, begun if it was not; NULL when there is no memory. */
static struct ended_search *search_get(struct sessions *all, const struct hash *actor,
                                       struct err *e) {
    uint32_t i = search_first(actor, all->ended, all->n_ended, sizeof *all->ended, search_of);
    if (i < all->n_ended && hash_equal(&all->ended[i].actor, actor))
        return &all->ended[i];
    if (list_grow(&all->ended, all->n_ended, sizeof *all->ended, e) != 0)
        return NULL;
    assert(all->ended);
    memmove(&all->ended[i + 1], &all->ended[i], (all->n_ended - i) * sizeof *all->ended);
    all->n_ended++;
    all->ended[i] = (struct ended_search){.actor = *actor};
    return &all->ended[i];
}

int session_refuse_ended(struct sessions *all, struct txn *t, const struct hash *actor,
                         struct post *post, uint32_t peer, struct err *e) {
    struct frame f = {.type = FRAME_REFUSED, .u.refused = {.code = REFUSED_REVOKED, .n_args = 2}};
    char when[INSTANT_TEXT], why[ENDED_WHY_BYTES], *args[2] = {when, why};
    struct ended_search *k = search_get(all, actor, e);
    instant at;
    if (!k)
        return ERR_NOMEM;
    if (!ended_search(t, k, &at, why))
        return session_refuse(post, peer, REFUSED_ENDED, e);
    instant_text(at, when);
    f.u.refused.args = args;
    return post_put(post, peer, &f, e);
}

int session_ping(struct session *s, struct post *post, struct moment now, struct err *e) {
    struct frame f = {.type = FRAME_PING, .u.ping = {.nonce = 0, .clock = now.wall}};
    if (now.boot_ms - s->heard_ms < SESSION_PING_MS || now.boot_ms - s->pinged_ms < SESSION_PING_MS)
        return 0;
    s->pinged_ms = now.boot_ms;
    return post_put(post, s->peer, &f, e);
}

int session_ask_end(struct session *s, struct post *post, uint64_t nonce, struct moment now,
                    instant next_due, struct err *e) {
    struct frame f = {.type = FRAME_PING, .u.ping = {.nonce = nonce, .clock = now.wall}};
    drain_ask(&s->drain, nonce, now, next_due);
    return post_put(post, s->peer, &f, e);
}

bool session_stands(struct txn *t, struct session *s) {
    struct member m;
    if (roster_find(t, &s->actor, s->epoch, &m) && !m.ended)
        return true;
    uint32_t last = roster_epoch(t, &s->actor);
    if (last <= s->epoch || !roster_find(t, &s->actor, last, &m) || m.ended)
        return false;
    s->epoch = last;
    return true;
}

int sessions_cut_ended(struct sessions *all, struct txn *t, struct post *post, struct err *e) {
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < all->n; i++) {
        struct session *s = &all->list[i];
        if (!s->live || session_stands(t, s))
            continue;
        s->live = false;
        rc = session_refuse_ended(all, t, &s->actor, post, s->peer, e);
    }
    return rc;
}

int session_spare(struct session *s, struct post *post, int rc, struct err *damage, struct err *e) {
    if (rc != ERR_CORRUPT)
        return rc;
    if (damage->code == 0)
        *damage = *e;
    err_clear(e);
    s->live = false;
    return session_refuse(post, s->peer, REFUSED_BUSY, e);
}

void session_note_clock(struct session *s, instant clock, struct moment at) {
    s->has_clock = true;
    s->clock_boot = clock - at.boot_ms;
}
