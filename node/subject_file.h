/*
 * Subject files: whom an office reports about, as it keeps them in CSV. Columns code, kind, class,
 * name, unit; optional leader, uniformed, person, position, title, from, until.
 *
 * For each unit that the file names (or, without that column, for the office's own), its rows are
 * the whole list: who is not there any more leaves it. Known codes keep their ids. The unit itself
 * needs no row; one with its code may give it a class.
 */
#ifndef NODE_SUBJECT_FILE_H
#define NODE_SUBJECT_FILE_H

#include "core/problems.h"
#include "node/command.h"
#include "node/subject_changes.h"

/* What an import came to. */
struct subject_import {
    uint32_t rows;                /* subjects in the file */
    uint32_t added, changed;      /* against the lists before; another name is a change */
    uint32_t units, lists, names; /* units named; lists and names stated */
    struct subject_changes changes;
};

/*
 * Read `bytes` of the file called `file` and state, in the transaction of `c`, the list of each
 * unit that changed and the name of each subject whose name is new or another. Who leaves a list or
 * is called otherwise is told in the words of the call. Every mistake goes into `p`; then the
 * caller drops the transaction.
 *
 * `gone` is how many subjects are to leave. Where that is SUBJECT_CHANGES_UNSAID, ERR_REFUSED if
 * most of a list would leave, or somebody with values that no report has yet; else if it is not so.
 * subject_changes_done frees `ret_import`.
 */
int subject_file_import(struct command *c, struct slice bytes, const char *file, uint32_t gone,
                        struct problems *p, struct subject_import *ret_import, struct err *e);

#endif
