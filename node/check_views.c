#include "node/check_walks.h"

#include "node/acts.h"
#include "node/check.h"
#include "node/draft.h"
#include "node/stated_contacts.h"
#include "node/views.h"
#include "store/log.h"

#include <string.h>

/* The entry about `record` in the receipt `r`; false if there is none. */
static bool find_entry(const struct record *r, const struct hash *record, struct arena *a,
                       struct receipt_entry *ret_entry) {
    struct payload_receipt p;
    if (r->h.kind != KIND_RECEIPT || payload_receipt_decode(r->payload, a, &p, NULL) != 0)
        return false;
    for (uint32_t i = 0; i < p.n; i++)
        if (hash_equal(&p.entries[i].record, record)) {
            *ret_entry = p.entries[i];
            return true;
        }
    return false;
}

static void check_receipt_row(struct txn *t, const struct hash *record,
                              const struct receipt_row *row, struct findings *f) {
    struct record r;
    struct arena a;
    struct receipt_entry entry;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    bool readable = log_get(t, &row->receipt, &r, NULL) == 0; /* damaged: told with the records */
    if (!log_has(t, &row->receipt))
        check_findings_add(f, record, "its receipt is not held here any more");
    else if (readable &&
             (!hash_equal(&r.h.actor, &row->issuer) || !find_entry(&r, record, &a, &entry) ||
              entry.received_at != row->received_at || entry.state != row->state))
        check_findings_add(f, record, "what is noted of its receipt is not what the hub signed");
    arena_done(&a);
}

static void check_receipt_rows(struct txn *t, struct findings *f) {
    struct walk w;
    struct slice key, value;
    walk_init(&w, t, TABLE_RECEIPTS, slice_of(NULL, 0));
    while (walk_next(&w, &key, &value)) {
        struct hash record = {{0}};
        struct receipt_row row;
        f->rows++;
        if (views_receipt_read(key, value, &record, &row))
            check_receipt_row(t, &record, &row, f);
        else
            check_findings_add(f, &record, "what is noted of its receipt cannot be read");
    }
    walk_done(&w);
}

static void check_drafts(struct txn *t, struct findings *f) {
    struct draft_checked c;
    draft_check(t, &c);
    f->rows += c.rows;
    if (c.damaged_rows > 0 || c.damaged_sheets > 0)
        check_findings_add(
            f, NULL,
            "of values that were written down and not sealed %llu are damaged, in %llu sheets that "
            "are not as they were written: write each sheet out with `template`, look over every "
            "value, and `import` it",
            (unsigned long long)c.damaged_rows, (unsigned long long)c.damaged_sheets);
}

/* Whether `id` is held and cannot be read, which is told with the records. */
static bool is_damaged(struct txn *t, const struct hash *id) {
    struct record r;
    return log_has(t, id) && log_get(t, id, &r, NULL) != 0;
}

/* The other way: what of a receipt counts is noted, unless a final word went before a held one. */
static void check_receipt(struct txn *t, const struct record *r, struct findings *f) {
    struct arena a;
    struct payload_receipt p;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    if (payload_receipt_decode(r->payload, &a, &p, NULL) != 0)
        p.n = 0; /* garbled by its author: it says nothing */
    for (uint32_t i = 0; i < p.n; i++)
        if (!is_damaged(t, &p.entries[i].record) && views_entry_counts(t, r, &p, &p.entries[i]) &&
            !views_receipt_noted(t, r, &p.entries[i]))
            check_findings_add(f, &p.entries[i].record, "its receipt is held, but not noted");
    arena_done(&a);
}

static void check_receipts(struct txn *t, struct findings *f) {
    struct log_walk w;
    struct hash id;
    struct record r;
    log_walk_init(&w, t, KIND_RECEIPT, 0);
    while (log_walk_next(&w, NULL, &id))
        if (log_get(t, &id, &r, NULL) == 0)
            check_receipt(t, &r, f);
    log_walk_done(&w);
}

static void check_names(struct txn *t, struct findings *f) {
    struct walk w;
    struct slice key, value;
    walk_init(&w, t, TABLE_NAMES, slice_of(NULL, 0));
    while (walk_next(&w, &key, &value)) {
        struct arena a;
        struct record r;
        struct payload_name name;
        struct hash id;
        struct reader v = reader_of(value);
        reader_copy(&v, id.b, HASH_BYTES);
        f->rows++;
        arena_init(&a, PAYLOAD_ARENA_BYTES);
        bool held = log_get(t, &id, &r, NULL) == 0 && r.h.kind == KIND_SUBJECT_NAME;
        if (!held || (!r.erased && (payload_name_decode(r.payload, &a, &name, NULL) != 0 ||
                                    !slice_equal(key, slice_of(name.subject.b, UID_BYTES)))))
            check_findings_add(f, &id, "the name of a subject is not where it is looked for");
        arena_done(&a);
    }
    walk_done(&w);
}

static void check_contact_rows(struct txn *t, struct findings *f) {
    struct walk w;
    struct slice key, value;
    walk_init(&w, t, TABLE_CONTACTS, slice_of(NULL, 0));
    while (walk_next(&w, &key, &value)) {
        struct hash record = {{0}};
        f->rows++;
        if (!stated_contacts_follows(t, key, value, &record))
            check_findings_add(f, &record, "what is noted of its contacts is not what it says");
    }
    walk_done(&w);
}

static void check_contacts(struct txn *t, struct findings *f) {
    struct log_walk w;
    struct hash id;
    struct record r;
    log_walk_init(&w, t, KIND_CONTACT, 0);
    while (log_walk_next(&w, NULL, &id)) {
        struct payload_contact p;
        struct arena a;
        arena_init(&a, PAYLOAD_ARENA_BYTES);
        if (log_get(t, &id, &r, NULL) == 0 && r.h.payload_version == PAYLOAD_VERSION &&
            payload_contact_decode(r.payload, &a, &p, NULL) == 0 &&
            !stated_contacts_noted(t, &r, &p))
            check_findings_add(f, &id, "it says more of contacts than is noted");
        arena_done(&a);
    }
    log_walk_done(&w);
}

static void check_act_rows(struct txn *t, struct findings *f) {
    struct walk w;
    struct slice key, value;
    walk_init(&w, t, TABLE_ACTS, slice_of(NULL, 0));
    while (walk_next(&w, &key, &value)) {
        struct hash record = {{0}};
        f->rows++;
        if (!acts_follow(t, key, value, &record))
            check_findings_add(f, &record, "what it gives or takes back is not noted as it says");
    }
    walk_done(&w);
}

static void check_acts(struct txn *t, struct findings *f, uint16_t kind) {
    struct log_walk w;
    struct hash id;
    struct record r;
    log_walk_init(&w, t, kind, 0);
    while (log_walk_next(&w, NULL, &id))
        if (log_get(t, &id, &r, NULL) == 0 && !acts_noted(t, &r))
            check_findings_add(f, &id, "what it gives or takes back is not noted as it says");
    log_walk_done(&w);
}

int check_views(struct actor *a, struct txn *t, struct findings *f, struct err *e) {
    (void)a;
    check_receipt_rows(t, f);
    check_drafts(t, f);
    check_receipts(t, f);
    check_names(t, f);
    check_contact_rows(t, f);
    check_contacts(t, f);
    check_act_rows(t, f);
    check_acts(t, f, KIND_EXTENSION);
    check_acts(t, f, KIND_WITHDRAWAL);
    return check_roster(t, f, e);
}
