/*
 * Bundles: records in a file, for a USB stick, an e-mail, or whoever wants to verify them. The file
 * is never trusted: each record proves itself, and the trailer proves that none is missing.
 *
 *     magic "TDBUNDLE" (8) | version = 1 (2) | zero (2) | deployment (32)
 *     for each record: its length (4, ≥ 1) | its bytes
 *     zero (4)
 *     length of the trailer (4) | trailer, the message of proto/bundle.proto | signature (64)
 *
 * Integers are big-endian. `content` in the trailer is BLAKE2b-256 over TAG_BUNDLE and everything
 * before the trailer's length. The signature is over TAG_TRAILER and the trailer's own hash under
 * that tag, by the exporter's key of the epoch that the trailer names. Nothing follows.
 *
 * No file is touched here: a writer hands bytes to a sink, a reader walks over a slice.
 */
#ifndef PROTO_BUNDLE_H
#define PROTO_BUNDLE_H

#include "core/crypto.h"
#include "core/err.h"
#include "core/instant.h"
#include "proto/arena.h"
#include "proto/payload.h"

#define BUNDLE_HEADER_BYTES 44

struct bundle_trailer {
    instant exported_at;
    struct hash actor;
    uint32_t epoch;
    uint64_t records;    /* filled in by the writer */
    struct hash content; /* filled in by the writer */
    struct uid for_unit; /* zero: for anyone */
    uint32_t n_contacts;
    struct contact_entry *contacts; /* INSTANT_NONE where not known */
};

/* Where a writer's bytes go: 0, or what it returns ends the writing. */
struct bundle_sink {
    void *arg;
    int (*put)(void *arg, struct slice bytes, struct err *e);
};
/* A sink that appends to `out`. */
struct bundle_sink bundle_sink_buf(struct buf *out);

struct bundle_writer; /* opaque */

/* Begin a bundle of `deployment` in `sink`: its header is written. bundle_writer_free ends it. */
int bundle_writer_new(const struct hash *deployment, struct bundle_sink sink,
                      struct bundle_writer **ret_writer, struct err *e);
/* Write `record` next. Causal order lets a reader take them one by one. */
int bundle_writer_add(struct bundle_writer *w, struct slice record, struct err *e);
/* Write the trailer `t`, with its count and hash filled in, signed by `k`. Nothing may follow. */
int bundle_writer_end(struct bundle_writer *w, struct bundle_trailer t, const struct key_pair *k,
                      struct err *e);
/* NULL is accepted. A writer freed before its end leaves a cut file, which every reader refuses. */
void bundle_writer_free(struct bundle_writer *w);

/* A walk over a bundle in memory. */
struct bundle_reader {
    struct slice all;
    size_t at;        /* byte that is read next */
    uint64_t records; /* entries read so far */
    size_t entry_at;  /* byte at which the entry read last begins, its length in */
    struct hash deployment;
};

/* Start at the first record of `all`; ERR_CORRUPT if there is no header of a bundle. */
int bundle_reader_init(struct slice all, struct bundle_reader *ret_reader, struct err *e);
/*
 * The bytes of the next entry, inside the bundle; nothing of them is checked but their number.
 * ERR_ABSENT after the last one, with nothing in `e`. ERR_CORRUPT names the byte from which on the
 * entries cannot be told apart; then there is no going on.
 */
int bundle_reader_next(struct bundle_reader *r, struct slice *ret_bytes, struct err *e);

/* A trailer with what its signature covers. */
struct bundle_end {
    struct bundle_trailer trailer; /* lives in the arena */
    struct hash signed_hash;
    uint8_t signature[SIGNATURE_BYTES];
};
/*
 * After the last entry: read the trailer into `ret_end`, in `a`. ERR_CORRUPT names what is off: the
 * file is cut, bytes follow it, the trailer does not decode, or its hash or count is not that of
 * the file. Whether the signature holds is asked of bundle_end_verify.
 */
int bundle_reader_end(struct bundle_reader *r, struct arena *a, struct bundle_end *ret_end,
                      struct err *e);
bool bundle_end_verify(const struct bundle_end *end, const struct public_key *key);

#endif
