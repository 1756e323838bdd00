#include "core/word.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

/* A Vietnamese letter outside ASCII: its composed forms, and its base letter with the marks that
 * follow it. */
static const struct letter {
    const char *lower, *upper;
    char base; /* 0: it cannot be taken apart */
    const char *marks;
} letters[] = {
    {"đ", "Đ", 0, ""},
    {"á", "Á", 'a', "\u0301"},
    {"à", "À", 'a', "\u0300"},
    {"ả", "Ả", 'a', "\u0309"},
    {"ã", "Ã", 'a', "\u0303"},
    {"ạ", "Ạ", 'a', "\u0323"},
    {"ă", "Ă", 'a', "\u0306"},
    {"ắ", "Ắ", 'a', "\u0306\u0301"},
    {"ằ", "Ằ", 'a', "\u0306\u0300"},
    {"ẳ", "Ẳ", 'a', "\u0306\u0309"},
    {"ẵ", "Ẵ", 'a', "\u0306\u0303"},
    {"ặ", "Ặ", 'a', "\u0323\u0306"},
    {"â", "Â", 'a', "\u0302"},
    {"ấ", "Ấ", 'a', "\u0302\u0301"},
    {"ầ", "Ầ", 'a', "\u0302\u0300"},
    {"ẩ", "Ẩ", 'a', "\u0302\u0309"},
    {"ẫ", "Ẫ", 'a', "\u0302\u0303"},
    {"ậ", "Ậ", 'a', "\u0323\u0302"},
    {"é", "É", 'e', "\u0301"},
    {"è", "È", 'e', "\u0300"},
    {"ẻ", "Ẻ", 'e', "\u0309"},
    {"ẽ", "Ẽ", 'e', "\u0303"},
    {"ẹ", "Ẹ", 'e', "\u0323"},
    {"ê", "Ê", 'e', "\u0302"},
    {"ế", "Ế", 'e', "\u0302\u0301"},
    {"ề", "Ề", 'e', "\u0302\u0300"},
    {"ể", "Ể", 'e', "\u0302\u0309"},
    {"ễ", "Ễ", 'e', "\u0302\u0303"},
    {"ệ", "Ệ", 'e', "\u0323\u0302"},
    {"í", "Í", 'i', "\u0301"},
    {"ì", "Ì", 'i', "\u0300"},
    {"ỉ", "Ỉ", 'i', "\u0309"},
    {"ĩ", "Ĩ", 'i', "\u0303"},
    {"ị", "Ị", 'i', "\u0323"},
    {"ó", "Ó", 'o', "\u0301"},
    {"ò", "Ò", 'o', "\u0300"},
    {"ỏ", "Ỏ", 'o', "\u0309"},
    {"õ", "Õ", 'o', "\u0303"},
    {"ọ", "Ọ", 'o', "\u0323"},
    {"ô", "Ô", 'o', "\u0302"},
    {"ố", "Ố", 'o', "\u0302\u0301"},
    {"ồ", "Ồ", 'o', "\u0302\u0300"},
    {"ổ", "Ổ", 'o', "\u0302\u0309"},
    {"ỗ", "Ỗ", 'o', "\u0302\u0303"},
    {"ộ", "Ộ", 'o', "\u0323\u0302"},
    {"ơ", "Ơ", 'o', "\u031b"},
    {"ớ", "Ớ", 'o', "\u031b\u0301"},
    {"ờ", "Ờ", 'o', "\u031b\u0300"},
    {"ở", "Ở", 'o', "\u031b\u0309"},
    {"ỡ", "Ỡ", 'o', "\u031b\u0303"},
    {"ợ", "Ợ", 'o', "\u031b\u0323"},
    {"ú", "Ú", 'u', "\u0301"},
    {"ù", "Ù", 'u', "\u0300"},
    {"ủ", "Ủ", 'u', "\u0309"},
    {"ũ", "Ũ", 'u', "\u0303"},
    {"ụ", "Ụ", 'u', "\u0323"},
    {"ư", "Ư", 'u', "\u031b"},
    {"ứ", "Ứ", 'u', "\u031b\u0301"},
    {"ừ", "Ừ", 'u', "\u031b\u0300"},
    {"ử", "Ử", 'u', "\u031b\u0309"},
    {"ữ", "Ữ", 'u', "\u031b\u0303"},
    {"ự", "Ự", 'u', "\u031b\u0323"},
    {"ý", "Ý", 'y', "\u0301"},
    {"ỳ", "Ỳ", 'y', "\u0300"},
    {"ỷ", "Ỷ", 'y', "\u0309"},
    {"ỹ", "Ỹ", 'y', "\u0303"},
    {"ỵ", "Ỵ", 'y', "\u0323"},
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
    assert(!"a word of ours uses a letter that is not Vietnamese");
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

static const struct level {
    const char *code;
    const char *words[3];
} levels[] = {
    {"province", {"tỉnh"}},
    {"district", {"huyện"}},
    {"commune", {"xã"}},
    {"department", {"sở, ngành", "sở ngành", "sở"}},
    {"hamlet", {"thôn, ấp", "thôn", "ấp"}},
};

const char *word_level(const char *text) {
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        for (size_t k = 0; k < 3 && levels[i].words[k]; k++)
            if (word_equal(text, levels[i].words[k]))
                return levels[i].code;
    return text;
}

const char *word_of_level(size_t i, const char **ret_code) {
    if (i >= sizeof levels / sizeof *levels)
        return NULL;
    *ret_code = levels[i].code;
    return levels[i].words[0];
}

bool word_level_usual(const char *level) {
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (strcmp(level, levels[i].code) == 0)
            return true;
    return false;
}

static const char *const yes_words[] = {"yes", "true", "có", "x", "1", "đúng"};
static const char *const no_words[] = {"no", "false", "không", "0", "sai", "-"};

static bool is_one_of(const char *text, const char *const *list, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(text, list[i]) == 0 || word_equal(text, list[i]))
            return true;
    return false;
}

bool word_yes(const char *text) {
    return is_one_of(text, yes_words, sizeof yes_words / sizeof *yes_words);
}

bool word_no(const char *text) {
    return is_one_of(text, no_words, sizeof no_words / sizeof *no_words);
}
