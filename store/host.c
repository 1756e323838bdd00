#include "store/host.h"

#include "core/limits.h"
#include "core/mem.h"
#include "core/verb.h"
#include "store/disk.h"
#include "store/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libintl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

void host_start(void) {
    /* Linux takes a limit of one byte as "none" even where dumps are piped to a collector. */
    const struct rlimit none = {1, 1};
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)umask(077);
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#ifndef __SANITIZE_ADDRESS__ /* its leak check attaches to the process */
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
    (void)signal(SIGPIPE, SIG_IGN);
}

/* What is written when the program is ended by a fault: worked out before, since nothing else may
 * be called then. */
struct last_words {
    char text[512];
    size_t len;
};
static struct last_words words_of_read, words_of_abort;
static atomic_bool stays, runs;

void host_stay(void) {
    atomic_store(&stays, true);
}

void host_run(void) {
    atomic_store(&runs, true);
}

static void fault(int number) {
    static atomic_flag one = ATOMIC_FLAG_INIT;
    while (atomic_flag_test_and_set(&one)) /* another thread is ending the process */
        (void)pause();
    const struct last_words *said = number == SIGABRT ? &words_of_abort : &words_of_read;
    ssize_t ignored = write(2, said->text, said->len);
    (void)ignored;
    _exit(atomic_load(&runs) || (number == SIGABRT && atomic_load(&stays)) ? ERR_EXIT_AGAIN : 1);
}

static void prepare_words(const char *program, const struct world *w, const struct err *e,
                          struct last_words *ret_words) {
    char text[sizeof ret_words->text];
    int n = snprintf(ret_words->text, sizeof ret_words->text, "%.32s: %.460s\n", program,
                     err_text(e, w->tr, text, sizeof text));
    ret_words->len = n > 0 ? (size_t)n : 0;
}

void host_faults(const char *program, const struct world *w) {
#ifndef __SANITIZE_ADDRESS__ /* it tells more */
    static uint8_t stack[1 << 16];
    static const int deadly[] = {SIGSEGV, SIGBUS, SIGABRT};
    struct err read = {0}, aborted = {0};
    (void)err_set(&read, ERR_CORRUPT,
                  "this program read what is not there and stops: its data may be damaged, so run "
                  "`check`; if that finds nothing, tell the maintainers");
    (void)err_set(&aborted, ERR_IO,
                  "this program cannot go on and stops: most likely this machine has no memory or "
                  "no file handles left, so close other programs and start it again; if it stops "
                  "again, run `check` and tell the maintainers");
    prepare_words(program, w, &read, &words_of_read);
    prepare_words(program, w, &aborted, &words_of_abort);
    stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction on = {.sa_handler = fault, .sa_flags = SA_ONSTACK};
    (void)sigaltstack(&other, NULL); /* a stack that is full has no room for a handler */
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++)
        (void)sigaction(deadly[i], &on, NULL);
#else
    (void)program;
    (void)w;
#endif
}

/* The world. */

static instant world_now(void *arg) {
    (void)arg;
    struct timespec ts;
    (void)clock_gettime(CLOCK_REALTIME, &ts);
    return (instant)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int64_t world_boot_ms(void *arg) {
    (void)arg;
    struct timespec ts;
    (void)clock_gettime(CLOCK_BOOTTIME, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void world_random(void *arg, uint8_t *ret_bytes, size_t n) {
    (void)arg;
    for (size_t done = 0; done < n;) {
        ssize_t got = getrandom(ret_bytes + done, n - done, 0);
        if (got > 0)
            done += (size_t)got;
        else if (errno != EINTR)
            abort(); /* without randomness no key and no id may be made */
    }
}

static const char *world_translate(const char *msgid) {
    return *msgid ? gettext(msgid) : msgid;
}

/* The one terminal's progress: when the work began, and when it was last shown. */
static struct {
    const char *what;
    instant began, shown;
} meter;

static void world_show_progress(void *arg, const char *what, uint64_t done, uint64_t total) {
    instant now = world_now(arg);
    if (meter.what != what)
        meter = (__typeof__(meter)){what, now, 0};
    bool end = total > 0 && done >= total;
    if (now - meter.began < 1000 || (now - meter.shown < 200 && !(end && meter.shown)))
        return;
    meter.shown = now;
    if (total > 0)
        fprintf(stderr, "\r%s %" PRIu64 "/%" PRIu64 "\033[K%s", gettext(what), done, total,
                end ? "\n" : "");
    else
        fprintf(stderr, "\r%s %" PRIu64 "\033[K", gettext(what), done);
}

void host_world(struct world *ret_world) {
    *ret_world = (struct world){
        .now = world_now,
        .boot_ms = world_boot_ms,
        .random = world_random,
        .tr = world_translate,
        .progress = isatty(2) ? world_show_progress : NULL,
    };
}

bool host_serve(void) {
    struct rlimit files;
    static uint8_t probe[64];
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    if (mlock(probe, sizeof probe) != 0)
        return false;
    (void)munlock(probe, sizeof probe);
    return true;
}

/* The one passphrase of the process. */
static struct secret *passphrase;

int host_passphrase(int argc, char *const *argv, const char *making, struct world *w,
                    struct err *e) {
    const char *path = verb_peek(argc, argv, "--passphrase-file");
    bool twice = false;
    if (argc > 1 && strcmp(argv[1], "--complete") == 0)
        return 0; /* a line that is still being typed opens nothing */
    if (!path)
        path = getenv("THIDUA_PASSPHRASE_FILE");
    for (int i = 1; i < argc; i++)
        twice |= argv[i] && strcmp(argv[i], making) == 0;
    if (!path || !*path)
        return 0;
    int rc = secret_read(path, SECRET_OF_ACTOR, twice, w, &passphrase, e);
    w->passphrase = secret_text(passphrase);
    return rc;
}

int host_stop_fd(int *ret_fd, struct err *e) {
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGTERM);
    int fd =
        sigprocmask(SIG_BLOCK, &set, NULL) ? -1 : signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0)
        return err_set(e, ERR_IO,
                       "the machine gives no more file handles (%s): close other programs",
                       strerror(errno));
    *ret_fd = fd;
    return 0;
}

/* Files. */

int host_write(int fd, struct slice text, struct err *e) {
    if (disk_write(fd, text) != 0)
        return err_set(e, ERR_IO, "the result cannot be written out (%s)", strerror(errno));
    return 0;
}

int host_end(const char *program, struct slice out, struct slice words, const struct err *e,
             const struct world *w) {
    struct err io = {0};
    secret_free(passphrase);
    passphrase = NULL;
    int code = host_write(1, out, &io);
    (void)host_write(2, words, NULL);
    const struct err *shown = e->code ? e : code ? &io : NULL;
    if (!shown)
        return 0;
    char text[ERR_ARGS * ERR_ARG_BYTES + 1024];
    err_text(shown, w->tr, text, sizeof text);
    fprintf(stderr, "%s: %s\n", program, text);
    return atomic_load(&stays) ? err_exit_status_staying(shown->code)
                               : err_exit_status(shown->code);
}

bool host_disk_low(const char *dir, bool before) {
    struct statvfs disk;
    if (statvfs(dir, &disk) != 0)
        return before;
    uint64_t total = (uint64_t)disk.f_blocks * disk.f_frsize;
    uint64_t reserve = total / LIMIT_RESERVE_SHARE;
    if (reserve > LIMIT_RESERVE_BYTES)
        reserve = LIMIT_RESERVE_BYTES;
    return (uint64_t)disk.f_bavail * disk.f_frsize < reserve;
}

static int read_all(int fd, const char *path, size_t max, struct buf *out, struct err *e) {
    size_t start = out->len;
    for (;;) {
        uint8_t block[16384];
        ssize_t n = read(fd, block, sizeof block);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set(e, ERR_IO, "%s cannot be read (%s)", path, strerror(errno));
        if (n == 0)
            return out->failed ? err_nomem(e) : 0;
        if ((size_t)n > max - (out->len - start))
            return err_set(e, ERR_REFUSED, "%s is larger than %zu bytes: split it", path, max);
        buf_put(out, block, (size_t)n);
        if (out->failed)
            return err_nomem(e);
    }
}

int host_read_file(const char *path, size_t max, struct buf *out, struct err *e) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return err_set(e, ERR_ABSENT, "there is no file %s: check its name and folder", path);
    if (fd < 0)
        return err_set(e, ERR_IO, "%s cannot be opened (%s)", path, strerror(errno));
    size_t before = out->len;
    int rc = read_all(fd, path, max, out, e);
    (void)close(fd);
    if (rc)
        out->len = before;
    return rc;
}

int host_read_begin(const char *path, uint8_t *out, size_t n, size_t *ret_n, struct err *e) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe is not waited for */
    if (fd < 0 && errno == ENOENT)
        return ERR_ABSENT;
    ssize_t got = fd < 0 ? -1 : read(fd, out, n);
    int rc = got < 0 ? err_set(e, ERR_IO, "%s cannot be read (%s)", path, strerror(errno)) : 0;
    if (fd >= 0)
        (void)close(fd);
    if (rc == 0)
        *ret_n = (size_t)got;
    return rc;
}

/* What a new file is made with: what fills it, and why that failed. */
struct filling {
    int (*fill)(void *arg, int fd, struct err *e);
    void *arg;
    struct err why;
};

/* A file at `path`, whole: `temp` filled, flushed and named. The folder is opened before anything
 * is there, so that nothing but the disk can fail once the file has its name. */
static int place_file(const char *temp, const char *path, mode_t mode, unsigned flags,
                      struct filling *f) {
    bool is_new = flags & HOST_NEW;
    int folder = disk_folder(path), fd = folder < 0 ? -1 : disk_new(temp, mode);
    int rc = fd < 0 ? -1 : disk_end(fd, f->fill(f->arg, fd, &f->why));
    if (rc == 0)
        rc = disk_name(temp, path, is_new);
    bool named = rc == 0;
    if (named)
        rc = fsync(folder);
    int why = errno;
    if (fd >= 0 && !named)
        (void)unlink(temp);
    if (named && rc != 0 && is_new)
        (void)unlink(path);
    if (folder >= 0)
        (void)close(folder);
    errno = why;
    return rc;
}

int host_fill_file(const char *path, mode_t mode, unsigned flags,
                   int (*fill)(void *arg, int fd, struct err *e), void *arg, struct err *e) {
    struct filling f = {fill, arg, {0}};
    struct buf temp;
    buf_init(&temp);
    buf_printf(&temp, "%s.%ld.new", path, (long)getpid());
    const char *name = buf_cstr(&temp);
    if (!name) {
        buf_done(&temp);
        return err_nomem(e);
    }
    int rc = 0;
    if (place_file(name, path, mode, flags, &f) != 0) {
        int why = errno;
        rc = f.why.code != 0 ? f.why.code
             : why == EEXIST
                 ? err_set(e, ERR_REFUSED, "%s exists already: take it away or choose another name",
                           path)
                 : err_set(e, ERR_IO, "%s cannot be written (%s)", path, strerror(why));
        if (f.why.code != 0 && e)
            *e = f.why;
    }
    buf_done(&temp);
    return rc;
}

static int fill_with(void *arg, int fd, struct err *e) {
    (void)e; /* errno says why */
    return disk_write(fd, *(const struct slice *)arg);
}

int host_write_file(const char *path, struct slice content, mode_t mode, unsigned flags,
                    struct err *e) {
    return host_fill_file(path, mode, flags, fill_with, &content, e);
}
