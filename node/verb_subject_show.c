#include "core/limits.h"
#include "node/command.h"
#include "node/office.h"
#include "node/verbs.h"
#include "proto/json_node.h"

#include <string.h>

static void say(struct command *c, const char *what, const char *value) {
    if (value && *value)
        buf_printf(&c->call->out, "%s: %s\n", world_tr(c->world, what), value);
}

static void say_day(struct command *c, const char *what, day d) {
    char text[INSTANT_TEXT];
    if (d != DAY_NONE) {
        day_text_people(d, text);
        say(c, what, text);
    }
}

static void print(struct command *c, const struct unit_fact *unit, const struct subject *s,
                  const struct payload_name *name) {
    const char *yes = world_tr(c->world, N_("yes"));
    say(c, N_("unit"), unit->code);
    say(c, N_("code"), s->code);
    say(c, N_("name"), name->name);
    say(c, N_("kind"), world_tr(c->world, subject_kind_text(s->kind)));
    say(c, N_("class"), s->class_id);
    say(c, N_("position"), name->position);
    say(c, N_("title"), name->title);
    say(c, N_("leader"), s->leader ? yes : NULL);
    say(c, N_("uniformed"), s->uniformed ? yes : NULL);
    say_day(c, N_("in post from"), s->from);
    say_day(c, N_("in post until"), s->until);
}

static int show_row(struct command *c, const struct unit_fact *unit, const struct people *p,
                    const char *code, struct err *e) {
    int row = subjects_row(&p->subjects, code);
    if (row < 0)
        return err_set(e, ERR_REFUSED,
                       "there is no subject %s in unit %s; `subject list` shows all, `subject "
                       "import` adds one",
                       code, unit->code);
    struct subject_view v = {unit->code, &p->subjects.list[row], &p->names[row]};
    if (!c->call->json) {
        print(c, unit, v.subject, v.name);
        return 0;
    }
    int rc = json_subjects(&v, 1, true, &c->call->out, e);
    if (rc == 0)
        buf_put_u8(&c->call->out, '\n');
    return rc;
}

/* `CODE` of the own unit, or `UNIT/CODE`. */
static int show(struct command *c, const char *name, struct err *e) {
    const struct unit_fact *unit;
    struct people p;
    const char *slash = strchr(name, '/');
    char code[LIMIT_CODE + 1] = {0};
    size_t n = slash ? (size_t)(slash - name) : 0;
    memcpy(code, name, n < LIMIT_CODE ? n : LIMIT_CODE);
    int rc = office_unit(&c->actor, c->t, slash ? code : NULL, c->today, &unit, e);
    if (rc == 0)
        rc = people_load(&c->actor, c->t, unit, &p, e);
    if (rc != 0)
        return rc;
    rc = show_row(c, unit, &p, slash ? slash + 1 : name, e);
    people_done(&p);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    struct command c;
    int rc = command_begin(call, ROLE_NODE, COMMAND_READ, &c, e);
    return rc == 0 ? command_end(&c, show(&c, verb_arg(call, 0), e), e) : rc;
}

const struct verb node_verb_subject_show = {
    .name = "subject show",
    .args = "CODE",
    .min_args = 1,
    .max_args = 1,
    .flags = VERB_JSON,
    .help = N_("one subject, with its post"),
    .run = run,
};
