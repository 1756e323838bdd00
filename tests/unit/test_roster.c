#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node/append.h"
#include "node/views.h"
#include "proto/kinds.h"
#include "store/log.h"
#include "tests/unit/fixture_hub.h"

#include <string.h>

static struct fixture_hub hub;
static struct fixture_author self, node, other; /* self: the hub's own key */
static struct txn *t;

static int begin(void **state) {
    (void)state;
    struct err e = {0};
    fixture_hub_open(&hub, NULL);
    fixture_author_init(&self, 3, &hub.province);
    fixture_author_init(&node, 21, &hub.communes[0]);
    fixture_author_init(&other, 22, &hub.communes[0]);
    fixture_enrol_author(&hub, &node, ROLE_NODE);
    FIXTURE_OK(actor_begin(&hub.actor, true, &t, &e), &e);
    return 0;
}

static int end(void **state) {
    (void)state;
    actor_abort(&hub.actor, t);
    fixture_author_done(&self);
    fixture_author_done(&node);
    fixture_author_done(&other);
    fixture_hub_close(&hub);
    return 0;
}

/* A record of the hub, of `version`, next in lane 0. */
static void by_hub(uint16_t kind, uint16_t version, struct slice payload, struct buf *out,
                   struct record *ret) {
    const struct uid zero = {{0}};
    struct log_head head = log_head_of(t, &self.id, 1, &zero);
    struct record_header h = fixture_header(&hub, &self, kind);
    struct err e = {0};
    h.lane = zero;
    h.payload_version = version;
    h.seq = head.seq + 1;
    h.prev = head.id;
    fixture_sign(&self, &h, payload, out);
    FIXTURE_OK(record_parse(buf_slice(out), ret, &e), &e);
}

static void the_way_of_trust_begins_with_both_root_keys_and_leads_to_each_member(void **state) {
    (void)state;
    struct roster_walk w;
    struct member m;
    unsigned root = 0, hubs = 0, nodes = 0;
    roster_walk_init(&w, t);
    while (roster_walk_next(&w, &m)) {
        root += m.by == BY_ROOT_KEY;
        hubs += m.by == BY_HUB;
        nodes += m.by == BY_NODE;
    }
    roster_walk_done(&w);
    assert_int_equal(root, 2);
    assert_int_equal(hubs, 1);
    assert_int_equal(nodes, 1);
    assert_true(roster_by_transport(t, key_pair_public(node.transport), &m));
    assert_true(hash_equal(&m.actor, &node.id));
    assert_true(hash_equal(&m.enroller, &self.id));
    assert_false(roster_by_transport(t, key_pair_public(other.transport), &m));
    assert_false(roster_find(t, &node.id, 2, &m));
    assert_false(roster_of_unit(t, &hub.communes[1], BY_NODE, &m));
    assert_false(roster_of_unit(t, &hub.communes[0], BY_HUB, &m));
}

static void an_enrolment_that_cannot_be_is_refused_by_name(void **state) {
    (void)state;
    static const char *const names[] = {"sound",         "another's name",  "enrolled already",
                                        "transport key", "ends a stranger", "ends the hub itself"};
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        struct payload_enrol p = {.role = ROLE_NODE};
        struct last_good end_of = {other.id, 1, {{0}}, 0};
        struct buf payload, b;
        struct record r;
        struct err e = {0};
        const struct fixture_author *who = i == 2 ? &node : &other;
        p.grant = (struct payload_grant){who->id, 1, *key_pair_public(who->sign),
                                         *key_pair_public(who->transport), who->unit};
        if (i == 1)
            p.grant.actor.b[0] ^= 1;
        if (i == 3)
            p.grant.transport_key = *key_pair_public(node.transport);
        if (i == 5)
            end_of.actor = self.id;
        p.n_ends = i >= 4;
        p.ends = &end_of;
        buf_init(&payload);
        FIXTURE_OK(payload_enrol_encode(&p, &payload, &e), &e);
        by_hub(KIND_ENROL, 1, buf_slice(&payload), &b, &r);
        print_message("%s\n", names[i]);
        assert_int_equal(roster_check(t, &r, &e), i == 0 ? 0 : ERR_REFUSED);
        buf_done(&payload);
        buf_done(&b);
    }
}

static void nothing_is_read_of_a_payload_of_another_version(void **state) {
    (void)state;
    struct member m;
    struct buf payload, b;
    struct record r;
    struct err e = {0};
    fixture_enrol_payload(&other, ROLE_NODE, &payload);
    by_hub(KIND_ENROL, 2, buf_slice(&payload), &b, &r);
    assert_int_equal(roster_check(t, &r, &e), 0);
    FIXTURE_OK(append_record(&hub.actor, t, &r, ORIGIN_OWN, &e), &e);
    assert_false(roster_find(t, &other.id, 1, &m));
    buf_done(&payload);
    buf_done(&b);
    static char code[] = "77", none[] = "";
    size_t units = units_count(hub.actor.catalog.units);
    struct unit_fact fact = {.id = {{0x77}},
                             .parent = hub.province,
                             .effective = DAY_NONE,
                             .from = DAY_NONE,
                             .until = DAY_NONE,
                             .code = code,
                             .level = code,
                             .kind = none,
                             .name = code,
                             .group = none,
                             .contact = none,
                             .phone = none};
    struct payload_units said = {1, &fact};
    buf_init(&payload);
    FIXTURE_OK(payload_units_encode(&said, &payload, &e), &e);
    by_hub(KIND_UNITS, 2, buf_slice(&payload), &b, &r);
    FIXTURE_OK(append_record(&hub.actor, t, &r, ORIGIN_OWN, &e), &e);
    assert_int_equal(units_count(hub.actor.catalog.units), units);
    buf_done(&payload);
    buf_done(&b);
}

static void receipt_of(const struct hash *record, const struct hash *author, uint32_t epoch,
                       enum receipt_state state, uint16_t version, instant at) {
    struct receipt_entry entry = {.record = *record, .received_at = at, .state = state};
    struct payload_receipt p = {*author, epoch, 1, &entry};
    struct buf payload, b;
    struct record r;
    struct err e = {0};
    buf_init(&payload);
    FIXTURE_OK(payload_receipt_encode(&p, &payload, &e), &e);
    by_hub(KIND_RECEIPT, version, buf_slice(&payload), &b, &r);
    FIXTURE_OK(views_apply(t, &r, &e), &e);
    buf_done(&payload);
    buf_done(&b);
}

static void a_receipt_counts_for_the_author_that_it_names_and_its_final_word_stays(void **state) {
    (void)state;
    struct buf story[2];
    struct record r;
    struct receipt_row row;
    struct err e = {0};
    fixture_story(&hub, &node, 0, story);
    FIXTURE_OK(record_parse(buf_slice(&story[0]), &r, &e), &e);
    FIXTURE_OK(append_record(&hub.actor, t, &r, ORIGIN_BELOW, &e), &e);
    receipt_of(&r.id, &other.id, 1, RECEIPT_VALID, 1, 5);
    receipt_of(&r.id, &node.id, 2, RECEIPT_VALID, 1, 5);
    receipt_of(&r.id, &node.id, 1, RECEIPT_VALID, 2, 5);
    assert_false(views_receipt(t, &r.id, &self.id, &row));
    receipt_of(&r.id, &node.id, 1, RECEIPT_HELD, 1, 5);
    assert_true(views_receipt(t, &r.id, &self.id, &row));
    assert_int_equal(row.state, RECEIPT_HELD);
    receipt_of(&r.id, &node.id, 1, RECEIPT_VALID, 1, 5);
    receipt_of(&r.id, &node.id, 1, RECEIPT_HELD, 1, 9);
    assert_true(views_receipt(t, &r.id, &self.id, &row));
    assert_int_equal(row.state, RECEIPT_VALID);
    assert_true(row.received_at == 5);
    buf_done(&story[0]);
    buf_done(&story[1]);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_way_of_trust_begins_with_both_root_keys_and_leads_to_each_member),
        TEST(an_enrolment_that_cannot_be_is_refused_by_name),
        TEST(nothing_is_read_of_a_payload_of_another_version),
        TEST(a_receipt_counts_for_the_author_that_it_names_and_its_final_word_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
