#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "audit/ledger.h"
#include "proto/kinds.h"

#include <string.h>

#define MEMBERS 12
#define ENDS 40
#define LANES 3
#define SEQS 8

/* A made-up ledger: hubs that enrolled one another, and what they say of each other's ends. */
struct world {
    struct ledger l;
    struct member members[MEMBERS];
    struct entry says[ENDS];
    struct ended ends[ENDS];
};

static uint32_t draw(uint64_t *seed, uint32_t n) {
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33) % n;
}

static struct hash actor_of(uint32_t i) {
    return (struct hash){{(uint8_t)(i + 1)}};
}

static struct uid lane(uint32_t i) {
    return (struct uid){{(uint8_t)i}};
}

/* Actor `i` in two epochs, enrolled by one before it; the first by nobody. */
static void make(struct world *w, uint64_t seed) {
    memset(w, 0, sizeof *w);
    for (uint32_t i = 0; i < MEMBERS / 2; i++) {
        struct hash enroller = i ? actor_of(draw(&seed, i)) : (struct hash){{0}};
        for (uint32_t k = 0; k < 2; k++)
            w->members[2 * i + k] = (struct member){
                .actor = actor_of(i), .epoch = k + 1, .by = BY_HUB, .enroller = enroller};
    }
    for (uint32_t i = 0; i < ENDS; i++) {
        const struct member *of = &w->members[draw(&seed, MEMBERS)];
        struct record_header *h = &w->says[i].r.h;
        h->actor = draw(&seed, 4) ? of->enroller : actor_of(draw(&seed, MEMBERS / 2));
        h->epoch = 1 + draw(&seed, 2);
        h->kind = draw(&seed, 2) ? KIND_REVOKE : KIND_ENROL;
        h->lane = lane(draw(&seed, 8) == 0);
        h->seq = 1 + draw(&seed, SEQS);
        w->ends[i] = (struct ended){.by = &w->says[i],
                                    .whole = h->kind == KIND_REVOKE || draw(&seed, 2),
                                    .actor = of->actor,
                                    .epoch = of->epoch,
                                    .lane = lane(draw(&seed, LANES)),
                                    .seq = draw(&seed, SEQS)};
    }
    w->l.members = w->members;
    w->l.n_members = MEMBERS;
    w->l.ends = w->ends;
    w->l.n_ends = ENDS;
    assert_int_equal(ledger_ends_sort(&w->l, NULL), 0);
}

/* The rule as it is written, in no matter what time. */
static uint64_t by_hand(const struct world *w, const struct member *m, const struct uid *of,
                        bool replaced_only) {
    uint64_t last = UINT64_MAX;
    bool ended = false;
    for (uint32_t i = 0; i < w->l.n_ends; i++) {
        const struct ended *end = &w->ends[i];
        const struct record_header *by = &end->by->r.h;
        const struct member *author = ledger_member(&w->l, &by->actor, by->epoch);
        if ((replaced_only && by->kind == KIND_REVOKE) || !hash_equal(&end->actor, &m->actor) ||
            (end->epoch != m->epoch && (replaced_only || !end->whole)) ||
            !hash_equal(&m->enroller, &by->actor) || !author ||
            by->seq > by_hand(w, author, &by->lane, false))
            continue;
        ended = true;
        if (end->epoch == m->epoch && uid_equal(&end->lane, of) && end->seq < last)
            last = end->seq;
    }
    return ended && last == UINT64_MAX ? 0 : last;
}

static void where_each_lane_ends_is_what_the_rule_says(void **state) {
    (void)state;
    static struct world w;
    uint32_t ended = 0, none = 0;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        make(&w, seed);
        for (uint32_t i = 0; i < MEMBERS; i++)
            for (uint32_t k = 0; k < 2 * (LANES + 1); k++) {
                const struct member *m = &w.members[i];
                struct uid of = lane(k / 2);
                uint64_t want = by_hand(&w, m, &of, k % 2);
                if (ledger_last_good(&w.l, m, &of, k % 2) != want)
                    fail_msg("seed %u, member %u, lane %u", (unsigned)seed, i, k);
                if (k % 2 == 0)
                    assert_int_equal(ledger_ended(&w.l, m), want != UINT64_MAX);
                *(want == UINT64_MAX ? &none : &ended) += 1;
            }
        ledger_ends_done(&w.l);
    }
    assert_true(ended > 1000 && none > 1000);
}

/* A hub below may state any number of ends, and any number of records that they are asked for. */
static void where_a_lane_ends_is_found_out_once(void **state) {
    (void)state;
    static struct world w;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        uint64_t last[MEMBERS][LANES];
        make(&w, seed);
        for (uint32_t i = 0; i < MEMBERS * LANES; i++) {
            struct uid of = lane(i % LANES);
            last[i / LANES][i % LANES] = ledger_last_good(&w.l, &w.members[i / LANES], &of, false);
        }
        for (uint32_t i = 0; i < ENDS; i++)
            w.says[i].r.h.epoch = 3; /* nobody's: whoever looks again finds that nothing counts */
        for (uint32_t i = 0; i < MEMBERS * LANES; i++) {
            struct uid of = lane(i % LANES);
            assert_true(ledger_last_good(&w.l, &w.members[i / LANES], &of, false) ==
                        last[i / LANES][i % LANES]);
        }
        ledger_ends_done(&w.l);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_each_lane_ends_is_what_the_rule_says),
        cmocka_unit_test(where_a_lane_ends_is_found_out_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
