/*
 * Verbs: the table that every program's command line is read from, checked against, and documented
 * by. A verb is one function; what a person typed reaches it already checked for shape.
 *
 *     program [common options] VERB [options and arguments, in any order]
 *
 * Long options take their value after `=` or as the next argument; `--` ends the options. Common to
 * all verbs are -d DIR, --data DIR, --passphrase-file FILE, --lang vi|en, -h, --help and --version;
 * --json and --dry-run are taken by verbs that say so.
 */
#ifndef CORE_VERB_H
#define CORE_VERB_H

#include "core/bytes.h"
#include "core/err.h"
#include "core/world.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VERB_OPTIONS 24 /* options of one verb */
#define VERB_ARGS 4     /* arguments of one verb */

enum option_kind {
    OPTION_TEXT,
    OPTION_FLAG,
    OPTION_NUMBER, /* a whole number, 0 to 999999999 */
};

struct verb_option {
    const char *name; /* without the dashes; NULL ends the list */
    enum option_kind kind;
    const char *value; /* what stands for the value in help: CODE, FILE …; not translated */
    const char *help;  /* N_("…"), one short line */
    bool required;
    bool later;     /* its part is not built yet: refused, saying so */
    uint8_t one_of; /* not 0: of all options with this number exactly one must be given */
};

enum verb_flags {
    VERB_JSON = 1,    /* takes --json */
    VERB_DRY_RUN = 2, /* takes --dry-run */
    VERB_NO_DATA = 4, /* needs no data directory */
};

struct verb_call;

struct verb {
    const char *name; /* one or two words: `board`, `unit import` */
    const char *args; /* what stands for the arguments in help: `FILE.csv`, `[ID]`; NULL: none */
    unsigned min_args, max_args;
    unsigned flags;                                    /* enum verb_flags */
    const struct verb_option *options;                 /* NULL: none */
    const char *help;                                  /* N_("…"), one short line */
    int (*run)(struct verb_call *call, struct err *e); /* NULL: not built yet */
};

struct verb_program {
    const char *name, *version;
    const char *about;                      /* N_("…"), one line */
    const struct verb *const *verbs;        /* NULL at the end, in the order of help */
    const char *other;                      /* the program that people mix this one up with … */
    const char *const *others;              /* … and what its verbs begin with, NULL at the end */
    void (*before)(struct verb_call *call); /* once a line is understood, before its verb runs;
                                               NULL: nothing */
};

/* One command as typed, and what it has to say. The strings are argv's and the program's. */
struct verb_call {
    const struct verb_program *program;
    const struct verb *verb;
    const struct world *world;
    void *host;       /* what the program lends to its own verbs; may be NULL */
    const char *data; /* the data directory; NULL with VERB_NO_DATA */
    const char *lang; /* vi, en, or NULL */
    bool json, dry_run;
    unsigned n_args;
    const char *args[VERB_ARGS];
    const char *values[VERB_OPTIONS]; /* by position in verb->options; NULL: not given */
    struct buf out;                   /* data, for standard output */
    struct buf words;                 /* words, for standard error, each line ended */
};

/* What `argv` gives as `option`, written as in `--lang`, before any of it is understood: the first
 * one before a `--`. NULL: nothing. */
const char *verb_peek(int argc, char *const *argv, const char *option);

/* Start an empty call in `world`; `host` is passed on to the verb. */
void verb_call_init(struct verb_call *call, const struct world *world, void *host);
void verb_call_done(struct verb_call *call);

/*
 * The value given for an option of the call's own verb: NULL, false or `otherwise` where it was
 * left out. Asking for an option that the verb does not have is a bug and stops the program.
 */
const char *verb_text(const struct verb_call *call, const char *option);
bool verb_flag(const struct verb_call *call, const char *option);
int32_t verb_number(const struct verb_call *call, const char *option, int32_t otherwise);
/* Argument `i`; NULL where it was left out. */
const char *verb_arg(const struct verb_call *call, unsigned i);

#endif
