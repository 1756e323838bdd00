#include "node/views.h"

#include "node/slots.h"
#include "node/stated_contacts.h"
#include "store/key.h"
#include "store/log.h"
#include "store/meta.h"

static struct key receipt_key(const struct hash *record, const struct hash *issuer) {
    struct key k = {.n = 0};
    key_hash(&k, record);
    key_hash(&k, issuer);
    return k;
}

static bool read_row(struct slice key, struct slice value, struct receipt_row *row) {
    struct reader k = reader_of(key), v = reader_of(value);
    reader_bytes(&k, HASH_BYTES);
    reader_copy(&k, row->issuer.b, HASH_BYTES);
    reader_copy(&v, row->receipt.b, HASH_BYTES);
    row->received_at = (instant)reader_u64(&v);
    row->state = reader_u8(&v);
    row->code = reader_u32(&v);
    row->clock_doubt = reader_u8(&v) != 0;
    return !k.failed && !v.failed;
}

bool views_says_more(const struct receipt_entry *in, const struct receipt_row *before) {
    static const uint8_t weight[] = {
        [RECEIPT_HELD] = 0, [RECEIPT_REJECTED] = 1, [RECEIPT_VALID] = 2};
    if (in->state != before->state)
        return weight[in->state] > weight[before->state];
    if (in->received_at != before->received_at)
        return in->received_at < before->received_at;
    return before->clock_doubt && !in->clock_doubt;
}

/* False: what is known says as much. */
static bool enter_receipt(struct txn *t, const struct record *r, const struct receipt_entry *in) {
    struct receipt_row before;
    if (views_receipt(t, &in->record, &r->h.actor, &before) && !views_says_more(in, &before))
        return false;
    struct key k = receipt_key(&in->record, &r->h.actor), v = {.n = 0};
    key_hash(&v, &r->id);
    key_u64(&v, (uint64_t)in->received_at);
    key_put(&v, &(uint8_t){(uint8_t)in->state}, 1);
    key_u32(&v, in->code);
    key_put(&v, &(uint8_t){in->clock_doubt}, 1);
    txn_put(t, TABLE_RECEIPTS, key_slice(&k), key_slice(&v));
    return true;
}

/* Whether `record`, where it is held, is by whom the receipt says. */
static bool is_by(struct txn *t, const struct hash *record, const struct payload_receipt *p) {
    struct record of;
    return log_get(t, record, &of, NULL) != 0 ||
           (hash_equal(&of.h.actor, &p->actor) && of.h.epoch == p->epoch);
}

static int apply_receipt(struct txn *t, const struct record *r, struct arena *a, struct err *e) {
    struct payload_receipt p;
    int rc = payload_receipt_decode(r->payload, a, &p, e);
    bool ranks = meta_u64(t, "role") == ROLE_HUB;
    for (uint32_t i = 0; rc == 0 && i < p.n; i++)
        if (is_by(t, &p.entries[i].record, &p) && enter_receipt(t, r, &p.entries[i]) && ranks)
            slots_touch_report(t, &p.entries[i].record);
    return rc;
}

void views_state_receipt(struct txn *t, const struct record *r, const struct payload_receipt *p) {
    for (uint32_t i = 0; i < p->n; i++)
        (void)enter_receipt(t, r, &p->entries[i]); /* judging touched its slot */
}

static int apply_name(struct txn *t, const struct record *r, struct arena *a, struct err *e) {
    struct payload_name p;
    int rc = r->erased ? 0 : payload_name_decode(r->payload, a, &p, e);
    if (rc == 0 && !r->erased)
        txn_put(t, TABLE_NAMES, slice_of(p.subject.b, UID_BYTES), slice_of(r->id.b, HASH_BYTES));
    return rc;
}

static int apply_contact(struct txn *t, const struct record *r, struct arena *a, struct err *e) {
    struct payload_contact p;
    int rc = payload_contact_decode(r->payload, a, &p, e);
    if (rc == 0)
        stated_contacts_enter(t, r, &p);
    return rc;
}

int views_apply(struct txn *t, const struct record *r, struct err *e) {
    struct arena a;
    struct err why = {0};
    int rc = 0;
    if (r->h.payload_version != PAYLOAD_VERSION)
        return 0;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    if (r->h.kind == KIND_RECEIPT)
        rc = apply_receipt(t, r, &a, &why);
    else if (r->h.kind == KIND_SUBJECT_NAME)
        rc = apply_name(t, r, &a, &why);
    else if (r->h.kind == KIND_CONTACT)
        rc = apply_contact(t, r, &a, &why);
    arena_done(&a);
    /* What its author garbled says nothing; it still stands in the log. */
    return rc == ERR_NOMEM ? err_nomem(e) : 0;
}

bool views_receipt(struct txn *t, const struct hash *record, const struct hash *issuer,
                   struct receipt_row *ret_row) {
    struct key k = receipt_key(record, issuer);
    struct slice v;
    return txn_get(t, TABLE_RECEIPTS, key_slice(&k), &v) && read_row(key_slice(&k), v, ret_row);
}

void views_receipts(struct receipt_walk *w, struct txn *t, const struct hash *record) {
    w->record = *record;
    walk_init(&w->walk, t, TABLE_RECEIPTS, slice_of(w->record.b, HASH_BYTES));
}

bool views_receipts_next(struct receipt_walk *w, struct receipt_row *ret_row) {
    struct slice k, v;
    return walk_next(&w->walk, &k, &v) && read_row(k, v, ret_row);
}

void views_receipts_all(struct receipt_walk *w, struct txn *t) {
    walk_init(&w->walk, t, TABLE_RECEIPTS, slice_of(NULL, 0));
}

bool views_receipts_next_of(struct receipt_walk *w, struct hash *ret_record,
                            struct receipt_row *ret_row) {
    struct slice k, v;
    if (!walk_next(&w->walk, &k, &v) || !read_row(k, v, ret_row))
        return false;
    struct reader r = reader_of(k);
    reader_copy(&r, ret_record->b, HASH_BYTES);
    return true;
}

void views_receipts_done(struct receipt_walk *w) {
    walk_done(&w->walk);
}

int views_rejection(struct txn *t, const struct hash *record, const struct receipt_row *row,
                    struct err *why) {
    struct record r;
    struct arena a;
    struct payload_receipt p;
    if (row->state != RECEIPT_REJECTED)
        return 0;
    int rc = log_get(t, &row->receipt, &r, why);
    if (rc != 0)
        return rc;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    rc = payload_receipt_decode(r.payload, &a, &p, why);
    for (uint32_t i = 0; rc == 0 && i < p.n; i++)
        if (hash_equal(&p.entries[i].record, record))
            reject_words(p.entries[i].code, p.entries[i].n_args, p.entries[i].args, why);
    arena_done(&a);
    return rc;
}

bool views_name(struct txn *t, const struct uid *subject, struct arena *a,
                struct payload_name *ret_name) {
    struct slice v;
    struct hash id;
    struct record r;
    if (!txn_get(t, TABLE_NAMES, slice_of(subject->b, UID_BYTES), &v))
        return false;
    struct reader in = reader_of(v);
    reader_copy(&in, id.b, HASH_BYTES);
    return log_get(t, &id, &r, NULL) == 0 && !r.erased &&
           payload_name_decode(r.payload, a, ret_name, NULL) == 0;
}
