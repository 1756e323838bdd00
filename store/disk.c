#include "store/disk.h"

#include "store/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <unistd.h>

int disk_write(int fd, struct slice content) {
    while (content.len > 0) {
        ssize_t done = write(fd, content.data, content.len);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return -1;
        content = slice_of(content.data + done, content.len - (size_t)done);
    }
    return 0;
}

int disk_new(const char *temp, unsigned mode) {
    (void)unlink(temp);
    return open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
}

int disk_end(int fd, int rc) {
    if (rc == 0)
        rc = fsync(fd);
    int why = errno;
    if (close(fd) != 0 && rc == 0)
        return -1;
    errno = why;
    return rc;
}

int disk_name(const char *temp, const char *path, bool is_new) {
    int rc = renameat2(AT_FDCWD, temp, AT_FDCWD, path, is_new ? RENAME_NOREPLACE : 0);
    if (rc != 0 && errno == EINVAL &&
        is_new) { /* a file system without that promise: the next best */
        int there = file_probe(path);
        rc = there == 0 ? rename(temp, path) : -1;
        if (there > 0)
            errno = EEXIST;
    }
    return rc;
}

int disk_folder(const char *path) {
    char copy[FILE_PATH_BYTES];
    if (snprintf(copy, sizeof copy, "%s", path) >= (int)sizeof copy) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int disk_flush_name(const char *path) {
    int fd = disk_folder(path);
    return fd < 0 ? -1 : disk_end(fd, 0);
}
