#include "node/subject_file.h"

#include "core/csv.h"
#include "core/limits.h"
#include "core/mem.h"
#include "core/text.h"
#include "core/word.h"
#include "node/office.h"
#include "node/people.h"
#include "node/subject_class.h"
#include "node/subject_fields.h"
#include "node/views.h"

#include <string.h>

enum known {
    CODE,
    KIND,
    CLASS,
    NAME,
    UNIT,
    LEADER,
    UNIFORMED,
    PERSON,
    POSITION,
    TITLE,
    FROM,
    UNTIL,
    KNOWN,
};

static const struct csv_column columns[KNOWN] = {
    [CODE] = {"code", {"mã", "mã đối tượng", "mã số"}, true},
    [KIND] = {"kind", {"loại", "loại đối tượng"}, true},
    [CLASS] = {"class", {"nhóm", "phân loại", "đối tượng"}, true},
    [NAME] = {"name", {"tên", "họ và tên", "họ tên", "tên gọi"}, true},
    [UNIT] = {"unit", {"đơn vị", "mã đơn vị"}, true},
    [LEADER] = {"leader", {"lãnh đạo", "giữ chức lãnh đạo"}, false},
    [UNIFORMED] = {"uniformed", {"lực lượng vũ trang", "mặc quân phục", "có trang phục"}, false},
    [PERSON] = {"person", {"người", "mã cá nhân", "số định danh"}, false},
    [POSITION] = {"position", {"chức vụ"}, false},
    [TITLE] = {"title", {"chức danh", "danh hiệu"}, false},
    [FROM] = {"from", {"từ ngày", "từ"}, false},
    [UNTIL] = {"until", {"đến ngày", "đến", "hết ngày"}, false},
};

/* One row of the file, read. Texts are the file's. */
struct row {
    const struct unit_fact *unit;
    struct subject s; /* code and class borrowed */
    const char *name, *position, *title;
};

struct reading {
    struct actor *actor;
    struct txn *t;
    const struct world *w;
    const struct csv *c;
    struct problems *p;
    struct row *rows; /* one per row of the file; `unit` NULL where that is a mistake */
    instant now;
    day today;
    struct subject_import did;
    struct subject_changes news; /* who leaves, and who is renamed */
    struct subject_class_odd odd;
};

static bool read_flag(struct reading *r, size_t i, enum known k) {
    const char *text = csv_get(r->c, i, k);
    if (word_yes(text))
        return true;
    if (*text && !word_no(text))
        err_set(csv_problem(r->c, r->p, i, k), ERR_REFUSED,
                "“%s” is neither yes nor no: write yes (có) or no (không), or leave it empty",
                text);
    return false;
}

static day read_day(struct reading *r, size_t i, enum known k) {
    const char *text = csv_get(r->c, i, k);
    day d = DAY_NONE;
    if (*text && !day_parse(text, &d))
        err_set(csv_problem(r->c, r->p, i, k), ERR_REFUSED,
                "“%s” is no date: write it as 31/12/2023 or 2023-12-31", text);
    return d;
}

static const char *read_text(struct reading *r, size_t i, enum known k, bool required, size_t max) {
    const char *text = csv_get(r->c, i, k);
    if (required && !*text)
        err_set(csv_problem(r->c, r->p, i, k), ERR_REFUSED, "this cell is empty: fill it in");
    else if (strlen(text) > max)
        err_set(csv_problem(r->c, r->p, i, k), ERR_REFUSED,
                "the text is longer than %zu bytes: shorten it", max);
    return text;
}

/* The unit of row `i`: an empty cell means the one of the office. */
static const struct unit_fact *read_unit(struct reading *r, size_t i, struct err *e) {
    const char *code = csv_get(r->c, i, UNIT);
    const struct unit_fact *f = NULL;
    if (office_unit(r->actor, r->t, *code ? code : NULL, r->today, &f, e) != 0)
        *csv_problem(r->c, r->p, i, UNIT) = *e;
    err_clear(e);
    return f;
}

static void read_code(struct reading *r, size_t i, struct row *row) {
    struct err why = {0};
    const char *code = csv_get(r->c, i, CODE);
    if (text_code_check(code, &why) != 0)
        *csv_problem(r->c, r->p, i, CODE) = why;
    bool itself = row->unit && strcmp(code, row->unit->code) == 0;
    if (itself && row->s.kind == SUBJECT_INDIVIDUAL)
        err_set(csv_problem(r->c, r->p, i, CODE), ERR_REFUSED,
                "%s is the code of the unit itself, which is a collective: give this subject "
                "another code",
                code);
    if (itself)
        row->s.id = row->unit->id;
}

static int read_person(struct reading *r, size_t i, struct row *row, struct err *e) {
    const char *text = read_text(r, i, PERSON, false, LIMIT_NAME);
    return *text ? people_person(r->t, r->w, text, &row->s.person, e) : 0;
}

/* Take the class for what campaigns here call it; one that is only like theirs is a mistake. */
static int read_class(struct reading *r, size_t i, struct row *row, struct err *e) {
    const char *text = csv_get(r->c, i, CLASS), *id = NULL;
    enum subject_class known = SUBJECT_CLASS_FREE;
    int rc = *text ? subject_class_find(&r->actor->catalog, text, &known, &id, e) : 0;
    if (rc != 0)
        return rc;
    if (known == SUBJECT_CLASS_NEAR)
        err_set(csv_problem(r->c, r->p, i, CLASS), ERR_REFUSED,
                "no campaign here has a class “%s”: is it “%s”?", text, id);
    else if (known != SUBJECT_CLASS_KNOWN)
        (void)read_text(r, i, CLASS, false, LIMIT_CODE);
    if (known == SUBJECT_CLASS_UNKNOWN)
        subject_class_odd_put(&r->odd, text, csv_line(r->c, i));
    row->s.class_id = mem_strdup(id ? id : text);
    return row->s.class_id ? 0 : err_nomem(e);
}

static void check_post(struct reading *r, size_t i) {
    const struct subject *s = &r->rows[i].s;
    if (s->from != DAY_NONE && s->until != DAY_NONE && s->until <= s->from)
        err_set(csv_problem(r->c, r->p, i, csv_where(r->c, UNTIL) == CSV_ABSENT ? FROM : UNTIL),
                ERR_REFUSED, "the post ends before it begins: correct from or until");
}

static int read_row(struct reading *r, size_t i, struct err *e) {
    struct row *row = &r->rows[i];
    struct err why = {0};
    const char *kind = read_text(r, i, KIND, true, LIMIT_NAME);
    row->unit = read_unit(r, i, &why);
    row->s.kind = subject_kind_parse(kind);
    if (*kind && row->s.kind == 0)
        err_set(csv_problem(r->c, r->p, i, KIND), ERR_REFUSED,
                "“%s” is no kind of subject: write collective (tập thể) or individual (cá nhân)",
                kind);
    read_code(r, i, row);
    int rc = read_class(r, i, row, e);
    row->name = read_text(r, i, NAME, true, LIMIT_NAME);
    row->position = read_text(r, i, POSITION, false, LIMIT_NAME);
    row->title = read_text(r, i, TITLE, false, LIMIT_NAME);
    row->s.leader = read_flag(r, i, LEADER);
    row->s.uniformed = read_flag(r, i, UNIFORMED);
    row->s.from = read_day(r, i, FROM);
    row->s.until = read_day(r, i, UNTIL);
    check_post(r, i);
    return rc == 0 ? read_person(r, i, row, e) : rc;
}

/* Applying: unit by unit. */

static bool same_subject(const struct subject *x, const struct subject *y) {
    return uid_equal(&x->id, &y->id) && uid_equal(&x->person, &y->person) &&
           strcmp(x->code, y->code) == 0 && strcmp(x->class_id, y->class_id) == 0 &&
           x->kind == y->kind && x->leader == y->leader && x->uniformed == y->uniformed &&
           x->from == y->from && x->until == y->until;
}

static const char *or_empty(const char *s) {
    return s ? s : "";
}

static bool same_name(const struct payload_name *n, const struct row *row) {
    return n && strcmp(or_empty(n->name), row->name) == 0 &&
           strcmp(or_empty(n->position), row->position) == 0 &&
           strcmp(or_empty(n->title), row->title) == 0;
}

/* State the name in `row`. */
static int state_name(struct reading *r, const struct row *row, struct err *e) {
    char *name __attribute__((cleanup(mem_cleanup))) = mem_strdup(row->name);
    char *position __attribute__((cleanup(mem_cleanup))) = mem_strdup(row->position);
    char *title __attribute__((cleanup(mem_cleanup))) = mem_strdup(row->title);
    if (!name || !position || !title)
        return err_nomem(e);
    struct payload_name n = {
        .subject = row->s.id, .name = name, .position = position, .title = title};
    r->w->random(r->w->arg, n.salt, sizeof n.salt);
    r->did.names++;
    return people_state_name(r->actor, r->t, &n, r->now, e);
}

/* The id for `code` of `unit`: the one it ever had, else a new one. */
static int name_id(struct reading *r, const struct people *before, struct subject *s,
                   struct err *e) {
    int row = subjects_row(&before->subjects, s->code);
    if (row >= 0) {
        s->id = before->subjects.list[row].id;
        return 0;
    }
    bool known;
    int rc = people_known(r->actor, r->t, &before->unit, s->code, &s->id, &known, e);
    if (rc == 0 && !known)
        r->w->random(r->w->arg, s->id.b, sizeof s->id.b);
    return rc;
}

static bool lacks(const struct reading *r, enum known k) {
    return csv_where(r->c, k) == CSV_ABSENT;
}

/* What the file has no column for stays as it is `before`. */
static void keep_rest(const struct reading *r, const struct people *before, struct row *row) {
    int old = subjects_row(&before->subjects, row->s.code);
    if (old < 0)
        return;
    const struct subject *s = &before->subjects.list[old];
    const struct payload_name *n = &before->names[old];
    row->s.leader = lacks(r, LEADER) ? s->leader : row->s.leader;
    row->s.uniformed = lacks(r, UNIFORMED) ? s->uniformed : row->s.uniformed;
    row->s.person = lacks(r, PERSON) ? s->person : row->s.person;
    row->s.from = lacks(r, FROM) ? s->from : row->s.from;
    row->s.until = lacks(r, UNTIL) ? s->until : row->s.until;
    row->position = lacks(r, POSITION) ? or_empty(n->position) : row->position;
    row->title = lacks(r, TITLE) ? or_empty(n->title) : row->title;
}

static char no_class[1];

/* The rows of `unit` as its new list, in `list` (room for all of them and the unit itself). */
static int make_list(struct reading *r, const struct unit_fact *unit, const struct people *before,
                     struct subjects *list, struct err *e) {
    list->unit = unit->id;
    list->list[0] = before->subjects.list[0];
    list->list[0].class_id = no_class;
    list->n = 1;
    for (size_t i = 0; i < csv_rows(r->c); i++) {
        struct row *row = &r->rows[i];
        if (row->unit != unit)
            continue;
        if (uid_equal(&row->s.id, &unit->id)) {
            list->list[0].class_id = row->s.class_id;
            continue;
        }
        if (list->n == LIMIT_SUBJECTS)
            return err_set(e, ERR_REFUSED, "unit %s would have more than %u subjects: split it",
                           unit->code, LIMIT_SUBJECTS);
        if (subjects_row(list, row->s.code) >= 0) {
            err_set(csv_problem(r->c, r->p, i, CODE), ERR_REFUSED,
                    "'%s' is there twice for unit %s: keep one of the two rows", row->s.code,
                    unit->code);
            continue;
        }
        keep_rest(r, before, row);
        if (lacks(r, FROM) != lacks(r, UNTIL))
            check_post(r, i);
        int rc = name_id(r, before, &row->s, e);
        if (rc != 0)
            return rc;
        list->list[list->n++] = row->s;
    }
    return 0;
}

/* Compare the lists; whether the new one says anything new. */
static bool compare(struct reading *r, const struct subjects *before, const struct subjects *now) {
    bool same = before->n == now->n;
    for (uint32_t i = 0; i < now->n; i++) {
        int old = subjects_row(before, now->list[i].code);
        same &= old == (int)i && same_subject(&before->list[i], &now->list[i]);
        r->did.added += old < 0;
        r->did.changed += old >= 0 && !same_subject(&before->list[old], &now->list[i]);
    }
    return !same;
}

/* Lists for csv_suggest_code: the codes of `before` that `now` no longer has. */
struct leaving {
    const struct subjects *before, *now;
};

static bool leaves(void *arg, const char *code) {
    const struct leaving *l = arg;
    return subjects_row(l->before, code) > 0 && subjects_row(l->now, code) < 0;
}

/*
 * Where every new code is one that leaves, but for leading zeros, nobody came and nobody left: a
 * spreadsheet made numbers of the codes. Each such row is a mistake.
 */
static void check_zeros(struct reading *r, const struct unit_fact *unit,
                        const struct subjects *before, const struct subjects *now) {
    struct leaving l = {before, now};
    char meant[LIMIT_CODE + 1];
    for (uint32_t i = 1; i < now->n; i++)
        if (subjects_row(before, now->list[i].code) < 0 &&
            !csv_suggest_code(now->list[i].code, leaves, &l, meant))
            return;
    for (size_t i = 0; i < csv_rows(r->c); i++) {
        const char *code = r->rows[i].s.code;
        if (r->rows[i].unit == unit && subjects_row(before, code) < 0 &&
            csv_suggest_code(code, leaves, &l, meant))
            err_set(csv_problem(r->c, r->p, i, CODE), ERR_REFUSED,
                    "there is no subject %s; is it %s, whose leading zero a spreadsheet ate?", code,
                    meant);
    }
}

/* Take down what the list says otherwise of `row` than the one `before`. */
static int tell_fields(struct reading *r, const struct people *before, const struct row *row,
                       struct err *e) {
    int old = subjects_row(&before->subjects, row->s.code);
    if (old < 0)
        return 0;
    struct subject now = row->s;
    struct subject_fields then = {&before->subjects.list[old], before->names[old].position,
                                  before->names[old].title};
    struct subject_fields is = {&now, row->position, row->title};
    if (old == 0) { /* of the unit itself a list says the class only */
        now = before->subjects.list[0];
        now.class_id = row->s.class_id;
        is.position = then.position;
        is.title = then.title;
    }
    return subject_fields_changed(&r->news, row->unit, row->s.code, &then, &is, e);
}

/* Tell if `row`, who comes back to the list `now`, was called otherwise before. */
static int tell_returned(struct reading *r, const struct subjects *now, const struct row *row,
                         struct err *e) {
    struct arena a;
    struct payload_name then;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    bool known;
    int rc = views_name(r->t, &row->s.id, &a, &then, &known, e);
    if (rc == 0 && known)
        rc = subject_changes_renamed(&r->news, row->unit, now, row->s.code, or_empty(then.name),
                                     row->name, e);
    arena_done(&a);
    return rc;
}

/* Tell if `row` is called otherwise than in row `old` of the list `before`. */
static int tell_renamed(struct reading *r, const struct people *before, uint32_t old,
                        const struct subjects *now, const struct row *row, struct err *e) {
    uint32_t renamed = r->news.renamed;
    int rc = subject_changes_renamed(&r->news, row->unit, now, row->s.code,
                                     people_name(before, old), row->name, e);
    if (rc == 0 && r->news.renamed > renamed && lacks(r, PERSON) && !uid_is_zero(&row->s.person))
        subject_changes_linked(&r->news, row->s.code);
    return rc;
}

/* State the name in `row`, of the list `now`, unless it is so already; a name alone that is another
 * is a change, too. */
static int apply_name(struct reading *r, const struct people *before, const struct subjects *now,
                      const struct row *row, struct err *e) {
    int old = subjects_row(&before->subjects, row->s.code);
    if (old >= 0 && same_name(&before->names[old], row))
        return 0;
    if (old >= 0)
        r->did.changed += same_subject(&before->subjects.list[old], &row->s);
    int rc = old < 0 ? tell_returned(r, now, row, e)
                     : tell_renamed(r, before, (uint32_t)old, now, row, e);
    return rc == 0 ? state_name(r, row, e) : rc;
}

static int apply_list(struct reading *r, const struct unit_fact *unit, const struct people *before,
                      struct subjects *list, struct err *e) {
    struct hash id;
    int rc = make_list(r, unit, before, list, e);
    if (rc == 0)
        check_zeros(r, unit, &before->subjects, list);
    if (rc != 0 || r->p->total > 0)
        return rc;
    rc = subject_changes_left(&r->news, unit, before, list, e);
    if (rc == 0 && (compare(r, &before->subjects, list) || hash_is_zero(&before->record))) {
        r->did.lists++;
        rc = people_state(r->actor, r->t, list, r->now, &id, e);
    }
    for (size_t i = 0; rc == 0 && i < csv_rows(r->c); i++) {
        if (r->rows[i].unit != unit)
            continue;
        rc = tell_fields(r, before, &r->rows[i], e);
        if (rc == 0 && !uid_equal(&r->rows[i].s.id, &unit->id))
            rc = apply_name(r, before, list, &r->rows[i], e);
    }
    return rc;
}

static int apply_unit(struct reading *r, const struct unit_fact *unit, struct err *e) {
    struct people before;
    struct subjects list = {0};
    int rc = people_load(r->actor, r->t, unit, &before, e);
    if (rc != 0)
        return rc;
    r->did.units++;
    list.list = mem_zalloc(csv_rows(r->c) + 1, sizeof *list.list);
    rc = list.list ? apply_list(r, unit, &before, &list, e) : err_nomem(e);
    mem_free(list.list);
    subject_changes_next(&r->news);
    people_done(&before);
    return rc;
}

static int apply(struct reading *r, struct err *e) {
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < csv_rows(r->c); i++) {
        bool first = true;
        for (size_t k = 0; first && k < i; k++)
            first = r->rows[k].unit != r->rows[i].unit;
        if (first)
            rc = apply_unit(r, r->rows[i].unit, e);
    }
    return rc;
}

/* Codes are the file's texts, which the lists borrow as texts of their own. */
static int own_texts(struct reading *r, struct err *e) {
    for (size_t i = 0; i < csv_rows(r->c); i++) {
        struct subject *s = &r->rows[i].s;
        s->code = mem_strdup(csv_get(r->c, i, CODE));
        if (!s->code)
            return err_nomem(e);
    }
    return 0;
}

static int read_rows(struct reading *r, struct err *e) {
    int rc = csv_unique(r->c, (const size_t[]){CODE, UNIT}, 2, r->p, e);
    if (rc == 0)
        rc = own_texts(r, e);
    for (size_t i = 0; rc == 0 && i < csv_rows(r->c); i++) {
        world_progress(r->w, N_("reading subjects"), i, csv_rows(r->c));
        rc = read_row(r, i, e);
    }
    return rc;
}

static void free_rows(struct reading *r) {
    for (size_t i = 0; r->rows && i < csv_rows(r->c); i++) {
        mem_free(r->rows[i].s.code);
        mem_free(r->rows[i].s.class_id);
    }
    mem_free(r->rows);
}

int subject_file_import(struct command *c, struct slice bytes, const char *file, uint32_t gone,
                        struct problems *p, struct subject_import *ret_import, struct err *e) {
    struct csv *csv = NULL;
    int rc = csv_open(bytes, file, &csv, p, e);
    if (rc == 0)
        rc = csv_match(csv, columns, KNOWN, false, p, e);
    if (rc != 0 || p->total > 0) {
        csv_close(csv);
        return rc;
    }
    struct reading r = {.actor = &c->actor,
                        .t = c->t,
                        .w = c->world,
                        .c = csv,
                        .p = p,
                        .now = c->now,
                        .today = c->today};
    subject_changes_init(&r.news, &c->actor, c->t, c->world);
    r.rows = mem_zalloc(csv_rows(csv) + 1, sizeof *r.rows);
    rc = r.rows ? read_rows(&r, e) : err_nomem(e);
    r.did.rows = (uint32_t)csv_rows(csv);
    if (rc == 0 && p->total == 0)
        rc = apply(&r, e);
    if (rc == 0 && p->total == 0) {
        subject_class_odd_tell(&r.odd, &c->actor.catalog, c->world, &c->call->words);
        subject_changes_tell(&r.news, &c->call->words);
        rc = subject_changes_check(&r.news, file, gone, e);
    }
    r.did.changes = r.news;
    if (rc == 0)
        *ret_import = r.did;
    else
        subject_changes_done(&r.news);
    free_rows(&r);
    csv_close(csv);
    return rc;
}
