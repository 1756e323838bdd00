/*
 * Help, made from the verb table, in the reader's language.
 */
#ifndef CORE_VERB_HELP_H
#define CORE_VERB_HELP_H

#include "core/verb.h"

/* What `program` does: usage, every verb that is built, the common options. */
void verb_help_program(const struct verb_program *program, const struct world *w, struct buf *out);
/* What `verb` does: usage, its options that are built. */
void verb_help_verb(const struct verb_program *program, const struct verb *verb,
                    const struct world *w, struct buf *out);

#endif
