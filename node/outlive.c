#include "node/outlive.h"

#include <stdio.h>
#include <string.h>

static void tell(struct outlive *o, struct verb_call *call, const struct err *e) {
    char text[sizeof o->said];
    const struct world *w = call->world;
    int64_t now_ms = w->boot_ms(w->arg);
    err_text(e, w->tr, text, sizeof text);
    if (strcmp(text, o->said) == 0 && now_ms - o->said_ms < OUTLIVE_SILENT_MS)
        return;
    (void)snprintf(o->said, sizeof o->said, "%s", text);
    o->said_ms = now_ms;
    buf_printf(&call->words, "%s\n", text);
}

int outlive_failure(struct outlive *o, struct verb_call *call, const char *program, int rc,
                    struct err *e) {
    if (rc == 0 || rc == ERR_UNKNOWN)
        return rc;
    if (rc == ERR_CORRUPT) {
        world_say(call->world, &call->words,
                  "this program stops, because its store is damaged: run `%s check` on its "
                  "directory, which names what is wrong, keep a copy of it, and put a good copy in "
                  "its place",
                  program);
        return rc;
    }
    tell(o, call, e);
    err_clear(e);
    return 0;
}
