#include "core/limits.h"
#include "core/sheet.h"
#include "core/word.h"

#include <stdio.h>
#include <string.h>

static const struct {
    enum cell_state state;
    const char *word;
} words[] = {
    {CELL_MET, "met"},           {CELL_MET, "đạt"}, {CELL_NOT_MET, "not met"},
    {CELL_NOT_MET, "không đạt"}, {CELL_NA, "na"},   {CELL_NA, "không áp dụng"},
    {CELL_NA, "not applicable"},
};

/* `8`, `8,5`, `8.50` and nothing else, in hundredths. */
static bool parse_number(const char *p, const char *end, score *ret_value) {
    int64_t v = 0;
    int decimals = 0;
    if (p == end || *p < '0' || *p > '9')
        return false;
    for (; p < end && *p >= '0' && *p <= '9'; p++) {
        v = v * 10 + (*p - '0');
        if (v > LIMIT_SCORE)
            return false;
    }
    if (p < end && (*p == ',' || *p == '.')) {
        for (p++; p < end && *p >= '0' && *p <= '9' && decimals < 2; decimals++)
            v = v * 10 + (*p++ - '0');
        if (decimals == 0)
            return false;
    }
    for (; decimals < 2; decimals++)
        v *= 10;
    if (p != end || v > LIMIT_SCORE)
        return false;
    *ret_value = (score)v;
    return true;
}

/* What may be typed in place of `text` where “na” may not, either. */
static int refuse_all(const char *text, enum score_mode mode, const char *bound, struct err *e) {
    if (mode == MODE_MET)
        return err_set(e, ERR_REFUSED,
                       "“%s” is no value; this criterion is met or not: write “met” or “not met”",
                       text);
    return err_set(e, ERR_REFUSED,
                   "“%s” is no value; write a number from 0 to %s with at most two decimals, as "
                   "8,5 or 8.5",
                   text, bound);
}

/* What may be typed in place of `text`: of the words only those that `mode` takes. */
static int refuse(const char *text, enum score_mode mode, score most, bool na, struct err *e) {
    char bound[16];
    score_text_people(most, bound);
    if (!na)
        return refuse_all(text, mode, bound, e);
    if (mode == MODE_MET)
        return err_set(e, ERR_REFUSED,
                       "“%s” is no value; this criterion is met or not: write “met”, “not met” or "
                       "“na”",
                       text);
    return err_set(e, ERR_REFUSED,
                   "“%s” is no value; write a number from 0 to %s with at most two decimals, as "
                   "8,5 or 8.5, or “na” where it does not apply",
                   text, bound);
}

static int refuse_number(const char *text, bool na, struct err *e) {
    if (!na)
        return err_set(e, ERR_REFUSED,
                       "“%s” is a number, but this criterion is met or not; write “met” or “not "
                       "met”",
                       text);
    return err_set(e, ERR_REFUSED,
                   "“%s” is a number, but this criterion is met or not; write “met”, “not met” or "
                   "“na”",
                   text);
}

int cell_parse(const char *text, enum score_mode mode, score most, bool na, struct cell *ret_cell,
               struct err *e) {
    const char *p = text, *end;
    while (*p == ' ' || *p == '\t')
        p++;
    for (end = p + strlen(p); end > p && (end[-1] == ' ' || end[-1] == '\t');)
        end--;
    struct cell c = {CELL_EMPTY, 0};
    bool known = p == end;
    for (size_t i = 0; !known && i < sizeof words / sizeof *words; i++) {
        known = word_equal(p, words[i].word);
        c.state = known ? (uint8_t)words[i].state : CELL_EMPTY;
    }
    if (!known && parse_number(p, end, &c.value)) {
        if (mode == MODE_MET)
            return refuse_number(text, na, e);
        c.state = mode == MODE_VALUE ? CELL_VALUE : CELL_SCORE;
        known = true;
    }
    if (!known)
        return refuse(text, mode, most, na, e);
    *ret_cell = c;
    return 0;
}

/* Whole points and hundredths of `s`, and its sign. */
static const char *split(score s, long long *ret_whole, int *ret_part) {
    long long v = s;
    long long size = v < 0 ? -v : v;
    *ret_whole = size / 100;
    *ret_part = (int)(size % 100);
    return v < 0 ? "-" : "";
}

/* The digits of `v`, ending at `end`; returns where they begin. Thousands of rows are printed of
 * such numbers, and snprintf takes ten times as long. */
static char *digits(uint64_t v, char *end) {
    do {
        *--end = (char)('0' + v % 10);
        v /= 10;
    } while (v > 0);
    return end;
}

void score_text_wide(int64_t v, char out[24]) {
    char text[24], *end = text + sizeof text;
    uint64_t size = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    *--end = '\0';
    *--end = (char)('0' + size % 10);
    *--end = (char)('0' + size / 10 % 10);
    *--end = '.';
    end = digits(size / 100, end);
    if (v < 0)
        *--end = '-';
    memcpy(out, end, (size_t)(text + sizeof text - end));
}

void score_text(score s, char out[16]) {
    char text[24] = "";
    score_text_wide(s, text);
    memcpy(out, text, 16); /* of which it takes 13 at most */
}

void score_text_people(score s, char out[16]) {
    long long whole;
    int part;
    const char *sign = split(s, &whole, &part);
    if (part == 0)
        snprintf(out, 16, "%s%lld", sign, whole);
    else if (part % 10 == 0)
        snprintf(out, 16, "%s%lld,%d", sign, whole, part / 10);
    else
        snprintf(out, 16, "%s%lld,%02d", sign, whole, part);
}
