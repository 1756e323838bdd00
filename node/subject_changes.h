/*
 * Subject changes: who leaves a list and who is called otherwise, told so that a slip in a file is
 * seen: codes keep their values and reports, whoever they are said to be.
 */
#ifndef NODE_SUBJECT_CHANGES_H
#define NODE_SUBJECT_CHANGES_H

#include "core/limits.h"
#include "core/world.h"
#include "node/people.h"
#include "proto/json_node.h"

struct subject_changes {
    struct actor *actor;
    struct txn *t;
    const struct world *w;
    struct buf words;                         /* each, for people */
    struct buf list;                          /* each, as struct subject_change */
    struct buf other;                         /* other fields, as struct subject_field_change */
    struct arena texts;                       /* of `list` and `other` */
    uint32_t gone, renamed, fields;           /* how many */
    struct stake *stakes_before, *stakes_now; /* of the lists at hand; NULL: nobody asked */
    char emptied[LIMIT_CODE + 1]; /* the unit whose list most would leave; empty: no such */
    char torn[LIMIT_CODE + 1];    /* who leaves with values that no report has; empty: nobody */
};

void subject_changes_init(struct subject_changes *c, struct actor *a, struct txn *t,
                          const struct world *w);
void subject_changes_done(struct subject_changes *c);

/* Take down who is in the list `before` of `unit` and not in `now`. */
int subject_changes_left(struct subject_changes *c, const struct unit_fact *unit,
                         const struct people *before, const struct subjects *now, struct err *e);
/* Take down that `code` in the list `now` of `unit`, which was called `then` (empty: nothing), is
 * called `name`; nothing if it is the same. */
int subject_changes_renamed(struct subject_changes *c, const struct unit_fact *unit,
                            const struct subjects *now, const char *code, const char *then,
                            const char *name, struct err *e);
/* Tell that `code`, taken down last as renamed, stays linked to a person of whom the file says
 * nothing. */
void subject_changes_linked(struct subject_changes *c, const char *code);
#define SUBJECT_CHANGES_LINES 50u /* changes of one sort that are told one by one */
/* Take down, for programs, that `field` of `code` was `before` and is `after`. */
int subject_changes_field(struct subject_changes *c, const struct unit_fact *unit, const char *code,
                          const char *field, const char *before, const char *after, struct err *e);
/* Another list comes. */
void subject_changes_next(struct subject_changes *c);

/* Append all of it to `words`. */
void subject_changes_tell(const struct subject_changes *c, struct buf *words);

/* No number of subjects was given that are to leave. */
#define SUBJECT_CHANGES_UNSAID UINT32_MAX
/*
 * Whether those may leave who are not in `file` any more: a short file is more often a slip than
 * meant. ERR_REFUSED where `gone` is another number than theirs; and where it is
 * SUBJECT_CHANGES_UNSAID and they are most of a list, or one of them has values that no report has.
 */
int subject_changes_check(const struct subject_changes *c, const char *file, uint32_t gone,
                          struct err *e);

#endif
