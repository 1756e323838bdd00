#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/language.h"
#include "store/host.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/thidua-host-XXXXXX";

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) ? chdir(folder) : -1;
}

static int remove_folder(void **state) {
    (void)state;
    return chdir("/") || rmdir(folder);
}

static void assert_content(const char *path, const char *want) {
    struct buf got;
    buf_init(&got);
    assert_int_equal(host_read_file(path, 100, &got, NULL), 0);
    assert_string_equal(buf_cstr(&got), want);
    buf_done(&got);
}

/* Read what is not there: a page that may not be read, or one past the end of its file. */
static void read_nothing(bool past_the_end) {
    int fd = past_the_end ? open("short", O_RDWR | O_CREAT | O_TRUNC, 0600) : -1;
    volatile char *page = mmap(NULL, 4096, past_the_end ? PROT_READ : PROT_NONE,
                               MAP_PRIVATE | (past_the_end ? 0 : MAP_ANONYMOUS), fd, 0);
    (void)*page;
}

static void read_what_may_not_be_read(void) {
    read_nothing(false);
}

static void read_past_the_end(void) {
    read_nothing(true);
}

static void *abort_at_once(void *arg) {
    (void)arg;
    abort();
}

static void abort_in_two_threads(void) {
    pthread_t other;
    (void)pthread_create(&other, NULL, abort_at_once, NULL);
    abort();
}

static void a_program_that_is_ended_says_so_in_one_line(void **state) {
    (void)state;
#ifndef __SANITIZE_ADDRESS__
    static const struct world world = {.tr = NULL};
    static const struct {
        const char *name;
        void (*end)(void);
        const char *want;
        bool stays, runs;
        int exit;
    } cases[] = {
        {"no right to a page", read_what_may_not_be_read, "this program read what is not there", 0,
         0, 1},
        {"no page", read_past_the_end, "this program read what is not there", 0, 0, 1},
        {"an abort", abort, "this program cannot go on and stops", 0, 0, 1},
        {"two aborts", abort_in_two_threads, "this program cannot go on and stops", 0, 0, 1},
        {"no page, to a daemon", read_past_the_end, "this program read what is not there", 1, 1,
         ERR_EXIT_AGAIN},
        {"no page, to one that begins", read_past_the_end, "this program read what is not there", 1,
         0, 1},
        {"an abort of a daemon", abort, "this program cannot go on and stops", 1, 0,
         ERR_EXIT_AGAIN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char said[600] = "";
        int ends[2], status;
        assert_int_equal(pipe(ends), 0);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            (void)dup2(ends[1], 2);
            (void)signal(SIGSEGV, SIG_DFL); /* the test's own handlers go on with the next test */
            (void)signal(SIGBUS, SIG_DFL);
            host_faults("thidua-test", &world);
            if (cases[i].stays)
                host_stay();
            if (cases[i].runs)
                host_run();
            cases[i].end();
            _exit(0);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        (void)close(ends[1]);
        assert_true(read(ends[0], said, sizeof said - 1) > 0);
        assert_true(WIFEXITED(status));
        if (WEXITSTATUS(status) != cases[i].exit)
            fail_msg("%s: %d", cases[i].name, WEXITSTATUS(status));
        assert_ptr_equal(strstr(said, "thidua-test: "), said);
        assert_ptr_equal(strstr(said, cases[i].want), said + strlen("thidua-test: "));
        assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
        (void)close(ends[0]);
    }
    assert_int_equal(unlink("short"), 0);
#endif
}

static void a_program_that_stays_up_says_whether_it_is_to_be_started_again(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int code, command, daemon;
    } cases[] = {
        {"nothing went wrong", 0, 0, 0},    {"a refusal", ERR_REFUSED, 1, 1},
        {"wrong usage", ERR_USAGE, 2, 2},   {"no memory", ERR_NOMEM, 1, 71},
        {"the machine", ERR_IO, 1, 71},     {"damage", ERR_CORRUPT, 1, 1},
        {"unknown", ERR_UNKNOWN, 1, 71},    {"nothing there", ERR_ABSENT, 1, 1},
        {"nobody there", ERR_AWAY, 75, 75},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        print_message("%s\n", cases[i].name);
        assert_int_equal(err_exit_status(cases[i].code), cases[i].command);
        assert_int_equal(err_exit_status_staying(cases[i].code), cases[i].daemon);
    }
}

static size_t files_here(void) {
    DIR *d = opendir(".");
    size_t n = 0;
    assert_non_null(d);
    while (readdir(d))
        n++;
    (void)closedir(d);
    return n - 2;
}

static void a_file_is_replaced_whole_or_not_at_all(void **state) {
    (void)state;
    struct err e = {0};
    struct stat st;
    assert_int_equal(host_write_file("a", slice_str("one"), 0600, HOST_NEW, NULL), 0);
    assert_int_equal(stat("a", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(host_write_file("a", slice_str("two"), 0600, HOST_REPLACE, NULL), 0);
    assert_content("a", "two");
    assert_int_equal(host_write_file("a", slice_str("three"), 0600, HOST_NEW, &e), ERR_REFUSED);
    assert_content("a", "two");
    assert_int_equal(host_write_file("no/such", slice_str("x"), 0600, HOST_NEW, NULL), ERR_IO);
    assert_int_equal(files_here(), 1);
    assert_int_equal(unlink("a"), 0);
}

static void a_write_that_fails_leaves_the_old_file_and_no_litter(void **state) {
    (void)state;
    struct rlimit old, small = {8, RLIM_INFINITY};
    char long_text[64];
    memset(long_text, 'x', sizeof long_text);
    assert_int_equal(host_write_file("a", slice_str("old"), 0600, HOST_NEW, NULL), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small.rlim_max = old.rlim_max;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int rc = host_write_file("a", slice_of(long_text, sizeof long_text), 0600, HOST_REPLACE, NULL);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(rc, ERR_IO);
    assert_content("a", "old");
    assert_int_equal(files_here(), 1);
    assert_int_equal(unlink("a"), 0);
}

static void reading_is_bounded_and_says_what_is_missing(void **state) {
    (void)state;
    struct buf got;
    buf_init(&got);
    buf_put_str(&got, "kept");
    assert_int_equal(host_write_file("a", slice_str("12345"), 0600, HOST_NEW, NULL), 0);
    assert_int_equal(host_read_file("a", 4, &got, NULL), ERR_REFUSED);
    assert_int_equal(host_read_file("b", 4, &got, NULL), ERR_ABSENT);
    assert_int_equal(host_read_file(".", 4, &got, NULL), ERR_IO);
    assert_string_equal(buf_cstr(&got), "kept");
    assert_int_equal(host_read_file("a", 5, &got, NULL), 0);
    assert_string_equal(buf_cstr(&got), "kept12345");
    assert_int_equal(unlink("a"), 0);
    buf_done(&got);
}

static void the_language_is_vietnamese_unless_english_is_asked_for(void **state) {
    (void)state;
    static const struct {
        const char *lc_all, *lang, *option, *want;
    } cases[] = {
        {NULL, NULL, NULL, "vi"},           {"C.UTF-8", NULL, NULL, "vi"},
        {NULL, "en_GB.UTF-8", NULL, "en"},  {"vi_VN.UTF-8", "en_GB.UTF-8", NULL, "vi"},
        {NULL, "en_US", "--lang=vi", "vi"}, {NULL, NULL, "--lang=en", "en"},
        {"", "en_US", NULL, "en"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char option[16] = "verb", name[] = "p";
        char *argv[] = {name, option, NULL};
        if (cases[i].option)
            memcpy(option, cases[i].option, strlen(cases[i].option) + 1);
        (void)unsetenv("LC_ALL");
        (void)unsetenv("LC_MESSAGES");
        (void)unsetenv("LANG");
        if (cases[i].lc_all)
            (void)setenv("LC_ALL", cases[i].lc_all, 1);
        if (cases[i].lang)
            (void)setenv("LANG", cases[i].lang, 1);
        language_choose(2, argv, "/nowhere");
        assert_string_equal(getenv("LANGUAGE"), cases[i].want);
    }
}

static void messages_come_out_in_vietnamese_without_any_vietnamese_locale(void **state) {
    (void)state;
    static const char msgid[] =
        "out of memory; nothing was changed: close other programs, try again";
    char name[] = "p", vi[] = "--lang=vi", en[] = "--lang=en";
    struct world w;
    host_world(&w);
    language_choose(2, (char *[]){name, vi, NULL}, LOCALE_DIR);
    assert_non_null(strstr(world_tr(&w, msgid), "hết bộ nhớ"));
    language_choose(2, (char *[]){name, en, NULL}, LOCALE_DIR);
    assert_string_equal(world_tr(&w, msgid), msgid);
}

static void asking_to_stop_makes_the_descriptor_readable(void **state) {
    (void)state;
    int fd;
    assert_int_equal(host_stop_fd(&fd, NULL), 0);
    struct pollfd p = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&p, 1, 0), 0);
    assert_int_equal(raise(SIGTERM), 0);
    assert_int_equal(poll(&p, 1, 1000), 1);
    (void)close(fd);
}

static void the_world_ticks_and_is_random(void **state) {
    (void)state;
    struct world w;
    uint8_t a[32] = {0}, b[32] = {0};
    host_world(&w);
    assert_true(w.now(w.arg) > 1600000000000);
    w.random(w.arg, a, sizeof a);
    w.random(w.arg, b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
}

static void a_program_starts_closed(void **state) {
    (void)state;
    struct rlimit core;
    mode_t mask = umask(0);
    (void)umask(mask);
    assert_int_equal(mask, 077);
    assert_int_equal(getrlimit(RLIMIT_CORE, &core), 0);
    assert_true(core.rlim_max <= 1);
    assert_int_equal(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
#ifndef __SANITIZE_ADDRESS__
    assert_int_equal(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
#endif
}

static void a_program_that_stays_up_takes_all_the_file_handles_it_may(void **state) {
    (void)state;
    struct rlimit files;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
    files.rlim_cur = 256;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
    (void)host_serve();
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
    assert_true(files.rlim_cur == files.rlim_max);
}

int main(void) {
    host_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_starts_closed),
        cmocka_unit_test(a_program_that_is_ended_says_so_in_one_line),
        cmocka_unit_test(a_program_that_stays_up_says_whether_it_is_to_be_started_again),
        cmocka_unit_test(a_program_that_stays_up_takes_all_the_file_handles_it_may),
        cmocka_unit_test(a_file_is_replaced_whole_or_not_at_all),
        cmocka_unit_test(a_write_that_fails_leaves_the_old_file_and_no_litter),
        cmocka_unit_test(reading_is_bounded_and_says_what_is_missing),
        cmocka_unit_test(the_language_is_vietnamese_unless_english_is_asked_for),
        cmocka_unit_test(messages_come_out_in_vietnamese_without_any_vietnamese_locale),
        cmocka_unit_test(asking_to_stop_makes_the_descriptor_readable),
        cmocka_unit_test(the_world_ticks_and_is_random),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
