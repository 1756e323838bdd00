#include "proto/payload_act.h"

#include "core/limits.h"
#include "proto/payload_ends.h"

const char *payload_act_words(const struct act_reason *r) {
    return r->code == ACT_REASON_WORDS && r->n_args == 1 ? r->args[0] : NULL;
}

static Thidua__Reason put_reason(const struct act_reason *r) {
    Thidua__Reason m = THIDUA__REASON__INIT;
    m.code = r->code;
    m.n_args = r->n_args;
    m.args = r->args;
    return m;
}

static void get_reason(struct wire_check *c, const Thidua__Reason *m, struct act_reason *out) {
    wire_require(c, "reason", m && m->code != 0);
    if (!m || c->rc != 0)
        return;
    wire_range(c, "reason.args", m->n_args, 0, ACT_REASON_ARGS);
    for (size_t i = 0; c->rc == 0 && i < m->n_args; i++)
        wire_text(c, "reason.args", m->args[i], LIMIT_TEXT);
    if (c->rc == 0 && m->code == ACT_REASON_WORDS)
        wire_require(c, "reason.args", m->n_args == 1 && m->args[0][0] != '\0');
    *out = (struct act_reason){m->code, (uint32_t)m->n_args, m->args};
}

/* An id that has to be there. */
static void get_id(struct wire_check *c, const char *field, const char *in) {
    wire_text(c, field, in, LIMIT_CODE);
    wire_require(c, field, in[0] != '\0');
}

int payload_revoke_encode(const struct payload_revoke *p, struct buf *out, struct err *e) {
    Thidua__Revoke m = THIDUA__REVOKE__INIT;
    Thidua__Reason reason = put_reason(&p->reason);
    struct payload_ends ends;
    if (p->n_ends > LIMIT_LIST)
        return err_set(e, ERR_REFUSED, "a revocation ends more lanes than allowed: %u", p->n_ends);
    payload_ends_put(&ends, p->ends, p->n_ends);
    m.actor = wire_hash(&p->actor);
    m.n_ends = p->n_ends;
    m.ends = ends.list;
    m.reason = &reason;
    return wire_pack(&m.base, out, e);
}

int payload_revoke_decode(struct slice in, struct arena *a, struct payload_revoke *ret,
                          struct err *e) {
    Thidua__Revoke *m;
    int rc = wire_unpack(&thidua__revoke__descriptor, in, a, "revocation", &m, e);
    if (rc != 0)
        return rc;
    struct wire_check c = {.what = "revocation", .e = e};
    struct payload_revoke p = {.n_ends = (uint32_t)m->n_ends};
    wire_bytes(&c, "actor", m->actor, false, p.actor.b, HASH_BYTES);
    wire_range(&c, "ends", m->n_ends, 1, LIMIT_LIST);
    get_reason(&c, m->reason, &p.reason);
    p.ends = payload_ends_get(&c, m->ends, m->n_ends, a);
    for (uint32_t i = 0; c.rc == 0 && i < p.n_ends; i++)
        wire_require(&c, "ends.actor", hash_equal(&p.ends[i].actor, &p.actor));
    if (c.rc == 0)
        *ret = p;
    return c.rc;
}

int payload_campaign_withdraw_encode(const struct payload_campaign_withdraw *p, struct buf *out,
                                     struct err *e) {
    Thidua__CampaignWithdraw m = THIDUA__CAMPAIGN_WITHDRAW__INIT;
    Thidua__Reason reason = put_reason(&p->reason);
    m.campaign = p->campaign;
    m.from = p->from;
    m.reason = &reason;
    return wire_pack(&m.base, out, e);
}

int payload_campaign_withdraw_decode(struct slice in, struct arena *a,
                                     struct payload_campaign_withdraw *ret, struct err *e) {
    Thidua__CampaignWithdraw *m;
    int rc = wire_unpack(&thidua__campaign_withdraw__descriptor, in, a, "campaign-withdraw", &m, e);
    if (rc != 0)
        return rc;
    struct wire_check c = {.what = "campaign-withdraw", .e = e};
    struct payload_campaign_withdraw p = {.campaign = m->campaign};
    get_id(&c, "campaign", m->campaign);
    p.from = wire_instant(&c, "from", m->from);
    get_reason(&c, m->reason, &p.reason);
    if (c.rc == 0)
        *ret = p;
    return c.rc;
}

int payload_campaign_assign_encode(const struct payload_campaign_assign *p, struct buf *out,
                                   struct err *e) {
    Thidua__CampaignAssign m = THIDUA__CAMPAIGN_ASSIGN__INIT;
    Thidua__Reason reason = put_reason(&p->reason);
    m.campaign = p->campaign;
    m.unit = wire_uid(&p->unit);
    m.exempt = p->exempt;
    m.from = wire_from_day(p->from);
    m.until = wire_from_day(p->until);
    m.reason = &reason;
    return wire_pack(&m.base, out, e);
}

int payload_campaign_assign_decode(struct slice in, struct arena *a,
                                   struct payload_campaign_assign *ret, struct err *e) {
    Thidua__CampaignAssign *m;
    int rc = wire_unpack(&thidua__campaign_assign__descriptor, in, a, "campaign-assign", &m, e);
    if (rc != 0)
        return rc;
    struct wire_check c = {.what = "campaign-assign", .e = e};
    struct payload_campaign_assign p = {.campaign = m->campaign, .exempt = m->exempt};
    get_id(&c, "campaign", m->campaign);
    wire_bytes(&c, "unit", m->unit, false, p.unit.b, UID_BYTES);
    p.from = wire_day(&c, "from", m->from);
    p.until = wire_day(&c, "until", m->until);
    get_reason(&c, m->reason, &p.reason);
    if (c.rc == 0)
        *ret = p;
    return c.rc;
}

int payload_withdrawal_encode(const struct payload_withdrawal *p, struct buf *out, struct err *e) {
    Thidua__Withdrawal m = THIDUA__WITHDRAWAL__INIT;
    Thidua__Reason reason = put_reason(&p->reason);
    m.record = wire_hash(&p->record);
    m.reason = &reason;
    return wire_pack(&m.base, out, e);
}

int payload_withdrawal_decode(struct slice in, struct arena *a, struct payload_withdrawal *ret,
                              struct err *e) {
    Thidua__Withdrawal *m;
    int rc = wire_unpack(&thidua__withdrawal__descriptor, in, a, "withdrawal", &m, e);
    if (rc != 0)
        return rc;
    struct wire_check c = {.what = "withdrawal", .e = e};
    struct payload_withdrawal p;
    wire_bytes(&c, "record", m->record, false, p.record.b, HASH_BYTES);
    get_reason(&c, m->reason, &p.reason);
    if (c.rc == 0)
        *ret = p;
    return c.rc;
}

int payload_extension_encode(const struct payload_extension *p, struct buf *out, struct err *e) {
    Thidua__Extension m = THIDUA__EXTENSION__INIT;
    Thidua__Reason reason = put_reason(&p->reason);
    m.issuer = wire_uid(&p->issuer);
    m.campaign = p->campaign;
    m.period = p->period;
    m.kind = p->kind;
    m.until = p->until;
    m.scope = p->scope;
    m.under = wire_uid(&p->under);
    m.group = p->group;
    m.reason = &reason;
    return wire_pack(&m.base, out, e);
}

int payload_extension_decode(struct slice in, struct arena *a, struct payload_extension *ret,
                             struct err *e) {
    Thidua__Extension *m;
    int rc = wire_unpack(&thidua__extension__descriptor, in, a, "extension", &m, e);
    if (rc != 0)
        return rc;
    struct wire_check c = {.what = "extension", .e = e};
    struct payload_extension p = {.campaign = m->campaign, .period = m->period, .group = m->group};
    wire_bytes(&c, "issuer", m->issuer, false, p.issuer.b, UID_BYTES);
    get_id(&c, "campaign", m->campaign);
    get_id(&c, "period", m->period);
    wire_range(&c, "kind", m->kind, 1, REPORT_KINDS);
    wire_range(&c, "scope", m->scope, ACT_SCOPE_UNIT, ACT_SCOPE_GROUP);
    wire_bytes(&c, "under", m->under, m->scope != ACT_SCOPE_UNDER, p.under.b, UID_BYTES);
    wire_text(&c, "group", m->group, LIMIT_NAME);
    p.until = wire_instant(&c, "until", m->until);
    get_reason(&c, m->reason, &p.reason);
    p.kind = m->kind;
    p.scope = m->scope;
    if (c.rc == 0)
        *ret = p;
    return c.rc;
}

int payload_clock_mend_encode(const struct payload_clock_mend *p, struct buf *out, struct err *e) {
    Thidua__ClockMend m = THIDUA__CLOCK_MEND__INIT;
    Thidua__Reason reason = put_reason(&p->reason);
    ProtobufCBinaryData records[LIMIT_LIST];
    if (p->n_records > LIMIT_LIST)
        return err_set(e, ERR_REFUSED, "a mended clock names more records than allowed: %u",
                       p->n_records);
    for (uint32_t i = 0; i < p->n_records; i++)
        records[i] = wire_hash(&p->records[i]);
    m.actor = wire_hash(&p->actor);
    m.from = p->from;
    m.until = p->until;
    m.shift = p->shift_ms;
    m.n_records = p->n_records;
    m.records = records;
    m.reason = &reason;
    return wire_pack(&m.base, out, e);
}

/* What is mended is an instant again, whatever it was in the span. */
static void get_span(struct wire_check *c, const Thidua__ClockMend *m,
                     struct payload_clock_mend *p) {
    p->from = wire_instant(c, "from", m->from);
    p->until = wire_instant(c, "until", m->until);
    wire_require(c, "until", c->rc != 0 || p->from < p->until);
    wire_require(c, "shift", m->shift >= -LIMIT_CLOCK_SHIFT_MS && m->shift <= LIMIT_CLOCK_SHIFT_MS);
    if (c->rc != 0)
        return;
    (void)wire_instant(c, "shift", m->from + m->shift);
    (void)wire_instant(c, "shift", m->until + m->shift);
    p->shift_ms = m->shift;
}

int payload_clock_mend_decode(struct slice in, struct arena *a, struct payload_clock_mend *ret,
                              struct err *e) {
    Thidua__ClockMend *m;
    int rc = wire_unpack(&thidua__clock_mend__descriptor, in, a, "clock-mend", &m, e);
    if (rc != 0)
        return rc;
    struct wire_check c = {.what = "clock-mend", .e = e};
    struct payload_clock_mend p = {.n_records = (uint32_t)m->n_records};
    wire_bytes(&c, "actor", m->actor, false, p.actor.b, HASH_BYTES);
    get_span(&c, m, &p);
    wire_range(&c, "records", m->n_records, 0, LIMIT_LIST);
    get_reason(&c, m->reason, &p.reason);
    if (c.rc != 0)
        return c.rc;
    p.records = arena_alloc(a, (m->n_records + 1) * sizeof *p.records);
    if (!p.records)
        return wire_no_room(a, "clock-mend", e);
    for (size_t i = 0; i < m->n_records; i++)
        wire_bytes(&c, "records", m->records[i], false, p.records[i].b, HASH_BYTES);
    if (c.rc == 0)
        *ret = p;
    return c.rc;
}
