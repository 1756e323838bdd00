#include "core/text.h"

#include "core/limits.h"
#include "core/mem.h"

#include <assert.h>
#include <string.h>
#include <utf8proc.h>

#define SHORT_TEXT 256 /* code points decomposed on the stack */

/* One code point at `in` and its length; 0 where `in` is not UTF-8. */
static size_t decode(struct slice in, int32_t *ret_cp) {
    assert(in.len > 0);
    utf8proc_ssize_t n = utf8proc_iterate(in.data, (utf8proc_ssize_t)in.len, ret_cp);
    return n > 0 ? (size_t)n : 0;
}

static struct slice after(struct slice in, size_t n) {
    return (struct slice){in.data + n, in.len - n};
}

/* C0, DEL, C1, and the separators and direction overrides that reorder or break a line. */
static bool is_control(int32_t cp) {
    return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || (cp >= 0x2028 && cp <= 0x202e) ||
           (cp >= 0x2066 && cp <= 0x2069) || cp == 0xfeff;
}

static bool is_plain_ascii(struct slice in) {
    for (size_t i = 0; i < in.len; i++)
        if (in.data[i] < 0x20 || in.data[i] >= 0x7f)
            return false;
    return true;
}

size_t text_utf8_prefix(struct slice in) {
    size_t done = 0;
    while (done < in.len) {
        int32_t cp;
        if (in.data[done] < 0x80) { /* most are, and the library is asked for each otherwise */
            done++;
            continue;
        }
        size_t n = decode(after(in, done), &cp);
        if (n == 0)
            break;
        done += n;
    }
    return done;
}

static int check(struct slice in, bool lines, struct err *e) {
    for (size_t done = 0; done < in.len;) {
        int32_t cp;
        size_t n = decode(after(in, done), &cp);
        if (n == 0)
            return err_set(e, ERR_REFUSED, "byte %zu is not UTF-8: save the text as UTF-8",
                           done + 1);
        if (is_control(cp) && !(lines && cp == '\n'))
            return err_set(e, ERR_REFUSED, "byte %zu begins a control character: remove it",
                           done + 1);
        done += n;
    }
    return 0;
}

/* The code points of `in`, mapped by `options`, into `small` or a block that the caller frees. */
static int decompose(struct slice in, int options, int32_t small[SHORT_TEXT], int32_t **ret_cps,
                     size_t *ret_n, struct err *e) {
    utf8proc_option_t o = (utf8proc_option_t)options;
    utf8proc_ssize_t len = (utf8proc_ssize_t)in.len;
    /* One code point stays free for the NUL that re-encoding adds. */
    utf8proc_ssize_t n = utf8proc_decompose(in.data, len, small, SHORT_TEXT - 1, o);
    if (n < 0)
        return err_set(e, ERR_REFUSED, "byte %zu is not UTF-8: save the text as UTF-8",
                       text_utf8_prefix(in) + 1);
    int32_t *cps = small;
    if (n > SHORT_TEXT - 1) {
        cps = mem_alloc(((size_t)n + 1) * sizeof *cps);
        if (!cps)
            return err_nomem(e);
        n = utf8proc_decompose(in.data, len, cps, n, o);
        assert(n >= 0);
    }
    *ret_cps = cps;
    *ret_n = (size_t)n;
    return 0;
}

/* `in` (UTF-8) decomposed, mapped by `options` and encoded again. */
static int map(struct slice in, int options, char **ret_out, struct err *e) {
    int32_t small[SHORT_TEXT];
    int32_t *cps = NULL;
    size_t n = 0;
    int rc = decompose(in, options, small, &cps, &n, e);
    if (rc)
        return rc;
    for (size_t i = 0; (options & UTF8PROC_CASEFOLD) && i < n; i++)
        if (cps[i] == 0x111)
            cps[i] = 'd';
    utf8proc_ssize_t len = utf8proc_reencode(cps, (utf8proc_ssize_t)n, (utf8proc_option_t)options);
    assert(len >= 0);
    char *out = mem_strndup((const char *)cps, (size_t)len);
    if (cps != small)
        mem_free(cps);
    if (!out)
        return err_nomem(e);
    *ret_out = out;
    return 0;
}

static int normalise(struct slice in, bool lines, char **ret_out, struct err *e) {
    if (!is_plain_ascii(in)) {
        int rc = check(in, lines, e);
        return rc ? rc : map(in, UTF8PROC_STABLE | UTF8PROC_COMPOSE, ret_out, e);
    }
    char *out = mem_strndup(in.len ? (const char *)in.data : "", in.len);
    if (!out)
        return err_nomem(e);
    *ret_out = out;
    return 0;
}

int text_nfc(struct slice in, char **ret_out, struct err *e) {
    return normalise(in, false, ret_out, e);
}

int text_nfc_lines(struct slice in, char **ret_out, struct err *e) {
    return normalise(in, true, ret_out, e);
}

/* Compose `in` within `room`; bytes of UTF-8 that it has there then, below zero where it is none.
 */
static utf8proc_ssize_t compose_in(const char *in, utf8proc_int32_t *room, size_t n) {
    const utf8proc_option_t how = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
    utf8proc_ssize_t points =
        utf8proc_decompose((const utf8proc_uint8_t *)in, (utf8proc_ssize_t)strlen(in), room,
                           (utf8proc_ssize_t)n - 1, how);
    if (points < 0 || points > (utf8proc_ssize_t)n - 1)
        return -1;
    return utf8proc_reencode(room, points, how);
}

bool text_nfc_secret(const char *in, char *out, size_t cap) {
    enum { MOST = 4 }; /* code points that one decomposes into */
    utf8proc_int32_t room[MOST * TEXT_SECRET_BYTES + 1];
    static const char mark[] = "\xef\xbb\xbf";
    if (strncmp(in, mark, sizeof mark - 1) == 0)
        in += sizeof mark - 1;
    utf8proc_ssize_t n =
        strlen(in) <= TEXT_SECRET_BYTES ? compose_in(in, room, sizeof room / sizeof *room) : -1;
    bool fits = n >= 0 && (size_t)n < cap;
    if (fits) {
        memcpy(out, room, (size_t)n);
        out[n] = '\0';
    }
    explicit_bzero(room, sizeof room);
    return fits;
}

/* Length of the blank that `s`, of `n` bytes, begins with (or ends with); 0: none. */
static size_t blank_first(const char *s, size_t n) {
    if (n >= 2 && memcmp(s, "\xc2\xa0", 2) == 0)
        return 2;
    return n >= 1 && *s == ' ';
}

static size_t blank_last(const char *s, size_t n) {
    if (n >= 2 && memcmp(s + n - 2, "\xc2\xa0", 2) == 0)
        return 2;
    return n >= 1 && s[n - 1] == ' ';
}

char *text_trim(char *text) {
    size_t n = strlen(text), blank;
    while ((blank = blank_last(text, n)) > 0)
        n -= blank;
    text[n] = '\0';
    while ((blank = blank_first(text, n)) > 0) {
        text += blank;
        n -= blank;
    }
    return text;
}

int text_fold(struct slice in, char **ret_out, struct err *e) {
    return map(in, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK,
               ret_out, e);
}

size_t text_width(const char *text) {
    size_t width = 0;
    for (struct slice in = slice_str(text); in.len > 0;) {
        int32_t cp;
        size_t n = decode(in, &cp);
        width += n ? (size_t)utf8proc_charwidth(cp) : 1;
        in = after(in, n ? n : 1);
    }
    return width;
}

static bool is_letter(int32_t cp) {
    utf8proc_category_t c = utf8proc_category(cp);
    return c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_LO;
}

/* Letters and digits that may be in a code: each of them is NFC whatever stands beside it. */
static bool is_code_letter(int32_t cp) {
    bool latin = (cp >= 'A' && cp <= 'Z') || (cp >= 'a' && cp <= 'z') ||
                 (cp >= 0xc0 && cp <= 0x24f) || (cp >= 0x1e00 && cp <= 0x1eff);
    return (latin && is_letter(cp)) || (cp >= '0' && cp <= '9');
}

bool text_code_valid(const char *code) {
    struct slice in = slice_str(code);
    if (in.len == 0 || in.len > LIMIT_CODE)
        return false;
    for (size_t done = 0; done < in.len;) {
        int32_t cp = in.data[done];
        size_t n = cp < 0x80 ? 1 : decode(after(in, done), &cp);
        bool joins = done > 0 && (cp == '-' || cp == '_' || cp == '.');
        if (n == 0 || !(is_code_letter(cp) || joins))
            return false;
        done += n;
    }
    return true;
}

int text_code_check(const char *code, struct err *e) {
    if (text_code_valid(code))
        return 0;
    return err_set(e, ERR_REFUSED,
                   "'%s' cannot be a code: write 1 to %u letters and digits, with - _ . between "
                   "them, without spaces",
                   code, LIMIT_CODE);
}
