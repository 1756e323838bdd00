#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/lock.h"
#include "tests/unit/fixture_disk.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[FIXTURE_PATH];

static int begin(void **state) {
    (void)state;
    fixture_folder(folder);
    return 0;
}

static int end(void **state) {
    (void)state;
    fixture_remove(folder);
    return 0;
}

/* A process that holds the lock until it is killed. */
static pid_t hold(void) {
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        int fd;
        if (lock_take(folder, &fd, NULL) != 0 || write(ready[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            (void)pause();
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    (void)close(ready[0]);
    (void)close(ready[1]);
    return pid;
}

static void a_lock_that_another_process_holds_is_refused_by_its_number(void **state) {
    (void)state;
    struct err e = {0};
    int fd = -1, status;
    char text[512], number[32];
    pid_t pid = hold();
    assert_int_equal(lock_take(folder, &fd, &e), ERR_REFUSED);
    assert_int_equal(fd, -1);
    (void)snprintf(number, sizeof number, "process %ld)", (long)pid);
    assert_non_null(strstr(err_text(&e, NULL, text, sizeof text), number));
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    err_clear(&e);
    FIXTURE_OK(lock_take(folder, &fd, &e), &e); /* however its holder ended */
    lock_give(fd);
}

static void a_lock_given_back_can_be_taken_again(void **state) {
    (void)state;
    struct err e = {0};
    int fd = -1, second = -1;
    FIXTURE_OK(lock_take(folder, &fd, &e), &e);
    assert_int_equal(lock_take(folder, &second, &e), ERR_REFUSED);
    lock_give(fd);
    err_clear(&e);
    FIXTURE_OK(lock_take(folder, &second, &e), &e);
    lock_give(second);
    lock_give(-1);
}

static void a_folder_that_is_not_there_cannot_be_locked(void **state) {
    (void)state;
    char none[FIXTURE_PATH];
    int fd = -1;
    fixture_join_path(none, folder, "none");
    assert_int_equal(lock_take(none, &fd, NULL), ERR_ABSENT);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_lock_that_another_process_holds_is_refused_by_its_number),
        TEST(a_lock_given_back_can_be_taken_again),
        TEST(a_folder_that_is_not_there_cannot_be_locked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
