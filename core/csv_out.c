#include "core/csv_out.h"

#include <string.h>

int csv_out_separator(const char *text, char *ret_separator, struct err *e) {
    static const struct {
        const char *text;
        char separator;
    } known[] = {{"comma", ','}, {",", ','}, {"semicolon", ';'}, {";", ';'}, {"tab", '\t'}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!text || strcmp(text, known[i].text) == 0) {
            *ret_separator = known[i].separator;
            return 0;
        }
    return err_set(e, ERR_USAGE, "--separator is comma, semicolon or tab, not %s", text);
}

void csv_out_mark(struct buf *out) {
    buf_put_str(out, "\xef\xbb\xbf");
}

/* Outer spaces are quoted too: readers trim what is bare. */
static bool needs_quotes(const char *text, char separator) {
    size_t n = strlen(text);
    return n > 0 && (strchr(text, separator) || text[strcspn(text, "\"\r\n")] != '\0' ||
                     text[0] == ' ' || text[n - 1] == ' ');
}

void csv_out_cell(struct buf *out, char separator, bool first, const char *text) {
    if (!first)
        buf_put_u8(out, (uint8_t)separator);
    if (!needs_quotes(text, separator)) {
        buf_put_str(out, text);
        return;
    }
    buf_put_u8(out, '"');
    for (; *text; text++) {
        if (*text == '"')
            buf_put_u8(out, '"');
        buf_put_u8(out, (uint8_t)*text);
    }
    buf_put_u8(out, '"');
}

void csv_out_end(struct buf *out) {
    buf_put_str(out, "\r\n");
}
