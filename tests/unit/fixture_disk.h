/*
 * Folders that a test may fill, gone when it ends, and randomness that it can print.
 */
#ifndef TESTS_FIXTURE_DISK_H
#define TESTS_FIXTURE_DISK_H

#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

#define FIXTURE_PATH 256

/* A new empty folder, its path into `ret_path`. */
void fixture_folder(char ret_path[FIXTURE_PATH]);
/* Remove the folder `path` with the files in it and in the folders in it. */
void fixture_remove(const char *path);
/* `folder`/`name` into `ret_path`. */
void fixture_join_path(char ret_path[FIXTURE_PATH], const char *folder, const char *name);

/* A seed for this run, printed; THIDUA_SEED in the environment repeats one. */
uint64_t fixture_seed(const char *test);
/* The next of a sequence of numbers (splitmix64); below `n`. */
uint64_t fixture_next(uint64_t *state);
uint32_t fixture_below(uint64_t *state, uint32_t n);

/* Stop the test, saying what `e` says, unless `rc` is 0. */
void fixture_ok(int rc, const struct err *e, const char *file, int line);
#define FIXTURE_OK(rc, e) fixture_ok((rc), (e), __FILE__, __LINE__)

#endif
