#include "core/bytes.h"

#include "core/mem.h"

#include <endian.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct slice slice_of(const void *data, size_t len) {
    return (struct slice){data, len};
}

struct slice slice_str(const char *s) {
    return (struct slice){(const uint8_t *)s, strlen(s)};
}

bool slice_equal(struct slice a, struct slice b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

void buf_init(struct buf *b) {
    *b = (struct buf){0};
}

void buf_done(struct buf *b) {
    mem_free(b->data);
    *b = (struct buf){0};
}

void buf_clear(struct buf *b) {
    b->len = 0;
    b->failed = false;
}

struct slice buf_slice(const struct buf *b) {
    return (struct slice){b->data, b->len};
}

static bool reserve(struct buf *b, size_t n) {
    if (b->failed || n > SIZE_MAX / 2 - b->len) {
        b->failed = true;
        return false;
    }
    if (b->cap > 0 && b->len + n <= b->cap) /* even room for nothing is a place */
        return true;
    size_t cap = b->cap ? b->cap : 64;
    while (cap < b->len + n)
        cap *= 2;
    uint8_t *data = mem_realloc(b->data, cap);
    if (!data) {
        b->failed = true;
        return false;
    }
    b->data = data;
    b->cap = cap;
    return true;
}

uint8_t *buf_extend(struct buf *b, size_t n) {
    if (!reserve(b, n))
        return NULL;
    uint8_t *at = b->data + b->len;
    b->len += n;
    return at;
}

void buf_put(struct buf *b, const void *data, size_t n) {
    if (n == 0)
        return;
    if (!b->failed && n <= b->cap - b->len) { /* much is put together of small pieces */
        memcpy(b->data + b->len, data, n);
        b->len += n;
        return;
    }
    uint8_t *at = buf_extend(b, n);
    if (at)
        memcpy(at, data, n);
}

/* The low `n` bytes of `v`, most significant first. */
static void put_be(struct buf *b, uint64_t v, size_t n) {
    uint8_t *at = buf_extend(b, n);
    for (size_t i = 0; at && i < n; i++)
        at[i] = (uint8_t)(v >> (8 * (n - 1 - i)));
}

void buf_put_u8(struct buf *b, uint8_t v) {
    put_be(b, v, 1);
}

void buf_put_u16(struct buf *b, uint16_t v) {
    put_be(b, v, 2);
}

void buf_put_u32(struct buf *b, uint32_t v) {
    put_be(b, v, 4);
}

void buf_put_u64(struct buf *b, uint64_t v) {
    put_be(b, v, 8);
}

void buf_put_str(struct buf *b, const char *s) {
    buf_put(b, s, strlen(s));
}

void buf_printf(struct buf *b, const char *format, ...) {
    va_list ap, again;
    va_start(ap, format);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, format, ap);
    va_end(ap);
    if (n < 0 || !reserve(b, (size_t)n + 1)) {
        b->failed = true;
    } else {
        (void)vsnprintf((char *)b->data + b->len, (size_t)n + 1, format, again);
        b->len += (size_t)n;
    }
    va_end(again);
}

const char *buf_cstr(struct buf *b) {
    if (!reserve(b, 1))
        return NULL;
    b->data[b->len] = '\0';
    return (const char *)b->data;
}

uint16_t reader_u16(struct reader *r) {
    uint16_t v = 0;
    struct slice s = reader_bytes(r, sizeof v);
    if (s.data)
        memcpy(&v, s.data, sizeof v);
    return be16toh(v);
}

uint32_t reader_u32(struct reader *r) {
    uint32_t v = 0;
    struct slice s = reader_bytes(r, sizeof v);
    if (s.data)
        memcpy(&v, s.data, sizeof v);
    return be32toh(v);
}

uint64_t reader_u64(struct reader *r) {
    uint64_t v = 0;
    struct slice s = reader_bytes(r, sizeof v);
    if (s.data)
        memcpy(&v, s.data, sizeof v);
    return be64toh(v);
}

void hex_encode(const uint8_t *data, size_t n, char *out) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[data[i] >> 4];
        out[2 * i + 1] = digits[data[i] & 15];
    }
    out[2 * n] = '\0';
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool hex_decode(const char *text, size_t len, uint8_t *out, size_t n) {
    if (len != 2 * n)
        return false;
    for (size_t i = 0; i < n; i++) {
        int hi = hex_digit(text[2 * i]), lo = hex_digit(text[2 * i + 1]);
        if (hi < 0 || lo < 0)
            return false;
        out[i] = (uint8_t)(hi << 4 | lo);
    }
    return true;
}
