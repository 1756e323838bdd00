/* A board is made of what the rows of its slots say; reading every report says the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node/slot_facts.h"
#include "store/log.h"
#include "tests/unit/agree_ask.h"
#include "tests/unit/fixture_disk.h"

#define ROUNDS 12
#define REVISION 44 /* where the value of a row tells the revision */

static bool same_revision(const struct verdict_revision *a, const struct verdict_revision *b) {
    return hash_equal(&a->id, &b->id) && a->first == b->first && a->withdrawn == b->withdrawn &&
           a->valid == b->valid && a->order.enrolment == b->order.enrolment &&
           a->order.epoch == b->order.epoch && a->order.seq == b->order.seq;
}

/* Whether `told` is what the report `id` says of itself. */
static bool tells(struct txn *t, const struct hash *id, const struct slot_told *told) {
    struct record r;
    struct payload_report p;
    struct arena arena;
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    assert_int_equal(log_get(t, id, &r, NULL), 0);
    assert_int_equal(payload_report_decode(r.payload, &arena, &p, NULL), 0);
    bool same =
        hash_equal(&told->author, &r.h.actor) && told->number == p.revision && told->nil == p.nil;
    arena_done(&arena);
    return same;
}

/* Compare what both readings of `slot` find; how many revisions it has. */
static uint32_t read_both(struct slot_facts *rows, struct slot_facts *reports,
                          const struct slot *slot, uint64_t seed) {
    struct err e = {0};
    FIXTURE_OK(slot_facts_gather_rows(rows, slot, &e), &e);
    FIXTURE_OK(slot_facts_gather(reports, slot, &e), &e);
    assert_int_equal(rows->n, reports->n);
    for (uint32_t i = 0; i < rows->n; i++) {
        const struct slot_told *a = &rows->told[i], *b = &reports->told[i];
        if (!same_revision(&rows->revisions[i], &reports->revisions[i]) ||
            !uid_equal(&a->by, &b->by) || a->doubted != b->doubted ||
            !tells(rows->t, &rows->revisions[i].id, a))
            fail_msg("seed %llu: revision %u of a slot", (unsigned long long)seed, i);
    }
    return rows->n;
}

static uint32_t read_slots(uint64_t seed) {
    struct slot_facts rows, reports;
    struct slot_place place;
    struct slice after = {NULL, 0};
    struct actor a;
    struct txn *t;
    uint32_t most = 0;
    hub_world_open(&a, false, &t);
    assert_int_equal(slot_facts_begin(&rows, &a, t, NULL), 0);
    assert_int_equal(slot_facts_begin(&reports, &a, t, NULL), 0);
    for (; slots_after(t, after, &place); after = key_slice(&place.key)) {
        uint32_t n = read_both(&rows, &reports, &place.slot, seed);
        most = n > most ? n : most;
    }
    slot_facts_done(&rows);
    slot_facts_done(&reports);
    actor_abort(&a, t);
    actor_close(&a);
    return most;
}

static void rows_say_what_reports_say_whatever_came(void **state) {
    (void)state;
    uint32_t most = 0;
    for (uint64_t seed = 501; seed <= 500 + ROUNDS; seed++) {
        struct hub_world w;
        make_world(&w, seed);
        uint32_t n = read_slots(seed);
        most = n > most ? n : most;
        hub_world_done(&w);
    }
    assert_true(most > 1);
}

static uint64_t be64(const uint8_t *p) {
    uint64_t v = 0;
    for (int i = 0; i < 8; i++)
        v = v << 8 | p[i];
    return v;
}

/* Add `more` to the sum of the slot that `key`, of a row of a report, is in. */
static void add_to_sum(struct txn *t, struct slice key, uint64_t more) {
    struct slice head;
    struct key sum = {.n = 0}, slot = {.n = 0};
    key_put(&slot, key.data, key.len - HASH_BYTES);
    assert_true(txn_get(t, TABLE_SLOTS, key_slice(&slot), &head));
    key_u64(&sum, be64(head.data) + more);
    txn_put(t, TABLE_SLOTS, key_slice(&slot), key_slice(&sum));
}

static void check_names_a_row_that_tells_another_revision(void **state) {
    struct hub_world w;
    struct actor a;
    struct txn *t;
    struct walk walk;
    struct slice k, v;
    struct err e = {0};
    struct key row = {.n = 0}, value = {.n = 0};
    (void)state;
    make_world(&w, 520);
    hub_world_open(&a, true, &t);
    walk_init(&walk, t, TABLE_SLOTS, slice_of(NULL, 0));
    while (walk_next(&walk, &k, &v) && v.len <= REVISION)
        ;
    key_put(&row, k.data, k.len);
    key_put(&value, v.data, v.len);
    walk_done(&walk);
    value.b[REVISION + 3]++; /* so small a number has no carry */
    txn_put(t, TABLE_SLOTS, key_slice(&row), key_slice(&value));
    add_to_sum(t, key_slice(&row), UINT64_C(1) << 32);
    assert_int_equal(actor_commit(&a, t, NULL), 0);
    actor_close(&a);
    assert_int_equal(hub_world_run(&w, &e, "check"), ERR_CORRUPT);
    assert_non_null(strstr(w.out, "a slot names another author or place of this report"));
    hub_world_done(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_say_what_reports_say_whatever_came),
        cmocka_unit_test(check_names_a_row_that_tells_another_revision),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
