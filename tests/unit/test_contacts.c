#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/contacts_world.h"

/*
 * A commune that sent nothing, 2, 3 and 5 levels deep: under the root hub itself; under district
 * hub D; and under D, C and B, each enrolled by the one before. Hub and auditor say the same of it.
 */

static void a_unit_is_missing_once_every_hub_between_has_sent_on_all_it_had(void **s) {
    (void)s;
    static const struct {
        const char *name;
        instant d, c, b;  /* drained up to, in minutes after the due instant */
        const char *want; /* of U2, U3, U5: m missing, u unknown */
    } cases[] = {
        {"nobody ever", NEVER, NEVER, NEVER, "muu"},
        {"D a moment too early", -1, 0, 0, "muu"},
        {"D to the instant", 0, NEVER, NEVER, "mmu"},
        {"C too early", 5, -1, 9, "mmu"},
        {"B too early", 5, 5, -1, "mmu"},
        {"B never", 5, 5, NEVER, "mmu"},
        {"all to the instant", 0, 0, 0, "mmm"},
        {"all later", 7, 5, 3, "mmm"},
        {"D cut off, those below are not", -30, 7, 7, "muu"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static const char *const units[] = {"U2", "U3", "U5"};
        void *w = NULL;
        print_message("%s\n", cases[i].name);
        begin(&w);
        if (cases[i].d != NEVER)
            measured(w, D, minutes(cases[i].d));
        states(w, D, C, due + 3600000, minutes(cases[i].c));
        states(w, C, B, due + 3600000, minutes(cases[i].b));
        const char *text = board(w);
        for (size_t k = 0; k < 3; k++)
            board_says(text, units[k], cases[i].want[k]);
        end(&w);
    }
}

static void the_last_statement_of_the_hub_that_enrolled_it_counts_and_no_other(void **s) {
    (void)s;
    static const struct {
        const char *name;
        struct {
            unsigned by, of;
            instant stated, to;
        } said[3];
        char want; /* of U5; D is drained, and C says that B is */
    } cases[] = {
        {"D of C, whom it enrolled", {{D, C, 60, 1}}, 'm'},
        {"B of C, which enrolled it", {{B, C, 60, 1}}, 'u'},
        {"C of itself", {{C, C, 60, 1}}, 'u'},
        {"the last one, though it says less", {{D, C, 60, 1}, {D, C, 90, -1}}, 'u'},
        {"the last one, which says more", {{D, C, 60, -1}, {D, C, 90, 1}}, 'm'},
        {"beyond its own instant, before the due one", {{D, C, -5, 9000}}, 'u'},
        {"beyond its own instant, after the due one", {{D, C, 5, 9000}}, 'm'},
        {"somebody else says no", {{D, C, 60, 1}, {B, C, 90, -1}}, 'm'},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        void *w = NULL;
        print_message("%s\n", cases[i].name);
        begin(&w);
        measured(w, D, minutes(1));
        states(w, C, B, due + 3600000, minutes(1));
        for (size_t k = 0; k < 3 && cases[i].said[k].stated; k++)
            states(w, cases[i].said[k].by, cases[i].said[k].of, minutes(cases[i].said[k].stated),
                   minutes(cases[i].said[k].to));
        board_says(board(w), "U5", cases[i].want);
        end(&w);
    }
}

/* Hub `by` ends `o`, of which nothing came that far. */
static void revoke_by(struct hub_world *w, unsigned by, const struct hub_office *o) {
    char words[] = "chuyển đi", *args[] = {words};
    struct last_good last = {.actor = o->actor, .epoch = 1, .lane = o->unit};
    struct payload_revoke p = {o->actor, 1, &last, {ACT_REASON_WORDS, 1, args}};
    struct actor a;
    struct txn *t;
    struct buf b;
    buf_init(&b);
    hub_world_open(&a, false, &t);
    assert_int_equal(payload_revoke_encode(&p, &b, NULL), 0);
    (void)hub_world_state(w, &hubs[by].zero, &a.deployment, KIND_REVOKE, buf_slice(&b), w->now);
    actor_abort(&a, t);
    actor_close(&a);
    buf_done(&b);
    hub_world_deliver(w);
}

/* U6 lies under district D. Both districts are drained, or never were. */
static void the_hubs_between_are_those_that_enrolled_the_machine_not_those_of_the_tree(void **s) {
    (void)s;
    static const struct {
        const char *name;
        bool by_d, by_root, moved, d, e; /* enrolled by, then moved under E; who is drained */
        char u6, h6;                     /* H6 has no machine: U6 reports for it */
    } cases[] = {
        {"by D, which is dark, moved under E", true, false, true, false, true, 'u', 'u'},
        {"by D, moved under E, which is dark", true, false, true, true, false, 'm', 'u'},
        {"by D, moved, both drained", true, false, true, true, true, 'm', 'm'},
        {"by D and not moved, E dark", true, false, false, true, false, 'm', 'm'},
        {"by the province, D dark", false, true, false, false, false, 'm', 'u'},
        {"one by each, D dark", true, true, false, false, true, 'u', 'u'},
        {"one by each, D drained", true, true, false, true, false, 'm', 'm'},
        {"no machine, moved under E, D dark", false, false, true, false, true, 'm', 'm'},
        {"no machine, D dark", false, false, false, false, true, 'u', 'u'},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        void *w = NULL;
        print_message("%s\n", cases[i].name);
        begin(&w);
        if (cases[i].by_d)
            enrol_by(w, D, ROLE_NODE, "U6", &machine);
        if (cases[i].by_root)
            hub_world_enrol(w, "U6");
        if (cases[i].moved)
            move_unit(w, "U6", "E", "2023-07-01");
        measured(w, D, minutes(cases[i].d ? 1 : -1));
        measured(w, E, minutes(cases[i].e ? 1 : -1));
        const char *text = board(w);
        board_says(text, "U6", cases[i].u6);
        board_says(text, "H6", cases[i].h6);
        end(&w);
    }
}

/* What the machine stated before its end may be at the hub that enrolled it. */
static void a_machine_that_was_ended_is_waited_for_where_it_was_enrolled(void **s) {
    struct hub_world *w = *s;
    struct hub_office heir;
    enrol_by(w, D, ROLE_NODE, "U6", &machine);
    move_unit(w, "U6", "E", "2023-07-01");
    revoke_by(w, D, &machine);
    enrol_by(w, E, ROLE_NODE, "U6", &heir);
    key_pair_free(heir.sign);
    measured(w, D, minutes(-1));
    measured(w, E, minutes(1));
    board_says(board(w), "U6", 'u');
    measured(w, D, minutes(0));
    board_says(board(w), "U6", 'm');
    measured(w, E, minutes(-1));
    board_says(board(w), "U6", 'u');
}

/*
 * What a hub received since it was last drained, and before it was lost, is with its offices: they
 * are not missing until whoever takes its place could have told, or they joined elsewhere.
 */
static void what_a_hub_that_was_revoked_may_have_received_is_unknown(void **s) {
    (void)s;
    static const struct {
        const char *name;
        instant d, e, heir; /* drained up to; `heir`: in the place of D, 0: there is none */
        bool moved, joined; /* under E; U6 joined the province itself */
        char u6, h6;
    } cases[] = {
        {"nobody in its place", -1, -1, 0, false, false, 'u', 'u'},
        {"drained to the instant before", 0, -1, 0, false, false, 'm', 'm'},
        {"never drained", NEVER, -1, 0, false, false, 'u', 'u'},
        {"a new hub that is not drained", -1, -1, -2, false, false, 'u', 'u'},
        {"a new hub that is", -1, -1, 2, false, false, 'm', 'm'},
        {"a new hub that is not, the old one was", 1, -1, -2, false, false, 'u', 'u'},
        {"moved, and not drained there", -1, -1, 0, true, false, 'u', 'u'},
        {"moved, and drained there", -1, 0, 0, true, false, 'm', 'm'},
        {"its machine joined elsewhere", -1, -1, 0, false, true, 'm', 'u'},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        void *state = NULL;
        struct hub_world *w = &world;
        print_message("%s\n", cases[i].name);
        begin(&state);
        enrol_by(w, D, ROLE_NODE, "U6", &machine);
        if (cases[i].d != NEVER)
            measured(w, D, minutes(cases[i].d));
        measured(w, E, minutes(cases[i].e));
        hub_world_do(w, "revoke", "D", "--reason", "mất máy");
        if (cases[i].heir != 0) {
            take_in(D, hub_world_enrol_as(w, "D", ROLE_HUB));
            measured(w, D, minutes(cases[i].heir));
        }
        if (cases[i].moved)
            move_unit(w, "U6", "E", "2023-07-01");
        if (cases[i].joined)
            hub_world_enrol(w, "U6");
        const char *text = board(w);
        board_says(text, "U6", cases[i].u6);
        board_says(text, "H6", cases[i].h6);
        end(&state);
    }
}

/* A district that swears to everything, ten years ahead, moves nothing at the province. */
static void a_hub_that_claims_too_much_is_held_to_what_was_measured_of_it(void **s) {
    struct hub_world *w = *s;
    const instant far = hub_world_at("2033-12-16");
    states(w, D, C, far, far);
    states(w, D, D, far, far);
    states(w, D, B, far, far);
    states(w, C, B, far, far);
    measured(w, D, minutes(-1));
    board_says(board(w), "U3", 'u');
    board_says(w->out, "U5", 'u');
    measured(w, D, minutes(0));
    board_says(board(w), "U3", 'm');
    board_says(w->out, "U5", 'm');
}

static void a_node_of_the_district_does_not_speak_for_its_hub(void **s) {
    struct hub_world *w = *s;
    struct hub_office *office = hub_world_enrol(w, "D");
    struct actor a;
    struct txn *t;
    hub_world_open(&a, true, &t);
    heard_note(t, &office->actor, &office->unit, due + 9000, due + 9000);
    heard_note(t, &hubs[D].own->actor, &office->unit, due - 9000, due - 9000);
    assert_int_equal(actor_commit(&a, t, NULL), 0);
    actor_close(&a);
    board_says(board(w), "U3", 'u');
    assert_null(strstr(w->out, "\"last_contact\":\""));
}

/* The row of `unit` in `text` says `want` of its last contact. */
static void contact_is(const char *text, const char *unit, const char *want) {
    char part[64], is[64];
    (void)snprintf(part, sizeof part, "{\"unit\":\"%s\"", unit);
    const char *row = strstr(text, part);
    assert_non_null(row);
    row = strstr(row, "\"last_contact\":") + strlen("\"last_contact\":");
    (void)snprintf(is, sizeof is, "%.*s", (int)strcspn(row, ",}"), row);
    assert_string_equal(is, want);
}

/* Hub `by` states at `stated` that it heard the machine `o` at `heard`. */
static void heard_by(struct hub_world *w, unsigned by, const struct hub_office *o, instant stated,
                     instant heard) {
    struct contact_entry entry = {o->actor, o->unit, heard, INSTANT_NONE};
    struct payload_contact p = {stated, 1, &entry};
    struct buf b;
    buf_init(&b);
    assert_int_equal(payload_contact_encode(&p, &b, NULL), 0);
    hand_in(w, hubs[by].own, KIND_CONTACT, &b, stated);
}

static void the_last_contact_is_that_of_a_unit_s_own_machine_as_its_hub_says(void **s) {
    struct hub_world *w = *s;
    struct actor a;
    struct txn *t;
    struct hub_office *office = hub_world_enrol(w, "U2");
    w->now = due + MS_PER_DAY;
    enrol_by(w, D, ROLE_NODE, "U6", &machine);
    measured(w, D, minutes(1));
    const char *text = board(w);
    contact_is(text, "U2", "null"); /* never joined */
    contact_is(text, "U6", "null");
    contact_is(text, "U3", "null"); /* has no machine; its district's hub was heard */
    hub_world_open(&a, true, &t);
    heard_note(t, &office->actor, &office->unit, due - 9000, INSTANT_NONE);
    assert_int_equal(actor_commit(&a, t, NULL), 0);
    actor_close(&a);
    heard_by(w, D, &machine, minutes(60), minutes(30));
    heard_by(w, E, &machine, minutes(90), minutes(80)); /* did not enrol it */
    text = board(w);
    contact_is(text, "U2", "\"2023-12-15T23:59:51+07:00\"");
    contact_is(text, "U6", "\"2023-12-16T00:30:00+07:00\"");
    contact_is(text, "H6", "null");
}

/* After a clock that was ahead the hub states again what it heard, and that counts. */
static void
a_contact_of_a_clock_that_was_ahead_is_not_shown_and_a_later_statement_replaces_it(void **s) {
    struct hub_world *w = *s;
    struct actor a;
    struct txn *t;
    struct hub_office *office = hub_world_enrol(w, "U2");
    w->now = due + MS_PER_DAY;
    const instant ahead = w->now + 10 * MS_PER_DAY;
    enrol_by(w, D, ROLE_NODE, "U6", &machine);
    heard_by(w, D, &machine, ahead + 60000, ahead);
    hub_world_open(&a, true, &t);
    heard_note(t, &office->actor, &office->unit, ahead, INSTANT_NONE);
    assert_int_equal(actor_commit(&a, t, NULL), 0);
    actor_close(&a);
    const char *text = board(w);
    contact_is(text, "U2", "null");
    contact_is(text, "U6", "null");
    heard_by(w, D, &machine, minutes(30), ahead); /* not heard since */
    contact_is(board(w), "U6", "null");
    heard_by(w, D, &machine, minutes(60), minutes(59));
    contact_is(board(w), "U6", "\"2023-12-16T00:59:00+07:00\"");
}

/* D receipts `report` of `o` as valid, received at `at`. */
static void receipt_by_d(struct hub_world *w, const struct hub_office *o, const struct hash *report,
                         instant at) {
    struct receipt_entry entry = {.record = *report, .received_at = at, .state = RECEIPT_VALID};
    struct payload_receipt p = {o->actor, 1, 1, &entry, hubs[D].zero.seq};
    struct hub_office lane = *hubs[D].own;
    struct buf b;
    lane.unit = o->unit;
    lane.seq = 0;
    lane.head = (struct hash){{0}};
    buf_init(&b);
    assert_int_equal(payload_receipt_encode(&p, &b, NULL), 0);
    hand_in(w, &lane, KIND_RECEIPT, &b, at);
}

/* The root revokes D; of its lane of `unit` nothing stands after `last`. */
static void revoke_d_after(struct hub_world *w, const struct uid *unit, uint64_t last) {
    char words[] = "mất máy", *args[] = {words};
    const struct act_reason why = {ACT_REASON_WORDS, 1, args};
    struct ending ending;
    struct member m;
    struct actor a;
    struct txn *t;
    struct hash id;
    hub_world_open(&a, true, &t);
    assert_true(roster_find(t, &hubs[D].own->actor, 1, &m));
    assert_int_equal(revoke_ending(t, &m, NULL, &ending, NULL), 0);
    for (uint32_t i = 0; i < ending.n; i++)
        if (uid_equal(&ending.list[i].lane, unit))
            ending.list[i].seq = last;
    assert_int_equal(revoke_state(&a, t, &m, &ending, &why, w->now, &id, NULL), 0);
    assert_int_equal(actor_commit(&a, t, NULL), 0);
    ending_done(&ending);
    actor_close(&a);
}

static void a_receipt_after_the_last_good_one_of_a_revoked_hub_counts_for_nobody(void **s) {
    struct hub_world *w = *s;
    enrol_by(w, D, ROLE_NODE, "U6", &machine);
    struct hub_report r = {.campaign = "thu", .period = "2023", .text = "+", .revision = 1};
    struct hash report = hub_world_seal(w, &machine, &r, due + 1000);
    hub_world_deliver(w);
    board_says(board(w), "U6", 'l');
    receipt_by_d(w, &machine, &report, due - 1000);
    board_says(board(w), "U6", 'o');
    revoke_d_after(w, &machine.unit, 0);
    board_says(board(w), "U6", 'l');
}

static void what_a_hub_said_before_its_end_is_shown_and_nothing_that_it_said_after(void **s) {
    struct hub_world *w = *s;
    w->now = due + MS_PER_DAY;
    enrol_by(w, D, ROLE_NODE, "U6", &machine);
    heard_by(w, D, &machine, minutes(60), minutes(30));
    uint64_t good = hubs[D].own->seq;
    heard_by(w, D, hubs[D].own, minutes(62), minutes(61)); /* of somebody else */
    heard_by(w, D, &machine, minutes(90), minutes(80));
    contact_is(board(w), "U6", "\"2023-12-16T01:20:00+07:00\"");
    revoke_d_after(w, &hubs[D].own->unit, good + 1);
    contact_is(board(w), "U6", "\"2023-12-16T00:30:00+07:00\"");
    revoke_d_after(w, &hubs[D].own->unit, 0); /* the earlier one of two ends */
    contact_is(board(w), "U6", "null");
    hub_world_do(w, "check", "--json");
}

/* The first row of `contacts` goes, or says more than its record. */
static void damage(bool drop) {
    struct actor a;
    struct txn *t;
    struct walk walk;
    struct slice key, value;
    struct buf k, v;
    buf_init(&k);
    buf_init(&v);
    hub_world_open(&a, true, &t);
    walk_init(&walk, t, TABLE_CONTACTS, slice_of(NULL, 0));
    assert_true(walk_next(&walk, &key, &value));
    buf_put(&k, key.data, key.len);
    buf_put(&v, value.data, value.len);
    walk_done(&walk);
    v.data[v.len - 1] ^= 1;
    if (drop)
        txn_delete(t, TABLE_CONTACTS, buf_slice(&k));
    else
        txn_put(t, TABLE_CONTACTS, buf_slice(&k), buf_slice(&v));
    assert_int_equal(actor_commit(&a, t, NULL), 0);
    actor_close(&a);
    buf_done(&k);
    buf_done(&v);
}

static void check_finds_a_row_that_is_gone_and_one_that_says_too_much(void **s) {
    struct hub_world *w = *s;
    struct err e = {0};
    states(w, D, C, minutes(60), minutes(1));
    states(w, D, C, minutes(90), minutes(2));
    hub_world_do(w, "check", "--json");
    damage(false);
    assert_int_not_equal(hub_world_run(w, &e, "check", "--json"), 0);
    assert_non_null(strstr(w->out, "is not what it says"));
    damage(true);
    assert_int_not_equal(hub_world_run(w, &e, "check", "--json"), 0);
    assert_non_null(strstr(w->out, "more of contacts than is noted"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_unit_is_missing_once_every_hub_between_has_sent_on_all_it_had),
        cmocka_unit_test(the_last_statement_of_the_hub_that_enrolled_it_counts_and_no_other),
        cmocka_unit_test(
            the_hubs_between_are_those_that_enrolled_the_machine_not_those_of_the_tree),
        TEST(a_machine_that_was_ended_is_waited_for_where_it_was_enrolled),
        cmocka_unit_test(what_a_hub_that_was_revoked_may_have_received_is_unknown),
        TEST(a_receipt_after_the_last_good_one_of_a_revoked_hub_counts_for_nobody),
        TEST(what_a_hub_said_before_its_end_is_shown_and_nothing_that_it_said_after),
        TEST(a_hub_that_claims_too_much_is_held_to_what_was_measured_of_it),
        TEST(check_finds_a_row_that_is_gone_and_one_that_says_too_much),
        TEST(the_last_contact_is_that_of_a_unit_s_own_machine_as_its_hub_says),
        TEST(a_contact_of_a_clock_that_was_ahead_is_not_shown_and_a_later_statement_replaces_it),
        TEST(a_node_of_the_district_does_not_speak_for_its_hub),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
