#include "tests/unit/fixture_records.h"

#include "core/mem.h"
#include "proto/payload_campaign.h"
#include "tests/unit/join_proof.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static char empty[] = "", annual[] = "2023", id_campaign[] = "thi-dua-2023", leaf_c[] = "C1",
            leaf_i[] = "I1", leaf_i2[] = "I2", title[] = "Thi đua";

static struct uid uid_from(uint8_t a, uint8_t b) {
    struct uid u = {{0}};
    memset(u.b, a, 8);
    memset(u.b + 8, b, 8);
    return u;
}

instant fixture_at(const char *text) {
    instant at;
    bool ok = instant_parse(text, &at);
    assert(ok);
    return at;
}

static uint32_t add_actor(struct fixture *f, uint8_t seed, struct uid unit) {
    assert(f->n_actors < FIXTURE_ACTORS);
    struct fixture_actor *a = &f->actors[f->n_actors];
    uint8_t bytes[SEED_BYTES];
    memset(bytes, seed, sizeof bytes);
    bytes[0] = (uint8_t)f->n_actors;
    int rc = key_pair_sign_new(bytes, &a->sign, NULL);
    bytes[1] ^= 0xff;
    rc |= key_pair_transport_new(bytes, &a->transport, NULL);
    assert(rc == 0);
    crypto_actor(key_pair_public(a->sign), &a->id);
    a->unit = unit;
    a->epoch = 1;
    return f->n_actors++;
}

static struct fixture_head *head_of(struct fixture_actor *a, const struct uid *lane) {
    for (uint32_t i = 0; i < a->n_heads; i++)
        if (uid_equal(&a->heads[i].lane, lane))
            return &a->heads[i];
    assert(a->n_heads < FIXTURE_LANES);
    a->heads[a->n_heads] = (struct fixture_head){.lane = *lane};
    return &a->heads[a->n_heads++];
}

struct hash fixture_state(struct fixture *f, uint32_t actor, uint16_t kind, const struct uid *lane,
                          struct slice payload) {
    static const struct uid zero;
    assert(f->n_records < FIXTURE_RECORDS);
    struct fixture_actor *a = &f->actors[actor];
    struct fixture_head *head = head_of(a, lane ? lane : &zero);
    struct fixture_record *r = &f->records[f->n_records++];
    struct record_header h = {.kind = kind,
                              .payload_version = 1,
                              .epoch = a->epoch,
                              .seq = head->seq + 1,
                              .claimed = f->now,
                              .deployment = f->deployment,
                              .actor = a->id,
                              .lane = head->lane,
                              .prev = head->prev};
    int rc = record_build(&h, payload, a->sign, &r->bytes, &r->id, NULL);
    assert(rc == 0);
    head->seq++;
    head->prev = r->id;
    return r->id;
}

/* State what `encode` made of `payload`, which is emptied. */
static struct hash state_buf(struct fixture *f, uint32_t actor, uint16_t kind,
                             const struct uid *lane, int rc, struct buf *payload) {
    assert(rc == 0 && !payload->failed);
    struct hash id = fixture_state(f, actor, kind, lane, buf_slice(payload));
    buf_done(payload);
    return id;
}

static struct payload_grant grant_of(const struct fixture_actor *a) {
    struct payload_grant g = {.actor = a->id,
                              .epoch = a->epoch,
                              .sign_key = *key_pair_public(a->sign),
                              .transport_key = *key_pair_public(a->transport),
                              .unit = a->unit};
    return g;
}

static struct unit_fact fact_of(struct uid id, struct uid parent, char *code, char *level,
                                char *name) {
    return (struct unit_fact){.id = id,
                              .parent = parent,
                              .effective = DAY_NONE,
                              .from = DAY_NONE,
                              .until = DAY_NONE,
                              .code = code,
                              .level = level,
                              .kind = empty,
                              .name = name,
                              .group = empty,
                              .contact = empty,
                              .phone = empty};
}

static void state_units(struct fixture *f) {
    static char codes[FIXTURE_UNITS][8], names[FIXTURE_UNITS][16],
        commune[] = "commune", province[] = "province", top[] = "94", top_name[] = "tỉnh Sóc Trăng";
    struct unit_fact facts[1 + FIXTURE_UNITS];
    facts[0] = fact_of(f->province, (struct uid){{0}}, top, province, top_name);
    for (int i = 0; i < FIXTURE_UNITS; i++) {
        snprintf(codes[i], sizeof codes[i], "%d", 1001 + i);
        snprintf(names[i], sizeof names[i], "xã số %d", i + 1);
        facts[1 + i] = fact_of(f->units[i], f->province, codes[i], commune, names[i]);
    }
    struct payload_units p = {1 + FIXTURE_UNITS, facts};
    struct buf b;
    buf_init(&b);
    int rc = payload_units_encode(&p, &b, NULL);
    state_buf(f, FIXTURE_ROOT_HUB, KIND_UNITS, NULL, rc, &b);
}

void fixture_init(struct fixture *f, uint8_t seed) {
    memset(f, 0, sizeof *f);
    f->now = fixture_at("2023-12-01");
    int rc = crypto_start(NULL);
    assert(rc == 0);
    f->province = uid_from(seed, 0xaa);
    for (int i = 0; i < FIXTURE_UNITS; i++)
        f->units[i] = uid_from(seed, (uint8_t)(1 + i));
    add_actor(f, seed, (struct uid){{0}});
    add_actor(f, seed, f->province);
    struct payload_genesis genesis = {.root_key = *key_pair_public(f->actors[0].sign),
                                      .recovery_key = *key_pair_public(f->actors[0].sign),
                                      .root_unit = f->province};
    genesis.recovery_key.b[0] ^= 1; /* nobody has its secret half */
    struct buf b;
    buf_init(&b);
    rc = payload_genesis_encode(&genesis, &b, NULL);
    f->deployment = state_buf(f, FIXTURE_ROOT_KEY, KIND_GENESIS, NULL, rc, &b);
    struct payload_grant grant = grant_of(&f->actors[FIXTURE_ROOT_HUB]);
    rc = payload_grant_encode(&grant, &b, NULL);
    state_buf(f, FIXTURE_ROOT_KEY, KIND_GRANT, NULL, rc, &b);
    state_units(f);
}

void fixture_done(struct fixture *f) {
    for (uint32_t i = 0; i < f->n_actors; i++) {
        key_pair_free(f->actors[i].sign);
        key_pair_free(f->actors[i].transport);
    }
    for (uint32_t i = 0; i < f->n_records; i++)
        buf_done(&f->records[i].bytes);
}

void fixture_go_on(struct fixture *f) {
    struct fixture_actor *a = &f->actors[FIXTURE_ROOT_HUB];
    struct buf b;
    a->epoch++;
    a->n_heads = 0;
    struct payload_grant grant = grant_of(a);
    grant.renewal.b[0] = 1;
    buf_init(&b);
    int rc = payload_grant_encode(&grant, &b, NULL);
    state_buf(f, FIXTURE_ROOT_KEY, KIND_GRANT, NULL, rc, &b);
}

uint32_t fixture_enrol(struct fixture *f, uint32_t hub, struct uid unit, enum role role) {
    uint32_t at = add_actor(f, 0x55, unit);
    struct payload_enrol enrol = {.grant = grant_of(&f->actors[at]), .role = role};
    struct payload_join join = {.sign_key = enrol.grant.sign_key,
                                .transport_key = enrol.grant.transport_key,
                                .role = role,
                                .program = empty};
    struct buf b;
    buf_init(&b);
    join_prove(&enrol, &f->deployment, f->actors[at].sign);
    int rc = payload_enrol_encode(&enrol, &b, NULL);
    state_buf(f, hub, KIND_ENROL, NULL, rc, &b);
    rc = payload_join_encode(&join, &b, NULL);
    state_buf(f, at, KIND_JOIN, &unit, rc, &b);
    return at;
}

void fixture_plan(struct fixture *f) {
    static struct period period;
    static struct due_rule due;
    static struct report_rule rule;
    static struct criterion criteria[3];
    period = (struct period){.id = annual};
    day_from_ymd(2023, 1, 1, &period.begin);
    day_from_ymd(2023, 12, 31, &period.end);
    day_from_ymd(2023, 11, 30, &period.cutoff);
    due = (struct due_rule){.level = empty,
                            .recurrence = DUE_ONCE,
                            .year = 2023,
                            .month = 12,
                            .day = 15,
                            .inclusive = true};
    rule = (struct report_rule){
        .kind = REPORT_ANNUAL, .is_default = true, .n_due = 1, .due = &due, .embedded_in = empty};
    criteria[0] = (struct criterion){
        .id = leaf_c, .leaf = true, .collective = true, .label = {.vi = title, .en = title}};
    criteria[1] = (struct criterion){
        .id = leaf_i, .leaf = true, .individual = true, .label = {.vi = title, .en = title}};
    criteria[2] = criteria[1];
    criteria[2].id = leaf_i2;
    f->plan = (struct campaign){.id = id_campaign,
                                .version = 1,
                                .title = {.vi = title, .en = title},
                                .n_periods = 1,
                                .periods = &period,
                                .n_reports = 1,
                                .reports = &rule,
                                .n_criteria = 2,
                                .criteria = criteria};
}

void fixture_issue(struct fixture *f) {
    struct buf b;
    struct err e = {0};
    buf_init(&b);
    int rc = campaign_encode(&f->plan, &b, &e);
    if (rc != 0) {
        char text[512];
        fprintf(stderr, "%s\n", err_text(&e, NULL, text, sizeof text));
    }
    f->campaign = state_buf(f, FIXTURE_ROOT_HUB, KIND_CAMPAIGN, NULL, rc, &b);
}

static struct hash state_subjects(struct fixture *f, uint32_t actor, struct subjects *s) {
    static char codes[2][8] = {"CB01", "CB02"}, own[8];
    struct uid unit = f->actors[actor].unit;
    snprintf(own, sizeof own, "%d", 1000 + unit.b[UID_BYTES - 1]);
    s->unit = unit;
    s->n = 3;
    s->list[0] = (struct subject){
        .id = unit, .code = own, .kind = SUBJECT_COLLECTIVE, .from = DAY_NONE, .until = DAY_NONE};
    for (int i = 0; i < 2; i++) {
        s->list[1 + i] = (struct subject){.id = unit,
                                          .code = codes[i],
                                          .kind = SUBJECT_INDIVIDUAL,
                                          .from = DAY_NONE,
                                          .until = DAY_NONE};
        s->list[1 + i].id.b[0] ^= (uint8_t)(0x80 + i);
    }
    for (uint32_t i = 0; i < s->n; i++)
        s->list[i].class_id = empty;
    struct buf b;
    buf_init(&b);
    int rc = payload_subjects_encode(s, &b, NULL);
    return state_buf(f, actor, KIND_SUBJECTS, &unit, rc, &b);
}

struct hash fixture_report(struct fixture *f, uint32_t actor, uint32_t revision,
                           enum cell_state collective, const enum cell_state people[2]) {
    struct subject list[3];
    struct subjects subjects = {.list = list};
    struct criteria criteria;
    struct sheet sheet;
    struct arena a;
    struct payload_report p = {.campaign = f->campaign,
                               .period = annual,
                               .kind = REPORT_ANNUAL,
                               .unit = f->actors[actor].unit,
                               .revision = revision,
                               .subjects = state_subjects(f, actor, &subjects)};
    int rc = criteria_resolve(&f->plan, NULL, NULL, &criteria, NULL);
    rc |= sheet_init(&sheet, 3, f->plan.n_criteria, NULL);
    assert(rc == 0);
    sheet_cell(&sheet, 0, 0)->state = (uint8_t)collective;
    sheet_cell(&sheet, 1, 1)->state = (uint8_t)people[0];
    sheet_cell(&sheet, 2, 1)->state = (uint8_t)people[1];
    for (uint32_t i = 0; f->plan.n_criteria > 2 && i < 2; i++)
        sheet_cell(&sheet, 1 + i, 2)->state = people[i] == CELL_MET ? CELL_NOT_MET : CELL_MET;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    rc = payload_report_from_sheet(&sheet, &criteria, &subjects, &a, &p, NULL);
    struct buf b;
    buf_init(&b);
    rc |= payload_report_encode(&p, &b, NULL);
    struct hash id = state_buf(f, actor, KIND_REPORT, &f->actors[actor].unit, rc, &b);
    arena_done(&a);
    sheet_done(&sheet);
    criteria_done(&criteria);
    return id;
}

struct hash fixture_receipt(struct fixture *f, uint32_t hub, uint32_t author, struct hash record,
                            enum receipt_state state, instant at) {
    struct receipt_entry entry = {.record = record,
                                  .received_at = at,
                                  .state = state,
                                  .code = state == RECEIPT_REJECTED ? REJECT_MALFORMED : 0};
    struct payload_receipt p = {f->actors[author].id, 1, 1, &entry};
    struct buf b;
    buf_init(&b);
    int rc = payload_receipt_encode(&p, &b, NULL);
    return state_buf(f, hub, KIND_RECEIPT, &f->actors[author].unit, rc, &b);
}

void fixture_bundle(const struct fixture *f, uint32_t exporter, instant at, struct buf *out) {
    struct bundle_writer *w;
    struct contact_entry contact = {{{1}}, f->units[0], at - 1000, INSTANT_NONE};
    struct bundle_trailer t = {.exported_at = at,
                               .actor = f->actors[exporter].id,
                               .epoch = f->actors[exporter].epoch,
                               .n_contacts = 1,
                               .contacts = &contact};
    int rc = bundle_writer_new(&f->deployment, bundle_sink_buf(out), &w, NULL);
    assert(rc == 0);
    for (uint32_t i = 0; i < f->n_records; i++)
        if (!f->records[i].left_out)
            rc |= bundle_writer_add(w, buf_slice(&f->records[i].bytes), NULL);
    rc |= bundle_writer_end(w, t, f->actors[exporter].sign, NULL);
    assert(rc == 0);
    bundle_writer_free(w);
}
