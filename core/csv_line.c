#include "core/csv_line.h"

#include <string.h>
#include <strings.h>

enum { SEPARATORS = 3 };
static const char candidates[SEPARATORS] = {'\t', ';', ','};

size_t csv_line_length(struct slice s) {
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] == '\n')
            return i + 1;
        if (s.data[i] == '\r')
            return i + 1 < s.len && s.data[i + 1] == '\n' ? i + 2 : i + 1;
    }
    return s.len;
}

bool csv_line_blank(struct slice line) {
    for (size_t i = 0; i < line.len; i++)
        if (line.data[i] != ' ' && line.data[i] != '\r' && line.data[i] != '\n')
            return false;
    return true;
}

/* The separator that `line` names, `sep=;` with or without quotes, and empty cells behind it where
 * a spreadsheet filled it up; 0: it names none. */
static char named_separator(struct slice line) {
    static const char word[] = "sep=";
    size_t n = sizeof word - 1;
    bool quoted = line.len > 0 && line.data[0] == '"';
    struct slice s = slice_of(line.data + quoted, line.len - quoted);
    if (s.len <= n || strncasecmp((const char *)s.data, word, n) != 0 ||
        !memchr(candidates, s.data[n], sizeof candidates))
        return 0;
    char named = (char)s.data[n];
    for (size_t i = n + 1; i < s.len; i++)
        if (!strchr(quoted ? "\"\r\n" : "\r\n", s.data[i]) && s.data[i] != (uint8_t)named)
            return 0;
    return named;
}

static struct slice behind(struct slice text, size_t n) {
    return slice_of(text.data + n, text.len - n);
}

char csv_line_separator(struct slice text, size_t *ret_skip) {
    size_t count[SEPARATORS] = {0}, best = SEPARATORS - 1;
    struct slice line = slice_of(text.data, csv_line_length(text));
    char named = named_separator(line);
    *ret_skip = named ? line.len : 0;
    if (named)
        return named;
    while (line.len > 0 && csv_line_blank(line)) {
        text = behind(text, line.len);
        line = slice_of(text.data, csv_line_length(text));
    }
    bool quoted = false;
    for (size_t i = 0; i < line.len; i++) {
        quoted ^= line.data[i] == '"';
        for (size_t k = 0; !quoted && k < SEPARATORS; k++)
            count[k] += line.data[i] == (uint8_t)candidates[k];
    }
    for (size_t k = 0; k < SEPARATORS; k++)
        if (count[k] > count[best] || (count[k] == count[best] && count[k] > 0 && k < best))
            best = k;
    return candidates[best];
}
