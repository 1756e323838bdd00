#include "node/stated_contacts.h"

#include "store/key.h"
#include "store/log.h"

#define PLACE_BYTES 12 /* epoch and seq, which a row begins with */

/* A row: child, issuer → epoch, seq, record, drained to. */
static struct key row_key(const struct hash *child, const struct hash *by) {
    struct key k = {.n = 0};
    key_hash(&k, child);
    key_hash(&k, by);
    return k;
}

static struct key row_value(const struct record *r, const struct payload_contact *p,
                            const struct contact_entry *c) {
    struct key v = {.n = 0};
    key_u32(&v, r->h.epoch);
    key_u64(&v, r->h.seq);
    key_hash(&v, &r->id);
    key_u64(&v, (uint64_t)(c->drained_to < p->stated_at ? c->drained_to : p->stated_at));
    return v;
}

/* Whether what `row` rests on stands before `value`; big-endian numbers compare as bytes. */
static bool is_earlier(struct slice row, const struct key *value) {
    return row.len < PLACE_BYTES || memcmp(row.data, value->b, PLACE_BYTES) < 0;
}

const struct contact_entry *stated_contacts_entry(const struct payload_contact *p,
                                                  const struct hash *child) {
    for (uint32_t i = 0; i < p->n; i++)
        if (hash_equal(&p->children[i].actor, child))
            return &p->children[i];
    return NULL;
}

void stated_contacts_enter(struct txn *t, const struct record *r, const struct payload_contact *p) {
    for (uint32_t i = 0; i < p->n; i++) {
        const struct contact_entry *c = &p->children[i];
        struct key k = row_key(&c->actor, &r->h.actor), v = row_value(r, p, c);
        struct slice before;
        if (!txn_get(t, TABLE_CONTACTS, key_slice(&k), &before) || is_earlier(before, &v))
            txn_put(t, TABLE_CONTACTS, key_slice(&k), key_slice(&v));
    }
}

instant stated_contacts_drained(struct txn *t, const struct hash *child, const struct hash *by) {
    struct key k = row_key(child, by);
    struct slice row;
    if (!txn_get(t, TABLE_CONTACTS, key_slice(&k), &row))
        return INSTANT_NONE;
    struct reader v = reader_of(row);
    reader_bytes(&v, PLACE_BYTES + HASH_BYTES);
    instant drained = (instant)reader_u64(&v);
    return v.failed ? INSTANT_NONE : drained;
}

bool stated_contacts_last(struct txn *t, const struct hash *child, const struct hash *by,
                          struct hash *ret_record) {
    struct key k = row_key(child, by);
    struct slice row;
    struct hash record;
    if (!txn_get(t, TABLE_CONTACTS, key_slice(&k), &row))
        return false;
    struct reader v = reader_of(row);
    reader_bytes(&v, PLACE_BYTES);
    reader_copy(&v, record.b, HASH_BYTES);
    if (!v.failed)
        *ret_record = record;
    return !v.failed;
}

int stated_contacts_read(struct txn *t, const struct hash *id, struct arena *a,
                         struct payload_contact *ret_contact, struct err *e) {
    struct record r;
    int rc = log_get(t, id, &r, e);
    return rc == 0 ? payload_contact_decode(r.payload, a, ret_contact, e) : rc;
}

bool stated_contacts_noted(struct txn *t, const struct record *r, const struct payload_contact *p) {
    for (uint32_t i = 0; i < p->n; i++) {
        const struct contact_entry *c = &p->children[i];
        struct key k = row_key(&c->actor, &r->h.actor), v = row_value(r, p, c);
        struct slice row;
        if (!txn_get(t, TABLE_CONTACTS, key_slice(&k), &row) || is_earlier(row, &v))
            return false;
    }
    return true;
}

bool stated_contacts_follows(struct txn *t, struct slice key, struct slice row,
                             struct hash *ret_record) {
    struct reader k = reader_of(key), v = reader_of(row);
    struct payload_contact p;
    struct hash child;
    struct record r;
    struct arena a;
    reader_copy(&k, child.b, HASH_BYTES);
    reader_bytes(&v, PLACE_BYTES);
    reader_copy(&v, ret_record->b, HASH_BYTES);
    if (k.failed || v.failed || log_get(t, ret_record, &r, NULL) != 0 || r.h.kind != KIND_CONTACT)
        return false;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    bool follows = payload_contact_decode(r.payload, &a, &p, NULL) == 0;
    const struct contact_entry *c = follows ? stated_contacts_entry(&p, &child) : NULL;
    if (c) {
        struct key want_key = row_key(&child, &r.h.actor), want = row_value(&r, &p, c);
        follows = slice_equal(key, key_slice(&want_key)) && slice_equal(row, key_slice(&want));
    }
    arena_done(&a);
    return c && follows;
}
