/*
 * Bytes and names that last: what is written whole, and what a folder must have flushed before a
 * name in it outlives a power cut. All return -1, with errno, where they fail.
 */
#ifndef STORE_DISK_H
#define STORE_DISK_H

#include "core/bytes.h"

#include <stdbool.h>

/* All of `content`, whatever the system writes at once. */
int disk_write(int fd, struct slice content);
/* A new file at `temp`, which a crashed process of the same number may have left, open for writing.
 */
int disk_new(const char *temp, unsigned mode);
/* Flush the file `fd` and close it; `rc`, with its errno, is what was done with it so far. */
int disk_end(int fd, int rc);
/* Give `temp` the name `path`; with `is_new`, only where nothing has that (EEXIST). */
int disk_name(const char *temp, const char *path, bool is_new);
/* The folder that `path` is in, to be flushed with fsync() and closed by the caller. */
int disk_folder(const char *path);
/* Flush the folder that `path` is in. */
int disk_flush_name(const char *path);

#endif
