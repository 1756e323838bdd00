/*
 * bench_ask: how long a question to a command takes, from its start until its whole answer is here
 * and it has ended.
 *
 *     bench_ask COMMAND... <LINES
 *
 * Runs COMMAND, with one more word, for each line of standard input: a process of its own each
 * time, one after another. Prints a line for each, {"us":…,"cpu_us":…,"said":…}: the wall clock and
 * the CPU that it took, in microseconds, and what it printed, which is to be JSON.
 */
#include "tests/bench/bench.h"

#include <spawn.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER_MAX (1u << 20)
#define WORDS_MAX 64

extern char **environ;

/* Start `words`, their standard output in `ret_fd`. */
static pid_t start(char *const *words, int *ret_fd) {
    posix_spawn_file_actions_t actions;
    int ends[2];
    pid_t pid = 0;
    if (pipe(ends) != 0 || posix_spawn_file_actions_init(&actions) != 0 ||
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1) != 0 ||
        posix_spawn_file_actions_addclose(&actions, ends[0]) != 0 ||
        posix_spawn_file_actions_addclose(&actions, ends[1]) != 0 ||
        posix_spawn(&pid, words[0], &actions, NULL, words, environ) != 0)
        bench_fail(words[0], NULL);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)close(ends[1]);
    *ret_fd = ends[0];
    return pid;
}

/* Everything that comes out of `fd`, as text without the end of its last line. */
static void read_all(int fd, char text[ANSWER_MAX]) {
    size_t n = 0;
    for (ssize_t got = 1; got > 0; n += (size_t)got) {
        got = read(fd, text + n, ANSWER_MAX - 1 - n);
        if (got < 0)
            bench_fail("read", NULL);
    }
    text[n > 0 && text[n - 1] == '\n' ? n - 1 : n] = '\0';
    (void)close(fd);
}

static long long microseconds(struct timeval t) {
    return t.tv_sec * 1000000LL + t.tv_usec;
}

static void ask(char *const *words) {
    static char answer[ANSWER_MAX];
    struct rusage used;
    int fd = -1, status = 0;
    int64_t began = bench_now_ns();
    pid_t pid = start(words, &fd);
    read_all(fd, answer);
    if (wait4(pid, &status, 0, &used) != pid || status != 0)
        bench_fail(words[0], NULL);
    int64_t ended = bench_now_ns();
    printf("{\"us\":%lld,\"cpu_us\":%lld,\"said\":%s}\n", (long long)((ended - began) / 1000),
           microseconds(used.ru_utime) + microseconds(used.ru_stime), *answer ? answer : "null");
}

int main(int argc, char **argv) {
    char line[256], *words[WORDS_MAX];
    if (argc < 2 || argc > WORDS_MAX - 1) {
        fprintf(stderr, "usage: bench_ask COMMAND... <LINES\n");
        return 2;
    }
    memcpy(words, argv + 1, (size_t)(argc - 1) * sizeof *words);
    words[argc - 1] = line;
    words[argc] = NULL;
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        ask(words);
    }
    return 0;
}
