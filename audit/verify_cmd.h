/*
 * `thidua-audit verify`: the command line, and what it prints.
 */
#ifndef AUDIT_VERIFY_CMD_H
#define AUDIT_VERIFY_CMD_H

#include "core/verb.h"

/* What the program lends to the verb as verb_call.host. */
struct verify_cmd_host {
    /* Append the file at `path` to `out`. */
    int (*read_file)(const char *path, struct buf *out, struct err *e);
};

extern const struct verb verify_cmd;

#endif
