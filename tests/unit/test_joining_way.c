#include "tests/unit/join_proof.h"
#include "tests/unit/joining_world.h"

/* ---- the way ---- */

#define WAY 6
static struct fixture_author root, recovery, top, district, stranger;
static struct buf way[WAY];
static uint32_t way_n;

static void way_put(const struct fixture_author *by, uint16_t kind, const struct buf *payload,
                    void (*twist)(struct record_header *h)) {
    struct record_header h = fixture_header(&hub, by, kind);
    h.lane = (struct uid){{0}};
    if (twist)
        twist(&h);
    fixture_sign(by, &h, buf_slice(payload), &way[way_n++]);
}

static void way_genesis(const struct fixture_author *by) {
    struct payload_genesis p = {*key_pair_public(by->sign), *key_pair_public(recovery.sign),
                                hub.province};
    struct record_header h = {.kind = KIND_GENESIS,
                              .payload_version = 1,
                              .epoch = 1,
                              .seq = 1,
                              .claimed = hub.actor.deployment.b[0],
                              .actor = by->id};
    struct err e = {0};
    struct buf b;
    buf_init(&b);
    FIXTURE_OK(payload_genesis_encode(&p, &b, &e), &e);
    struct hash id = fixture_sign(by, &h, buf_slice(&b), &way[way_n++]);
    if (by == &root) { /* a deployment of its own, whose ticket the child has */
        hub.actor.deployment = id;
        child.deployment = id;
    }
    buf_done(&b);
}

/* Whose key is `key`, among all that are here. */
static const struct key_pair *key_of(const struct public_key *key) {
    const struct key_pair *all[] = {child.sign,    district.sign, top.sign,
                                    stranger.sign, root.sign,     recovery.sign};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (memcmp(key_pair_public(all[i])->b, key->b, PUBLIC_KEY_BYTES) == 0)
            return all[i];
    return child.sign;
}

static const struct fixture_author *asks; /* to be enrolled, in the place of who is; NULL: nobody */

static void way_grant(const struct fixture_author *by, uint16_t kind, const struct payload_grant *g,
                      enum role role, void (*twist)(struct record_header *h)) {
    struct payload_enrol p = {.grant = *g, .role = role};
    struct err e = {0};
    struct buf b;
    buf_init(&b);
    if (g->epoch == 1)
        join_prove(&p, &hub.actor.deployment, asks ? asks->sign : key_of(&g->sign_key));
    FIXTURE_OK(kind == KIND_GRANT ? payload_grant_encode(g, &b, &e)
                                  : payload_enrol_encode(&p, &b, &e),
               &e);
    way_put(by, kind, &b, twist);
    buf_done(&b);
}

static struct payload_grant of(const struct fixture_author *a) {
    return (struct payload_grant){a->id, 1, *key_pair_public(a->sign),
                                  *key_pair_public(a->transport), a->unit};
}

static struct payload_grant mine(void) {
    return (struct payload_grant){child.id, 1, *key_pair_public(child.sign),
                                  *key_pair_public(child.transport), child.unit};
}

static void begin_way(void) {
    struct payload_grant g = of(&top);
    way_genesis(&root);
    way_grant(&root, KIND_GRANT, &g, ROLE_HUB, NULL);
}

static void end_way(const struct fixture_author *by, const struct payload_grant *g, enum role role,
                    void (*twist)(struct record_header *h)) {
    way_grant(by, KIND_ENROL, g, role, twist);
}

static void in_a_lane(struct record_header *h) {
    h->lane = child.unit;
}
static void of_version_two(struct record_header *h) {
    h->payload_version = 2;
}
static void of_another_deployment(struct record_header *h) {
    h->deployment.b[1] ^= 1;
}
static void of_a_later_epoch(struct record_header *h) {
    h->epoch = 2;
}

/* Each makes a way; genuine ones lead here. */
static void genuine(void) {
    struct payload_grant g = mine();
    begin_way();
    end_way(&top, &g, ROLE_NODE, NULL);
}
static void by_the_recovery_key(void) {
    struct payload_grant g = of(&top), m = mine();
    way_genesis(&root);
    way_grant(&recovery, KIND_GRANT, &g, ROLE_HUB, NULL);
    end_way(&top, &m, ROLE_NODE, NULL);
}
static void by_a_district(void) {
    struct payload_grant g = of(&district), m = mine();
    begin_way();
    way_grant(&top, KIND_ENROL, &g, ROLE_HUB, NULL);
    end_way(&district, &m, ROLE_NODE, NULL);
}
static void by_a_district_that_did_not_ask(void) {
    struct payload_grant g = of(&district), m = mine();
    begin_way();
    asks = &stranger;
    way_grant(&top, KIND_ENROL, &g, ROLE_HUB, NULL);
    asks = NULL;
    end_way(&district, &m, ROLE_NODE, NULL);
}
static void nothing(void) {
}
static void genesis_alone(void) {
    way_genesis(&root);
}
static void no_enrolment(void) {
    begin_way();
}
static void no_grant(void) {
    struct payload_grant m = mine();
    way_genesis(&root);
    end_way(&top, &m, ROLE_NODE, NULL);
}
static void another_genesis(void) {
    genuine();
    buf_done(&way[0]);
    way_n = 0;
    struct buf rest[2] = {way[1], way[2]};
    way_genesis(&stranger);
    way[1] = rest[0];
    way[2] = rest[1];
    way_n = 3;
}
static void genesis_with_a_broken_signature(void) {
    genuine();
    way[0].data[RECORD_HEADER_BYTES + 3] ^= 1;
}
static void grant_with_a_broken_signature(void) {
    genuine();
    way[1].data[RECORD_HEADER_BYTES + 3] ^= 1;
}
static void enrolment_with_a_broken_signature(void) {
    genuine();
    way[2].data[RECORD_HEADER_BYTES + 3] ^= 1;
}
static void a_hub_that_grants_itself(void) {
    struct payload_grant g = of(&top), m = mine();
    way_genesis(&root);
    way_grant(&top, KIND_GRANT, &g, ROLE_HUB, NULL);
    end_way(&top, &m, ROLE_NODE, NULL);
}
static void enrolled_by_a_stranger(void) {
    struct payload_grant m = mine();
    begin_way();
    end_way(&stranger, &m, ROLE_NODE, NULL);
}
static void enrolled_by_a_node(void) {
    struct payload_grant g = of(&district), m = mine();
    begin_way();
    way_grant(&top, KIND_ENROL, &g, ROLE_NODE, NULL);
    end_way(&district, &m, ROLE_NODE, NULL);
}
static void enrolled_by_the_root_key(void) {
    struct payload_grant m = mine();
    begin_way();
    end_way(&root, &m, ROLE_NODE, NULL);
}
static void granted_by_a_hub(void) {
    struct payload_grant m = mine();
    begin_way();
    way_grant(&top, KIND_GRANT, &m, ROLE_NODE, NULL);
}
static void granted_by_the_root_key(void) {
    struct payload_grant m = mine();
    begin_way();
    way_grant(&root, KIND_GRANT, &m, ROLE_NODE, NULL);
}
static void another_unit(void) {
    struct payload_grant m = mine();
    m.unit = hub.communes[2];
    begin_way();
    end_way(&top, &m, ROLE_NODE, NULL);
}
static void another_role(void) {
    struct payload_grant m = mine();
    begin_way();
    end_way(&top, &m, ROLE_HUB, NULL);
}
static void another_transport_key(void) {
    struct payload_grant m = mine();
    m.transport_key = *key_pair_public(stranger.transport);
    begin_way();
    end_way(&top, &m, ROLE_NODE, NULL);
}
static void another_sign_key(void) {
    struct payload_grant m = mine();
    m.sign_key = *key_pair_public(stranger.sign);
    begin_way();
    end_way(&top, &m, ROLE_NODE, NULL);
}
static void another_epoch(void) {
    struct payload_grant m = mine();
    m.epoch = 2;
    begin_way();
    end_way(&top, &m, ROLE_NODE, NULL);
}
static void somebody_else(void) {
    struct payload_grant g = of(&stranger);
    begin_way();
    end_way(&top, &g, ROLE_NODE, NULL);
}
static void something_after_it(void) {
    struct payload_grant g = of(&stranger);
    genuine();
    end_way(&top, &g, ROLE_NODE, NULL);
}
static void a_hub_under_a_borrowed_name(void) {
    struct payload_grant g = of(&district), m = mine();
    g.actor = top.id;
    g.actor.b[0] ^= 1;
    district.id = g.actor;
    begin_way();
    way_grant(&top, KIND_ENROL, &g, ROLE_HUB, NULL);
    end_way(&district, &m, ROLE_NODE, NULL);
}
static void twisted(void (*twist)(struct record_header *h)) {
    struct payload_grant m = mine();
    begin_way();
    end_way(&top, &m, ROLE_NODE, twist);
}
static void not_in_lane_zero(void) {
    twisted(in_a_lane);
}
static void a_later_payload(void) {
    twisted(of_version_two);
}
static void a_foreign_deployment(void) {
    twisted(of_another_deployment);
}
static void a_later_epoch(void) {
    twisted(of_a_later_epoch);
}

static int take_way(void) {
    struct slice records[WAY];
    struct frame f = {.type = FRAME_JOINED};
    struct err e = {0};
    struct buf b;
    for (uint32_t i = 0; i < way_n; i++)
        records[i] = buf_slice(&way[i]);
    f.u.records = (struct frame_records){.n = way_n, .records = records};
    buf_init(&b);
    int rc = frame_encode(&f, &b, &e);
    if (rc == 0)
        rc = answer(&b);
    buf_done(&b);
    for (uint32_t i = 0; i < way_n; i++)
        buf_done(&way[i]);
    way_n = 0;
    return rc;
}

static void init_way(void) {
    prepare(&ticket);
    way_n = 0;
    fixture_author_init(&root, 41, &(struct uid){{0}});
    fixture_author_init(&recovery, 42, &(struct uid){{0}});
    fixture_author_init(&top, 43, &hub.province);
    fixture_author_init(&district, 44, &hub.communes[0]);
    fixture_author_init(&stranger, 45, &hub.communes[0]);
}

static void done_way(void) {
    fixture_author_done(&root);
    fixture_author_done(&recovery);
    fixture_author_done(&top);
    fixture_author_done(&district);
    fixture_author_done(&stranger);
}

static void no_forged_way_is_taken_at_any_step(void **state) {
    (void)state;
#define FORGED(f)                                                                                  \
    { #f, f }
    static const struct {
        const char *name;
        void (*make)(void);
    } cases[] = {
        FORGED(nothing),
        FORGED(genesis_alone),
        FORGED(no_enrolment),
        FORGED(no_grant),
        FORGED(another_genesis),
        FORGED(genesis_with_a_broken_signature),
        FORGED(grant_with_a_broken_signature),
        FORGED(enrolment_with_a_broken_signature),
        FORGED(a_hub_that_grants_itself),
        FORGED(enrolled_by_a_stranger),
        FORGED(enrolled_by_a_node),
        FORGED(by_a_district_that_did_not_ask),
        FORGED(enrolled_by_the_root_key),
        FORGED(granted_by_a_hub),
        FORGED(granted_by_the_root_key),
        FORGED(another_unit),
        FORGED(another_role),
        FORGED(another_transport_key),
        FORGED(another_sign_key),
        FORGED(another_epoch),
        FORGED(somebody_else),
        FORGED(something_after_it),
        FORGED(a_hub_under_a_borrowed_name),
        FORGED(not_in_lane_zero),
        FORGED(a_later_payload),
        FORGED(a_foreign_deployment),
        FORGED(a_later_epoch),
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        init_way();
        cases[i].make();
        int rc = take_way();
        print_message("%s: %d\n", cases[i].name, rc);
        assert_true(rc < 0);
        assert_false(joined());
        assert_true(hash_is_zero(&child.parent));
        done_way();
    }
}

static void a_way_by_any_hub_from_either_root_key_is_taken(void **state) {
    (void)state;
    static void (*const cases[])(void) = {genuine, by_the_recovery_key, by_a_district};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fixture_remove(dir);
        actor_close(&child);
        init_way();
        cases[i]();
        assert_int_equal(take_way(), 0);
        assert_true(joined());
        assert_true(hash_equal(&child.parent, i == 2 ? &district.id : &top.id));
        done_way();
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(no_forged_way_is_taken_at_any_step),
        TEST(a_way_by_any_hub_from_either_root_key_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
