/*
 * Sheet files: values as offices keep them, in CSV. Two forms, told apart by the header:
 *
 *     long  subject,criterion,value,note      one row per value
 *     wide  subject,name,C1.1 …,C1.2 …,…      one row per subject, a column per criterion
 *
 * A column of the wide form is known by the criterion's id; whatever follows that after a space is
 * for the reader, as it is written there what the criterion is called.
 * An empty value says nothing and changes nothing. Where a criterion does not apply to a subject,
 * `-` and `không áp dụng` say so and are passed over. All or nothing.
 */
#ifndef NODE_SHEET_FILE_H
#define NODE_SHEET_FILE_H

#include "core/problems.h"
#include "node/office.h"

#define SHEET_FILE_NONE "-" /* written where a criterion does not apply */

/* What reading came to. */
struct sheet_file_did {
    uint32_t changed; /* values that differ from what was there */
    uint32_t kept;    /* cells that are empty in the file and have a value here, which stays */
};

/*
 * Read `bytes` of the file called `file` and write its values into the sheet and the draft of `o`,
 * telling `w` how far it is. Every mistake goes into `p`, with line and column; then the caller
 * drops the transaction. Below zero when the file cannot be read at all.
 */
int sheet_file_read(struct office *o, const struct world *w, struct slice bytes, const char *file,
                    struct problems *p, struct sheet_file_did *ret_did, struct err *e);

/* Append the wide sheet of `o` to `out`, with the values that it has, in the language of `w`, as a
 * spreadsheet opens it: cells by `separator`. */
int sheet_file_write(const struct office *o, const struct world *w, char separator, struct buf *out,
                     struct err *e);

#endif
