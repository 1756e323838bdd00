#include "core/limits.h"
#include "proto/payload.h"
#include "proto/wire.h"

#include <records.pb-c.h>
#include <stdlib.h>
#include <string.h>

static int put_successors(const struct unit_fact *f, struct arena *a, Thidua__UnitFact *m) {
    Thidua__UnitSuccessor *list = arena_alloc(a, f->n_successors * sizeof *list);
    m->successors = arena_alloc(a, f->n_successors * sizeof *m->successors);
    if (!list || !m->successors)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < f->n_successors; i++) {
        thidua__unit_successor__init(&list[i]);
        list[i].unit = wire_uid(&f->successors[i].unit);
        list[i].partial = f->successors[i].partial;
        m->successors[i] = &list[i];
    }
    m->n_successors = f->n_successors;
    return 0;
}

static void put_fact(const struct unit_fact *f, Thidua__UnitFact *m) {
    thidua__unit_fact__init(m);
    m->id = wire_uid(&f->id);
    m->parent = wire_uid(&f->parent);
    m->effective = wire_from_day(f->effective);
    m->from = wire_from_day(f->from);
    m->until = wire_from_day(f->until);
    m->code = f->code;
    m->level = f->level;
    m->kind = f->kind;
    m->name = f->name;
    m->group = f->group;
    m->contact = f->contact;
    m->phone = f->phone;
    if (f->basis)
        m->basis = f->basis;
}

int payload_units_encode(const struct payload_units *p, struct buf *out, struct err *e) {
    if (p->n > LIMIT_UNITS_PER_RECORD)
        return err_set(e, ERR_REFUSED, "too many units for one record: %u", p->n);
    struct arena a;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    Thidua__UnitFact *facts = arena_alloc(&a, p->n * sizeof *facts);
    Thidua__UnitFact **list = arena_alloc(&a, p->n * sizeof *list);
    int rc = facts && list ? 0 : err_nomem(e);
    for (uint32_t i = 0; rc == 0 && i < p->n; i++) {
        put_fact(&p->facts[i], &facts[i]);
        if (p->facts[i].n_successors > 0 && put_successors(&p->facts[i], &a, &facts[i]) != 0)
            rc = err_nomem(e);
        list[i] = &facts[i];
    }
    Thidua__Units m = THIDUA__UNITS__INIT;
    m.n_facts = p->n;
    m.facts = list;
    if (rc == 0)
        rc = wire_pack(&m.base, out, e);
    arena_done(&a);
    return rc;
}

static void get_successors(struct wire_check *c, struct arena *a, const Thidua__UnitFact *m,
                           struct unit_fact *f) {
    f->n_successors = 0;
    f->successors = NULL;
    wire_range(c, "successors", m->n_successors, 0, LIMIT_SUCCESSORS);
    if (c->rc != 0 || m->n_successors == 0)
        return;
    f->successors = arena_alloc(a, m->n_successors * sizeof *f->successors);
    if (!f->successors) {
        c->rc = wire_no_room(a, "units", c->e);
        return;
    }
    for (; f->n_successors < m->n_successors; f->n_successors++) {
        const Thidua__UnitSuccessor *s = m->successors[f->n_successors];
        struct unit_successor *to = &f->successors[f->n_successors];
        wire_bytes(c, "successors.unit", s->unit, false, to->unit.b, UID_BYTES);
        to->partial = s->partial;
    }
}

static void get_fact(struct wire_check *c, struct arena *a, const Thidua__UnitFact *m,
                     struct unit_fact *f) {
    wire_bytes(c, "id", m->id, false, f->id.b, UID_BYTES);
    wire_bytes(c, "parent", m->parent, true, f->parent.b, UID_BYTES);
    f->effective = wire_day(c, "effective", m->effective);
    f->from = wire_day(c, "from", m->from);
    f->until = wire_day(c, "until", m->until);
    wire_text(c, "code", f->code = m->code, LIMIT_CODE);
    wire_text(c, "level", f->level = m->level, LIMIT_CODE);
    wire_text(c, "kind", f->kind = m->kind, LIMIT_CODE);
    wire_text(c, "name", f->name = m->name, LIMIT_NAME);
    wire_text(c, "group", f->group = m->group, LIMIT_NAME);
    wire_text(c, "contact", f->contact = m->contact, LIMIT_NAME);
    wire_text(c, "phone", f->phone = m->phone, LIMIT_NAME);
    wire_text(c, "basis", f->basis = m->basis, LIMIT_NAME);
    get_successors(c, a, m, f);
    wire_require(c, "code", m->code[0] != '\0');
    wire_require(c, "level", m->level[0] != '\0');
}

int payload_units_decode(struct slice in, struct arena *a, struct payload_units *ret,
                         struct err *e) {
    Thidua__Units *m;
    int rc = wire_unpack(&thidua__units__descriptor, in, a, "units", &m, e);
    if (rc != 0)
        return rc;
    struct wire_check c = {.what = "units", .e = e};
    wire_range(&c, "facts", m->n_facts, 1, LIMIT_UNITS_PER_RECORD);
    if (c.rc != 0)
        return c.rc;
    struct unit_fact *facts = arena_alloc(a, m->n_facts * sizeof *facts);
    if (!facts)
        return wire_no_room(a, "units", e);
    for (size_t i = 0; i < m->n_facts; i++)
        get_fact(&c, a, m->facts[i], &facts[i]);
    if (c.rc == 0)
        *ret = (struct payload_units){.n = (uint32_t)m->n_facts, .facts = facts};
    return c.rc;
}

static void put_subject(const struct subject *s, Thidua__Subject *m) {
    thidua__subject__init(m);
    m->id = wire_uid(&s->id);
    m->code = s->code;
    m->kind = s->kind;
    m->class_id = s->class_id;
    m->leader = s->leader;
    m->uniformed = s->uniformed;
    m->person = wire_uid(&s->person);
    m->from = wire_from_day(s->from);
    m->until = wire_from_day(s->until);
}

int payload_subjects_encode(const struct subjects *p, struct buf *out, struct err *e) {
    if (p->n > LIMIT_SUBJECTS)
        return err_set(e, ERR_REFUSED, "too many subjects in one unit: %u, at most %u", p->n,
                       LIMIT_SUBJECTS);
    struct arena a;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    Thidua__Subject *subjects = arena_alloc(&a, p->n * sizeof *subjects);
    Thidua__Subject **list = arena_alloc(&a, p->n * sizeof *list);
    int rc = subjects && list ? 0 : err_nomem(e);
    for (uint32_t i = 0; rc == 0 && i < p->n; i++) {
        put_subject(&p->list[i], &subjects[i]);
        list[i] = &subjects[i];
    }
    Thidua__Subjects m = THIDUA__SUBJECTS__INIT;
    m.unit = wire_uid(&p->unit);
    m.n_list = p->n;
    m.list = list;
    if (rc == 0)
        rc = wire_pack(&m.base, out, e);
    arena_done(&a);
    return rc;
}

static void get_subject(struct wire_check *c, const Thidua__Subject *m, struct subject *s) {
    wire_bytes(c, "id", m->id, false, s->id.b, UID_BYTES);
    wire_bytes(c, "person", m->person, true, s->person.b, UID_BYTES);
    wire_text(c, "code", s->code = m->code, LIMIT_CODE);
    wire_require(c, "code", m->code[0] != '\0');
    wire_range(c, "kind", m->kind, SUBJECT_COLLECTIVE, SUBJECT_INDIVIDUAL);
    s->kind = m->kind;
    wire_text(c, "class_id", s->class_id = m->class_id, LIMIT_CODE);
    s->leader = m->leader;
    s->uniformed = m->uniformed;
    s->from = wire_day(c, "from", m->from);
    s->until = wire_day(c, "until", m->until);
}

static int by_code(const void *a, const void *b) {
    return strcmp((*(struct subject *const *)a)->code, (*(struct subject *const *)b)->code);
}

static int by_id(const void *a, const void *b) {
    return uid_cmp(&(*(struct subject *const *)a)->id, &(*(struct subject *const *)b)->id);
}

/* Whether no two of `n` subjects share a code or an id; sorts `order`, an array of pointers. */
static bool all_unique(struct subject **order, size_t n) {
    bool unique = true;
    qsort(order, n, sizeof *order, by_code);
    for (size_t i = 1; i < n; i++)
        unique &= strcmp(order[i - 1]->code, order[i]->code) != 0;
    qsort(order, n, sizeof *order, by_id);
    for (size_t i = 1; i < n; i++)
        unique &= !uid_equal(&order[i - 1]->id, &order[i]->id);
    return unique;
}

int payload_subjects_decode(struct slice in, struct arena *a, struct subjects *ret, struct err *e) {
    Thidua__Subjects *m;
    int rc = wire_unpack(&thidua__subjects__descriptor, in, a, "subject list", &m, e);
    if (rc != 0)
        return rc;
    struct wire_check c = {.what = "subject list", .e = e};
    struct subjects s = {.n = (uint32_t)m->n_list};
    wire_bytes(&c, "unit", m->unit, false, s.unit.b, UID_BYTES);
    wire_range(&c, "list", m->n_list, 1, LIMIT_SUBJECTS);
    if (c.rc != 0)
        return c.rc;
    s.list = arena_alloc(a, m->n_list * sizeof *s.list);
    struct subject **order = arena_alloc(a, m->n_list * sizeof *order);
    if (!s.list || !order)
        return wire_no_room(a, "subject list", e);
    for (size_t i = 0; i < m->n_list; i++) {
        get_subject(&c, m->list[i], &s.list[i]);
        order[i] = &s.list[i];
    }
    wire_require(&c, "the first subject",
                 uid_equal(&s.list[0].id, &s.unit) && s.list[0].kind == SUBJECT_COLLECTIVE);
    wire_require(&c, "list (a code or id twice)", c.rc != 0 || all_unique(order, m->n_list));
    if (c.rc == 0)
        *ret = s;
    return c.rc;
}

int payload_name_encode(const struct payload_name *p, struct buf *out, struct err *e) {
    Thidua__SubjectName m = THIDUA__SUBJECT_NAME__INIT;
    m.subject = wire_uid(&p->subject);
    m.name = p->name;
    m.position = p->position;
    m.title = p->title;
    buf_put(out, p->salt, sizeof p->salt);
    return wire_pack(&m.base, out, e);
}

int payload_name_decode(struct slice in, struct arena *a, struct payload_name *ret, struct err *e) {
    struct payload_name p;
    struct reader r = reader_of(in);
    reader_copy(&r, p.salt, sizeof p.salt);
    if (r.failed)
        return err_set(e, ERR_CORRUPT, "%s: the bytes cannot be decoded",
                       err_word("subject name").text);
    Thidua__SubjectName *m;
    int rc = wire_unpack(&thidua__subject_name__descriptor, slice_of(r.data, r.left), a,
                         "subject name", &m, e);
    if (rc != 0)
        return rc;
    struct wire_check c = {.what = "subject name", .e = e};
    wire_bytes(&c, "subject", m->subject, false, p.subject.b, UID_BYTES);
    wire_text(&c, "name", p.name = m->name, LIMIT_NAME);
    wire_text(&c, "position", p.position = m->position, LIMIT_NAME);
    wire_text(&c, "title", p.title = m->title, LIMIT_NAME);
    if (c.rc == 0)
        *ret = p;
    return c.rc;
}
