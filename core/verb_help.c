#include "core/verb_help.h"

#include "core/text.h"

#include <string.h>

#define LEFT_MAX 30 /* columns for what is typed, before what it does */

/* `left`, spaces up to `width` columns, and what it does: a line of a list, two if `left` is wider.
 */
static void put_pair(struct buf *out, const char *left, size_t width, const char *help) {
    size_t shown = text_width(left);
    buf_printf(out, "  %s", left);
    if (shown > width) {
        buf_put_str(out, "\n  ");
        shown = 0;
    }
    for (size_t i = shown; i < width + 2; i++)
        buf_put_u8(out, ' ');
    buf_put_str(out, help);
    buf_put_u8(out, '\n');
}

static void put_title(struct buf *out, const struct world *w, const char *msgid) {
    buf_printf(out, "\n%s\n", world_tr(w, msgid));
}

static size_t wider(size_t width, const char *text) {
    size_t n = text_width(text);
    return n > width && n <= LEFT_MAX ? n : width;
}

/* `unit import FILE.csv`. */
static const char *verb_left(struct buf *scratch, const struct verb *v) {
    buf_clear(scratch);
    buf_printf(scratch, "%s%s%s", v->name, v->args ? " " : "", v->args ? v->args : "");
    const char *text = buf_cstr(scratch);
    return text ? text : "";
}

/* `--unit CODE`. */
static const char *option_left(struct buf *scratch, const struct verb_option *o) {
    buf_clear(scratch);
    buf_printf(scratch, "--%s%s%s", o->name, o->value ? " " : "", o->value ? o->value : "");
    const char *text = buf_cstr(scratch);
    return text ? text : "";
}

/* Whether a verb of `program` has all of `flags`, or with `without` none of them. */
static bool any_verb(const struct verb_program *program, unsigned flags, bool without) {
    for (size_t i = 0; program->verbs[i]; i++)
        if (program->verbs[i]->run && ((program->verbs[i]->flags & flags) == 0) == without)
            return true;
    return false;
}

static void put_common(struct buf *out, const struct verb_program *program, const struct world *w) {
    put_title(out, w, N_("For every verb:"));
    const struct {
        const char *option, *help;
        bool shown;
    } pairs[] = {
        {"-d, --data DIR", N_("the data directory"), any_verb(program, VERB_NO_DATA, true)},
        {"--json", N_("print data as JSON (verbs that read)"), any_verb(program, VERB_JSON, false)},
        {"--dry-run", N_("only show what would change (verbs that import, submit or issue)"),
         any_verb(program, VERB_DRY_RUN, false)},
        {"--passphrase-file F", N_("where the key file's passphrase stands; -: ask for it"),
         any_verb(program, VERB_NO_DATA, true)},
        {"--lang vi|en", N_("the language (that of the locale, else Vietnamese)"), true},
        {"-h, --help; --version", N_("this help, after a verb the help of that verb; the version"),
         true},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (pairs[i].shown)
            put_pair(out, pairs[i].option, strlen("-h, --help; --version"),
                     world_tr(w, pairs[i].help));
}

void verb_help_program(const struct verb_program *program, const struct world *w, struct buf *out) {
    struct buf scratch;
    buf_init(&scratch);
    size_t width = 0;
    for (size_t i = 0; program->verbs[i]; i++)
        if (program->verbs[i]->run)
            width = wider(width, verb_left(&scratch, program->verbs[i]));
    buf_printf(out, "%s: %s\n", program->name, world_tr(w, program->about));
    if (any_verb(program, VERB_NO_DATA, true))
        world_say(w, out, "Usage: %s -d DIR VERB [OPTIONS] [ARGUMENTS]", program->name);
    else
        world_say(w, out, "Usage: %s VERB [OPTIONS] [ARGUMENTS]", program->name);
    put_title(out, w, N_("Verbs:"));
    for (size_t i = 0; program->verbs[i]; i++)
        if (program->verbs[i]->run)
            put_pair(out, verb_left(&scratch, program->verbs[i]), width,
                     world_tr(w, program->verbs[i]->help));
    put_common(out, program, w);
    out->failed |= scratch.failed;
    buf_done(&scratch);
}

static void put_usage(struct buf *out, const struct verb_program *program, const struct verb *v,
                      const struct world *w) {
    const char *data = v->flags & VERB_NO_DATA ? "" : " -d DIR";
    buf_printf(out, "%s %s%s %s", world_tr(w, "Usage:"), program->name, data, v->name);
    for (const struct verb_option *o = v->options; o && o->name; o++)
        if (o->required)
            buf_printf(out, " --%s %s", o->name, o->value ? o->value : "");
    if (v->args)
        buf_printf(out, " %s", v->args);
    buf_put_str(out, "\n");
}

void verb_help_verb(const struct verb_program *program, const struct verb *verb,
                    const struct world *w, struct buf *out) {
    struct buf scratch;
    buf_init(&scratch);
    size_t width = strlen("--dry-run");
    bool any = (verb->flags & (VERB_JSON | VERB_DRY_RUN)) != 0;
    for (const struct verb_option *o = verb->options; o && o->name; o++)
        if (!o->later) {
            width = wider(width, option_left(&scratch, o));
            any = true;
        }
    buf_printf(out, "%s: %s\n", verb->name, world_tr(w, verb->help));
    put_usage(out, program, verb, w);
    if (!verb->run)
        world_say(w, out, "It is not built yet in this version.");
    if (any)
        put_title(out, w, N_("Options:"));
    for (const struct verb_option *o = verb->options; o && o->name; o++)
        if (!o->later)
            put_pair(out, option_left(&scratch, o), width, world_tr(w, o->help));
    if (verb->flags & VERB_JSON)
        put_pair(out, "--json", width, world_tr(w, "print data as JSON"));
    if (verb->flags & VERB_DRY_RUN)
        put_pair(out, "--dry-run", width, world_tr(w, "only show what would change"));
    out->failed |= scratch.failed;
    buf_done(&scratch);
}
