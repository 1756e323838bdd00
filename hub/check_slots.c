#include "hub/check_slots.h"

#include "hub/arrivals.h"
#include "hub/ingest.h"
#include "node/judge.h"
#include "node/path.h"
#include "node/slots.h"
#include "node/views.h"
#include "store/log.h"

/* Whether `report` stands in `slot`, once, and beside it what belongs there. */
static bool stands_once(struct txn *t, const struct slot *slot, const struct hash *report) {
    struct slot_walk w;
    struct slot_revision in;
    unsigned n = 0;
    slots_walk(&w, t, slot);
    while (slots_next(&w, &in))
        n += hash_equal(&in.report, report);
    slots_done(&w);
    return n == 1 && !w.damaged;
}

/* Whether `campaign` is here and was stated after its author's end, or beyond its share: reports on
 * it count for nothing. */
static bool is_void(struct actor *actor, struct txn *t, const struct hash *campaign) {
    struct record r;
    return log_get(t, campaign, &r, NULL) == 0 &&
           (!roster_stands(t, &r.h) || !campaign_shares_count(&actor->catalog.shares, t, &r.h));
}

/* Whether report `r` stands where its content says. What does not decode was told elsewhere. */
static bool stands_in_place(struct actor *actor, struct txn *t, const struct record *r) {
    struct arena a;
    struct payload_report p;
    bool stands = true;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    if (payload_report_decode(r->payload, &a, &p, NULL) == 0) {
        const struct catalog_campaign *k = catalog_campaign(&actor->catalog, &p.campaign);
        struct slot slot = {.period = p.period, .kind = p.kind, .unit = p.unit};
        if (k) {
            slot.issuer = k->issuer;
            slot.campaign = k->c.id;
        }
        stands = k ? stands_once(t, &slot, &r->id) : is_void(actor, t, &p.campaign);
    }
    arena_done(&a);
    return stands;
}

/* Whether `id` is a valid report by a machine that reported to the hub before this one, which said
 * when it came: this one only gave it its place. */
static bool is_left_valid(struct actor *actor, struct txn *t, const struct hash *id) {
    struct record r;
    struct member author;
    struct judgement j;
    return log_get(t, id, &r, NULL) == 0 && roster_find(t, &r.h.actor, r.h.epoch, &author) &&
           !path_below(t, &author, &actor->id) &&
           judge_report(&actor->catalog, t, &r, &author, &j, NULL, NULL) == 0 &&
           j.state == RECEIPT_VALID;
}

/* Whether its content was found valid, even if its campaign had been withdrawn before it came. */
static bool is_valid(struct actor *actor, struct txn *t, const struct hash *id) {
    struct receipt_row row;
    if (!views_receipt(t, id, &actor->id, &row))
        return is_left_valid(actor, t, id);
    return row.state == RECEIPT_VALID || row.code == REJECT_WITHDRAWN;
}

/* Whether the list of subjects that `r` names is held. It may be evidence alone where this store
 * was put back, and the list displaced: then nothing can be said of the report, whatever was. */
static bool has_list(struct txn *t, const struct record *r) {
    struct arena a;
    struct payload_report p;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    bool has = payload_report_decode(r->payload, &a, &p, NULL) != 0 || log_has(t, &p.subjects);
    arena_done(&a);
    return has;
}

/* Whether `r`, which was receipted as valid and stands in no slot, is to stand in one: what stands
 * behind its author's end has no place in any. */
static bool is_missing(struct txn *t, const struct record *r) {
    return !arrivals_has(t, &r->id) && roster_stands(t, &r->h) && has_list(t, r);
}

/* Every report that was receipted as valid; how many there are. */
static uint64_t check_reports(struct actor *actor, struct txn *t, struct findings *f) {
    struct log_walk w;
    struct hash id;
    struct record r;
    uint64_t n = 0;
    log_walk_init(&w, t, KIND_REPORT, 0);
    while (log_walk_next(&w, NULL, &id)) {
        if (!is_valid(actor, t, &id) || log_get(t, &id, &r, NULL) != 0)
            continue;
        bool stands = stands_in_place(actor, t, &r);
        n += stands || is_missing(t, &r);
        if (!stands && is_missing(t, &r))
            check_findings_add(
                f, &id, "the slot of this report, which was receipted as valid, is not whole");
    }
    log_walk_done(&w);
    return n;
}

/* Whether the row says the same of its report as `r`, what the report says of itself. */
static bool tells_content(const struct slot_revision *in, const struct record *r) {
    struct arena a;
    struct payload_report p;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    bool right = payload_report_decode(r->payload, &a, &p, NULL) != 0 ||
                 (in->number == p.revision && in->nil == p.nil);
    arena_done(&a);
    return right;
}

/* Whether what the row says of its report is what the report says; one that is lost says nothing.
 */
static bool says_right(struct txn *t, const struct slot_revision *in) {
    struct record r;
    return log_get(t, &in->report, &r, NULL) != 0 ||
           (hash_equal(&in->author, &r.h.actor) && in->epoch == r.h.epoch && in->seq == r.h.seq &&
            tells_content(in, &r));
}

int check_slots(struct actor *actor, struct txn *t, struct findings *f, struct err *e) {
    struct slot_walk w;
    struct slot_revision in;
    uint64_t valid = check_reports(actor, t, f), rows = 0;
    slots_walk_all(&w, t);
    while (slots_next(&w, &in)) {
        if (!says_right(t, &in))
            check_findings_add(f, &in.report,
                               "a slot names another author or place of this report");
        bool valid_here = log_has(t, &in.report) && is_valid(actor, t, &in.report);
        rows++;
        valid += !valid_here && arrivals_has(t, &in.report);
        if (!valid_here && !arrivals_has(t, &in.report))
            check_findings_add(f, &in.report,
                               "a slot counts this report, which was never receipted as "
                               "valid here");
    }
    slots_done(&w);
    f->rows += rows;
    if (rows != valid)
        check_findings_add(f, NULL, "%llu reports are valid and %llu stand in slots",
                           (unsigned long long)valid, (unsigned long long)rows);
    return txn_failed(t, e);
}
