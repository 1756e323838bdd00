#include "core/world.h"

#include "core/err.h"

#include <stdarg.h>

struct moment world_moment(const struct world *w) {
    return (struct moment){w->now(w->arg), w->boot_ms(w->arg)};
}

const char *world_tr(const struct world *w, const char *msgid) {
    return w->tr ? w->tr(msgid) : msgid;
}

static void put_line(const struct world *w, struct buf *to, const char *msgid, va_list ap) {
    struct err line = {0};
    char text[ERR_ARGS * ERR_ARG_BYTES + 1024];
    err_vset(&line, ERR_REFUSED, msgid, ap);
    buf_put_str(to, err_text(&line, w->tr, text, sizeof text));
}

void world_say(const struct world *w, struct buf *to, const char *msgid, ...) {
    va_list ap;
    va_start(ap, msgid);
    put_line(w, to, msgid, ap);
    va_end(ap);
    buf_put_u8(to, '\n');
}

void world_say_with(const struct world *w, struct buf *to, const char *text, const char *msgid,
                    ...) {
    va_list ap;
    va_start(ap, msgid);
    put_line(w, to, msgid, ap);
    va_end(ap);
    buf_printf(to, " %s\n", text);
}

void world_progress(const struct world *w, const char *what, uint64_t done, uint64_t total) {
    if (w->progress)
        w->progress(w->arg, what, done, total);
}
