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

/* What an import came to. */
struct subject_import {
    uint32_t rows;                 /* subjects in the file */
    uint32_t added, changed, gone; /* against the lists before */
    uint32_t units, lists, names;  /* units named; lists and names stated */
};

/*
 * Read `bytes` of the file called `file` and state, in the transaction of `c`, the list of each
 * unit that changed and the name of each subject whose name is new or another. Who leaves a list is
 * told in the words of the call. Every mistake goes into `p`; then the caller drops the
 * transaction.
 */
int subject_file_import(struct command *c, struct slice bytes, const char *file, struct problems *p,
                        struct subject_import *ret_import, struct err *e);

#endif
