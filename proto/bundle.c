#include "proto/bundle.h"

#include "core/limits.h"
#include "core/mem.h"
#include "proto/wire.h"

#include <bundle.pb-c.h>
#include <string.h>

static const uint8_t magic[8] = {'T', 'D', 'B', 'U', 'N', 'D', 'L', 'E'};
#define VERSION 1

/* A trailer of all the contacts that a hub may have. */
#define TRAILER_BYTES_MAX (1024u + LIMIT_CHILDREN * 96u)

struct bundle_writer {
    struct bundle_sink sink;
    struct hash_run *run; /* over everything written so far */
    uint64_t records;
};

static int put_buf(void *arg, struct slice bytes, struct err *e) {
    struct buf *out = arg;
    buf_put(out, bytes.data, bytes.len);
    return out->failed ? err_nomem(e) : 0;
}

struct bundle_sink bundle_sink_buf(struct buf *out) {
    return (struct bundle_sink){out, put_buf};
}

static int put(struct bundle_writer *w, struct slice bytes, struct err *e) {
    hash_run_add(w->run, bytes);
    return w->sink.put(w->sink.arg, bytes, e);
}

static void be32(uint32_t v, uint8_t out[4]) {
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(v >> (24 - 8 * i));
}

static int put_header(struct bundle_writer *w, const struct hash *deployment, struct err *e) {
    uint8_t header[BUNDLE_HEADER_BYTES] = {0};
    memcpy(header, magic, sizeof magic);
    header[sizeof magic + 1] = VERSION;
    memcpy(header + BUNDLE_HEADER_BYTES - HASH_BYTES, deployment->b, HASH_BYTES);
    return put(w, slice_of(header, sizeof header), e);
}

int bundle_writer_new(const struct hash *deployment, struct bundle_sink sink,
                      struct bundle_writer **ret_writer, struct err *e) {
    struct bundle_writer *w = mem_zalloc(1, sizeof *w);
    if (!w)
        return err_nomem(e);
    w->sink = sink;
    int rc = hash_run_new(TAG_BUNDLE, &w->run, e);
    if (rc == 0)
        rc = put_header(w, deployment, e);
    if (rc == 0)
        *ret_writer = w;
    else
        bundle_writer_free(w);
    return rc;
}

int bundle_writer_add(struct bundle_writer *w, struct slice record, struct err *e) {
    if (record.len == 0 || record.len > LIMIT_RECORD)
        return err_set(e, ERR_REFUSED, "a bundle cannot carry a record of %zu bytes", record.len);
    uint8_t length[4];
    be32((uint32_t)record.len, length);
    int rc = put(w, slice_of(length, sizeof length), e);
    if (rc == 0)
        rc = put(w, record, e);
    w->records += rc == 0;
    return rc;
}

static int encode(const struct bundle_trailer *t, struct buf *out, struct err *e) {
    struct arena a;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    Thidua__TrailerContact *contacts = arena_alloc(&a, t->n_contacts * sizeof *contacts);
    Thidua__Trailer m = THIDUA__TRAILER__INIT;
    m.exported_at = t->exported_at;
    m.actor = wire_hash(&t->actor);
    m.epoch = t->epoch;
    m.records = t->records;
    m.content = wire_hash(&t->content);
    m.for_unit = wire_uid(&t->for_unit);
    m.n_contacts = t->n_contacts;
    m.contacts = arena_alloc(&a, t->n_contacts * sizeof *m.contacts);
    int rc = contacts && m.contacts ? 0 : err_nomem(e);
    for (uint32_t i = 0; rc == 0 && i < t->n_contacts; i++) {
        thidua__trailer_contact__init(&contacts[i]);
        contacts[i].actor = wire_hash(&t->contacts[i].actor);
        contacts[i].unit = wire_uid(&t->contacts[i].unit);
        contacts[i].heard_at = wire_from_instant(t->contacts[i].heard_at);
        contacts[i].drained_to = wire_from_instant(t->contacts[i].drained_to);
        m.contacts[i] = &contacts[i];
    }
    if (rc == 0)
        rc = wire_pack(&m.base, out, e);
    arena_done(&a);
    return rc;
}

static int put_trailer(struct bundle_writer *w, struct slice trailer, const struct key_pair *k,
                       struct err *e) {
    struct hash h;
    uint8_t length[4], signature[SIGNATURE_BYTES];
    be32((uint32_t)trailer.len, length);
    crypto_hash_tagged(TAG_TRAILER, trailer, &h);
    crypto_sign_tagged(k, TAG_TRAILER, slice_of(h.b, HASH_BYTES), signature);
    int rc = w->sink.put(w->sink.arg, slice_of(length, sizeof length), e);
    if (rc == 0)
        rc = w->sink.put(w->sink.arg, trailer, e);
    if (rc == 0)
        rc = w->sink.put(w->sink.arg, slice_of(signature, sizeof signature), e);
    return rc;
}

int bundle_writer_end(struct bundle_writer *w, struct bundle_trailer t, const struct key_pair *k,
                      struct err *e) {
    static const uint8_t zero[4];
    int rc = put(w, slice_of(zero, sizeof zero), e);
    if (rc != 0)
        return rc;
    t.records = w->records;
    hash_run_end(w->run, &t.content);
    struct buf trailer;
    buf_init(&trailer);
    rc = encode(&t, &trailer, e);
    if (rc == 0)
        rc = put_trailer(w, buf_slice(&trailer), k, e);
    buf_done(&trailer);
    return rc;
}

void bundle_writer_free(struct bundle_writer *w) {
    if (!w)
        return;
    hash_run_free(w->run);
    mem_free(w);
}

static struct reader at(const struct bundle_reader *r) {
    return reader_of(slice_of(r->all.data + r->at, r->all.len - r->at));
}

int bundle_reader_init(struct slice all, struct bundle_reader *ret_reader, struct err *e) {
    struct bundle_reader b = {.all = all, .at = BUNDLE_HEADER_BYTES};
    struct reader r = reader_of(all);
    struct slice m = reader_bytes(&r, sizeof magic);
    unsigned version = reader_u16(&r), zero = reader_u16(&r);
    reader_copy(&r, b.deployment.b, HASH_BYTES);
    if (r.failed)
        return err_set(e, ERR_CORRUPT,
                       "header: the file is cut at byte %zu, or is no bundle; copy it again",
                       all.len);
    if (!slice_equal(m, slice_of(magic, sizeof magic)) || zero != 0)
        return err_set(e, ERR_CORRUPT, "header: this is no bundle; name a file made by “%s”",
                       "bundle export");
    if (version != VERSION)
        return err_set(e, ERR_CORRUPT,
                       "header: the bundle has version %u, this program reads version %u; use a "
                       "newer program",
                       version, VERSION);
    *ret_reader = b;
    return 0;
}

int bundle_reader_next(struct bundle_reader *r, struct slice *ret_bytes, struct err *e) {
    struct reader in = at(r);
    uint32_t n = reader_u32(&in);
    if (!in.failed && n == 0) {
        r->at += sizeof n;
        return ERR_ABSENT;
    }
    if (!in.failed && n > LIMIT_RECORD)
        return err_set(e, ERR_CORRUPT,
                       "entries: at byte %zu, after %llu records, a record claims %u bytes; the "
                       "rest of the file cannot be read",
                       r->at, (unsigned long long)r->records, n);
    struct slice bytes = reader_bytes(&in, n);
    if (in.failed)
        return err_set(
            e, ERR_CORRUPT,
            "entries: the file is cut inside record %llu, which begins at byte %zu; copy "
            "it again",
            (unsigned long long)r->records + 1, r->at);
    r->entry_at = r->at;
    r->at += sizeof n + n;
    r->records++;
    *ret_bytes = bytes;
    return 0;
}

static int decode_contacts(struct wire_check *c, const Thidua__Trailer *m, struct arena *a,
                           struct bundle_trailer *t) {
    wire_range(c, "contacts", m->n_contacts, 0, LIMIT_CHILDREN);
    if (c->rc != 0)
        return c->rc;
    t->n_contacts = (uint32_t)m->n_contacts;
    t->contacts = arena_alloc(a, m->n_contacts * sizeof *t->contacts);
    if (!t->contacts)
        return c->rc = wire_no_room(a, c->what, c->e);
    for (size_t i = 0; i < m->n_contacts; i++) {
        const Thidua__TrailerContact *in = m->contacts[i];
        struct contact_entry *contact = &t->contacts[i];
        wire_bytes(c, "contacts.actor", in->actor, false, contact->actor.b, HASH_BYTES);
        wire_bytes(c, "contacts.unit", in->unit, false, contact->unit.b, UID_BYTES);
        contact->heard_at = wire_instant_or_none(c, "contacts.heard_at", in->heard_at);
        contact->drained_to = wire_instant_or_none(c, "contacts.drained_to", in->drained_to);
    }
    return c->rc;
}

static int decode(struct slice in, struct arena *a, struct bundle_trailer *ret, struct err *e) {
    Thidua__Trailer *m;
    int rc = wire_unpack(&thidua__trailer__descriptor, in, a, "trailer", &m, e);
    if (rc != 0)
        return rc;
    struct bundle_trailer t = {.epoch = m->epoch, .records = m->records};
    struct wire_check c = {.what = "trailer", .e = e};
    t.exported_at = wire_instant(&c, "exported_at", m->exported_at);
    wire_bytes(&c, "actor", m->actor, false, t.actor.b, HASH_BYTES);
    wire_range(&c, "epoch", m->epoch, 1, UINT32_MAX);
    wire_bytes(&c, "content", m->content, false, t.content.b, HASH_BYTES);
    wire_bytes(&c, "for_unit", m->for_unit, true, t.for_unit.b, UID_BYTES);
    if (c.rc == 0 && decode_contacts(&c, m, a, &t) == 0)
        *ret = t;
    return c.rc;
}

/* Where the trailer lies, when the file ends right after its signature. */
static int find_trailer(const struct bundle_reader *r, struct slice *ret_trailer,
                        struct slice *ret_signature, struct err *e) {
    struct reader in = at(r);
    uint32_t n = reader_u32(&in);
    if (!in.failed && n > TRAILER_BYTES_MAX)
        return err_set(e, ERR_CORRUPT, "trailer: at byte %zu it claims %u bytes", r->at, n);
    struct slice trailer = reader_bytes(&in, n);
    struct slice signature = reader_bytes(&in, SIGNATURE_BYTES);
    if (in.failed)
        return err_set(e, ERR_CORRUPT,
                       "trailer: the file is cut inside it, at byte %zu; copy it again",
                       r->all.len);
    if (in.left > 0)
        return err_set(e, ERR_CORRUPT, "trailer: %zu bytes follow it, from byte %zu on", in.left,
                       r->all.len - in.left);
    *ret_trailer = trailer;
    *ret_signature = signature;
    return 0;
}

int bundle_reader_end(struct bundle_reader *r, struct arena *a, struct bundle_end *ret_end,
                      struct err *e) {
    struct slice trailer, signature = {0};
    struct bundle_end end = {.trailer = {.n_contacts = 0}};
    int rc = find_trailer(r, &trailer, &signature, e);
    if (rc == 0)
        rc = decode(trailer, a, &end.trailer, e);
    if (rc != 0)
        return rc;
    struct hash content;
    crypto_hash_tagged(TAG_BUNDLE, slice_of(r->all.data, r->at), &content);
    if (end.trailer.records != r->records)
        return err_set(e, ERR_CORRUPT, "trailer: it counts %llu records, the file has %llu",
                       (unsigned long long)end.trailer.records, (unsigned long long)r->records);
    if (!hash_equal(&content, &end.trailer.content))
        return err_set(
            e, ERR_CORRUPT,
            "trailer: its hash is not that of the file; something before it was changed");
    crypto_hash_tagged(TAG_TRAILER, trailer, &end.signed_hash);
    memcpy(end.signature, signature.data, SIGNATURE_BYTES);
    *ret_end = end;
    return 0;
}

bool bundle_end_verify(const struct bundle_end *end, const struct public_key *key) {
    return crypto_verify_tagged(key, TAG_TRAILER, slice_of(end->signed_hash.b, HASH_BYTES),
                                end->signature);
}
