#include "node/stated_contacts.h"

#include "node/roster.h"
#include "proto/kinds.h"
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

/* What a hub said of a child, and where. */
struct said {
    uint32_t epoch;
    uint64_t seq;
    struct hash record;
    instant drained;
};

static bool read_row(struct txn *t, const struct hash *child, const struct hash *by,
                     struct said *ret_said) {
    struct key k = row_key(child, by);
    struct slice row;
    if (!txn_get(t, TABLE_CONTACTS, key_slice(&k), &row))
        return false;
    struct reader v = reader_of(row);
    ret_said->epoch = reader_u32(&v);
    ret_said->seq = reader_u64(&v);
    reader_copy(&v, ret_said->record.b, HASH_BYTES);
    ret_said->drained = (instant)reader_u64(&v);
    return !v.failed;
}

/* Whether the record `id` tells of `child`; what into `ret_said`. One that cannot be read fails
 * `t`: else an earlier word would be taken for the last. */
static bool read_said(struct txn *t, const struct hash *id, const struct hash *child,
                      struct said *ret_said) {
    struct payload_contact p;
    struct record r;
    struct arena a;
    struct err why = {0};
    if (!log_named(t, id, &r) || r.h.kind != KIND_CONTACT || r.h.payload_version != PAYLOAD_VERSION)
        return false;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    int rc = payload_contact_decode(r.payload, &a, &p, &why);
    if (rc == ERR_NOMEM)
        txn_fail(t, &why);
    const struct contact_entry *c = rc == 0 ? stated_contacts_entry(&p, child) : NULL;
    if (c)
        *ret_said = (struct said){r.h.epoch, r.h.seq, r.id,
                                  c->drained_to < p.stated_at ? c->drained_to : p.stated_at};
    arena_done(&a);
    return c != NULL;
}

/* The last that `by` said of `child` up to its epoch `epoch` that stands: rows keep what it said
 * last, and it was ended before that. */
static bool find_standing(struct txn *t, const struct hash *child, const struct hash *by,
                          uint32_t epoch, struct said *ret_said) {
    for (; epoch > 0; epoch--) {
        struct member m;
        struct hash id;
        if (!roster_find(t, by, epoch, &m))
            continue;
        uint64_t seq = log_head_of(t, by, epoch, &m.unit).seq;
        uint64_t last = m.ended ? roster_last_good(t, &m, &m.unit) : seq;
        for (seq = seq < last ? seq : last; seq > 0; seq--)
            if (log_at(t, by, epoch, &m.unit, seq, &id) && read_said(t, &id, child, ret_said))
                return true;
    }
    return false;
}

/* What hub `by` last said of `child` and stands. */
static bool find_said(struct txn *t, const struct hash *child, const struct hash *by,
                      struct said *ret_said) {
    struct member m;
    if (!read_row(t, child, by, ret_said))
        return false;
    if (!roster_find(t, by, ret_said->epoch, &m) || !m.ended ||
        ret_said->seq <= roster_last_good(t, &m, &m.unit))
        return true;
    return find_standing(t, child, by, ret_said->epoch, ret_said);
}

instant stated_contacts_drained(struct txn *t, const struct hash *child, const struct hash *by) {
    struct said said;
    return find_said(t, child, by, &said) ? said.drained : INSTANT_NONE;
}

bool stated_contacts_last(struct txn *t, const struct hash *child, const struct hash *by,
                          struct hash *ret_record) {
    struct said said;
    bool found = find_said(t, child, by, &said);
    if (found)
        *ret_record = said.record;
    return found;
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
