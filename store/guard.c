#include "store/guard.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static bool write_all(int fd, const void *data, size_t n) {
    const uint8_t *p = data;
    while (n > 0) {
        ssize_t put = write(fd, p, n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        p += put;
        n -= (size_t)put;
    }
    return true;
}

/* In the child: the error first, as it lies in memory (its text is a literal of this very program),
 * then the bytes. */
_Noreturn static void child(guard_work *work, void *arg, int fd) {
    struct err e = {0};
    struct buf out;
    static const int deadly[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++)
        (void)signal(deadly[i], SIG_DFL);
    buf_init(&out);
    int rc = work(arg, &out, &e);
    if (rc == 0 && out.failed)
        rc = err_nomem(&e);
    e.code = rc;
    bool told = write_all(fd, &e, sizeof e) && write_all(fd, out.data, out.len);
    _exit(told ? 0 : 1);
}

static bool read_all(int fd, struct buf *out) {
    uint8_t part[4096];
    for (;;) {
        ssize_t got = read(fd, part, sizeof part);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0 && !out->failed;
        buf_put(out, part, (size_t)got);
    }
}

/* Take what the child said: its error, or its bytes. */
static int take(const struct buf *said, struct buf *out, struct err *e) {
    struct err theirs;
    if (said->len < sizeof theirs)
        return err_set(e, ERR_IO, "a child process ended without a word: try again");
    memcpy(&theirs, said->data, sizeof theirs);
    if (theirs.code != 0) {
        if (e && e->code == 0)
            *e = theirs;
        return theirs.code;
    }
    buf_put(out, said->data + sizeof theirs, said->len - sizeof theirs);
    return out->failed ? err_nomem(e) : 0;
}

static int wait_for(pid_t pid, int *ret_status) {
    while (waitpid(pid, ret_status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return 0;
}

int guard_run(guard_work *work, void *arg, struct buf *out, int *ret_signal, struct err *e) {
    int ends[2], status = 0;
    struct buf said;
    if (pipe(ends) != 0)
        return err_set(e, ERR_IO, "no child process can be started (%s)", strerror(errno));
    pid_t pid = fork();
    if (pid < 0) {
        int why = errno;
        (void)close(ends[0]);
        (void)close(ends[1]);
        return err_set(e, ERR_IO, "no child process can be started (%s)", strerror(why));
    }
    if (pid == 0) {
        (void)close(ends[0]);
        child(work, arg, ends[1]);
    }
    (void)close(ends[1]);
    buf_init(&said);
    bool whole = read_all(ends[0], &said);
    (void)close(ends[0]);
    int rc = wait_for(pid, &status) == 0 ? 0 : ERR_IO;
    if (rc == 0 && WIFSIGNALED(status)) {
        *ret_signal = WTERMSIG(status);
    } else {
        *ret_signal = 0;
        rc = rc == 0 && whole
                 ? take(&said, out, e)
                 : err_set(e, ERR_IO, "a child process ended without a word: try again");
    }
    buf_done(&said);
    return rc;
}
