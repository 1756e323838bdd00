#include "hub/unit_file.h"

#include "core/limits.h"
#include "store/host.h"

#include <string.h>

/* The first line of `bytes` that is neither empty nor a remark of YAML; empty: there is none. */
static struct slice first_line(struct slice bytes) {
    const char *at = (const char *)bytes.data, *end = at + bytes.len;
    for (const char *next; at < end; at = next) {
        const char *eol = memchr(at, '\n', (size_t)(end - at));
        next = eol ? eol + 1 : end;
        if (*at != '#' && *at != '\n' && *at != '\r')
            return slice_of(at, (size_t)(next - at));
    }
    return slice_of(NULL, 0);
}

/* ERR_REFUSED for what `campaign issue` takes. */
static int look(struct slice bytes, const char *file, struct err *e) {
    static const char *const heads[] = {"campaign:", "profile:"};
    struct slice line = first_line(bytes);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        if (line.len >= strlen(heads[i]) && memcmp(line.data, heads[i], strlen(heads[i])) == 0)
            return err_set(e, ERR_REFUSED,
                           "%s looks like a campaign file, not a table of units: `campaign issue` "
                           "takes it",
                           file);
    return 0;
}

int unit_file_run(struct verb_call *call, const struct csv_column *columns, size_t n,
                  unit_file_take take, struct err *e) {
    const char *file = verb_arg(call, 0);
    struct buf bytes;
    struct csv *csv = NULL;
    struct problems p = {0};
    struct command o = {0};
    buf_init(&bytes);
    int rc = host_read_file(file, LIMIT_CSV_BYTES, &bytes, e);
    if (rc == 0)
        rc = look(buf_slice(&bytes), file, e);
    if (rc == 0)
        rc = csv_open(buf_slice(&bytes), file, &csv, &p, e);
    if (rc == 0)
        rc = csv_match(csv, columns, n, false, &p, e);
    /* Cells under a header that is not understood would only add to the confusion. */
    if (rc == 0)
        rc = problems_end(&p, file, call->world->tr, &call->words, e);
    if (rc == 0)
        rc = command_begin(call, ROLE_HUB, COMMAND_STATE, &o, e);
    if (rc == 0)
        rc = take(&o, csv, &p, file, e);
    rc = command_end(&o, rc, e);
    problems_done(&p);
    csv_close(csv);
    buf_done(&bytes);
    return rc;
}
