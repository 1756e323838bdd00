#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/mem.h"
#include "tests/unit/fixture_hub.h"

#include <stdio.h>

#define CAMPAIGNS 1500
#define ISSUERS 4
#define IDS 90

static struct catalog_campaign list[CAMPAIGNS];
static char ids[IDS][8];

static uint32_t draw(uint64_t *seed, uint32_t n) {
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33) % n;
}

static struct uid issuer(uint32_t i) {
    return (struct uid){{(uint8_t)(i + 1)}};
}

static bool is_later(const struct catalog_campaign *a, const struct catalog_campaign *b) {
    if (a->c.version != b->c.version)
        return a->c.version > b->c.version;
    return a->epoch != b->epoch ? a->epoch > b->epoch : a->seq > b->seq;
}

static struct catalog_campaign *by_hand(uint32_t n, const struct uid *of, const char *id) {
    struct catalog_campaign *best = NULL;
    for (uint32_t i = 0; i < n; i++)
        if (uid_equal(&list[i].issuer, of) && strcmp(list[i].c.id, id) == 0 &&
            (!best || is_later(&list[i], best)))
            best = &list[i];
    return best;
}

static void the_latest_version_of_each_lineage_is_found_in_whatever_order_they_came(void **state) {
    (void)state;
    struct lineage_index *x = NULL;
    uint64_t seed = 7;
    for (uint32_t i = 0; i < IDS; i++)
        (void)snprintf(ids[i], sizeof ids[i], "c%u", i);
    for (uint32_t i = 0; i < CAMPAIGNS; i++) {
        struct catalog_campaign *k = &list[i];
        k->issuer = issuer(draw(&seed, ISSUERS - 1));
        k->c.id = ids[draw(&seed, IDS - 1)];
        k->c.version = 1 + draw(&seed, 3);
        k->epoch = 1 + draw(&seed, 2);
        k->seq = i;
        if (draw(&seed, 2))
            k->seq = CAMPAIGNS * 2 - i;
        assert_int_equal(lineage_index_add(&x, k, NULL), 0);
        for (uint32_t n = 0; i % 100 == 99 && n < ISSUERS * IDS; n++) {
            struct uid of = issuer(n / IDS);
            assert_ptr_equal(lineage_index_latest(x, &of, ids[n % IDS]),
                             by_hand(i + 1, &of, ids[n % IDS]));
        }
    }
    lineage_index_free(x);
}

static void an_empty_index_has_none_and_failing_allocations_leave_what_was_there(void **state) {
    (void)state;
    struct lineage_index *x = NULL;
    struct uid of = issuer(0);
    struct catalog_campaign k = {.issuer = of, .c = {.id = ids[1]}};
    assert_null(lineage_index_latest(NULL, &of, ids[1]));
    int rc = ERR_NOMEM;
    for (long n = 0; rc != 0; n++) {
        mem_fail_at(n);
        rc = lineage_index_add(&x, &k, NULL);
        mem_fail_at(-1);
        assert_true(rc == 0 || rc == ERR_NOMEM);
        assert_ptr_equal(lineage_index_latest(x, &of, ids[1]), rc == 0 ? &k : NULL);
    }
    lineage_index_free(x);
}

/* A hub below states as many campaigns as it likes; nobody goes through them to find one. */
static void a_catalog_goes_through_no_campaigns_to_find_the_latest(void **state) {
    (void)state;
    static struct fixture_hub hub;
    struct txn *t;
    struct err e = {0};
    fixture_hub_open(&hub, NULL);
    fixture_hub_issue(&hub);
    FIXTURE_OK(actor_begin(&hub.actor, false, &t, &e), &e);
    struct catalog blind = hub.actor.catalog;
    struct catalog_campaign *k = catalog_campaign(&blind, &hub.campaign);
    assert_non_null(k);
    blind.n_campaigns = 0;
    assert_ptr_equal(catalog_latest(&blind, &k->issuer, k->c.id), k);
    actor_abort(&hub.actor, t);
    fixture_hub_close(&hub);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_latest_version_of_each_lineage_is_found_in_whatever_order_they_came),
        cmocka_unit_test(an_empty_index_has_none_and_failing_allocations_leave_what_was_there),
        cmocka_unit_test(a_catalog_goes_through_no_campaigns_to_find_the_latest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
