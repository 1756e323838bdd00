#include "node/subject_changes.h"

#include "core/mem.h"
#include "node/stake.h"

#include <string.h>

#define LONG_LIST 10u /* subjects from which on a list is not half emptied in passing */
#define TEXT_BYTES_MAX ((size_t)1 << 28)

void subject_changes_init(struct subject_changes *c, struct actor *a, struct txn *t,
                          const struct world *w) {
    *c = (struct subject_changes){.actor = a, .t = t, .w = w};
    buf_init(&c->words);
    buf_init(&c->list);
    buf_init(&c->other);
    arena_init(&c->texts, TEXT_BYTES_MAX);
}

void subject_changes_next(struct subject_changes *c) {
    mem_free(c->stakes_before);
    mem_free(c->stakes_now);
    c->stakes_before = c->stakes_now = NULL;
}

void subject_changes_done(struct subject_changes *c) {
    subject_changes_next(c);
    buf_done(&c->words);
    buf_done(&c->list);
    buf_done(&c->other);
    arena_done(&c->texts);
    *c = (struct subject_changes){0};
}

/* What hangs on the rows of `s` into `stakes`, looked up once. */
static int know_stakes(struct subject_changes *c, const struct subjects *s, struct stake **stakes,
                       struct err *e) {
    return *stakes ? 0 : stake_load(c->actor, c->t, s, stakes, e);
}

static const char *keep(struct arena *a, const char *text) {
    size_t n = strlen(text) + 1;
    char *copy = arena_alloc(a, n);
    return copy ? memcpy(copy, text, n) : NULL;
}

/* Write down that `code` of `unit`, called `before`, is called `after` from now on, or leaves
 * (NULL), and what hangs on it. */
static int note_change(struct subject_changes *c, const struct unit_fact *unit, const char *code,
                       const char *before, const char *after, const struct stake *stake,
                       struct err *e) {
    struct arena *a = &c->texts;
    const struct subject_change x = {
        .unit = keep(a, unit->code),
        .code = keep(a, code),
        .before = keep(a, before),
        .after = after ? keep(a, after) : NULL,
        .values = stake->values,
        .reports = stake->reports,
    };
    buf_put(&c->list, &x, sizeof x);
    return a->failed || c->list.failed ? err_nomem(e) : 0;
}

/* Tell that `row`, of `before`, leaves, and keep in mind whether that may be a slip. */
static int tell_leaver(struct subject_changes *c, const struct unit_fact *unit,
                       const struct people *before, uint32_t row, struct err *e) {
    const char *code = before->subjects.list[row].code;
    int rc = know_stakes(c, &before->subjects, &c->stakes_before, e);
    if (rc != 0)
        return rc;
    const struct stake *stake = &c->stakes_before[row];
    c->gone++;
    if (stake->unsealed > 0 && c->torn[0] == '\0')
        memcpy(c->torn, code, strlen(code) + 1);
    world_say(c->w, &c->words, "%s is not in the file and leaves the list", code);
    return note_change(c, unit, code, people_name(before, row), NULL, stake, e);
}

int subject_changes_left(struct subject_changes *c, const struct unit_fact *unit,
                         const struct people *before, const struct subjects *now, struct err *e) {
    uint32_t gone = 0, n = before->subjects.n - 1;
    int rc = 0;
    for (uint32_t i = 1; rc == 0 && i <= n; i++)
        if (subjects_row(now, before->subjects.list[i].code) < 0) {
            rc = tell_leaver(c, unit, before, i, e);
            gone++;
        }
    if (n >= LONG_LIST && gone > n / 2)
        memcpy(c->emptied, unit->code, strlen(unit->code) + 1);
    return rc;
}

/* Say that `code` is called otherwise, and whether another person may be meant where only the name
 * was to change. */
static void tell_renamed(struct subject_changes *c, const char *code, const char *then,
                         const char *name, const struct stake *s) {
    if (s->values + s->reports == 0)
        world_say(c->w, &c->words, "%s: %s → %s", code, then, name);
    else
        world_say(c->w, &c->words,
                  "%s: %s → %s; %u values and %u sealed reports belong to this code: if this is "
                  "another person, give that person a code that nobody had",
                  code, then, name, s->values, s->reports);
}

int subject_changes_renamed(struct subject_changes *c, const struct unit_fact *unit,
                            const struct subjects *now, const char *code, const char *then,
                            const char *name, struct err *e) {
    int at = subjects_row(now, code);
    if (at < 0 || !*then || strcmp(then, name) == 0)
        return 0;
    int rc = know_stakes(c, now, &c->stakes_now, e);
    if (rc != 0)
        return rc;
    if (c->renamed++ < SUBJECT_CHANGES_LINES)
        tell_renamed(c, code, then, name, &c->stakes_now[at]);
    return note_change(c, unit, code, then, name, &c->stakes_now[at], e);
}

void subject_changes_linked(struct subject_changes *c, const char *code) {
    if (c->renamed <= SUBJECT_CHANGES_LINES)
        world_say(c->w, &c->words,
                  "%s stays linked to the same person, for the file has no column person: is it "
                  "still the same?",
                  code);
}

int subject_changes_field(struct subject_changes *c, const struct unit_fact *unit, const char *code,
                          const char *field, const char *before, const char *after, struct err *e) {
    struct arena *a = &c->texts;
    const struct subject_field_change x = {
        .unit = keep(a, unit->code),
        .code = keep(a, code),
        .field = field,
        .before = keep(a, before),
        .after = keep(a, after),
    };
    buf_put(&c->other, &x, sizeof x);
    return a->failed || c->other.failed ? err_nomem(e) : 0;
}

void subject_changes_tell(const struct subject_changes *c, struct buf *words) {
    buf_put(words, c->words.data, c->words.len);
    if (c->renamed > SUBJECT_CHANGES_LINES)
        world_say(c->w, words, "… and %u more have another name",
                  c->renamed - SUBJECT_CHANGES_LINES);
    if (c->fields > SUBJECT_CHANGES_LINES)
        world_say(c->w, words, "… and %u more changes of what is said of somebody",
                  c->fields - SUBJECT_CHANGES_LINES);
}

int subject_changes_check(const struct subject_changes *c, const char *file, uint32_t gone,
                          struct err *e) {
    uint32_t n = c->gone;
    if (gone != SUBJECT_CHANGES_UNSAID && gone != n)
        return err_set(e, ERR_REFUSED,
                       "--gone says that %u subjects leave, and %u are not in %s: correct one of "
                       "the two",
                       gone, n, file);
    if (gone != SUBJECT_CHANGES_UNSAID)
        return 0;
    if (c->torn[0])
        return err_set(e, ERR_REFUSED,
                       "%s is not in %s, and has values that no report has yet: put the row back, "
                       "or say `--gone %u` if all who are listed above are to leave",
                       c->torn, file, n);
    if (c->emptied[0])
        return err_set(e, ERR_REFUSED,
                       "most subjects of unit %s are not in %s: give the whole list, or say "
                       "`--gone %u` if all who are listed above are to leave",
                       c->emptied, file, n);
    return 0;
}
