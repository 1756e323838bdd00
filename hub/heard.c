#include "hub/heard.h"

#include "core/due.h"
#include "core/limits.h"
#include "core/mem.h"
#include "store/key.h"
#include "store/meta.h"
#include "store/stream.h"

/* A row of HEARD: unit → actor 32, heard at 8, drained to 8. */
static bool read_row(struct slice key, struct slice value, struct heard *h) {
    struct reader k = reader_of(key), v = reader_of(value);
    reader_copy(&k, h->unit.b, UID_BYTES);
    reader_copy(&v, h->actor.b, HASH_BYTES);
    h->heard_at = (instant)reader_u64(&v);
    h->drained_to = (instant)reader_u64(&v);
    return !k.failed && !v.failed;
}

bool heard_of(struct txn *t, const struct uid *unit, struct heard *ret_heard) {
    struct slice v;
    return txn_get(t, TABLE_HEARD, slice_of(unit->b, UID_BYTES), &v) &&
           read_row(slice_of(unit->b, UID_BYTES), v, ret_heard);
}

void heard_note(struct txn *t, const struct uid *unit, const struct hash *actor, instant at,
                bool drained) {
    struct heard before;
    instant drained_to = drained ? at : INSTANT_NONE;
    if (!drained && heard_of(t, unit, &before))
        drained_to = before.drained_to;
    struct key v = {.n = 0};
    key_hash(&v, actor);
    key_u64(&v, (uint64_t)at);
    key_u64(&v, (uint64_t)drained_to);
    txn_put(t, TABLE_HEARD, slice_of(unit->b, UID_BYTES), key_slice(&v));
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

/* Whether any due instant of any campaign held here lies in (after, now]. */
static bool due_between(struct actor *a, instant after, instant now) {
    for (uint32_t i = 0; i < a->catalog.n_campaigns; i++) {
        const struct campaign *c = &a->catalog.campaigns[i]->c;
        for (uint32_t j = 0; j < c->n_reports * c->n_periods; j++) {
            const struct report_rule *rule = &c->reports[j / c->n_periods];
            for (uint32_t k = 0; k < rule->n_due; k++) {
                instant due;
                if (due_instant(rule, &c->periods[j % c->n_periods], rule->due[k].level, NULL, &due,
                                NULL) == 0 &&
                    due != INSTANT_NONE && due > after && due <= now)
                    return true;
            }
        }
    }
    return false;
}

bool heard_statement_due(struct actor *a, struct txn *t, instant now) {
    instant last = (instant)meta_u64(t, "contact.stated");
    struct heard_walk w;
    struct heard h;
    bool news = false;
    heard_walk_init(&w, t);
    while (!news && heard_walk_next(&w, &h))
        news = h.heard_at > last;
    heard_walk_done(&w);
    return news && (now - last >= HEARD_HOUR_MS || due_between(a, last, now));
}

/* Whether all that this actor has to say is durable at its parent; the root has nobody to tell. */
static bool said_all(struct actor *a, struct txn *t) {
    return a->is_root || meta_u64(t, "outbox.acked") >= stream_end(t, &a->outbox);
}

int heard_state(struct actor *a, struct txn *t, instant now, struct err *e) {
    struct contact_entry *entries = mem_zalloc(LIMIT_CHILDREN, sizeof *entries);
    struct payload_contact p = {.stated_at = now, .children = entries};
    struct heard_walk w;
    struct heard h;
    struct hash id;
    struct buf b;
    if (!entries)
        return err_nomem(e);
    p.drained_to = said_all(a, t) ? now : INSTANT_NONE;
    heard_walk_init(&w, t);
    while (p.n < LIMIT_CHILDREN && heard_walk_next(&w, &h))
        entries[p.n++] = (struct contact_entry){h.unit, h.heard_at, h.drained_to};
    heard_walk_done(&w);
    buf_init(&b);
    int rc = payload_contact_encode(&p, &b, e);
    if (rc == 0)
        rc = append_own(a, t, KIND_CONTACT, &a->unit, buf_slice(&b), now, &id, e);
    if (rc == 0)
        meta_put_u64(t, "contact.stated", (uint64_t)now);
    buf_done(&b);
    mem_free(entries);
    return rc;
}
