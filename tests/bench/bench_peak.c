/*
 * bench_peak: run a command and watch the most anonymous memory that it held.
 *
 *     bench_peak COMMAND...
 *
 * Looks as often as it can from the other core, so a peak of less than some tens of microseconds
 * may be missed. Prints one JSON object after what the command printed on standard error.
 */
#include "tests/bench/bench.h"

#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* RssAnon of the process whose `status` is `fd`, in KiB; 0 when it is gone. */
static unsigned long anonymous_kib(int fd) {
    char text[4096];
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    if (n <= 0)
        return 0;
    text[n] = '\0';
    const char *line = strstr(text, "RssAnon:");
    return line ? strtoul(line + 8, NULL, 10) : 0;
}

int main(int argc, char **argv) {
    char path[64];
    int status = 0, gate[2];
    unsigned long peak = 0, looks = 0;
    if (argc < 2 || pipe(gate) != 0) {
        fprintf(stderr, "usage: bench_peak COMMAND...\n");
        return 2;
    }
    int64_t began = bench_now_ns();
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_WRONLY);
        if (null >= 0)
            (void)dup2(null, 1);
        (void)execv(argv[1], argv + 1);
        _exit(127);
    }
    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    int fd = open(path, O_RDONLY);
    while (fd >= 0 && waitpid(pid, &status, WNOHANG) == 0) {
        unsigned long now = anonymous_kib(fd);
        peak = now > peak ? now : peak;
        looks++;
    }
    printf("{\"peak_kib\":%lu,\"looks\":%lu,\"seconds\":%.6f,\"exit\":%d}\n", peak, looks,
           (double)(bench_now_ns() - began) / 1e9, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    return 0;
}
