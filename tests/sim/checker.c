#include "tests/sim/checker.h"

#include "core/mem.h"
#include "store/key.h"
#include "tests/sim/peek.h"

#include <assert.h>
#include <stdio.h>

static void text_of(const struct sim *sim, const struct stated *s, char out[48]) {
    (void)snprintf(out, 48, "%s's record %llu", sim->machines[s->owner].code,
                   (unsigned long long)s->seq);
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

/* A hub's log has all that was stated below it, and no other office's. */
static void check_log(struct sim *sim, struct machine *m, struct txn *t) {
    struct history *h = &sim->history;
    uint8_t *counts = mem_zalloc(h->n, 1);
    assert(counts);
    count_log(sim, m, t, counts);
    for (uint32_t i = 0; i < h->n; i++) {
        const struct stated *s = &h->list[i];
        char text[48];
        text_of(sim, s, text);
        if (sim_under(&sim->machines[s->owner], m) && counts[i] != 1)
            sim_violate(sim, "1 receipted is held", "%s is in the log of %s %u times", text,
                        m->code, counts[i]);
    }
    mem_free(counts);
}

/* ---- 3: chains ---- */

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
    if (txn_count(t, TABLE_PENDING) != 0)
        sim_violate(sim, "8 settles", "%s: records are pending at the end", m->code);
    if (txn_count(t, TABLE_FORKS) != 0 && !sim->asked.clone && !sim->asked.rollback)
        sim_violate(sim, "3 no gaps", "%s: a fork where nobody forked", m->code);
}

/* ---- 4: receipts ---- */

static bool was_taken_at(const struct reception *r, instant at) {
    for (uint32_t i = 0; i < r->n_takes; i++)
        if (r->takes[i] == at)
            return true;
    return r->n_takes == TAKES_MAX;
}

static bool holds(struct txn *t, const struct hash *id) {
    return txn_get(t, TABLE_RECORDS, slice_of(id->b, HASH_BYTES), NULL);
}

static void check_final(struct sim *sim, const struct stated *s, const struct reception *r,
                        const char *text, const char *hub) {
    static const uint32_t states[] = {[EXPECT_VALID] = 2, [EXPECT_REJECTED] = 3};
    if (r->finals != 1 || r->helds > 1)
        sim_violate(sim, "4 receipts", "%s has %u final receipts of %s and %u held", text,
                    r->finals, hub, r->helds);
    else if (r->state != states[s->expect] || r->code != s->code)
        sim_violate(sim, "4 verdicts", "%s: %s's receipt %u with code %u, should be %u with %u",
                    text, hub, r->state, r->code, states[s->expect], s->code);
    else if (!was_taken_at(r, r->received_at))
        sim_violate(sim, "4 instants", "%s: received_at %lld is no instant at which %s took it in",
                    text, (long long)r->received_at, hub);
    else if (r->n_takes == 1 && r->helds == 0 && r->doubt && !r->got_doubt)
        sim_violate(sim, "4 instants", "%s: %s's clock was off, its receipt does not say so", text,
                    hub);
    else if (r->sure && r->got_doubt)
        sim_violate(sim, "4 instants", "%s: %s doubts its clock, and no clock was off", text, hub);
}

/* What every hub above said of `s`, and that its author has it. */
static void check_receipts(struct sim *sim, const struct stated *s, struct txn *t) {
    const struct machine *owner = &sim->machines[s->owner];
    char text[48];
    text_of(sim, s, text);
    for (uint32_t level = 0; level < owner->level; level++) {
        const struct reception *r = &s->hubs[level];
        const char *hub = sim_hub_of(owner, level)->code;
        if (s->expect == EXPECT_HELD && (r->helds != 1 || r->finals != 0))
            sim_violate(sim, "4 receipts", "%s waits for ever at %s: %u held, %u final", text, hub,
                        r->helds, r->finals);
        else if (s->expect != EXPECT_HELD)
            check_final(sim, s, r, text, hub);
        if ((r->helds > 0 && !holds(t, &r->held_id)) || (r->finals > 0 && !holds(t, &r->final_id)))
            sim_violate(sim, "1 receipted is held", "%s: its office lacks the receipt of %s", text,
                        hub);
    }
}

static void check_office(struct sim *sim, struct machine *m, struct txn *t) {
    const struct history *h = &sim->history;
    for (uint32_t i = m->first_report; i > 0; i = h->list[i - 1].next)
        check_receipts(sim, &h->list[i - 1], t);
}

void checker_settled(struct sim *sim, struct machine *m) {
    const struct history *h = &sim->history;
    struct txn *t;
    struct err e = {0};
    if (m->first_report == 0)
        return;
    if (txn_begin(m->actor.db, false, &t, &e) != 0) {
        sim_broken(sim, "reading a store", &e);
        return;
    }
    for (uint32_t i = m->first_report; i > 0; i = h->list[i - 1].next) {
        const struct stated *s = &h->list[i - 1];
        const struct reception *r = &s->hubs[m->level - 1];
        if (s->expect != EXPECT_NOTHING && !holds(t, &r->held_id) && !holds(t, &r->final_id))
            sim_violate(sim, "1 settled means receipted",
                        "%s says all is exchanged; its record %llu has no receipt", m->code,
                        (unsigned long long)s->seq);
    }
    txn_abort(t);
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

/* The stream that the hub above keeps for `m`; a byte of doubt follows it. */
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
    for (uint32_t i = m->first_report; i > 0; i = h->list[i - 1].next) {
        const struct stated *s = &h->list[i - 1];
        uint32_t by;
        if (s->deed == NO_DEED || s->expect != EXPECT_VALID)
            continue;
        q.issuer = &sim->machines[s->issuer];
        q.below = s->below;
        q.interim = s->interim;
        struct plain_slot slot = checker_slot(sim, &q);
        const struct issue *k = &q.issuer->issue;
        instant first = checker_first(sim, &q, s, &by);
        f->came[s->deed] = first < (k->amends ? k->due[2] : k->due[1]) ? SLOT_ON_TIME
                           : first < slot.window                       ? SLOT_EXCUSED
                                                                       : SLOT_LATE;
        f->slots[q.issuer->level][q.below][q.interim] = slot.state;
    }
}

static void check_machine(struct sim *sim, struct machine *m) {
    struct txn *t;
    struct err e = {0};
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
        check_office(sim, m, t);
    }
    actor_abort(&m->actor, t);
}

void checker_run(struct sim *sim, struct outcome *ret_outcome) {
    (void)checker_drained(sim, "9 queues");
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
