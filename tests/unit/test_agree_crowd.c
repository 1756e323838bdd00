#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/limits.h"
#include "tests/unit/agree_ask.h"

/*
 * One office sends more revisions of one report than there may be: hub and auditor say the same of
 * all of them, and the bundle of everybody verifies.
 */

#define TOO_MANY 3u

static const char plan[] =
    "campaign:\n  id: thu\n  title: {vi: Thử}\n  issuer: Tỉnh\n"
    "  periods: [{id: \"2023\", begin: 01/01/2023, end: 31/12/2023}]\n"
    "  reports: [{kind: annual, default: yes, due: {date: 15/12/2023, inclusive: yes}}]\n"
    "  criteria: [{id: C1, about: collective, label: {vi: Một}}]\n";

/* The report that was sealed last and is on its way. */
static void read_last(const struct hub_world *w, struct arena *arena, struct payload_report *ret) {
    struct record r;
    assert_int_equal(record_parse(buf_slice(&w->letters[w->n_letters - 1].bytes), &r, NULL), 0);
    assert_int_equal(r.h.kind, KIND_REPORT);
    assert_int_equal(payload_report_decode(r.payload, arena, ret, NULL), 0);
}

static struct hash deployment_of(void) {
    struct actor a;
    struct txn *t;
    hub_world_open(&a, false, &t);
    struct hash id = a.deployment;
    actor_abort(&a, t);
    actor_close(&a);
    return id;
}

/* `o` seals its report, and says it again as revisions 2 to `last`. */
static void crowd(struct hub_world *w, struct hub_office *o, uint32_t last) {
    const struct hub_report first = {.campaign = "thu"};
    struct hash deployment = deployment_of();
    struct payload_report p;
    struct buf payload = {0};
    struct arena arena;
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    hub_world_seal(w, o, &first, w->now);
    read_last(w, &arena, &p);
    while (p.revision < last) {
        p.revision++;
        buf_clear(&payload);
        assert_int_equal(payload_report_encode(&p, &payload, NULL), 0);
        if (w->n_letters == HUB_WORLD_RECORDS)
            hub_world_deliver(w);
        hub_world_state(w, o, &deployment, KIND_REPORT, buf_slice(&payload), w->now);
    }
    hub_world_deliver(w);
    buf_done(&payload);
    arena_done(&arena);
}

static void revisions_that_are_too_many_are_no_fault_of_the_hub(void **state) {
    (void)state;
    struct hub_world w;
    struct err e = {0};
    char last[32];
    hub_world_init(&w, 5,
                   "code,parent,level,kind,name,group\n"
                   "P1,94,commune,state,Một,\nP2,94,commune,state,Hai,\n");
    hub_world_issue(&w, plan);
    w.now = hub_world_at("2023-12-10T08:00:00+07:00");
    struct hub_office *one = hub_world_enrol(&w, "P1"), *two = hub_world_enrol(&w, "P2");
    crowd(&w, two, 2);
    crowd(&w, one, LIMIT_REVISIONS + TOO_MANY);
    assert_int_equal(hub_world_run(&w, &e, "board", "--json"), 0);
    (void)snprintf(last, sizeof last, "\"revision\":%u,", LIMIT_REVISIONS);
    if (!strstr(w.out, last))
        fail_msg("no %s in %s", last, w.out);
    hub_world_do(&w, "check");
    hub_world_do(&w, "bundle", "export", "bundle.tdb");
    both(&w, 5, false, "--campaign", "thu");
    both(&w, 5, true, "--campaign", "thu");
    hub_world_done(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(revisions_that_are_too_many_are_no_fault_of_the_hub),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
