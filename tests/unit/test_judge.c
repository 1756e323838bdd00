#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/mem.h"
#include "node/append.h"
#include "node/judge.h"
#include "proto/kinds.h"
#include "store/log.h"
#include "tests/unit/fixture_hub.h"

#include <string.h>

static struct fixture_hub hub;
static struct fixture_author node, other;
static struct buf story[3], theirs[2];
static struct txn *t;
static struct judge_lists lists;

static void take(const struct buf *b, struct record *r) {
    struct err e = {0};
    FIXTURE_OK(record_parse(buf_slice(b), r, &e), &e);
    FIXTURE_OK(append_record(&hub.actor, t, r, ORIGIN_BELOW, &e), &e);
}

static int begin(void **state) {
    (void)state;
    struct record r;
    struct err e = {0};
    fixture_hub_open(&hub, NULL);
    fixture_hub_issue(&hub);
    fixture_author_init(&node, 21, &hub.communes[0]);
    fixture_author_init(&other, 22, &hub.communes[1]);
    fixture_enrol_author(&hub, &node, ROLE_NODE);
    fixture_enrol_author(&hub, &other, ROLE_NODE);
    fixture_story(&hub, &node, 1, story);
    fixture_story(&hub, &other, 0, theirs);
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    for (unsigned i = 0; i < 2; i++) {
        take(&story[i], &r);
        take(&theirs[i], &r);
    }
    return 0;
}

static int end(void **state) {
    (void)state;
    mem_fail_at(-1);
    judge_lists_done(&lists);
    actor_abort(&hub.actor, t);
    for (unsigned i = 0; i < 3; i++)
        buf_done(&story[i]);
    for (unsigned i = 0; i < 2; i++)
        buf_done(&theirs[i]);
    fixture_author_done(&node);
    fixture_author_done(&other);
    fixture_hub_close(&hub);
    return 0;
}

static struct hash id_of(const struct buf *b) {
    struct record r;
    struct err e = {0};
    FIXTURE_OK(record_parse(buf_slice(b), &r, &e), &e);
    return r.id;
}

static int judge_bytes(struct slice bytes, struct judgement *ret, struct err *e) {
    struct record r;
    struct member author;
    FIXTURE_OK(record_parse(bytes, &r, e), e);
    assert_true(roster_find(t, &r.h.actor, 1, &author));
    return judge_report(&hub.actor.catalog, t, &r, &author, ret, NULL, e);
}

/* Judge a report of `a` with what was read for those before. */
static struct judgement judge_as(const struct fixture_author *a, struct slice bytes,
                                 enum receipt_state want) {
    struct judgement j = {0};
    struct member author = {.actor = a->id, .epoch = 1, .by = BY_NODE, .unit = a->unit};
    struct record r;
    struct err e = {0};
    FIXTURE_OK(record_parse(bytes, &r, &e), &e);
    FIXTURE_OK(judge_next(&lists, &hub.actor.catalog, t, &r, &author, &j, NULL, &e), &e);
    assert_int_equal(j.state, want);
    return j;
}

/* The good report, bent by `bend`, judged. */
static struct judgement judge_bent(void (*bend)(struct payload_report *p)) {
    struct judgement j = {0};
    struct payload_report p;
    struct record r;
    struct arena a;
    struct buf payload, b;
    struct err e = {0};
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    FIXTURE_OK(record_parse(buf_slice(&story[2]), &r, &e), &e);
    FIXTURE_OK(payload_report_decode(r.payload, &a, &p, &e), &e);
    bend(&p);
    buf_init(&payload);
    FIXTURE_OK(payload_report_encode(&p, &payload, &e), &e);
    struct record_header h = fixture_header(&hub, &node, KIND_REPORT);
    fixture_sign(&node, &h, buf_slice(&payload), &b);
    FIXTURE_OK(judge_bytes(buf_slice(&b), &j, &e), &e);
    (void)judge_as(&node, buf_slice(&story[2]), RECEIPT_VALID);
    for (int i = 0; i < 2; i++)
        assert_int_equal(judge_as(&node, buf_slice(&b), j.state).code, j.code);
    arena_done(&a);
    buf_done(&payload);
    buf_done(&b);
    return j;
}

static void as_it_is(struct payload_report *p) {
    (void)p;
}
static void no_such_period(struct payload_report *p) {
    static char period[] = "2031";
    p->period = period;
}
static void no_such_kind(struct payload_report *p) {
    p->kind = REPORT_INTERIM;
}
static void another_unit_with_a_node(struct payload_report *p) {
    p->unit = hub.communes[1];
}
static void a_unit_nobody_knows(struct payload_report *p) {
    p->unit.b[0] ^= 1;
}
static void another_s_subjects(struct payload_report *p) {
    p->subjects = id_of(&theirs[1]);
}
static void no_subjects(struct payload_report *p) {
    p->subjects.b[0] ^= 1;
}
static void subjects_that_are_a_join(struct payload_report *p) {
    p->subjects = id_of(&story[0]);
}
static void a_column_less(struct payload_report *p) {
    p->n_columns--;
}
static void a_cell_more(struct payload_report *p) {
    static uint32_t cells[2] = {3, 3};
    p->columns[0].n = 2;
    p->columns[0].cells = cells;
}
static void a_number_where_met_or_not_is_asked(struct payload_report *p) {
    p->columns[0].cells[0] = 40;
}
static void an_empty_cell(struct payload_report *p) {
    p->columns[1].cells[1] = 0;
}
static void nil(struct payload_report *p) {
    p->nil = true;
    p->n_columns = 0;
}
static void no_such_campaign(struct payload_report *p) {
    p->campaign.b[0] ^= 1;
}
static void no_such_profile(struct payload_report *p) {
    p->profile = (struct hash){{9}};
}

static void a_report_is_judged_by_what_it_says(void **state) {
    (void)state;
    static const struct {
        const char *name;
        void (*bend)(struct payload_report *p);
        enum receipt_state want;
        uint32_t code;
    } cases[] = {
        {"as it is", as_it_is, RECEIPT_VALID, 0},
        {"period", no_such_period, RECEIPT_REJECTED, REJECT_PERIOD},
        {"kind", no_such_kind, RECEIPT_REJECTED, REJECT_KIND},
        {"a unit with a node", another_unit_with_a_node, RECEIPT_REJECTED, REJECT_UNIT},
        {"an unknown unit", a_unit_nobody_knows, RECEIPT_REJECTED, REJECT_CAMPAIGN},
        {"another's subjects", another_s_subjects, RECEIPT_REJECTED, REJECT_SUBJECTS},
        {"no subjects", no_subjects, RECEIPT_REJECTED, REJECT_SUBJECTS},
        {"a join for subjects", subjects_that_are_a_join, RECEIPT_REJECTED, REJECT_SUBJECTS},
        {"a column less", a_column_less, RECEIPT_REJECTED, REJECT_SHAPE},
        {"a cell more", a_cell_more, RECEIPT_REJECTED, REJECT_SHAPE},
        {"a number", a_number_where_met_or_not_is_asked, RECEIPT_REJECTED, REJECT_VALUE},
        {"an empty cell", an_empty_cell, RECEIPT_REJECTED, REJECT_INCOMPLETE},
        {"nil", nil, RECEIPT_VALID, 0},
        {"no campaign", no_such_campaign, RECEIPT_HELD, 0},
        {"no profile", no_such_profile, RECEIPT_HELD, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        print_message("%s\n", cases[i].name);
        struct judgement j = judge_bent(cases[i].bend);
        assert_int_equal(j.state, cases[i].want);
        assert_int_equal(j.code, cases[i].code);
        assert_int_equal(hash_is_zero(&j.awaits), j.state != RECEIPT_HELD);
    }
}

static void subjects_that_another_machine_of_the_unit_stated_are_not_this_one_s(void **state) {
    (void)state;
    struct fixture_author twin;
    struct buf theirs_too[3], report, b;
    struct record r;
    struct judgement j = {0};
    struct err e = {0};
    fixture_author_init(&twin, 23, &hub.communes[0]);
    fixture_story(&hub, &twin, 1, theirs_too);
    take(&theirs_too[0], &r);
    take(&theirs_too[1], &r);
    fixture_report_payload(&hub, &node, &r.id, 1, &report);
    struct record_header h = fixture_header(&hub, &node, KIND_REPORT);
    fixture_sign(&node, &h, buf_slice(&report), &b);
    FIXTURE_OK(judge_bytes(buf_slice(&b), &j, &e), &e);
    assert_int_equal(j.code, REJECT_SUBJECTS);
    (void)judge_as(&twin, buf_slice(&theirs_too[2]),
                   RECEIPT_VALID); /* its list is the one last read */
    (void)judge_as(&node, buf_slice(&b), RECEIPT_REJECTED);
    for (unsigned i = 0; i < 3; i++)
        buf_done(&theirs_too[i]);
    buf_done(&report);
    buf_done(&b);
    fixture_author_done(&twin);
}

static void subjects_of_a_later_payload_version_are_as_if_not_there(void **state) {
    (void)state;
    struct buf payload, list, b, report;
    struct record r;
    struct judgement j = {0};
    struct err e = {0};
    fixture_subjects_payload(&node, &payload);
    struct fixture_author fresh = node;
    fresh.seq = 2; /* after its join and subjects */
    fresh.prev = id_of(&story[1]);
    struct record_header h = fixture_header(&hub, &fresh, KIND_SUBJECTS);
    h.payload_version = 2;
    struct hash id = fixture_sign(&fresh, &h, buf_slice(&payload), &list);
    take(&list, &r);
    fixture_report_payload(&hub, &node, &id, 1, &report);
    h = fixture_header(&hub, &node, KIND_REPORT);
    fixture_sign(&node, &h, buf_slice(&report), &b);
    FIXTURE_OK(judge_bytes(buf_slice(&b), &j, &e), &e);
    assert_int_equal(j.code, REJECT_SUBJECTS);
    buf_done(&payload);
    buf_done(&list);
    buf_done(&b);
    buf_done(&report);
}

static void want_of_memory_is_no_judgement(void **state) {
    (void)state;
    int rc = ERR_NOMEM;
    for (long nth = 0; rc != 0; nth++) {
        struct judgement j = {0};
        struct err e = {0};
        mem_fail_at(nth);
        rc = judge_bytes(buf_slice(&story[2]), &j, &e);
        mem_fail_at(-1);
        assert_true(rc == 0 || rc == ERR_NOMEM);
        assert_int_equal(j.state, rc == 0 ? RECEIPT_VALID : 0);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_report_is_judged_by_what_it_says),
        TEST(subjects_that_another_machine_of_the_unit_stated_are_not_this_one_s),
        TEST(subjects_of_a_later_payload_version_are_as_if_not_there),
        TEST(want_of_memory_is_no_judgement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
