#include "tests/unit/fixture_hub.h"

#include "hub/enrolment.h"
#include "hub/found.h"
#include "node/views.h"
#include "proto/payload_campaign.h"
#include "store/keyfile.h"
#include "store/log.h"
#include "store/stream.h"
#include "tests/unit/fixture_records.h"
#include "tests/unit/join_proof.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char empty[] = "", annual[] = "2023";

static instant the_time(void *arg) {
    return ((struct fixture_hub *)arg)->now.wall;
}

static void some_bytes(void *arg, uint8_t *ret_bytes, size_t n) {
    struct fixture_hub *h = arg;
    for (size_t i = 0; i < n; i++)
        ret_bytes[i] = (uint8_t)fixture_next(&h->luck);
}

static struct unit_fact fact_of(const struct uid *id, const struct uid *parent, char *code) {
    static char level[] = "commune";
    return (struct unit_fact){.id = *id,
                              .parent = *parent,
                              .effective = DAY_NONE,
                              .from = DAY_NONE,
                              .until = DAY_NONE,
                              .code = code,
                              .level = level,
                              .kind = empty,
                              .name = code,
                              .group = empty,
                              .contact = empty,
                              .phone = empty};
}

struct hash fixture_hub_state(struct fixture_hub *h, uint16_t kind, struct slice payload) {
    struct txn *t;
    struct hash id;
    struct err e = {0};
    FIXTURE_OK(actor_begin(&h->actor, true, &t, &e), &e);
    FIXTURE_OK(append_own(&h->actor, t, kind, NULL, payload, h->now.wall, &id, &e), &e);
    FIXTURE_OK(actor_commit(&h->actor, t, &e), &e);
    return id;
}

static void state_communes(struct fixture_hub *h) {
    static char codes[FIXTURE_COMMUNES][8] = {"1001", "1002", "1003", "1004"};
    struct unit_fact facts[FIXTURE_COMMUNES];
    struct payload_units p = {FIXTURE_COMMUNES, facts};
    struct err e = {0};
    struct buf b;
    for (uint8_t i = 0; i < FIXTURE_COMMUNES; i++) {
        memset(h->communes[i].b, 0x10 + i, UID_BYTES);
        facts[i] = fact_of(&h->communes[i], &h->province, codes[i]);
    }
    buf_init(&b);
    FIXTURE_OK(payload_units_encode(&p, &b, &e), &e);
    fixture_hub_state(h, KIND_UNITS, buf_slice(&b));
    buf_done(&b);
}

static void open_actor(struct fixture_hub *h) {
    struct err e = {0};
    FIXTURE_OK(actor_open(h->dir, ROLE_HUB, NULL, &h->options, &h->actor, &e), &e);
    hub_init(&h->hub, &h->actor, &h->world, "test", h->now);
}

static void found(struct fixture_hub *h) {
    struct founding f = {.code = "94", .name = "tỉnh", .level = "province", .now = h->now.wall};
    struct key_seeds seeds;
    struct err e = {0};
    struct hash genesis;
    struct db *db;
    char path[FIXTURE_PATH];
    uint8_t salt[SEAL_SALT_BYTES] = {0}, nonce[SEAL_NONCE_BYTES] = {0};
    memset(h->province.b, 0x94, UID_BYTES);
    f.unit = h->province;
    memset(f.root_seed, 1, SEED_BYTES);
    memset(f.recovery_seed, 2, SEED_BYTES);
    memset(f.sign_seed, 3, SEED_BYTES);
    memset(f.transport_seed, 4, SEED_BYTES);
    memcpy(seeds.sign, f.sign_seed, SEED_BYTES);
    memcpy(seeds.transport, f.transport_seed, SEED_BYTES);
    fixture_join_path(path, h->dir, "actor.key");
    FIXTURE_OK(keyfile_write(path, &seeds, NULL, salt, nonce, &e), &e);
    FIXTURE_OK(db_open(h->dir, true, &(struct db_options){.no_sync = true}, &db, &e), &e);
    FIXTURE_OK(found_root(db, &f, &genesis, &e), &e);
    db_close(db);
    fixture_author_init(&h->root, 1, &(struct uid){{0}});
    h->root.seq = 2;
}

void fixture_hub_open(struct fixture_hub *h, const struct db_options *options) {
    static struct fixture plan;
    struct err e = {0};
    *h = (struct fixture_hub){.luck = 1, .now = {fixture_at("2023-12-01"), 1000}};
    FIXTURE_OK(crypto_start(&e), &e);
    if (options)
        h->options = *options;
    h->options.no_sync = true;
    h->world = (struct world){.arg = h, .now = the_time, .random = some_bytes};
    arena_init(&h->arena, FRAME_ARENA_BYTES);
    fixture_folder(h->folder);
    fixture_join_path(h->dir, h->folder, "hub");
    if (mkdir(h->dir, 0700) != 0)
        abort();
    found(h);
    open_actor(h);
    state_communes(h);
    fixture_plan(&plan);
    h->plan = plan.plan;
}

static void close_actor(struct fixture_hub *h) {
    hub_done(&h->hub);
    actor_close(&h->actor);
}

void fixture_hub_close(struct fixture_hub *h) {
    close_actor(h);
    arena_done(&h->arena);
    fixture_author_done(&h->root);
    fixture_remove(h->folder);
}

void fixture_hub_restart(struct fixture_hub *h) {
    close_actor(h);
    open_actor(h);
}

void fixture_hub_issue(struct fixture_hub *h) {
    struct err e = {0};
    struct buf b;
    buf_init(&b);
    FIXTURE_OK(campaign_encode(&h->plan, &b, &e), &e);
    h->campaign = fixture_hub_state(h, KIND_CAMPAIGN, buf_slice(&b));
    buf_done(&b);
}

struct ticket fixture_ticket(struct fixture_hub *h, const struct uid *unit, enum role role,
                             uint8_t n) {
    struct ticket ticket = {.role = role,
                            .genesis = h->actor.deployment,
                            .transport_key = *key_pair_public(h->actor.transport),
                            .unit = *unit,
                            .address = "tcp://127.0.0.1:1",
                            .code = "1001",
                            .name = "xã"};
    struct err e = {0};
    struct txn *t;
    memset(ticket.token, n, TOKEN_BYTES);
    FIXTURE_OK(actor_begin(&h->actor, true, &t, &e), &e);
    enrolment_note(t, ticket.token, unit, role, h->now.wall);
    FIXTURE_OK(actor_commit(&h->actor, t, &e), &e);
    return ticket;
}

/* ---- authors ---- */

void fixture_author_init(struct fixture_author *a, uint8_t seed, const struct uid *unit) {
    uint8_t bytes[SEED_BYTES];
    struct err e = {0};
    *a = (struct fixture_author){.unit = *unit};
    memset(bytes, seed, sizeof bytes);
    FIXTURE_OK(key_pair_sign_new(bytes, &a->sign, &e), &e);
    bytes[0] ^= 0x80;
    FIXTURE_OK(key_pair_transport_new(bytes, &a->transport, &e), &e);
    crypto_actor(key_pair_public(a->sign), &a->id);
    memset(a->outbox.b, seed, UID_BYTES);
}

void fixture_author_done(struct fixture_author *a) {
    key_pair_free(a->sign);
    key_pair_free(a->transport);
}

struct record_header fixture_header(const struct fixture_hub *h, const struct fixture_author *a,
                                    uint16_t kind) {
    return (struct record_header){.kind = kind,
                                  .payload_version = PAYLOAD_VERSION,
                                  .epoch = 1,
                                  .seq = a->seq + 1,
                                  .claimed = kind == KIND_JOIN ? 0 : h->now.wall,
                                  .deployment = h->actor.deployment,
                                  .actor = a->id,
                                  .lane = a->unit,
                                  .prev = a->prev};
}

struct hash fixture_sign(const struct fixture_author *a, const struct record_header *header,
                         struct slice payload, struct buf *out) {
    struct hash id;
    struct err e = {0};
    buf_init(out);
    FIXTURE_OK(record_build(header, payload, a->sign, out, &id, &e), &e);
    return id;
}

struct hash fixture_next_record(const struct fixture_hub *h, struct fixture_author *a,
                                uint16_t kind, struct slice payload, struct buf *out) {
    struct record_header header = fixture_header(h, a, kind);
    a->prev = fixture_sign(a, &header, payload, out);
    a->seq++;
    return a->prev;
}

static struct payload_grant grant_of(const struct fixture_author *a) {
    return (struct payload_grant){a->id, 1, *key_pair_public(a->sign),
                                  *key_pair_public(a->transport), a->unit};
}

void fixture_enrol_payload(const struct fixture_hub *h, const struct fixture_author *a,
                           enum role role, struct buf *out) {
    struct payload_enrol p = {.grant = grant_of(a), .role = role};
    struct err e = {0};
    buf_init(out);
    join_prove(&p, &h->actor.deployment, a->sign);
    FIXTURE_OK(payload_enrol_encode(&p, out, &e), &e);
}

void fixture_join_payload(const struct fixture_author *a, enum role role, struct buf *out) {
    struct payload_join p = {*key_pair_public(a->sign), *key_pair_public(a->transport), role,
                             empty};
    struct err e = {0};
    buf_init(out);
    FIXTURE_OK(payload_join_encode(&p, out, &e), &e);
}

static void fill_subjects(const struct fixture_author *a, struct subjects *s,
                          struct subject list[3]) {
    static char codes[3][8] = {"own", "CB01", "CB02"};
    *s = (struct subjects){.unit = a->unit, .n = 3, .list = list};
    for (uint32_t i = 0; i < 3; i++) {
        list[i] = (struct subject){.id = a->unit,
                                   .code = codes[i],
                                   .kind = i == 0 ? SUBJECT_COLLECTIVE : SUBJECT_INDIVIDUAL,
                                   .class_id = empty,
                                   .from = DAY_NONE,
                                   .until = DAY_NONE};
        list[i].id.b[0] ^= (uint8_t)(i << 6);
    }
}

void fixture_subjects_payload(const struct fixture_author *a, struct buf *out) {
    struct subject list[3];
    struct subjects s;
    struct err e = {0};
    fill_subjects(a, &s, list);
    buf_init(out);
    FIXTURE_OK(payload_subjects_encode(&s, out, &e), &e);
}

void fixture_report_payload(const struct fixture_hub *h, const struct fixture_author *a,
                            const struct hash *subjects, uint32_t revision, struct buf *out) {
    struct subject list[3];
    struct subjects s;
    struct criteria criteria;
    struct sheet sheet;
    struct arena arena;
    struct err e = {0};
    struct payload_report p = {.campaign = h->campaign,
                               .period = annual,
                               .kind = REPORT_ANNUAL,
                               .unit = a->unit,
                               .subjects = *subjects,
                               .revision = revision};
    fill_subjects(a, &s, list);
    FIXTURE_OK(criteria_resolve(&h->plan, NULL, NULL, &criteria, &e), &e);
    FIXTURE_OK(sheet_init(&sheet, 3, h->plan.n_criteria, &e), &e);
    sheet_cell(&sheet, 0, 0)->state = CELL_MET;
    sheet_cell(&sheet, 1, 1)->state = CELL_MET;
    sheet_cell(&sheet, 2, 1)->state = CELL_NOT_MET;
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    FIXTURE_OK(payload_report_from_sheet(&sheet, &criteria, &s, &arena, &p, &e), &e);
    buf_init(out);
    FIXTURE_OK(payload_report_encode(&p, out, &e), &e);
    arena_done(&arena);
    sheet_done(&sheet);
    criteria_done(&criteria);
}

void fixture_story(const struct fixture_hub *h, struct fixture_author *a, uint32_t n,
                   struct buf *out) {
    struct buf payload;
    fixture_join_payload(a, ROLE_NODE, &payload);
    fixture_next_record(h, a, KIND_JOIN, buf_slice(&payload), &out[0]);
    buf_done(&payload);
    fixture_subjects_payload(a, &payload);
    struct hash subjects = fixture_next_record(h, a, KIND_SUBJECTS, buf_slice(&payload), &out[1]);
    buf_done(&payload);
    for (uint32_t i = 0; i < n; i++) {
        fixture_report_payload(h, a, &subjects, i + 1, &payload);
        fixture_next_record(h, a, KIND_REPORT, buf_slice(&payload), &out[2 + i]);
        buf_done(&payload);
    }
}

void fixture_enrol_author(struct fixture_hub *h, const struct fixture_author *a, enum role role) {
    struct child child = {.actor = a->id, .unit = a->unit};
    struct err e = {0};
    struct txn *t;
    struct hash id;
    struct buf b;
    some_bytes(h, child.inbox.b, UID_BYTES);
    fixture_enrol_payload(h, a, role, &b);
    FIXTURE_OK(actor_begin(&h->actor, true, &t, &e), &e);
    FIXTURE_OK(append_own(&h->actor, t, KIND_ENROL, NULL, buf_slice(&b), h->now.wall, &id, &e), &e);
    FIXTURE_OK(route_add_child(&h->actor, t, &child, &e), &e);
    FIXTURE_OK(actor_commit(&h->actor, t, &e), &e);
    buf_done(&b);
}

/* ---- frames ---- */

void fixture_knock(struct fixture_hub *h, uint32_t peer, const struct fixture_author *a, bool guest,
                   const struct frame *f) {
    struct sender from = {.peer = peer, .guest = guest};
    struct err e = {0};
    struct buf b;
    if (guest)
        from.transport_key = *key_pair_public(a->transport);
    else
        from.actor = a->id;
    if (f->type == FRAME_HELLO)
        hub_gone(&h->hub, peer); /* a connection greets once */
    buf_init(&b);
    FIXTURE_OK(frame_encode(f, &b, &e), &e);
    FIXTURE_OK(hub_take(&h->hub, &from, h->now, buf_slice(&b), &e), &e);
    buf_done(&b);
}

void fixture_hello(struct fixture_hub *h, uint32_t peer, const struct fixture_author *a,
                   uint64_t end, const struct uid *inbox, uint64_t position) {
    struct frame f = {.type = FRAME_HELLO};
    struct err e = {0};
    f.u.greeting = (struct frame_greeting){.version_min = 1,
                                           .version_max = 1,
                                           .deployment = h->actor.deployment,
                                           .actor = a->id,
                                           .epoch = 1,
                                           .outbox = a->outbox,
                                           .outbox_position = end,
                                           .inbox_position = position,
                                           .clock = h->now.wall,
                                           .program = empty};
    if (inbox) {
        struct txn *t;
        f.u.greeting.inbox = *inbox;
        FIXTURE_OK(txn_begin(h->actor.db, false, &t, &e), &e);
        (void)stream_digest(t, inbox, position, &f.u.greeting.digest);
        txn_abort(t);
    }
    fixture_knock(h, peer, a, false, &f);
}

void fixture_records(struct fixture_hub *h, uint32_t peer, const struct fixture_author *a,
                     uint64_t first, const struct buf *records, uint32_t n) {
    struct slice slices[256];
    struct frame f = {.type = FRAME_RECORDS};
    for (uint32_t i = 0; i < n; i++)
        slices[i] = buf_slice(&records[i]);
    f.u.records = (struct frame_records){a->outbox, first, first + n - 1, n, slices};
    fixture_knock(h, peer, a, false, &f);
}

void fixture_step(struct fixture_hub *h) {
    struct err e = {0};
    h->now.wall += 1000;
    h->now.boot_ms += 1000;
    FIXTURE_OK(hub_step(&h->hub, h->now, &e), &e);
}

bool fixture_left(struct fixture_hub *h, uint32_t *ret_peer, struct frame *ret_frame) {
    struct slice bytes;
    struct err e = {0};
    if (!post_next(&h->hub.post, ret_peer, &bytes))
        return false;
    arena_done(&h->arena);
    arena_init(&h->arena, FRAME_ARENA_BYTES);
    FIXTURE_OK(frame_decode(bytes, &h->arena, ret_frame, &e), &e);
    return true;
}

bool fixture_expect(struct fixture_hub *h, uint32_t peer, enum frame_type type,
                    struct frame *ret_frame) {
    uint32_t to;
    while (fixture_left(h, &to, ret_frame))
        if (to == peer && ret_frame->type == type)
            return true;
    return false;
}

uint32_t fixture_drop_all(struct fixture_hub *h) {
    uint32_t n = 0, peer;
    struct slice bytes;
    while (post_next(&h->hub.post, &peer, &bytes))
        n++;
    return n;
}

/* ---- looking ---- */

uint64_t fixture_count(struct fixture_hub *h, enum store_table table) {
    struct txn *t;
    struct err e = {0};
    FIXTURE_OK(txn_begin(h->actor.db, false, &t, &e), &e);
    uint64_t n = txn_count(t, table);
    txn_abort(t);
    return n;
}

int fixture_said(struct fixture_hub *h, const struct hash *record) {
    struct txn *t;
    struct receipt_row row;
    struct err e = {0};
    FIXTURE_OK(txn_begin(h->actor.db, false, &t, &e), &e);
    int state = views_receipt(t, record, &h->actor.id, &row) ? (int)row.state : 0;
    txn_abort(t);
    return state;
}

uint32_t fixture_receipts(struct fixture_hub *h, const struct hash *record,
                          enum receipt_state state, instant *ret_received_at) {
    struct txn *t;
    struct log_walk w;
    struct hash id;
    struct err e = {0};
    uint32_t n = 0;
    FIXTURE_OK(txn_begin(h->actor.db, false, &t, &e), &e);
    log_walk_init(&w, t, KIND_RECEIPT, 0);
    while (log_walk_next(&w, NULL, &id)) {
        struct record r;
        struct payload_receipt p;
        struct arena a;
        arena_init(&a, PAYLOAD_ARENA_BYTES);
        FIXTURE_OK(log_get(t, &id, &r, &e), &e);
        FIXTURE_OK(payload_receipt_decode(r.payload, &a, &p, &e), &e);
        for (uint32_t i = 0; i < p.n; i++)
            if (hash_equal(&p.entries[i].record, record) && p.entries[i].state == state) {
                n++;
                if (ret_received_at)
                    *ret_received_at = p.entries[i].received_at;
            }
        arena_done(&a);
    }
    log_walk_done(&w);
    txn_abort(t);
    return n;
}
