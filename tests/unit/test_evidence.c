/*
 * Evidence in what a hub exports: second records of places that are taken stand in the file behind
 * the logs, where each proves itself; whoever verifies tells them, and finds no fault.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/fork.h"
#include "tests/unit/agree_ask.h"

static const char units[] = "code,parent,level,kind,name,group\n"
                            "100,94,commune,xa,Một,\n"
                            "200,94,commune,xa,Hai,\n";

/* What the auditor prints of what the hub exports with `option` (NULL: none), and finds no fault
 * with, into `out`. */
static void export_and_verify(struct hub_world *w, char *option, char *value, char *out,
                              size_t size) {
    static const struct verb *const verbs[] = {&verify_cmd, NULL};
    static const struct verb_program program = {"thidua-audit", "test", "test", verbs};
    const struct verify_cmd_host host = {agree_read};
    char *audit[] = {"thidua-audit", "verify", "bundle.tdb", "--root", w->genesis};
    struct verb_call call;
    struct err e = {0};
    char *argv[] = {"bundle", "export", "bundle.tdb", option, value, NULL};
    assert_int_equal(hub_world_run_argv(w, &e, argv), 0);
    verb_call_init(&call, &w->world, (void *)(uintptr_t)&host);
    int rc = verb_run(&program, 5, audit, &call, &e);
    snprintf(out, size, "%s", buf_cstr(&call.out));
    if (rc != 0)
        fail_msg("%s", out);
    verb_call_done(&call);
}

static unsigned times(const char *text, const char *what) {
    unsigned n = 0;
    for (; (text = strstr(text, what)) != NULL; text++)
        n++;
    return n;
}

/* Keep what `l` says as evidence, whoever signed it. */
static void keep(const struct hub_letter *l) {
    struct actor a;
    struct txn *t;
    struct record r;
    hub_world_open(&a, true, &t);
    assert_int_equal(record_parse(buf_slice(&l->bytes), &r, NULL), 0);
    fork_keep(t, &r);
    assert_int_equal(actor_commit(&a, t, NULL), 0);
    actor_close(&a);
}

struct evidence_world {
    struct hub_world w;
    struct hub_office *one, *other;
    struct hub_office before; /* the first, before it stated what has the place */
    struct hash deployment;
};

/* The first office's directory came back: two records beside one that has its place. */
static void tell(struct evidence_world *x) {
    struct actor a;
    struct txn *t;
    hub_world_init(&x->w, 5, units);
    x->one = hub_world_enrol(&x->w, "100");
    x->other = hub_world_enrol(&x->w, "200");
    hub_world_open(&a, false, &t);
    x->deployment = a.deployment;
    actor_abort(&a, t);
    actor_close(&a);
    x->before = *x->one;
    hub_world_state(&x->w, x->one, &x->deployment, 999, slice_str("held"), x->w.now);
    hub_world_deliver(&x->w);
    struct hub_office back = x->before;
    hub_world_state(&x->w, &back, &x->deployment, 999, slice_str("beside"), x->w.now);
    hub_world_state(&x->w, &back, &x->deployment, 999, slice_str("behind that"), x->w.now);
    hub_world_deliver(&x->w);
}

static void evidence_is_exported_and_is_no_fault(void **state) {
    (void)state;
    struct evidence_world x;
    char out[8192];
    tell(&x);
    export_and_verify(&x.w, NULL, NULL, out, sizeof out);
    assert_non_null(strstr(x.w.words, "2 of them are evidence"));
    assert_non_null(strstr(out, "\"problems\":[]"));
    assert_int_equal(times(out, "\"other\":"), 2);
    assert_int_equal(times(out, "\"unit\":\"100\""), 2);
    assert_int_equal(times(out, "\"record\":null"), 1);
    export_and_verify(&x.w, "--for", "200", out, sizeof out);
    assert_int_equal(times(out, "\"other\":"), 0);
    export_and_verify(&x.w, "--for", "100", out, sizeof out);
    assert_int_equal(times(out, "\"other\":"), 2);
    hub_world_done(&x.w);
}

/* What came behind the end of its author says nothing of what stands before it. */
static void evidence_behind_the_end_stays_here(void **state) {
    (void)state;
    struct evidence_world x;
    char out[8192];
    tell(&x);
    hub_world_do(&x.w, "revoke", "100", "--reason", "x");
    export_and_verify(&x.w, NULL, NULL, out, sizeof out);
    assert_non_null(strstr(x.w.words, "1 of them are evidence"));
    assert_int_equal(times(out, "\"other\":"), 1);
    hub_world_done(&x.w);
}

/* A thief's, whom the recovery key overruled, and what stands beside nothing that is here. */
static void what_does_not_prove_itself_stays_here(void **state) {
    (void)state;
    struct evidence_world x;
    char out[8192];
    tell(&x);
    struct hub_office stranger = x.before, lost = x.before;
    stranger.sign = x.other->sign;
    hub_world_state(&x.w, &stranger, &x.deployment, 999, slice_str("stranger"), x.w.now);
    keep(&x.w.letters[x.w.n_letters - 1]);
    lost.seq += 7;
    memset(&lost.head, 1, sizeof lost.head);
    hub_world_state(&x.w, &lost, &x.deployment, 999, slice_str("lost"), x.w.now);
    keep(&x.w.letters[x.w.n_letters - 1]);
    export_and_verify(&x.w, NULL, NULL, out, sizeof out);
    assert_int_equal(times(out, "\"other\":"), 2);
    hub_world_done(&x.w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(evidence_is_exported_and_is_no_fault),
        cmocka_unit_test(evidence_behind_the_end_stays_here),
        cmocka_unit_test(what_does_not_prove_itself_stays_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
