#include "store/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

struct secret {
    size_t n;
    char text[SECRET_BYTES_MAX + 2]; /* room for one byte too many, and for the end */
};

static int secret_new(struct secret **ret_secret, struct err *e) {
    void *p =
        mmap(NULL, sizeof **ret_secret, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return err_nomem(e);
    (void)mlock(p, sizeof **ret_secret); /* where that is not allowed, it may be swapped out */
    (void)madvise(p, sizeof **ret_secret, MADV_DONTDUMP);
    *ret_secret = p;
    return 0;
}

void secret_free(struct secret *s) {
    if (!s)
        return;
    explicit_bzero(s, sizeof *s);
    (void)munmap(s, sizeof *s);
}

const char *secret_text(const struct secret *s) {
    return s ? s->text : NULL;
}

/* Read from `fd` up to the end of the first line, or of the file. */
static int read_line(int fd, const char *path, struct secret *s, struct err *e) {
    s->n = 0;
    for (;;) {
        char *at = s->text + s->n, *end;
        ssize_t got = read(fd, at, SECRET_BYTES_MAX + 1 - s->n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_set(e, ERR_IO, "%s cannot be read (%s)", path, strerror(errno));
        end = memchr(at, '\n', (size_t)got);
        s->n += end ? (size_t)(end - at) : (size_t)got;
        if (s->n > SECRET_BYTES_MAX)
            return err_set(e, ERR_REFUSED, "%s: a passphrase is one line of at most %u bytes", path,
                           SECRET_BYTES_MAX);
        if (got == 0 || end)
            break;
    }
    if (s->n > 0 && s->text[s->n - 1] == '\r')
        s->n--;
    s->text[s->n] = '\0';
    if (s->n == 0 || strlen(s->text) != s->n)
        return err_set(e, ERR_REFUSED, "%s: its first line is no passphrase", path);
    return 0;
}

static int read_file(const char *path, struct secret *s, struct err *e) {
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT
                   ? err_set(e, ERR_ABSENT, "there is no passphrase file %s: check its name", path)
                   : err_set(e, ERR_IO, "%s cannot be opened (%s)", path, strerror(errno));
    int rc = 0;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 07) != 0)
        rc = err_set(e, ERR_REFUSED,
                     "%s can be read by everyone on this machine: run `chmod 600` on it", path);
    if (rc == 0)
        rc = read_line(fd, path, s, e);
    (void)close(fd);
    return rc;
}

/* Ask for one line without showing it. */
static int ask_once(int tty, const char *question, struct secret *s, struct err *e) {
    struct termios before, quiet;
    if (tcgetattr(tty, &before) != 0)
        return err_set(e, ERR_REFUSED,
                       "there is no terminal to type a passphrase on: put it into a "
                       "file and name that");
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    (void)tcsetattr(tty, TCSAFLUSH, &quiet);
    ssize_t shown = write(tty, question, strlen(question));
    int rc = shown < 0
                 ? err_set(e, ERR_IO, "the terminal cannot be written to (%s)", strerror(errno))
                 : read_line(tty, "/dev/tty", s, e);
    (void)tcsetattr(tty, TCSAFLUSH, &before);
    shown = write(tty, "\n", 1);
    (void)shown;
    return rc;
}

static int ask_again(int tty, const struct world *w, const struct secret *s, struct err *e) {
    struct secret *second;
    int rc = secret_new(&second, e);
    if (rc != 0)
        return rc;
    rc = ask_once(tty, world_tr(w, N_("The same once more: ")), second, e);
    if (rc == 0 && strcmp(second->text, s->text) != 0)
        rc = err_set(e, ERR_REFUSED, "the two passphrases differ: nothing was done, try again");
    secret_free(second);
    return rc;
}

static int ask(const char *question, bool twice, const struct world *w, struct secret *s,
               struct err *e) {
    int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (tty < 0)
        return err_set(e, ERR_REFUSED,
                       "there is no terminal to type a passphrase on: put it into a "
                       "file and name that");
    int rc = ask_once(tty, world_tr(w, question), s, e);
    if (rc == 0 && twice)
        rc = ask_again(tty, w, s, e);
    (void)close(tty);
    return rc;
}

int secret_read(const char *path, const char *question, bool twice, const struct world *w,
                struct secret **ret_secret, struct err *e) {
    struct secret *s;
    int rc = secret_new(&s, e);
    if (rc != 0)
        return rc;
    rc = strcmp(path, "-") == 0 ? ask(question, twice, w, s, e) : read_file(path, s, e);
    if (rc == 0)
        *ret_secret = s;
    else
        secret_free(s);
    return rc;
}
