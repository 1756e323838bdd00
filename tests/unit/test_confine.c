/*
 * Each forbidden act is tried by a child process that was confined as the programs are, and by one
 * of its threads.
 */
#include "proto/confine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WATCHED 1
#else
#define WATCHED 0
#endif

static char folder[] = "/tmp/thidua-confine-XXXXXX", inside[64];

enum act {
    OPEN_INSIDE,
    MAKE_INSIDE,
    OPEN_OUTSIDE,
    WRITE_OUTSIDE,
    READ_NAMES,
    READ_ZONES,
    EXECUTE,
    SOCKET_IP,
    SOCKET_UNIX,
    SOCKET_ADDRESSES,
    LISTEN,
};

static int try_open(const char *path, int flags) {
    int fd = open(path, flags | O_CLOEXEC, 0600);
    int rc = fd < 0 ? errno : 0;
    if (fd >= 0)
        (void)close(fd);
    return rc;
}

static int try_socket(int family, bool listens) {
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int kind = family == AF_NETLINK ? SOCK_RAW : SOCK_STREAM;
    int fd = socket(family, kind | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return errno;
    bool bad =
        listens && (bind(fd, (struct sockaddr *)&any, sizeof any) != 0 || listen(fd, 1) != 0);
    int rc = bad ? errno : 0;
    (void)close(fd);
    return rc;
}

static int try_execute(void) {
    (void)execl("/bin/true", "true", (char *)NULL);
    return errno;
}

static int try_act(enum act act) {
    char made[80];
    (void)snprintf(made, sizeof made, "%s.new", inside);
    switch (act) {
    case OPEN_INSIDE:
        return try_open(inside, O_RDWR);
    case MAKE_INSIDE:
        return try_open(made, O_RDWR | O_CREAT);
    case OPEN_OUTSIDE:
        return try_open("/proc/self/status", O_RDONLY);
    case WRITE_OUTSIDE:
        return try_open("/tmp/thidua-confine-outside", O_RDWR | O_CREAT);
    case READ_NAMES:
        return try_open("/etc/passwd", O_RDONLY);
    case READ_ZONES:
        return try_open("/usr/share/zoneinfo", O_RDONLY | O_DIRECTORY);
    case EXECUTE:
        return try_execute();
    case SOCKET_IP:
        return try_socket(AF_INET, false);
    case SOCKET_UNIX:
        return try_socket(AF_UNIX, false);
    case SOCKET_ADDRESSES:
        return try_socket(AF_NETLINK, false);
    case LISTEN:
        return try_socket(AF_INET, true);
    }
    return -1;
}

static pthread_barrier_t confined;

/* A thread that was there before calls were confined. */
static void *in_thread(void *arg) {
    int *act = arg;
    (void)pthread_barrier_wait(&confined);
    *act = try_act((enum act) * act);
    return NULL;
}

/* What comes of `act` in a confined process, in its main thread or another. */
static int outcome(enum act act, bool names, enum confine_net net, bool thread) {
    int status;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        pthread_t t;
        int arg = (int)act;
        (void)pthread_barrier_init(&confined, NULL, 2);
        bool ok = confine_files(folder, "/nowhere", names);
        if (thread)
            ok = ok && pthread_create(&t, NULL, in_thread, &arg) == 0;
        ok = ok && confine_calls(net);
        if (!ok)
            _exit(255);
        if (!thread)
            _exit(try_act(act));
        (void)pthread_barrier_wait(&confined);
        (void)pthread_join(t, NULL);
        _exit(arg);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void what_is_not_allowed_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *name;
        enum act act;
        bool names;
        enum confine_net net;
        int want;
    } cases[] = {
        {"its own file", OPEN_INSIDE, false, CONFINE_ACCEPTS, 0},
        {"a new file of its own", MAKE_INSIDE, false, CONFINE_ACCEPTS, 0},
        {"a file elsewhere", OPEN_OUTSIDE, false, CONFINE_ACCEPTS, EACCES},
        {"a new file elsewhere", WRITE_OUTSIDE, true, CONFINE_CONNECTS, EACCES},
        {"what names take", READ_NAMES, true, CONFINE_CONNECTS, 0},
        {"the same without names", READ_NAMES, false, CONFINE_ACCEPTS, EACCES},
        {"time zones", READ_ZONES, false, CONFINE_ACCEPTS, 0},
        {"another program", EXECUTE, false, CONFINE_ACCEPTS, EPERM},
        {"another program, with names", EXECUTE, true, CONFINE_CONNECTS, EPERM},
        {"a socket where one only accepts", SOCKET_IP, false, CONFINE_ACCEPTS, EPERM},
        {"a socket offline", SOCKET_IP, false, CONFINE_OFFLINE, EPERM},
        {"a socket where one connects", SOCKET_IP, true, CONFINE_CONNECTS, 0},
        {"a socket of the machine", SOCKET_UNIX, true, CONFINE_CONNECTS, EAFNOSUPPORT},
        {"the machine's addresses", SOCKET_ADDRESSES, true, CONFINE_CONNECTS, 0},
        {"listening elsewhere", LISTEN, true, CONFINE_CONNECTS, EPERM},
    };
    if (WATCHED)
        skip();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int thread = 0; thread < 2; thread++) {
            print_message("%s%s\n", cases[i].name, thread ? ", by a thread" : "");
            int got = outcome(cases[i].act, cases[i].names, cases[i].net, thread != 0);
            if (got == 255) { /* this machine's kernel cannot */
                print_message("not on this kernel\n");
                skip();
            }
            assert_int_equal(got, cases[i].want);
        }
}

static int begin(void **state) {
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    (void)snprintf(inside, sizeof inside, "%s/data", folder);
    int fd = open(inside, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    return fd < 0 ? -1 : close(fd);
}

static int end(void **state) {
    char made[80];
    (void)state;
    (void)snprintf(made, sizeof made, "%s.new", inside);
    (void)unlink(made);
    (void)unlink(inside);
    return rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_allowed_is_refused),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
