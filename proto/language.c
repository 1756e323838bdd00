#include "proto/language.h"

#include "core/verb.h"

#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *asked(int argc, char *const *argv) {
    const char *given = verb_peek(argc, argv, "--lang");
    if (given)
        return given;
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return value;
    }
    return "vi";
}

void language_choose(int argc, char *const *argv, const char *catalogues) {
    bool english = strncmp(asked(argc, argv), "en", 2) == 0;
    /* Every glibc has C.UTF-8, and gettext heeds LANGUAGE under it: no vi_VN need be installed. */
    (void)setlocale(LC_CTYPE, "C.UTF-8"); /* of the rest nothing is used, and each is a file */
    (void)setlocale(LC_MESSAGES, "C.UTF-8");
    (void)setenv("LANGUAGE", english ? "en" : "vi", 1);
    (void)bindtextdomain("thidua", catalogues);
    (void)bind_textdomain_codeset("thidua", "UTF-8");
    (void)textdomain("thidua");
}

const char *language_catalogues(void) {
    static char dir[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", dir, sizeof dir - sizeof "/" THIDUA_CATALOGUES);
    char *end = n > 0 ? memrchr(dir, '/', (size_t)n) : NULL;
    if (!end)
        return "/" THIDUA_CATALOGUES; /* no such folder: messages stay in English */
    memcpy(end, "/" THIDUA_CATALOGUES, sizeof "/" THIDUA_CATALOGUES);
    return dir;
}
