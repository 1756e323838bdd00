/* A file for readers that want a path, and what its keys are sealed with. */
#ifndef TESTS_FUZZ_SCRATCH_H
#define TESTS_FUZZ_SCRATCH_H

#include "core/bytes.h"

#define FUZZ_PASSPHRASE "mật khẩu"

/* The path of a file that holds `content` until the next call, and is gone at the end. */
const char *scratch_file(struct slice content);

#endif
