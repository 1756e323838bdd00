#include "tests/fuzz/stored.h"

#include "tests/fuzz/play.h"

#include "hub/board.h"
#include "hub/check_slots.h"
#include "hub/enrolment.h"
#include "hub/heard.h"
#include "node/check.h"
#include "node/slots.h"
#include "node/views.h"
#include "store/log.h"
#include "store/stream.h"

#include <assert.h>
#include <string.h>

#define OPS_MAX 16

/* One author's whole story, a draft, a ticket that waits; greeted, receipted, heard. */
static const uint8_t full[] = {0, 0, 4, 0, 6, 1, 0, 0, 3, 0, 0, 0, 6, 4, 0, 2, 0, 1, 0, 0, 0, 6};

struct stage *stored_stage(void) {
    static struct stage *s;
    if (!s) {
        s = stage_hub();
        play_hub(s, slice_of(full, sizeof full));
        (void)fixture_ticket(&s->hub, &s->hub.communes[3], ROLE_NODE, 9);
    }
    return s;
}

/* ---- spoiling ---- */

/* Row `n` of `table`, or the last one before it, copied; false where the table is empty. */
static bool row_of(struct txn *t, enum store_table table, uint32_t n, struct buf *ret_key,
                   struct buf *ret_value) {
    struct walk w;
    struct slice k, v;
    bool any = false;
    walk_init(&w, t, table, slice_of(NULL, 0));
    for (uint32_t i = 0; i <= n && walk_next(&w, &k, &v); i++) {
        buf_clear(ret_key);
        buf_clear(ret_value);
        buf_put(ret_key, k.data, k.len);
        buf_put(ret_value, v.data, v.len);
        any = true;
    }
    walk_done(&w);
    return any;
}

static void change(struct reader *in, struct buf *b) {
    size_t at = reader_u16(in);
    uint8_t by = reader_u8(in);
    if (b->len > 0)
        b->data[at % b->len] ^= by;
}

static void put(struct txn *t, enum store_table table, struct reader *in) {
    struct slice key = reader_bytes(in, reader_u8(in));
    struct slice value = reader_bytes(in, reader_u8(in));
    if (key.len > 0)
        txn_put(t, table, key, value);
}

static void spoil_one(struct txn *t, struct reader *in) {
    enum store_table table = (enum store_table)(reader_u8(in) % TABLE_COUNT);
    uint8_t how = reader_u8(in) % 4;
    struct buf key = {0}, value = {0};
    if (how == 0)
        put(t, table, in);
    else if (row_of(t, table, reader_u8(in), &key, &value)) {
        if (how != 1)
            txn_delete(t, table, buf_slice(&key));
        if (how != 2)
            change(in, how == 1 ? &value : &key);
        if (how != 2)
            txn_put(t, table, buf_slice(&key), buf_slice(&value));
    }
    buf_done(&key);
    buf_done(&value);
}

void stored_spoil(struct txn *t, struct slice ops) {
    struct reader in = reader_of(ops);
    for (int i = 0; i < OPS_MAX && in.left > 0; i++)
        spoil_one(t, &in);
}

/* ---- reading ---- */

static void read_members(struct txn *t) {
    struct roster_walk w;
    struct member m, again;
    struct enrolment_place place;
    struct child c;
    roster_walk_init(&w, t);
    while (roster_walk_next(&w, &m)) {
        (void)roster_find(t, &m.actor, m.epoch, &again);
        (void)roster_by_transport(t, &m.transport_key, &again);
        (void)roster_last_good(t, &m, &m.unit);
        (void)roster_enrolment(t, &m.actor, &place, NULL);
        if (actor_child(t, &m.unit, &m.actor, &c))
            (void)stream_end(t, &c.inbox);
    }
    roster_walk_done(&w);
}

static void read_slots(struct txn *t) {
    struct slot_walk w;
    struct slot_revision in;
    struct receipt_walk receipts;
    struct receipt_row row;
    slots_walk_all(&w, t);
    while (slots_next(&w, &in)) {
        views_receipts(&receipts, t, &in.report);
        while (views_receipts_next(&receipts, &row))
            (void)views_rejection(t, &in.report, &row, NULL);
        views_receipts_done(&receipts);
    }
    slots_done(&w);
}

/* What is read back is what was asked for, whatever stands in the store. */
static void read_records(struct txn *t) {
    struct log_walk w;
    struct hash id;
    struct record r;
    log_walk_init(&w, t, 0, 0);
    while (log_walk_next(&w, NULL, &id))
        if (log_get(t, &id, &r, NULL) == 0)
            assert(hash_equal(&r.id, &id));
    log_walk_done(&w);
}

static void read_board(struct stage *s, struct txn *t) {
    struct actor *a = &s->hub.actor;
    struct contacts contacts;
    struct board board;
    struct catalog_campaign *k = catalog_campaign(&a->catalog, &s->hub.campaign);
    if (!k || catalog_criteria(&a->catalog, k, NULL, NULL) != 0)
        return;
    struct board_query q = {k, &k->c.periods[0], &k->c.reports[0], s->hub.now.wall, NULL};
    if (contacts_load(a, t, s->hub.now.wall, &contacts, NULL) != 0)
        return;
    if (board_compute(a, t, &contacts, &q, &board, NULL) == 0)
        board_done(&board);
    contacts_done(&contacts);
}

/* Admission and enrolment over such a store. */
static void take_more(struct stage *s, struct txn *t) {
    struct ingest in;
    struct hash actor;
    uint32_t refusal;
    struct err why = {0}, e = {0};
    enum admission admission;
    struct frame_join join = {.record = buf_slice(&s->story[STAGE_AUTHORS - 1][0])};
    struct knock k = {.join = &join,
                      .transport_key = *key_pair_public(s->authors[STAGE_AUTHORS - 1].transport),
                      .received_at = s->hub.now.wall};
    memset(join.token, 9, sizeof join.token);
    ingest_init(&in, &s->hub.actor, t, false);
    struct admit admit = ingest_admit(&in);
    admit.carrier = s->authors[1].id;
    for (uint32_t i = 0; i < STAGE_STORY; i++)
        if (admit_bytes(&admit, buf_slice(&s->story[1][i]), s->hub.now.wall, &admission, &why,
                        &e) != 0)
            break;
    (void)enrolment_join(&in, &k, &refusal, &actor, &e);
    (void)ingest_receipts(&in, s->hub.now.wall, &e);
    (void)heard_state(&s->hub.actor, t, s->hub.now.wall, &e);
    ingest_done(&in);
}

void stored_read(struct stage *s, struct txn *t) {
    struct actor *a = &s->hub.actor;
    struct findings f = {.world = &s->hub.world};
    struct err e = {0};
    FIXTURE_OK(catalog_reset(&a->catalog, &e), &e);
    (void)catalog_refresh(&a->catalog, t, &e);
    (void)check_here(a, t, check_slots, &f, &e);
    check_findings_done(&f);
    read_members(t);
    read_slots(t);
    read_records(t);
    read_board(s, t);
    take_more(s, t);
    (void)catalog_reset(&a->catalog, &e);
}
