#include "tests/unit/fixture_kinds.h"

#include "node/append.h"
#include "proto/payload_act.h"
#include "proto/payload_campaign.h"
#include "proto/payload_profile.h"
#include "tests/unit/fixture_records.h"

#include <string.h>

#define UNKNOWN_KIND 999

static char plan[] = "thi-dua-2023", year[] = "2023", none[] = "", words[] = "vì bão",
            person[] = "Nguyễn Văn An", points[] = "diem", place[] = "94";
static char *because[] = {words};
static const struct act_reason reason = {ACT_REASON_WORDS, 1, because};

static int put_genesis(const struct fixture_hub *h, struct buf *out, struct err *e) {
    struct payload_genesis p = {.root_unit = h->province};
    p.root_key = p.recovery_key = *key_pair_public(h->root.sign);
    p.recovery_key.b[0] ^= 1;
    return payload_genesis_encode(&p, out, e);
}

static int put_grant(const struct fixture_hub *h, const struct fixture_author *a, struct buf *out,
                     struct err *e) {
    struct payload_grant p = {h->actor.id, 1, *key_pair_public(a->sign),
                              *key_pair_public(a->transport), h->province};
    return payload_grant_encode(&p, out, e);
}

static int put_units(const struct fixture_author *a, struct buf *out, struct err *e) {
    struct unit_fact fact = {.id = a->unit,
                             .effective = 19000,
                             .from = DAY_NONE,
                             .until = 30000,
                             .code = place,
                             .level = place,
                             .kind = none,
                             .name = person,
                             .group = none,
                             .contact = none,
                             .phone = none};
    struct payload_units p = {1, &fact};
    fact.parent = a->unit;
    fact.id.b[0] ^= 0x40;
    return payload_units_encode(&p, out, e);
}

static int put_profile(struct buf *out, struct err *e) {
    struct profile p = {.id = points,
                        .version = 1,
                        .campaign = plan,
                        .label = {.vi = words, .en = words},
                        .default_mode = MODE_POINTS,
                        .default_max = 1000};
    return profile_encode(&p, out, e);
}

static int put_name(const struct fixture_author *a, struct buf *out, struct err *e) {
    struct payload_name p = {.subject = a->unit, .name = person, .position = none, .title = none};
    memset(p.salt, 5, sizeof p.salt);
    return payload_name_encode(&p, out, e);
}

static int put_receipt(const struct fixture_hub *h, const struct fixture_author *a,
                       const struct hash *about, struct buf *out, struct err *e) {
    struct receipt_entry entry = {
        .record = *about, .received_at = h->now.wall, .state = RECEIPT_HELD};
    struct payload_receipt p = {a->id, 1, 1, &entry, 3};
    return payload_receipt_encode(&p, out, e);
}

static int put_extension(const struct fixture_hub *h, struct buf *out, struct err *e) {
    struct payload_extension p = {.issuer = h->province,
                                  .campaign = plan,
                                  .period = year,
                                  .kind = REPORT_ANNUAL,
                                  .until = h->now.wall,
                                  .scope = ACT_SCOPE_UNIT,
                                  .group = none,
                                  .reason = reason};
    return payload_extension_encode(&p, out, e);
}

static int put_act(const struct fixture_hub *h, const struct fixture_author *a, uint16_t kind,
                   const struct hash *about, struct buf *out, struct err *e) {
    if (kind == KIND_CAMPAIGN_WITHDRAW)
        return payload_campaign_withdraw_encode(
            &(struct payload_campaign_withdraw){plan, h->now.wall, reason}, out, e);
    if (kind == KIND_CAMPAIGN_ASSIGN)
        return payload_campaign_assign_encode(
            &(struct payload_campaign_assign){plan, a->unit, true, 19000, DAY_NONE, reason}, out,
            e);
    return payload_withdrawal_encode(&(struct payload_withdrawal){*about, reason}, out, e);
}

static int put_contact(const struct fixture_hub *h, const struct fixture_author *a, struct buf *out,
                       struct err *e) {
    struct contact_entry child = {
        .actor = a->id, .unit = a->unit, .heard_at = h->now.wall, .drained_to = INSTANT_NONE};
    struct payload_contact p = {h->now.wall, 1, &child};
    return payload_contact_encode(&p, out, e);
}

/* All that `a` stated so far stays good. */
static int put_revoke(const struct fixture_author *a, struct buf *out, struct err *e) {
    struct last_good end = {.actor = a->id, .epoch = 1, .lane = a->unit, .seq = a->seq};
    struct payload_revoke p = {.actor = a->id, .n_ends = 1, .ends = &end, .reason = reason};
    return payload_revoke_encode(&p, out, e);
}

static int put_clock_mend(const struct fixture_author *a, struct buf *out, struct err *e) {
    char words[] = "đồng hồ", *args[] = {words};
    struct hash records[] = {a->prev};
    struct payload_clock_mend p = {.actor = a->id,
                                   .from = 1700000000000,
                                   .until = 1702659600000,
                                   .shift_ms = -3600000,
                                   .n_records = 1,
                                   .records = records,
                                   .reason = {ACT_REASON_WORDS, 1, args}};
    return payload_clock_mend_encode(&p, out, e);
}

bool fixture_kind_payload(const struct fixture_hub *h, const struct fixture_author *a,
                          uint16_t kind, const struct hash *about, struct buf *out) {
    struct err e = {0};
    int rc = 0;
    buf_init(out);
    if (kind == KIND_GENESIS)
        rc = put_genesis(h, out, &e);
    else if (kind == KIND_GRANT)
        rc = put_grant(h, a, out, &e);
    else if (kind == KIND_ENROL)
        fixture_enrol_payload(h, a, ROLE_NODE, out);
    else if (kind == KIND_UNITS)
        rc = put_units(a, out, &e);
    else if (kind == KIND_CAMPAIGN)
        rc = campaign_encode(&h->plan, out, &e);
    else if (kind == KIND_PROFILE)
        rc = put_profile(out, &e);
    else if (kind == KIND_JOIN)
        fixture_join_payload(a, ROLE_NODE, out);
    else if (kind == KIND_SUBJECTS)
        fixture_subjects_payload(a, out);
    else if (kind == KIND_SUBJECT_NAME)
        rc = put_name(a, out, &e);
    else if (kind == KIND_REPORT)
        fixture_report_payload(h, a, about, 1, out);
    else if (kind == KIND_RECEIPT)
        rc = put_receipt(h, a, about, out, &e);
    else if (kind == KIND_EXTENSION)
        rc = put_extension(h, out, &e);
    else if (kind == KIND_CLOCK_MEND)
        rc = put_clock_mend(a, out, &e);
    else if (kind == KIND_REVOKE)
        rc = put_revoke(a, out, &e);
    else if (kind == KIND_CONTACT)
        rc = put_contact(h, a, out, &e);
    else if (kind == KIND_CAMPAIGN_WITHDRAW || kind == KIND_CAMPAIGN_ASSIGN ||
             kind == KIND_WITHDRAWAL)
        rc = put_act(h, a, kind, about, out, &e);
    else
        return false;
    FIXTURE_OK(rc, &e);
    return true;
}

/* In lane `lane` (NULL: lane 0), in a transaction of its own. */
static void state(struct fixture_hub *h, uint16_t kind, const struct uid *lane,
                  struct slice payload) {
    struct txn *t;
    struct hash id;
    struct err e = {0};
    FIXTURE_OK(actor_begin(&h->actor, true, &t, &e), &e);
    FIXTURE_OK(append_own(&h->actor, t, kind, lane, payload, h->now.wall, &id, &e), &e);
    FIXTURE_OK(actor_commit(&h->actor, t, &e), &e);
}

void fixture_kinds_by_hub(struct fixture_hub *h, const struct fixture_author *a,
                          const struct hash *about) {
    static const uint16_t lane_zero[] = {KIND_UNITS,
                                         KIND_CAMPAIGN,
                                         KIND_PROFILE,
                                         KIND_CAMPAIGN_ASSIGN,
                                         KIND_CAMPAIGN_WITHDRAW,
                                         KIND_CLOCK_MEND},
                          lane_child[] = {KIND_EXTENSION, KIND_RECEIPT, UNKNOWN_KIND};
    struct buf b;
    for (size_t i = 0; i < sizeof lane_zero / sizeof *lane_zero; i++) {
        (void)fixture_kind_payload(h, a, lane_zero[i], about, &b);
        state(h, lane_zero[i], NULL, buf_slice(&b));
        buf_done(&b);
    }
    for (size_t i = 0; i < sizeof lane_child / sizeof *lane_child; i++) {
        (void)fixture_kind_payload(h, a, lane_child[i], about, &b);
        state(h, lane_child[i], &a->unit, buf_slice(&b));
        buf_done(&b);
    }
    (void)fixture_kind_payload(h, a, KIND_CONTACT, about, &b);
    state(h, KIND_CONTACT, &h->province, buf_slice(&b));
    buf_done(&b);
    (void)fixture_kind_payload(h, a, KIND_REVOKE, about, &b);
    state(h, KIND_REVOKE, NULL, buf_slice(&b)); /* last: nothing is said to `a` after it */
    buf_done(&b);
}

void fixture_kinds_by_node(const struct fixture_hub *h, struct fixture_author *a,
                           struct buf out[FIXTURE_KINDS_BY_NODE]) {
    static const uint16_t more[] = {KIND_SUBJECT_NAME, KIND_WITHDRAWAL, UNKNOWN_KIND};
    struct buf b;
    fixture_story(h, a, 2, out);
    struct hash report = a->prev;
    for (uint32_t i = 0; i < 3; i++) {
        (void)fixture_kind_payload(h, a, more[i], &report, &b);
        fixture_next_record(h, a, more[i], buf_slice(&b), &out[4 + i]);
        buf_done(&b);
    }
}
