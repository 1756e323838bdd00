/*
 * The shim: stands between a program and its machine (LD_PRELOAD), so that a test can write down
 * what the program did to its store, kill it at the nth call, or let the nth call fail. Nothing of
 * it is linked into any program.
 *
 *     SHIM_LOG=FILE      write down what happens to data.mdb and which frames leave (shim.h)
 *     SHIM_CALLS=KINDS   which calls count: any of alloc,write,short,sync,grow,send,recv,name,
 *                        unlink, with commas
 *     SHIM_AT=N          the Nth of them (from 0) …
 *     SHIM_HOW=once      … fails; or `good`: it and all after it fail; or `kill`: the process is
 *                        killed before it; or `trap`: a debugger gets a signal there
 *     SHIM_HIT=FILE      gets a byte when that happened: empty, the program ended before the Nth
 *     SHIM_COUNT=FILE    gets how many calls of KINDS there were, when the program ends by itself
 *                        (both are opened at the start: a program may give its rights away later)
 *     SHIM_MAP=BYTES     the store's map never grows beyond this
 *
 * A failure is one that the call can have: no memory, a full disk, a broken device, a connection
 * that is gone. `short` writes half. Words for people (descriptor 2) and what is no file, no pipe
 * and no TCP connection (the wake-up calls between threads) are left alone.
 */
#include "tests/faults/shim.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define FDS 4096
#define BIG_MAP ((size_t)1 << 20) /* a mapping of a file that is larger is the store's */

enum kind {
    ALLOC = 1,
    WRITE = 2,
    SHORT = 4,
    SYNC = 8,
    GROW = 16,
    SEND = 32,
    RECV = 64,
    NAME = 128,
    UNLINK = 256
};
enum how { NOTHING, ONCE, FOR_GOOD, KILL, TRAP };

static struct {
    atomic_bool ready;
    int log; /* −1: nothing is written down */
    unsigned kinds;
    enum how how;
    long at;
    size_t map;
    int hit, count;
} shim = {.log = -1, .hit = -1, .count = -1};
static atomic_long counted;
static atomic_uchar store_fd[FDS]; /* 1: data.mdb; 2: data.mdb, and each write is a sync */

/* The libc's own allocator, under the names that it is exported by for this very use. */
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t align, size_t n);

static unsigned kinds_of(const char *text) {
    static const char *const names[] = {"alloc", "write", "short", "sync",  "grow",
                                        "send",  "recv",  "name",  "unlink"};
    unsigned kinds = 0;
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (text && strstr(text, names[i]))
            kinds |= 1u << i;
    return kinds;
}

static enum how how_of(const char *text) {
    return !text                       ? NOTHING
           : strcmp(text, "once") == 0 ? ONCE
           : strcmp(text, "good") == 0 ? FOR_GOOD
           : strcmp(text, "trap") == 0 ? TRAP
                                       : KILL;
}

/* The file that variable `name` names, for writing; -1: none. */
static int opened(const char *name, int flags) {
    const char *path = getenv(name);
    return path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_CLOEXEC | flags,
                               0600)
                : -1;
}

__attribute__((constructor)) static void start(void) {
    const char *at = getenv("SHIM_AT"), *map = getenv("SHIM_MAP");
    shim.kinds = kinds_of(getenv("SHIM_CALLS"));
    shim.how = how_of(getenv("SHIM_HOW"));
    shim.at = at ? strtol(at, NULL, 10) : -1;
    shim.map = map ? strtoul(map, NULL, 10) : 0;
    shim.hit = opened("SHIM_HIT", 0);
    shim.count = opened("SHIM_COUNT", 0);
    shim.log = opened("SHIM_LOG", O_APPEND);
    shim.ready = true;
}

__attribute__((destructor)) static void end(void) {
    char text[24];
    int n = snprintf(text, sizeof text, "%-20ld\n", (long)counted);
    if (shim.count >= 0) /* of a process and its children the last one's stands */
        (void)syscall(SYS_pwrite64, shim.count, text, n, 0);
}

static void note_hit(void) {
    if (shim.hit >= 0)
        (void)syscall(SYS_write, shim.hit, "1", 1);
}

/* Whether this call, one of `kind`, is to fail. */
static bool must_fail(enum kind kind) {
    if (!shim.ready || shim.how == NOTHING || !(shim.kinds & (unsigned)kind))
        return false;
    long n = atomic_fetch_add(&counted, 1);
    if (n == shim.at)
        note_hit();
    if (n == shim.at && shim.how == KILL)
        (void)syscall(SYS_kill, getpid(), SIGKILL);
    if (n == shim.at && shim.how == TRAP)
        (void)raise(SIGTRAP);
    return shim.how == ONCE ? n == shim.at : shim.how == FOR_GOOD && n >= shim.at;
}

static void write_down(enum shim_event event, uint64_t at, const void *data, size_t n) {
    struct shim_entry head = {event, (uint32_t)n, at};
    union {
        const void *in;
        void *out;
    } u = {.in = data}; /* writev does not write through it */
    struct iovec part[2] = {{&head, sizeof head}, {u.out, n}};
    if (shim.log >= 0 &&
        syscall(SYS_writev, shim.log, part, n ? 2 : 1) != (ssize_t)(sizeof head + n))
        abort();
}

static unsigned store_of(int fd) {
    return fd >= 0 && fd < FDS ? store_fd[fd] : 0;
}

static mode_t mode_of(int fd) {
    struct stat st;
    return fstat(fd, &st) == 0 ? st.st_mode : 0;
}

static bool is_tcp(int fd) {
    int domain = 0;
    socklen_t n = sizeof domain;
    return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &n) == 0 &&
           (domain == AF_INET || domain == AF_INET6);
}

static int fails(int why) {
    errno = why;
    return -1;
}

/* ---- names: files made, moved, taken away ---- */

static void note_open(int fd, const char *path, int flags) {
    size_t n = strlen(path);
    if (fd < 0 || fd >= FDS)
        return;
    bool store = n >= 9 && strcmp(path + n - 9, "/data.mdb") == 0;
    store_fd[fd] = store ? (flags & O_DSYNC ? 2 : 1) : 0;
}

static int open_at(int dir, const char *path, int flags, mode_t mode) {
    if ((flags & (O_CREAT | O_TRUNC)) && must_fail(NAME))
        return fails(ENOSPC);
    int fd = (int)syscall(SYS_openat, dir, path, flags, mode);
    note_open(fd, path, flags);
    return fd;
}

#define MODE_OF(flags)                                                                             \
    __extension__({                                                                                \
        va_list ap;                                                                                \
        va_start(ap, flags);                                                                       \
        mode_t m = (flags) & (O_CREAT | __O_TMPFILE) ? va_arg(ap, mode_t) : 0;                     \
        va_end(ap);                                                                                \
        m;                                                                                         \
    })

int open(const char *path, int flags, ...) {
    return open_at(AT_FDCWD, path, flags, MODE_OF(flags));
}

int open64(const char *path, int flags, ...) {
    return open_at(AT_FDCWD, path, flags, MODE_OF(flags));
}

int openat(int dir, const char *path, int flags, ...) {
    return open_at(dir, path, flags, MODE_OF(flags));
}

int close(int fd) {
    if (fd >= 0 && fd < FDS)
        store_fd[fd] = 0;
    return (int)syscall(SYS_close, fd);
}

int rename(const char *from, const char *to) {
    return must_fail(NAME) ? fails(EIO) : (int)syscall(SYS_rename, from, to);
}

int renameat2(int dir, const char *from, int to_dir, const char *to, unsigned flags) {
    return must_fail(NAME) ? fails(EIO) : (int)syscall(SYS_renameat2, dir, from, to_dir, to, flags);
}

int link(const char *from, const char *to) {
    return must_fail(NAME) ? fails(EIO) : (int)syscall(SYS_link, from, to);
}

int unlink(const char *path) {
    return must_fail(UNLINK) ? fails(EIO) : (int)syscall(SYS_unlink, path);
}

int mkdir(const char *path, mode_t mode) {
    return must_fail(NAME) ? fails(ENOSPC) : (int)syscall(SYS_mkdir, path, mode);
}

/* ---- writes ---- */

/* −1: this write fails; else how many of `n` bytes it may take. */
static ssize_t allowed(int fd, size_t n) {
    if (!(shim.kinds & (WRITE | SHORT)) || fd == 2)
        return (ssize_t)n;
    mode_t mode = mode_of(fd);
    if (!S_ISREG(mode) && !(S_ISFIFO(mode) && fd == 1))
        return (ssize_t)n;
    if (must_fail(WRITE))
        return fails(ENOSPC);
    return n > 1 && must_fail(SHORT) ? (ssize_t)(n / 2) : (ssize_t)n;
}

static void note_write(int fd, const void *data, ssize_t n, off_t at) {
    unsigned store = store_of(fd);
    if (store && n > 0)
        write_down(store == 2 ? SHIM_DURABLE : SHIM_WRITE, (uint64_t)at, data, (size_t)n);
}

ssize_t pwrite(int fd, const void *data, size_t n, off_t at) {
    ssize_t most = allowed(fd, n);
    ssize_t put = most < 0 ? -1 : syscall(SYS_pwrite64, fd, data, (size_t)most, at);
    note_write(fd, data, put, at);
    return put;
}

ssize_t pwrite64(int fd, const void *data, size_t n, off64_t at) {
    return pwrite(fd, data, n, at);
}

ssize_t write(int fd, const void *data, size_t n) {
    ssize_t most = allowed(fd, n);
    off_t at = store_of(fd) ? lseek(fd, 0, SEEK_CUR) : 0;
    ssize_t put = most < 0 ? -1 : syscall(SYS_write, fd, data, (size_t)most);
    note_write(fd, data, put, at);
    return put;
}

/* What a vectored write put, part by part. */
static void note_parts(int fd, const struct iovec *part, int n, ssize_t put, off_t at) {
    for (int i = 0; i < n && put > 0; i++) {
        ssize_t here = put < (ssize_t)part[i].iov_len ? put : (ssize_t)part[i].iov_len;
        note_write(fd, part[i].iov_base, here, at);
        at += here;
        put -= here;
    }
}

ssize_t pwritev(int fd, const struct iovec *part, int n, off_t at) {
    if (allowed(fd, 1) < 0)
        return -1;
    ssize_t put = syscall(SYS_pwritev, fd, part, n, at, 0);
    note_parts(fd, part, n, put, at);
    return put;
}

ssize_t pwritev64(int fd, const struct iovec *part, int n, off64_t at) {
    return pwritev(fd, part, n, at);
}

ssize_t writev(int fd, const struct iovec *part, int n) {
    if (allowed(fd, 1) < 0)
        return -1;
    off_t at = store_of(fd) ? lseek(fd, 0, SEEK_CUR) : 0;
    ssize_t put = syscall(SYS_writev, fd, part, n);
    note_parts(fd, part, n, put, at);
    return put;
}

/* ---- syncs ---- */

static int sync_with(long call, int fd) {
    if (must_fail(SYNC))
        return fails(EIO);
    int rc = (int)syscall(call, fd);
    if (rc == 0 && store_of(fd))
        write_down(SHIM_SYNC, 0, NULL, 0);
    return rc;
}

int fsync(int fd) {
    return sync_with(SYS_fsync, fd);
}

int fdatasync(int fd) {
    return sync_with(SYS_fdatasync, fd);
}

int msync(void *p, size_t n, int flags) {
    if (must_fail(SYNC))
        return fails(EIO);
    write_down(SHIM_OTHER, 0, "msync", 5);
    return (int)syscall(SYS_msync, p, n, flags);
}

/* ---- growth ---- */

int ftruncate(int fd, off_t size) {
    if (must_fail(GROW))
        return fails(ENOSPC);
    int rc = (int)syscall(SYS_ftruncate, fd, size);
    if (rc == 0 && store_of(fd))
        write_down(SHIM_TRUNCATE, (uint64_t)size, NULL, 0);
    return rc;
}

int ftruncate64(int fd, off64_t size) {
    return ftruncate(fd, size);
}

static void *map(void *p, size_t n, int prot, int flags, int fd, off_t at) {
    union {
        long number;
        void *p;
    } u;
    if (must_fail(fd < 0 ? ALLOC : n >= BIG_MAP ? GROW : NAME)) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    if (store_of(fd) && (prot & PROT_WRITE) && !(flags & MAP_PRIVATE))
        write_down(SHIM_OTHER, 0, "a writable map", 14);
    u.number = syscall(SYS_mmap, p, n, prot, flags, fd, at);
    return u.p;
}

void *mmap(void *p, size_t n, int prot, int flags, int fd, off_t at) {
    return map(p, n, prot, flags, fd, at);
}

void *mmap64(void *p, size_t n, int prot, int flags, int fd, off64_t at) {
    return map(p, n, prot, flags, fd, at);
}

int mdb_env_set_mapsize(void *env, size_t size);
int mdb_env_set_mapsize(void *env, size_t size) {
    union {
        void *p;
        int (*f)(void *env, size_t size);
    } next = {.p = dlsym(RTLD_NEXT, "mdb_env_set_mapsize")};
    return next.f(env, shim.map && size > shim.map ? shim.map : size);
}

/* ---- memory ---- */

static void *none(void) {
    errno = ENOMEM;
    return NULL;
}

void *malloc(size_t n) {
    return must_fail(ALLOC) ? none() : __libc_malloc(n);
}

void *calloc(size_t n, size_t size) {
    return must_fail(ALLOC) ? none() : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n) {
    return must_fail(ALLOC) ? none() : __libc_realloc(p, n);
}

void *aligned_alloc(size_t align, size_t n) {
    return must_fail(ALLOC) ? none() : __libc_memalign(align, n);
}

int posix_memalign(void **ret, size_t align, size_t n) {
    void *p = must_fail(ALLOC) ? NULL : __libc_memalign(align, n);
    if (!p)
        return ENOMEM;
    *ret = p;
    return 0;
}

/* ---- the link ---- */

/* Whether this call meets a connection that is gone; then it is gone for both sides. */
static bool breaks(int fd, enum kind kind) {
    if (!(shim.kinds & (unsigned)kind) || !is_tcp(fd) || !must_fail(kind))
        return false;
    (void)syscall(SYS_shutdown, fd, SHUT_RDWR);
    return true;
}

static void note_sent(int fd, ssize_t n) {
    if (n > 0 && shim.log >= 0 && is_tcp(fd))
        write_down(SHIM_SENT, (uint64_t)n, NULL, 0);
}

ssize_t send(int fd, const void *data, size_t n, int flags) {
    if (breaks(fd, SEND))
        return fails(ECONNRESET);
    ssize_t put = syscall(SYS_sendto, fd, data, n, flags, NULL, 0);
    note_sent(fd, put);
    return put;
}

ssize_t sendmsg(int fd, const struct msghdr *m, int flags) {
    if (breaks(fd, SEND))
        return fails(ECONNRESET);
    ssize_t put = syscall(SYS_sendmsg, fd, m, flags);
    note_sent(fd, put);
    return put;
}

ssize_t recv(int fd, void *data, size_t n, int flags) {
    return breaks(fd, RECV) ? fails(ECONNRESET)
                            : syscall(SYS_recvfrom, fd, data, n, flags, NULL, NULL);
}

ssize_t recvmsg(int fd, struct msghdr *m, int flags) {
    return breaks(fd, RECV) ? fails(ECONNRESET) : syscall(SYS_recvmsg, fd, m, flags);
}

/* Before libzmq has it: from here on the frame may leave at any time. Three letters and a version
 * open every frame; routing ids and the door's talk are something else. */
int zmq_send(void *socket, const void *data, size_t n, int flags);
int zmq_send(void *socket, const void *data, size_t n, int flags) {
    union {
        void *p;
        int (*f)(void *socket, const void *data, size_t n, int flags);
    } next = {.p = dlsym(RTLD_NEXT, "zmq_send")};
    if (n > 5 && memcmp(data, "TDF\1", 4) == 0)
        write_down(SHIM_FRAME, 0, data, n);
    return next.f(socket, data, n, flags);
}
