#include "tests/sim/history.h"

#include "core/crypto.h"
#include "core/mem.h"
#include "store/key.h"
#include "tests/sim/office.h"
#include "tests/sim/peek.h"
#include "tests/sim/world.h"

#include <assert.h>
#include <string.h>

static_assert(HISTORY_LEVELS == LEVELS_MAX, "a reception for each level");

#define CLOCK_SLACK_MS 60000 /* a hub must doubt a clock that drifted by more */

void history_init(struct history *h) {
    *h = (struct history){.n = 0};
}

void history_done(struct history *h) {
    for (uint32_t i = 0; i < h->n; i++) {
        for (uint32_t level = 0; h->list[i].hubs && level < HISTORY_LEVELS; level++)
            mem_free(h->list[i].hubs[level].given);
        mem_free(h->list[i].bytes);
        mem_free(h->list[i].hubs);
    }
    mem_free(h->list);
    mem_free(h->place);
    mem_free(h->begun);
    *h = (struct history){0};
}

/* Where `id` stands, or would. */
static uint32_t *place_of(struct history *h, const struct hash *id) {
    uint32_t at;
    memcpy(&at, id->b, sizeof at);
    for (at &= h->places - 1; h->place[at] != 0; at = (at + 1) & (h->places - 1))
        if (hash_equal(&h->list[h->place[at] - 1].id, id))
            break;
    return &h->place[at];
}

struct stated *history_find(struct history *h, const struct hash *id) {
    uint32_t *place = h->places ? place_of(h, id) : NULL;
    return place && *place ? &h->list[*place - 1] : NULL;
}

static void grow(struct history *h) {
    h->cap = h->cap ? h->cap * 2 : 128;
    h->list = mem_realloc(h->list, h->cap * sizeof *h->list);
    mem_free(h->place);
    h->places = 2 * h->cap;
    h->place = mem_zalloc(h->places, sizeof *h->place);
    assert(h->list && h->place);
    for (uint32_t i = 0; i < h->n; i++)
        *place_of(h, &h->list[i].id) = i + 1;
}

static struct stated *add(struct history *h, const struct stated *s) {
    if (h->n == h->cap)
        grow(h);
    *place_of(h, &s->id) = h->n + 1;
    h->list[h->n] = *s;
    return &h->list[h->n++];
}

/* ---- receipts ---- */

/* Whether no clock on the way up from `m` was ever off. */
static bool clocks_right(const struct machine *m) {
    for (; m; m = sim_above(m))
        if (m->shifted)
            return false;
    return true;
}

static void take_entry(struct sim *sim, struct machine *hub, const struct peek_record *receipt,
                       const struct peek_receipt *e) {
    struct stated *s = history_find(&sim->history, &e->record);
    if (!s || !s->hubs || !sim_under(&sim->machines[s->owner], hub)) {
        sim_violate(sim, "receipts", "%s gave a receipt for what nobody below it stated",
                    hub->code);
        return;
    }
    struct reception *r = &s->hubs[hub->level];
    sim_say(sim, "%s: receipt of %s's %llu: %u", hub->code, sim->machines[s->owner].code,
            (unsigned long long)s->seq, e->state);
    if (r->n_given == r->given_cap) {
        r->given_cap = r->given_cap ? r->given_cap * 2 : 2;
        r->given = mem_realloc(r->given, r->given_cap * sizeof *r->given);
        assert(r->given);
    }
    r->given[r->n_given++] = (struct given){receipt->id, receipt->epoch, e->state,
                                            e->code,     e->received_at, e->clock_doubt};
    r->sure &= clocks_right(hub); /* one that is off by now may doubt what it kept the instant of */
}

/* ---- what a machine states ---- */

/* Whether `a` comes before `b` in the order of their author. */
static bool is_earlier(const struct stated *a, const struct stated *b) {
    if (a->life != b->life)
        return a->life < b->life;
    return a->epoch != b->epoch ? a->epoch < b->epoch : a->seq <= b->seq;
}

/* The record added last is a report or withdrawal of `m`. */
static void enlist(struct sim *sim, struct machine *m) {
    struct history *h = &sim->history;
    struct stated *new = &h->list[h->n - 1];
    uint32_t *link = &m->first_report;
    while (*link > 0 && is_earlier(&h->list[*link - 1], new))
        link = &h->list[*link - 1].next;
    new->next = *link;
    *link = h->n;
}

static struct slice payload_of(const struct stated *s) {
    return slice_of(s->bytes + PEEK_HEAD_BYTES, s->len - PEEK_HEAD_BYTES);
}

/* What a hub says once more in a later epoch means the same: both stand for the first. */
static void find_original(struct history *h, uint32_t index) {
    const struct stated *new = &h->list[index];
    for (uint32_t i = 0; i < index; i++) {
        struct stated *s = &h->list[i];
        if (s->owner != new->owner || s->kind != new->kind || !uid_equal(&s->lane, &new->lane) ||
            !slice_equal(payload_of(s), payload_of(new)))
            continue;
        while (s->again > 0)
            s = &h->list[s->again - 1];
        s->again = index + 1;
        return;
    }
}

static void add_stated(struct sim *sim, struct machine *m, const struct peek_record *r) {
    struct stated new = {.id = r->id,
                         .owner = m->index,
                         .deed = NO_DEED,
                         .kind = r->kind,
                         .life = m->life,
                         .epoch = r->epoch,
                         .seq = r->seq,
                         .claimed = r->claimed,
                         .lane = r->lane,
                         .prev = r->prev,
                         .len = r->bytes.len};
    struct reader in = reader_of(r->payload);
    struct peek_receipt e;
    new.bytes = mem_alloc(new.len);
    assert(new.bytes);
    memcpy(new.bytes, r->bytes.data, new.len);
    struct stated *s = add(&sim->history, &new);
    sim_say(sim, "%s: states %llu of epoch %u, kind %u", m->code, (unsigned long long)r->seq,
            r->epoch, r->kind);
    if (r->kind == PEEK_REPORT || r->kind == PEEK_WITHDRAWAL) {
        s->hubs = mem_zalloc(HISTORY_LEVELS, sizeof *s->hubs);
        assert(s->hubs);
        enlist(sim, m);
        office_expect(sim, m, s, r->payload);
    }
    if (r->kind == PEEK_RECEIPT)
        while (peek_receipt(&in, &e))
            take_entry(sim, m, r, &e);
    if (r->epoch > 1 && m->is_hub && r->kind != PEEK_RECEIPT)
        find_original(&sim->history, sim->history.n - 1);
    if (m->is_hub)
        office_stated(sim, m, r->kind, &r->id);
}

/* A report by somebody below the hub `m` is in its log now. */
static void note_report_here(struct machine *m, struct stated *s) {
    bool from_below = false;
    for (uint32_t i = 0; i < m->n_arrivals && !from_below; i++)
        from_below = hash_equal(&m->arrivals[i].id, &s->id);
    struct reception *r = &s->hubs[m->level];
    if (r->retaken || from_below || r->found)
        return;
    r->found = true;
    r->found_at = sim_moment(m).wall;
}

/* A record that the log of `m` names, as it is held. */
static void see(struct sim *sim, struct machine *m, const struct hash *id, struct slice bytes) {
    struct stated *s = history_find(&sim->history, id);
    struct peek_record r;
    if (!s) {
        if (!peek_record(bytes, &r) || !hash_equal(&r.id, id))
            sim_violate(sim, "stores", "%s: a record is not held as its name says", m->code);
        else if (hash_equal(&r.actor, &m->actor.id))
            add_stated(sim, m, &r);
        else if (r.kind != PEEK_GENESIS && r.kind != PEEK_GRANT)
            sim_violate(sim, "2 nothing else is held", "%s: a record of kind %u that nobody stated",
                        m->code, r.kind);
        s = history_find(&sim->history, id);
        if (s)
            s->holders = 1;
        return;
    }
    const struct machine *owner = &sim->machines[s->owner];
    s->holders++;
    s->gone = false;
    if (!slice_equal(bytes, slice_of(s->bytes, s->len)))
        sim_violate(sim, "1 receipted is held", "%s holds other bytes than were stated", m->code);
    if (m->is_hub && owner != m && sim_under(owner, m)) {
        s->at[m->level] = true;
        if (s->hubs)
            note_report_here(m, s);
    } else if (owner != m && !sim_under(m, owner) && !sim_under(owner, m)) {
        sim_violate(sim, "2 nothing else is held", "%s holds what %s stated", m->code, owner->code);
    }
}

void history_look(struct sim *sim, struct machine *m) {
    struct txn *t;
    struct err e;
    struct slice k, v, bytes;
    struct walk w;
    struct key from = {.n = 0};
    if (m->commits == m->looked)
        return;
    err_init(&e);
    if (txn_begin(m->actor.db, false, &t, &e) != 0) {
        sim_broken(sim, "reading a store", &e);
        return;
    }
    m->looked = m->commits;
    key_u64(&from, m->seen_log + 1);
    walk_init_from(&w, t, TABLE_LOG, slice_of(NULL, 0), key_slice(&from));
    while (walk_next(&w, &k, &v)) {
        struct reader number = reader_of(k);
        struct hash id;
        m->seen_log = reader_u64(&number);
        memcpy(id.b, v.data, HASH_BYTES);
        if (!txn_get(t, TABLE_RECORDS, v, &bytes)) {
            sim_violate(sim, "stores", "%s: a record is listed and not held", m->code);
            break;
        }
        see(sim, m, &id, bytes);
    }
    walk_done(&w);
    txn_abort(t);
}

/* ---- frames ---- */

/* How far the committed state of `t` has the stream that `peer` owns. */
static uint64_t durable_position(struct txn *t, const struct hash *peer, const struct uid *stream) {
    struct key k = {.n = 0};
    struct slice v;
    key_hash(&k, peer);
    key_uid(&k, stream);
    if (!txn_get(t, TABLE_CURSORS, key_slice(&k), &v))
        return 0;
    struct reader value = reader_of(v);
    return reader_u64(&value);
}

/* Whether the committed state of `t` has what `ack` says of the stream that `peer` owns. */
static bool is_durable(struct txn *t, const struct hash *peer, const struct peek_part *ack) {
    uint64_t position = durable_position(t, peer, &ack->stream);
    struct key k = {.n = 0};
    struct slice v;
    struct uid stream;
    if (position != ack->position || ack->size == 0)
        return position >= ack->position;
    key_hash(&k, peer);
    key_u32(&k, 0);
    if (!txn_get(t, TABLE_PARTS, key_slice(&k), &v))
        return false;
    struct reader value = reader_of(v);
    reader_copy(&value, stream.b, UID_BYTES);
    position = reader_u64(&value);
    (void)reader_u32(&value); /* the whole record's */
    return uid_equal(&stream, &ack->stream) && position == ack->position + 1 &&
           reader_u32(&value) >= ack->size;
}

/* Whether the committed state of `t` holds the record that `p` is a part of. */
static bool is_part_held(const struct history *h, struct txn *t, const struct peek_part *p) {
    const struct hash *id;
    struct slice held;
    uint32_t at = 0;
    while ((id = history_part_of(h, p, &at)))
        if (txn_get(t, TABLE_RECORDS, slice_of(id->b, HASH_BYTES), &held) && held.len == p->size &&
            p->offset + p->bytes.len <= held.len &&
            memcmp(held.data + p->offset, p->bytes.data, p->bytes.len) == 0)
            return true;
    return false;
}

/* Nothing leaves before it is durable: neither a record nor a position. */
void history_sent(struct sim *sim, struct machine *m, const struct hash *peer, struct slice frame) {
    struct reader body;
    struct slice bytes, held;
    struct hash id;
    struct peek_part p;
    struct txn *t;
    struct err e;
    err_init(&e);
    unsigned type = peek_frame(frame, &body);
    if (type != PEEK_RECORDS && type != PEEK_ACK && type != PEEK_JOINED && type != PEEK_PART)
        return;
    if (txn_begin(m->actor.db, false, &t, &e) != 0) {
        sim_broken(sim, "reading a store", &e);
        return;
    }
    while (type != PEEK_ACK && type != PEEK_PART && peek_frame_record(type, &body, &bytes))
        if (!peek_id(bytes, &id) || !txn_get(t, TABLE_RECORDS, slice_of(id.b, HASH_BYTES), &held) ||
            !slice_equal(held, bytes))
            sim_violate(sim, "6 durable before sent", "a record left %s before its commit",
                        m->code);
    if (type == PEEK_ACK) {
        peek_ack(body, &p);
        if (!is_durable(t, peer, &p))
            sim_violate(sim, "6 durable before sent", "an ACK left %s before its commit", m->code);
    } else if (type == PEEK_PART) {
        peek_part(body, &p);
        history_begun(&sim->history, &p);
        if (!is_part_held(&sim->history, t, &p))
            sim_violate(sim, "6 durable before sent", "a part left %s before its record's commit",
                        m->code);
    }
    txn_abort(t);
}

static int64_t drift_of(const struct machine *m) {
    struct moment now = sim_moment(m);
    return now.wall - m->hub_started.wall - (now.boot_ms - m->hub_started.boot_ms);
}

static void note_arrival(struct machine *m, const struct hash *id) {
    if (m->n_arrivals == m->arrivals_cap) {
        m->arrivals_cap = m->arrivals_cap ? m->arrivals_cap * 2 : 64;
        m->arrivals = mem_realloc(m->arrivals, m->arrivals_cap * sizeof *m->arrivals);
        assert(m->arrivals);
    }
    m->arrivals[m->n_arrivals++] = (struct brought){*id, sim_moment(m).wall, drift_of(m)};
}

/* A record in parts comes with the last one. */
static void note_last_part(struct sim *sim, struct machine *m, struct reader body) {
    const struct hash *id;
    struct peek_part p;
    uint32_t at = 0;
    peek_part(body, &p);
    while (p.offset + p.bytes.len == p.size && (id = history_part_of(&sim->history, &p, &at)))
        note_arrival(m, id);
}

void history_taken(struct sim *sim, struct machine *m, struct slice frame) {
    struct reader body;
    struct slice bytes;
    struct hash id;
    unsigned type = peek_frame(frame, &body);
    if (type == PEEK_PART)
        note_last_part(sim, m, body);
    while (type == PEEK_RECORDS && peek_frame_record(type, &body, &bytes))
        if (peek_id(bytes, &id))
            note_arrival(m, &id);
}

/* ---- a hub's steps ---- */

static void note_takes(struct sim *sim, struct machine *m) {
    int64_t drift = drift_of(m);
    bool right = clocks_right(m);
    for (uint32_t i = 0; i < m->n_arrivals; i++) {
        const struct brought *a = &m->arrivals[i];
        struct stated *s = history_find(&sim->history, &a->id);
        if (!s || !s->hubs || s->at[m->level])
            continue;
        struct reception *r = &s->hubs[m->level];
        bool off = a->drift > CLOCK_SLACK_MS || a->drift < -CLOCK_SLACK_MS ||
                   drift > CLOCK_SLACK_MS || drift < -CLOCK_SLACK_MS;
        r->doubt = r->n_takes == 0 && off;
        r->sure = right;
        r->retaken = true;
        if (r->n_takes < TAKES_MAX)
            r->takes[r->n_takes++] = a->at;
    }
    m->n_arrivals = 0;
}

void history_step(struct sim *sim, struct machine *m, bool committed, bool lost) {
    if (committed)
        note_takes(sim, m);
    else if (lost)
        m->n_arrivals = 0;
}

/* Whether the store of `m` has the record `id`, opened again: of what it took, a commit may be
 * lost. */
static bool is_kept(struct sim *sim, struct machine *m, const struct hash *id) {
    struct txn *t;
    struct slice bytes;
    struct err e;
    err_init(&e);
    if (txn_begin(m->actor.db, false, &t, &e) != 0) {
        sim_broken(sim, "reading a store", &e);
        return false;
    }
    bool kept = txn_get(t, TABLE_RECORDS, slice_of(id->b, HASH_BYTES), &bytes);
    txn_abort(t);
    return kept;
}

void history_reopened(struct sim *sim, struct machine *m) {
    for (uint32_t i = 0; i < m->n_arrivals; i++) {
        struct stated *s = history_find(&sim->history, &m->arrivals[i].id);
        struct reception *r = s && s->hubs ? &s->hubs[m->level] : NULL;
        if (!r || s->at[m->level])
            continue;
        r->retaken |= is_kept(sim, m, &s->id);
        if (r->n_takes < TAKES_MAX)
            r->takes[r->n_takes++] = m->arrivals[i].at;
    }
    m->n_arrivals = 0;
}

void history_clock(struct machine *m) {
    struct sim *sim = m->sim;
    instant now = sim_moment(m).wall;
    for (uint32_t i = 0; i < sim->history.n && m->is_hub; i++) {
        const struct stated *s = &sim->history.list[i];
        struct reception *r = s->hubs ? &s->hubs[m->level] : NULL;
        if (r && r->found && r->found_at > now && sim_under(&sim->machines[s->owner], m))
            r->found_at = now;
    }
}
