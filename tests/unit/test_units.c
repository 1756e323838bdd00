#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/index.h"
#include "core/limits.h"
#include "core/mem.h"
#include "core/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A seeded generator (xorshift64*): a failing run is repeated with THIDUA_SEED. */
static uint64_t rng;

static uint32_t below(uint32_t n) {
    rng ^= rng >> 12;
    rng ^= rng << 25;
    rng ^= rng >> 27;
    return (uint32_t)((rng * 2685821657736338717u) >> 33) % n;
}

static int seed(void **state) {
    (void)state;
    const char *given = getenv("THIDUA_SEED");
    rng = given ? strtoull(given, NULL, 10) : 20231215;
    print_message("seed %llu\n", (unsigned long long)rng);
    rng = rng * 2 + 1;
    return 0;
}

static struct uid uid_of(uint32_t n) {
    struct uid id = {{0}};
    for (int i = 0; i < 4; i++)
        id.b[i] = (uint8_t)(n >> (8 * i));
    return id;
}

/* How many steps `id` lies below the root on `on`; -1: it is not in the tree. */
static int depth_in(const struct units *u, const struct uid *id, day on) {
    const struct unit_fact *f = units_at(u, id, on);
    int depth = f ? 0 : -1;
    for (; f && !uid_is_zero(&f->parent); depth++)
        f = units_at(u, &f->parent, on);
    return f ? depth : -1;
}

/* A fact about unit `n` (from 1) below `parent` (0: a root). */
static struct unit_fact fact(uint32_t n, uint32_t parent, const char *code, day effective) {
    static char text[5][16] = {"commune", "state", "Tân Thạnh", "", ""};
    struct unit_fact f = {.id = uid_of(n),
                          .parent = uid_of(parent),
                          .effective = effective,
                          .from = DAY_NONE,
                          .until = DAY_NONE,
                          .level = text[0],
                          .kind = text[1],
                          .name = text[2],
                          .group = text[3]};
    static char codes[64][16];
    static unsigned turn;
    char *copy = codes[turn++ % 64];
    snprintf(copy, sizeof codes[0], "%s", code);
    f.code = copy;
    return f;
}

static int add(struct units *u, struct unit_fact f) {
    struct err e = {0};
    return units_trial(u, &f, &e);
}

static struct units *new_units(void) {
    struct units *u = NULL;
    assert_int_equal(units_new(&u, NULL), 0);
    return u;
}

static int order_number(const void *arg, const void *key, uint32_t value) {
    const uint32_t *keys = arg, *k = key;
    return (*k > keys[value]) - (*k < keys[value]);
}

static void an_index_keeps_any_order_of_insertion_sorted_and_stable(void **state) {
    (void)state;
    enum { N = 5000 };
    static uint32_t keys[N];
    for (int way = 0; way < 3; way++) {
        struct index ix;
        index_init(&ix, order_number, keys);
        for (uint32_t i = 0; i < N; i++) {
            keys[i] = way == 0 ? i : way == 1 ? N - i : below(N / 4);
            assert_int_equal(index_reserve(&ix, NULL), 0);
            index_insert(&ix, &keys[i], i);
        }
        uint32_t seen = 0, value, last = 0;
        uint32_t least = 0;
        struct index_at at = index_seek(&ix, &least);
        for (; index_next(&ix, &at, &value); seen++) {
            if (seen > 0) {
                assert_true(keys[last] < keys[value] ||
                            (keys[last] == keys[value] && last < value));
            }
            last = value;
        }
        assert_int_equal(seen, N);
        for (uint32_t i = 0; i < N; i++) {
            assert_true(index_find(&ix, &keys[i], &value));
            assert_int_equal(keys[value], keys[i]);
        }
        uint32_t beyond = 2 * N;
        assert_false(index_find(&ix, &beyond, &value));
        index_done(&ix);
    }
}

static void a_code_belongs_to_whoever_has_it_that_day(void **state) {
    (void)state;
    struct units *u = new_units();
    struct unit_fact kien_giang = fact(1, 0, "91", DAY_NONE);
    kien_giang.until = 100;
    assert_int_equal(add(u, kien_giang), 0);
    assert_int_equal(add(u, fact(2, 0, "89", DAY_NONE)), 0);
    assert_int_equal(add(u, fact(2, 0, "91", 99)), ERR_REFUSED);
    assert_int_equal(add(u, fact(2, 0, "91", 100)), 0);
    struct uid one = uid_of(1), two = uid_of(2);
    assert_true(uid_equal(&units_by_code(u, "91", 99)->id, &one));
    assert_true(uid_equal(&units_by_code(u, "91", 100)->id, &two));
    assert_true(uid_equal(&units_by_code(u, "89", 99)->id, &two));
    assert_null(units_by_code(u, "89", 100));
    assert_false(units_exist(u, &one, 100));
    assert_string_equal(units_at(u, &one, 100)->code, "91");
    units_free(u);
}

static void units_that_share_a_code_are_both_there_and_not_meant_by_it(void **state) {
    (void)state;
    struct units *u = new_units();
    const struct unit_fact *f;
    struct uid two = uid_of(2), one = uid_of(1), three = uid_of(3);
    assert_int_equal(add(u, fact(1, 0, "1", DAY_NONE)), 0);
    assert_int_equal(add(u, fact(2, 1, "2", DAY_NONE)), 0);
    struct unit_fact same = fact(3, 1, "2", 50);
    assert_int_equal(units_trial(u, &same, NULL), ERR_REFUSED);
    assert_int_equal(units_add(u, &same, NULL), 0);
    assert_true(units_under(u, &three, &one, 60));
    assert_true(uid_equal(&units_by_code(u, "2", 60)->id, &two));
    assert_int_equal(units_named(u, "2", 60, &f, NULL), ERR_REFUSED);
    assert_int_equal(units_named(u, "2", 49, &f, NULL), 0);
    assert_true(uid_equal(&f->id, &two));
    assert_int_equal(add(u, fact(3, 1, "3", 70)), 0);
    assert_int_equal(units_named(u, "2", 70, &f, NULL), 0);
    assert_int_equal(units_named(u, "4", 70, &f, NULL), 0);
    assert_null(f);
    units_free(u);
}

static void of_two_facts_of_one_day_the_later_stated_holds(void **state) {
    (void)state;
    struct units *u = new_units();
    assert_int_equal(add(u, fact(1, 0, "A", 10)), 0);
    assert_int_equal(add(u, fact(1, 0, "B", 10)), 0);
    struct uid one = uid_of(1);
    assert_string_equal(units_at(u, &one, 10)->code, "B");
    assert_null(units_at(u, &one, 9));
    assert_null(units_by_code(u, "A", 10));
    assert_int_equal(add(u, fact(2, 1, "A", 10)), 0);
    assert_int_equal(units_count(u), 2);
    units_free(u);
}

static void what_is_no_tree_is_refused_and_changes_nothing(void **state) {
    (void)state;
    struct units *u = new_units();
    assert_int_equal(add(u, fact(1, 0, "1", DAY_NONE)), 0);
    assert_int_equal(add(u, fact(2, 1, "2", DAY_NONE)), 0);
    assert_int_equal(add(u, fact(3, 2, "3", 50)), 0);
    struct unit_fact ends = fact(4, 1, "4", DAY_NONE);
    ends.from = ends.until = 7;
    struct unit_fact unnamed = fact(4, 1, "4", DAY_NONE);
    unnamed.name = unnamed.group;
    const struct {
        const char *name;
        struct unit_fact input;
        const char *want;
    } cases[] = {
        {"below itself", fact(2, 2, "2", 10), "below itself"},
        {"new and below itself", fact(9, 9, "9", 10), "below itself"},
        {"below its grandchild, from the day it is one", fact(1, 3, "1", 60), "below itself"},
        {"and also where it becomes one later", fact(2, 3, "2", 40), "below itself"},
        {"unknown parent", fact(4, 77, "4", 10), "not known"},
        {"code in use", fact(4, 1, "2", 10), "also the code"},
        {"no id", fact(0, 1, "4", 10), "no id"},
        {"no code", fact(4, 1, "", 10), "no unit code"},
        {"slash in a code", fact(4, 1, "4/5", 10), "no unit code"},
        {"ends before it begins", ends, "before it begins"},
        {"no name", unnamed, "the name"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err e = {0};
        char text[512];
        assert_int_equal(units_trial(u, &cases[i].input, &e), ERR_REFUSED);
        if (!strstr(err_text(&e, NULL, text, sizeof text), cases[i].want))
            fail_msg("%s: %s", cases[i].name, text);
    }
    assert_int_equal(units_count(u), 3);
    units_free(u);
}

static void a_tree_is_at_most_sixteen_levels_deep_however_it_is_built(void **state) {
    (void)state;
    struct units *u = new_units();
    char code[16];
    for (uint32_t i = 1; i <= LIMIT_UNIT_DEPTH; i++) {
        snprintf(code, sizeof code, "a%u", i);
        assert_int_equal(add(u, fact(i, i - 1, code, DAY_NONE)), 0);
    }
    struct uid last = uid_of(LIMIT_UNIT_DEPTH);
    assert_int_equal(depth_in(u, &last, 0), LIMIT_UNIT_DEPTH - 1);
    assert_int_equal(add(u, fact(50, LIMIT_UNIT_DEPTH, "deep", DAY_NONE)), ERR_REFUSED);
    assert_int_equal(add(u, fact(60, 0, "top", DAY_NONE)), 0);
    assert_int_equal(add(u, fact(61, 60, "mid", DAY_NONE)), 0);
    assert_int_equal(add(u, fact(60, LIMIT_UNIT_DEPTH - 1, "top", 10)), ERR_REFUSED);
    assert_int_equal(add(u, fact(60, LIMIT_UNIT_DEPTH - 2, "top", 10)), 0);
    units_free(u);
}

/* The plain reading of core/units.h over a list of facts, to compare with. */
#define MODEL_FACTS 64
#define MODEL_UNITS 7
struct model {
    uint32_t n;
    struct unit_fact facts[MODEL_FACTS];
};

static const struct unit_fact *model_at(const struct model *m, struct uid id, day on) {
    const struct unit_fact *best = NULL;
    for (uint32_t i = 0; i < m->n; i++)
        if (uid_equal(&m->facts[i].id, &id) && m->facts[i].effective <= on &&
            (!best || m->facts[i].effective >= best->effective))
            best = &m->facts[i];
    return best;
}

static bool model_exists(const struct unit_fact *f, day on) {
    return f && f->from <= on && (f->until == DAY_NONE || on < f->until);
}

/* Steps to the root; -1: not in the tree; -2: a cycle. */
static int model_depth(const struct model *m, struct uid id, day on) {
    for (int depth = 0; depth <= MODEL_UNITS; depth++) {
        const struct unit_fact *f = model_at(m, id, on);
        if (!f)
            return -1;
        if (uid_is_zero(&f->parent))
            return depth;
        id = f->parent;
    }
    return -2;
}

static bool model_sound(const struct model *m, day on) {
    for (uint32_t a = 1; a <= MODEL_UNITS; a++) {
        const struct unit_fact *f = model_at(m, uid_of(a), on);
        if (model_depth(m, uid_of(a), on) == -2)
            return false;
        for (uint32_t b = 1; b < a; b++) {
            const struct unit_fact *g = model_at(m, uid_of(b), on);
            if (model_exists(f, on) && model_exists(g, on) && strcmp(f->code, g->code) == 0)
                return false;
        }
    }
    return true;
}

#define LAST_DAY 14
static day nth_day(int i) {
    return i < 0 ? DAY_NONE : (day)i;
}

static bool model_add(struct model *m, const struct unit_fact *f) {
    bool parent_known = uid_is_zero(&f->parent);
    for (uint32_t i = 0; i < m->n; i++)
        parent_known |= uid_equal(&m->facts[i].id, &f->parent);
    if (!parent_known || (f->until != DAY_NONE && f->from >= f->until))
        return false;
    m->facts[m->n++] = *f;
    for (int i = -1; i <= LAST_DAY; i++)
        if (!model_sound(m, nth_day(i))) {
            m->n--;
            return false;
        }
    return true;
}

static struct unit_fact random_fact(void) {
    static char codes[4][2] = {"a", "b", "c", "d"};
    struct unit_fact f = fact(1 + below(MODEL_UNITS), below(MODEL_UNITS + 1), "", DAY_NONE);
    f.code = codes[below(4)];
    f.effective = nth_day((int)below(LAST_DAY) - 1);
    f.from = below(3) ? DAY_NONE : (day)below(LAST_DAY);
    f.until = below(2) ? DAY_NONE : (day)below(LAST_DAY);
    return f;
}

static void assert_same(const struct units *u, const struct model *m, day on) {
    for (uint32_t a = 1; a <= MODEL_UNITS; a++) {
        struct uid id = uid_of(a);
        const struct unit_fact *want = model_at(m, id, on), *got = units_at(u, &id, on);
        assert_int_equal(want == NULL, got == NULL);
        if (want) {
            assert_string_equal(got->code, want->code);
            assert_true(uid_equal(&got->parent, &want->parent));
        }
        assert_int_equal(units_exist(u, &id, on), model_exists(want, on));
        assert_int_equal(depth_in(u, &id, on), model_depth(m, id, on));
        if (model_exists(want, on))
            assert_ptr_equal(units_by_code(u, want->code, on), got);
    }
}

static void every_random_history_reads_like_the_plain_model(void **state) {
    (void)state;
    uint32_t accepted = 0, refused = 0;
    for (int round = 0; round < 300; round++) {
        struct units *u = new_units();
        struct model m = {0};
        for (int i = 0; i < 60; i++) {
            struct unit_fact f = random_fact();
            bool want = model_add(&m, &f);
            assert_int_equal(add(u, f) == 0, want);
            accepted += want;
            refused += !want;
        }
        for (int i = -1; i <= LAST_DAY; i++)
            assert_same(u, &m, nth_day(i));
        units_free(u);
    }
    assert_true(accepted > 1000 && refused > 1000);
}

/* All that is not a label: who exists, who lies below whom, how deep. */
static uint64_t structure(const struct units *u) {
    uint64_t sum = units_count(u);
    for (int i = -1; i <= LAST_DAY; i++)
        for (uint32_t a = 1; a <= MODEL_UNITS; a++) {
            struct uid id = uid_of(a);
            sum = sum * 31 + units_exist(u, &id, nth_day(i));
            sum = sum * 31 + (uint64_t)(depth_in(u, &id, nth_day(i)) + 1);
            for (uint32_t b = 1; b <= MODEL_UNITS; b++) {
                struct uid top = uid_of(b);
                sum = sum * 31 + units_under(u, &id, &top, nth_day(i));
            }
        }
    return sum;
}

static void renames_and_recodes_change_nothing_but_labels(void **state) {
    (void)state;
    for (int round = 0; round < 50; round++) {
        struct units *u = new_units();
        for (int i = 0; i < 60; i++)
            (void)add(u, random_fact());
        uint64_t before = structure(u);
        uint32_t changed = 0;
        for (int i = 0; i < 100; i++) {
            struct uid id = uid_of(1 + below(MODEL_UNITS));
            day on = nth_day((int)below(LAST_DAY) - 1);
            const struct unit_fact *now = units_at(u, &id, on);
            if (!now)
                continue;
            char code[16], name[32];
            struct unit_fact f = *now;
            snprintf(code, sizeof code, "n%u", below(12));
            snprintf(name, sizeof name, "Tên %u", below(1000));
            f.effective = on;
            f.name = name;
            f.code = code;
            if (add(u, f) == 0) {
                changed++;
                assert_string_equal(units_at(u, &id, on)->name, name);
            }
            assert_true(structure(u) == before);
        }
        assert_true(changed > 0 || units_count(u) == 0);
        units_free(u);
    }
}

static void a_fact_without_memory_is_not_half_added(void **state) {
    (void)state;
    for (long n = 0;; n++) {
        struct units *u = new_units();
        assert_int_equal(add(u, fact(1, 0, "1", DAY_NONE)), 0);
        struct err e = {0};
        struct unit_fact f = fact(2, 1, "2", DAY_NONE);
        mem_fail_at(n);
        int rc = units_add(u, &f, &e);
        mem_fail_at(-1);
        if (rc != 0) {
            assert_int_equal(rc, ERR_NOMEM);
            assert_int_equal(units_count(u), 1);
            assert_null(units_by_code(u, "2", 0));
            assert_int_equal(add(u, f), 0);
        }
        assert_non_null(units_by_code(u, "2", 0));
        units_free(u);
        if (rc == 0) {
            assert_true(n >= 2);
            return;
        }
    }
}

static void a_whole_deployment_fits_and_not_one_unit_more(void **state) {
    (void)state;
    struct units *u = new_units();
    char code[16];
    for (uint32_t i = 1; i <= LIMIT_UNITS; i++) {
        snprintf(code, sizeof code, "%05u", i * 7919 % 1000003);
        assert_int_equal(add(u, fact(i, i / 32, code, DAY_NONE)), 0);
    }
    assert_int_equal(add(u, fact(LIMIT_UNITS + 1, 1, "more", DAY_NONE)), ERR_REFUSED);
    /* 65536 → 2048 → 64 → 2: parents are a 32nd. */
    struct uid other = uid_of(1), top = uid_of(2), last = uid_of(LIMIT_UNITS);
    for (uint32_t i = 1; i <= LIMIT_UNITS; i++) {
        snprintf(code, sizeof code, "%05u", i * 7919 % 1000003);
        struct uid id = uid_of(i);
        assert_true(uid_equal(&units_by_code(u, code, 5)->id, &id));
    }
    assert_true(units_under(u, &last, &top, 5));
    assert_false(units_under(u, &last, &other, 5));
    assert_int_equal(depth_in(u, &last, 5), 3);
    assert_true(uid_equal(units_id(u, LIMIT_UNITS - 1), &last));
    units_free(u);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_index_keeps_any_order_of_insertion_sorted_and_stable, seed),
        cmocka_unit_test(a_code_belongs_to_whoever_has_it_that_day),
        cmocka_unit_test(units_that_share_a_code_are_both_there_and_not_meant_by_it),
        cmocka_unit_test(of_two_facts_of_one_day_the_later_stated_holds),
        cmocka_unit_test(what_is_no_tree_is_refused_and_changes_nothing),
        cmocka_unit_test(a_tree_is_at_most_sixteen_levels_deep_however_it_is_built),
        cmocka_unit_test_setup(every_random_history_reads_like_the_plain_model, seed),
        cmocka_unit_test_setup(renames_and_recodes_change_nothing_but_labels, seed),
        cmocka_unit_test(a_fact_without_memory_is_not_half_added),
        cmocka_unit_test(a_whole_deployment_fits_and_not_one_unit_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
