/*
 * A hub that was put back says again what it said: whatever comes first, who is a member, by which
 * enrolment, and what of whom stands comes out the same, here as for the auditor.
 */
#include "proto/bundle.h"
#include "proto/payload_act.h"
#include "tests/unit/admit_world.h"
#include "tests/unit/fixture_ledger.h"
#include "tests/unit/join_proof.h"

#define ORDERS 40u
#define RECORDS 24u
#define SAID 3u /* records that X and Y state in each epoch */

/* Whose lanes there are: of the hub in its two epochs; of X in its two and of Y. */
enum { HUB_1, HUB_2, X_1, X_2, Y_1, LANES };

struct lane {
    uint64_t seq;
    struct hash prev;
};

struct said {
    struct buf bytes;
    unsigned lane;
};

static struct fixture_author above, x, y; /* `above` enrols the others */
static struct key_pair *x_new;            /* the key of X in epoch 2 */
static struct lane lanes[LANES];
static struct said list[RECORDS];
static unsigned n_list;

static int begin_order(void **state) {
    uint8_t seed[SEED_BYTES] = {77};
    (void)begin(state);
    fixture_author_init(&above, 31, &hub.communes[1]);
    fixture_author_init(&x, 32, &hub.communes[2]);
    fixture_author_init(&y, 33, &hub.communes[2]);
    assert_int_equal(key_pair_sign_new(seed, &x_new, NULL), 0);
    return 0;
}

static int end_order(void **state) {
    fixture_author_done(&above);
    fixture_author_done(&x);
    fixture_author_done(&y);
    key_pair_free(x_new);
    return end(state);
}

/* What enrols `a` in `epoch` with the key `sign`; asked for by `asks` unless that is NULL. */
static struct payload_enrol enrolment(const struct fixture_author *a, uint32_t epoch,
                                      const struct key_pair *sign, const struct key_pair *asks,
                                      enum role role) {
    struct payload_enrol p = {.role = role};
    p.grant = (struct payload_grant){.actor = a->id,
                                     .epoch = epoch,
                                     .sign_key = *key_pair_public(sign),
                                     .transport_key = *key_pair_public(a->transport),
                                     .unit = a->unit};
    memset(p.grant.proof, 1, sizeof p.grant.proof);
    if (epoch > 1)
        p.grant.renewal.b[0] = 0x61;
    if (asks && epoch > 1)
        payload_renewal_prove(&p.grant, &hub.actor.deployment, asks, p.grant.proof);
    else if (asks)
        join_prove(&p, &hub.actor.deployment, asks);
    return p;
}

static void state(unsigned lane, uint16_t kind, struct slice payload) {
    const struct fixture_author *a = lane <= HUB_2 ? &above : lane == Y_1 ? &y : &x;
    struct fixture_author signer = *a;
    struct record_header h = fixture_header(&hub, a, kind);
    struct said *s = &list[n_list++];
    assert_true(n_list <= RECORDS);
    if (lane <= HUB_2)
        h.lane = (struct uid){{0}};
    if (lane == X_2)
        signer.sign = x_new;
    h.epoch = lane == HUB_2 || lane == X_2 ? 2 : 1;
    h.seq = ++lanes[lane].seq;
    h.prev = lanes[lane].prev;
    s->lane = lane;
    lanes[lane].prev = fixture_sign(&signer, &h, payload, &s->bytes);
}

static void state_enrolment(unsigned lane, struct payload_enrol *p, const struct last_good *ends,
                            uint32_t n) {
    struct last_good copy[2];
    struct buf b;
    buf_init(&b);
    if (n > 0)
        memcpy(copy, ends, n * sizeof *ends);
    p->n_ends = n;
    p->ends = copy;
    FIXTURE_OK(payload_enrol_encode(p, &b, NULL), NULL);
    state(lane, KIND_ENROL, buf_slice(&b));
    buf_done(&b);
}

/*
 * Let the hub say in its epoch 1 and, behind a “|”, in its epoch 2:
 *
 *     x  X is enrolled          u  … without having asked for it
 *     y  Y is                   Y  … in the place of X, of which the first record stands
 *     r  X gets epoch 2, and of its epoch 1 two records stand
 *     v  as Y, who did not ask for it
 *     Z  as Y, and of epoch 2 of X the first record stands
 */
static void tell(const char *story) {
    const struct last_good of_x[] = {{x.id, 1, x.unit, 1}, {x.id, 2, x.unit, 1}};
    const struct last_good two = {x.id, 1, x.unit, 2};
    unsigned lane = HUB_1;
    memset(lanes, 0, sizeof lanes);
    for (; *story; story++) {
        bool of_y = strchr("yYZv", *story) != NULL;
        struct payload_enrol p =
            of_y            ? enrolment(&y, 1, y.sign, *story == 'v' ? NULL : y.sign, ROLE_NODE)
            : *story == 'r' ? enrolment(&x, 2, x_new, x.sign, ROLE_NODE)
                            : enrolment(&x, 1, x.sign, *story == 'u' ? NULL : x.sign, ROLE_NODE);
        if (*story == '|')
            lane = HUB_2;
        else if (*story == 'r')
            state_enrolment(lane, &p, &two, 1);
        else
            state_enrolment(lane, &p, of_x, *story == 'Z' ? 2 : *story == 'Y' || *story == 'v');
    }
    for (unsigned of = X_1; of <= Y_1; of++)
        for (unsigned i = 0; i < SAID; i++)
            state(of, 999, slice_str("what it stated"));
}

/* ---- one order ---- */

/* `above` is enrolled in two epochs, and the unit of X and Y lies below it. */
static void prepare(void) {
    struct unit_fact f = *catalog_unit(&hub.actor.catalog, &x.unit);
    struct payload_units units = {1, &f};
    struct hash id;
    struct buf b;
    f.parent = above.unit;
    f.effective = 20000;
    buf_init(&b);
    FIXTURE_OK(payload_units_encode(&units, &b, NULL), NULL);
    FIXTURE_OK(append_own(&hub.actor, t, KIND_UNITS, NULL, buf_slice(&b), 1, &id, NULL), NULL);
    for (uint32_t epoch = 1; epoch <= 2; epoch++) {
        struct payload_enrol p = enrolment(&above, epoch, above.sign, above.sign, ROLE_HUB);
        buf_clear(&b);
        FIXTURE_OK(payload_enrol_encode(&p, &b, NULL), NULL);
        FIXTURE_OK(append_own(&hub.actor, t, KIND_ENROL, NULL, buf_slice(&b), 1, &id, NULL), NULL);
    }
    buf_done(&b);
}

/* The records in any order in which none comes before its predecessor, the first of all first. */
static void draw_order(uint64_t seed, unsigned out[RECORDS]) {
    bool taken[RECORDS] = {false};
    for (unsigned n = 0; n < n_list; n++) {
        unsigned free_lanes[LANES], n_free = 0, first[LANES];
        for (unsigned of = 0; of < LANES; of++)
            for (unsigned i = n_list; i-- > 0;)
                if (!taken[i] && list[i].lane == of) {
                    n_free += n_free == 0 || free_lanes[n_free - 1] != of;
                    free_lanes[n_free - 1] = of;
                    first[of] = i;
                }
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        unsigned at = n == 0 ? HUB_1 : free_lanes[(seed >> 33) % n_free];
        out[n] = first[at];
        taken[out[n]] = true;
    }
}

/* The records of the store, and those of the story in that order, for the auditor. */
static struct fixture_ledger *audit(const unsigned order[RECORDS], struct buf *file) {
    struct bundle_writer *w;
    struct bundle_trailer trailer = {.actor = hub.actor.id, .epoch = 1};
    struct hash id;
    struct record rec;
    buf_init(file);
    FIXTURE_OK(bundle_writer_new(&hub.actor.deployment, bundle_sink_buf(file), &w, NULL), NULL);
    for (uint16_t kind = 1; kind < 64; kind++) {
        struct log_walk walk;
        log_walk_init(&walk, t, kind, 0);
        while (log_walk_next(&walk, NULL, &id)) {
            FIXTURE_OK(log_get(t, &id, &rec, NULL), NULL);
            if (!hash_equal(&rec.h.actor, &above.id))
                FIXTURE_OK(bundle_writer_add(w, rec.bytes, NULL), NULL);
        }
        log_walk_done(&walk);
    }
    for (unsigned i = 0; i < n_list; i++)
        FIXTURE_OK(bundle_writer_add(w, buf_slice(&list[order[i]].bytes), NULL), NULL);
    FIXTURE_OK(bundle_writer_end(w, trailer, hub.actor.sign, NULL), NULL);
    bundle_writer_free(w);
    return fixture_ledger_new(file, &hub.actor.deployment);
}

static struct record parsed(const struct said *s) {
    struct record r;
    FIXTURE_OK(record_parse(buf_slice(&s->bytes), &r, NULL), NULL);
    return r;
}

/* Who is a member by which record, and what stands, is the same here as for the auditor: even what
 * was refused, where it came while less stood. */
static void compare(const struct fixture_ledger *l) {
    const struct hash *const whom[] = {&x.id, &x.id, &y.id};
    for (unsigned i = 0; i < 3; i++) {
        uint32_t epoch = i == 1 ? 2 : 1;
        struct hash record;
        struct member m;
        bool ended, here = roster_find(t, whom[i], epoch, &m);
        bool there = fixture_ledger_member(l, whom[i], epoch, &record, &ended);
        if (here && there && !hash_equal(&m.record, &record))
            fail_msg("member %u is one by another enrolment", i);
        if (here && there)
            assert_int_equal(m.ended, ended);
        if (here != there) /* who was enrolled before it was heard that it was replaced is nobody */
            assert_true(here && m.ended && roster_last_good(t, &m, &x.unit) == 0);
    }
    for (unsigned i = 0; i < n_list; i++) {
        struct record r = parsed(&list[i]);
        struct member m;
        bool counts = roster_find(t, &r.h.actor, r.h.epoch, &m) && roster_stands(t, &r.h);
        if (list[i].lane > HUB_2 && counts != fixture_ledger_counts(l, &r.id))
            fail_msg("record %u of lane %u", (unsigned)r.h.seq, list[i].lane);
    }
}

/* The roster made anew of what is held is the same. */
static void rebuild(void) {
    const struct hash nobody = {{0x6e}};
    const struct payload_grant none = {.actor = nobody, .epoch = 1};
    FIXTURE_OK(roster_rebuild(t, &nobody, &none, NULL), NULL);
}

static void in_one_order(uint64_t seed, uint32_t findings) {
    unsigned order[RECORDS];
    struct buf file;
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, NULL), NULL);
    prepare();
    draw_order(seed, order);
    for (unsigned i = 0; i < n_list; i++)
        (void)offer(&list[order[i]].bytes);
    struct fixture_ledger *l = audit(order, &file);
    compare(l);
    rebuild();
    compare(l);
    uint32_t of_hub = 0;
    for (unsigned i = 0; i < n_list; i++) {
        struct record r = parsed(&list[i]);
        of_hub += list[i].lane <= HUB_2 ? fixture_ledger_findings(l, &r.id) : 0;
    }
    assert_int_equal(of_hub, findings);
    fixture_ledger_free(l);
    buf_done(&file);
    actor_abort(&hub.actor, t);
    t = NULL;
}

/* `story` in many orders; of what the hub said the auditor finds so much wrong. */
static void in_any_order(const char *story, uint32_t findings) {
    actor_abort(&hub.actor, t);
    t = NULL;
    print_message("%s\n", story);
    tell(story);
    for (uint64_t seed = 1; seed <= ORDERS; seed++)
        in_one_order(seed, findings);
    while (n_list > 0)
        buf_done(&list[--n_list].bytes);
    open_txn();
}

static void what_a_hub_said_first_is_the_enrolment_whatever_comes_first(void **state) {
    (void)state;
    in_any_order("x|x", 0);
    in_any_order("xy|yx", 0);
    in_any_order("xY|x", 0);
    in_any_order("xY|yx", 0);
    in_any_order("xY|xY", 0);
    in_any_order("xY|Yx", 0);
    in_any_order("xyY|y", 0);
    in_any_order("xr|xr", 0);
}

/* … whatever it did in the meantime, here or at the copy that its hub was put back to. */
static void who_was_replaced_is_nobody_in_any_epoch(void **state) {
    (void)state;
    in_any_order("xrZ|", 0);
    in_any_order("xrY|", 0);
    in_any_order("xr|Y", 0);
    in_any_order("xr|Z", 0);
    in_any_order("xrZ|Z", 0);
    in_any_order("xrZ|xY", 0);
    in_any_order("xrZ|Yx", 0);
    in_any_order("xrZ|xrZ", 0);
    in_any_order("xY|r", 1);
    in_any_order("xYr|", 1);
}

static void an_enrolment_that_is_void_ends_nobody(void **state) {
    (void)state;
    in_any_order("xv|", 1);
    in_any_order("xv|y", 1);
    in_any_order("xY|v", 1);
}

static void whoever_did_not_ask_has_no_place(void **state) {
    (void)state;
    in_any_order("ux|x", 1);
    in_any_order("uxu|ux", 3);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin_order, end_order)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_a_hub_said_first_is_the_enrolment_whatever_comes_first),
        TEST(who_was_replaced_is_nobody_in_any_epoch),
        TEST(an_enrolment_that_is_void_ends_nobody),
        TEST(whoever_did_not_ask_has_no_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
