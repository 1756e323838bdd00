/*
 * The file of a store: where it lies, and whether a start that was cut off left it half made. LMDB
 * makes files where there are none, so it is looked at first.
 */
#ifndef STORE_FILE_H
#define STORE_FILE_H

#include <stdbool.h>

#define FILE_PATH_BYTES 4096

/* The path of the store in `dir`; false if it is too long. */
bool file_path(const char *dir, char ret_path[FILE_PATH_BYTES]);
/* Whether anything is at `path`: 1 if so, 0 if not; -1, with errno, where that cannot be seen. */
int file_probe(const char *path);
/* The same of the store of `dir`. */
int file_exists(const char *dir);
/* Whether `dir` has a store of no bytes. */
bool file_empty(const char *dir);
/*
 * Whether the store of `dir`, which does not open, was cut off while it was made: no page but parts
 * of LMDB's two first, or room for them, and no transaction counted in the first.
 */
bool file_cut_off(const char *dir);

/*
 * Have the disk keep room for what LMDB writes through memory, the first page of the lock file in
 * `dir`, which is made if it is not there: without that a full disk ends the program at the first
 * look. 0, or -1 where the disk has no room; whatever else fails is left to LMDB to tell.
 */
int file_hold_lock(const char *dir);

#endif
