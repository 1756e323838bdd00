#include "store/lock.h"

#include "store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static int refuse_taken(int fd, const char *dir, struct err *e) {
    char holder[24] = {0};
    ssize_t n = pread(fd, holder, sizeof holder - 1, 0);
    holder[n > 0 ? strcspn(holder, "\n") : 0] = '\0';
    return err_set(e, ERR_REFUSED,
                   "%s: another thidua (process %s) is running on this directory: stop "
                   "it first",
                   dir, holder[0] ? holder : "?");
}

int lock_take(const char *dir, int *ret_fd, struct err *e) {
    char path[4096], pid[24];
    if (snprintf(path, sizeof path, "%s/daemon.lock", dir) >= (int)sizeof path)
        return err_set(e, ERR_REFUSED, "%s: the path is too long", dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 && errno == ENOENT)
        return db_absent(dir, e);
    if (fd < 0 && (errno == EACCES || errno == EROFS))
        return err_set(e, ERR_REFUSED,
                       "the data directory cannot be opened or written (%s): check its owner and "
                       "permissions",
                       dir);
    if (fd < 0)
        return err_set(e, ERR_IO, "%s: %s", path, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        int rc = errno == EWOULDBLOCK ? refuse_taken(fd, dir, e)
                                      : err_set(e, ERR_IO, "%s: %s", path, strerror(errno));
        close(fd);
        return rc;
    }
    int n = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, (size_t)n, 0) != n) {
        int rc = err_set(e, ERR_IO, "%s: %s", path, strerror(errno));
        close(fd);
        return rc;
    }
    *ret_fd = fd;
    return 0;
}

void lock_give(int fd) {
    if (fd >= 0)
        close(fd);
}
