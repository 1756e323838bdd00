/*
 * guard_paths: the paths that are taken most often, for tests/check_guards to count
 * the instructions of. Seeds and clock are fixed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <valgrind/callgrind.h>

#include "hub/intake.h"
#include "tests/unit/node_world.h"
#include "tests/unit/rank_both.h"

/* Count while `call` runs, and write that down as path `name`. */
#define COUNTED(name, call)                                                                        \
    do {                                                                                           \
        CALLGRIND_ZERO_STATS;                                                                      \
        CALLGRIND_TOGGLE_COLLECT;                                                                  \
        call;                                                                                      \
        CALLGRIND_TOGGLE_COLLECT;                                                                  \
        CALLGRIND_DUMP_STATS_AT(name);                                                             \
    } while (0)
#define UNITS 16u
#define REVISIONS 4u
#define REPORTS (UNITS * REVISIONS) /* what one of each path is counted over */

static const char campaign[] =
    "campaign:\n  id: thu\n  title: {vi: Thử}\n  issuer: Tỉnh\n"
    "  periods:\n    - {id: \"2023\", begin: 01/01/2023, end: 31/12/2023}\n"
    "  reports:\n    - kind: annual\n      default: yes\n"
    "      due_by_level:\n        - {level: commune, date: 15/12/2023, inclusive: yes}\n"
    "  criteria:\n    - {id: C1, about: collective, label: {vi: Một}}\n";

static void found(struct hub_world *w) {
    char units[1024] = "code,parent,level,kind,name,group\n", code[8];
    for (unsigned i = 0; i < UNITS; i++)
        (void)snprintf(units + strlen(units), sizeof units - strlen(units),
                       "%u,94,commune,,Xã %u,g\n", 31001 + i, i);
    hub_world_init(w, 1, units);
    hub_world_issue(w, campaign);
    for (unsigned i = 0; i < UNITS; i++) {
        (void)snprintf(code, sizeof code, "%u", 31001 + i);
        (void)hub_world_enrol(w, code);
    }
}

/* Every office states its revisions from `first` on up to `last`; nobody has taken them yet. */
static void state(struct hub_world *w, uint32_t first, uint32_t last) {
    for (uint32_t k = first; k <= last; k++)
        for (unsigned i = 0; i < UNITS; i++) {
            struct hub_report r = {
                .campaign = "thu", .text = (i + k) % 3 ? "+" : "-", .revision = k};
            (void)hub_world_seal(w, &w->offices[i], &r, hub_world_at("2023-12-01"));
        }
}

/* ---- decoding and verifying ---- */

static bool signer_of(void *arg, const struct hash *actor, uint32_t epoch,
                      struct public_key *ret_key) {
    const struct hub_world *w = arg;
    (void)epoch;
    for (unsigned i = 0; i < w->n_offices; i++)
        if (hash_equal(&w->offices[i].actor, actor)) {
            *ret_key = *key_pair_public(w->offices[i].sign);
            return true;
        }
    return false;
}

static void verify(struct hub_world *w) {
    struct slice records[HUB_WORLD_RECORDS];
    struct frame f = {
        .type = FRAME_RECORDS,
        .u.records = {.stream = {{1}}, .first = 1, .end = w->n_letters, .records = records}};
    struct sender from = {.peer = 1};
    struct intake in;
    struct buf bytes;
    for (unsigned i = 0; i < w->n_letters; i++)
        records[f.u.records.n++] = buf_slice(&w->letters[i].bytes);
    buf_init(&bytes);
    intake_init(&in);
    assert_int_equal(frame_encode(&f, &bytes, NULL), 0);
    struct moment at = {.wall = w->now};
    assert_true(bytes.len > 1000);
    assert_int_equal(intake_take(&in, &from, at, buf_slice(&bytes), NULL), 0);
    COUNTED("verify", intake_check(&in, 0, signer_of, w));
    assert_non_null(in.list[0].checked);
    for (uint32_t i = 0; i < f.u.records.n; i++)
        assert_true(in.list[0].checked[i].verified);
    intake_done(&in);
    buf_done(&bytes);
}

/* ---- taking reports ---- */

static void take_letters(struct hub_world *w, struct actor *a, struct txn *t) {
    struct ingest in;
    ingest_init(&in, a, t, false);
    for (unsigned i = 0; i < w->n_letters; i++)
        hub_world_admit(&in, &w->letters[i]);
    assert_int_equal(ingest_receipts(&in, w->now, NULL), 0);
    assert_int_equal(in.valid, REPORTS);
    assert_int_equal(actor_commit(a, t, NULL), 0);
    ingest_done(&in);
}

static void ingest(struct hub_world *w) {
    struct actor a;
    struct txn *t;
    hub_world_open(&a, true, &t);
    COUNTED("ingest", take_letters(w, &a, t));
    w->n_letters = 0;
    actor_close(&a);
}

/* ---- board and ranking ---- */

static void show_board(struct hub_world *w) {
    hub_world_do(w, "board", "--period", "2023", "--json");
}

/* All revisions of all slots. */
static void list_reports(struct hub_world *w) {
    hub_world_do(w, "report", "list", "--json");
}

static void keep(struct actor *a, struct txn *t, bool *ret_more) {
    assert_int_equal(standing_keep_step(a, t, REPORTS * 8, ret_more, NULL), 0);
}

static void rank(struct hub_world *w) {
    struct actor a;
    struct txn *t;
    bool more = true;
    hub_world_open(&a, true, &t);
    COUNTED("rank", keep(&a, t, &more));
    assert_false(more);
    assert_int_equal(actor_commit(&a, t, NULL), 0);
    actor_close(&a);
}

/* ---- sealing ---- */

static void seal(void) {
    void *state;
    assert_int_equal(nw_setup(&state), 0);
    struct node_world *w = state;
    nw_fill(w);
    nw_ok(w, "submit");
    nw_ok(w, "record --subject BT --criterion I1.1 --value met --note x");
    nw_ok(w, "record --subject 31633 --criterion C1.1 --score 7");
    COUNTED("seal", nw_ok(w, "submit"));
    (void)nw_teardown(&state);
}

static void all(void **unused) {
    struct hub_world *w = calloc(1, sizeof *w);
    (void)unused;
    assert_non_null(w);
    found(w);
    state(w, 1, 1); /* there are slots and a book before anything is counted */
    hub_world_deliver(w);
    (void)rank_both_keep(w, 1000);
    state(w, 2, 1 + REVISIONS);
    verify(w);
    ingest(w);
    w->now = hub_world_at("2023-12-20T08:00:00+07:00");
    COUNTED("board", show_board(w));
    assert_non_null(strstr(w->out, "\"actual\":16"));
    COUNTED("list", list_reports(w));
    assert_non_null(strstr(w->out, "\"state\":\"superseded\""));
    rank(w);
    hub_world_done(w);
    free(w);
    seal();
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
