/*
 * What every fuzz target is: one function over one input. Under the preset `fuzz` libFuzzer calls
 * it; elsewhere tests/fuzz/replay.c does, with the inputs of tests/fuzz/corpus. A property that
 * does not hold is an assert. What it takes of memory is counted from when it is called, and has a
 * cap in tests/fuzz/cap.c.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "core/bytes.h"
#include "core/err.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Foreign bytes are at fault for what they are, never this machine: no other code may come of them.
 */
static inline void fuzz_refused(int rc, const struct err *e) {
    assert(rc == ERR_CORRUPT || rc == ERR_REFUSED || rc == ERR_AWAY);
    assert(e->code == rc && e->msgid);
}

#endif
