/* The auditor without memory: it says so, or the same as with it; it finds nothing by that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "audit/verify_cmd.h"
#include "core/verb_run.h"
#include "tests/unit/audit_world.h"
#include "tests/unit/mem_unmet.h"

/* What the command printed, and how it ended. */
struct answer {
    int rc;
    struct err e;
    struct buf out;
};

static const struct buf *file; /* that the command reads, whatever its name */
static char root[HASH_TEXT];

static int read_bytes(const char *path, struct buf *out, struct err *e) {
    (void)path;
    buf_put(out, file->data, file->len);
    return out->failed ? err_nomem(e) : 0;
}

/* `verify` with `options`, which NULL ends. */
static void ask(char *const *options, struct answer *ret) {
    static const struct verb *const verbs[] = {&verify_cmd, NULL};
    static const struct verb_program program = {"thidua-audit", "test", "test", verbs};
    static const struct world world = {.tr = NULL};
    const struct verify_cmd_host host = {read_bytes};
    char *argv[24] = {"thidua-audit", "verify", "x.tdb", "--root", root, "--json"};
    int argc = 6;
    for (; *options; options++)
        argv[argc++] = *options;
    struct verb_call call;
    *ret = (struct answer){.rc = 0};
    verb_call_init(&call, &world, (void *)(uintptr_t)&host);
    ret->rc = verb_run(&program, argc, argv, &call, &ret->e);
    ret->out = call.out;
    buf_init(&call.out);
    verb_call_done(&call);
}

/* Let each allocation fail in turn: the answer is `want` all the same, or that memory is lacking.
 */
static void fail_each(char *const *options, int want) {
    struct answer right, x;
    long n = 0, refused = 0;
    ask(options, &right);
    assert_int_equal(right.rc, want);
    for (bool done = false; !done; n++) {
        mem_fail_at(n);
        ask(options, &x);
        done = mem_unmet(n);
        bool same = x.rc == want && slice_equal(buf_slice(&x.out), buf_slice(&right.out));
        bool lacking = x.rc == ERR_NOMEM && x.e.code == ERR_NOMEM;
        if (!same && (done || !lacking))
            fail_msg("allocation %ld: %d, error %d, %s", n, x.rc, (int)x.e.code,
                     x.out.len ? buf_cstr(&x.out) : "");
        refused += lacking;
        buf_done(&x.out);
    }
    print_message("%ld allocations, %ld of them not to be done without\n", n - 1, refused);
    buf_done(&right.out);
}

/* One office and one report. */
static void tell_little(struct story *s) {
    struct fixture *f = &s->f;
    memset(s, 0, sizeof *s);
    fixture_init(f, 7);
    s->nodes[0] = fixture_enrol(f, FIXTURE_ROOT_HUB, f->units[0], ROLE_NODE);
    fixture_plan(f);
    fixture_issue(f);
    s->reports[0] = fixture_report(f, s->nodes[0], 1, CELL_MET, half);
    fixture_receipt(f, FIXTURE_ROOT_HUB, s->nodes[0], s->reports[0], RECEIPT_VALID,
                    fixture_at("2023-12-14T09:00:00+07:00"));
}

static void packed(struct story *s) {
    pack(s);
    file = &s->file;
    hash_text(&s->f.deployment, root);
}

static void what_is_right_is_not_found_wrong_for_want_of_memory(void **state) {
    (void)state;
    struct story s;
    tell_little(&s);
    packed(&s);
    fail_each((char *[]){"--board", "--rank", "--subject-kind", "individual", NULL}, 0);
    fail_each((char *[]){"--board", "--branches", NULL}, 0);
    end(&s);
}

/* The other way round: what is wrong is found, and said to be what it is. */
static void what_is_wrong_is_found_with_memory_or_not_said(void **state) {
    (void)state;
    struct story s;
    struct fixture_record *r;
    tell_little(&s);
    r = &s.f.records[s.f.n_records - 1];
    r->bytes.data[r->bytes.len - 1] ^= 1;
    packed(&s);
    fail_each((char *[]){NULL}, ERR_CORRUPT);
    end(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_right_is_not_found_wrong_for_want_of_memory),
        cmocka_unit_test(what_is_wrong_is_found_with_memory_or_not_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
