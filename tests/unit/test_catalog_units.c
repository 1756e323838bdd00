#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/limits.h"
#include "core/mem.h"
#include "core/unit_id.h"
#include "core/units_way.h"
#include "hub/unit_state.h"
#include "proto/kinds.h"
#include "store/log.h"
#include "tests/unit/fixture_hub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Whatever the order in which hubs are heard, the tree is the one that reading all from the start
 * gives; and a hub that floods it takes no more than its share, of places and of time.
 */

/* A hub below the root: lane 0 of it. */
struct stating_hub {
    struct fixture_author author;
    struct hash prev;
    uint64_t seq;
    uint32_t epoch;
};

enum { LOW, HIGH, INNER, OTHER, HUBS }; /* LOW is read before HIGH; INNER and OTHER are below LOW */

static struct fixture_hub hub;
static struct stating_hub hubs[HUBS];
static struct txn *t;
static uint64_t rng;
static unsigned serial;

static uint32_t below(uint32_t n) {
    rng ^= rng >> 12;
    rng ^= rng << 25;
    rng ^= rng >> 27;
    return (uint32_t)((rng * 2685821657736338717u) >> 33) % n;
}

static void hear(struct stating_hub *from, uint16_t kind, struct buf *payload) {
    struct record_header h = fixture_header(&hub, &from->author, kind);
    struct record r;
    struct err e = {0};
    struct buf b;
    h.lane = (struct uid){{0}};
    h.epoch = from->epoch;
    h.seq = ++from->seq;
    h.prev = from->prev;
    from->prev = fixture_sign(&from->author, &h, buf_slice(payload), &b);
    FIXTURE_OK(record_parse(buf_slice(&b), &r, &e), &e);
    FIXTURE_OK(append_record(&hub.actor, t, &r, ORIGIN_BELOW, &e), &e);
    buf_done(&b);
    buf_done(payload);
}

static void state_facts(struct stating_hub *from, struct unit_fact *facts, uint32_t n) {
    struct payload_units p = {n, facts};
    struct hash id;
    struct err e = {0};
    struct buf b;
    buf_init(&b);
    FIXTURE_OK(payload_units_encode(&p, &b, &e), &e);
    if (from) {
        hear(from, KIND_UNITS, &b);
        return;
    }
    FIXTURE_OK(append_own(&hub.actor, t, KIND_UNITS, NULL, buf_slice(&b), 1, &id, &e), &e);
    buf_done(&b);
}

static struct uid drawn(uint32_t n, const struct uid *by) {
    struct uid id = {{(uint8_t)n, (uint8_t)(n >> 8), (uint8_t)(n >> 16), 7}};
    unit_id_bind(&id, by);
    return id;
}

static struct unit_fact fact(struct uid id, struct uid parent, day effective) {
    static char level[] = "post", none[] = "", codes[4][2] = {"a", "b", "c", "d"};
    static char names[LIMIT_UNITS_PER_RECORD][16];
    char *name = names[serial % LIMIT_UNITS_PER_RECORD];
    snprintf(name, sizeof names[0], "n%u", serial++);
    return (struct unit_fact){.id = id,
                              .parent = parent,
                              .effective = effective,
                              .from = DAY_NONE,
                              .until = DAY_NONE,
                              .code = codes[serial % 4],
                              .level = level,
                              .kind = none,
                              .name = name,
                              .group = none,
                              .contact = none,
                              .phone = none};
}

static void enrol_by(struct stating_hub *by, struct stating_hub *whom) {
    struct buf b;
    fixture_enrol_payload(&hub, &whom->author, ROLE_HUB, &b);
    hear(by, KIND_ENROL, &b);
}

static int begin(void **state) {
    (void)state;
    const char *given = getenv("THIDUA_SEED");
    struct fixture_author one, two;
    struct err e = {0};
    rng = given ? strtoull(given, NULL, 10) : 20231215;
    rng = rng * 2 + 1;
    fixture_hub_open(&hub, NULL);
    memset(hubs, 0, sizeof hubs);
    for (unsigned i = 0; i < HUBS; i++)
        hubs[i].epoch = 1;
    fixture_author_init(&one, 71, &hub.communes[0]);
    fixture_author_init(&two, 72, &hub.communes[0]);
    bool first = hash_cmp(&one.id, &two.id) < 0;
    fixture_author_done(&one);
    fixture_author_done(&two);
    struct uid inner = drawn(1000, &hub.communes[0]), other = drawn(1001, &hub.communes[0]);
    fixture_author_init(&hubs[LOW].author, first ? 71 : 72, &hub.communes[0]);
    fixture_author_init(&hubs[HIGH].author, first ? 72 : 71, &hub.communes[1]);
    fixture_author_init(&hubs[INNER].author, 73, &inner);
    fixture_author_init(&hubs[OTHER].author, 74, &other);
    fixture_enrol_author(&hub, &hubs[LOW].author, ROLE_HUB);
    fixture_enrol_author(&hub, &hubs[HIGH].author, ROLE_HUB);
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    struct unit_fact units[] = {fact(inner, hub.communes[0], DAY_NONE),
                                fact(other, hub.communes[0], DAY_NONE)};
    state_facts(&hubs[LOW], units, 2);
    enrol_by(&hubs[LOW], &hubs[INNER]);
    enrol_by(&hubs[LOW], &hubs[OTHER]);
    return 0;
}

static int end(void **state) {
    (void)state;
    actor_abort(&hub.actor, t);
    for (unsigned i = 0; i < HUBS; i++)
        fixture_author_done(&hubs[i].author);
    fixture_hub_close(&hub);
    return 0;
}

/* ---- the same as reading all from the start ---- */

#define LAST_DAY 6
#define POOL 16
static struct uid pool[POOL]; /* four of the root's, then some that each hub drew */

static void assert_same_facts(const struct units *a, const struct units *b, const struct uid *id) {
    for (day on = -1; on <= LAST_DAY + 1; on++) {
        day at = on < 0 ? DAY_NONE : on > LAST_DAY ? DAY_LATEST : on;
        const struct unit_fact *x = units_at(a, id, at), *y = units_at(b, id, at);
        assert_int_equal(x == NULL, y == NULL);
        if (!x)
            continue;
        assert_string_equal(x->name, y->name);
        assert_true(uid_equal(&x->parent, &y->parent) && x->effective == y->effective);
        const struct unit_fact *by = units_by_code(a, x->code, at),
                               *other = units_by_code(b, x->code, at);
        assert_true(by && other && uid_equal(&by->id, &other->id));
    }
}

static void assert_same_ways(const struct units *a, const struct units *b, const struct uid *id) {
    struct uid ways[2][POOL + 4];
    size_t n = units_way_above(a, id, ways[0], POOL + 4);
    assert_int_equal(n, units_way_above(b, id, ways[1], POOL + 4));
    assert_true(n <= POOL + 4);
    assert_memory_equal(ways[0], ways[1], n * UID_BYTES);
}

static void assert_as_from_the_start(const struct uid *ids, size_t n) {
    const struct catalog_units *now = &hub.actor.catalog.units_read;
    struct catalog_units fresh;
    struct err e = {0};
    FIXTURE_OK(catalog_units_init(&fresh, &e), &e);
    FIXTURE_OK(catalog_units_read(&fresh, t, 0, &e), &e);
    assert_int_equal(fresh.remade, 0);
    assert_int_equal(units_count(now->units), units_count(fresh.units));
    for (size_t i = 0; i < n; i++) {
        assert_same_facts(now->units, fresh.units, &ids[i]);
        assert_same_ways(now->units, fresh.units, &ids[i]);
    }
    assert_int_equal(now->shares.n, fresh.shares.n);
    for (uint32_t i = 0; i < fresh.shares.n; i++) {
        const struct unit_share *x = &now->shares.list[i], *y = &fresh.shares.list[i];
        assert_true(hash_equal(&x->of, &y->of) && x->is_branch == y->is_branch);
        assert_int_equal(x->facts, y->facts);
        assert_int_equal(x->units, y->units);
    }
    catalog_units_done(&fresh);
}

static void make_pool(void) {
    static const unsigned by[POOL] = {0,   0,    0,    0,    LOW,   LOW,   LOW,   LOW,
                                      LOW, HIGH, HIGH, HIGH, INNER, INNER, INNER, OTHER};
    for (uint32_t i = 0; i < POOL; i++)
        pool[i] = i < 4 ? hub.communes[i] : drawn(i, &hubs[by[i]].author.unit);
    pool[4] = hubs[INNER].author.unit;
    pool[5] = hubs[OTHER].author.unit;
}

/* Some facts, right and wrong: `quiet` ones of units that only their hub speaks of. */
static void state_some(unsigned from, bool quiet) {
    static const unsigned first[HUBS] = {4, 9, 12, 15}, count[HUBS] = {5, 3, 3, 1};
    static const uint32_t home[HUBS] = {0, 1, 4, 5};
    struct unit_fact facts[3];
    uint32_t n = 1 + below(3);
    for (uint32_t i = 0; i < n; i++) {
        bool root = from == HUBS;
        uint32_t own = root ? below(POOL) : first[from] + below(count[from]);
        uint32_t up = root                   ? below(4)
                      : below(quiet ? 2 : 4) ? home[from]
                                             : first[from] + below(count[from]);
        if (!quiet && below(5) == 0)
            own = below(POOL);
        if (!quiet && below(4) == 0)
            up = below(POOL);
        facts[i] = fact(pool[own], pool[up], below(3) ? (day)below(LAST_DAY) : DAY_NONE);
    }
    state_facts(from == HUBS ? NULL : &hubs[from], facts, n);
}

static void any_order_of_arrival_gives_the_tree_that_reading_from_the_start_gives(void **state) {
    enum { ROUNDS = 40, RECORDS = 30 };
    uint64_t remade = 0, heard = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        if (round > 0) {
            uint64_t seed = rng;
            end(state);
            begin(state);
            rng = seed;
        }
        make_pool();
        uint64_t before = hub.actor.catalog.units_read.remade;
        for (unsigned i = 0; i < RECORDS; i++) {
            state_some(below(12) ? below(HUBS) : HUBS, round % 2 == 0 && below(8) > 0);
            assert_as_from_the_start(pool, POOL);
        }
        remade += hub.actor.catalog.units_read.remade - before;
        heard += RECORDS;
    }
    print_message("seed %s, %u records, made anew %u times\n",
                  getenv("THIDUA_SEED") ? getenv("THIDUA_SEED") : "fixed", (unsigned)heard,
                  (unsigned)remade);
    assert_true(remade > ROUNDS && remade < heard * 3 / 4);
}

/* ---- floods ---- */

/* `n` facts of new units of `from`, as one record. */
static void state_new(struct stating_hub *from, uint32_t first, uint32_t n) {
    struct unit_fact *facts = mem_zalloc(n, sizeof *facts);
    assert_non_null(facts);
    for (uint32_t i = 0; i < n; i++)
        facts[i] = fact(drawn(first + i, &from->author.unit), from->author.unit, DAY_NONE);
    state_facts(from, facts, n);
    mem_free(facts);
}

/* `n` facts, as many of one unit as it can have, from unit number `first` on, as one record. */
static void state_again(struct stating_hub *from, uint32_t first, uint32_t n) {
    struct unit_fact *facts = mem_zalloc(n, sizeof *facts);
    assert_non_null(facts);
    for (uint32_t i = 0; i < n; i++)
        facts[i] = fact(drawn(first + i / LIMIT_FACTS_PER_UNIT, &from->author.unit),
                        from->author.unit, (day)(i % LIMIT_FACTS_PER_UNIT));
    state_facts(from, facts, n);
    mem_free(facts);
}

static void what_a_district_adds_before_others_is_added_without_reading_those_anew(void **state) {
    (void)state;
    enum { MANY = 3000, RECORDS = 500 };
    const struct catalog_units *now = &hub.actor.catalog.units_read;
    for (uint32_t i = 0; i < MANY; i += 1000)
        state_new(&hubs[HIGH], i, 1000);
    state_new(&hubs[INNER], 0, 1000);
    uint64_t before = now->remade;
    size_t units = units_count(now->units);
    for (uint32_t i = 0; i < RECORDS; i++)
        state_new(&hubs[LOW], 5000 + i, 1);
    assert_int_equal(now->remade, before);
    assert_int_equal(units_count(now->units), units + RECORDS);
    struct uid some[] = {drawn(5000, &hub.communes[0]), drawn(5499, &hub.communes[0]),
                         drawn(77, &hub.communes[1]), hubs[INNER].author.unit};
    assert_as_from_the_start(some, 4);
}

static void a_hub_below_the_root_takes_no_more_than_its_share(void **state) {
    (void)state;
    const struct catalog_units *now = &hub.actor.catalog.units_read;
    const struct unit_author low = {.hub = hubs[LOW].author.id, .branch = hubs[LOW].author.id};
    size_t before = units_count(now->units);
    state_new(&hubs[HIGH], 0, 10);
    for (uint32_t i = 0; i < LIMIT_HUB_UNITS + 1000; i += 1000)
        state_new(&hubs[LOW], 5000 + i, 1000);
    assert_int_equal(unit_shares_hub(&now->shares, &low).units, LIMIT_HUB_UNITS);
    assert_int_equal(units_count(now->units), before + 10 + LIMIT_HUB_UNITS - 2);
    for (uint32_t i = 0; i < LIMIT_HUB_FACTS; i += LIMIT_UNITS_PER_RECORD)
        state_again(&hubs[LOW], 5000 + i / LIMIT_FACTS_PER_UNIT, LIMIT_UNITS_PER_RECORD);
    assert_int_equal(unit_shares_hub(&now->shares, &low).facts, LIMIT_HUB_FACTS);
    uint64_t remade = now->remade;
    struct unit_fact beyond = fact(drawn(5000, &hub.communes[0]), hub.communes[0], LAST_DAY + 5000);
    state_facts(&hubs[LOW], &beyond, 1);
    const struct unit_fact *f = units_at(now->units, &beyond.id, DAY_LATEST);
    assert_true(f && f->effective < beyond.effective);
    assert_int_equal(units_facts(now->units, &beyond.id), LIMIT_FACTS_PER_UNIT);
    assert_int_equal(now->remade, remade); /* it says nothing, so nothing is read anew */
    /* Others have their places all the same. */
    state_new(&hubs[HIGH], 10, 10);
    struct unit_fact own = fact(drawn(1, &hub.province), hub.province, DAY_NONE);
    state_facts(NULL, &own, 1);
    assert_int_equal(units_count(now->units), before + 21 + LIMIT_HUB_UNITS - 2);
    assert_as_from_the_start(&beyond.id, 1);
    struct catalog_units_room room = catalog_units_room(now, t, &hubs[LOW].author.id);
    assert_int_equal(room.facts, 0);
    assert_int_equal(room.own_units, 0);
    room = catalog_units_room(now, t, &hub.actor.id);
    assert_int_equal(room.facts, UINT32_MAX);
}

/* Let LOW go on in its next epoch, with the same key. */
static void grant_another_epoch(void) {
    const struct fixture_author *low = &hubs[LOW].author;
    struct payload_enrol p = {.grant = {low->id, 2, *key_pair_public(low->sign),
                                        *key_pair_public(low->transport), low->unit},
                              .role = ROLE_HUB};
    struct hash id;
    struct err e = {0};
    struct buf b;
    buf_init(&b);
    p.grant.renewal.b[0] = 7;
    payload_renewal_prove(&p.grant, &hub.actor.deployment, low->sign, p.grant.proof);
    FIXTURE_OK(payload_enrol_encode(&p, &b, &e), &e);
    FIXTURE_OK(append_own(&hub.actor, t, KIND_ENROL, NULL, buf_slice(&b), 1, &id, &e), &e);
    buf_done(&b);
}

static void what_comes_late_of_an_epoch_that_used_its_share_up_has_nothing_read_anew(void **state) {
    (void)state;
    const struct catalog_units *now = &hub.actor.catalog.units_read;
    for (uint32_t i = 0; i < LIMIT_HUB_FACTS; i += LIMIT_UNITS_PER_RECORD)
        state_again(&hubs[LOW], 5000 + i / LIMIT_FACTS_PER_UNIT, LIMIT_UNITS_PER_RECORD);
    grant_another_epoch();
    struct stating_hub next = hubs[LOW];
    next.epoch = 2;
    next.seq = 0;
    next.prev = (struct hash){{0}};
    state_new(&next, 9, 1);
    uint64_t remade = now->remade;
    for (uint32_t i = 0; i < 20; i++)
        state_new(&hubs[LOW], 100 + i, 1);
    assert_int_equal(now->remade, remade);
    struct uid id = drawn(100, &hub.communes[0]);
    assert_null(units_at(now->units, &id, DAY_LATEST));
    assert_as_from_the_start(&id, 1);
}

static void of_a_branch_that_is_full_the_hubs_that_are_read_first_have_their_places(void **state) {
    (void)state;
    const struct catalog_units *now = &hub.actor.catalog.units_read;
    const struct unit_author inner = {.hub = hubs[INNER].author.id, .branch = hubs[LOW].author.id},
                             other = {.hub = hubs[OTHER].author.id, .branch = hubs[LOW].author.id};
    unsigned last = hash_cmp(&inner.hub, &other.hub) < 0 ? OTHER : INNER;
    for (unsigned which = INNER; which <= OTHER; which++)
        for (uint32_t i = 0; i < LIMIT_HUB_FACTS; i += LIMIT_UNITS_PER_RECORD)
            state_again(&hubs[which], 100 * which + i / LIMIT_FACTS_PER_UNIT,
                        LIMIT_UNITS_PER_RECORD);
    struct uid units[] = {drawn(100 * INNER, &hubs[INNER].author.unit),
                          drawn(100 * OTHER, &hubs[OTHER].author.unit),
                          drawn(9000, &hub.communes[0])};
    assert_int_equal(unit_shares_branch(&now->shares, &inner).facts, LIMIT_BRANCH_FACTS);
    assert_as_from_the_start(units, 3);
    /* The district itself is read before them, whenever it comes. */
    state_new(&hubs[LOW], 9000, 10);
    assert_non_null(units_at(now->units, &units[2], DAY_LATEST));
    assert_int_equal(unit_shares_branch(&now->shares, &inner).facts, LIMIT_BRANCH_FACTS);
    assert_int_equal(unit_shares_hub(&now->shares, &inner).facts, LIMIT_HUB_FACTS);
    assert_as_from_the_start(units, 3);
    struct uid of_last = drawn(100 * last, &hubs[last].author.unit);
    assert_non_null(units_at(now->units, &of_last, DAY_LATEST));
    struct catalog_units_room room = catalog_units_room(now, t, &hubs[LOW].author.id);
    assert_int_equal(room.facts, 0);
}

static void what_would_be_beyond_its_share_a_hub_is_told_before_it_signs(void **state) {
    (void)state;
    static const struct {
        const char *name;
        uint32_t units, facts_each;
        const char *want;
    } cases[] = {
        {"too many units", LIMIT_HUB_UNITS - 1, 1, "room for 32766 and 4094"},
        {"too many facts", 128, 256, "room for 32766 and 4094"},
        {"too many of one", 1, 257, "more than 256 facts"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct command o = {.actor = hub.actor, .t = t, .now = 1};
        uint32_t n = cases[i].units * cases[i].facts_each;
        struct unit_fact *facts = mem_zalloc(n, sizeof *facts);
        struct err e = {0};
        char text[512];
        uint64_t held = log_last(t);
        assert_non_null(facts);
        for (uint32_t k = 0; k < n; k++)
            facts[k] = fact(drawn(5000 + k / cases[i].facts_each, &hub.communes[0]),
                            hub.communes[0], (day)(k % cases[i].facts_each));
        o.actor.id = hubs[LOW].author.id;
        assert_int_equal(unit_state_facts(&o, facts, n, &e), ERR_REFUSED);
        if (!strstr(err_text(&e, NULL, text, sizeof text), cases[i].want))
            fail_msg("%s: %s", cases[i].name, text);
        assert_int_equal(log_last(t), held);
        mem_free(facts);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(any_order_of_arrival_gives_the_tree_that_reading_from_the_start_gives),
        TEST(what_a_district_adds_before_others_is_added_without_reading_those_anew),
        TEST(a_hub_below_the_root_takes_no_more_than_its_share),
        TEST(what_comes_late_of_an_epoch_that_used_its_share_up_has_nothing_read_anew),
        TEST(of_a_branch_that_is_full_the_hubs_that_are_read_first_have_their_places),
        TEST(what_would_be_beyond_its_share_a_hub_is_told_before_it_signs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
