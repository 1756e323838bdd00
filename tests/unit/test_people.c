/* Whom an office reports about: its newest list, or the news that this cannot be read. */
#include "node/names.h"
#include "node/people.h"
#include "tests/unit/mem_unmet.h"
#include "tests/unit/node_world.h"

#define ALLOCATIONS_MAX 2000 /* of one reading; more means that it never ends */

/* A second list, in which somebody is gone and somebody is new. */
static const char nw_later[] = "code,kind,class,name,unit,leader,uniformed,person\n"
                               "DU,collective,đảng,Đảng ủy,31633,,,\n"
                               "007,individual,công chức,Trần Thị B,31633,no,no,P2\n"
                               "008,individual,công chức,Lê Văn C,31633,no,no,P3\n";

struct office {
    struct actor a;
    struct txn *t;
};

static void office_open(struct office *o, struct node_world *w, bool write) {
    assert_int_equal(actor_open(w->node_dir, ROLE_NODE, NULL, NULL, &o->a, &w->e), 0);
    assert_int_equal(actor_begin(&o->a, write, &o->t, &w->e), 0);
}

static void office_close(struct office *o) {
    actor_abort(&o->a, o->t);
    actor_close(&o->a);
}

static const struct unit_fact *unit_of(const struct office *o) {
    return catalog_unit(&o->a.catalog, &o->a.unit);
}

static int setup(void **state) {
    (void)nw_setup(state);
    struct node_world *w = *state;
    nw_people(w);
    nw_write(w, nw_later);
    nw_ok(w, "subject import @");
    return 0;
}

/* One bit of the list that was stated last is another. */
static void damage_newest(struct node_world *w) {
    struct office o;
    struct log_walk l;
    struct hash id, last = {{0}};
    struct record r;
    struct buf bytes;
    unsigned n = 0;
    office_open(&o, w, true);
    log_walk_init(&l, o.t, KIND_SUBJECTS, 0);
    for (; log_walk_next(&l, NULL, &id); n++)
        last = id;
    log_walk_done(&l);
    assert_int_equal(n, 2);
    assert_int_equal(log_get(o.t, &last, &r, &w->e), 0);
    buf_init(&bytes);
    buf_put(&bytes, r.bytes.data, r.bytes.len);
    bytes.data[bytes.len - 1] ^= 16;
    txn_put(o.t, TABLE_RECORDS, slice_of(last.b, HASH_BYTES), buf_slice(&bytes));
    buf_done(&bytes);
    assert_int_equal(actor_commit(&o.a, o.t, &w->e), 0);
    actor_close(&o.a);
}

/* What each way of reading gives, and what it read where it gives 0. */
struct answers {
    struct people people;
    bool known[3]; /* of both lists, of the first alone, of none */
    struct uid ids[3];
    struct people_units units;
};

static const char *const asked[3] = {"007", "BT", "009"};

static int ask_list(struct office *o, struct answers *x, struct err *e) {
    return people_load(&o->a, o->t, unit_of(o), &x->people, e);
}

static int ask_known(struct office *o, struct answers *x, struct err *e) {
    int rc = 0;
    for (unsigned i = 0; rc == 0 && i < 3; i++)
        rc = people_known(&o->a, o->t, &unit_of(o)->id, asked[i], &x->ids[i], &x->known[i], e);
    return rc;
}

static int ask_units(struct office *o, struct answers *x, struct err *e) {
    return people_units_load(&o->a, o->t, &x->units, e);
}

static int (*const ways[])(struct office *o, struct answers *x,
                           struct err *e) = {ask_list, ask_known, ask_units};

static void answers_done(struct answers *x) {
    people_done(&x->people);
    people_units_done(&x->units);
}

static void a_damaged_list_is_not_taken_for_the_one_before_it(void **state) {
    struct node_world *w = *state;
    struct office o;
    damage_newest(w);
    office_open(&o, w, false);
    for (size_t i = 0; i < COUNT(ways); i++) {
        struct answers x = {.known = {false}};
        struct err e = {0};
        int rc = ways[i](&o, &x, &e);
        if (rc != ERR_CORRUPT || e.code != ERR_CORRUPT)
            fail_msg("way %zu: %d", i, rc);
        if (ways[i] == ask_units)
            people_units_done(&x.units); /* in any case */
    }
    office_close(&o);
}

static uint64_t stated(struct node_world *w) {
    struct office o;
    office_open(&o, w, false);
    uint64_t n = txn_count(o.t, TABLE_RECORDS);
    office_close(&o);
    return n;
}

static void nothing_is_stated_about_a_list_that_is_damaged(void **state) {
    static const char *const lines[] = {"submit", "record --subject DU --criterion C1.1 --score 3",
                                        "record --subject BT --criterion I1.1 --met",
                                        "subject import @"};
    struct node_world *w = *state;
    nw_write(w, "subject,criterion,value,note\n"
                "31633,C1.1,1,\n31633,C1.2,1,\nDU,C1.1,1,\nDU,C1.2,1,\n"
                "007,I1.1,đạt,\n008,I1.1,đạt,\n");
    nw_ok(w, "import @");
    damage_newest(w);
    uint64_t before = stated(w);
    nw_write(w, nw_subjects);
    for (size_t i = 0; i < COUNT(lines); i++)
        nw_refused(w, lines[i], "damaged");
    assert_int_equal(stated(w), before);
}

/* What of `want` `x`, read the same way, has otherwise; NULL: nothing. */
static const char *differs(size_t way, const struct answers *x, const struct answers *want) {
    if (ways[way] == ask_known)
        return memcmp(x->known, want->known, sizeof x->known) != 0 ? "known"
               : memcmp(x->ids, want->ids, sizeof x->ids) != 0     ? "its id"
                                                                   : NULL;
    if (ways[way] == ask_units)
        return people_units_has(&x->units, (const struct uid *)want->units.ids.data) &&
                       x->units.ids.len == want->units.ids.len
                   ? NULL
                   : "units";
    if (x->people.subjects.n != want->people.subjects.n ||
        !hash_equal(&x->people.record, &want->people.record))
        return "another list";
    for (uint32_t i = 0; i < x->people.subjects.n; i++)
        if (strcmp(people_name(&x->people, i), people_name(&want->people, i)) != 0)
            return "a name";
    return NULL;
}

static void without_memory_there_is_no_list_rather_than_another(void **state) {
    struct node_world *w = *state;
    for (size_t i = 0; i < COUNT(ways); i++) {
        struct answers want = {.known = {false}};
        struct office o;
        office_open(&o, w, false);
        assert_int_equal(ways[i](&o, &want, &w->e), 0);
        office_close(&o);
        bool done = false;
        for (long n = 0; !done; n++) {
            struct answers x = {.known = {false}};
            struct err e = {0};
            office_open(&o, w, false);
            mem_fail_at(n);
            int rc = ways[i](&o, &x, &e);
            done = mem_unmet(n);
            const char *what = rc == 0 ? differs(i, &x, &want) : NULL;
            if (what || (rc != 0 && (done || rc != ERR_NOMEM)) || e.code != rc)
                fail_msg("way %zu, allocation %ld: %d, %s", i, n, rc, what ? what : "");
            if (rc == 0)
                answers_done(&x);
            else if (ways[i] == ask_units)
                people_units_done(&x.units);
            office_close(&o);
            assert_true(n < ALLOCATIONS_MAX);
        }
        answers_done(&want);
    }
}

/* What `subject` is called, by a reading of all names; the caller frees `ret_name`. */
static int find_name(struct office *o, const struct uid *subject, char **ret_name, struct err *e) {
    struct names names = {0};
    int rc = names_load(o->t, &names, e);
    if (rc == 0)
        rc = names_find(&names, o->t, &unit_of(o)->id, subject, NULL, ret_name, e);
    names_done(&names);
    return rc;
}

/* As a ranking shows it. */
static void without_memory_nobody_is_without_a_name(void **state) {
    struct node_world *w = *state;
    struct office o;
    struct uid subject;
    bool known, done = false;
    for (long n = 0; !done; n++) {
        struct err e = {0};
        char *name = NULL;
        office_open(&o, w, false);
        assert_int_equal(people_known(&o.a, o.t, &unit_of(&o)->id, "008", &subject, &known, &w->e),
                         0);
        mem_fail_at(n);
        int rc = find_name(&o, &subject, &name, &e);
        done = mem_unmet(n);
        assert_true(rc == 0 ? name && strcmp(name, "Lê Văn C") == 0 : !done && rc == ERR_NOMEM);
        assert_int_equal(e.code, rc);
        mem_free(name);
        office_close(&o);
        assert_true(n < ALLOCATIONS_MAX);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, nw_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_damaged_list_is_not_taken_for_the_one_before_it),
        TEST(nothing_is_stated_about_a_list_that_is_damaged),
        TEST(without_memory_there_is_no_list_rather_than_another),
        TEST(without_memory_nobody_is_without_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
