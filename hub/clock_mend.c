#include "hub/clock_mend.h"

#include "core/mem.h"
#include "hub/root_key.h"
#include "node/append.h"
#include "node/views.h"
#include "proto/kinds.h"

/* ---- whose clock ---- */

static bool has(const struct clock_hubs *hubs, const struct hash *actor) {
    for (uint32_t i = 0; i < hubs->n; i++)
        if (hash_equal(&hubs->list[i], actor))
            return true;
    return false;
}

void clock_mend_hubs_done(struct clock_hubs *hubs) {
    mem_free(hubs->list);
    *hubs = (struct clock_hubs){0};
}

static int none(const struct actor *a, bool known, const struct uid *unit, const char *code,
                struct err *e) {
    if (!known)
        return err_set(e, ERR_REFUSED, "unit %s has no hub here", code);
    if (!uid_equal(unit, &a->unit))
        return err_set(e, ERR_REFUSED,
                       "the hub of unit %s is not below this hub: a hub above it mends its clock",
                       code);
    if (a->is_root)
        return err_set(e, ERR_REFUSED,
                       "the clock of the root hub is mended with the root key: give --key "
                       "root.key");
    return err_set(e, ERR_REFUSED,
                   "a hub cannot mend its own clock: the hub above does that, with `clock mend %s`",
                   code);
}

int clock_mend_hubs(struct actor *a, struct txn *t, const struct clock_mend *m,
                    const struct uid *unit, const char *code, struct clock_hubs *ret_hubs,
                    struct err *e) {
    struct clock_hubs hubs = {0};
    struct roster_walk w;
    struct member x;
    struct buf list;
    bool known = false;
    if (m->root_seed && !a->is_root)
        return err_set(e, ERR_REFUSED, "the root key is used at the root hub: mend it there");
    buf_init(&list);
    roster_walk_init(&w, t);
    while (roster_walk_next(&w, &x)) {
        if (x.by != BY_HUB || !uid_equal(&x.unit, unit))
            continue;
        known = true;
        if (has(&hubs, &x.actor) || !(m->root_seed || mends_may_state(t, &a->id, &x.actor)))
            continue;
        buf_put(&list, &x.actor, sizeof x.actor);
        hubs.list = buf_items(&list);
        hubs.n = (uint32_t)(list.len / sizeof x.actor);
    }
    roster_walk_done(&w);
    int rc = list.failed ? err_nomem(e) : hubs.n == 0 ? none(a, known, unit, code, e) : 0;
    if (rc == 0)
        *ret_hubs = hubs;
    else
        buf_done(&list);
    return rc;
}

/* ---- which receipts ---- */

int clock_mend_find(struct actor *a, struct txn *t, const struct clock_mend *m,
                    const struct clock_hubs *hubs, struct clock_touched **ret_list, uint32_t *ret_n,
                    struct err *e) {
    struct receipt_walk w;
    struct receipt_row row;
    struct clock_touched x;
    struct mends mends;
    struct buf list;
    uint32_t others = 0;
    int rc = mends_load(a, t, &mends, e);
    if (rc != 0)
        return rc;
    buf_init(&list);
    views_receipts_all(&w, t);
    while (views_receipts_next_of(&w, &x.record, &row)) {
        if (row.received_at < m->from || row.received_at >= m->until || !has(hubs, &row.issuer))
            continue;
        others += !row.clock_doubt && !m->all;
        if (!row.clock_doubt && !m->all)
            continue;
        x.issuer = row.issuer;
        x.shown = row.received_at;
        (void)mends_apply(&mends, &x.record, &row, &x.before);
        buf_put(&list, &x, sizeof x);
    }
    views_receipts_done(&w);
    mends_done(&mends);
    if (list.failed)
        rc = err_nomem(e);
    else if (list.len == 0 && others > 0)
        rc = err_set(e, ERR_REFUSED,
                     "%u receipts of that span do not doubt the clock: to mend them too, give "
                     "--all",
                     others);
    else if (list.len == 0)
        rc = err_set(e, ERR_REFUSED,
                     "no receipt of that hub is of that span: `clock list` shows which ones doubt "
                     "the clock");
    if (rc != 0) {
        buf_done(&list);
        return rc;
    }
    *ret_n = (uint32_t)(list.len / sizeof x);
    *ret_list = buf_items(&list);
    return 0;
}

/* ---- the act ---- */

static int state_one(struct actor *a, struct txn *t, const struct clock_mend *m,
                     const struct payload_clock_mend *p, struct err *e) {
    struct buf b;
    struct hash id;
    buf_init(&b);
    int rc = payload_clock_mend_encode(p, &b, e);
    if (rc == 0 && m->root_seed)
        rc = root_key_state(a, t, m->root_seed, KIND_CLOCK_MEND, buf_slice(&b), m->now, &id, e);
    else if (rc == 0)
        rc = append_own(a, t, KIND_CLOCK_MEND, NULL, buf_slice(&b), m->now, &id, e);
    buf_done(&b);
    return rc;
}

/* For one hub: as it doubts, or with `all` every record by its id, in as many acts as that takes.
 */
static int state_hub(struct actor *a, struct txn *t, const struct clock_mend *m,
                     const struct hash *hub, const struct clock_touched *list, uint32_t n,
                     uint32_t *acts, struct err *e) {
    struct hash records[LIMIT_LIST];
    struct payload_clock_mend p = {.actor = *hub,
                                   .from = m->from,
                                   .until = m->until,
                                   .shift_ms = m->shift_ms,
                                   .records = records,
                                   .reason = m->reason};
    bool any = false;
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < n; i++) {
        if (!hash_equal(&list[i].issuer, hub))
            continue;
        any = true;
        if (!m->all)
            break;
        records[p.n_records++] = list[i].record;
        if (p.n_records < LIMIT_LIST)
            continue;
        rc = state_one(a, t, m, &p, e);
        ++*acts;
        any = false;
        p.n_records = 0;
    }
    if (rc != 0 || !any)
        return rc;
    ++*acts;
    return state_one(a, t, m, &p, e);
}

int clock_mend_state(struct actor *a, struct txn *t, const struct clock_mend *m,
                     const struct clock_hubs *hubs, const struct clock_touched *list, uint32_t n,
                     uint32_t *ret_acts, struct err *e) {
    uint32_t acts = 0;
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < hubs->n; i++)
        rc = state_hub(a, t, m, &hubs->list[i], list, n, &acts, e);
    if (rc == 0)
        *ret_acts = acts;
    return rc;
}
