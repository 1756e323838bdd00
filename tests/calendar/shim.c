/*
 * Another date, for programs under a sanitizer: libfaketime waits for itself there. Preload it
 * behind the sanitizer's library; CALENDAR_OFFSET is in seconds.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *ret_time) {
    int rc = (int)syscall(SYS_clock_gettime, clock, ret_time);
    const char *offset = clock == CLOCK_REALTIME ? getenv("CALENDAR_OFFSET") : NULL;
    if (rc == 0 && offset)
        ret_time->tv_sec += strtol(offset, NULL, 10);
    return rc;
}
