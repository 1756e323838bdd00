#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/kinds.h"
#include "tests/unit/audit_world.h"
#include "tests/unit/join_proof.h"

/* Whether a finding tells where it is: a record, or a part of the file. */
static bool names_a_place(const struct hash *record, const char *what) {
    static const char *const parts[] = {"header: ", "entries: ", "trailer: ", "signature: "};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strncmp(what, parts[i], strlen(parts[i])) == 0)
            return true;
    return !hash_is_zero(record);
}

static void assert_refused(struct slice file, const struct hash *root, size_t place) {
    struct hash record = {{0}};
    char what[1024] = "";
    if (verify(file, root, &record, what) == 0)
        fail_msg("accepted, changed at %zu", place);
    if (!names_a_place(&record, what))
        fail_msg("changed at %zu, and all that is said is: %s", place, what);
}

/* ---- what is wrong ---- */

static void test_every_bit_of_a_small_bundle_matters(void **state) {
    (void)state;
    struct fixture f;
    struct buf file = {0};
    fixture_init(&f, 9);
    fixture_bundle(&f, FIXTURE_ROOT_HUB, fixture_at("2023-12-20"), &file);
    for (size_t bit = 0; bit < 8 * file.len; bit++) {
        file.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        assert_refused(buf_slice(&file), &f.deployment, bit);
        file.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    }
    buf_done(&file);
    fixture_done(&f);
}

static void test_every_byte_of_a_whole_story_matters(void **state) {
    (void)state;
    struct story s;
    tell(&s);
    pack(&s);
    for (size_t i = 0; i < s.file.len; i += 13) {
        uint8_t flip = (uint8_t)(1u << (i % 8));
        s.file.data[i] ^= flip;
        assert_refused(buf_slice(&s.file), &s.f.deployment, i);
        s.file.data[i] ^= flip;
    }
    end(&s);
}

static void test_a_file_cut_anywhere_is_refused(void **state) {
    (void)state;
    struct fixture f;
    struct buf file = {0};
    fixture_init(&f, 9);
    fixture_bundle(&f, FIXTURE_ROOT_HUB, fixture_at("2023-12-20"), &file);
    for (size_t n = 0; n < file.len; n++)
        assert_refused(slice_of(file.data, n), &f.deployment, n);
    buf_put_u8(&file, 0);
    assert_refused(buf_slice(&file), &f.deployment, file.len);
    buf_done(&file);
    fixture_done(&f);
}

/* What a test does to the story before it is packed. */
typedef void change(struct story *s);

static void change_leave_out_a_report(struct story *s) {
    for (uint32_t i = 0; i < s->f.n_records; i++)
        s->f.records[i].left_out |= hash_equal(&s->f.records[i].id, &s->reports[2]);
}

static void change_leave_out_the_last_report(struct story *s) {
    for (uint32_t i = 0; i < s->f.n_records; i++)
        s->f.records[i].left_out |= hash_equal(&s->f.records[i].id, &s->reports[3]);
}

static void change_leave_out_an_enrolment(struct story *s) {
    s->f.records[3].left_out = true;
}

static void change_call_a_valid_report_rejected(struct story *s) {
    struct hash id = fixture_report(&s->f, s->nodes[0], 2, CELL_MET, all_met);
    fixture_receipt(&s->f, FIXTURE_ROOT_HUB, s->nodes[0], id, RECEIPT_REJECTED, 5);
}

static void change_call_an_incomplete_report_valid(struct story *s) {
    static const enum cell_state gap[2] = {CELL_MET, CELL_EMPTY};
    struct hash id = fixture_report(&s->f, s->nodes[0], 2, CELL_MET, gap);
    fixture_receipt(&s->f, FIXTURE_ROOT_HUB, s->nodes[0], id, RECEIPT_VALID, 5);
}

static void change_receipt_twice(struct story *s) {
    fixture_receipt(&s->f, FIXTURE_ROOT_HUB, s->nodes[0], s->reports[0], RECEIPT_VALID, 5);
}

static void change_hold_and_never_judge(struct story *s) {
    struct hash id = fixture_report(&s->f, s->nodes[0], 2, CELL_MET, all_met);
    fixture_receipt(&s->f, FIXTURE_ROOT_HUB, s->nodes[0], id, RECEIPT_HELD, 5);
}

static void change_hold_and_judge_at_another_instant(struct story *s) {
    struct hash id = fixture_report(&s->f, s->nodes[0], 2, CELL_MET, all_met);
    fixture_receipt(&s->f, FIXTURE_ROOT_HUB, s->nodes[0], id, RECEIPT_HELD, 5);
    fixture_receipt(&s->f, FIXTURE_ROOT_HUB, s->nodes[0], id, RECEIPT_VALID, 6);
}

static void change_no_receipt(struct story *s) {
    fixture_report(&s->f, s->nodes[0], 2, CELL_MET, all_met);
}

/* A hub of commune 1004 receipts what a node of commune 1001 stated. */
static void change_receipt_by_a_stranger(struct story *s) {
    uint32_t hub = fixture_enrol(&s->f, FIXTURE_ROOT_HUB, s->f.units[3], ROLE_HUB);
    struct uid unit = s->f.actors[s->nodes[0]].unit;
    s->f.actors[s->nodes[0]].unit = s->f.units[3];
    fixture_receipt(&s->f, hub, s->nodes[0], s->reports[0], RECEIPT_VALID, 5);
    s->f.actors[s->nodes[0]].unit = unit;
}

static void change_node_states_a_campaign(struct story *s) {
    struct fixture_record *r = NULL;
    for (uint32_t i = 0; i < s->f.n_records; i++)
        if (hash_equal(&s->f.records[i].id, &s->f.campaign))
            r = &s->f.records[i];
    struct record parsed;
    assert_int_equal(record_parse(buf_slice(&r->bytes), &parsed, NULL), 0);
    fixture_state(&s->f, s->nodes[0], KIND_CAMPAIGN, NULL, parsed.payload);
}

static void change_node_speaks_in_anothers_lane(struct story *s) {
    struct payload_join join = {.sign_key = *key_pair_public(s->f.actors[s->nodes[0]].sign),
                                .transport_key =
                                    *key_pair_public(s->f.actors[s->nodes[0]].transport),
                                .role = ROLE_NODE,
                                .program = (char[]){""}};
    struct buf b = {0};
    assert_int_equal(payload_join_encode(&join, &b, NULL), 0);
    fixture_state(&s->f, s->nodes[0], KIND_JOIN, &s->f.units[1], buf_slice(&b));
    buf_done(&b);
}

/* Two disks: the node goes on from where it was before its last record. */
static void change_fork(struct story *s) {
    struct fixture_head *head = &s->f.actors[s->nodes[0]].heads[0], before = *head;
    struct hash one = fixture_report(&s->f, s->nodes[0], 2, CELL_MET, all_met);
    *head = before;
    struct hash two = fixture_report(&s->f, s->nodes[0], 2, CELL_MET, none);
    fixture_receipt(&s->f, FIXTURE_ROOT_HUB, s->nodes[0], one, RECEIPT_VALID, 5);
    fixture_receipt(&s->f, FIXTURE_ROOT_HUB, s->nodes[0], two, RECEIPT_VALID, 6);
}

static void change_a_prev_link(struct story *s) {
    s->f.actors[s->nodes[0]].heads[0].prev.b[5] ^= 1;
    fixture_state(&s->f, s->nodes[0], 9999, &s->f.units[0], slice_str("x"));
}

/* Who made the file may sign its trailer anew: only the record's own signature tells. */
static void change_a_signature(struct story *s) {
    for (uint32_t i = 0; i < s->f.n_records; i++)
        if (hash_equal(&s->f.records[i].id, &s->reports[2]))
            s->f.records[i].bytes.data[RECORD_HEADER_BYTES] ^= 1;
}

static void change_same_record_twice(struct story *s) {
    struct fixture_record *r = &s->f.records[s->f.n_records++];
    buf_put(&r->bytes, s->f.records[2].bytes.data, s->f.records[2].bytes.len);
}

/* A record of another deployment, by an actor of the same keys. */
static void change_foreign_record(struct story *s) {
    s->f.deployment.b[0] ^= 1;
    fixture_state(&s->f, s->nodes[0], 9999, &s->f.units[0], slice_str("x"));
    s->f.deployment.b[0] ^= 1;
}

/* A second node of commune 1001 ends the first. */
static void replace_first(struct story *s) {
    struct fixture_actor *first = &s->f.actors[s->nodes[0]];
    struct last_good last = {first->id, 1, first->unit, first->heads[0].seq};
    struct payload_enrol enrol = {.role = ROLE_NODE, .n_ends = 1, .ends = &last};
    uint8_t seed[SEED_BYTES] = {99};
    struct key_pair *k;
    struct buf b = {0};
    assert_int_equal(key_pair_sign_new(seed, &k, NULL), 0);
    enrol.grant = (struct payload_grant){
        .epoch = 1, .sign_key = *key_pair_public(k), .transport_key = {{77}}, .unit = first->unit};
    crypto_actor(&enrol.grant.sign_key, &enrol.grant.actor);
    join_prove(&enrol, &s->f.deployment, k);
    assert_int_equal(payload_enrol_encode(&enrol, &b, NULL), 0);
    fixture_state(&s->f, FIXTURE_ROOT_HUB, KIND_ENROL, NULL, buf_slice(&b));
    buf_done(&b);
    key_pair_free(k);
}

/* … which goes on all the same. */
static void change_speak_after_the_end(struct story *s) {
    replace_first(s);
    fixture_state(&s->f, s->nodes[0], 9999, &s->f.units[0], slice_str("x"));
}

/* The first node's next epoch: what the hub states, and what is off with it. */
struct next_epoch {
    uint32_t epoch;
    enum role role;
    bool other_unit, others_key, no_proof, taken_transport;
    uint32_t hub; /* 0: the root hub */
};

static void enrol_next(struct story *s, const struct next_epoch *how) {
    const struct fixture_actor *a = &s->f.actors[s->nodes[0]], *b = &s->f.actors[s->nodes[1]];
    struct payload_enrol p = {.role = how->role};
    struct buf out = {0};
    p.grant = (struct payload_grant){
        .actor = a->id,
        .epoch = how->epoch,
        .sign_key = *key_pair_public(a->sign),
        .transport_key = *key_pair_public(how->taken_transport ? b->transport : a->transport),
        .unit = how->other_unit ? b->unit : a->unit,
        .renewal = {{7}}};
    payload_renewal_prove(&p.grant, &s->f.deployment, how->others_key ? b->sign : a->sign,
                          p.grant.proof);
    if (how->no_proof)
        memset(p.grant.proof, 1, sizeof p.grant.proof);
    assert_int_equal(payload_enrol_encode(&p, &out, NULL), 0);
    fixture_state(&s->f, how->hub ? how->hub : FIXTURE_ROOT_HUB, KIND_ENROL, NULL, buf_slice(&out));
    buf_done(&out);
}

static void change_next_epoch_is_fine(struct story *s) {
    enrol_next(s, &(struct next_epoch){.epoch = 2, .role = ROLE_NODE});
}

static void change_epoch_that_skips(struct story *s) {
    enrol_next(s, &(struct next_epoch){.epoch = 3, .role = ROLE_NODE});
}

static void change_epoch_twice(struct story *s) {
    change_next_epoch_is_fine(s);
    change_next_epoch_is_fine(s);
}

static void change_epoch_of_another_role(struct story *s) {
    enrol_next(s, &(struct next_epoch){.epoch = 2, .role = ROLE_HUB});
}

static void change_hub_beside_its_own(struct story *s) {
    (void)fixture_enrol(&s->f, FIXTURE_ROOT_HUB, s->f.province, ROLE_HUB);
}

static void change_node_beside_it(struct story *s) {
    (void)fixture_enrol(&s->f, FIXTURE_ROOT_HUB, s->f.province, ROLE_NODE);
}

static void change_epoch_of_another_unit(struct story *s) {
    enrol_next(s, &(struct next_epoch){.epoch = 2, .role = ROLE_NODE, .other_unit = true});
}

static void change_epoch_nobody_asked_for(struct story *s) {
    enrol_next(s, &(struct next_epoch){.epoch = 2, .role = ROLE_NODE, .no_proof = true});
}

static void change_epoch_twice_with_another_key(struct story *s) {
    change_next_epoch_is_fine(s);
    enrol_next(s, &(struct next_epoch){.epoch = 2, .role = ROLE_NODE, .taken_transport = true});
}

static void change_epoch_twice_as_another_role(struct story *s) {
    change_next_epoch_is_fine(s);
    change_epoch_of_another_role(s);
}

static void change_epoch_twice_for_another_unit(struct story *s) {
    change_next_epoch_is_fine(s);
    change_epoch_of_another_unit(s);
}

static void change_epoch_twice_without_proof(struct story *s) {
    change_next_epoch_is_fine(s);
    change_epoch_nobody_asked_for(s);
}

static void change_epoch_another_asked_for(struct story *s) {
    enrol_next(s, &(struct next_epoch){.epoch = 2, .role = ROLE_NODE, .others_key = true});
}

static void change_epoch_with_anothers_transport_key_is_fine(struct story *s) {
    enrol_next(s, &(struct next_epoch){.epoch = 2, .role = ROLE_NODE, .taken_transport = true});
}

/* Another machine for the first node's unit, with the second node's transport key; `asked`: with
 * its own key. */
static void enrol_first(struct story *s, bool asked) {
    struct payload_enrol p = {.role = ROLE_NODE};
    uint8_t seed[SEED_BYTES] = {98};
    struct key_pair *k;
    struct buf b = {0};
    assert_int_equal(key_pair_sign_new(seed, &k, NULL), 0);
    p.grant = (struct payload_grant){.epoch = 1,
                                     .sign_key = *key_pair_public(k),
                                     .transport_key =
                                         *key_pair_public(s->f.actors[s->nodes[1]].transport),
                                     .unit = s->f.units[0]};
    crypto_actor(&p.grant.sign_key, &p.grant.actor);
    join_prove(&p, &s->f.deployment, asked ? k : s->f.actors[s->nodes[1]].sign);
    assert_int_equal(payload_enrol_encode(&p, &b, NULL), 0);
    fixture_state(&s->f, FIXTURE_ROOT_HUB, KIND_ENROL, NULL, buf_slice(&b));
    buf_done(&b);
    key_pair_free(k);
}

static void change_first_with_anothers_transport_key_is_fine(struct story *s) {
    enrol_first(s, true);
}

static void change_first_nobody_asked_for(struct story *s) {
    enrol_first(s, false);
}

static void change_epoch_by_another_hub(struct story *s) {
    uint32_t hub = fixture_enrol(&s->f, FIXTURE_ROOT_HUB, s->f.units[0], ROLE_HUB);
    enrol_next(s, &(struct next_epoch){.epoch = 2, .role = ROLE_NODE, .hub = hub});
}

static void change_epoch_after_the_end(struct story *s) {
    replace_first(s);
    change_next_epoch_is_fine(s);
}

static void change_unknown_kind_is_fine(struct story *s) {
    fixture_state(&s->f, s->nodes[0], 9999, &s->f.units[0], slice_str("whatever"));
}

static void change_unknown_kind_in_anothers_lane(struct story *s) {
    fixture_state(&s->f, s->nodes[0], 9999, &s->f.units[5], slice_str("whatever"));
}

static void change_held_then_judged_is_fine(struct story *s) {
    struct hash id = fixture_report(&s->f, s->nodes[0], 2, CELL_MET, all_met);
    fixture_receipt(&s->f, FIXTURE_ROOT_HUB, s->nodes[0], id, RECEIPT_HELD, 5);
    fixture_receipt(&s->f, FIXTURE_ROOT_HUB, s->nodes[0], id, RECEIPT_VALID, 5);
}

static void change_incomplete_is_rejected_is_fine(struct story *s) {
    static const enum cell_state gap[2] = {CELL_MET, CELL_EMPTY};
    struct hash id = fixture_report(&s->f, s->nodes[0], 2, CELL_MET, gap);
    fixture_receipt(&s->f, FIXTURE_ROOT_HUB, s->nodes[0], id, RECEIPT_REJECTED, 5);
}

/* What was changed, and what is said of it. */
static const struct {
    const char *name;
    change *change;
    const char *want; /* in one of the findings; NULL: there is none */
} wrongs[] = {
    {"a gap", change_leave_out_a_report, "a record was left out|which is not here"},
    {"an end cut off", change_leave_out_the_last_report, "which is not here"},
    {"no enrolment", change_leave_out_an_enrolment, "nobody here enrolled its author"},
    {"valid called rejected", change_call_a_valid_report_rejected, "the report is valid"},
    {"incomplete called valid", change_call_an_incomplete_report_valid, "the report is rejected"},
    {"two receipts", change_receipt_twice, "once more"},
    {"held for ever", change_hold_and_never_judge, "no receipt says"},
    {"two instants", change_hold_and_judge_at_another_instant, "another instant"},
    {"no receipt", change_no_receipt, "without a receipt"},
    {"a stranger's receipt", change_receipt_by_a_stranger, "is not below the hub"},
    {"a node's campaign", change_node_states_a_campaign, "may not state a record of kind"},
    {"another's lane", change_node_speaks_in_anothers_lane, "may not stand in this lane"},
    {"a fork", change_fork, "a hub takes one of two"},
    {"a broken link", change_a_prev_link, "does not name the record before"},
    {"another's signature", change_a_signature, "its signature does not hold"},
    {"the next epoch", change_next_epoch_is_fine, NULL},
    {"a hub beside its own", change_hub_beside_its_own, "second hub of its author"},
    {"a node beside it", change_node_beside_it, NULL},
    {"an epoch that skips", change_epoch_that_skips, "does not follow one that is here"},
    {"an epoch twice", change_epoch_twice, NULL},
    {"an epoch twice, another key", change_epoch_twice_with_another_key, "enrolled already"},
    {"an epoch twice, another role", change_epoch_twice_as_another_role, "enrolled already"},
    {"an epoch twice, another unit", change_epoch_twice_for_another_unit, "enrolled already"},
    {"an epoch twice, without proof", change_epoch_twice_without_proof, "did not ask for"},
    {"another role", change_epoch_of_another_role, "another unit or role"},
    {"another unit", change_epoch_of_another_unit, "another unit or role"},
    {"no proof", change_epoch_nobody_asked_for, "did not ask for"},
    {"another's proof", change_epoch_another_asked_for, "did not ask for"},
    {"another's transport key", change_epoch_with_anothers_transport_key_is_fine, NULL},
    {"a machine with another's transport key", change_first_with_anothers_transport_key_is_fine,
     NULL},
    {"a machine that did not ask", change_first_nobody_asked_for, "did not ask for"},
    {"another hub", change_epoch_by_another_hub, "to whom another enrolled"},
    {"an epoch after the end", change_epoch_after_the_end, "to whom was replaced or revoked"},
    {"twice", change_same_record_twice, "stands in the file as entry"},
    {"another deployment", change_foreign_record, "belongs to another deployment"},
    {"after the end", change_speak_after_the_end, "replaced or revoked"},
    {"an unknown kind", change_unknown_kind_is_fine, NULL},
    {"an unknown kind in another's lane", change_unknown_kind_in_anothers_lane,
     "unknown kind may not stand in this lane"},
    {"held, then judged", change_held_then_judged_is_fine, NULL},
    {"incomplete, and rejected", change_incomplete_is_rejected_is_fine, NULL},
};

static void test_each_kind_of_wrong_is_told(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
        struct story s;
        struct verify v;
        char text[1024], all[16384] = "";
        tell(&s);
        wrongs[i].change(&s);
        pack(&s);
        assert_int_equal(verify_bundle(buf_slice(&s.file), &s.f.deployment, NULL, &v, NULL), 0);
        for (uint32_t k = 0; k < v.findings.n; k++) {
            size_t n = strlen(all);
            snprintf(all + n, sizeof all - n, "%s\n",
                     err_text(&v.findings.list[k].what, NULL, text, sizeof text));
        }
        char want[256] = "";
        snprintf(want, sizeof want, "%s", wrongs[i].want ? wrongs[i].want : "");
        for (char *part = want, *next; part; part = next) {
            next = strchr(part, '|');
            if (next)
                *next++ = '\0';
            if (!strstr(all, part))
                fail_msg("%s: no “%s” in:\n%s", wrongs[i].name, part, all);
        }
        if (!wrongs[i].want && v.findings.total != 0)
            fail_msg("%s: %s", wrongs[i].name, all);
        verify_done(&v);
        end(&s);
    }
}

/* The record at `at` is stated once more by its author, and packed before it with `swapped`. */
static void say_again(struct story *s, uint32_t at, bool swapped) {
    struct fixture *f = &s->f;
    struct record r;
    assert_int_equal(record_parse(buf_slice(&f->records[at].bytes), &r, NULL), 0);
    assert_int_equal(r.h.kind, KIND_ENROL);
    fixture_state(f, FIXTURE_ROOT_HUB, KIND_ENROL, NULL, r.payload);
    struct fixture_record last = f->records[f->n_records - 1];
    if (swapped) {
        f->records[f->n_records - 1] = f->records[at];
        f->records[at] = last;
    }
}

static void test_who_is_enrolled_once_more_stands_where_it_was_first(void **state) {
    (void)state;
    for (int swapped = 0; swapped <= 1; swapped++) {
        struct story s;
        struct verify v;
        tell(&s);
        say_again(&s, 3, swapped);
        pack(&s);
        assert_int_equal(verify_bundle(buf_slice(&s.file), &s.f.deployment, NULL, &v, NULL), 0);
        print(&v.findings);
        assert_int_equal(v.findings.total, 0);
        const struct member *first = ledger_actor(&v.ledger, &s.f.actors[s.nodes[0]].id);
        const struct member *second = ledger_actor(&v.ledger, &s.f.actors[s.nodes[1]].id);
        assert_true(ledger_enrolled(&v.ledger, first, second) < 0);
        assert_int_equal(first->order_seq + 1, second->order_seq);
        verify_done(&v);
        end(&s);
    }
}

static void test_the_fingerprint_of_another_deployment_verifies_nothing(void **state) {
    (void)state;
    struct story s;
    struct hash other, record = {{0}};
    char what[1024] = "";
    tell(&s);
    pack(&s);
    other = s.f.deployment;
    other.b[31] ^= 1;
    assert_int_equal(verify(buf_slice(&s.file), &other, &record, what), 1);
    assert_memory_equal(what, "header: ", 8);
    end(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_bit_of_a_small_bundle_matters),
        cmocka_unit_test(test_every_byte_of_a_whole_story_matters),
        cmocka_unit_test(test_a_file_cut_anywhere_is_refused),
        cmocka_unit_test(test_each_kind_of_wrong_is_told),
        cmocka_unit_test(test_who_is_enrolled_once_more_stands_where_it_was_first),
        cmocka_unit_test(test_the_fingerprint_of_another_deployment_verifies_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
