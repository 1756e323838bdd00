#include "core/verb_complete.h"

#include "core/campaign.h"
#include "core/result.h"

#include <string.h>

/* The options of every verb, as help prints them. */
static const struct verb_option data_option = {.name = "data", .value = "DIR"};
static const struct verb_option passphrase_option = {.name = "passphrase-file", .value = "FILE"};
static const struct verb_option common_options[] = {
    {.name = "lang", .value = "vi|en"},
    {.name = "help", .kind = OPTION_FLAG},
    {.name = "version", .kind = OPTION_FLAG},
    {.name = NULL},
};
static const struct verb_option json_option = {.name = "json", .kind = OPTION_FLAG};
static const struct verb_option dry_run_option = {.name = "dry-run", .kind = OPTION_FLAG};

/* A line as far as it was read, and the word that is to be completed. */
struct typed {
    const struct verb_program *program;
    const char *first_word; /* of a verb of two words */
    const struct verb *verb;
    const struct verb_option *waits; /* an option that takes the next word as its value */
    unsigned n_args;
    bool ended; /* `--` was seen */
    unsigned n_before;
    char *const *before; /* the words before `word` */
    const char *word;
    struct buf *out;
};

static void offer(const struct typed *t, const char *text, size_t n, const char *word) {
    size_t typed = strlen(word);
    if (typed > n || memcmp(text, word, typed) != 0)
        return;
    buf_put(t->out, text, n);
    buf_put_u8(t->out, '\n');
}

/* ---- values ---- */

static void offer_choices(const struct typed *t, const char *choices, const char *word) {
    for (size_t n; *choices; choices += n + (choices[n] == '|')) {
        n = strcspn(choices, "|");
        offer(t, choices, n, word);
    }
}

static void offer_kinds(const struct typed *t, const char *word) {
    for (int i = REPORT_ANNUAL; i <= REPORT_SECTION; i++) {
        const char *text = report_kind_text((enum report_kind)i);
        offer(t, text, strlen(text), word);
    }
}

static void offer_states(const struct typed *t, const char *word) {
    for (int i = SLOT_ON_TIME; i <= SLOT_EXEMPT; i++) {
        const char *text = slot_state_text((enum slot_state)i);
        offer(t, text, strlen(text), word);
    }
}

/* What may stand where help says `value`. */
static void offer_values(const struct typed *t, const char *value, const char *word) {
    static const struct {
        const char *value, *lookup;
    } lookups[] = {
        {"DIR", "<dir>"},   {"FILE", "<file>"},     {"FILE.csv", "<file>"}, {"FILE.yaml", "<file>"},
        {"CODE", "<unit>"}, {"FILE.tdb", "<file>"}, {"ID", "<campaign>"},   {"[ID]", "<campaign>"},
        {"P", "<period>"},  {"S", "<subject>"},     {"REPORT", "<report>"},
    };
    const char *subject = t->verb && strcmp(t->verb->name, "subject show") == 0 ? "S" : value;
    if (strcmp(value, "KIND") == 0)
        offer_kinds(t, word);
    else if (strcmp(value, "STATE") == 0)
        offer_states(t, word);
    else if (strchr(value, '|'))
        offer_choices(t, value, word);
    for (size_t i = 0; i < sizeof lookups / sizeof *lookups; i++)
        if (strcmp(subject, lookups[i].value) == 0)
            buf_printf(t->out, "%s\n", lookups[i].lookup);
}

/* ---- options ---- */

/* Whether `--name`, or `--name=…`, stands on the line already. */
static bool given(const struct typed *t, const char *name) {
    size_t n = strlen(name);
    for (unsigned i = 0; i < t->n_before; i++) {
        const char *w = t->before[i];
        if (strncmp(w, "--", 2) == 0 && strncmp(w + 2, name, n) == 0 &&
            (w[2 + n] == '\0' || w[2 + n] == '='))
            return true;
    }
    return false;
}

/* Whether another of the options of which only one may stand there is given. */
static bool shut_out(const struct typed *t, const struct verb_option *o) {
    for (const struct verb_option *other = t->verb->options; o->one_of && other->name; other++)
        if (other->one_of == o->one_of && given(t, other->name))
            return true;
    return false;
}

static void offer_option(const struct typed *t, const struct verb_option *o) {
    struct buf text;
    buf_init(&text);
    buf_printf(&text, "--%s", o->name);
    if (!given(t, o->name) && !text.failed)
        offer(t, (const char *)text.data, text.len, t->word);
    buf_done(&text);
}

static void offer_options(const struct typed *t) {
    const struct verb *v = t->verb;
    for (const struct verb_option *o = v ? v->options : NULL; o && o->name; o++)
        if (!o->later && !shut_out(t, o))
            offer_option(t, o);
    if (v && v->flags & VERB_JSON)
        offer_option(t, &json_option);
    if (v && v->flags & VERB_DRY_RUN)
        offer_option(t, &dry_run_option);
    if (!v || !(v->flags & VERB_NO_DATA)) {
        offer_option(t, &data_option);
        offer_option(t, &passphrase_option);
    }
    for (const struct verb_option *o = common_options; o->name; o++)
        offer_option(t, o);
}

static const struct verb_option *find(const struct verb_option *o, const char *name, size_t n) {
    for (; o && o->name; o++)
        if (strlen(o->name) == n && memcmp(o->name, name, n) == 0)
            return o;
    return NULL;
}

/* The option that `text` (without its dashes, up to any `=`) names; NULL if there is none. */
static const struct verb_option *option_of(const struct typed *t, const char *text) {
    size_t n = strcspn(text, "=");
    if (n == strlen("data") && memcmp(text, "data", n) == 0)
        return &data_option;
    if (n == strlen("passphrase-file") && memcmp(text, "passphrase-file", n) == 0)
        return &passphrase_option;
    const struct verb_option *o = find(common_options, text, n);
    return o || !t->verb ? o : find(t->verb->options, text, n);
}

/* ---- the line ---- */

/* The words of `name` that may stand after `first` (NULL: at the beginning). */
static const char *next_word(const char *name, const char *first) {
    size_t n = first ? strlen(first) : 0;
    if (!first)
        return name;
    return strncmp(name, first, n) == 0 && name[n] == ' ' ? name + n + 1 : NULL;
}

static void offer_verbs(const struct typed *t) {
    const char *last = "";
    for (size_t i = 0; t->program->verbs[i]; i++) {
        const struct verb *v = t->program->verbs[i];
        const char *word = v->run ? next_word(v->name, t->first_word) : NULL;
        size_t n = word ? strcspn(word, " ") : 0;
        if (n > 0 && strncmp(last, word, n) != 0)
            offer(t, word, n, t->word);
        last = word ? word : last;
    }
}

static void read_verb_word(struct typed *t, const char *word) {
    for (size_t i = 0; t->program->verbs[i] && !t->verb; i++) {
        const char *rest = next_word(t->program->verbs[i]->name, t->first_word);
        if (rest && strcmp(rest, word) == 0)
            t->verb = t->program->verbs[i];
    }
    if (!t->verb)
        t->first_word = word;
}

static void read_word(struct typed *t, const char *word) {
    const struct verb_option *o = NULL;
    if (t->waits) {
        t->waits = NULL;
    } else if (t->ended || word[0] != '-' || word[1] == '\0') {
        if (t->verb)
            t->n_args++;
        else
            read_verb_word(t, word);
    } else if (strcmp(word, "--") == 0) {
        t->ended = true;
    } else if (strcmp(word, "-d") == 0) {
        t->waits = &data_option;
    } else if (word[1] == '-' && !strchr(word, '=')) {
        o = option_of(t, word + 2);
        t->waits = o && o->kind != OPTION_FLAG ? o : NULL;
    }
}

void verb_complete(const struct verb_program *program, unsigned n_words, char *const *words,
                   struct buf *out) {
    struct typed t = {.program = program, .before = words, .word = "", .out = out};
    for (unsigned i = 0; i + 1 < n_words; i++)
        read_word(&t, words[i]);
    t.n_before = n_words > 0 ? n_words - 1 : 0;
    t.word = n_words > 0 ? words[n_words - 1] : "";
    bool dashed = !t.ended && t.word[0] == '-';
    const char *equals = dashed && t.word[1] == '-' ? strchr(t.word, '=') : NULL;
    const struct verb_option *o = equals ? option_of(&t, t.word + 2) : NULL;
    if (t.waits)
        offer_values(&t, t.waits->value ? t.waits->value : "", t.word);
    else if (equals)
        offer_values(&t, o && o->value ? o->value : "", equals + 1);
    else if (dashed || (t.verb && t.n_args >= t.verb->max_args && !t.ended))
        offer_options(&t);
    else if (!t.verb)
        offer_verbs(&t);
    else if (t.n_args < t.verb->max_args)
        offer_values(&t, t.verb->args ? t.verb->args : "", t.word);
}
