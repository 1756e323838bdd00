#include "hub/unit_file.h"

#include "core/limits.h"
#include "store/host.h"

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
