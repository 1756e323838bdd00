#include "hub/campaign_line.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#define DEPTH_MAX 16
#define STEP_BYTES 64
#define PATH_BYTES 256

/* A mapping or list that is open. */
struct level {
    bool list, has_key;
    unsigned entries;
    size_t path_len; /* of the path to it */
};

struct walk {
    const char *path; /* looked for */
    size_t best;      /* so much of it was found, … */
    unsigned line;    /* … there */
    unsigned depth;
    struct level levels[DEPTH_MAX];
    char at[PATH_BYTES]; /* path of the node that is being read */
};

/* How much of `path` the node at `at` stands for: all of `at`, up to the end of a step. */
static size_t covers(const char *path, const char *at) {
    size_t n = strlen(at);
    if (strncmp(path, at, n) != 0)
        return 0;
    return path[n] == '\0' || path[n] == '.' || path[n] == '[' ? n : 0;
}

static void visit(struct walk *w, unsigned line) {
    const char *inner = strchr(w->at, '.'); /* without the key of the whole file */
    size_t n = covers(w->path, w->at), m = inner ? covers(w->path, inner + 1) : 0;
    if (m > n)
        n = m;
    if (n > w->best) {
        w->best = n;
        w->line = line;
    }
}

/* A node begins: in a list it is the next entry; in a mapping a key, or the value of the last one,
 * which goes by the key's path and line. */
static void begin(struct walk *w, const yaml_event_t *e) {
    unsigned line = (unsigned)e->start_mark.line + 1;
    struct level *l = w->depth > 0 ? &w->levels[w->depth - 1] : NULL;
    if (!l)
        return;
    size_t len = l->path_len;
    if (l->list) {
        (void)snprintf(w->at + len, sizeof w->at - len, "[%u]", ++l->entries);
        visit(w, line);
    } else if (!l->has_key && e->type == YAML_SCALAR_EVENT) {
        (void)snprintf(w->at + len, sizeof w->at - len, "%s%.*s", len > 0 ? "." : "", STEP_BYTES,
                       (const char *)e->data.scalar.value);
        l->has_key = true;
        visit(w, line);
    } else {
        l->has_key = false;
    }
}

static bool open_level(struct walk *w, bool list) {
    if (w->depth == DEPTH_MAX)
        return false;
    w->levels[w->depth++] = (struct level){.list = list, .path_len = strlen(w->at)};
    return true;
}

/* One event; false where nothing more is to be read. */
static bool step(struct walk *w, const yaml_event_t *e) {
    switch (e->type) {
    case YAML_SCALAR_EVENT:
    case YAML_ALIAS_EVENT:
        begin(w, e);
        return true;
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT:
        begin(w, e);
        return open_level(w, e->type == YAML_SEQUENCE_START_EVENT);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        w->at[w->levels[--w->depth].path_len] = '\0';
        return true;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_START_EVENT:
        return true;
    case YAML_DOCUMENT_END_EVENT:
    case YAML_STREAM_END_EVENT:
        break;
    }
    return false;
}

unsigned campaign_line(struct slice text, const char *path) {
    struct walk w = {.path = path};
    yaml_parser_t parser;
    if (!*path || text.len == 0 || !yaml_parser_initialize(&parser))
        return 0;
    yaml_parser_set_input_string(&parser, text.data, text.len);
    for (bool more = true; more;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event))
            break;
        more = step(&w, &event);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return w.line;
}
