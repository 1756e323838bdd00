/* What was taken once has its effect once, however late it comes again and whoever brings it. */
#include "tests/unit/step_world.h"

#define TEN_YEARS_MS (INT64_C(3653) * 86400000)

/* How much the hub holds: of a replay nothing may be more than before. */
struct holding {
    uint64_t records, log, receipts, slots, forks, pending;
};

static struct holding look(void) {
    return (struct holding){
        .records = fixture_count(&hub, TABLE_RECORDS),
        .log = fixture_count(&hub, TABLE_LOG),
        .receipts = fixture_count(&hub, TABLE_RECEIPTS),
        .slots = fixture_count(&hub, TABLE_SLOTS),
        .forks = fixture_count(&hub, TABLE_FORKS),
        .pending = fixture_count(&hub, TABLE_PENDING),
    };
}

/* When the hub took the reports in, each by its one receipt. */
static void instants(instant ret_at[STORY]) {
    for (uint32_t i = 2; i < STORY; i++) {
        struct hash id = id_of(&story[i]);
        assert_int_equal(fixture_receipts(&hub, &id, RECEIPT_VALID, &ret_at[i]), 1);
    }
}

/* `carrier` comes on a new connection and sends the whole story from the beginning. */
static void replay(uint32_t peer, struct fixture_author *carrier, uint8_t stream) {
    memset(&carrier->outbox, stream, sizeof carrier->outbox); /* a stream that was made anew */
    fixture_hello(&hub, peer, carrier, STORY, NULL, 0);
    fixture_step(&hub);
    fixture_records(&hub, peer, carrier, 1, story, STORY);
    fixture_step(&hub);
    fixture_drop_all(&hub);
}

static void what_comes_again_after_ten_years_changes_nothing(void **state) {
    (void)state;
    instant first[STORY] = {0}, again[STORY] = {0};
    replay(PEER, &node, 0x11);
    instants(first);
    struct holding before = look();
    hub.now.wall += TEN_YEARS_MS;
    hub.now.boot_ms += TEN_YEARS_MS;
    fixture_hub_restart(&hub);
    replay(PEER + 1, &node, 0x22);
    replay(PEER + 2, &other, 0x33);
    struct holding after = look();
    assert_memory_equal(&before, &after, sizeof before);
    instants(again);
    assert_memory_equal(first, again, sizeof first);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_comes_again_after_ten_years_changes_nothing, begin,
                                        end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
