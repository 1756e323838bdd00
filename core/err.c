#include "core/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define WORD_MARK                                                                                  \
    '\x01' /* before an argument that is a msgid itself: no text from outside has it */

/* One conversion of a msgid: how wide it is in the text and what it takes. */
struct conversion {
    size_t len;      /* bytes from '%' to the letter, included */
    unsigned number; /* explicit position (1..), 0 where none is given */
    char type;       /* 's' 'd' 'u', 'z' size_t, 'L' long long, 'U' unsigned long long, '%' */
};

static struct conversion parse(const char *p) {
    struct conversion c = {1, 0, 0};
    const char *start = p++;
    unsigned number = 0;
    const char *digits = p;
    while (*p >= '0' && *p <= '9' && p - digits < 2)
        number = number * 10 + (unsigned)(*p++ - '0');
    if (*p == '$' && number > 0) {
        c.number = number;
        p++;
    }
    int longs = 0;
    bool size = false;
    for (; *p == 'l' || *p == 'z'; p++) {
        longs += *p == 'l';
        size |= *p == 'z';
    }
    if (*p == 'd')
        c.type = longs == 2 ? 'L' : 'd';
    else if (*p == 'u')
        c.type = size ? 'z' : longs == 2 ? 'U' : 'u';
    else if (*p == 's' || *p == '%')
        c.type = *p;
    c.len = (size_t)(p - start) + (*p != '\0');
    return c;
}

/* Copy `text` into `out`, cut at a UTF-8 boundary. */
static void put_text(char out[ERR_ARG_BYTES], const char *text) {
    size_t n = strlen(text);
    if (n >= ERR_ARG_BYTES) {
        n = ERR_ARG_BYTES - 1;
        while (n > 0 && ((unsigned char)text[n] & 0xc0u) == 0x80u)
            n--;
    }
    memcpy(out, text, n);
    out[n] = '\0';
}

static void put_arg(char out[ERR_ARG_BYTES], char type, va_list *ap) {
    switch (type) {
    case 's': {
        const char *s = va_arg(*ap, const char *);
        put_text(out, s ? s : "-");
        break;
    }
    case 'd':
        snprintf(out, ERR_ARG_BYTES, "%d", va_arg(*ap, int));
        break;
    case 'u':
        snprintf(out, ERR_ARG_BYTES, "%u", va_arg(*ap, unsigned));
        break;
    case 'z':
        snprintf(out, ERR_ARG_BYTES, "%zu", va_arg(*ap, size_t));
        break;
    case 'L':
        snprintf(out, ERR_ARG_BYTES, "%lld", va_arg(*ap, long long));
        break;
    default:
        snprintf(out, ERR_ARG_BYTES, "%llu", va_arg(*ap, unsigned long long));
        break;
    }
}

/* Both entries come here; a pointer, because a va_list may be an array. */
static int fill(struct err *e, int code, const char *msgid, va_list *ap) {
    if (!e || e->code != 0)
        return code;
    e->code = code;
    e->msgid = msgid;
    e->n = 0;
    e->where[0] = '\0';
    for (const char *p = strchr(msgid, '%'); p; p = strchr(p, '%')) {
        struct conversion c = parse(p);
        p += c.len;
        if (c.type != 0 && c.type != '%' && e->n < ERR_ARGS)
            put_arg(e->arg[e->n++], c.type, ap);
    }
    return code;
}

int err_vset(struct err *e, int code, const char *msgid, va_list ap) {
    va_list copy;
    va_copy(copy, ap);
    fill(e, code, msgid, &copy);
    va_end(copy);
    return code;
}

int err_set(struct err *e, int code, const char *msgid, ...) {
    va_list ap;
    va_start(ap, msgid);
    err_vset(e, code, msgid, ap);
    va_end(ap);
    return code;
}

struct err_word err_word(const char *msgid) {
    struct err_word w;
    char text[ERR_ARG_BYTES];
    put_text(text, msgid);
    snprintf(w.text, sizeof w.text, "%c%.*s", WORD_MARK, (int)sizeof w.text - 2, text);
    return w;
}

void err_where(struct err *e, const char *where) {
    if (e && e->code != 0)
        put_text(e->where, where);
}

void err_clear(struct err *e) {
    if (e) {
        e->code = 0;
        e->msgid = NULL;
        e->n = 0;
    }
}

/* Argument `i` of `e` as it is read. */
static const char *arg_text(const struct err *e, unsigned i, const char *(*tr)(const char *)) {
    if (i >= e->n)
        return "?";
    const char *a = e->arg[i];
    if (*a != WORD_MARK)
        return a;
    return tr ? tr(a + 1) : a + 1;
}

const char *err_text(const struct err *e, const char *(*tr)(const char *), char *out, size_t cap) {
    const char *p = !e->msgid ? "" : tr ? tr(e->msgid) : e->msgid;
    size_t n = 0;
    unsigned next = 0;
    if (e->where[0] && cap > 0) {
        int put = snprintf(out, cap, "%s: ", e->where);
        n = put < 0 ? 0 : (size_t)put < cap ? (size_t)put : cap - 1;
    }
    while (*p && n + 1 < cap) {
        if (*p != '%') {
            out[n++] = *p++;
            continue;
        }
        struct conversion c = parse(p);
        p += c.len;
        unsigned i = c.number ? c.number - 1 : next;
        if (c.type == '%') {
            out[n++] = '%';
        } else if (c.type != 0) {
            next++;
            for (const char *a = arg_text(e, i, tr); *a && n + 1 < cap;)
                out[n++] = *a++;
        }
    }
    if (cap > 0)
        out[n] = '\0';
    return out;
}

int err_exit_status(int code) {
    if (code == 0)
        return 0;
    return code == ERR_USAGE ? 2 : code == ERR_AWAY ? 75 : 1;
}

int err_exit_status_staying(int code) {
    bool again = code == ERR_NOMEM || code == ERR_IO || code == ERR_UNKNOWN;
    return again ? ERR_EXIT_AGAIN : err_exit_status(code);
}

int err_nomem(struct err *e) {
    return err_set(e, ERR_NOMEM,
                   "out of memory; nothing was changed: close other programs, try again");
}
