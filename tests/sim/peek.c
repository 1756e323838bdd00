#include "tests/sim/peek.h"

#include "core/crypto.h"

#include <string.h>

#define HEADER 180u
#define SIGNATURE 64u

bool peek_record(struct slice bytes, struct peek_record *ret_record) {
    struct peek_record p = {.bytes = bytes};
    struct hash payload_hash, want;
    struct reader r = reader_of(bytes);
    if (bytes.len < HEADER + SIGNATURE || memcmp(bytes.data, "TDRC\1\1", 6) != 0)
        return false;
    reader_bytes(&r, 6);
    p.kind = reader_u16(&r);
    reader_bytes(&r, 4);
    p.epoch = reader_u32(&r);
    p.seq = reader_u64(&r);
    p.claimed = (instant)reader_u64(&r);
    reader_bytes(&r, 32);
    reader_copy(&r, p.actor.b, HASH_BYTES);
    reader_copy(&r, p.lane.b, UID_BYTES);
    reader_copy(&r, p.prev.b, HASH_BYTES);
    uint32_t length = reader_u32(&r);
    reader_copy(&r, want.b, HASH_BYTES);
    reader_bytes(&r, SIGNATURE);
    p.payload = slice_of(r.data, r.left);
    crypto_hash_tagged(TAG_ID, slice_of(bytes.data, HEADER), &p.id);
    crypto_hash_tagged(TAG_PAYLOAD, p.payload, &payload_hash);
    if (r.failed || p.payload.len != length || !hash_equal(&payload_hash, &want))
        return false;
    *ret_record = p;
    return true;
}

bool peek_id(struct slice bytes, struct hash *ret_id) {
    if (bytes.len < HEADER + SIGNATURE)
        return false;
    crypto_hash_tagged(TAG_ID, slice_of(bytes.data, HEADER), ret_id);
    return true;
}

static uint64_t varint(struct reader *in) {
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t b = reader_u8(in);
        v |= (uint64_t)(b & 0x7f) << shift;
        if (!(b & 0x80))
            return v;
    }
    in->failed = true;
    return 0;
}

bool peek_field(struct reader *in, struct peek_field *ret_field) {
    struct peek_field f = {0};
    if (in->left == 0 || in->failed)
        return false;
    uint64_t key = varint(in);
    f.number = (uint32_t)(key >> 3);
    if ((key & 7) == 0)
        f.value = varint(in);
    else if ((key & 7) == 2)
        f.bytes = reader_bytes(in, varint(in));
    else
        in->failed = true;
    *ret_field = f;
    return !in->failed;
}

int64_t peek_signed(uint64_t value) {
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

bool peek_receipt(struct reader *in, struct peek_receipt *ret_entry) {
    struct peek_field f;
    while (peek_field(in, &f)) {
        if (f.number != 3)
            continue;
        struct peek_receipt e = {0};
        struct reader entry = reader_of(f.bytes);
        while (peek_field(&entry, &f)) {
            if (f.number == 1 && f.bytes.len == HASH_BYTES)
                memcpy(e.record.b, f.bytes.data, HASH_BYTES);
            else if (f.number == 2)
                e.received_at = peek_signed(f.value);
            else if (f.number == 3)
                e.state = (uint32_t)f.value;
            else if (f.number == 4)
                e.code = (uint32_t)f.value;
            else if (f.number == 6)
                e.clock_doubt = f.value != 0;
        }
        *ret_entry = e;
        return true;
    }
    return false;
}

unsigned peek_frame(struct slice frame, struct reader *ret_body) {
    if (frame.len < 5 || memcmp(frame.data, "TDF\1", 4) != 0)
        return 0;
    *ret_body = reader_of(slice_of(frame.data + 5, frame.len - 5));
    return frame.data[4];
}

bool peek_frame_record(unsigned type, struct reader *body, struct slice *ret_record) {
    struct peek_field f;
    while (peek_field(body, &f))
        if (f.number == (type == PEEK_JOINED ? 1 : 3)) {
            *ret_record = f.bytes;
            return true;
        }
    return false;
}

void peek_ack(struct reader body, struct peek_part *ret_ack) {
    struct peek_field f;
    *ret_ack = (struct peek_part){.position = 0};
    while (peek_field(&body, &f)) {
        if (f.number == 1 && f.bytes.len == UID_BYTES)
            memcpy(ret_ack->stream.b, f.bytes.data, UID_BYTES);
        else if (f.number == 2)
            ret_ack->position = f.value;
        else if (f.number == 5)
            ret_ack->size = f.value;
    }
}

void peek_part(struct reader body, struct peek_part *ret_part) {
    struct peek_field f;
    *ret_part = (struct peek_part){.position = 0};
    while (peek_field(&body, &f)) {
        if (f.number == 1 && f.bytes.len == UID_BYTES)
            memcpy(ret_part->stream.b, f.bytes.data, UID_BYTES);
        else if (f.number == 2)
            ret_part->position = f.value;
        else if (f.number == 3)
            ret_part->offset = f.value;
        else if (f.number == 4)
            ret_part->size = f.value;
        else if (f.number == 5)
            ret_part->bytes = f.bytes;
    }
}
