#include "node/stated_contacts.h"

#include "store/key.h"

/* A row: child, issuer → epoch, seq, drained to. */
static struct key row_key(const struct hash *child, const struct hash *by) {
    struct key k = {.n = 0};
    key_hash(&k, child);
    key_hash(&k, by);
    return k;
}

static bool is_earlier(struct slice row, const struct record_header *h) {
    struct reader v = reader_of(row);
    uint32_t epoch = reader_u32(&v);
    uint64_t seq = reader_u64(&v);
    return epoch != h->epoch ? epoch < h->epoch : seq < h->seq;
}

void stated_contacts_enter(struct txn *t, const struct record *r, const struct payload_contact *p) {
    for (uint32_t i = 0; i < p->n; i++) {
        const struct contact_entry *c = &p->children[i];
        struct key k = row_key(&c->actor, &r->h.actor), v = {.n = 0};
        struct slice before;
        if (txn_get(t, TABLE_CONTACTS, key_slice(&k), &before) && !is_earlier(before, &r->h))
            continue;
        key_u32(&v, r->h.epoch);
        key_u64(&v, r->h.seq);
        key_u64(&v, (uint64_t)(c->drained_to < p->stated_at ? c->drained_to : p->stated_at));
        txn_put(t, TABLE_CONTACTS, key_slice(&k), key_slice(&v));
    }
}

instant stated_contacts_drained(struct txn *t, const struct hash *child, const struct hash *by) {
    struct key k = row_key(child, by);
    struct slice row;
    if (!txn_get(t, TABLE_CONTACTS, key_slice(&k), &row))
        return INSTANT_NONE;
    struct reader v = reader_of(row);
    reader_u32(&v);
    reader_u64(&v);
    instant drained = (instant)reader_u64(&v);
    return v.failed ? INSTANT_NONE : drained;
}
