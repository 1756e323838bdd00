#include "core/verb_run.h"

#include "core/mem.h"
#include "core/verb_complete.h"
#include "core/verb_help.h"

#include <assert.h>
#include <string.h>

#define WORD_MAX 40 /* a longer word is near to nothing */

/* The options common to all verbs, in the order of enum common. */
enum common {
    COMMON_DATA,
    COMMON_LANG,
    COMMON_HELP,
    COMMON_VERSION,
    COMMON_JSON,
    COMMON_DRY_RUN,
    COMMON_PASSPHRASE, /* the program has read it before */
    COMMONS,
};
static const struct verb_option common_options[] = {
    {.name = "data", .kind = OPTION_TEXT},
    {.name = "lang", .kind = OPTION_TEXT},
    {.name = "help", .kind = OPTION_FLAG},
    {.name = "version", .kind = OPTION_FLAG},
    {.name = "json", .kind = OPTION_FLAG},
    {.name = "dry-run", .kind = OPTION_FLAG},
    {.name = "passphrase-file", .kind = OPTION_TEXT},
    {.name = NULL},
};

/* A command line on its way into a call. */
struct line {
    struct verb_call *call;
    int argc, at; /* `at`: the argument being read */
    char *const *argv;
    bool ended;                  /* `--` was seen */
    const char *first_word;      /* of a verb of two words, until the second one comes */
    const char *common[COMMONS]; /* values; NULL: not given */
};

/* The nearest name. */

static size_t min3(size_t a, size_t b, size_t c) {
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

/* How many letters must be put in, left out or changed to make `b` of `a`. */
static size_t distance(const char *a, const char *b) {
    size_t n = strlen(a), m = strlen(b), row[WORD_MAX + 1];
    if (n > WORD_MAX || m > WORD_MAX)
        return WORD_MAX;
    for (size_t j = 0; j <= m; j++)
        row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t above = row[j];
            row[j] = min3(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[m];
}

/* The better of `best` (NULL: none yet) and `name` for what was typed. */
static const char *nearer(const char *typed, const char *best, const char *name) {
    size_t limit = strlen(typed) < 6 ? 2 : strlen(typed) / 3;
    size_t d = distance(typed, name);
    if (d > limit || d >= strlen(typed))
        return best;
    return best && distance(typed, best) <= d ? best : name;
}

static const char *nearest_verb(const struct verb_program *p, const char *typed) {
    const char *best = NULL;
    for (size_t i = 0; p->verbs[i]; i++)
        best = nearer(typed, best, p->verbs[i]->name);
    return best;
}

static const char *nearest_option(const struct verb *v, const char *typed) {
    const char *best = NULL;
    for (const struct verb_option *o = common_options; o->name; o++)
        best = nearer(typed, best, o->name);
    for (const struct verb_option *o = v ? v->options : NULL; o && o->name; o++)
        best = nearer(typed, best, o->name);
    return best;
}

/* Which verb. */

static const struct verb *find_verb(const struct verb_program *p, const char *name) {
    for (size_t i = 0; p->verbs[i]; i++)
        if (strcmp(p->verbs[i]->name, name) == 0)
            return p->verbs[i];
    return NULL;
}

/* The second words of the verbs that begin with `first`, as `import, list`; false if there are
 * none. */
static bool second_words(const struct verb_program *p, const char *first, char *ret_list,
                         size_t cap) {
    size_t n = strlen(first), used = 0;
    for (size_t i = 0; p->verbs[i]; i++) {
        const char *name = p->verbs[i]->name;
        if (strncmp(name, first, n) != 0 || name[n] != ' ')
            continue;
        const char *parts[] = {used ? ", " : "", name + n + 1};
        for (size_t k = 0; k < 2; k++)
            for (const char *c = parts[k]; *c && used + 1 < cap; c++)
                ret_list[used++] = *c;
    }
    ret_list[used] = '\0';
    return used > 0;
}

static int unknown_verb(const struct verb_program *p, const char *typed, struct err *e) {
    for (size_t i = 0; p->others && p->others[i]; i++)
        if (strcmp(typed, p->others[i]) == 0)
            return err_set(e, ERR_USAGE, "'%s' is a verb of %s, not of %s", typed, p->other,
                           p->name);
    const char *near = nearest_verb(p, typed);
    if (near)
        return err_set(e, ERR_USAGE, "there is no verb '%s': did you mean '%s'?", typed, near);
    return err_set(e, ERR_USAGE, "there is no verb '%s': '%s --help' lists them", typed, p->name);
}

static int half_verb(const struct line *l, struct err *e) {
    char list[ERR_ARG_BYTES];
    second_words(l->call->program, l->first_word, list, sizeof list);
    return err_set(e, ERR_USAGE, "'%s' needs one of these words after it: %s", l->first_word, list);
}

static int verb_word(struct line *l, const char *word, struct err *e) {
    const struct verb_program *p = l->call->program;
    char list[ERR_ARG_BYTES], both[2 * WORD_MAX];
    if (!l->first_word) {
        l->call->verb = find_verb(p, word);
        if (l->call->verb)
            return 0;
        if (!second_words(p, word, list, sizeof list))
            return unknown_verb(p, word, e);
        l->first_word = word;
        return 0;
    }
    if (strlen(word) > WORD_MAX || strlen(l->first_word) >= WORD_MAX - 1)
        return half_verb(l, e);
    size_t n = strlen(l->first_word);
    memcpy(both, l->first_word, n);
    both[n] = ' ';
    memcpy(both + n + 1, word, strlen(word) + 1);
    l->call->verb = find_verb(p, both);
    if (l->call->verb)
        return 0;
    return nearest_verb(p, both) ? unknown_verb(p, both, e) : half_verb(l, e);
}

/* Options. */

static const struct verb_option *find_option(const struct verb_option *o, const char *name,
                                             size_t n) {
    for (; o && o->name; o++)
        if (strlen(o->name) == n && memcmp(o->name, name, n) == 0)
            return o;
    return NULL;
}

static int unknown_option(const struct line *l, const char *name, struct err *e) {
    const struct verb *v = l->call->verb;
    const char *near = nearest_option(v, name), *program = l->call->program->name;
    if (!v)
        return err_set(e, ERR_USAGE, "option --%s comes before the verb: write it after the verb",
                       name);
    if (near)
        return err_set(e, ERR_USAGE, "'%s' takes no option --%s: did you mean --%s?", v->name, name,
                       near);
    return err_set(e, ERR_USAGE, "'%s' takes no option --%s: '%s %s --help' lists its options",
                   v->name, name, program, v->name);
}

static int check_number(const char *name, const char *value, struct err *e) {
    size_t n = strspn(value, "0123456789");
    if (n == 0 || value[n] != '\0' || n > 9)
        return err_set(e, ERR_USAGE,
                       "option --%s takes a whole number from 0 to 999999999, not '%s'", name,
                       value);
    return 0;
}

/* Give `o` its value: `inline_value` behind `=`, else the next argument. */
static int take_value(struct line *l, const struct verb_option *o, const char *inline_value,
                      const char **slot, struct err *e) {
    const char *value = inline_value;
    if (*slot)
        return err_set(e, ERR_USAGE, "option --%s is given twice: give it once", o->name);
    if (o->kind == OPTION_FLAG) {
        if (value)
            return err_set(e, ERR_USAGE, "option --%s takes no value: leave out '=%s'", o->name,
                           value);
        *slot = "";
        return 0;
    }
    if (!value && l->at + 1 < l->argc && strncmp(l->argv[l->at + 1], "--", 2) != 0)
        value = l->argv[++l->at];
    if (!value)
        return err_set(e, ERR_USAGE, "option --%s needs a value after it", o->name);
    int rc = o->kind == OPTION_NUMBER ? check_number(o->name, value, e) : 0;
    if (rc == 0)
        *slot = value;
    return rc;
}

static int long_option(struct line *l, const char *text, struct err *e) {
    size_t n = strcspn(text, "=");
    const char *value = text[n] == '=' ? text + n + 1 : NULL;
    const struct verb_option *o = find_option(common_options, text, n);
    if (o)
        return take_value(l, o, value, &l->common[o - common_options], e);
    const struct verb *v = l->call->verb;
    o = v ? find_option(v->options, text, n) : NULL;
    if (!o) {
        char *name __attribute__((cleanup(mem_cleanup))) = mem_strndup(text, n);
        return name ? unknown_option(l, name, e) : err_nomem(e);
    }
    if (o->later)
        return err_set(e, ERR_REFUSED, "option --%s of '%s' is not built yet in this version",
                       o->name, v->name);
    assert(o - v->options < VERB_OPTIONS);
    return take_value(l, o, value, &l->call->values[o - v->options], e);
}

static int short_option(struct line *l, const char *text, struct err *e) {
    const char *value = text[1] ? text + 1 : NULL;
    if (text[0] == 'd')
        return take_value(l, &common_options[COMMON_DATA], value, &l->common[COMMON_DATA], e);
    if (text[0] == 'h' && !value)
        return take_value(l, &common_options[COMMON_HELP], NULL, &l->common[COMMON_HELP], e);
    return err_set(e, ERR_USAGE, "there is no option -%s: only -d and -h are short", text);
}

static int argument(struct line *l, const char *text, struct err *e) {
    struct verb_call *call = l->call;
    const struct verb *v = call->verb;
    if (call->n_args == v->max_args)
        return err_set(e, ERR_USAGE, "'%s' has no use for '%s': '%s %s --help' shows what it takes",
                       v->name, text, call->program->name, v->name);
    assert(v->max_args <= VERB_ARGS);
    call->args[call->n_args++] = text;
    return 0;
}

static int read_one(struct line *l, struct err *e) {
    const char *text = l->argv[l->at];
    if (l->ended || text[0] != '-' || text[1] == '\0')
        return l->call->verb ? argument(l, text, e) : verb_word(l, text, e);
    if (strcmp(text, "--") == 0) {
        l->ended = true;
        return 0;
    }
    return text[1] == '-' ? long_option(l, text + 2, e) : short_option(l, text + 1, e);
}

/* Checks on the whole. */

static int check_group(const struct verb_call *call, uint8_t group, struct err *e) {
    unsigned given = 0;
    struct buf list;
    buf_init(&list);
    for (size_t i = 0; call->verb->options[i].name; i++) {
        if (call->verb->options[i].one_of != group)
            continue;
        given += call->values[i] != NULL;
        buf_printf(&list, "%s--%s", list.len ? " " : "", call->verb->options[i].name);
    }
    const char *names = buf_cstr(&list);
    int rc = 0;
    if (!names)
        rc = err_nomem(e);
    else if (given != 1)
        rc = err_set(e, ERR_USAGE, "'%s' needs exactly one of %s", call->verb->name, names);
    buf_done(&list);
    return rc;
}

static int check_options(const struct verb_call *call, struct err *e) {
    const struct verb *v = call->verb;
    for (size_t i = 0; v->options && v->options[i].name; i++) {
        const struct verb_option *o = &v->options[i];
        if (o->required && !call->values[i])
            return err_set(e, ERR_USAGE, "'%s' needs --%s %s", v->name, o->name,
                           o->value ? o->value : "");
        int rc = o->one_of ? check_group(call, o->one_of, e) : 0;
        if (rc)
            return rc;
    }
    return 0;
}

static int take_common(struct line *l, struct err *e) {
    struct verb_call *call = l->call;
    const struct verb *v = call->verb;
    call->data = l->common[COMMON_DATA];
    call->lang = l->common[COMMON_LANG];
    call->json = l->common[COMMON_JSON] != NULL;
    call->dry_run = l->common[COMMON_DRY_RUN] != NULL;
    if (call->lang && strcmp(call->lang, "vi") != 0 && strcmp(call->lang, "en") != 0)
        return err_set(e, ERR_USAGE, "--lang takes vi or en, not '%s'", call->lang);
    if (call->json && !(v->flags & VERB_JSON))
        return err_set(e, ERR_USAGE, "'%s' takes no option --json: it has no data to print",
                       v->name);
    if (call->dry_run && !(v->flags & VERB_DRY_RUN))
        return err_set(e, ERR_USAGE, "'%s' takes no option --dry-run", v->name);
    if (l->common[COMMON_PASSPHRASE] && (v->flags & VERB_NO_DATA))
        return err_set(e, ERR_USAGE, "'%s' takes no option --passphrase-file: it opens no key",
                       v->name);
    if (!call->data && !(v->flags & VERB_NO_DATA))
        return err_set(e, ERR_USAGE, "'%s' needs a data directory: -d DIR", v->name);
    return 0;
}

static int check_line(struct line *l, struct err *e) {
    struct verb_call *call = l->call;
    const struct verb *v = call->verb;
    if (!v && l->first_word)
        return half_verb(l, e);
    if (!v)
        return err_set(e, ERR_USAGE, "no verb is given: '%s --help' lists what can be done",
                       call->program->name);
    if (call->n_args < v->min_args)
        return err_set(e, ERR_USAGE, "'%s' needs %s after it", v->name, v->args ? v->args : "");
    int rc = check_options(call, e);
    return rc ? rc : take_common(l, e);
}

static int read_line(struct line *l, struct err *e) {
    for (l->at = 1; l->at < l->argc; l->at++) {
        int rc = read_one(l, e);
        if (rc)
            return rc;
        if (l->call->verb && !l->call->verb->run)
            return err_set(e, ERR_REFUSED, "'%s' is not built yet in this version",
                           l->call->verb->name);
    }
    return l->common[COMMON_VERSION] ? 0 : check_line(l, e);
}

/* Whether help is asked for, whatever else is wrong with the line. */
static bool wants_help(int argc, char *const *argv) {
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0)
            return true;
    return false;
}

/* Not for people: what a shell asks while they type (ops/completion). */
static bool is_completion(int argc, char *const *argv) {
    return argc > 1 && strcmp(argv[1], "--complete") == 0;
}

static int run_verb(struct verb_call *call, struct err *e) {
    if (call->program->before)
        call->program->before(call);
    int rc = call->verb->run(call, e);
    if (rc == 0 && call->dry_run)
        world_say(call->world, &call->words, "nothing was changed: this was a dry run");
    return rc;
}

/* Whether `verb` only shows what is there: whatever does more has no JSON, or a dry run. */
static bool only_shows(const struct verb *verb) {
    return (verb->flags & VERB_JSON) && !(verb->flags & VERB_DRY_RUN);
}

/* Whether all that there is to say could be kept; with `done` a verb has done what it does. */
static int check_told(const struct verb_call *call, bool done, struct err *e) {
    if (!call->out.failed && !call->words.failed)
        return 0;
    if (!done || call->dry_run || only_shows(call->verb))
        return err_nomem(e);
    return err_set(e, ERR_NOMEM,
                   "it is done, but there was no memory left to tell what came of it: close other "
                   "programs, and look before you do it again");
}

/* Whatever follows on what was said begins a line, also where memory ended within one. */
static void end_lines(struct buf *words) {
    while (words->failed && words->len > 0 && words->data[words->len - 1] != '\n')
        words->len--;
}

int verb_run(const struct verb_program *program, int argc, char *const *argv,
             struct verb_call *call, struct err *e) {
    struct line l = {.call = call, .argc = argc, .argv = argv};
    bool help = wants_help(argc, argv), done = false;
    call->program = program;
    if (is_completion(argc, argv)) {
        verb_complete(program, (unsigned)argc - 2, argv + 2, &call->out);
        return call->out.failed ? err_nomem(e) : 0;
    }
    int rc = read_line(&l, help ? NULL : e);
    if (help && call->verb)
        verb_help_verb(program, call->verb, call->world, &call->out);
    else if (help)
        verb_help_program(program, call->world, &call->out);
    else if (rc == 0 && l.common[COMMON_VERSION])
        buf_printf(&call->out, "%s %s\n", program->name, program->version);
    else if (rc == 0)
        rc = run_verb(call, e), done = true;
    end_lines(&call->words);
    assert(rc == 0 || help || !e || e->code != 0); /* who fails says so: `e` decides how we end */
    if (rc != 0 && !help)
        return rc;
    return check_told(call, done, e);
}
