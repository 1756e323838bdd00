#include "hub/heard.h"

#include "core/limits.h"
#include "core/mem.h"
#include "store/key.h"
#include "store/meta.h"

/* A row of HEARD: actor → unit 16, heard at 8, drained to 8, stated to 8. */
static bool read_row(struct slice key, struct slice value, struct heard *h) {
    struct reader k = reader_of(key), v = reader_of(value);
    reader_copy(&k, h->actor.b, HASH_BYTES);
    reader_copy(&v, h->unit.b, UID_BYTES);
    h->heard_at = (instant)reader_u64(&v);
    h->drained_to = (instant)reader_u64(&v);
    h->stated_to = (instant)reader_u64(&v);
    return !k.failed && !v.failed;
}

static void put_row(struct txn *t, const struct heard *h) {
    struct key v = {.n = 0};
    key_uid(&v, &h->unit);
    key_u64(&v, (uint64_t)h->heard_at);
    key_u64(&v, (uint64_t)h->drained_to);
    key_u64(&v, (uint64_t)h->stated_to);
    txn_put(t, TABLE_HEARD, slice_of(h->actor.b, HASH_BYTES), key_slice(&v));
}

bool heard_of(struct txn *t, const struct hash *actor, struct heard *ret_heard) {
    struct slice v;
    return txn_get(t, TABLE_HEARD, slice_of(actor->b, HASH_BYTES), &v) &&
           read_row(slice_of(actor->b, HASH_BYTES), v, ret_heard);
}

void heard_note(struct txn *t, const struct hash *actor, const struct uid *unit, instant at,
                instant drained_to) {
    struct heard h;
    if (!heard_of(t, actor, &h))
        h = (struct heard){.actor = *actor, .drained_to = INSTANT_NONE, .stated_to = INSTANT_NONE};
    h.unit = *unit;
    h.heard_at = at;
    if (drained_to != INSTANT_NONE)
        h.drained_to = drained_to; /* also an earlier one: the clock may have been wrong before */
    put_row(t, &h);
}

void heard_walk_init(struct heard_walk *w, struct txn *t) {
    walk_init(&w->walk, t, TABLE_HEARD, slice_of(NULL, 0));
}

bool heard_walk_next(struct heard_walk *w, struct heard *ret_heard) {
    struct slice k, v;
    return walk_next(&w->walk, &k, &v) && read_row(k, v, ret_heard);
}

void heard_walk_done(struct heard_walk *w) {
    walk_done(&w->walk);
}

instant heard_next_due(struct actor *a, instant after) {
    return due_days_next(&a->catalog.due, after, INT64_MAX);
}

/* Whether any due instant lies in (after, until]. */
static bool due_between(struct actor *a, instant after, instant until) {
    return due_days_next(&a->catalog.due, after, until) != INSTANT_NONE;
}

/* What the rows come to: whether there is any news, and between what and what uplinks drained. */
struct news {
    bool any;
    instant from, to;
};

/* Whether `h` was heard since `last`. What a clock that was ahead heard is news only once that it
 * no longer is (`last` is 0 then): the statement that tells of it takes the earlier one's place. */
static bool is_news(const struct heard *h, instant last, instant now) {
    return h->heard_at > last && (last == 0 || h->heard_at <= now);
}

static struct news look(struct txn *t, instant last, instant now) {
    struct news n = {.from = INSTANT_MAX, .to = INSTANT_NONE};
    struct heard_walk w;
    struct heard h;
    heard_walk_init(&w, t);
    while (heard_walk_next(&w, &h)) {
        n.any |= is_news(&h, last, now);
        if (h.drained_to <= h.stated_to)
            continue;
        n.from = h.stated_to < n.from ? h.stated_to : n.from;
        n.to = h.drained_to > n.to ? h.drained_to : n.to;
    }
    heard_walk_done(&w);
    return n;
}

/* Whether any one uplink was drained beyond a due instant that no statement says so of. */
static bool drained_beyond(struct actor *a, struct txn *t) {
    struct heard_walk w;
    struct heard h;
    bool beyond = false;
    heard_walk_init(&w, t);
    while (!beyond && heard_walk_next(&w, &h))
        beyond = h.drained_to > h.stated_to && due_between(a, h.stated_to, h.drained_to);
    heard_walk_done(&w);
    return beyond;
}

/* When contact was last stated. A statement of a clock that was ahead does not stop those of the
 * clock as it is now: what was heard since counts as news. */
static instant last_stated(struct txn *t, instant now) {
    instant last = (instant)meta_u64(t, "contact.stated");
    return last <= now ? last : 0;
}

bool heard_statement_due(struct actor *a, struct txn *t, instant now) {
    instant last = last_stated(t, now);
    struct news n = look(t, last, now);
    if (n.any && (now - last >= HEARD_HOUR_MS || due_between(a, last, now)))
        return true;
    return n.to != INSTANT_NONE && now - last >= HEARD_PAUSE_MS && due_between(a, n.from, n.to) &&
           drained_beyond(a, t);
}

/* The entries of all children of whom there is news since `last`, into `out`. They count as stated.
 */
static int enter_news(struct txn *t, instant last, instant now, struct buf *out, struct err *e) {
    struct heard_walk w;
    struct heard h;
    struct contact_entry c;
    heard_walk_init(&w, t);
    while (heard_walk_next(&w, &h)) {
        c = (struct contact_entry){h.actor, h.unit, h.heard_at, h.drained_to};
        if (is_news(&h, last, now) || h.drained_to != h.stated_to)
            buf_put(out, &c, sizeof c);
    }
    heard_walk_done(&w); /* no write while a walk is open */
    struct reader r = reader_of(buf_slice(out));
    while (!out->failed && r.left > 0) {
        reader_copy(&r, &c, sizeof c);
        h = (struct heard){c.actor, c.unit, c.heard_at, c.drained_to, c.drained_to};
        put_row(t, &h);
    }
    return out->failed ? err_nomem(e) : txn_failed(t, e);
}

static int state_one(struct actor *a, struct txn *t, const struct payload_contact *p,
                     struct err *e) {
    struct hash id;
    struct buf b;
    buf_init(&b);
    int rc = payload_contact_encode(p, &b, e);
    if (rc == 0)
        rc = append_own(a, t, KIND_CONTACT, &a->unit, buf_slice(&b), p->stated_at, &id, e);
    buf_done(&b);
    return rc;
}

int heard_state(struct actor *a, struct txn *t, instant now, struct err *e) {
    struct buf news;
    buf_init(&news);
    int rc = enter_news(t, last_stated(t, now), now, &news, e);
    struct contact_entry *entries = buf_items(&news);
    uint32_t all = (uint32_t)(news.len / sizeof *entries), done = 0;
    do { /* as many records as name them all, one at least */
        uint32_t n = all - done < LIMIT_CHILDREN ? all - done : LIMIT_CHILDREN;
        struct payload_contact p = {now, n, n > 0 ? entries + done : NULL};
        if (rc == 0)
            rc = state_one(a, t, &p, e);
        done += n;
    } while (rc == 0 && done < all);
    if (rc == 0)
        meta_put_u64(t, "contact.stated", (uint64_t)now);
    buf_done(&news);
    return rc;
}

int heard_state_alone(struct actor *a, instant now, struct err *e) {
    struct txn *t;
    int rc = actor_begin(a, true, &t, e);
    if (rc != 0)
        return rc;
    rc = heard_state(a, t, now, e);
    if (rc == 0)
        return actor_commit(a, t, e);
    actor_abort(a, t);
    return rc;
}
