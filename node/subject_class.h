/*
 * Classes of subjects: which ones campaigns here declare. A class decides which criteria apply and
 * who is ranked with whom, so one that is typed otherwise leaves a person out of both.
 */
#ifndef NODE_SUBJECT_CLASS_H
#define NODE_SUBJECT_CLASS_H

#include "core/world.h"
#include "node/catalog.h"

enum subject_class {
    SUBJECT_CLASS_FREE,  /* no campaign in force here declares any */
    SUBJECT_CLASS_KNOWN, /* it is the id of one, or the label of just one */
    SUBJECT_CLASS_NEAR,  /* but for case, marks, spaces and hyphens it is the id or label of one */
    SUBJECT_CLASS_UNKNOWN, /* none is called so */
};

/*
 * What the campaigns in `c`, the latest version of each, know of the class that somebody typed as
 * `text` (UTF-8, not empty), into `ret_class`; the id of that class, the catalog's, into `ret_id`,
 * NULL where it is free or unknown.
 */
int subject_class_find(struct catalog *c, const char *text, enum subject_class *ret_class,
                       const char **ret_id, struct err *e);

/* The first classes in a file that no campaign knows, each once. All zero is none. */
#define SUBJECT_CLASS_ODD 20u
struct subject_class_odd {
    uint32_t n;
    const char *text[SUBJECT_CLASS_ODD];
    size_t line[SUBJECT_CLASS_ODD]; /* the first one that has it */
};
/* Note that `text`, borrowed, stands in `line`. */
void subject_class_odd_put(struct subject_class_odd *o, const char *text, size_t line);
/* Say so of each, with all classes that campaigns in `c` declare, into `words`. */
void subject_class_odd_tell(const struct subject_class_odd *o, struct catalog *c,
                            const struct world *w, struct buf *words);

#endif
