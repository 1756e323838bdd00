/*
 * Two records of one machine in one place of its log: listed for a person, and settled by revoking.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/hub_world.h"

static const char units[] = "code,parent,level,kind,name,group\n"
                            "100,94,commune,xa,Một,\n"
                            "200,94,commune,xa,Hai,\n";

static const char campaign[] =
    "campaign:\n  id: thu\n  title: {vi: Thử}\n  issuer: Tỉnh\n"
    "  periods:\n    - {id: \"2023\", begin: 01/01/2023, end: 31/12/2023}\n"
    "  reports:\n    - kind: annual\n      default: yes\n"
    "      due: {date: 15/12/2023, inclusive: yes}\n"
    "      expected: [{levels: [commune]}]\n"
    "  criteria:\n    - {id: C1, about: collective, label: {vi: Một}}\n";

static void verb(struct hub_world *w, char *const *argv) {
    struct err e = {0};
    assert_int_equal(hub_world_run_argv(w, &e, argv), 0);
}

static unsigned times(const char *text, const char *what) {
    unsigned n = 0;
    for (; (text = strstr(text, what)) != NULL; text++)
        n++;
    return n;
}

static void a_second_record_in_one_place_is_listed_until_its_machine_is_revoked(void **state) {
    (void)state;
    struct hub_world w;
    struct actor a;
    struct txn *t;
    hub_world_init(&w, 5, units);
    hub_world_issue(&w, campaign);
    struct hub_office *o = hub_world_enrol(&w, "100");
    hub_world_enrol(&w, "200");
    hub_world_open(&a, false, &t);
    struct hash deployment = a.deployment;
    actor_abort(&a, t);
    actor_close(&a);
    struct hub_office thief = *o;
    struct hash first = hub_world_state(&w, o, &deployment, 999, slice_str("one"), w.now);
    struct hash second = hub_world_state(&w, &thief, &deployment, 999, slice_str("two"), w.now);
    hub_world_deliver(&w);
    verb(&w, (char *[]){"conflict", "list", "--json", NULL});
    char text[2][HASH_TEXT];
    hash_text(&first, text[0]);
    hash_text(&second, text[1]);
    assert_int_equal(times(w.out, "\"unit\":\"100\""), 1);
    assert_int_equal(times(w.out, "\"unit\":\"200\""), 0);
    assert_int_equal(times(w.out, text[0]), 1);
    assert_int_equal(times(w.out, text[1]), 1);
    assert_int_equal(times(w.out, "\"settled\":false"), 1);
    verb(&w, (char *[]){"conflict", "list", NULL});
    assert_non_null(strstr(w.words, "1 are open"));
    assert_non_null(strstr(w.out, "has the place"));
    verb(&w, (char *[]){"board", NULL});
    assert_non_null(strstr(w.words, "1 records, first of unit 100"));
    verb(&w, (char *[]){"revoke", "100", "--reason", "x", NULL});
    verb(&w, (char *[]){"conflict", "list", "--json", NULL});
    assert_int_equal(times(w.out, "\"settled\":true"), 1);
    verb(&w, (char *[]){"board", NULL});
    assert_null(strstr(w.words, "two machines signed as one"));
    hub_world_done(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_second_record_in_one_place_is_listed_until_its_machine_is_revoked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
