#include "core/limits.h"
#include "proto/payload.h"
#include "proto/wire.h"

#include <records.pb-c.h>

#define RECEIPT_ARGS_MAX 4u

static void put_entry(const struct receipt_entry *in, Thidua__ReceiptEntry *m) {
    thidua__receipt_entry__init(m);
    m->record = wire_hash(&in->record);
    m->received_at = in->received_at;
    m->state = in->state;
    m->code = in->code;
    m->n_args = in->n_args;
    m->args = in->args;
    m->clock_doubt = in->clock_doubt;
}

int payload_receipt_encode(const struct payload_receipt *p, struct buf *out, struct err *e) {
    struct arena a;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    Thidua__ReceiptEntry *entries = arena_alloc(&a, p->n * sizeof *entries);
    Thidua__Receipt m = THIDUA__RECEIPT__INIT;
    m.actor = wire_hash(&p->actor);
    m.epoch = p->epoch;
    m.as_of = p->as_of;
    m.n_entries = p->n;
    m.entries = arena_alloc(&a, p->n * sizeof *m.entries);
    int rc = entries && m.entries ? 0 : err_nomem(e);
    for (uint32_t i = 0; rc == 0 && i < p->n; i++)
        put_entry(&p->entries[i], m.entries[i] = &entries[i]);
    if (rc == 0)
        rc = wire_pack(&m.base, out, e);
    arena_done(&a);
    return rc;
}

static void get_entry(struct wire_check *c, const Thidua__ReceiptEntry *m,
                      struct receipt_entry *out) {
    wire_bytes(c, "entries.record", m->record, false, out->record.b, HASH_BYTES);
    wire_range(c, "entries.state", m->state, RECEIPT_HELD, RECEIPT_REJECTED);
    wire_range(c, "entries.args", m->n_args, 0, RECEIPT_ARGS_MAX);
    for (size_t i = 0; c->rc == 0 && i < m->n_args; i++)
        wire_text(c, "entries.args", m->args[i], LIMIT_NAME);
    wire_require(c, "entries.code", (m->state == RECEIPT_REJECTED) == (m->code != 0));
    out->received_at = wire_instant(c, "entries.received_at", m->received_at);
    out->state = m->state;
    out->code = m->code;
    out->n_args = (uint32_t)m->n_args;
    out->args = m->args;
    out->clock_doubt = m->clock_doubt;
}

int payload_receipt_decode(struct slice in, struct arena *a, struct payload_receipt *ret,
                           struct err *e) {
    Thidua__Receipt *m;
    int rc = wire_unpack(&thidua__receipt__descriptor, in, a, "receipt", &m, e);
    if (rc != 0)
        return rc;
    struct payload_receipt p = {.epoch = m->epoch, .n = (uint32_t)m->n_entries, .as_of = m->as_of};
    struct wire_check c = {.what = "receipt", .e = e};
    wire_bytes(&c, "actor", m->actor, false, p.actor.b, HASH_BYTES);
    wire_range(&c, "epoch", m->epoch, 1, UINT32_MAX);
    wire_range(&c, "entries", m->n_entries, 1, LIMIT_RECEIPT_ENTRIES);
    if (c.rc != 0)
        return c.rc;
    p.entries = arena_alloc(a, m->n_entries * sizeof *p.entries);
    if (!p.entries)
        return wire_no_room(a, "receipt", e);
    for (size_t i = 0; i < m->n_entries; i++)
        get_entry(&c, m->entries[i], &p.entries[i]);
    if (c.rc == 0)
        *ret = p;
    return c.rc;
}

void reject_words(uint32_t code, uint32_t n_args, char *const *args, struct err *why) {
    const char *a = n_args > 0 ? args[0] : "-", *b = n_args > 1 ? args[1] : "-";
    switch ((enum reject_code)code) {
    case REJECT_MALFORMED:
        err_set(why, ERR_REFUSED, "the report cannot be read: %s", a);
        return;
    case REJECT_CAMPAIGN:
        err_set(why, ERR_REFUSED, "the report names a campaign that was not issued to this unit");
        return;
    case REJECT_TEMPLATE:
        err_set(why, ERR_REFUSED, "%s is a template: nobody reports to it", a);
        return;
    case REJECT_PERIOD:
        err_set(why, ERR_REFUSED, "the campaign has no period %s", a);
        return;
    case REJECT_KIND:
        err_set(why, ERR_REFUSED, "the campaign asks for no report of kind %s", a);
        return;
    case REJECT_UNIT:
        err_set(why, ERR_REFUSED, "this office may not report for unit %s", a);
        return;
    case REJECT_PROFILE:
        err_set(why, ERR_REFUSED, "the report names a scoring profile of another campaign");
        return;
    case REJECT_SUBJECTS:
        err_set(why, ERR_REFUSED, "the report names a subject list that is not of this unit");
        return;
    case REJECT_SHAPE:
        err_set(why, ERR_REFUSED, "the sheet does not fit the campaign's criteria: %s", a);
        return;
    case REJECT_VALUE:
        err_set(why, ERR_REFUSED, "the value of %s at %s is not allowed", a, b);
        return;
    case REJECT_INCOMPLETE:
        err_set(why, ERR_REFUSED, "%s values are missing: an incomplete sheet is not accepted", a);
        return;
    case REJECT_NIL:
        err_set(why, ERR_REFUSED, "a nil report carries no values");
        return;
    case REJECT_WITHDRAWN:
        err_set(why, ERR_REFUSED, "campaign %s had been withdrawn before the report came", a);
        return;
    case REJECT_NO_REPORT:
        err_set(why, ERR_REFUSED, "the withdrawal names no report of this unit");
        return;
    case REJECT_VOID:
        err_set(why, ERR_REFUSED,
                "the report names a version of its campaign or scoring profile whose hub had been "
                "revoked before it stated that: report again by the version in force");
        return;
    case REJECT_REVISIONS:
        err_set(why, ERR_REFUSED,
                "this machine has sent %s revisions of this report, and no more are taken: the one "
                "before this one stands; ask the hub for a new ticket if it is wrong",
                a);
        return;
    }
    err_set(why, ERR_REFUSED,
            "rejected for a reason that this program does not know (%u): update it", code);
}

int payload_contact_encode(const struct payload_contact *p, struct buf *out, struct err *e) {
    struct arena a;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    Thidua__ContactEntry *entries = arena_alloc(&a, p->n * sizeof *entries);
    Thidua__Contact m = THIDUA__CONTACT__INIT;
    m.stated_at = p->stated_at;
    m.n_children = p->n;
    m.children = arena_alloc(&a, p->n * sizeof *m.children);
    int rc = entries && m.children ? 0 : err_nomem(e);
    for (uint32_t i = 0; rc == 0 && i < p->n; i++) {
        thidua__contact_entry__init(&entries[i]);
        entries[i].actor = wire_hash(&p->children[i].actor);
        entries[i].unit = wire_uid(&p->children[i].unit);
        entries[i].heard_at = wire_from_instant(p->children[i].heard_at);
        entries[i].drained_to = wire_from_instant(p->children[i].drained_to);
        m.children[i] = &entries[i];
    }
    if (rc == 0)
        rc = wire_pack(&m.base, out, e);
    arena_done(&a);
    return rc;
}

int payload_contact_decode(struct slice in, struct arena *a, struct payload_contact *ret,
                           struct err *e) {
    Thidua__Contact *m;
    int rc = wire_unpack(&thidua__contact__descriptor, in, a, "contact", &m, e);
    if (rc != 0)
        return rc;
    struct wire_check c = {.what = "contact", .e = e};
    struct payload_contact p = {.n = (uint32_t)m->n_children};
    p.stated_at = wire_instant(&c, "stated_at", m->stated_at);
    wire_range(&c, "children", m->n_children, 0, LIMIT_CHILDREN);
    if (c.rc != 0)
        return c.rc;
    p.children = arena_alloc(a, m->n_children * sizeof *p.children);
    if (!p.children)
        return wire_no_room(a, "contact", e);
    for (size_t i = 0; i < m->n_children; i++) {
        const Thidua__ContactEntry *in_entry = m->children[i];
        struct contact_entry *entry = &p.children[i];
        wire_bytes(&c, "children.actor", in_entry->actor, false, entry->actor.b, HASH_BYTES);
        wire_bytes(&c, "children.unit", in_entry->unit, false, entry->unit.b, UID_BYTES);
        entry->heard_at = wire_instant_or_none(&c, "children.heard_at", in_entry->heard_at);
        entry->drained_to = wire_instant_or_none(&c, "children.drained_to", in_entry->drained_to);
    }
    if (c.rc == 0)
        *ret = p;
    return c.rc;
}
