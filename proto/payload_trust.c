#include "core/limits.h"
#include "core/record.h"
#include "proto/payload.h"
#include "proto/payload_ends.h"

#include <string.h>

const char *role_text(enum role role) {
    switch (role) {
    case ROLE_NODE:
        return "node";
    case ROLE_HUB:
        return "hub";
    }
    return "?";
}

int payload_genesis_encode(const struct payload_genesis *p, struct buf *out, struct err *e) {
    Thidua__Genesis m = THIDUA__GENESIS__INIT;
    m.root_key = wire_data(p->root_key.b, PUBLIC_KEY_BYTES);
    m.recovery_key = wire_data(p->recovery_key.b, PUBLIC_KEY_BYTES);
    m.root_unit = wire_uid(&p->root_unit);
    return wire_pack(&m.base, out, e);
}

int payload_genesis_decode(struct slice in, struct arena *a, struct payload_genesis *ret,
                           struct err *e) {
    Thidua__Genesis *m;
    int rc = wire_unpack(&thidua__genesis__descriptor, in, a, "genesis", &m, e);
    if (rc != 0)
        return rc;
    struct payload_genesis p;
    struct wire_check c = {.what = "genesis", .e = e};
    wire_bytes(&c, "root_key", m->root_key, false, p.root_key.b, PUBLIC_KEY_BYTES);
    wire_bytes(&c, "recovery_key", m->recovery_key, false, p.recovery_key.b, PUBLIC_KEY_BYTES);
    wire_bytes(&c, "root_unit", m->root_unit, false, p.root_unit.b, UID_BYTES);
    if (c.rc == 0)
        *ret = p;
    return c.rc;
}

#define RENEWAL_BYTES (2 * HASH_BYTES + 4 + 2 * PUBLIC_KEY_BYTES + 2 * UID_BYTES)

/* What a proof is made over: everything that `g` says, and where. */
static void renewal_bytes(const struct payload_grant *g, const struct hash *deployment,
                          uint8_t out[RENEWAL_BYTES]) {
    uint8_t epoch[4];
    for (int i = 0; i < 4; i++)
        epoch[i] = (uint8_t)(g->epoch >> (24 - 8 * i));
    const struct slice parts[] = {
        slice_of(deployment->b, HASH_BYTES),
        slice_of(g->actor.b, HASH_BYTES),
        slice_of(epoch, sizeof epoch),
        slice_of(g->sign_key.b, PUBLIC_KEY_BYTES),
        slice_of(g->transport_key.b, PUBLIC_KEY_BYTES),
        slice_of(g->unit.b, UID_BYTES),
        slice_of(g->renewal.b, UID_BYTES),
    };
    size_t at = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; at += parts[i++].len)
        memcpy(out + at, parts[i].data, parts[i].len);
}

void payload_renewal_prove(const struct payload_grant *g, const struct hash *deployment,
                           const struct key_pair *before, uint8_t ret_proof[SIGNATURE_BYTES]) {
    uint8_t bytes[RENEWAL_BYTES];
    renewal_bytes(g, deployment, bytes);
    crypto_sign_tagged(before, TAG_RENEW, slice_of(bytes, sizeof bytes), ret_proof);
}

bool payload_renewal_proven(const struct payload_grant *g, const struct hash *deployment,
                            const struct public_key *before) {
    uint8_t bytes[RENEWAL_BYTES];
    renewal_bytes(g, deployment, bytes);
    return crypto_verify_tagged(before, TAG_RENEW, slice_of(bytes, sizeof bytes), g->proof);
}

int payload_grant_encode(const struct payload_grant *p, struct buf *out, struct err *e) {
    Thidua__Grant m = THIDUA__GRANT__INIT;
    m.actor = wire_hash(&p->actor);
    m.epoch = p->epoch;
    m.sign_key = wire_data(p->sign_key.b, PUBLIC_KEY_BYTES);
    m.transport_key = wire_data(p->transport_key.b, PUBLIC_KEY_BYTES);
    m.unit = wire_uid(&p->unit);
    m.renewal = wire_uid(&p->renewal);
    return wire_pack(&m.base, out, e);
}

int payload_grant_decode(struct slice in, struct arena *a, struct payload_grant *ret,
                         struct err *e) {
    Thidua__Grant *m;
    int rc = wire_unpack(&thidua__grant__descriptor, in, a, "grant", &m, e);
    if (rc != 0)
        return rc;
    struct payload_grant p = {.epoch = m->epoch};
    struct wire_check c = {.what = "grant", .e = e};
    wire_bytes(&c, "actor", m->actor, false, p.actor.b, HASH_BYTES);
    wire_range(&c, "epoch", m->epoch, 1, UINT32_MAX);
    wire_bytes(&c, "sign_key", m->sign_key, false, p.sign_key.b, PUBLIC_KEY_BYTES);
    wire_bytes(&c, "transport_key", m->transport_key, false, p.transport_key.b, PUBLIC_KEY_BYTES);
    wire_bytes(&c, "unit", m->unit, false, p.unit.b, UID_BYTES);
    wire_bytes(&c, "renewal", m->renewal, m->epoch == 1, p.renewal.b, UID_BYTES);
    wire_require(&c, "renewal", m->epoch != 1 || uid_is_zero(&p.renewal));
    if (c.rc == 0)
        *ret = p;
    return c.rc;
}

static int pack_ends(const struct payload_enrol *p, Thidua__Enrol *m, struct buf *out,
                     struct err *e) {
    struct payload_ends ends;
    payload_ends_put(&ends, p->ends, p->n_ends);
    m->n_ends = p->n_ends;
    m->ends = ends.list;
    return wire_pack(&m->base, out, e);
}

int payload_enrol_encode(const struct payload_enrol *p, struct buf *out, struct err *e) {
    Thidua__Enrol m = THIDUA__ENROL__INIT;
    m.actor = wire_hash(&p->grant.actor);
    m.epoch = p->grant.epoch;
    m.sign_key = wire_data(p->grant.sign_key.b, PUBLIC_KEY_BYTES);
    m.transport_key = wire_data(p->grant.transport_key.b, PUBLIC_KEY_BYTES);
    m.unit = wire_uid(&p->grant.unit);
    m.role = p->role;
    m.renewal = wire_uid(&p->grant.renewal);
    m.proof = wire_data(p->grant.proof, SIGNATURE_BYTES);
    if (p->n_ends > LIMIT_LIST)
        return err_set(e, ERR_REFUSED, "an enrolment ends more actors than allowed: %u", p->n_ends);
    return pack_ends(p, &m, out, e);
}

int payload_enrol_decode(struct slice in, struct arena *a, struct payload_enrol *ret,
                         struct err *e) {
    Thidua__Enrol *m;
    int rc = wire_unpack(&thidua__enrol__descriptor, in, a, "enrolment", &m, e);
    if (rc != 0)
        return rc;
    struct payload_enrol p = {
        .grant.epoch = m->epoch, .role = m->role, .n_ends = (uint32_t)m->n_ends};
    struct wire_check c = {.what = "enrolment", .e = e};
    wire_bytes(&c, "actor", m->actor, false, p.grant.actor.b, HASH_BYTES);
    wire_range(&c, "epoch", m->epoch, 1, UINT32_MAX);
    wire_bytes(&c, "sign_key", m->sign_key, false, p.grant.sign_key.b, PUBLIC_KEY_BYTES);
    wire_bytes(&c, "transport_key", m->transport_key, false, p.grant.transport_key.b,
               PUBLIC_KEY_BYTES);
    wire_bytes(&c, "unit", m->unit, false, p.grant.unit.b, UID_BYTES);
    wire_range(&c, "role", m->role, ROLE_NODE, ROLE_HUB);
    wire_bytes(&c, "renewal", m->renewal, m->epoch == 1, p.grant.renewal.b, UID_BYTES);
    wire_bytes(&c, "proof", m->proof, false, p.grant.proof, SIGNATURE_BYTES);
    wire_require(&c, "renewal", m->epoch != 1 || uid_is_zero(&p.grant.renewal));
    p.ends = payload_ends_get(&c, m->ends, m->n_ends, a);
    if (c.rc == 0)
        *ret = p;
    return c.rc;
}

int payload_join_encode(const struct payload_join *p, struct buf *out, struct err *e) {
    Thidua__Join m = THIDUA__JOIN__INIT;
    m.sign_key = wire_data(p->sign_key.b, PUBLIC_KEY_BYTES);
    m.transport_key = wire_data(p->transport_key.b, PUBLIC_KEY_BYTES);
    m.role = p->role;
    m.program = p->program;
    return wire_pack(&m.base, out, e);
}

int payload_join_decode(struct slice in, struct arena *a, struct payload_join *ret, struct err *e) {
    Thidua__Join *m;
    int rc = wire_unpack(&thidua__join__descriptor, in, a, "join", &m, e);
    if (rc != 0)
        return rc;
    struct payload_join p = {.role = m->role, .program = m->program};
    struct wire_check c = {.what = "join", .e = e};
    wire_bytes(&c, "sign_key", m->sign_key, false, p.sign_key.b, PUBLIC_KEY_BYTES);
    wire_bytes(&c, "transport_key", m->transport_key, false, p.transport_key.b, PUBLIC_KEY_BYTES);
    wire_range(&c, "role", m->role, ROLE_NODE, ROLE_HUB);
    wire_text(&c, "program", m->program, LIMIT_NAME);
    if (c.rc == 0)
        *ret = p;
    return c.rc;
}

int payload_join_proven(const struct payload_enrol *p, const struct hash *deployment,
                        bool *ret_proven, struct err *e) {
    const struct payload_grant *g = &p->grant;
    const struct payload_join join = {g->sign_key, g->transport_key, p->role, NULL};
    const struct record_header h = {.kind = KIND_JOIN,
                                    .payload_version = PAYLOAD_VERSION,
                                    .epoch = 1,
                                    .seq = 1,
                                    .deployment = *deployment,
                                    .actor = g->actor,
                                    .lane = g->unit};
    struct buf payload;
    *ret_proven = false;
    buf_init(&payload);
    int rc = payload_join_encode(&join, &payload, e);
    if (rc == 0)
        rc = record_signed(&h, buf_slice(&payload), g->proof, &g->sign_key, ret_proven, e);
    buf_done(&payload);
    return rc;
}
