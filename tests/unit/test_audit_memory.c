/* The auditor without memory: it says so, or the same as with it; it finds nothing by that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "audit/rerank.h"
#include "core/mem.h"
#include "proto/json.h"
#include "tests/unit/audit_world.h"

/* All that is asked of one bundle, and what was said. */
struct asked {
    struct slice file;
    struct hash root;
    struct ask ask;
    struct buf said;
};

static void say_findings(const struct findings *f, struct buf *out) {
    char text[1024];
    buf_put_u64(out, f->total);
    for (uint32_t i = 0; i < f->n; i++) {
        buf_put(out, f->list[i].record.b, HASH_BYTES);
        buf_put_str(out, err_text(&f->list[i].what, NULL, text, sizeof text));
    }
}

static int say_boards(struct asked *x, const struct verify *v, struct err *e) {
    struct board *boards;
    uint32_t n;
    bool single;
    int rc = reboard_all(&v->fold, &v->home, &x->ask, &boards, &n, &single, e);
    if (rc != 0)
        return rc;
    rc = json_boards(boards, n, single, &x->said, e);
    for (uint32_t i = 0; i < n; i++)
        board_done(&boards[i]);
    mem_free(boards);
    return rc;
}

static int say_ranking(struct asked *x, const struct verify *v, struct err *e) {
    struct ranking r;
    int rc = rerank_of(&v->fold, &v->home, &x->ask, &r, e);
    if (rc != 0)
        return rc;
    rc = json_ranking(&r, &x->said, e);
    ranking_done(&r);
    return rc;
}

/* Verify, and where nothing is found ask for both; what of it was said stands in `x->said`. */
static int verify_all(struct asked *x, struct err *e) {
    struct verify v;
    buf_clear(&x->said);
    int rc = verify_bundle(x->file, &x->root, &v, e);
    if (rc == 0) {
        say_findings(&v.findings, &x->said);
        say_findings(&v.warnings, &x->said);
        buf_put_u8(&x->said, v.ledger.signatures_ok);
    }
    bool clean = rc == 0 && v.findings.total == 0;
    if (clean)
        rc = say_boards(x, &v, e);
    if (rc == 0 && clean)
        rc = say_ranking(x, &v, e);
    verify_done(&v);
    return rc == 0 && x->said.failed ? err_nomem(e) : rc;
}

/* Whether fewer than `n` + 1 allocations were asked for since mem_fail_at(n): one to come fails. */
static bool is_unmet(long n) {
    bool unmet = false;
    for (long i = 0; !unmet && i <= n; i++) {
        void *p = mem_alloc(1);
        unmet = !p;
        mem_free(p);
    }
    mem_fail_at(-1);
    return unmet;
}

/* Let each allocation fail in turn: nothing but what `x` says with all of them, or ERR_NOMEM. */
static void fail_each(struct asked *x) {
    struct buf want = {0};
    struct err e = {0};
    long n = 0, refused = 0;
    assert_int_equal(verify_all(x, &e), 0);
    buf_put(&want, x->said.data, x->said.len);
    for (bool done = false; !done; n++) {
        err_clear(&e);
        mem_fail_at(n);
        int rc = verify_all(x, &e);
        done = is_unmet(n);
        bool same = x->said.len == want.len && memcmp(x->said.data, want.data, want.len) == 0;
        if (rc == 0 ? !same : rc != ERR_NOMEM || e.code != ERR_NOMEM)
            fail_msg("allocation %ld: %d, error %d, %zu bytes of %zu", n, rc, (int)e.code,
                     x->said.len, want.len);
        assert_true(!done || rc == 0);
        refused += rc != 0;
    }
    print_message("%ld allocations, %ld of them not to be done without\n", n - 1, refused);
    buf_done(&want);
}

static struct asked ask_of(struct story *s) {
    pack(s);
    return (struct asked){.file = buf_slice(&s->file),
                          .root = s->f.deployment,
                          .ask = {.state = -1,
                                  .units_as_of = DAY_NONE,
                                  .subjects = SUBJECT_INDIVIDUAL,
                                  .at = fixture_at("2023-12-20")}};
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

static void what_is_right_is_not_found_wrong_for_want_of_memory(void **state) {
    (void)state;
    struct story s;
    tell_little(&s);
    struct asked x = ask_of(&s);
    fail_each(&x);
    assert_true(x.said.len > 0);
    x.ask.branches = true;
    fail_each(&x);
    buf_done(&x.said);
    end(&s);
}

/* The other way round: what is wrong stays found, and as what it is. */
static void what_is_wrong_is_found_with_memory_or_not_said(void **state) {
    (void)state;
    struct story s;
    struct fixture_record *r;
    tell_little(&s);
    r = &s.f.records[s.f.n_records - 1];
    r->bytes.data[r->bytes.len - 1] ^= 1;
    struct asked x = ask_of(&s);
    fail_each(&x);
    buf_done(&x.said);
    end(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_right_is_not_found_wrong_for_want_of_memory),
        cmocka_unit_test(what_is_wrong_is_found_with_memory_or_not_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
