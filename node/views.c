#include "node/views.h"

#include "node/acts.h"
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

#define ROW_KEY_BYTES                                                                              \
    ((size_t)2 * HASH_BYTES) /* record, issuer; beside it, with the receipt, others */
#define SAYS_DOUBT 1u
#define SAYS_OTHERS 2u

bool views_receipt_read(struct slice key, struct slice value, struct hash *ret_record,
                        struct receipt_row *ret_row) {
    struct reader k = reader_of(key), v = reader_of(value);
    reader_copy(&k, ret_record->b, HASH_BYTES);
    reader_copy(&k, ret_row->issuer.b, HASH_BYTES);
    reader_copy(&v, ret_row->receipt.b, HASH_BYTES);
    ret_row->received_at = (instant)reader_u64(&v);
    ret_row->state = reader_u8(&v);
    ret_row->code = reader_u32(&v);
    uint8_t says = reader_u8(&v);
    ret_row->clock_doubt = (says & SAYS_DOUBT) != 0;
    ret_row->others = (says & SAYS_OTHERS) != 0;
    return !k.failed && !v.failed;
}

static void put_row(struct txn *t, struct key *k, const struct receipt_row *row) {
    struct key v = {.n = 0};
    uint8_t says = (uint8_t)((row->clock_doubt ? SAYS_DOUBT : 0) | (row->others ? SAYS_OTHERS : 0));
    key_hash(&v, &row->receipt);
    key_u64(&v, (uint64_t)row->received_at);
    key_put(&v, &(uint8_t){(uint8_t)row->state}, 1);
    key_u32(&v, row->code);
    key_put(&v, &says, 1);
    txn_put(t, TABLE_RECEIPTS, key_slice(k), key_slice(&v));
}

/* The row of `issuer` on `record`: of its final words the one that says most, standing or not. */
static bool find_row(struct txn *t, const struct hash *record, const struct hash *issuer,
                     struct receipt_row *ret_row) {
    struct key k = receipt_key(record, issuer);
    struct hash of;
    struct slice v;
    return txn_get(t, TABLE_RECEIPTS, key_slice(&k), &v) &&
           views_receipt_read(key_slice(&k), v, &of, ret_row);
}

static struct receipt_entry entry_of(const struct hash *record, const struct receipt_row *row) {
    return (struct receipt_entry){.record = *record,
                                  .received_at = row->received_at,
                                  .state = row->state,
                                  .code = row->code,
                                  .clock_doubt = row->clock_doubt};
}

bool views_stands(struct txn *t, const struct hash *receipt) {
    struct record r;
    return log_named(t, receipt, &r) && roster_stands(t, &r.h);
}

/* Put the word that counts in the place of `row`, the one that says most of all. */
static void choose(struct txn *t, const struct hash *record, struct receipt_row *row) {
    struct receipt_walk w;
    struct receipt_row x, best = *row;
    bool any = false;
    views_words(&w, t, record, &row->issuer);
    while (views_words_next(&w, &x)) {
        const struct receipt_entry said = entry_of(record, &x);
        if (!views_stands(t, &x.receipt) || (any && !views_says_more(&said, &best)))
            continue;
        best = x;
        any = true;
    }
    views_receipts_done(&w);
    best.others = true;
    *row = best;
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

/*
 * Note what `r` says in `in`; false: nothing new. One final word takes the place of a held one; of
 * several that which says most is the row, and the others stand beside it: which of them counts may
 * change when their hub is ended, or its clock mended.
 */
static bool enter_receipt(struct txn *t, const struct record *r, const struct receipt_entry *in) {
    struct receipt_row before, now = {.receipt = r->id,
                                      .received_at = in->received_at,
                                      .state = in->state,
                                      .code = in->code,
                                      .clock_doubt = in->clock_doubt};
    struct key k = receipt_key(&in->record, &r->h.actor);
    if (!find_row(t, &in->record, &r->h.actor, &before)) {
        put_row(t, &k, &now);
        return true;
    }
    bool more = views_says_more(in, &before);
    bool beside = before.state != RECEIPT_HELD && in->state != RECEIPT_HELD &&
                  !hash_equal(&before.receipt, &r->id);
    if (!more && !beside)
        return false;
    struct receipt_row row = more ? now : before, other = more ? before : now;
    row.others = before.others || beside;
    put_row(t, &k, &row);
    if (beside) {
        other.others = false;
        key_hash(&k, &other.receipt);
        put_row(t, &k, &other);
    }
    return true;
}

bool views_entry_counts(struct txn *t, const struct record *r, const struct payload_receipt *p,
                        const struct receipt_entry *in) {
    struct record of;
    struct member author;
    if (roster_find(t, &p->actor, p->epoch, &author) && !uid_equal(&author.unit, &r->h.lane))
        return false;
    return !log_held(t, &in->record, &of) ||
           (hash_equal(&of.h.actor, &p->actor) && of.h.epoch == p->epoch);
}

static int apply_receipt(struct txn *t, const struct record *r, struct arena *a, struct err *e) {
    struct payload_receipt p;
    int rc = payload_receipt_decode(r->payload, a, &p, e);
    bool ranks = meta_u64(t, "role") == ROLE_HUB;
    for (uint32_t i = 0; rc == 0 && i < p.n; i++)
        if (views_entry_counts(t, r, &p, &p.entries[i]) && enter_receipt(t, r, &p.entries[i]) &&
            ranks)
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

/* Kinds that say something here. */
static bool is_read(uint16_t kind) {
    return kind == KIND_RECEIPT || kind == KIND_SUBJECT_NAME || kind == KIND_CONTACT ||
           kind == KIND_EXTENSION || kind == KIND_WITHDRAWAL;
}

int views_apply(struct txn *t, const struct record *r, struct err *e) {
    struct arena a;
    struct err why;
    int rc = 0;
    err_init(&why);
    if (r->h.payload_version != PAYLOAD_VERSION || !is_read(r->h.kind))
        return 0;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    if (r->h.kind == KIND_RECEIPT)
        rc = apply_receipt(t, r, &a, &why);
    else if (r->h.kind == KIND_SUBJECT_NAME)
        rc = apply_name(t, r, &a, &why);
    else if (r->h.kind == KIND_CONTACT)
        rc = apply_contact(t, r, &a, &why);
    else
        rc = acts_enter(t, r, &a, &why);
    arena_done(&a);
    /* What its author garbled says nothing; it still stands in the log. */
    return rc == ERR_NOMEM ? err_nomem(e) : 0;
}

bool views_receipt(struct txn *t, const struct hash *record, const struct hash *issuer,
                   struct receipt_row *ret_row) {
    struct receipt_row row;
    if (!find_row(t, record, issuer, &row))
        return false;
    if (row.others)
        choose(t, record, &row);
    *ret_row = row;
    return true;
}

void views_receipts(struct receipt_walk *w, struct txn *t, const struct hash *record) {
    w->of[0] = *record;
    walk_init(&w->walk, t, TABLE_RECEIPTS, slice_of(w->of[0].b, HASH_BYTES));
}

bool views_receipts_next(struct receipt_walk *w, struct receipt_row *ret_row) {
    struct slice k, v;
    struct hash record;
    while (walk_next(&w->walk, &k, &v)) {
        if (k.len != ROW_KEY_BYTES)
            continue;
        if (!views_receipt_read(k, v, &record, ret_row))
            return false;
        if (ret_row->others)
            choose(w->walk.t, &record, ret_row);
        return true;
    }
    return false;
}

void views_words(struct receipt_walk *w, struct txn *t, const struct hash *record,
                 const struct hash *issuer) {
    w->of[0] = *record;
    w->of[1] = *issuer;
    walk_init(&w->walk, t, TABLE_RECEIPTS, slice_of(w->of, sizeof w->of));
}

bool views_words_next(struct receipt_walk *w, struct receipt_row *ret_row) {
    struct hash record;
    return views_receipts_next_of(w, &record, ret_row);
}

void views_receipts_all(struct receipt_walk *w, struct txn *t) {
    walk_init(&w->walk, t, TABLE_RECEIPTS, slice_of(NULL, 0));
}

bool views_receipts_next_of(struct receipt_walk *w, struct hash *ret_record,
                            struct receipt_row *ret_row) {
    struct slice k, v;
    return walk_next(&w->walk, &k, &v) && views_receipt_read(k, v, ret_record, ret_row);
}

void views_receipts_done(struct receipt_walk *w) {
    walk_done(&w->walk);
}

bool views_receipt_noted(struct txn *t, const struct record *r, const struct receipt_entry *said) {
    struct receipt_row row;
    struct key k = receipt_key(&said->record, &r->h.actor);
    if (!find_row(t, &said->record, &r->h.actor, &row))
        return false;
    if (said->state == RECEIPT_HELD || hash_equal(&row.receipt, &r->id))
        return true;
    key_hash(&k, &r->id);
    return row.state != RECEIPT_HELD && row.others &&
           txn_get(t, TABLE_RECEIPTS, key_slice(&k), NULL);
}

bool views_may_say(const struct catalog *c, struct txn *t, const struct receipt_row *row) {
    struct record r;
    struct member hub;
    return log_named(t, &row->receipt, &r) && roster_find(t, &r.h.actor, r.h.epoch, &hub) &&
           catalog_ever_under(c, &r.h.lane, &hub.unit);
}

bool views_rejected(const struct catalog *c, struct txn *t, const struct hash *record) {
    struct receipt_walk w;
    struct receipt_row said;
    bool valid = false, rejected = false;
    views_receipts(&w, t, record);
    while (!valid && views_receipts_next(&w, &said)) {
        bool may = views_may_say(c, t, &said);
        valid = may && said.state == RECEIPT_VALID;
        rejected |= may && said.state == RECEIPT_REJECTED;
    }
    views_receipts_done(&w);
    return rejected && !valid;
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

int views_name(struct txn *t, const struct uid *subject, struct arena *a,
               struct payload_name *ret_name, bool *ret_found, struct err *e) {
    struct slice v;
    struct hash id;
    struct record r;
    *ret_found = false;
    if (!txn_get(t, TABLE_NAMES, slice_of(subject->b, UID_BYTES), &v))
        return txn_failed(t, e);
    struct reader in = reader_of(v);
    reader_copy(&in, id.b, HASH_BYTES);
    int rc = log_get(t, &id, &r, e);
    if (rc != 0 || r.erased)
        return rc;
    rc = payload_name_decode(r.payload, a, ret_name, e);
    *ret_found = rc == 0;
    return rc;
}
