/* thidua-audit: the independent verifier. Of audit/ this file alone touches the machine; what every
 * program does first there, proto/language and proto/confine do for it. */
#include "audit/verify_cmd.h"
#include "core/verb_run.h"
#include "proto/confine.h"
#include "proto/language.h"

#include <errno.h>
#include <fcntl.h>
#include <libintl.h>
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
            !confine_files(NULL, language_catalogues(), false) || !confine_calls(CONFINE_OFFLINE);
    return rc;
}

static const char *translate(const char *msgid) {
    return *msgid ? gettext(msgid) : msgid;
}

/* Write all of `b` to `fd`; ERR_IO, saying why, if the other end or the disk is gone. */
static int put_out(int fd, const struct buf *b, struct err *e) {
    for (size_t at = 0; at < b->len;) {
        ssize_t n = write(fd, b->data + at, b->len - at);
        if (n < 0 && errno != EINTR)
            return err_set(e, ERR_IO, "the result cannot be written out (%s)", strerror(errno));
        at += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

/* Data first, then words, then why it failed. */
static int finish(const struct verb_call *call, struct err *e) {
    char text[ERR_ARGS * ERR_ARG_BYTES + 1024];
    struct err io = {0};
    int rc = put_out(STDOUT_FILENO, &call->out, &io);
    (void)put_out(STDERR_FILENO, &call->words, NULL);
    if (rc != 0 && e->code == 0)
        *e = io;
    if (unconfined)
        (void)fprintf(stderr, "%s\n",
                      translate(N_("the kernel of this machine cannot take from this program what "
                                   "it does not need: it ran as it is")));
    if (e->code != 0)
        (void)fprintf(stderr, "thidua-audit: %s\n", err_text(e, translate, text, sizeof text));
    return err_exit_status(e->code);
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
    language_choose(argc, argv, language_catalogues());
    verb_call_init(&call, &world, &host);
    (void)verb_run(&program, argc, argv, &call, &e);
    int status = finish(&call, &e);
    verb_call_done(&call);
    return status;
}
