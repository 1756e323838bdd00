#include "hub/campaign_yaml.h"

#include "core/encoding.h"
#include "core/limits.h"
#include "core/mem.h"
#include "core/text.h"
#include "hub/campaign_schema.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define STEPS 12
#define STEP_BYTES 48

/* What libcyaml told while it failed: one line of text, then the way from there to the top. */
struct trail {
    char what[ERR_ARG_BYTES];
    unsigned n, line;
    bool in_field; /* the first step is a key of the mapping that is at fault */
    char step[STEPS][STEP_BYTES];
};

/* One attempt to read one file. */
struct reading {
    const char *name;
    struct slice text;
    struct trail trail;
    struct err *e;
};

/* `word`, after any spaces, at `*p`, which moves past it. */
static bool trail_skip(const char **p, const char *word) {
    const char *at = *p + strspn(*p, " ");
    size_t n = strlen(word);
    if (strncmp(at, word, n) != 0)
        return false;
    *p = at + n;
    return true;
}

/* The whole number at `*p`, which moves past it. */
static bool trail_number(const char **p, unsigned *ret_n) {
    const char *at = *p;
    unsigned n = 0;
    for (; *at >= '0' && *at <= '9'; at++) {
        if (n > (UINT_MAX - 9) / 10)
            return false;
        n = n * 10 + (unsigned)(*at - '0');
    }
    if (at == *p)
        return false;
    *p = at;
    *ret_n = n;
    return true;
}

/* A key of a mapping at `*p`, up to its closing quote, where `*p` moves. */
static bool trail_key(const char **p, char ret_name[STEP_BYTES]) {
    size_t n = strcspn(*p, "'");
    if (n == 0 || n >= STEP_BYTES)
        return false;
    memcpy(ret_name, *p, n);
    ret_name[n] = '\0';
    *p += n;
    return true;
}

static void trail_step(struct trail *t, const char *text) {
    char name[STEP_BYTES] = "";
    unsigned line = 0, index = 0;
    bool field = trail_skip(&text, "in mapping field '");
    bool entry = !field && trail_skip(&text, "in sequence entry '");
    if ((field && !trail_key(&text, name)) || (entry && !trail_number(&text, &index)))
        return;
    if (!trail_skip(&text, field || entry ? "' (line: " : "in mapping (line: ") ||
        !trail_number(&text, &line))
        return;
    if (!t->line) {
        t->line = line;
        t->in_field = field;
    }
    if (t->n == STEPS)
        return;
    if (index)
        snprintf(t->step[t->n++], STEP_BYTES, "[%u]", index);
    else if (field)
        snprintf(t->step[t->n++], STEP_BYTES, "%s", name);
}

__attribute__((format(printf, 3, 0))) static void heard(cyaml_log_t level, void *trail,
                                                        const char *format, va_list args) {
    struct trail *t = trail;
    char text[ERR_ARG_BYTES];
    (void)level;
    vsnprintf(text, sizeof text, format, args);
    text[strcspn(text, "\n")] = '\0';
    if (strncmp(text, "Load: Backtrace", 15) == 0)
        return;
    if (strncmp(text, "Load: ", 6) != 0)
        trail_step(t, text);
    else if (!*t->what)
        snprintf(t->what, sizeof t->what, "%s", text + 6);
}

static void *resize(void *ctx, void *p, size_t size) {
    (void)ctx;
    if (size)
        return mem_realloc(p, size);
    mem_free(p);
    return NULL;
}

static cyaml_config_t config_of(struct trail *t) {
    return (cyaml_config_t){
        .log_fn = heard,
        .log_ctx = t,
        .mem_fn = resize,
        .log_level = CYAML_LOG_ERROR,
        .flags = CYAML_CFG_NO_ALIAS,
    };
}

/* The key path to what is at fault, without its innermost `skip` steps. */
static const char *path_of(const struct trail *t, unsigned skip, char *out, size_t cap) {
    size_t len = 0;
    out[0] = '\0';
    for (unsigned i = t->n; i-- > skip && len < cap;) {
        const char *dot = len && t->step[i][0] != '[' ? "." : "";
        len += (size_t)snprintf(out + len, cap - len, "%s%s", dot, t->step[i]);
    }
    return *out ? out : "campaign";
}

static const cyaml_schema_value_t *schema_step(const cyaml_schema_value_t *v, const char *step) {
    if (*step == '[')
        return v->type == CYAML_SEQUENCE ? v->sequence.entry : NULL;
    if (v->type != CYAML_MAPPING)
        return NULL;
    for (const cyaml_schema_field_t *f = v->mapping.fields; f->key; f++)
        if (strcmp(f->key, step) == 0)
            return &f->value;
    return NULL;
}

/* What the schema asks where the trail begins. */
static const cyaml_schema_value_t *schema_at(const struct trail *t) {
    const cyaml_schema_value_t *v = &campaign_schema;
    for (unsigned i = t->n; v && i-- > 0;)
        v = schema_step(v, t->step[i]);
    return v;
}

static void word_add(char *out, size_t cap, const char *word) {
    size_t len = strlen(out);
    if (len + strlen(word) + sizeof ", …" < cap)
        snprintf(out + len, cap - len, "%s%s", len ? ", " : "", word);
    else if (len > 3 && strcmp(out + len - 3, "…") != 0)
        snprintf(out + len, cap - len, ", …");
}

/* The keys or words that `v` knows, for a person to choose from. */
static const char *choices(const cyaml_schema_value_t *v, char *out, size_t cap) {
    out[0] = '\0';
    if (v && v->type == CYAML_MAPPING)
        for (const cyaml_schema_field_t *f = v->mapping.fields; f->key; f++)
            word_add(out, cap, f->key);
    if (v && v->type == CYAML_ENUM)
        for (uint32_t i = 0; i < v->enumeration.count; i++)
            word_add(out, cap, v->enumeration.strings[i].str);
    return out;
}

/* What libcyaml quotes at the end of its line. */
static const char *quoted(const struct trail *t) {
    const char *colon = strchr(t->what, ':');
    return colon && colon[1] ? colon + 2 : "";
}

/* The line, from `line` on, where `key` stands as a key; `line` if it is not seen. */
static unsigned line_of_key(struct slice text, unsigned line, const char *key) {
    const char *at = (const char *)text.data, *end = at + text.len;
    size_t n = strlen(key);
    unsigned now = 1;
    for (const char *p = at; n && p + n < end; p++) {
        bool begins = p == at || strchr(" \n{,", p[-1]);
        if (now >= line && begins && memcmp(p, key, n) == 0 && p[n] == ':')
            return now;
        now += *p == '\n';
    }
    return line;
}

static int refuse_value(const struct reading *r, const char *path) {
    const struct trail *t = &r->trail;
    const cyaml_schema_value_t *v = schema_at(t);
    char words[ERR_ARG_BYTES];
    if (v && v->type == CYAML_ENUM)
        return err_set(r->e, ERR_REFUSED,
                       "%s, line %u: %s: “%s” is not known here; write one of: %s", r->name,
                       t->line, path, quoted(t), choices(v, words, sizeof words));
    if (v && v->type == CYAML_SEQUENCE)
        return err_set(r->e, ERR_REFUSED,
                       "%s, line %u: %s: write a list here, each entry after “- ”", r->name,
                       t->line, path);
    if (v && v->type == CYAML_MAPPING)
        return err_set(r->e, ERR_REFUSED, "%s, line %u: %s: write keys here: %s", r->name, t->line,
                       path, choices(v, words, sizeof words));
    return err_set(r->e, ERR_REFUSED, "%s, line %u: %s: write one text here, no list and no keys",
                   r->name, t->line, path);
}

static int refuse_key(const struct reading *r, const char *path) {
    const struct trail *t = &r->trail;
    char words[ERR_ARG_BYTES];
    const char *key = quoted(t);
    if (*key && strspn(key, "0123456789") == strlen(key))
        return err_set(
            r->e, ERR_REFUSED,
            "%s, line %u: %s: inside { } a comma ends a value, so “%s” is read as a key: "
            "write a point, as 12.5, or put the number in quotes",
            r->name, line_of_key(r->text, t->line, key), path, key);
    return err_set(r->e, ERR_REFUSED, "%s, line %u: %s: the key “%s” is not known; known here: %s",
                   r->name, line_of_key(r->text, t->line, key), path, key,
                   choices(schema_at(t), words, sizeof words));
}

static int refuse_missing(const struct reading *r) {
    const struct trail *t = &r->trail;
    char path[ERR_ARG_BYTES];
    return err_set(r->e, ERR_REFUSED, "%s, line %u: %s: the key “%s” is missing; add it", r->name,
                   t->line, path_of(t, t->in_field ? 1 : 0, path, sizeof path), quoted(t));
}

static int refuse_length(const struct reading *r, const char *path) {
    const cyaml_schema_value_t *v = schema_at(&r->trail);
    return err_set(r->e, ERR_REFUSED,
                   "%s, line %u: %s: the text is longer than %u bytes; shorten it", r->name,
                   r->trail.line, path, v && v->type == CYAML_STRING ? v->string.max : 0);
}

static int refuse(const struct reading *r, cyaml_err_t why) {
    const struct trail *t = &r->trail;
    char at[ERR_ARG_BYTES];
    const char *path = path_of(t, 0, at, sizeof at);
    if (why == CYAML_ERR_OOM)
        return err_nomem(r->e);
    if (why == CYAML_ERR_INVALID_KEY)
        return refuse_key(r, path);
    if (why == CYAML_ERR_INVALID_VALUE)
        return refuse_value(r, path);
    if (why == CYAML_ERR_MAPPING_FIELD_MISSING)
        return refuse_missing(r);
    if (why == CYAML_ERR_STRING_LENGTH_MAX)
        return refuse_length(r, path);
    if (why == CYAML_ERR_STRING_LENGTH_MIN)
        return err_set(r->e, ERR_REFUSED, "%s, line %u: %s: nothing is given; write a value",
                       r->name, t->line, path);
    if (why == CYAML_ERR_SEQUENCE_ENTRIES_MAX)
        return err_set(r->e, ERR_REFUSED, "%s, line %u: %s: the list is too long; shorten it",
                       r->name, t->line, path_of(t, 1, at, sizeof at));
    if (why == CYAML_ERR_ALIAS)
        return err_set(r->e, ERR_REFUSED,
                       "%s, line %u: %s: “*” and “&” are not used here; write the value out",
                       r->name, t->line, path);
    if (strstr(t->what, "already seen"))
        return err_set(r->e, ERR_REFUSED,
                       "%s, line %u: %s: the key “%s” stands here twice; keep one", r->name,
                       t->line, path, quoted(t));
    return err_set(r->e, ERR_REFUSED, "%s, after line %u: %s: this is not readable as YAML: %s",
                   r->name, t->line, path, t->what);
}

static unsigned line_at(struct slice text, size_t offset) {
    unsigned line = 1;
    for (size_t i = 0; i < offset && i < text.len; i++)
        line += text.data[i] == '\n';
    return line;
}

/* Whether a line is `---` or `...`, which separate documents. */
static bool is_marker(struct slice line) {
    return line.len >= 3 && (memcmp(line.data, "---", 3) == 0 || memcmp(line.data, "...", 3) == 0);
}

/* Whether a line says something: neither blank nor a comment nor a directive. */
static bool says(struct slice line) {
    size_t i = 0;
    while (i < line.len && line.data[i] == ' ')
        i++;
    return i < line.len && line.data[i] != '#' && line.data[i] != '%';
}

/* What libyaml would pass over: tabs, and all documents after the first. */
static int check_lines(const struct reading *r) {
    bool begun = false;
    unsigned number = 1;
    for (size_t at = 0; at < r->text.len; number++) {
        const uint8_t *line = r->text.data + at;
        const uint8_t *end = memchr(line, '\n', r->text.len - at);
        struct slice s = {line, end ? (size_t)(end - line) : r->text.len - at};
        if (memchr(line, '\t', s.len))
            return err_set(r->e, ERR_REFUSED, "%s, line %u: a tab stands here; use spaces", r->name,
                           number);
        if (begun && is_marker(s))
            return err_set(r->e, ERR_REFUSED,
                           "%s, line %u: a second document begins here; write one campaign or "
                           "profile a file",
                           r->name, number);
        begun = begun || (says(s) && !is_marker(s));
        at += s.len + 1;
    }
    return 0;
}

/* `in` in NFC with plain line ends and without a byte order mark; the caller frees it. */
static int plain_text(const struct reading *r, struct slice in, char **ret_text) {
    if (in.len > LIMIT_YAML_BYTES)
        return err_set(r->e, ERR_REFUSED, "%s: the file has %zu bytes, at most %u are read",
                       r->name, in.len, LIMIT_YAML_BYTES);
    if (encoding_workbook(in))
        return err_set(
            r->e, ERR_REFUSED,
            "%s is a workbook, not a campaign file, which is plain text (YAML): write it "
            "in a text editor after one of ops/campaigns",
            r->name);
    if (text_utf8_prefix(in) < in.len)
        return err_set(r->e, ERR_REFUSED, "%s, line %u: this is not UTF-8; save the file as UTF-8",
                       r->name, line_at(in, text_utf8_prefix(in)));
    struct buf b;
    buf_init(&b);
    size_t from = in.len >= 3 && memcmp(in.data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    for (size_t i = from; i < in.len; i++)
        if (in.data[i] != '\r' || (i + 1 < in.len && in.data[i + 1] != '\n'))
            buf_put_u8(&b, in.data[i] == '\r' ? '\n' : in.data[i]);
    struct reading plain = {.name = r->name, .text = buf_slice(&b), .e = r->e};
    int rc = b.failed ? err_nomem(r->e) : check_lines(&plain);
    if (!rc)
        rc = text_nfc_lines(buf_slice(&b), ret_text, r->e);
    buf_done(&b);
    return rc;
}

int campaign_yaml_read(struct slice text, const char *name, struct raw_file **ret_file,
                       struct err *e) {
    struct reading r = {.name = name, .e = e};
    __attribute__((cleanup(mem_cleanup))) char *plain = NULL;
    int rc = plain_text(&r, text, &plain);
    if (rc)
        return rc;
    r.text = slice_str(plain);
    cyaml_config_t config = config_of(&r.trail);
    struct raw_file *file = NULL;
    cyaml_err_t why = cyaml_load_data(r.text.data, r.text.len, &config, &campaign_schema,
                                      (cyaml_data_t **)&file, NULL);
    if (r.trail.line == 0)
        r.trail.line = 1; /* libcyaml names no line where the whole file is something else */
    if (why != CYAML_OK)
        return refuse(&r, why);
    if (!file || !file->campaign == !file->profile) {
        campaign_yaml_free(file);
        return err_set(e, ERR_REFUSED, "%s: begin with either “campaign:” or “profile:”", name);
    }
    *ret_file = file;
    return 0;
}

void campaign_yaml_free(struct raw_file *file) {
    struct trail unused = {0};
    cyaml_config_t config = config_of(&unused);
    (void)cyaml_free(&config, &campaign_schema, file, 0);
}
