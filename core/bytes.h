/*
 * Bytes: views, growing buffers, and a reader, each with one sticky error, big-endian throughout.
 */
#ifndef CORE_BYTES_H
#define CORE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes owned by someone else. */
struct slice {
    const uint8_t *data;
    size_t len;
};

/* A growing buffer. `failed` is sticky: after a failed growth every put is ignored. */
struct buf {
    uint8_t *data;
    size_t len;
    size_t cap;
    bool failed;
};

/* A cursor over a slice. `failed` is sticky: after a read past the end every get gives zero. */
struct reader {
    const uint8_t *data;
    size_t left;
    bool failed;
};

struct slice slice_of(const void *data, size_t len);
struct slice slice_str(const char *s);
bool slice_equal(struct slice a, struct slice b);

/* Start empty; nothing is allocated. */
void buf_init(struct buf *b);
void buf_done(struct buf *b);
void buf_clear(struct buf *b); /* keep the memory, forget content and failure */
struct slice buf_slice(const struct buf *b);
/* The content as an array of whatever was put, one like the other: it is aligned for anything. It
 * is the buffer's, to be freed with it or taken from it. */
static inline void *buf_items(const struct buf *b) {
    return b->data;
}

/* Room for `n` more bytes at the end, counted as written; NULL when failed. */
uint8_t *buf_extend(struct buf *b, size_t n);
void buf_put(struct buf *b, const void *data, size_t n);
void buf_put_u8(struct buf *b, uint8_t v);
void buf_put_u16(struct buf *b, uint16_t v);
void buf_put_u32(struct buf *b, uint32_t v);
void buf_put_u64(struct buf *b, uint64_t v);
/* Text without its NUL. */
void buf_put_str(struct buf *b, const char *s);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The content as a C string: adds a NUL that does not count in len; NULL when failed. */
const char *buf_cstr(struct buf *b);

static inline struct reader reader_of(struct slice s) {
    return (struct reader){s.data, s.len, false};
}
/* The next `n` bytes, in place; an empty slice when failed. */
static inline struct slice reader_bytes(struct reader *r, size_t n) {
    struct slice s = {r->data, n};
    if (r->failed || n > r->left) {
        r->failed = true;
        return (struct slice){NULL, 0};
    }
    if (n > 0) /* there may be no bytes at all */
        r->data += n;
    r->left -= n;
    return s;
}
/* Copy the next `n` bytes to `out`, zeros when failed. */
static inline void reader_copy(struct reader *r, void *out, size_t n) {
    struct slice s = reader_bytes(r, n);
    if (n > 0 && s.data)
        memcpy(out, s.data, n);
    else if (n > 0)
        memset(out, 0, n);
}
static inline uint8_t reader_u8(struct reader *r) {
    struct slice s = reader_bytes(r, 1);
    return s.data ? s.data[0] : 0;
}
uint16_t reader_u16(struct reader *r);
uint32_t reader_u32(struct reader *r);
uint64_t reader_u64(struct reader *r);

/* 2n lower-case hex digits and a NUL into `out`. */
void hex_encode(const uint8_t *data, size_t n, char *out);
/* Exactly 2n hex digits at `text` (of `len` characters) into `out`; false if it is anything else.
 */
bool hex_decode(const char *text, size_t len, uint8_t *out, size_t n);

#endif
