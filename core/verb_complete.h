/*
 * Completion: what may stand next on a command line, for shells (ops/completion), made from the
 * verb table, so that it cannot fall behind.
 */
#ifndef CORE_VERB_COMPLETE_H
#define CORE_VERB_COMPLETE_H

#include "core/verb.h"

/*
 * Put what the last of the `n_words` words at `words`, which came after the name of `program`, may
 * become into `out`, a line each: words that begin as it does; behind `--option=` only values. A
 * line in <> names what only the shell can look up: <file>, <dir>, <campaign>, <period>, <unit>,
 * <subject>, <report>.
 */
void verb_complete(const struct verb_program *program, unsigned n_words, char *const *words,
                   struct buf *out);

#endif
