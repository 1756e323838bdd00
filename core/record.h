/*
 * Records: what everyone states, signed, in a lane of its author's log.
 *
 * Bytes (big-endian; normative text in proto/PROTOCOL.md):
 *
 *     header, 180 bytes | proof | payload
 *
 *       0  4  magic "TDRC"          24  8  claimed time, ms UTC, signed
 *       4  1  header version = 1    32 32  deployment: id of the genesis record (its own: zero)
 *       5  1  suite                 64 32  actor
 *       6  2  kind                  96 16  lane: a unit's id, or zero
 *       8  2  payload version      112 32  prev: id of seq − 1 of (actor, epoch, lane); zero at 1
 *      10  2  zero                 144  4  payload length
 *      12  4  epoch, from 1        148 32  payload hash
 *      16  8  seq, from 1
 *
 *     proof, suite 1: signature (64) over TAG_SIGN and the header
 *     proof, suite 2: depth d (1, ≤ 16), index (4), path (32 d), signature (64) over TAG_ROOT, root
 *
 * The id is BLAKE2b-256 over TAG_ID and the header. The signature covers the payload's hash, so a
 * record whose payload was erased (nothing after the proof though the length is not zero) still
 * verifies.
 */
#ifndef CORE_RECORD_H
#define CORE_RECORD_H

#include "core/bytes.h"
#include "core/crypto.h"
#include "core/err.h"
#include "core/id.h"
#include "core/instant.h"

#define RECORD_HEADER_BYTES 180
#define SUITE_SIGNED 1
#define SUITE_MERKLE 2

/* Every kind that proto/PROTOCOL.md registers, which says what each means. */
enum record_kind {
    KIND_GENESIS = 1,
    KIND_GRANT = 2,
    KIND_ROTATE = 3,
    KIND_REVOKE = 4,
    KIND_SUCCESSION = 5,
    KIND_ENROL = 16,
    KIND_UNITS = 17,
    KIND_CAMPAIGN = 18,
    KIND_PROFILE = 19,
    KIND_CAMPAIGN_WITHDRAW = 20,
    KIND_CAMPAIGN_ASSIGN = 21,
    KIND_HOLIDAYS = 22,
    KIND_ROLE = 23,
    KIND_JOIN = 32,
    KIND_SUBJECTS = 33,
    KIND_SUBJECT_NAME = 34,
    KIND_REPORT = 35,
    KIND_WITHDRAWAL = 36,
    KIND_REGISTRATION = 37,
    KIND_DOSSIER = 38,
    KIND_EVIDENCE = 39,
    KIND_RECEIPT = 64,
    KIND_RETURN = 65,
    KIND_REVIEW = 66,
    KIND_EXTENSION = 67,
    KIND_APPRAISAL = 68,
    KIND_COUNCIL = 69,
    KIND_DECISION = 70,
    KIND_CONTACT = 80,
    KIND_RANKING = 81,
    KIND_CLOCK_MEND = 82,
    KIND_ADDRESS = 83,
    KIND_VOTE = 84,
    KIND_ERASURE = 96,
};

struct record_header {
    uint8_t suite;
    uint16_t kind; /* enum record_kind, or one that this program does not know */
    uint16_t payload_version;
    uint32_t epoch;
    uint64_t seq;
    instant claimed; /* what the author's clock said: a claim, never trusted */
    struct hash deployment;
    struct hash actor;
    struct uid lane; /* zero: lane 0 */
    struct hash prev;
    uint32_t payload_len;
    struct hash payload_hash;
};

/* A parsed record: the header's values, and views into the bytes that it was parsed from. */
struct record {
    struct record_header h;
    struct hash id;
    struct slice bytes;  /* all of it */
    struct slice header; /* the 180 bytes that id and signature cover */
    struct slice proof;
    struct slice payload; /* empty when erased */
    bool erased;          /* payload_len > 0 and there is no payload */
};

/*
 * Parse `bytes` as one record: bounds, magic, versions, reserved bytes, lengths, the payload's
 * hash. Says nothing of the signature. `ret_record` points into `bytes`. ERR_CORRUPT says what is
 * off.
 */
int record_parse(struct slice bytes, struct record *ret_record, struct err *e);

/* Whether what stands at (`epoch`, `seq`) of a lane comes after what stands at the other place. */
static inline bool record_later(uint32_t epoch, uint64_t seq, uint32_t than_epoch,
                                uint64_t than_seq) {
    return epoch != than_epoch ? epoch > than_epoch : seq > than_seq;
}

/* The kind that `bytes` say they are of, if they are a record; 0 where they are too short. */
uint16_t record_kind_of(struct slice bytes);

/* Whether the proof of `r` holds under `key`. */
bool record_verify(const struct record *r, const struct public_key *key);
/*
 * Whether `signature` is the one that `key` makes under suite 1 of the record with header `h` and
 * `payload`, as record_build would build it: for who has the signature alone.
 */
int record_signed(const struct record_header *h, struct slice payload,
                  const uint8_t signature[SIGNATURE_BYTES], const struct public_key *key,
                  bool *ret_signed, struct err *e);

/*
 * Append to `out` the record with header `h` and `payload`, signed by `k` under suite 1. The length
 * and hash of the payload in `h` are filled in here. `ret_id` gets its id.
 */
int record_build(const struct record_header *h, struct slice payload, const struct key_pair *k,
                 struct buf *out, struct hash *ret_id, struct err *e);

#endif
