/*
 * The few steps that every codec takes: unpack into an arena, pack onto a buffer, and check lengths
 * and text of single fields. For codecs only.
 */
#ifndef PROTO_WIRE_H
#define PROTO_WIRE_H

#include "core/bytes.h"
#include "core/err.h"
#include "core/id.h"
#include "core/instant.h"
#include "proto/arena_pb.h"

/* `in` as a message of `type`, in `a`; ERR_CORRUPT names `what` it should have been. */
int wire_unpack(const ProtobufCMessageDescriptor *type, struct slice in, struct arena *a,
                const char *what, void *ret_message, struct err *e);
/* `a` gave no room while `what` was decoded: foreign bytes that ask for too much are at fault
 * themselves (ERR_CORRUPT), and only want of memory is ours (ERR_NOMEM). */
int wire_no_room(const struct arena *a, const char *what, struct err *e);
/* Append `message` to `out`. */
int wire_pack(const ProtobufCMessage *message, struct buf *out, struct err *e);

/* A checker of fields: the first that is off sticks, and is named in the error. */
struct wire_check {
    const char *what; /* the message */
    struct err *e;
    int rc;
};
/* Exactly `n` bytes that are not all zero; with `optional` also none or zeros, which give zeros. */
void wire_bytes(struct wire_check *c, const char *field, ProtobufCBinaryData in, bool optional,
                void *out, size_t n);
/* UTF-8 of at most `max` bytes, without control characters other than newline and tab. */
void wire_text(struct wire_check *c, const char *field, const char *in, size_t max);
/* The day that is written as `in`: 0 is DAY_NONE, those from 1970 on are moved up by one. */
day wire_day(struct wire_check *c, const char *field, int32_t in);
int32_t wire_from_day(day d);
/* `in` itself, which must lie in the years 1 to 9999. */
instant wire_instant(struct wire_check *c, const char *field, int64_t in);
/* The same, where 0 stands for INSTANT_NONE: it never was. wire_from_instant writes it so. */
instant wire_instant_or_none(struct wire_check *c, const char *field, int64_t in);
int64_t wire_from_instant(instant t);
/* Make the check fail at `field`, if nothing before it did. */
void wire_fail(struct wire_check *c, const char *field);
/* Make the check fail at `field` unless `ok`. */
static inline void wire_require(struct wire_check *c, const char *field, bool ok) {
    if (!ok)
        wire_fail(c, field);
}
static inline void wire_range(struct wire_check *c, const char *field, uint64_t v, uint64_t min,
                              uint64_t max) {
    wire_require(c, field, v >= min && v <= max);
}

/* Bytes of an id for packing; empty if it is zero. */
ProtobufCBinaryData wire_hash(const struct hash *h);
ProtobufCBinaryData wire_uid(const struct uid *u);
ProtobufCBinaryData wire_data(const void *p, size_t n);

#endif
