/*
 * Every codec of foreign protobuf bytes behind one name: decode, and encode again what was
 * understood. For fuzzing and for the comparison with another implementation.
 */
#ifndef TESTS_FUZZ_CODEC_H
#define TESTS_FUZZ_CODEC_H

#include "core/bytes.h"
#include "core/err.h"

#include <stdint.h>

#define CODEC_FRAME 0u /* a whole sync frame, instead of a payload */

/* The kinds that have a codec, CODEC_FRAME among them. */
extern const uint16_t codec_kinds[];
extern const uint32_t codec_n;

/* Heap bytes that decoding `kind` may hold at most: its arena, of which a block may lie half idle,
 * and what a campaign is copied into. */
size_t codec_memory_max(uint16_t kind);

/*
 * Decode `in` as `kind` and append what was understood, encoded, to `out`. Below zero when it is
 * refused. `ret_decoded` (NULL is accepted) tells whether it was the decoding that went well.
 */
int codec_round(uint16_t kind, struct slice in, struct buf *out, bool *ret_decoded, struct err *e);

#endif
