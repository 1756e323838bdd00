/* thidua-audit: the independent verifier. This file alone touches the machine. */
#include "audit/verify_cmd.h"
#include "core/verb_run.h"
#include "proto/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <libintl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK_BYTES ((size_t)1 << 20)

static int read_all(int fd, const char *path, struct buf *out, struct err *e) {
    for (;;) {
        uint8_t *at = buf_extend(out, BLOCK_BYTES);
        if (!at)
            return err_nomem(e);
        out->len -= BLOCK_BYTES;
        ssize_t n = read(fd, at, BLOCK_BYTES);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set(e, ERR_IO, "%s cannot be read (%s)", path, strerror(errno));
        if (n == 0)
            return 0;
        out->len += (size_t)n;
    }
}

/* The kernel could not take away what is not needed once the file is read. */
static bool unconfined;

static int read_file(const char *path, struct buf *out, struct err *e) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(e, ERR_REFUSED, "%s cannot be opened (%s)", path, strerror(errno));
    int rc = read_all(fd, path, out, e);
    (void)close(fd);
    if (rc == 0)
        unconfined =
            !confine_files(NULL, THIDUA_LOCALEDIR, false) || !confine_calls(CONFINE_OFFLINE);
    return rc;
}

static const char *language(int argc, char *const *argv) {
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strncmp(argv[i], "--lang=", 7) == 0)
            return argv[i] + 7;
        if (strcmp(argv[i], "--lang") == 0 && i + 1 < argc)
            return argv[i + 1];
    }
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return value;
    }
    return "vi";
}

/* gettext heeds LANGUAGE under C.UTF-8, which every glibc has. */
static void choose_language(int argc, char *const *argv) {
    bool english = strncmp(language(argc, argv), "en", 2) == 0;
    (void)setlocale(LC_ALL, "C.UTF-8");
    (void)setenv("LANGUAGE", english ? "en" : "vi", 1);
    (void)bindtextdomain("thidua", THIDUA_LOCALEDIR);
    (void)bind_textdomain_codeset("thidua", "UTF-8");
    (void)textdomain("thidua");
}

static const char *translate(const char *msgid) {
    return *msgid ? gettext(msgid) : msgid;
}

/* Whether all of `b` went to `to`; an empty one has no bytes to point at. */
static bool put_out(const struct buf *b, FILE *to) {
    return b->len == 0 || fwrite(b->data, 1, b->len, to) == b->len;
}

/* Data first, then words, then why it failed. */
static int finish(const struct verb_call *call, const struct err *e) {
    char text[ERR_ARGS * ERR_ARG_BYTES + 1024];
    bool ok = put_out(&call->out, stdout);
    ok = fflush(stdout) == 0 && ok;
    (void)put_out(&call->words, stderr);
    if (unconfined)
        (void)fprintf(stderr, "%s\n",
                      translate(N_("the kernel of this machine cannot take from this program what "
                                   "it does not need: it ran as it is")));
    if (e->code != 0)
        (void)fprintf(stderr, "thidua-audit: %s\n", err_text(e, translate, text, sizeof text));
    return e->code == 0 && !ok ? 1 : err_exit_status(e->code);
}

int main(int argc, char **argv) {
    static const struct verb *const verbs[] = {&verify_cmd, NULL};
    static const struct verb_program program = {
        .name = "thidua-audit",
        .version = THIDUA_VERSION,
        .about = N_("verifies a bundle with nothing but the fingerprint of its root"),
        .verbs = verbs,
    };
    struct verify_cmd_host host = {read_file};
    struct world world = {.tr = translate};
    struct verb_call call;
    struct err e = {0};
    (void)signal(SIGPIPE, SIG_IGN);
    choose_language(argc, argv);
    verb_call_init(&call, &world, &host);
    (void)verb_run(&program, argc, argv, &call, &e);
    int status = finish(&call, &e);
    verb_call_done(&call);
    return status;
}
