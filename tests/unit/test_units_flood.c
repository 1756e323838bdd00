#include "core/limits.h"
#include "core/mem.h"
#include "core/unit_id.h"
#include "tests/unit/contacts_world.h"

/*
 * A district states units without end: hub and auditor keep the same of it, and another district
 * has its places.
 */

static unsigned drawn_so_far;

static struct unit_fact new_unit(const struct hub_office *by, char *code, bool is_commune) {
    static char post[] = "post", commune[] = "commune", none[] = "";
    struct unit_fact f = {.parent = by->unit,
                          .effective = DAY_NONE,
                          .from = DAY_NONE,
                          .until = DAY_NONE,
                          .code = code,
                          .level = is_commune ? commune : post,
                          .kind = none,
                          .name = code,
                          .group = none,
                          .contact = none,
                          .phone = none};
    f.id.b[0] = (uint8_t)drawn_so_far;
    f.id.b[1] = (uint8_t)(drawn_so_far++ >> 8);
    unit_id_bind(&f.id, &by->unit);
    return f;
}

/* Hub `by` states the `n` facts, in as many records as it takes. */
static void state_facts(struct hub_world *w, unsigned by, struct unit_fact *facts, uint32_t n) {
    struct actor a;
    struct txn *t;
    struct buf b;
    hub_world_open(&a, false, &t);
    for (uint32_t done = 0; done < n; done += LIMIT_UNITS_PER_RECORD) {
        uint32_t left = n - done;
        struct payload_units p = {left < LIMIT_UNITS_PER_RECORD ? left : LIMIT_UNITS_PER_RECORD,
                                  facts + done};
        buf_init(&b);
        assert_int_equal(payload_units_encode(&p, &b, NULL), 0);
        (void)hub_world_state(w, &hubs[by].zero, &a.deployment, KIND_UNITS, buf_slice(&b), w->now);
        buf_done(&b);
    }
    actor_abort(&a, t);
    actor_close(&a);
    hub_world_deliver(w);
}

static void has_row(const char *text, const char *code, bool want) {
    char part[64];
    (void)snprintf(part, sizeof part, "{\"unit\":\"%s\"", code);
    if ((strstr(text, part) != NULL) != want)
        fail_msg("%s is %s the board", code, want ? "not on" : "on");
}

static void hub_and_auditor_keep_the_same_of_a_flood_of_facts(void **state) {
    struct hub_world *w = *state;
    static char post[] = "P", last[] = "LAST", more[] = "MORE", spare[] = "SPARE", late[] = "LATE";
    struct unit_fact *facts = mem_zalloc(LIMIT_HUB_FACTS + 1, sizeof *facts);
    assert_non_null(facts);
    uint32_t n = 0;
    drawn_so_far = 0;
    while (n < LIMIT_HUB_UNITS - 1)
        facts[n++] = new_unit(hubs[D].own, post, false);
    facts[n++] = new_unit(hubs[D].own, last, true);
    facts[n++] = new_unit(hubs[D].own, more, true); /* beyond the units … */
    for (uint32_t i = 0; n < LIMIT_HUB_FACTS; i++) {
        facts[n] = facts[i % (LIMIT_HUB_UNITS - 1)];
        facts[n++].effective = (day)(i / LIMIT_HUB_UNITS);
    }
    facts[n] = facts[LIMIT_HUB_UNITS - 1]; /* … and beyond the facts */
    facts[n++].code = late;
    state_facts(w, D, facts, n);
    struct unit_fact other = new_unit(hubs[E].own, spare, true);
    state_facts(w, E, &other, 1);
    const char *text = board(w);
    has_row(text, "LAST", true);
    has_row(text, "MORE", false);
    has_row(text, "LATE", false);
    has_row(text, "SPARE", true);
    has_row(text, "U3", true);
    hub_world_do(w, "check");
    mem_free(facts);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(hub_and_auditor_keep_the_same_of_a_flood_of_facts, begin,
                                        end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
