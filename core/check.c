#include "core/check.h"

#include "core/campaign.h"
#include "core/limits.h"
#include "core/mem.h"
#include "core/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void check_init(struct check *c, struct err *e) {
    memset(c, 0, sizeof *c);
    c->e = e;
}

void check_enter(struct check *c, const char *at, ...) {
    va_list ap;
    va_start(ap, at);
    vsnprintf(c->at, sizeof c->at, at, ap);
    va_end(ap);
}

const char *check_path(struct check *c, const char *key) {
    size_t n = strlen(c->at), room = sizeof c->path - 1;
    memcpy(c->path, c->at, n);
    if (n > 0 && *key && n < room)
        c->path[n++] = '.';
    size_t len = strlen(key) < room - n ? strlen(key) : room - n;
    memcpy(c->path + n, key, len);
    c->path[n + len] = '\0';
    return c->path;
}

bool check_given(const char *s) {
    return s && *s;
}

bool check_same(const char *a, const char *b) {
    return strcmp(a ? a : "", b ? b : "") == 0;
}

void check_code(struct check *c, const char *key, const char *id, bool required) {
    if (c->rc != 0 || (!required && !check_given(id)))
        return;
    if (!check_given(id))
        c->rc = err_set(c->e, ERR_REFUSED, "%s: nothing is given; write a code or id here",
                        check_path(c, key));
    else if (!text_code_valid(id))
        c->rc = err_set(c->e, ERR_REFUSED,
                        "%s: “%s” is not a code; use at most %u bytes of letters and digits, and "
                        "“-”, “_”, “.” inside",
                        check_path(c, key), id, LIMIT_CODE);
}

/* Whether `s` is kept as it is; ERR_NOMEM where that cannot be told, which refuses nobody. */
static int check_nfc(const char *s, bool lines) {
    char *nfc = NULL;
    struct slice in = slice_str(s);
    int rc = lines ? text_nfc_lines(in, &nfc, NULL) : text_nfc(in, &nfc, NULL);
    if (rc == 0 && strcmp(nfc, s) != 0)
        rc = ERR_REFUSED;
    mem_free(nfc);
    return rc;
}

void check_text(struct check *c, const char *key, const char *s, uint32_t max, bool lines) {
    if (c->rc != 0 || !check_given(s))
        return;
    if (strlen(s) > max) {
        c->rc = err_set(c->e, ERR_REFUSED, "%s: the text has %zu bytes, at most %u fit; shorten it",
                        check_path(c, key), strlen(s), max);
        return;
    }
    int rc = check_nfc(s, lines);
    if (rc == ERR_NOMEM)
        c->rc = err_nomem(c->e);
    else if (rc != 0)
        c->rc = err_set(c->e, ERR_REFUSED,
                        "%s: the text holds a control character or is not Unicode in NFC form; "
                        "type it again",
                        check_path(c, key));
}

void check_label(struct check *c, const char *key, const struct label *l, bool required) {
    char sub[64];
    snprintf(sub, sizeof sub, "%s.vi", key);
    check_text(c, sub, l->vi, LIMIT_NAME, false);
    snprintf(sub, sizeof sub, "%s.en", key);
    check_text(c, sub, l->en, LIMIT_NAME, false);
    if (c->rc == 0 && required && !check_given(l->vi) && !check_given(l->en))
        c->rc =
            err_set(c->e, ERR_REFUSED, "%s: no name is given; write one in Vietnamese or English",
                    check_path(c, key));
}

void check_range(struct check *c, const char *key, int64_t value, int64_t min, int64_t max) {
    if (c->rc == 0 && (value < min || value > max))
        c->rc = err_set(c->e, ERR_REFUSED, "%s: %lld is not allowed; give %lld to %lld",
                        check_path(c, key), (long long)value, (long long)min, (long long)max);
}

bool check_count(struct check *c, const char *key, uint32_t n, uint32_t max) {
    if (c->rc == 0 && n > max)
        c->rc =
            err_set(c->e, ERR_REFUSED, "%s: the list has %u entries, at most %u fit; shorten it",
                    check_path(c, key), n, max);
    return c->rc == 0;
}

static const char *id_at(const void *list, uint32_t i, size_t size, size_t offset) {
    const char *id;
    memcpy(&id, (const char *)list + i * size + offset, sizeof(id));
    return id ? id : "";
}

void check_unique(struct check *c, const char *key, const void *list, uint32_t n, size_t size,
                  size_t offset) {
    for (uint32_t i = 1; c->rc == 0 && i < n; i++) {
        const char *id = id_at(list, i, size, offset);
        int first = *id ? check_find(list, i, size, offset, id) : -1;
        if (first >= 0)
            c->rc = err_set(c->e, ERR_REFUSED,
                            "%s[%u]: “%s” stands here a second time, first at [%d]; give each its "
                            "own id",
                            check_path(c, key), i + 1, id, first + 1);
    }
}

int check_find(const void *list, uint32_t n, size_t size, size_t offset, const char *id) {
    for (uint32_t i = 0; i < n; i++)
        if (check_same(id_at(list, i, size, offset), id))
            return (int)i;
    return -1;
}

static bool is_day(day d) {
    day first = 0, last = 0;
    return day_from_ymd(1, 1, 1, &first) && day_from_ymd(9999, 12, 31, &last) && d >= first &&
           d <= last;
}

void check_day(struct check *c, const char *key, int32_t d) {
    if (c->rc == 0 && !is_day(d))
        c->rc = err_set(c->e, ERR_REFUSED,
                        "%s: no day of the years 1 to 9999 is given; write one as 15/12/2023",
                        check_path(c, key));
}

void check_days(struct check *c, const char *key, int32_t from, int32_t until) {
    if (from != DAY_NONE)
        check_day(c, key, from);
    if (until != DAY_NONE)
        check_day(c, key, until);
    if (c->rc == 0 && until != DAY_NONE && from >= until)
        c->rc =
            err_set(c->e, ERR_REFUSED, "%s: the days end before they begin; correct from and until",
                    check_path(c, key));
}
