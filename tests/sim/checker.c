#include "tests/sim/checker.h"

#include "core/mem.h"
#include "hub/check_slots.h"
#include "hub/check_standings.h"
#include "node/check.h"
#include "store/key.h"
#include "tests/sim/peek.h"

#include <assert.h>
#include <stdio.h>

static void text_of(const struct sim *sim, const struct stated *s, char out[64]) {
    (void)snprintf(out, 64, "%s's record %llu of epoch %u, kind %u", sim->machines[s->owner].code,
                   (unsigned long long)s->seq, s->epoch, s->kind);
}

/* ---- 1: logs ---- */

static void count_log(struct sim *sim, struct machine *m, struct txn *t, uint8_t *counts) {
    struct history *h = &sim->history;
    struct walk w;
    struct slice k, v;
    walk_init(&w, t, TABLE_LOG, slice_of(NULL, 0));
    while (walk_next(&w, &k, &v)) {
        struct hash id;
        memcpy(id.b, v.data, HASH_BYTES);
        const struct stated *s = history_find(h, &id);
        if (s && counts[s - h->list]++ > 0)
            sim_violate(sim, "1 receipted is held", "%s's log has a record twice", m->code);
    }
    walk_done(&w);
}

/* Whether the log that `counts` is of has what says the same as the record at `index`, which its
 * author stated again where its place turned out to be taken. Receipts are written anew then: what
 * they say is checked report by report. */
static bool is_said_again(const struct history *h, const uint8_t *counts, uint32_t index) {
    const struct stated *s = &h->list[index];
    for (uint32_t i = index + 1; i < h->n; i++) {
        const struct stated *later = &h->list[i];
        if (later->owner != s->owner || later->kind != s->kind || counts[i] != 1 ||
            later->epoch <= s->epoch)
            continue;
        if (s->kind == PEEK_REPORT ? later->deed == s->deed : later->len == s->len)
            return true;
    }
    return false;
}

/* A hub's log has all that was stated below it and is held anywhere, and no other office's. */
static void check_log(struct sim *sim, struct machine *m, struct txn *t) {
    struct history *h = &sim->history;
    uint8_t *counts = mem_zalloc(h->n, 1);
    assert(counts);
    count_log(sim, m, t, counts);
    for (uint32_t i = 0; i < h->n; i++) {
        const struct stated *s = &h->list[i];
        char text[64];
        if (counts[i] == 1 || s->gone || !sim_under(&sim->machines[s->owner], m))
            continue;
        text_of(sim, s, text);
        if (!s->contested)
            sim_violate(sim, "1 receipted is held", "%s is in the log of %s %u times", text,
                        m->code, counts[i]);
        else if (s->owner != m->index && s->kind != PEEK_RECEIPT && !is_said_again(h, counts, i))
            sim_violate(sim, "1 receipted is held",
                        "%s, whose place was taken, was not said again to %s", text, m->code);
    }
    mem_free(counts);
}

/* ---- 3: chains ---- */

static void check_pending(struct sim *sim, const struct machine *m, struct txn *t) {
    struct walk w;
    struct slice v;
    walk_init(&w, t, TABLE_PENDING, slice_of(NULL, 0));
    while (walk_next(&w, NULL, &v)) {
        struct peek_record r = {0};
        const struct stated *s = NULL;
        if (v.len > 9 && peek_record(slice_of(v.data + 9, v.len - 9), &r))
            s = history_find(&sim->history, &r.id);
        sim_violate(sim, "8 settles", "%s: record %llu of %s, epoch %u, kind %u, waits at the end",
                    m->code, (unsigned long long)r.seq, s ? sim->machines[s->owner].code : "nobody",
                    r.epoch, r.kind);
    }
    walk_done(&w);
}

/* Two records in one place are kept as evidence: of those only who went on from an old copy. */
static void check_forks(struct sim *sim, const struct machine *m, struct txn *t) {
    struct walk w;
    struct slice bytes;
    walk_init(&w, t, TABLE_FORKS, slice_of(NULL, 0));
    while (walk_next(&w, NULL, &bytes)) {
        struct hash id;
        const struct stated *s = peek_id(bytes, &id) ? history_find(&sim->history, &id) : NULL;
        sim->forks++;
        if (!sim->machines[s ? s->owner : 0]
                 .struck) /* the root key may be fetched for two copies */
            sim_violate(sim, "3 no gaps", "%s: a fork where nobody forked", m->code);
    }
    walk_done(&w);
}

static void check_chains(struct sim *sim, struct machine *m, struct txn *t) {
    struct walk w;
    struct slice k, v, bytes;
    uint8_t lane[HASH_BYTES + 4 + UID_BYTES] = {0};
    struct hash last = {{0}}, id;
    uint64_t seq = 0;
    walk_init(&w, t, TABLE_LANES, slice_of(NULL, 0));
    while (walk_next(&w, &k, &v)) {
        struct peek_record r;
        if (memcmp(k.data, lane, sizeof lane) != 0) {
            memcpy(lane, k.data, sizeof lane);
            last = (struct hash){{0}};
            seq = 0;
        }
        memcpy(id.b, v.data, HASH_BYTES);
        if (!txn_get(t, TABLE_RECORDS, v, &bytes) || !peek_record(bytes, &r) || r.seq != ++seq ||
            !hash_equal(&r.prev, &last)) {
            sim_violate(sim, "3 no gaps", "%s: a chain breaks at %llu", m->code,
                        (unsigned long long)seq);
            break;
        }
        last = id;
    }
    walk_done(&w);
    check_pending(sim, m, t);
    check_forks(sim, m, t);
}

/* ---- 9: queues ---- */

static uint64_t raw_end(struct txn *t, const struct uid *stream) {
    struct slice k;
    if (!walk_last(t, TABLE_STREAMS, slice_of(stream->b, UID_BYTES), &k, NULL))
        return 0;
    struct reader r = reader_of(slice_of(k.data + UID_BYTES, k.len - UID_BYTES));
    return reader_u64(&r);
}

static uint64_t raw_cursor(struct txn *t, const struct hash *owner, const struct uid *stream) {
    struct key k = {.n = 0};
    struct slice v;
    key_hash(&k, owner);
    key_uid(&k, stream);
    if (!txn_get(t, TABLE_CURSORS, key_slice(&k), &v))
        return 0;
    struct reader r = reader_of(v);
    return reader_u64(&r);
}

/* The stream that the hub above keeps for `m`; a byte of flags follows it. */
static bool raw_inbox(struct txn *above, const struct machine *m, struct uid *ret_inbox) {
    struct key k = {.n = 0};
    struct slice v;
    key_uid(&k, &m->unit);
    key_hash(&k, &m->actor.id);
    if (!txn_get(above, TABLE_CHILDREN, key_slice(&k), &v) || v.len != UID_BYTES + 1)
        return false;
    memcpy(ret_inbox->b, v.data, UID_BYTES);
    return true;
}

/* What is still under way between `m` and the hub above, up and down. */
static bool under_way(const struct machine *m, struct txn *t, struct txn *above, uint64_t left[2]) {
    struct uid inbox;
    if (!raw_inbox(above, m, &inbox))
        return true;
    left[0] = raw_end(t, &m->actor.outbox) - raw_cursor(above, &m->actor.id, &m->actor.outbox);
    left[1] = raw_end(above, &inbox) - raw_cursor(t, &sim_above(m)->actor.id, &inbox);
    return left[0] != 0 || left[1] != 0;
}

static bool is_drained(struct sim *sim, struct machine *m, const char *property) {
    struct txn *t = NULL, *above = NULL;
    uint64_t left[2] = {0, 0};
    struct machine *hub = sim_above(m);
    if (!m->up || !hub->up || !m->joined)
        return false;
    bool drained = txn_begin(m->actor.db, false, &t, NULL) == 0 &&
                   txn_begin(hub->actor.db, false, &above, NULL) == 0 &&
                   !under_way(m, t, above, left);
    txn_abort(t);
    txn_abort(above);
    if (!drained && property)
        sim_violate(sim, property, "between %s and %s: %lld under way up, %lld down", m->code,
                    hub->code, (long long)left[0], (long long)left[1]);
    return drained;
}

bool checker_drained(struct sim *sim, const char *property) {
    for (uint32_t i = 1; i < sim->n; i++) { /* begin where it failed the last time */
        uint32_t at = 1 + (uint32_t)((sim->looks + i - 1) % (sim->n - 1));
        if (!is_drained(sim, &sim->machines[at], property)) {
            sim->looks = at - 1;
            return false;
        }
    }
    return true;
}

/* ---- all of it ---- */

static void note_fate(struct sim *sim, struct machine *m, struct fate *f) {
    const struct history *h = &sim->history;
    struct plain_asked q = {.hub = &sim->machines[0], .unit = m, .at = INSTANT_MAX};
    for (uint32_t i = 0; i < DEEDS_MAX; i++)
        f->came[i] = SLOT_NOT_DUE;
    for (uint32_t i = m->first_report; i > 0; i = h->list[i - 1].next) {
        const struct stated *s = &h->list[i - 1];
        uint32_t by;
        if (s->deed == NO_DEED || s->expect != EXPECT_VALID || s->gone)
            continue;
        q.issuer = &sim->machines[s->issuer];
        q.below = s->below;
        q.interim = s->interim;
        struct plain_slot slot = checker_slot(sim, &q);
        const struct issue *k = &q.issuer->issue;
        instant first = checker_first(sim, &q, s, &by);
        if (first == INSTANT_NONE)
            continue; /* it was stated again */
        f->came[s->deed] = first < (k->amends ? k->due[2] : k->due[1]) ? SLOT_ON_TIME
                           : first < slot.window                       ? SLOT_EXCUSED
                                                                       : SLOT_LATE;
        f->slots[q.issuer->level][q.below][q.interim] = slot.state;
    }
}

/* ---- 11: the product's own check ---- */

static int check_hub(struct actor *actor, struct txn *t, struct findings *f, struct err *e) {
    int rc = check_slots(actor, t, f, e);
    return rc == 0 ? check_standings(actor, t, f, e) : rc;
}

static void check_store_of(struct sim *sim, struct machine *m, struct txn *t) {
    struct findings f = {.world = &m->world};
    struct err e;
    err_init(&e);
    if (check_here(&m->actor, t, m->is_hub ? check_hub : NULL, &f, &e) != 0)
        sim_broken(sim, "checking a store", &e);
    else if (f.total > 0)
        sim_violate(sim, "11 check", "%s: %s", m->code, f.n > 0 ? f.list[0].what : "something");
    check_findings_done(&f);
}

static void check_machine(struct sim *sim, struct machine *m) {
    struct txn *t;
    struct err e;
    err_init(&e);
    if (actor_begin(&m->actor, false, &t, &e) != 0) {
        sim_broken(sim, "reading a store", &e);
        return;
    }
    check_chains(sim, m, t);
    if (m->is_hub) {
        check_log(sim, m, t);
        checker_boards(sim, m, t, true);
        checker_rankings(sim, m, t);
    } else {
        checker_receipts(sim, m, t);
    }
    if (sim->faulty)
        check_store_of(sim, m, t);
    actor_abort(&m->actor, t);
}

void checker_run(struct sim *sim, struct outcome *ret_outcome) {
    (void)checker_drained(sim, "9 queues");
    history_contest(&sim->history);
    *ret_outcome = (struct outcome){sim->n, mem_zalloc(sim->n, sizeof *ret_outcome->list)};
    assert(ret_outcome->list);
    for (uint32_t i = 0; i < sim->n; i++) {
        check_machine(sim, &sim->machines[i]);
        if (!sim->machines[i].is_hub)
            note_fate(sim, &sim->machines[i], &ret_outcome->list[i]);
    }
}

void outcome_done(struct outcome *o) {
    mem_free(o->list);
    *o = (struct outcome){0};
}

/* ---- 10: with and without accidents ---- */

/* Whether `m` stated the same in both runs, and all of it came in time alike. */
static bool came_alike(const struct machine *m, const struct fate *a, const struct fate *b) {
    for (uint32_t i = 0; i < m->n_deeds; i++)
        if (a->came[i] != b->came[i] || m->deeds[i].kind == DEED_WITHDRAW)
            return false;
    return true;
}

void checker_compare(struct sim *sim, const struct outcome *with, const struct outcome *without) {
    for (uint32_t i = 0; i < with->n && i < without->n; i++) {
        const struct machine *m = &sim->machines[i];
        const struct fate *a = &with->list[i], *b = &without->list[i];
        if (m->is_hub || !came_alike(m, a, b))
            continue;
        for (uint32_t k = 0; k < m->n_deeds; k++) {
            const struct deed *d = &m->deeds[k];
            uint32_t level = sim->machines[d->issuer].level, below = d->kind == DEED_BELOW;
            bool on_time = a->slots[level][below][d->interim] == SLOT_ON_TIME;
            if (on_time != (b->slots[level][below][d->interim] == SLOT_ON_TIME))
                sim_violate(sim, "10 same verdicts",
                            "%s, deed %u came in time with and without accidents, and its slot is "
                            "judged otherwise",
                            m->code, k);
        }
    }
}
