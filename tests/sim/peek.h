/*
 * The checker's own eyes: records, receipts and frames read straight from their documented bytes,
 * without the product's decoders, so that one mistake cannot hide in both.
 */
#ifndef TESTS_SIM_PEEK_H
#define TESTS_SIM_PEEK_H

#include "core/bytes.h"
#include "core/id.h"
#include "core/instant.h"

struct peek_record {
    struct hash id, actor, prev;
    struct uid lane;
    uint16_t kind;
    uint32_t epoch;
    uint64_t seq;
    instant claimed;
    struct slice bytes, payload;
};
/* The record at `bytes` (suite 1); false if it is too short or carries another payload than it
 * says. */
bool peek_record(struct slice bytes, struct peek_record *ret_record);

/* The id alone of the record at `bytes`; false if it is too short. */
bool peek_id(struct slice bytes, struct hash *ret_id);

#define PEEK_HEAD_BYTES 244u /* of a record of suite 1, before its payload */

/* Kinds of records, as PROTOCOL.md numbers them. */
#define PEEK_GENESIS 1u
#define PEEK_GRANT 2u
#define PEEK_ENROL 16u
#define PEEK_UNITS 17u
#define PEEK_JOIN 32u
#define PEEK_REPORT 35u
#define PEEK_WITHDRAWAL 36u
#define PEEK_RECEIPT 64u

/* One field of a protobuf message. */
struct peek_field {
    uint32_t number;
    uint64_t value;     /* of a varint */
    struct slice bytes; /* of a length-delimited one */
};
/* Take the next field off `in`; false at its end, or where it is broken (`in` is then failed). */
bool peek_field(struct reader *in, struct peek_field *ret_field);
int64_t peek_signed(uint64_t value); /* a sint64 */

/* What one entry of a receipt says. */
struct peek_receipt {
    struct hash record;
    instant received_at;
    uint32_t state, code;
    bool clock_doubt;
};
/* The next entry of the receipt whose payload `in` reads; false when there is none. */
bool peek_receipt(struct reader *in, struct peek_receipt *ret_entry);

#define PEEK_RECORDS 3u
#define PEEK_ACK 4u
#define PEEK_JOINED 6u
#define PEEK_PART 11u
/* The type of `frame`, whose body `ret_body` then reads; 0 if it is no frame. */
unsigned peek_frame(struct slice frame, struct reader *ret_body);
/* The next record of the body of a frame of `type`, which carries some: RECORDS or JOINED. */
bool peek_frame_record(unsigned type, struct reader *body, struct slice *ret_record);
/* What the body of an ACK says, or of a PART. */
struct peek_part {
    struct uid stream;
    uint64_t position;
    uint64_t offset, size; /* PART; of an ACK's record after `position` so much is durable: size */
    struct slice bytes;    /* PART */
};
void peek_ack(struct reader body, struct peek_part *ret_ack);
void peek_part(struct reader body, struct peek_part *ret_part);

#endif
