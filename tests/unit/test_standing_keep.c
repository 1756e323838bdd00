#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/log.h"
#include "tests/unit/agree_world.h"
#include "tests/unit/fixture_disk.h"
#include "tests/unit/rank_both.h"

/*
 * The book of rankings against the full computation, byte for byte, after everything that happens
 * to a province at random; and against itself, made anew.
 */

#define ROUNDS 16

static unsigned told, asked_for;

static void ask(struct actor *a, struct txn *t, struct standing_asked asked) {
    asked.units_as_of = DAY_NONE;
    asked_for++;
    told += rank_both_compare(a, t, asked);
}

static void ask_everything(struct hub_world *w) {
    static const char *const kinds[] = {"collective", "individual"};
    static const char *const groups[] = {NULL, "-", "a", "g", "h"};
    static const char *const subjects[] = {NULL, "P1", "P3/02", "SNV/SNV", "nobody", "Q1/x"};
    struct actor a;
    struct txn *t;
    hub_world_open(&a, false, &t);
    for (unsigned i = 0; i < 2 * 5; i++) {
        struct standing_asked asked = {.campaign = "thu",
                                       .period = "2023",
                                       .subject_kind = kinds[i % 2],
                                       .group = groups[i / 2]};
        ask(&a, t, asked);
        asked.limit = 1 + roll(w, 6);
        ask(&a, t, asked);
        asked.subject = subjects[roll(w, 6)];
        ask(&a, t, asked);
        asked.limit = 0;
        ask(&a, t, asked);
        asked.period = "2023-H1";
        ask(&a, t, asked);
        asked.kind = "final";
        asked.under = "94";
        ask(&a, t, asked);
    }
    ask(&a, t, (struct standing_asked){.values = "self"});
    actor_abort(&a, t);
    actor_close(&a);
}

/* All rows of the book's tables, one after another. */
static void dump(struct txn *t, struct buf *out) {
    static const enum store_table tables[] = {TABLE_STANDINGS, TABLE_PLACES, TABLE_CALLED};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        struct walk w;
        struct slice k, v;
        walk_init(&w, t, tables[i], slice_of(NULL, 0));
        while (walk_next(&w, &k, &v)) {
            buf_put(out, k.data, k.len);
            buf_put(out, v.data, v.len);
        }
        walk_done(&w);
    }
}

/* As in a store that never had a book. */
static void forget_book(struct txn *t) {
    static const enum store_table tables[] = {TABLE_STANDINGS, TABLE_PLACES, TABLE_CALLED,
                                              TABLE_TOUCHED};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        txn_clear(t, tables[i]);
    txn_delete(t, TABLE_META, slice_str("standings.at"));
    txn_delete(t, TABLE_META, slice_str("standings.named"));
    txn_delete(t, TABLE_META, slice_str("standings.state"));
}

static void made_anew_it_is_the_same(struct hub_world *w) {
    struct actor a;
    struct txn *t;
    struct buf before, after;
    struct err e = {0};
    bool more = true;
    (void)w;
    buf_init(&before);
    buf_init(&after);
    hub_world_open(&a, true, &t);
    dump(t, &before);
    forget_book(t);
    assert_int_equal(txn_count(t, TABLE_PLACES), 0);
    while (more)
        FIXTURE_OK(standing_keep_step(&a, t, 3, &more, &e), &e);
    dump(t, &after);
    assert_true(slice_equal(buf_slice(&before), buf_slice(&after)));
    actor_abort(&a, t);
    actor_close(&a);
    buf_done(&before);
    buf_done(&after);
}

/* Bring the book on, sometimes not to the end, and hold it against everything. */
static void look(struct hub_world *w) {
    if (roll(w, 4) == 0)
        return;
    (void)rank_both_keep(w, 1 + roll(w, 9));
    ask_everything(w);
}

/* A unit that is called otherwise, and is in another group, from some day on. */
static void change_units(struct hub_world *w, struct hub_world *dice) {
    struct buf b;
    buf_init(&b);
    make_units(dice, &b);
    hub_world_file("changed.csv", buf_cstr(&b));
    try(w, (char *[]){"unit", "import", "changed.csv", NULL});
    buf_done(&b);
}

static void happen(struct hub_world *w, struct hub_world *dice, unsigned *version) {
    struct hub_office *o = &w->offices[roll(w, w->n_offices)];
    switch (roll(w, 10)) {
    case 0:
    case 1:
        act(w);
        break;
    case 2:
        if (n_sealed > 0)
            take_back(w, o, 1 + roll(w, n_sealed < 3 ? n_sealed : 3));
        break;
    case 3:
        if (roll(w, 3) == 0)
            issue(w, dice, ++*version);
        break;
    case 4:
        if (roll(w, 2) == 0)
            change_units(w, dice);
        break;
    default:
        if (n_sealed < 60)
            seal(w, o, 1 + roll(w, 3));
    }
    if (roll(w, 2))
        hub_world_deliver(w);
}

static void round_of(uint64_t seed) {
    struct hub_world w;
    struct buf b;
    struct hub_world dice = {.random = seed};
    unsigned version = 1;
    n_sealed = n_enrolled = 0;
    buf_init(&b);
    make_units(&dice, &b);
    hub_world_init(&w, seed + 500, buf_cstr(&b));
    issue(&w, &dice, 1);
    hub_world_issue(&w, profile);
    for (size_t i = 0; i < UNITS; i++)
        if (i == 0 || roll(&w, 4) > 0) {
            (void)hub_world_enrol(&w, codes[i]);
            enrolled[n_enrolled++] = codes[i];
        }
    for (unsigned i = 0; i < 30; i++) {
        happen(&w, &dice, &version);
        look(&w);
    }
    hub_world_shuffle(&w, seed);
    hub_world_deliver(&w);
    for (unsigned i = roll(&w, 3); i > 0; i--) {
        look(&w);
        lose_machine(&w);
    }
    (void)rank_both_keep(&w, 5);
    ask_everything(&w);
    made_anew_it_is_the_same(&w);
    w.now = hub_world_at("2023-12-20T08:00:00+07:00");
    hub_world_do(&w, "check");
    hub_world_done(&w);
    buf_done(&b);
}

static void book_and_computation_say_the_same_at_every_step(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= ROUNDS; seed++)
        round_of(seed);
    print_message("%u rankings, %u of them from the book\n", asked_for, told);
    assert_true(told > asked_for / 20);
}

static void damaged(struct hub_world *w, enum store_table table, const char *name) {
    struct actor a;
    struct txn *t;
    struct err e = {0};
    struct key key = {.n = 0};
    struct slice k, v;
    print_message("%s\n", name);
    hub_world_do(w, "check");
    hub_world_open(&a, true, &t);
    assert_true(walk_last(t, table, slice_of(NULL, 0), &k, &v));
    key_put(&key, k.data, k.len);
    txn_delete(t, table, key_slice(&key));
    assert_int_equal(actor_commit(&a, t, NULL), 0);
    actor_close(&a);
    assert_int_equal(hub_world_run(w, &e, "check"), ERR_CORRUPT);
    hub_world_open(&a, true, &t);
    forget_book(t);
    assert_int_equal(actor_commit(&a, t, NULL), 0);
    actor_close(&a);
    (void)rank_both_keep(w, 100);
}

#define ONE_UNIT "code,parent,level,kind,name,group\nP1,94,commune,state,Một,\n"
#define CAMPAIGN(more)                                                                             \
    "campaign:\n  id: thu\n  title: {vi: Thử}\n  issuer: Tỉnh\n"                               \
    "  profile: diem\n  periods:\n"                                                                \
    "    - {id: \"2023\", begin: 01/01/2023, end: 31/12/2023}\n"                                   \
    "  individuals:\n    - {id: cong-chuc, label: {vi: A}}\n"                                      \
    "    - {id: can-bo, label: {vi: B}}\n"                                                         \
    "  reports:\n    - kind: annual\n" more "  criteria:\n"                                        \
    "    - {id: C1, about: both, label: {vi: Một}}\n"                                            \
    "    - {id: C2, about: collective, label: {vi: Hai}}\n"                                        \
    "    - {id: L, about: individual, label: {vi: Ba}}\n"

/* Times of one office's reports, one after another; the sheet of which the book then shows. */
static const struct {
    const char *name, *days[4];
    unsigned shown;
} in_force[] = {
    {"in time, twice: the second", {"2023-12-01", "2023-12-05"}, 1},
    {"in time, then late: the first", {"2023-12-01", "2023-12-20"}, 0},
    {"in time, late, late: the first", {"2023-12-01", "2023-12-20", "2023-12-21"}, 0},
    {"late, late: the second", {"2023-12-20", "2023-12-21"}, 1},
    {"late, with a wrong clock in time: the second", {"2023-12-20", "2023-12-02"}, 1},
};

static void the_book_shows_the_report_in_force(void **state) {
    (void)state;
    static const char *const sheets[] = {"5 6 .\n7 . 8\n8 . 9", "4 6 .\n7 . 8\n8 . 9",
                                         "3 6 .\n7 . 8\n8 . 9"};
    for (size_t i = 0; i < sizeof in_force / sizeof *in_force; i++) {
        struct hub_world w;
        struct actor a;
        struct txn *t;
        struct hash reports[3];
        struct standing_held held;
        hub_world_init(&w, 77, ONE_UNIT);
        hub_world_issue(&w, CAMPAIGN("      due_by_level:\n        - {level: commune, date: "
                                     "15/12/2023, inclusive: yes}\n"));
        hub_world_issue(&w, profile);
        struct hub_office *o = hub_world_enrol(&w, "P1");
        for (size_t k = 0; in_force[i].days[k]; k++) {
            struct hub_report r = {.campaign = "thu",
                                   .profile = "diem",
                                   .text = sheets[k],
                                   .n_people = 2,
                                   .people = callings[0]};
            reports[k] = hub_world_seal(&w, o, &r, hub_world_at(in_force[i].days[k]));
            hub_world_deliver(&w);
            (void)rank_both_keep(&w, 100);
        }
        hub_world_open(&a, false, &t);
        const struct unit_fact *f = units_by_code(a.catalog.units, "P1", instant_day(w.now));
        struct slot slot = {a.unit, "thu", "2023", 1, f->id};
        struct standing_id id = standing_id_of(&slot);
        assert_true(standing_book_unit(t, &id, &slot.unit, &held));
        if (!hash_equal(&held.report, &reports[in_force[i].shown]))
            fail_msg("%s", in_force[i].name);
        actor_abort(&a, t);
        actor_close(&a);
        hub_world_done(&w);
    }
}

static void a_row_that_went_is_found_and_made_again(void **state) {
    (void)state;
    struct hub_world w;
    hub_world_init(&w, 77, ONE_UNIT);
    hub_world_issue(&w, CAMPAIGN(""));
    hub_world_issue(&w, profile);
    struct hub_report r = {.campaign = "thu",
                           .profile = "diem",
                           .text = "5 6 .\n7 . 8\n8 . 9",
                           .n_people = 2,
                           .people = callings[0]};
    (void)hub_world_seal(&w, hub_world_enrol(&w, "P1"), &r, hub_world_at("2023-12-01"));
    hub_world_deliver(&w);
    (void)rank_both_keep(&w, 100);
    damaged(&w, TABLE_PLACES, "places");
    damaged(&w, TABLE_STANDINGS, "standings");
    damaged(&w, TABLE_CALLED, "called");
    hub_world_do(&w, "check");
    hub_world_done(&w);
}

/* Bring the book on, while the report that is held is spoiled: whether it is ranked, which it is
 * only as long as nobody reads it again. */
static bool ranked_unread(void) {
    struct actor a;
    struct txn *t;
    struct log_walk walk;
    struct hash id;
    bool more = true;
    hub_world_open(&a, true, &t);
    log_walk_init(&walk, t, KIND_REPORT, 0);
    assert_true(log_walk_next(&walk, NULL, &id));
    log_walk_done(&walk);
    txn_put(t, TABLE_RECORDS, slice_of(id.b, HASH_BYTES), slice_str("spoiled"));
    int rc = 0;
    while (rc == 0 && more)
        rc = standing_keep_step(&a, t, 100, &more, NULL);
    assert_true(rc == 0 || rc == ERR_CORRUPT);
    bool ranked = rc == 0 && txn_count(t, TABLE_PLACES) > 0;
    actor_abort(&a, t);
    actor_close(&a);
    return ranked;
}

#define OTHER                                                                                      \
    "campaign:\n  id: kia\n  title: {vi: Khác}\n  issuer: Tỉnh\n"                               \
    "  periods:\n    - {id: \"2023\", begin: 01/01/2023, end: 31/12/2023}\n"                       \
    "  reports:\n    - kind: annual\n  criteria:\n"                                                \
    "    - {id: C1, about: collective, label: {vi: Một}}\n"

static void what_is_said_of_a_campaign_leaves_the_others_alone(void **state) {
    (void)state;
    struct hub_world w;
    hub_world_init(&w, 77, ONE_UNIT);
    hub_world_issue(&w, CAMPAIGN(""));
    hub_world_issue(&w, profile);
    struct hub_report r = {.campaign = "thu",
                           .profile = "diem",
                           .text = "5 6 .\n7 . 8\n8 . 9",
                           .n_people = 2,
                           .people = callings[0]};
    (void)hub_world_seal(&w, hub_world_enrol(&w, "P1"), &r, hub_world_at("2023-12-01"));
    hub_world_deliver(&w);
    (void)rank_both_keep(&w, 100);
    hub_world_issue(&w, OTHER);
    assert_true(ranked_unread());
    hub_world_do(&w, "campaign", "assign", "kia", "--unit", "P1", "--exempt", "--reason", "x");
    assert_true(ranked_unread());
    hub_world_do(&w, "campaign", "withdraw", "kia", "--reason", "x");
    assert_true(ranked_unread());
    (void)rank_both_keep(&w, 100);
    hub_world_do(&w, "campaign", "assign", "thu", "--unit", "P1", "--exempt", "--reason", "x");
    assert_false(ranked_unread());
    (void)rank_both_keep(&w, 100);
    hub_world_do(&w, "check");
    hub_world_done(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(book_and_computation_say_the_same_at_every_step),
        cmocka_unit_test(the_book_shows_the_report_in_force),
        cmocka_unit_test(a_row_that_went_is_found_and_made_again),
        cmocka_unit_test(what_is_said_of_a_campaign_leaves_the_others_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
