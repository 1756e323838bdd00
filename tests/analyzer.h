/*
 * What an analyzer that sees one file at a time cannot know: setting an error never gives 0. Put
 * before every file by tests/lint; no part of any build.
 */
#ifndef TESTS_ANALYZER_H
#define TESTS_ANALYZER_H

#include "core/err.h"

static inline int analyzer_failed(int said, int code) {
    (void)said;
    return code;
}

#define err_set(e, code, ...) analyzer_failed((err_set)((e), (code), __VA_ARGS__), (code))
#define err_nomem(e) analyzer_failed((err_nomem)(e), ERR_NOMEM)

#endif
