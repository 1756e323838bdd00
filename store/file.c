#include "store/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool file_path(const char *dir, char ret_path[FILE_PATH_BYTES]) {
    return snprintf(ret_path, FILE_PATH_BYTES, "%s/data.mdb", dir) < FILE_PATH_BYTES;
}

int file_probe(const char *path) {
    if (access(path, F_OK) == 0)
        return 1;
    return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
}

int file_exists(const char *dir) {
    char path[FILE_PATH_BYTES];
    return file_path(dir, path) ? file_probe(path) : 0;
}

bool file_empty(const char *dir) {
    char path[FILE_PATH_BYTES];
    struct stat st;
    return file_path(dir, path) && stat(path, &st) == 0 && st.st_size == 0;
}

bool file_cut_off(const char *dir) {
    static const uint8_t magic[4] = {0xde, 0xc0, 0xef, 0xbe}, none[8]; /* LMDB's, as on a disk */
    enum { MAGIC_AT = 16, TXN_AT = 144, HEAD = 152 };
    uint8_t head[HEAD];
    struct stat st;
    char path[FILE_PATH_BYTES];
    int fd = file_path(dir, path) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    bool cut = fd >= 0 && fstat(fd, &st) == 0 && st.st_size <= 2 * sysconf(_SC_PAGESIZE) &&
               pread(fd, head, HEAD, 0) == HEAD && memcmp(head + TXN_AT, none, 8) == 0 &&
               (memcmp(head + MAGIC_AT, magic, 4) == 0 || memcmp(head + MAGIC_AT, none, 4) == 0);
    if (fd >= 0)
        (void)close(fd);
    return cut;
}

int file_hold_lock(const char *dir) {
    enum { HELD = 4096 }; /* some sixty readers at once; the rest of the file has holes */
    char path[FILE_PATH_BYTES];
    if (snprintf(path, sizeof path, "%s/lock.mdb", dir) >= (int)sizeof path)
        return 0;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    bool full = fd >= 0 && fallocate(fd, 0, 0, HELD) != 0 && errno == ENOSPC;
    if (fd >= 0)
        (void)close(fd);
    return full ? -1 : 0;
}
