#include "node/subject_fields.h"

#include <stdio.h>
#include <string.h>

#define NOTHING "–"
#define FIELD_TEXT (LIMIT_NAME + 1)

static void put_flag(bool flag, char out[FIELD_TEXT]) {
    (void)snprintf(out, FIELD_TEXT, "%s", flag ? N_("yes") : N_("no"));
}

static void put_day(day d, char out[FIELD_TEXT]) {
    out[0] = '\0';
    if (d != DAY_NONE)
        day_text_people(d, out);
}

static void put_text(const char *text, char out[FIELD_TEXT]) {
    (void)snprintf(out, FIELD_TEXT, "%s", text ? text : "");
}

/* What is told of a field; a person is a number that says nothing to anybody. */
struct telling {
    const char *name; /* as the column of the file has it */
    const char *said; /* … for people */
    bool word;        /* values are words of this program */
    char then[FIELD_TEXT], now[FIELD_TEXT];
};

enum { FIELDS = 9 };

static void read_fields(const struct subject_fields *f, bool now, struct telling t[FIELDS]) {
    const struct subject *s = f->subject;
    char *out[FIELDS];
    for (uint32_t i = 0; i < FIELDS; i++)
        out[i] = now ? t[i].now : t[i].then;
    put_text(subject_kind_text(s->kind), out[0]);
    put_text(s->class_id, out[1]);
    put_flag(s->leader, out[2]);
    put_flag(s->uniformed, out[3]);
    put_text(uid_is_zero(&s->person) ? "" : "…", out[4]);
    put_text(f->position, out[5]);
    put_text(f->title, out[6]);
    put_day(s->from, out[7]);
    put_day(s->until, out[8]);
}

static const char *in_words(const struct world *w, const struct telling *t, const char *value) {
    if (!*value)
        return NOTHING;
    return t->word ? world_tr(w, value) : value;
}

static int take_down(struct subject_changes *c, const struct unit_fact *unit, const char *code,
                     const struct telling *t, struct err *e) {
    if (c->fields++ < SUBJECT_CHANGES_LINES)
        world_say(c->w, &c->words, "%s: %s %s → %s", code, world_tr(c->w, t->said),
                  in_words(c->w, t, t->then), in_words(c->w, t, t->now));
    return subject_changes_field(c, unit, code, t->name, t->then, t->now, e);
}

int subject_fields_changed(struct subject_changes *c, const struct unit_fact *unit,
                           const char *code, const struct subject_fields *then,
                           const struct subject_fields *now, struct err *e) {
    struct telling t[FIELDS] = {
        {.name = "kind", .said = N_("kind"), .word = true},
        {.name = "class", .said = N_("class")},
        {.name = "leader", .said = N_("leader"), .word = true},
        {.name = "uniformed", .said = N_("uniformed"), .word = true},
        {.name = "person", .said = N_("person")},
        {.name = "position", .said = N_("position")},
        {.name = "title", .said = N_("title")},
        {.name = "from", .said = N_("from")},
        {.name = "until", .said = N_("until")},
    };
    enum { PERSON = 4 };
    int rc = 0;
    read_fields(then, false, t);
    read_fields(now, true, t);
    for (uint32_t i = 0; rc == 0 && i < FIELDS; i++) {
        bool other = i == PERSON && !uid_equal(&then->subject->person, &now->subject->person);
        if (other || strcmp(t[i].then, t[i].now) != 0)
            rc = take_down(c, unit, code, &t[i], e);
    }
    return rc;
}
