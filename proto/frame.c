#include "proto/frame.h"

#include "core/limits.h"
#include "proto/wire.h"

#include <frames.pb-c.h>
#include <string.h>

static const uint8_t magic[4] = {'T', 'D', 'F', 1};
#define FRAME_HEAD_BYTES (sizeof magic + 1)
#define REFUSED_ARGS_MAX 4u

/* ---- encoding ---- */

static int pack_heads(const struct frame_greeting *g, struct arena *a, size_t *ret_n,
                      Thidua__Head ***ret_list, struct err *e) {
    Thidua__Head *heads = arena_alloc(a, g->n_heads * sizeof *heads);
    Thidua__Head **list = arena_alloc(a, g->n_heads * sizeof *list);
    if (!heads || !list)
        return err_nomem(e);
    for (uint32_t i = 0; i < g->n_heads; i++) {
        const struct lane_head *in = &g->heads[i];
        thidua__head__init(&heads[i]);
        heads[i].actor = wire_hash(&in->actor);
        heads[i].epoch = in->epoch;
        heads[i].lane = wire_uid(&in->lane);
        heads[i].seq = in->seq;
        heads[i].id = wire_hash(&in->id);
        list[i] = &heads[i];
    }
    *ret_n = g->n_heads;
    *ret_list = list;
    return 0;
}

static int encode_hello(const struct frame_greeting *g, struct arena *a, struct buf *out,
                        struct err *e) {
    Thidua__Hello m = THIDUA__HELLO__INIT;
    m.version_min = g->version_min;
    m.version_max = g->version_max;
    m.features = g->features;
    m.deployment = wire_hash(&g->deployment);
    m.actor = wire_hash(&g->actor);
    m.epoch = g->epoch;
    m.outbox = wire_uid(&g->outbox);
    m.outbox_end = g->outbox_position;
    m.inbox = wire_uid(&g->inbox);
    m.inbox_position = g->inbox_position;
    m.inbox_digest = wire_uid(&g->digest);
    m.inbox_part = g->part;
    m.clock = g->clock;
    m.program = g->program;
    int rc = pack_heads(g, a, &m.n_heads, &m.heads, e);
    return rc == 0 ? wire_pack(&m.base, out, e) : rc;
}

static int encode_welcome(const struct frame_greeting *g, struct arena *a, struct buf *out,
                          struct err *e) {
    Thidua__Welcome m = THIDUA__WELCOME__INIT;
    m.version = g->version_max;
    m.features = g->features;
    m.actor = wire_hash(&g->actor);
    m.outbox_position = g->outbox_position;
    m.outbox_digest = wire_uid(&g->digest);
    m.outbox_part = g->part;
    m.credits = g->credits;
    m.inbox = wire_uid(&g->inbox);
    m.inbox_position = g->inbox_position;
    m.inbox_end = g->inbox_end;
    m.clock = g->clock;
    m.program = g->program;
    int rc = pack_heads(g, a, &m.n_heads, &m.heads, e);
    return rc == 0 ? wire_pack(&m.base, out, e) : rc;
}

static int encode_records(const struct frame *f, struct arena *a, struct buf *out, struct err *e) {
    const struct frame_records *r = &f->u.records;
    ProtobufCBinaryData *list = arena_alloc(a, r->n * sizeof *list);
    if (!list)
        return err_nomem(e);
    for (uint32_t i = 0; i < r->n; i++)
        list[i] = wire_data(r->records[i].data, r->records[i].len);
    Thidua__Records records = THIDUA__RECORDS__INIT;
    Thidua__JoinAnswer joined = THIDUA__JOIN_ANSWER__INIT;
    if (f->type == FRAME_JOINED) {
        joined.n_records = r->n;
        joined.records = list;
        return wire_pack(&joined.base, out, e);
    }
    records.stream = wire_uid(&r->stream);
    records.first = r->first;
    records.end = r->end;
    records.n_records = r->n;
    records.records = list;
    return wire_pack(&records.base, out, e);
}

static int encode_ack(const struct frame_ack *in, struct buf *out, struct err *e) {
    Thidua__Ack m = THIDUA__ACK__INIT;
    m.stream = wire_uid(&in->stream);
    m.position = in->position;
    m.credits = in->credits;
    m.end = in->end;
    m.part = in->part;
    return wire_pack(&m.base, out, e);
}

static int encode_join(const struct frame_join *in, struct buf *out, struct err *e) {
    Thidua__JoinRequest m = THIDUA__JOIN_REQUEST__INIT;
    m.token = wire_data(in->token, sizeof in->token);
    m.record = wire_data(in->record.data, in->record.len);
    return wire_pack(&m.base, out, e);
}

static int encode_refused(const struct frame_refused *in, struct buf *out, struct err *e) {
    Thidua__Refused m = THIDUA__REFUSED__INIT;
    m.code = in->code;
    m.n_args = in->n_args;
    m.args = in->args;
    return wire_pack(&m.base, out, e);
}

static int encode_ping(const struct frame_ping *in, struct buf *out, struct err *e) {
    Thidua__Ping m = THIDUA__PING__INIT;
    m.nonce = in->nonce;
    m.clock = in->clock;
    m.stream = wire_uid(&in->stream);
    m.end = in->end;
    return wire_pack(&m.base, out, e);
}

static int encode_renew(const struct frame_renew *in, struct buf *out, struct err *e) {
    static const struct public_key none;
    Thidua__Renew m = THIDUA__RENEW__INIT;
    m.epoch = in->epoch;
    m.sign_key = wire_data(in->sign_key.b, PUBLIC_KEY_BYTES);
    m.renewal = wire_uid(&in->renewal);
    m.proof = wire_data(in->proof, SIGNATURE_BYTES);
    if (!crypto_equal(in->transport_key.b, none.b, PUBLIC_KEY_BYTES))
        m.transport_key = wire_data(in->transport_key.b, PUBLIC_KEY_BYTES);
    return wire_pack(&m.base, out, e);
}

static int encode_part(const struct frame_part *in, struct buf *out, struct err *e) {
    Thidua__Part m = THIDUA__PART__INIT;
    m.stream = wire_uid(&in->stream);
    m.position = in->position;
    m.offset = in->offset;
    m.size = in->size;
    m.bytes = wire_data(in->bytes.data, in->bytes.len);
    m.end = in->end;
    return wire_pack(&m.base, out, e);
}

static int encode_body(const struct frame *f, struct arena *a, struct buf *out, struct err *e) {
    switch (f->type) {
    case FRAME_HELLO:
        return encode_hello(&f->u.greeting, a, out, e);
    case FRAME_WELCOME:
        return encode_welcome(&f->u.greeting, a, out, e);
    case FRAME_RECORDS:
    case FRAME_JOINED:
        return encode_records(f, a, out, e);
    case FRAME_ACK:
        return encode_ack(&f->u.ack, out, e);
    case FRAME_JOIN:
        return encode_join(&f->u.join, out, e);
    case FRAME_REFUSED:
        return encode_refused(&f->u.refused, out, e);
    case FRAME_PING:
    case FRAME_PONG:
        return encode_ping(&f->u.ping, out, e);
    case FRAME_RENEW:
        return encode_renew(&f->u.renew, out, e);
    case FRAME_PART:
        return encode_part(&f->u.part, out, e);
    }
    return err_set(e, ERR_REFUSED, "unknown frame type %d", (int)f->type);
}

int frame_encode(const struct frame *f, struct buf *out, struct err *e) {
    struct arena a;
    arena_init(&a, FRAME_ARENA_BYTES);
    size_t start = out->len;
    buf_put(out, magic, sizeof magic);
    buf_put_u8(out, (uint8_t)f->type);
    int rc = encode_body(f, &a, out, e);
    arena_done(&a);
    if (rc == 0 && out->failed)
        rc = err_nomem(e);
    if (rc == 0 && out->len - start > LIMIT_FRAME)
        rc = err_set(e, ERR_REFUSED, "a frame of %zu bytes is longer than the protocol allows",
                     out->len - start);
    if (rc != 0)
        out->len = start;
    return rc;
}

/* ---- decoding ---- */

static void get_heads(struct wire_check *c, struct arena *a, size_t n, Thidua__Head **in,
                      struct frame_greeting *g) {
    wire_range(c, "heads", n, 0, LIMIT_HEADS);
    if (c->rc != 0)
        return;
    g->n_heads = (uint32_t)n;
    g->heads = arena_alloc(a, n * sizeof *g->heads);
    if (!g->heads) {
        c->rc = wire_no_room(a, c->what, c->e);
        return;
    }
    for (size_t i = 0; c->rc == 0 && i < n; i++) {
        struct lane_head *out = &g->heads[i];
        wire_bytes(c, "heads.actor", in[i]->actor, false, out->actor.b, HASH_BYTES);
        wire_bytes(c, "heads.lane", in[i]->lane, true, out->lane.b, UID_BYTES);
        wire_bytes(c, "heads.id", in[i]->id, false, out->id.b, HASH_BYTES);
        wire_range(c, "heads.epoch", in[i]->epoch, 1, UINT32_MAX);
        wire_range(c, "heads.seq", in[i]->seq, 1, UINT64_MAX);
        out->epoch = in[i]->epoch;
        out->seq = in[i]->seq;
    }
}

static int decode_hello(struct slice in, struct arena *a, struct frame_greeting *g, struct err *e) {
    Thidua__Hello *m;
    int rc = wire_unpack(&thidua__hello__descriptor, in, a, "hello", &m, e);
    if (rc != 0)
        return rc;
    struct wire_check c = {.what = "hello", .e = e};
    wire_range(&c, "version_min", m->version_min, 1, m->version_max);
    g->version_min = m->version_min;
    g->version_max = m->version_max;
    g->features = m->features;
    wire_bytes(&c, "deployment", m->deployment, false, g->deployment.b, HASH_BYTES);
    wire_bytes(&c, "actor", m->actor, false, g->actor.b, HASH_BYTES);
    wire_range(&c, "epoch", m->epoch, 1, UINT32_MAX);
    g->epoch = m->epoch;
    wire_bytes(&c, "outbox", m->outbox, false, g->outbox.b, UID_BYTES);
    g->outbox_position = m->outbox_end;
    wire_bytes(&c, "inbox", m->inbox, true, g->inbox.b, UID_BYTES);
    g->inbox_position = m->inbox_position;
    wire_bytes(&c, "inbox_digest", m->inbox_digest, true, g->digest.b, UID_BYTES);
    g->part = m->inbox_part;
    g->clock = wire_instant(&c, "clock", m->clock);
    wire_text(&c, "program", g->program = m->program, LIMIT_NAME);
    get_heads(&c, a, m->n_heads, m->heads, g);
    return c.rc;
}

static int decode_welcome(struct slice in, struct arena *a, struct frame_greeting *g,
                          struct err *e) {
    Thidua__Welcome *m;
    int rc = wire_unpack(&thidua__welcome__descriptor, in, a, "welcome", &m, e);
    if (rc != 0)
        return rc;
    struct wire_check c = {.what = "welcome", .e = e};
    wire_range(&c, "version", m->version, 1, UINT32_MAX);
    g->version_min = g->version_max = m->version;
    g->features = m->features;
    wire_bytes(&c, "actor", m->actor, false, g->actor.b, HASH_BYTES);
    g->outbox_position = m->outbox_position;
    wire_bytes(&c, "outbox_digest", m->outbox_digest, true, g->digest.b, UID_BYTES);
    g->part = m->outbox_part;
    g->credits = m->credits;
    wire_bytes(&c, "inbox", m->inbox, false, g->inbox.b, UID_BYTES);
    g->inbox_position = m->inbox_position;
    g->inbox_end = m->inbox_end;
    g->clock = wire_instant(&c, "clock", m->clock);
    wire_text(&c, "program", g->program = m->program, LIMIT_NAME);
    get_heads(&c, a, m->n_heads, m->heads, g);
    return c.rc;
}

/* `n` records of the wire as slices in `a`. */
static void get_records(struct wire_check *c, struct arena *a, size_t n, ProtobufCBinaryData *in,
                        struct frame_records *out) {
    wire_range(c, "records", n, 1, LIMIT_BATCH_RECORDS);
    if (c->rc != 0)
        return;
    out->n = (uint32_t)n;
    out->records = arena_alloc(a, n * sizeof *out->records);
    if (!out->records) {
        c->rc = wire_no_room(a, c->what, c->e);
        return;
    }
    for (size_t i = 0; c->rc == 0 && i < n; i++) {
        wire_range(c, "records", in[i].len, 1, LIMIT_RECORD);
        out->records[i] = slice_of(in[i].data, in[i].len);
    }
}

static int decode_records(struct slice in, struct arena *a, struct frame_records *out,
                          struct err *e) {
    Thidua__Records *m;
    int rc = wire_unpack(&thidua__records__descriptor, in, a, "records", &m, e);
    if (rc != 0)
        return rc;
    struct wire_check c = {.what = "records", .e = e};
    wire_bytes(&c, "stream", m->stream, false, out->stream.b, UID_BYTES);
    wire_range(&c, "first", m->first, 1, UINT64_MAX - LIMIT_BATCH_RECORDS);
    out->first = m->first;
    out->end = m->end;
    get_records(&c, a, m->n_records, m->records, out);
    return c.rc;
}

static int decode_joined(struct slice in, struct arena *a, struct frame_records *out,
                         struct err *e) {
    Thidua__JoinAnswer *m;
    int rc = wire_unpack(&thidua__join_answer__descriptor, in, a, "join answer", &m, e);
    if (rc != 0)
        return rc;
    struct wire_check c = {.what = "join answer", .e = e};
    get_records(&c, a, m->n_records, m->records, out);
    return c.rc;
}

static int decode_renew(struct slice in, struct arena *a, struct frame_renew *out, struct err *e) {
    Thidua__Renew *m;
    int rc = wire_unpack(&thidua__renew__descriptor, in, a, "renewal", &m, e);
    if (rc != 0)
        return rc;
    struct wire_check c = {.what = "renewal", .e = e};
    wire_range(&c, "epoch", m->epoch, 2, UINT32_MAX);
    out->epoch = m->epoch;
    wire_bytes(&c, "sign_key", m->sign_key, false, out->sign_key.b, PUBLIC_KEY_BYTES);
    wire_bytes(&c, "renewal", m->renewal, false, out->renewal.b, UID_BYTES);
    wire_bytes(&c, "proof", m->proof, false, out->proof, SIGNATURE_BYTES);
    wire_bytes(&c, "transport_key", m->transport_key, true, out->transport_key.b, PUBLIC_KEY_BYTES);
    return c.rc;
}

static int decode_ack(struct slice in, struct arena *a, struct frame_ack *out, struct err *e) {
    Thidua__Ack *m;
    int rc = wire_unpack(&thidua__ack__descriptor, in, a, "ack", &m, e);
    if (rc != 0)
        return rc;
    struct wire_check c = {.what = "ack", .e = e};
    wire_bytes(&c, "stream", m->stream, false, out->stream.b, UID_BYTES);
    out->position = m->position;
    out->credits = m->credits;
    out->end = m->end;
    out->part = m->part;
    return c.rc;
}

static int decode_part(struct slice in, struct arena *a, struct frame_part *out, struct err *e) {
    Thidua__Part *m;
    int rc = wire_unpack(&thidua__part__descriptor, in, a, "part", &m, e);
    if (rc != 0)
        return rc;
    struct wire_check c = {.what = "part", .e = e};
    wire_bytes(&c, "stream", m->stream, false, out->stream.b, UID_BYTES);
    wire_range(&c, "position", m->position, 1, UINT64_MAX - LIMIT_BATCH_RECORDS);
    wire_range(&c, "size", m->size, 1, LIMIT_RECORD);
    wire_range(&c, "bytes", m->bytes.len, 1, LIMIT_BATCH_BYTES);
    wire_range(&c, "offset", (uint64_t)m->offset + m->bytes.len, 1, m->size);
    out->position = m->position;
    out->offset = m->offset;
    out->size = m->size;
    out->bytes = slice_of(m->bytes.data, m->bytes.len);
    out->end = m->end;
    return c.rc;
}

static int decode_join(struct slice in, struct arena *a, struct frame_join *out, struct err *e) {
    Thidua__JoinRequest *m;
    int rc = wire_unpack(&thidua__join_request__descriptor, in, a, "join", &m, e);
    if (rc != 0)
        return rc;
    struct wire_check c = {.what = "join", .e = e};
    wire_bytes(&c, "token", m->token, false, out->token, sizeof out->token);
    wire_range(&c, "record", m->record.len, 1, LIMIT_RECORD);
    out->record = slice_of(m->record.data, m->record.len);
    return c.rc;
}

static int decode_refused(struct slice in, struct arena *a, struct frame_refused *out,
                          struct err *e) {
    Thidua__Refused *m;
    int rc = wire_unpack(&thidua__refused__descriptor, in, a, "refusal", &m, e);
    if (rc != 0)
        return rc;
    struct wire_check c = {.what = "refusal", .e = e};
    wire_range(&c, "args", m->n_args, 0, REFUSED_ARGS_MAX);
    for (size_t i = 0; c.rc == 0 && i < m->n_args; i++)
        wire_text(&c, "args", m->args[i], LIMIT_NAME);
    *out = (struct frame_refused){m->code, (uint32_t)m->n_args, m->args};
    return c.rc;
}

static int decode_ping(struct slice in, struct arena *a, struct frame_ping *out, struct err *e) {
    Thidua__Ping *m;
    int rc = wire_unpack(&thidua__ping__descriptor, in, a, "ping", &m, e);
    if (rc != 0)
        return rc;
    struct wire_check c = {.what = "ping", .e = e};
    struct frame_ping ping = {
        .nonce = m->nonce, .clock = wire_instant(&c, "clock", m->clock), .end = m->end};
    wire_bytes(&c, "stream", m->stream, true, ping.stream.b, UID_BYTES);
    if (c.rc == 0)
        *out = ping;
    return c.rc;
}

int frame_decode(struct slice in, struct arena *a, struct frame *ret_frame, struct err *e) {
    if (in.len < FRAME_HEAD_BYTES || in.len > LIMIT_FRAME ||
        memcmp(in.data, magic, sizeof magic) != 0)
        return err_set(e, ERR_CORRUPT, "not a frame of this protocol");
    struct frame f = {.type = in.data[sizeof magic]};
    struct slice body = slice_of(in.data + FRAME_HEAD_BYTES, in.len - FRAME_HEAD_BYTES);
    int rc = ERR_CORRUPT;
    switch (f.type) {
    case FRAME_HELLO:
        rc = decode_hello(body, a, &f.u.greeting, e);
        break;
    case FRAME_WELCOME:
        rc = decode_welcome(body, a, &f.u.greeting, e);
        break;
    case FRAME_RECORDS:
        rc = decode_records(body, a, &f.u.records, e);
        break;
    case FRAME_ACK:
        rc = decode_ack(body, a, &f.u.ack, e);
        break;
    case FRAME_JOIN:
        rc = decode_join(body, a, &f.u.join, e);
        break;
    case FRAME_JOINED:
        rc = decode_joined(body, a, &f.u.records, e);
        break;
    case FRAME_REFUSED:
        rc = decode_refused(body, a, &f.u.refused, e);
        break;
    case FRAME_PING:
    case FRAME_PONG:
        rc = decode_ping(body, a, &f.u.ping, e);
        break;
    case FRAME_RENEW:
        rc = decode_renew(body, a, &f.u.renew, e);
        break;
    case FRAME_PART:
        rc = decode_part(body, a, &f.u.part, e);
        break;
    }
    if (rc == 0)
        *ret_frame = f;
    else
        err_set(e, rc, "unknown frame type %d", (int)f.type);
    return rc;
}
