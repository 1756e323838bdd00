#include "core/word.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

/* A letter outside ASCII: its composed forms, and its base letter with the marks that follow it. */
static const struct letter {
    const char *lower, *upper;
    char base; /* 0: it cannot be taken apart */
    const char *marks;
} letters[] = {
    {"đ", "Đ", 0, ""},
    {"á", "Á", 'a', "\u0301"},
    {"à", "À", 'a', "\u0300"},
    {"ả", "Ả", 'a', "\u0309"},
    {"ạ", "Ạ", 'a', "\u0323"},
    {"ă", "Ă", 'a', "\u0306"},
    {"ằ", "Ằ", 'a', "\u0306\u0300"},
    {"ầ", "Ầ", 'a', "\u0302\u0300"},
    {"ậ", "Ậ", 'a', "\u0323\u0302"},
    {"â", "Â", 'a', "\u0302"},
    {"ế", "Ế", 'e', "\u0302\u0301"},
    {"ề", "Ề", 'e', "\u0302\u0300"},
    {"ể", "Ể", 'e', "\u0302\u0309"},
    {"ị", "Ị", 'i', "\u0323"},
    {"ô", "Ô", 'o', "\u0302"},
    {"ổ", "Ổ", 'o', "\u0302\u0309"},
    {"ơ", "Ơ", 'o', "\u031b"},
    {"ụ", "Ụ", 'u', "\u0323"},
    {"ý", "Ý", 'y', "\u0301"},
};

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t starts(const char *text, size_t left, const char *with) {
    size_t n = strlen(with);
    return n <= left && memcmp(text, with, n) == 0 ? n : 0;
}

/* Bytes of `text` (`left` of them) that are the letter `l` in any form; 0 if none. */
static size_t letter_at(const char *text, size_t left, const struct letter *l) {
    size_t n = starts(text, left, l->lower);
    if (n == 0)
        n = starts(text, left, l->upper);
    if (n > 0 || left == 0 || l->base == 0 || lower(*text) != l->base)
        return n;
    n = starts(text + 1, left - 1, l->marks);
    return n > 0 ? n + 1 : 0;
}

static const struct letter *letter_of(const char *word) {
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (starts(word, strlen(word), letters[i].lower))
            return &letters[i];
    assert(!"a word of ours uses a letter that the table lacks");
    return NULL;
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool word_equal(const char *text, const char *word) {
    while (is_space(*text))
        text++;
    size_t left = strlen(text);
    while (left > 0 && is_space(text[left - 1]))
        left--;
    while (*word) {
        size_t took = 0, said = 1;
        if ((unsigned char)*word < 0x80) {
            took = left > 0 && lower(*text) == *word;
        } else {
            const struct letter *l = letter_of(word);
            said = strlen(l->lower);
            took = letter_at(text, left, l);
        }
        if (took == 0)
            return false;
        text += took;
        left -= took;
        word += said;
    }
    return left == 0;
}
