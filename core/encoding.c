#include "core/encoding.h"

#include "core/text.h"

#include <string.h>

static bool begins(struct slice in, const char *prefix, size_t n) {
    return in.len >= n && memcmp(in.data, prefix, n) == 0;
}

static void put_utf8(struct buf *out, uint32_t cp) {
    uint8_t b[4];
    size_t n = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n; i-- > 1; cp >>= 6)
        b[i] = (uint8_t)(0x80 | (cp & 0x3f));
    b[0] = (uint8_t)(lead[n] | cp);
    buf_put(out, b, n);
}

/* The 16-bit unit at `p`. */
static uint32_t unit_at(const uint8_t *p, bool big) {
    return big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

static int from_utf16(struct slice in, bool big, const char *file, struct buf *out, struct err *e) {
    size_t line = 1;
    for (size_t i = 0; i < in.len; i += 2) {
        uint32_t cp = i + 1 < in.len ? unit_at(in.data + i, big) : 0xdfff;
        if (cp >= 0xd800 && cp < 0xdc00 && i + 3 < in.len) {
            uint32_t low = unit_at(in.data + i + 2, big);
            if (low >= 0xdc00 && low < 0xe000) {
                cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
                i += 2;
            }
        }
        if (cp >= 0xd800 && cp < 0xe000)
            return err_set(e, ERR_REFUSED,
                           "%s, line %zu: the UTF-16 text is damaged or cut off: save it again as "
                           "CSV UTF-8",
                           file, line);
        line += cp == '\n';
        put_utf8(out, cp);
    }
    return out->failed ? err_nomem(e) : 0;
}

static int check_utf8(struct slice text, const char *file, struct err *e) {
    size_t good = text_utf8_prefix(text), line = 1, start = 0;
    if (good == text.len)
        return 0;
    for (size_t i = 0; i < good; i++)
        if (text.data[i] == '\n') {
            line++;
            start = i + 1;
        }
    return err_set(
        e, ERR_REFUSED,
        "%s, line %zu, byte %zu: this is not UTF-8 (an old Vietnamese font or encoding?): "
        "save it as CSV UTF-8",
        file, line, good - start + 1);
}

bool encoding_workbook(struct slice bytes) {
    return begins(bytes, "PK\x03\x04", 4) || begins(bytes, "\xd0\xcf\x11\xe0", 4);
}

int encoding_utf8(struct slice bytes, const char *file, struct buf *scratch, struct slice *ret_text,
                  struct err *e) {
    if (encoding_workbook(bytes))
        return err_set(e, ERR_REFUSED,
                       "%s is a workbook, not CSV: in the spreadsheet choose Save as, CSV UTF-8",
                       file);
    bool little = begins(bytes, "\xff\xfe", 2), big = begins(bytes, "\xfe\xff", 2);
    if (little || big) {
        int rc = from_utf16((struct slice){bytes.data + 2, bytes.len - 2}, big, file, scratch, e);
        if (rc == 0)
            *ret_text = buf_slice(scratch);
        return rc;
    }
    if (begins(bytes, "\xef\xbb\xbf", 3))
        bytes = (struct slice){bytes.data + 3, bytes.len - 3};
    if (bytes.len > 0 && memchr(bytes.data, 0, bytes.len))
        return err_set(e, ERR_REFUSED,
                       "%s holds zero bytes: it is no text, or UTF-16 without its mark: save it as "
                       "CSV UTF-8",
                       file);
    int rc = check_utf8(bytes, file, e);
    if (rc == 0)
        *ret_text = bytes;
    return rc;
}
