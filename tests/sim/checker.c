#include "tests/sim/checker.h"

#include "core/mem.h"
#include "core/verdict.h"
#include "node/slots.h"
#include "node/views.h"
#include "store/key.h"
#include "tests/sim/office.h"
#include "tests/sim/peek.h"

#include <assert.h>
#include <stdio.h>

static void text_of(const struct stated *s, char out[48]) {
    (void)snprintf(out, 48, "node %u's record %llu", s->node, (unsigned long long)s->seq);
}

/* ---- 1, 2: the hub's log ---- */

/* Whether `actor` is one of ours at the top: the root key or the hub. */
static bool is_top(struct sim *sim, const struct peek_record *r) {
    return hash_equal(&r->actor, &sim->root.actor.id) || r->kind == 1 || r->kind == 2;
}

static void check_logged(struct sim *sim, struct txn *t, const struct hash *id, uint8_t *counts) {
    struct slice bytes;
    struct peek_record r;
    if (!txn_get(t, TABLE_RECORDS, slice_of(id->b, HASH_BYTES), &bytes) ||
        !peek_record(bytes, &r) || !hash_equal(&r.id, id)) {
        sim_violate(sim, "1 receipted is held", "the hub's log names a record that it lacks");
        return;
    }
    struct stated *s = history_find(&sim->history, id);
    if (!s && !is_top(sim, &r)) {
        sim_violate(sim, "2 nothing else is held", "a record of kind %u that nobody stated",
                    r.kind);
        return;
    }
    if (!s)
        return;
    counts[s - sim->history.list]++;
    if (!slice_equal(bytes, slice_of(s->bytes, s->len)))
        sim_violate(sim, "1 receipted is held", "the hub holds other bytes than were stated");
}

static void check_log(struct sim *sim, struct txn *t) {
    struct history *h = &sim->history;
    uint8_t *counts = mem_zalloc(h->n, 1);
    struct walk w;
    struct slice k, v;
    assert(counts);
    walk_init(&w, t, TABLE_LOG, slice_of(NULL, 0));
    while (walk_next(&w, &k, &v)) {
        struct hash id;
        memcpy(id.b, v.data, HASH_BYTES);
        check_logged(sim, t, &id, counts);
    }
    walk_done(&w);
    for (uint32_t i = 0; i < h->n; i++) {
        const struct stated *s = &h->list[i];
        char text[48];
        text_of(s, text);
        if (counts[i] != 1)
            sim_violate(sim, "1 receipted is held", "%s (%u receipts) is in the hub's log %u times",
                        text, s->helds + s->finals, counts[i]);
        else if (!s->at_hub && s->kind != 32)
            sim_violate(sim, "4 instants", "%s is at the hub, and was never seen to arrive", text);
    }
    mem_free(counts);
}

/* ---- 3: chains ---- */

static void check_chains(struct sim *sim, struct txn *t, const char *whose) {
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
            sim_violate(sim, "3 no gaps", "%s: a chain breaks at %llu", whose,
                        (unsigned long long)seq);
            break;
        }
        last = id;
    }
    walk_done(&w);
    if (txn_count(t, TABLE_PENDING) != 0)
        sim_violate(sim, "8 settles", "%s: records are pending at the end", whose);
    if (txn_count(t, TABLE_FORKS) != 0)
        sim_violate(sim, "3 no gaps", "%s: a fork where nobody forked", whose);
}

/* ---- 4: receipts ---- */

static bool was_taken_at(const struct stated *s, instant at) {
    for (uint32_t i = 0; i < s->n_takes; i++)
        if (s->takes[i] == at)
            return true;
    return false;
}

static void check_receipt(struct sim *sim, const struct stated *s) {
    static const uint32_t states[] = {[EXPECT_VALID] = 2, [EXPECT_REJECTED] = 3};
    char text[48];
    text_of(s, text);
    if (s->expect == EXPECT_HELD) {
        if (s->helds != 1 || s->finals != 0 || !was_taken_at(s, s->held_at))
            sim_violate(sim, "4 receipts", "%s waits for ever: %u held, %u final", text, s->helds,
                        s->finals);
        return;
    }
    if (s->helds != 0 || s->finals != 1)
        sim_violate(sim, "4 receipts", "%s has %u final receipts and %u held", text, s->finals,
                    s->helds);
    else if (s->got_state != states[s->expect] || s->got_code != s->code)
        sim_violate(sim, "4 verdicts", "%s: receipt %u with code %u, should be %u with %u", text,
                    s->got_state, s->got_code, states[s->expect], s->code);
    else if (!was_taken_at(s, s->received_at))
        sim_violate(sim, "4 instants", "%s: received_at %lld is no instant at which it was taken",
                    text, (long long)s->received_at);
    else if (s->got_doubt != s->doubt)
        sim_violate(sim, "4 instants", "%s: the hub %s its clock, the receipt does not say so",
                    text, s->doubt ? "doubts" : "does not doubt");
    else if (s->sent_at == NEVER)
        sim_violate(sim, "4 instants", "%s has a receipt and was never sent", text);
}

/* ---- 5, 7: slots ---- */

/* A slot by plain rules: the last whole report that came before the due instant counts, else the
 * last one. */
static enum slot_outcome plain_verdict(struct sim *sim, uint32_t node, bool below, bool interim,
                                       instant due, struct hash *ret_effective, uint32_t *ret_n) {
    bool takes_incomplete = interim && sim->allow_incomplete;
    enum slot_outcome outcome = OUTCOME_MISSING;
    *ret_n = 0;
    for (uint32_t i = 0; i < sim->history.n; i++) {
        const struct stated *s = &sim->history.list[i];
        if (s->node != node || s->expect != EXPECT_VALID || s->below != below ||
            s->interim != interim)
            continue;
        ++*ret_n;
        if (!s->complete && !takes_incomplete)
            continue;
        bool in_time = s->received_at < due;
        if (in_time || outcome != OUTCOME_ON_TIME)
            *ret_effective = s->id;
        outcome = in_time || outcome == OUTCOME_ON_TIME ? OUTCOME_ON_TIME : OUTCOME_LATE;
    }
    return outcome;
}

#define REVISIONS_MAX 32u

/* The same slot as the hub's views give it to its own verdict. */
static struct verdict hubs_verdict(struct sim *sim, struct txn *t, const struct slot *slot,
                                   instant due, struct verdict_revision *list, uint32_t *ret_n) {
    struct slot_walk w;
    struct slot_revision r;
    uint64_t seq = 0;
    uint32_t n = 0;
    slots_walk(&w, t, slot);
    while (n < REVISIONS_MAX && slots_next(&w, &r)) {
        struct receipt_row row;
        const struct stated *s = history_find(&sim->history, &r.report);
        if (s && s->complete != r.complete)
            sim_violate(sim, "7 slots", "a slot is wrong about what is empty in its revision %u",
                        n);
        bool receipted = views_receipt(t, &r.report, &sim->root.actor.id, &row);
        if (r.seq <= seq || !receipted || row.state != RECEIPT_VALID)
            sim_violate(sim, "7 slots", "revision %u of a slot is out of order or not receipted",
                        n);
        for (uint32_t i = 0; i < n; i++)
            if (hash_equal(&list[i].id, &r.report))
                sim_violate(sim, "7 slots", "a revision stands in its slot twice");
        seq = r.seq;
        list[n++] = (struct verdict_revision){.id = r.report,
                                              .order = {(uint32_t)r.enrolment, r.epoch, r.seq},
                                              .first = receipted ? row.received_at : INSTANT_NONE,
                                              .valid = true,
                                              .complete = r.complete};
    }
    slots_done(&w);
    *ret_n = n;
    struct verdict_facts facts = {.due = due,
                                  .allow_incomplete =
                                      slot->kind == REPORT_INTERIM && sim->allow_incomplete,
                                  .direct = true,
                                  .drained = INSTANT_NONE,
                                  .n_revisions = n,
                                  .revisions = list};
    return verdict_of(&facts, INSTANT_MAX);
}

static void check_slot(struct sim *sim, struct txn *t, uint32_t node, bool below, bool interim,
                       struct outcome *out) {
    static const enum slot_state want[] = {SLOT_MISSING, SLOT_ON_TIME, SLOT_LATE};
    const struct node *n = &sim->nodes[node];
    struct slot slot = {.issuer = sim->root.unit,
                        .campaign = OFFICE_CAMPAIGN,
                        .period = sim->period,
                        .kind = interim ? REPORT_INTERIM : REPORT_ANNUAL,
                        .unit = below ? n->below : n->unit};
    instant due = sim->due[sim->amends ? 2 : 1];
    struct verdict_revision list[REVISIONS_MAX];
    struct hash effective = {{0}};
    uint32_t n_plain, n_hub;
    enum slot_outcome plain = plain_verdict(sim, node, below, interim, due, &effective, &n_plain);
    struct verdict v = hubs_verdict(sim, t, &slot, due, list, &n_hub);
    if (n_plain != n_hub)
        sim_violate(sim, "7 slots", "node %u: a slot has %u revisions, should be %u", node, n_hub,
                    n_plain);
    else if (v.state != want[plain])
        sim_violate(sim, "5 verdicts", "node %u: slot state %d, should be %d", node, (int)v.state,
                    (int)want[plain]);
    else if (plain != OUTCOME_MISSING && !hash_equal(&list[v.effective].id, &effective))
        sim_violate(sim, "5 verdicts", "node %u: another revision counts", node);
    out->slots[node][below][interim] = plain;
}

/* ---- 9: cursors ---- */

static uint64_t raw_end(struct txn *t, const struct uid *stream) {
    struct slice k;
    if (!walk_last(t, TABLE_STREAMS, slice_of(stream->b, UID_BYTES), &k, NULL))
        return 0;
    struct reader r = reader_of(slice_of(k.data + UID_BYTES, k.len - UID_BYTES));
    return reader_u64(&r);
}

/* Every cursor of the reader stands within the owner's stream; the one of `must` at its end. */
static void check_cursors(struct sim *sim, struct txn *reader, struct txn *owner,
                          const struct hash *peer, const struct uid *must, const char *whose) {
    struct walk w;
    struct slice k, v;
    uint64_t reached = 0;
    walk_init(&w, reader, TABLE_CURSORS, slice_of(peer->b, HASH_BYTES));
    while (walk_next(&w, &k, &v)) {
        struct uid stream;
        struct reader value = reader_of(v);
        uint64_t position = reader_u64(&value);
        memcpy(stream.b, k.data + HASH_BYTES, UID_BYTES);
        if (position > raw_end(owner, &stream))
            sim_violate(sim, "9 cursors", "%s points beyond what its owner holds", whose);
        if (must && uid_equal(&stream, must))
            reached = position;
    }
    walk_done(&w);
    if (must && reached != raw_end(owner, must))
        sim_violate(sim, "9 cursors", "%s stands at %llu of %llu at the end", whose,
                    (unsigned long long)reached, (unsigned long long)raw_end(owner, must));
}

/* What a node once held as durable, it holds at the end. */
static void check_kept(struct sim *sim, struct txn *t, const struct node *n) {
    struct walk w;
    struct slice k, v, bytes;
    struct key prefix = {.n = 0};
    uint32_t now = 0, ever = 0;
    key_u16(&prefix, 64);
    walk_init(&w, t, TABLE_KINDS, key_slice(&prefix));
    while (walk_next(&w, &k, &v)) {
        struct peek_record r;
        struct peek_receipt e;
        if (!txn_get(t, TABLE_RECORDS, v, &bytes) || !peek_record(bytes, &r))
            continue;
        struct reader in = reader_of(r.payload);
        while (peek_receipt(&in, &e))
            now++;
    }
    walk_done(&w);
    for (uint32_t i = 0; i < sim->history.n; i++)
        if (sim->history.list[i].node == n->index)
            ever += sim->history.list[i].finals + sim->history.list[i].helds;
    if (now != ever)
        sim_violate(sim, "1 receipted is held", "node %u held %u receipts in all, and holds %u now",
                    n->index, ever, now);
}

static void check_node(struct sim *sim, struct txn *hub, struct node *n) {
    struct txn *t;
    struct err e = {0};
    if (txn_begin(n->actor.db, false, &t, &e) != 0) {
        sim_broken(sim, "reading a node's store", &e);
        return;
    }
    check_chains(sim, t, "a node");
    check_kept(sim, t, n);
    check_cursors(sim, hub, t, &n->actor.id, &n->actor.outbox, "the hub's cursor");
    check_cursors(sim, t, hub, &sim->root.actor.id, NULL, "a node's cursor");
    txn_abort(t);
}

/* ---- all of it ---- */

static void note_outcome(struct sim *sim, struct outcome *out) {
    instant due = sim->due[sim->amends ? 2 : 1];
    for (uint32_t i = 0; i < sim->history.n; i++) {
        const struct stated *s = &sim->history.list[i];
        if (s->deed != NO_DEED && s->expect == EXPECT_VALID &&
            (s->complete || (s->interim && sim->allow_incomplete)))
            out->before_due[s->node][s->deed] = s->received_at < due;
    }
}

void checker_run(struct sim *sim, struct outcome *ret_outcome) {
    struct txn *t;
    struct err e = {0};
    *ret_outcome = (struct outcome){0};
    if (txn_begin(sim->root.actor.db, false, &t, &e) != 0) {
        sim_broken(sim, "reading the hub's store", &e);
        return;
    }
    check_log(sim, t);
    check_chains(sim, t, "the hub");
    for (uint32_t i = 0; i < sim->history.n; i++)
        if (sim->history.list[i].expect != EXPECT_NOTHING)
            check_receipt(sim, &sim->history.list[i]);
    for (uint32_t i = 0; i < sim->n_nodes; i++) {
        for (int slot = 0; slot < 4; slot++)
            check_slot(sim, t, i, slot & 1, slot & 2, ret_outcome);
        check_node(sim, t, &sim->nodes[i]);
    }
    txn_abort(t);
    note_outcome(sim, ret_outcome);
}

void checker_compare(struct sim *sim, const struct outcome *with, const struct outcome *without) {
    for (uint32_t i = 0; i < sim->n_nodes; i++)
        for (uint32_t k = 0; k < sim->nodes[i].n_deeds; k++) {
            const struct deed *d = &sim->nodes[i].deeds[k];
            bool below = d->kind == DEED_BELOW;
            if (with->before_due[i][k] && without->before_due[i][k] &&
                with->slots[i][below][d->interim] != without->slots[i][below][d->interim])
                sim_violate(sim, "5 verdicts",
                            "node %u, deed %u came in time with and without accidents, and its "
                            "slot is judged otherwise",
                            i, k);
        }
}
