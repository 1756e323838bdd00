#include "core/record.h"

#include "core/limits.h"
#include "core/world.h"

#include <string.h>

static const uint8_t magic[4] = {'T', 'D', 'R', 'C'};

static_assert(4 + 1 + 1 + 2 + 2 + 2 + 4 + 8 + 8 + 32 + 32 + 16 + 32 + 4 + 32 == RECORD_HEADER_BYTES,
              "the header is what the drawing says");

static int corrupt(struct err *e, const char *what) {
    return err_set(e, ERR_CORRUPT, "not a record: %s", err_word(what).text);
}

static int parse_header(struct slice bytes, struct record_header *h, struct err *e) {
    struct reader r = reader_of(bytes);
    uint8_t m[4];
    reader_copy(&r, m, sizeof m);
    uint8_t version = reader_u8(&r);
    h->suite = reader_u8(&r);
    h->kind = reader_u16(&r);
    h->payload_version = reader_u16(&r);
    uint16_t reserved = reader_u16(&r);
    h->epoch = reader_u32(&r);
    h->seq = reader_u64(&r);
    h->claimed = (instant)reader_u64(&r);
    reader_copy(&r, h->deployment.b, HASH_BYTES);
    reader_copy(&r, h->actor.b, HASH_BYTES);
    reader_copy(&r, h->lane.b, UID_BYTES);
    reader_copy(&r, h->prev.b, HASH_BYTES);
    h->payload_len = reader_u32(&r);
    reader_copy(&r, h->payload_hash.b, HASH_BYTES);
    if (r.failed)
        return corrupt(e, N_("shorter than a header"));
    if (memcmp(m, magic, sizeof magic) != 0 || version != 1)
        return corrupt(e, N_("unknown magic or header version"));
    if (reserved != 0 || h->epoch == 0 || h->seq == 0 || h->kind == 0 || h->claimed < INSTANT_MIN ||
        h->claimed > INSTANT_MAX)
        return corrupt(e, N_("a header field is out of range"));
    if ((h->seq == 1) != hash_is_zero(&h->prev))
        return corrupt(e, N_("the first of a lane has no predecessor, every other has one"));
    if (h->payload_len > LIMIT_PAYLOAD)
        return corrupt(e, N_("the payload is longer than allowed"));
    return 0;
}

/* How long the proof is that starts `rest`; 0 if there is none of that suite. */
static size_t proof_size(uint8_t suite, struct slice rest) {
    if (suite == SUITE_SIGNED)
        return SIGNATURE_BYTES;
    if (suite != SUITE_MERKLE || rest.len < 1 || rest.data[0] > LIMIT_MERKLE_DEPTH)
        return 0;
    return 1 + 4 + (size_t)rest.data[0] * HASH_BYTES + SIGNATURE_BYTES;
}

uint16_t record_kind_of(struct slice bytes) {
    struct reader r = reader_of(bytes);
    reader_bytes(&r, sizeof magic + 2); /* version, suite */
    uint16_t kind = reader_u16(&r);
    return r.failed ? 0 : kind;
}

int record_parse(struct slice bytes, struct record *ret_record, struct err *e) {
    struct record r = {.bytes = bytes};
    if (bytes.len > LIMIT_RECORD)
        return corrupt(e, N_("longer than allowed"));
    int rc = parse_header(bytes, &r.h, e);
    if (rc != 0)
        return rc;
    r.header = slice_of(bytes.data, RECORD_HEADER_BYTES);
    struct slice rest = slice_of(bytes.data + RECORD_HEADER_BYTES, bytes.len - RECORD_HEADER_BYTES);
    size_t proof = proof_size(r.h.suite, rest);
    if (proof == 0 || rest.len < proof)
        return corrupt(e, N_("unknown suite, or the proof is cut short"));
    r.proof = slice_of(rest.data, proof);
    r.payload = slice_of(rest.data + proof, rest.len - proof);
    r.erased = r.payload.len == 0 && r.h.payload_len > 0;
    if (!r.erased && r.payload.len != r.h.payload_len)
        return corrupt(e, N_("the payload is not as long as the header says"));
    if (!r.erased) {
        struct hash h;
        crypto_hash_tagged(TAG_PAYLOAD, r.payload, &h);
        if (!hash_equal(&h, &r.h.payload_hash))
            return corrupt(e, N_("the payload is not the one that was signed"));
    }
    crypto_hash_tagged(TAG_ID, r.header, &r.id);
    *ret_record = r;
    return 0;
}

/* The Merkle root that a suite 2 proof leads to from `id`; false if the index is out of its tree.
 */
static bool merkle_root(const struct record *r, struct hash *ret_root) {
    struct reader in = reader_of(r->proof);
    unsigned depth = reader_u8(&in);
    uint32_t index = reader_u32(&in);
    if (index >> depth != 0)
        return false;
    struct hash at, next;
    crypto_merkle_leaf(&r->id, &at);
    for (unsigned i = 0; i < depth; i++) {
        struct hash sibling;
        reader_copy(&in, sibling.b, HASH_BYTES);
        if (index >> i & 1)
            crypto_merkle_node(&sibling, &at, &next);
        else
            crypto_merkle_node(&at, &sibling, &next);
        at = next;
    }
    *ret_root = at;
    return !in.failed;
}

bool record_verify(const struct record *r, const struct public_key *key) {
    const uint8_t *signature = r->proof.data + r->proof.len - SIGNATURE_BYTES;
    if (r->h.suite == SUITE_SIGNED)
        return crypto_verify_tagged(key, TAG_SIGN, r->header, signature);
    struct hash root;
    return merkle_root(r, &root) &&
           crypto_verify_tagged(key, TAG_ROOT, slice_of(root.b, HASH_BYTES), signature);
}

static void put_header(const struct record_header *h, struct buf *out) {
    buf_put(out, magic, sizeof magic);
    buf_put_u8(out, 1);
    buf_put_u8(out, h->suite);
    buf_put_u16(out, h->kind);
    buf_put_u16(out, h->payload_version);
    buf_put_u16(out, 0);
    buf_put_u32(out, h->epoch);
    buf_put_u64(out, h->seq);
    buf_put_u64(out, (uint64_t)h->claimed);
    buf_put(out, h->deployment.b, HASH_BYTES);
    buf_put(out, h->actor.b, HASH_BYTES);
    buf_put(out, h->lane.b, UID_BYTES);
    buf_put(out, h->prev.b, HASH_BYTES);
    buf_put_u32(out, h->payload_len);
    buf_put(out, h->payload_hash.b, HASH_BYTES);
}

/* `h` of a record of suite 1 with `payload`. */
static struct record_header header_of(const struct record_header *h, struct slice payload) {
    struct record_header full = *h;
    full.suite = SUITE_SIGNED;
    full.payload_len = (uint32_t)payload.len;
    crypto_hash_tagged(TAG_PAYLOAD, payload, &full.payload_hash);
    return full;
}

int record_signed(const struct record_header *h, struct slice payload,
                  const uint8_t signature[SIGNATURE_BYTES], const struct public_key *key,
                  bool *ret_signed, struct err *e) {
    const struct record_header full = header_of(h, payload);
    struct buf header;
    buf_init(&header);
    put_header(&full, &header);
    int rc = header.failed ? err_nomem(e) : 0;
    *ret_signed = rc == 0 && crypto_verify_tagged(key, TAG_SIGN, buf_slice(&header), signature);
    buf_done(&header);
    return rc;
}

/* Take back what was begun at `start`. */
static int unbuilt(struct buf *out, size_t start, struct err *e) {
    out->len = start;
    return err_nomem(e);
}

int record_build(const struct record_header *h, struct slice payload, const struct key_pair *k,
                 struct buf *out, struct hash *ret_id, struct err *e) {
    if (payload.len > LIMIT_PAYLOAD)
        return err_set(e, ERR_REFUSED, "too much for one record: %zu bytes, at most %u",
                       payload.len, LIMIT_PAYLOAD);
    const struct record_header full = header_of(h, payload);
    struct hash id;
    size_t start = out->len;
    put_header(&full, out);
    if (out->failed)
        return unbuilt(out, start, e);
    uint8_t signature[SIGNATURE_BYTES];
    struct slice header = slice_of(out->data + start, RECORD_HEADER_BYTES);
    crypto_hash_tagged(TAG_ID, header, &id);
    crypto_sign_tagged(k, TAG_SIGN, header, signature);
    buf_put(out, signature, sizeof signature);
    buf_put(out, payload.data, payload.len);
    if (out->failed)
        return unbuilt(out, start, e);
    *ret_id = id;
    return 0;
}
