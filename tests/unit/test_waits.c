/*
 * What waits at a hub, for what, and what a person can do about it: listed as long as it waits.
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

static struct hub_world w;
static struct hub_office *one;
static struct hash deployment;

static int begin(void **state) {
    struct actor a;
    struct txn *t;
    (void)state;
    memset(&w, 0, sizeof w);
    hub_world_init(&w, 5, units);
    hub_world_issue(&w, campaign);
    one = hub_world_enrol(&w, "100");
    hub_world_open(&a, false, &t);
    deployment = a.deployment;
    actor_abort(&a, t);
    actor_close(&a);
    return 0;
}

static int end(void **state) {
    (void)state;
    hub_world_done(&w);
    return 0;
}

static unsigned times(const char *text, const char *what) {
    unsigned n = 0;
    for (; (text = strstr(text, what)) != NULL; text++)
        n++;
    return n;
}

/* How many things wait, and that as many wait for `what`, of which `words` are said. */
static unsigned waiting(const char *what, const char *words) {
    struct err e = {0};
    char member[64];
    assert_int_equal(hub_world_run_argv(&w, &e, (char *[]){"waiting", "list", "--json", NULL}), 0);
    (void)snprintf(member, sizeof member, "\"waits_for\":\"%s\"", what);
    unsigned all = times(w.out, "\"waits_for\":");
    assert_int_equal(times(w.out, member), all);
    assert_int_equal(hub_world_run_argv(&w, &e, (char *[]){"waiting", "list", NULL}), 0);
    assert_non_null(strstr(w.words, all > 0 ? words : "nothing waits here"));
    return all;
}

static struct hash say(struct hub_office *o, const char *what) {
    return hub_world_state(&w, o, &deployment, 999, slice_str(what), w.now);
}

/* Those that follow it wait for one another, so they are not listed. */
static void the_first_behind_a_gap_is_listed_until_the_gap_is_filled(void **state) {
    (void)state;
    (void)say(one, "lost on its way");
    struct hash second = say(one, "second");
    (void)say(one, "third");
    struct hub_letter lost = w.letters[0];
    memmove(w.letters, w.letters + 1, (w.n_letters - 1) * sizeof *w.letters);
    w.n_letters--;
    hub_world_deliver(&w);
    assert_int_equal(waiting("record", "(first of unit 100) follow one that never came"), 1);
    char text[HASH_TEXT];
    hash_text(&second, text);
    struct err e = {0};
    assert_int_equal(hub_world_run_argv(&w, &e, (char *[]){"waiting", "list", "--json", NULL}), 0);
    assert_int_equal(times(w.out, text), 1);
    w.letters[w.n_letters++] = lost;
    hub_world_deliver(&w);
    assert_int_equal(waiting("record", ""), 0);
}

static void what_an_unknown_machine_stated_waits_for_its_enrolment(void **state) {
    (void)state;
    struct hub_office stranger = *one;
    stranger.actor.b[0] ^= 1;
    (void)say(&stranger, "who is that");
    hub_world_deliver(&w);
    assert_int_equal(waiting("enrolment", "whose enrolment is not here"), 1);
}

static void a_record_that_names_what_never_came_is_listed(void **state) {
    (void)state;
    struct hash nothing = {{0x77}};
    (void)hub_world_withdraw(&w, one, &nothing, w.now);
    hub_world_deliver(&w);
    assert_int_equal(waiting("named", "(first of unit 100) name a campaign"), 1);
}

static void put_doubt(bool doubt) {
    struct child c = {.actor = one->actor, .unit = one->unit, .inbox = {{9}}, .doubt = doubt};
    struct actor a;
    struct txn *t;
    hub_world_open(&a, true, &t);
    actor_put_child(t, &c);
    assert_int_equal(actor_commit(&a, t, NULL), 0);
    actor_close(&a);
}

static void a_doubted_child_is_told_of_until_it_is_trusted_or_ended(void **state) {
    (void)state;
    struct err e = {0};
    for (int revoked = 0; revoked < 2; revoked++) {
        put_doubt(true);
        assert_int_equal(waiting("shown", "(first unit 100) say that this hub was put back"), 1);
        assert_int_equal(hub_world_run_argv(&w, &e, (char *[]){"board", NULL}), 0);
        assert_non_null(strstr(w.words, "`waiting list` says what to do"));
        if (revoked)
            assert_int_equal(
                hub_world_run_argv(&w, &e, (char *[]){"revoke", "100", "--reason", "x", NULL}), 0);
        else
            put_doubt(false);
        assert_int_equal(waiting("shown", ""), 0);
        assert_int_equal(hub_world_run_argv(&w, &e, (char *[]){"board", NULL}), 0);
        assert_null(strstr(w.words, "`waiting list`"));
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_first_behind_a_gap_is_listed_until_the_gap_is_filled),
        TEST(what_an_unknown_machine_stated_waits_for_its_enrolment),
        TEST(a_record_that_names_what_never_came_is_listed),
        TEST(a_doubted_child_is_told_of_until_it_is_trusted_or_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
