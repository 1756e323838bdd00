/*
 * A command line, read against a program's verb table and run.
 */
#ifndef CORE_VERB_RUN_H
#define CORE_VERB_RUN_H

#include "core/verb.h"

/*
 * Read `argv` against `program` into `call` and run the verb. --help and --version are answered
 * into call->out, and so is `--complete WORD...`, which shells ask (verb_complete). ERR_USAGE names
 * what is wrong and the nearest thing that is right; ERR_REFUSED a part that is not built yet. What
 * the verb put into out and words is there on failure too.
 */
int verb_run(const struct verb_program *program, int argc, char *const *argv,
             struct verb_call *call, struct err *e);

#endif
