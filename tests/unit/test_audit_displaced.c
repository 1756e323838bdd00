/*
 * Second records of one place in a bundle: what the auditor takes as evidence, which counts for
 * nothing and is no fault of whoever made the file; and what excuses nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/kinds.h"
#include "proto/payload_act.h"
#include "tests/unit/audit_world.h"

/* What the first node said after its first report, twice: a directory that came back. */
struct fork {
    struct fixture_head before;
    struct hash held, other; /* reports of the same number; each builds on a list of its own */
    uint32_t other_at;       /* where the list of the other stands among the records */
};

static struct fixture_head *head_of_first(struct story *s) {
    return &s->f.actors[s->nodes[0]].heads[0];
}

static struct fork tell_fork(struct story *s) {
    struct fork k = {.before = *head_of_first(s)};
    k.held = fixture_report(&s->f, s->nodes[0], 2, CELL_MET, all_met);
    k.other_at = s->f.n_records;
    *head_of_first(s) = k.before;
    s->f.now += 1000;
    k.other = fixture_report(&s->f, s->nodes[0], 2, CELL_MET, none);
    return k;
}

static void receipt(struct story *s, struct hash id) {
    fixture_receipt(&s->f, FIXTURE_ROOT_HUB, s->nodes[0], id, RECEIPT_VALID, 5);
}

/* The hub is put back after it receipted `forgotten`, takes `found`, and goes on in its next epoch,
 * where it says again what it had said. */
static void put_back(struct story *s, struct hash forgotten, struct hash found) {
    struct fixture_actor *hub = &s->f.actors[FIXTURE_ROOT_HUB];
    struct fixture_actor then = *hub;
    receipt(s, found);
    uint32_t stays = s->f.n_records;
    memcpy(hub->heads, then.heads, sizeof hub->heads);
    hub->n_heads = then.n_heads;
    receipt(s, forgotten);
    assert_int_equal(s->f.n_records, stays + 1);
    fixture_go_on(&s->f);
    receipt(s, forgotten);
    receipt(s, found);
}

/* ---- what is told, and no fault ---- */

static uint32_t change_a_rival_that_nobody_took(struct story *s) {
    receipt(s, tell_fork(s).held);
    return FIXTURE_ROOT_HUB;
}

static uint32_t change_a_hub_that_was_put_back(struct story *s) {
    struct fork k = tell_fork(s);
    put_back(s, k.other, k.held);
    return FIXTURE_ROOT_HUB;
}

/* Of what a hub receipted the one who made the file may hold another. */
static uint32_t change_a_receipt_that_another_shows(struct story *s) {
    receipt(s, tell_fork(s).other);
    return s->nodes[0];
}

static uint32_t change_a_hub_that_was_put_back_another_shows(struct story *s) {
    struct fork k = tell_fork(s);
    put_back(s, k.held, k.other);
    return s->nodes[0];
}

/* ---- what is a fault ---- */

static uint32_t change_both_are_receipted(struct story *s) {
    struct fork k = tell_fork(s);
    receipt(s, k.held);
    receipt(s, k.other);
    return s->nodes[0];
}

static uint32_t change_both_are_receipted_in_the_next_epoch(struct story *s) {
    struct fork k = tell_fork(s);
    fixture_go_on(&s->f);
    receipt(s, k.held);
    receipt(s, k.other);
    fixture_go_on(&s->f);
    return FIXTURE_ROOT_HUB;
}

/* Nothing stands in the place of the report, which builds on a list that is evidence. */
static struct hash tell_longer_fork(struct story *s) {
    struct fixture_head before = *head_of_first(s);
    fixture_state(&s->f, s->nodes[0], 9999, &s->f.units[0], slice_str("x"));
    *head_of_first(s) = before;
    return fixture_report(&s->f, s->nodes[0], 2, CELL_MET, none);
}

static uint32_t change_a_hub_that_lost_nothing(struct story *s) {
    receipt(s, tell_longer_fork(s));
    return FIXTURE_ROOT_HUB;
}

static uint32_t change_evidence_is_missing(struct story *s) {
    struct fork k = tell_fork(s);
    put_back(s, k.other, k.held);
    for (uint32_t i = 0; i < s->f.n_records; i++)
        s->f.records[i].left_out |= hash_equal(&s->f.records[i].id, &k.other);
    return FIXTURE_ROOT_HUB;
}

static uint32_t change_what_evidence_builds_on_is_missing(struct story *s) {
    receipt(s, tell_longer_fork(s));
    s->f.records[s->f.n_records - 3].left_out = true;
    return s->nodes[0];
}

static void break_signature(struct fixture_record *r) {
    r->bytes.data[RECORD_HEADER_BYTES] ^= 1;
}

static uint32_t change_a_rival_by_another_key(struct story *s) {
    struct fork k = tell_fork(s);
    put_back(s, k.other, k.held);
    break_signature(&s->f.records[k.other_at]);
    break_signature(&s->f.records[k.other_at + 1]);
    return FIXTURE_ROOT_HUB;
}

/* Whoever makes the file puts what nobody signed before what is in the way. */
static uint32_t change_a_rival_by_another_key_comes_first(struct story *s) {
    struct fork k = tell_fork(s);
    put_back(s, k.other, k.held);
    break_signature(&s->f.records[k.other_at - 2]);
    break_signature(&s->f.records[k.other_at - 1]);
    return FIXTURE_ROOT_HUB;
}

/* The first node is revoked up to before the place that was taken twice. */
static uint32_t change_a_rival_after_the_end(struct story *s) {
    struct fork k = tell_fork(s);
    put_back(s, k.other, k.held);
    const struct fixture_actor *a = &s->f.actors[s->nodes[0]];
    struct last_good last = {a->id, 1, a->unit, k.before.seq};
    char words[] = "mất", *args[] = {words};
    struct payload_revoke p = {a->id, 1, &last, {ACT_REASON_WORDS, 1, args}};
    struct buf b = {0};
    assert_int_equal(payload_revoke_encode(&p, &b, NULL), 0);
    fixture_state(&s->f, FIXTURE_ROOT_HUB, KIND_REVOKE, NULL, buf_slice(&b));
    buf_done(&b);
    return FIXTURE_ROOT_HUB;
}

/* The hub states an enrolment in a place of its lane 0 that is taken; who is enrolled so speaks. */
static uint32_t change_evidence_that_enrols(struct story *s) {
    struct fixture_actor *hub = &s->f.actors[FIXTURE_ROOT_HUB];
    struct fixture_head before = hub->heads[0];
    assert_true(uid_is_zero(&before.lane));
    fixture_state(&s->f, FIXTURE_ROOT_HUB, 9999, NULL, slice_str("x"));
    hub->heads[0] = before;
    fixture_enrol(&s->f, FIXTURE_ROOT_HUB, s->f.units[4], ROLE_NODE);
    return FIXTURE_ROOT_HUB;
}

static const struct {
    const char *name;
    uint32_t (*change)(struct story *s); /* who makes the file */
    const char *want;                    /* in one of the findings; NULL: there is none */
    uint32_t displaced;
} cases[] = {
    {"a rival that nobody took", change_a_rival_that_nobody_took, NULL, 2},
    {"a hub that was put back", change_a_hub_that_was_put_back, NULL, 3},
    {"a receipt that another shows", change_a_receipt_that_another_shows, NULL, 2},
    {"put back, shown by another", change_a_hub_that_was_put_back_another_shows, NULL, 3},
    {"both are receipted", change_both_are_receipted, "a hub takes one of two", 2},
    {"both, in the next epoch", change_both_are_receipted_in_the_next_epoch,
     "a hub takes one of two", 2},
    {"a hub that lost nothing", change_a_hub_that_lost_nothing, "lost nothing since", 2},
    {"evidence is missing", change_evidence_is_missing, "which is not here", 2},
    {"what evidence builds on is missing", change_what_evidence_builds_on_is_missing,
     "does not name the record before", 0},
    {"a rival by another key", change_a_rival_by_another_key, "which is not here", 1},
    {"another key's comes first", change_a_rival_by_another_key_comes_first, "does not hold", 1},
    {"a rival after the end", change_a_rival_after_the_end, "which is not here", 1},
    {"evidence that enrols", change_evidence_that_enrols, "nobody here enrolled its author", 1},
};

static void put_texts(const struct findings *f, char *out, size_t size) {
    char text[1024];
    out[0] = '\0';
    for (uint32_t i = 0; i < f->n; i++) {
        size_t n = strlen(out);
        snprintf(out + n, size - n, "%s\n", err_text(&f->list[i].what, NULL, text, sizeof text));
    }
}

static void test_evidence_is_told_and_excuses_what_it_may(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct story s;
        struct verify v;
        char all[16384];
        tell(&s);
        uint32_t exporter = cases[i].change(&s);
        fixture_bundle(&s.f, exporter, fixture_at("2023-12-20"), &s.file);
        assert_int_equal(verify_bundle(buf_slice(&s.file), &s.f.deployment, NULL, &v, NULL), 0);
        put_texts(&v.findings, all, sizeof all);
        if (cases[i].want ? !strstr(all, cases[i].want) : v.findings.total != 0)
            fail_msg("%s: no “%s” in:\n%s", cases[i].name, cases[i].want, all);
        if (v.ledger.n_displaced != cases[i].displaced)
            fail_msg("%s: %u are displaced", cases[i].name, v.ledger.n_displaced);
        verify_done(&v);
        end(&s);
    }
}

/* What stands in the place is what counts; the file chooses, and it is told. */
static void test_evidence_counts_for_nothing(void **state) {
    (void)state;
    struct story s;
    struct verify v;
    tell(&s);
    struct fork k = tell_fork(&s);
    receipt(&s, k.held);
    pack(&s);
    assert_int_equal(verify_bundle(buf_slice(&s.file), &s.f.deployment, NULL, &v, NULL), 0);
    const struct entry *held = ledger_find(&v.ledger, &k.held);
    const struct entry *other = ledger_find(&v.ledger, &k.other);
    assert_true(held->good && !held->displaced);
    assert_true(!other->good && other->displaced && other->instead == held);
    assert_non_null(fold_report(&v.fold, held));
    assert_null(fold_report(&v.fold, other));
    verify_done(&v);
    end(&s);
}

/* A report that names a list which is evidence: hubs may have been right to call it valid, all but
 * the one that made the file and lost nothing. */
static void test_a_report_that_names_evidence_counts_for_nothing(void **state) {
    (void)state;
    for (int gone_on = 0; gone_on <= 1; gone_on++) {
        struct story s;
        struct verify v;
        char all[16384];
        tell(&s);
        struct fixture_head before = *head_of_first(&s);
        fixture_state(&s.f, s.nodes[0], 9999, &s.f.units[0], slice_str("x"));
        struct fixture_head after = *head_of_first(&s);
        *head_of_first(&s) = before;
        uint32_t list = s.f.n_records;
        (void)fixture_report(&s.f, s.nodes[0], 2, CELL_MET, all_met);
        *head_of_first(&s) = after;
        struct record r;
        assert_int_equal(record_parse(buf_slice(&s.f.records[list + 1].bytes), &r, NULL), 0);
        struct hash names = fixture_state(&s.f, s.nodes[0], KIND_REPORT, &s.f.units[0], r.payload);
        receipt(&s, names);
        if (gone_on)
            fixture_go_on(&s.f);
        pack(&s);
        assert_int_equal(verify_bundle(buf_slice(&s.file), &s.f.deployment, NULL, &v, NULL), 0);
        put_texts(&v.findings, all, sizeof all);
        if (gone_on ? v.findings.total != 0 : !strstr(all, "by the rules the report is"))
            fail_msg("%s", all);
        put_texts(&v.warnings, all, sizeof all);
        assert_non_null(strstr(all, "it counts for nothing"));
        verify_done(&v);
        end(&s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_evidence_is_told_and_excuses_what_it_may),
        cmocka_unit_test(test_evidence_counts_for_nothing),
        cmocka_unit_test(test_a_report_that_names_evidence_counts_for_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
