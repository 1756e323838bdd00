#include "node/standing_news.h"

#include "node/called.h"
#include "node/slots.h"
#include "node/standing_lineage.h"
#include "proto/payload_act.h"
#include "store/log.h"
#include "store/meta.h"

#define NAMES_PER_STEP 2048u
#define LINEAGE_ROWS 16384u /* that go for campaigns by themselves; for more all is made anew */

struct news {
    const struct catalog *c; /* NULL while names are read */
    struct txn *t;
    uint32_t left; /* of LINEAGE_ROWS */
    struct err *e;
};

/* Kinds of which each record may change any slot. */
static bool is_of_all(uint16_t kind) {
    return kind == KIND_UNITS || kind == KIND_GENESIS || kind == KIND_GRANT ||
           kind == KIND_REVOKE || kind == KIND_CLOCK_MEND;
}

static const uint16_t read_kinds[] = {KIND_GENESIS,
                                      KIND_GRANT,
                                      KIND_REVOKE,
                                      KIND_ENROL,
                                      KIND_UNITS,
                                      KIND_CAMPAIGN,
                                      KIND_PROFILE,
                                      KIND_EXTENSION,
                                      KIND_WITHDRAWAL,
                                      KIND_CAMPAIGN_ASSIGN,
                                      KIND_CAMPAIGN_WITHDRAW,
                                      KIND_CLOCK_MEND,
                                      KIND_SUBJECT_NAME};
#define ALL_KINDS (sizeof read_kinds / sizeof *read_kinds)
#define READ_KINDS (ALL_KINDS - 1) /* names are read apart */

bool standing_news_wide(struct txn *t) {
    uint16_t wide[READ_KINDS];
    size_t n = 0;
    for (size_t i = 0; i < READ_KINDS; i++)
        if (read_kinds[i] != KIND_EXTENSION && read_kinds[i] != KIND_WITHDRAWAL)
            wide[n++] = read_kinds[i];
    return log_grew_by(t, meta_u64(t, "standings.seen"), wide, n);
}

static bool is_news(struct txn *t, const struct standing_looked *now) {
    return log_grew_by(t, now->seen, read_kinds, READ_KINDS) ||
           log_grew_by(t, now->named, read_kinds + READ_KINDS, 1);
}

bool standing_news_none(struct txn *t, struct standing_looked *looked) {
    struct standing_looked now = {meta_u64(t, "standings.seen"), meta_u64(t, "standings.named"),
                                  log_last(t)};
    bool known =
        looked && looked->number != 0 && looked->seen == now.seen && looked->named == now.named;
    bool news = known ? log_grew_by(t, looked->number, read_kinds, ALL_KINDS) : is_news(t, &now);
    if (news || txn_failed(t, NULL) != 0)
        now.number = 0;
    if (looked)
        *looked = now;
    return !news;
}

/*
 * The first enrolment of somebody who could state nothing before, in the place of nobody, changes
 * no slot that is there; whoever is ended by it takes records along. What a hub stated in an epoch
 * before its last may be the first word of what it said again since.
 */
static bool changes_members(struct txn *t, const struct record *r, struct arena *a) {
    struct payload_enrol p;
    struct member m;
    if (payload_enrol_decode(r->payload, a, &p, NULL) != 0)
        return false;
    return p.n_ends > 0 || p.grant.epoch != 1 || !roster_find(t, &p.grant.actor, 1, &m) ||
           !hash_equal(&m.record, &r->id) || roster_epoch(t, &p.grant.actor) > 1 ||
           roster_epoch(t, &r->h.actor) > r->h.epoch;
}

static void touch_extended(struct txn *t, const struct record *r, struct arena *a) {
    struct payload_extension p;
    struct slot_walk w;
    struct slot_revision first;
    if (payload_extension_decode(r->payload, a, &p, NULL) != 0)
        return;
    struct slot slot = {p.issuer, p.campaign, p.period, p.kind, r->h.lane};
    slots_walk(&w, t, &slot);
    bool found = slots_next(&w, &first);
    slots_done(&w);
    if (found)
        slots_touch(t, &slot);
}

static void touch_withdrawn(struct txn *t, const struct record *r, struct arena *a) {
    struct payload_withdrawal p;
    if (payload_withdrawal_decode(r->payload, a, &p, NULL) == 0)
        slots_touch_report(t, &p.record);
}

/* `r` is of a campaign: what is kept of that goes, or all where others rest on it. */
static int forget_campaign(struct news *k, const struct record *r, bool *ret_all) {
    struct standing_lineage lineage;
    bool one;
    int rc = standing_lineage_of(k->c, k->t, r, &lineage, &one, k->e);
    if (rc == 0 && (!one || !standing_lineage_forget(k->t, &lineage, &k->left)))
        *ret_all = true;
    return rc;
}

/* What record `id` changes, which may be who is beyond a share of what is said of campaigns;
 * `ret_all`: more than a slot, or the slots of one campaign. */
static int read_news(struct news *k, const struct hash *id, bool *ret_all) {
    struct record r;
    struct arena a;
    int rc = log_get(k->t, id, &r, k->e);
    if (rc != 0 || r.h.payload_version != PAYLOAD_VERSION)
        return rc;
    if (is_of_all(r.h.kind) || (campaign_shares_weighs(r.h.kind) && k->c->shares.any_over))
        *ret_all = true;
    if (catalog_reads(r.h.kind) && !*ret_all)
        return forget_campaign(k, &r, ret_all);
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    if (r.h.kind == KIND_ENROL)
        *ret_all |= changes_members(k->t, &r, &a);
    else if (r.h.kind == KIND_EXTENSION)
        touch_extended(k->t, &r, &a);
    else if (r.h.kind == KIND_WITHDRAWAL)
        touch_withdrawn(k->t, &r, &a);
    bool whole = !a.failed || a.over_cap;
    arena_done(&a);
    return whole ? txn_failed(k->t, k->e) : err_nomem(k->e);
}

/* The ids of `kind` above `after`, at most `most`, into `out`; the last one's number. */
static uint64_t collect(struct txn *t, uint16_t kind, uint64_t after, uint32_t most,
                        struct buf *out) {
    struct log_walk w;
    struct hash id;
    log_walk_init(&w, t, kind, after);
    for (uint32_t i = 0; i < most && log_walk_next(&w, &after, &id); i++)
        buf_put(out, id.b, HASH_BYTES);
    log_walk_done(&w);
    return after;
}

/* Do `each` for all ids in `ids`. */
static int for_each(struct news *k, struct buf *ids, bool *all,
                    int (*each)(struct news *, const struct hash *, bool *)) {
    struct reader r = reader_of(buf_slice(ids));
    int rc = ids->failed ? err_nomem(k->e) : 0;
    while (rc == 0 && r.left > 0 && !(all && *all)) {
        struct hash id;
        reader_copy(&r, id.b, HASH_BYTES);
        rc = each(k, &id, all);
    }
    return rc;
}

int standing_news_take(const struct catalog *c, struct txn *t, bool *ret_all, struct err *e) {
    struct news k = {c, t, LINEAGE_ROWS, e};
    uint64_t seen = meta_u64(t, "standings.seen"), last = log_last(t);
    bool all = *ret_all;
    struct buf ids;
    int rc = 0;
    if (seen == last)
        return 0;
    buf_init(&ids);
    for (size_t i = 0; rc == 0 && !all && i < READ_KINDS; i++) {
        buf_clear(&ids);
        (void)collect(t, read_kinds[i], seen, UINT32_MAX, &ids);
        rc = for_each(&k, &ids, &all, read_news);
    }
    buf_done(&ids);
    meta_put_u64(t, "standings.seen", last);
    *ret_all = all;
    return rc == 0 ? txn_failed(t, e) : rc;
}

static int enter_name(struct news *k, const struct hash *id, bool *unused) {
    struct record r;
    (void)unused;
    int rc = log_get(k->t, id, &r, k->e);
    if (rc == 0)
        rc = called_enter(k->t, &r, k->e);
    return rc == 0 ? txn_failed(k->t, k->e) : rc;
}

int standing_news_names(struct txn *t, struct err *e) {
    struct news k = {NULL, t, 0, e};
    struct buf ids;
    uint64_t named = meta_u64(t, "standings.named");
    buf_init(&ids);
    uint64_t last = collect(t, KIND_SUBJECT_NAME, named, NAMES_PER_STEP, &ids);
    int rc = for_each(&k, &ids, NULL, enter_name);
    buf_done(&ids);
    if (rc == 0 && last != named)
        meta_put_u64(t, "standings.named", last);
    return rc;
}
