#include "proto/wire.h"

#include "core/text.h"

#include <string.h>

static uint64_t long_varint(struct reader *r) {
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t b = reader_u8(r);
        v |= (uint64_t)(b & 0x7f) << shift;
        if (b < 0x80)
            return v;
    }
    r->failed = true;
    return 0;
}

static inline uint64_t varint(struct reader *r) {
    if (r->failed || r->left == 0 || r->data[0] >= 0x80)
        return long_varint(r);
    r->left--; /* most are one byte */
    return *r->data++;
}

/* Whether a field `f` (NULL: of no schema) that came as wire type `type`, with `s` in it if that is
 * 2, is for others what protobuf-c made of it. */
static bool same_for_all(const ProtobufCFieldDescriptor *f, unsigned type, struct slice s) {
    if (!f)
        return true;
    if (f->type == PROTOBUF_C_TYPE_BOOL) /* protobuf-c takes any; others pass over all but this */
        return type == 0;
    if (f->type != PROTOBUF_C_TYPE_STRING || s.len == 0)
        return true;
    return text_utf8_prefix(s) == s.len && memchr(s.data, 0, s.len) == NULL;
}

/* The field `number` of `type`; NULL: it has none. Nearly all schemas count from 1 without gaps. */
static const ProtobufCFieldDescriptor *field_of(const ProtobufCMessageDescriptor *type,
                                                unsigned number) {
    if (number - 1u < type->n_fields && type->fields[number - 1].id == number)
        return &type->fields[number - 1];
    return protobuf_c_message_descriptor_get_field(type, number);
}

/*
 * Whether `in`, which protobuf-c took as a `type`, says to others what it says to us: a text that
 * holds U+0000 would end there for us and go on for them, and they refuse one that is not UTF-8
 * even where a later one takes its place, and a field without a number. Schemas are not recursive,
 * so this is no deeper than they are.
 */
static bool plain(const ProtobufCMessageDescriptor *type, struct slice in) {
    struct reader r = reader_of(in);
    bool same = true;
    while (same && r.left > 0 && !r.failed) {
        uint64_t tag = varint(&r);
        struct slice s = {NULL, 0};
        if ((tag & 7) == 0)
            (void)varint(&r);
        else
            s = reader_bytes(&r, (tag & 7) == 2 ? varint(&r) : (tag & 7) == 1 ? 8 : 4);
        const ProtobufCFieldDescriptor *f = field_of(type, (unsigned)(tag >> 3));
        same = tag >> 3 != 0 && tag <= UINT32_MAX && same_for_all(f, (unsigned)(tag & 7), s) &&
               (!f || f->type != PROTOBUF_C_TYPE_MESSAGE || plain(f->descriptor, s));
    }
    return same;
}

int wire_unpack(const ProtobufCMessageDescriptor *type, struct slice in, struct arena *a,
                const char *what, void *ret_message, struct err *e) {
    ProtobufCAllocator allocator = arena_allocator(a);
    ProtobufCMessage *m = protobuf_c_message_unpack(type, &allocator, in.len, in.data);
    if (!m && a->failed && !a->over_cap)
        return err_nomem(e);
    if (!m)
        return err_set(e, ERR_CORRUPT, "%s: the bytes cannot be decoded", err_word(what).text);
    if (!plain(type, in))
        return err_set(e, ERR_CORRUPT,
                       "%s: the bytes are not what every reader would take them for",
                       err_word(what).text);
    memcpy(ret_message, &m, sizeof m);
    return 0;
}

int wire_no_room(const struct arena *a, const char *what, struct err *e) {
    if (!a->over_cap)
        return err_nomem(e);
    return err_set(e, ERR_CORRUPT, "%s: the bytes cannot be decoded", err_word(what).text);
}

int wire_pack(const ProtobufCMessage *message, struct buf *out, struct err *e) {
    size_t n = protobuf_c_message_get_packed_size(message);
    uint8_t *at = buf_extend(out, n);
    if (!at)
        return err_nomem(e);
    protobuf_c_message_pack(message, at);
    return 0;
}

void wire_fail(struct wire_check *c, const char *field) {
    if (c->rc == 0)
        c->rc = err_set(c->e, ERR_CORRUPT, "%s: %s is not as it must be", err_word(c->what).text,
                        field);
}

void wire_bytes(struct wire_check *c, const char *field, ProtobufCBinaryData in, bool optional,
                void *out, size_t n) {
    uint8_t any = 0;
    bool whole = in.len == n;
    for (size_t i = 0; i < n && whole && any == 0 && !optional; i++)
        any = in.data[i];
    wire_require(c, field, optional ? whole || in.len == 0 : any != 0);
    if (whole)
        memcpy(out, in.data, n);
    else
        memset(out, 0, n);
}

/* The length of the UTF-8 sequence at `p` (of `n` bytes), 0 if there is none. */
static size_t sequence(const uint8_t *p, size_t n) {
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = p[0] < 0x80 ? 1 : p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc2 ? 2 : 0;
    if (len == 0 || len > n || p[0] > 0xf4)
        return 0;
    uint32_t c = len == 1 ? p[0] : p[0] & (0xffu >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3f);
    }
    bool control = c < 0x20 ? c != '\n' && c != '\t' : c >= 0x7f && c < 0xa0;
    bool surrogate = c >= 0xd800 && c < 0xe000;
    return c < smallest[len] || c > 0x10ffff || surrogate || control ? 0 : len;
}

void wire_text(struct wire_check *c, const char *field, const char *in, size_t max) {
    size_t n = strlen(in);
    wire_require(c, field, n <= max);
    if (c->rc != 0)
        return;
    for (size_t i = 0; c->rc == 0;) {
        while (in[i] >= 0x20 && in[i] < 0x7f) /* most are: no need to look closer */
            i++;
        if (i == n)
            return;
        size_t len = sequence((const uint8_t *)in + i, n - i);
        wire_require(c, field, len > 0);
        i += len;
    }
}

day wire_day(struct wire_check *c, const char *field, int32_t in) {
    static const int32_t first = -719162, last = 2932896; /* of the years 1 and 9999 */
    wire_require(c, field, in >= first && in <= last + 1);
    return in == 0 ? DAY_NONE : in > 0 ? in - 1 : in;
}

int32_t wire_from_day(day d) {
    return d == DAY_NONE ? 0 : d >= 0 ? d + 1 : d;
}

instant wire_instant(struct wire_check *c, const char *field, int64_t in) {
    wire_require(c, field, in >= INSTANT_MIN && in <= INSTANT_MAX);
    return in;
}

instant wire_instant_or_none(struct wire_check *c, const char *field, int64_t in) {
    return in == 0 ? INSTANT_NONE : wire_instant(c, field, in);
}

int64_t wire_from_instant(instant t) {
    return t == INSTANT_NONE ? 0 : t;
}

ProtobufCBinaryData wire_data(const void *p, size_t n) {
    union {
        const void *in;
        uint8_t *out;
    } u = {.in = p}; /* packing only reads */
    return (ProtobufCBinaryData){n, u.out};
}

ProtobufCBinaryData wire_hash(const struct hash *h) {
    return wire_data(h->b, hash_is_zero(h) ? 0 : HASH_BYTES);
}

ProtobufCBinaryData wire_uid(const struct uid *u) {
    return wire_data(u->b, uid_is_zero(u) ? 0 : UID_BYTES);
}
