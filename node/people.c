#include "node/people.h"

#include "core/limits.h"
#include "node/append.h"
#include "node/heir.h"
#include "node/views.h"
#include "store/log.h"
#include "store/meta.h"

#include <string.h>

#define TAG_PERSON "thidua person 1"
#define SECRET_ROW "person.secret"

void people_done(struct people *p) {
    arena_done(&p->arena);
    *p = (struct people){0};
}

const char *people_name(const struct people *p, uint32_t row) {
    return p->names[row].name ? p->names[row].name : "";
}

/* A walk over all lists that are held, the last one first. */
struct lists {
    struct actor *actor;
    struct txn *t;
    struct buf ids;
    size_t left;
};

static int lists_init(struct lists *l, struct actor *a, struct txn *t, struct err *e) {
    struct log_walk w;
    struct hash id;
    *l = (struct lists){.actor = a, .t = t};
    buf_init(&l->ids);
    log_walk_init(&w, t, KIND_SUBJECTS, 0);
    while (log_walk_next(&w, NULL, &id))
        buf_put(&l->ids, id.b, HASH_BYTES);
    log_walk_done(&w);
    l->left = l->ids.len / HASH_BYTES;
    return l->ids.failed ? err_nomem(e) : txn_failed(t, e);
}

/* The list in record `id`, if `a` or a machine before it stated it, into `ret`, in `arena`, which
 * the caller empties in any case; `ret_author`: who did. What its author garbled lists nobody. */
static int read_list(struct actor *a, struct txn *t, const struct hash *id, struct arena *arena,
                     struct subjects *ret, struct hash *ret_author, bool *ret_is, struct err *e) {
    struct record r;
    arena_init(arena, PAYLOAD_ARENA_BYTES);
    *ret_is = false;
    int rc = log_get(t, id, &r, e);
    if (rc != 0 || !heir_has(a, t, &r.h))
        return rc;
    rc = payload_subjects_decode(r.payload, arena, ret, NULL);
    if (rc == ERR_NOMEM)
        return err_nomem(e);
    *ret_author = r.h.actor;
    *ret_is = rc == 0;
    return 0;
}

/* The next older list of `unit` by the actor or a machine before it into `ret`, in `arena`, which
 * the caller empties where `ret_found`; `ret_id` is zero for another's: a report names a list of
 * its own author. */
static int lists_next(struct lists *l, const struct uid *unit, struct arena *arena,
                      struct subjects *ret, struct hash *ret_id, bool *ret_found, struct err *e) {
    int rc = 0;
    *ret_found = false;
    while (rc == 0 && l->left > 0) {
        struct hash id, author;
        bool is;
        memcpy(id.b, l->ids.data + --l->left * HASH_BYTES, HASH_BYTES);
        rc = read_list(l->actor, l->t, &id, arena, ret, &author, &is, e);
        if (rc == 0 && is && uid_equal(&ret->unit, unit)) {
            *ret_id = hash_equal(&author, &l->actor->id) ? id : (struct hash){{0}};
            *ret_found = true;
            return 0;
        }
        arena_done(arena);
    }
    return rc;
}

static char *keep(struct arena *a, const char *s) {
    char *copy = arena_alloc(a, strlen(s) + 1);
    if (copy)
        memcpy(copy, s, strlen(s) + 1);
    return copy;
}

/* The list of a unit that never listed anybody. */
static int only_itself(struct people *p, const struct unit_fact *unit, struct err *e) {
    arena_init(&p->arena, PAYLOAD_ARENA_BYTES);
    struct subject *s = arena_alloc(&p->arena, sizeof *s);
    if (!s)
        return err_nomem(e);
    *s = (struct subject){.id = unit->id,
                          .kind = SUBJECT_COLLECTIVE,
                          .code = keep(&p->arena, unit->code),
                          .class_id = keep(&p->arena, ""),
                          .from = DAY_NONE,
                          .until = DAY_NONE};
    p->subjects = (struct subjects){.unit = unit->id, .n = 1, .list = s};
    return s->code && s->class_id ? 0 : err_nomem(e);
}

/* A unit that was given another code since stands in its list under the new one. */
static int rename_itself(struct people *p, const struct unit_fact *unit, struct err *e) {
    struct subject *itself = &p->subjects.list[0];
    if (strcmp(itself->code, unit->code) == 0)
        return 0;
    itself->code = keep(&p->arena, unit->code);
    p->record = (struct hash){0};
    return itself->code ? 0 : err_nomem(e);
}

static int read_names(struct people *p, struct txn *t, const struct unit_fact *unit,
                      struct err *e) {
    p->names = arena_alloc(&p->arena, p->subjects.n * sizeof *p->names);
    if (!p->names)
        return err_nomem(e);
    memset(p->names, 0, p->subjects.n * sizeof *p->names);
    p->names[0].name = keep(&p->arena, unit->name);
    int rc = 0;
    bool found;
    for (uint32_t i = 1; rc == 0 && i < p->subjects.n; i++)
        rc = views_name(t, &p->subjects.list[i].id, &p->arena, &p->names[i], &found, e);
    return rc == 0 && p->arena.failed ? err_nomem(e) : rc;
}

int people_load(struct actor *a, struct txn *t, const struct unit_fact *unit,
                struct people *ret_people, struct err *e) {
    struct people p = {.unit = unit->id};
    struct lists l;
    bool found;
    int rc = lists_init(&l, a, t, e);
    if (rc == 0)
        rc = lists_next(&l, &unit->id, &p.arena, &p.subjects, &p.record, &found, e);
    if (rc == 0 && !found)
        rc = only_itself(&p, unit, e);
    buf_done(&l.ids);
    if (rc == 0)
        rc = rename_itself(&p, unit, e);
    if (rc == 0)
        rc = read_names(&p, t, unit, e);
    if (rc == 0)
        *ret_people = p;
    else
        people_done(&p);
    return rc;
}

int people_known(struct actor *a, struct txn *t, const struct uid *unit, const char *code,
                 struct uid *ret_id, bool *ret_known, struct err *e) {
    struct lists l;
    struct arena arena;
    struct subjects s;
    struct hash id;
    bool found = true;
    *ret_known = false;
    int rc = lists_init(&l, a, t, e);
    while (rc == 0 && found && !*ret_known) {
        rc = lists_next(&l, unit, &arena, &s, &id, &found, e);
        if (rc != 0 || !found)
            break;
        int row = subjects_row(&s, code);
        *ret_known = row >= 0;
        if (*ret_known)
            *ret_id = s.list[row].id;
        arena_done(&arena);
    }
    buf_done(&l.ids);
    return rc;
}

bool people_units_has(const struct people_units *u, const struct uid *unit) {
    for (size_t i = 0; i + UID_BYTES <= u->ids.len; i += UID_BYTES)
        if (memcmp(u->ids.data + i, unit->b, UID_BYTES) == 0)
            return true;
    return false;
}

void people_units_done(struct people_units *u) {
    buf_done(&u->ids);
}

int people_units_load(struct actor *a, struct txn *t, struct people_units *ret_units,
                      struct err *e) {
    struct people_units u;
    struct lists l;
    struct hash id, author;
    struct arena arena;
    struct subjects s;
    bool is;
    buf_init(&u.ids);
    int rc = lists_init(&l, a, t, e);
    for (size_t i = 0; rc == 0 && i < l.left; i++) {
        memcpy(id.b, l.ids.data + i * HASH_BYTES, HASH_BYTES);
        rc = read_list(a, t, &id, &arena, &s, &author, &is, e);
        if (rc == 0 && is && !people_units_has(&u, &s.unit))
            buf_put(&u.ids, s.unit.b, UID_BYTES);
        arena_done(&arena);
    }
    buf_done(&l.ids);
    *ret_units = u;
    return rc == 0 && u.ids.failed ? err_nomem(e) : rc;
}

int people_state(struct actor *a, struct txn *t, const struct subjects *list, instant now,
                 struct hash *ret_record, struct err *e) {
    struct buf b;
    buf_init(&b);
    int rc = payload_subjects_encode(list, &b, e);
    if (rc == 0 && b.len > LIMIT_PAYLOAD)
        rc = err_set(e, ERR_REFUSED, "the subject list is too large for one record: shorten it");
    if (rc == 0)
        rc = append_own(a, t, KIND_SUBJECTS, &a->unit, buf_slice(&b), now, ret_record, e);
    buf_done(&b);
    return rc;
}

int people_state_name(struct actor *a, struct txn *t, const struct payload_name *name, instant now,
                      struct err *e) {
    struct buf b;
    struct hash id;
    buf_init(&b);
    int rc = payload_name_encode(name, &b, e);
    if (rc == 0)
        rc = append_own(a, t, KIND_SUBJECT_NAME, &a->unit, buf_slice(&b), now, &id, e);
    buf_done(&b);
    return rc;
}

int people_person(struct txn *t, const struct world *w, const char *text, struct uid *ret_person,
                  struct err *e) {
    struct hash secret, h;
    struct buf b;
    if (!meta_hash(t, SECRET_ROW, &secret)) {
        w->random(w->arg, secret.b, sizeof secret.b);
        meta_put_hash(t, SECRET_ROW, &secret);
    }
    buf_init(&b);
    buf_put(&b, secret.b, sizeof secret.b);
    buf_put_str(&b, text);
    int rc = b.failed ? err_nomem(e) : txn_failed(t, e);
    if (rc == 0) {
        crypto_hash_tagged(TAG_PERSON, buf_slice(&b), &h);
        memcpy(ret_person->b, h.b, UID_BYTES);
    }
    crypto_wipe(&secret, sizeof secret);
    if (b.data)
        crypto_wipe(b.data, b.len);
    buf_done(&b);
    return rc;
}
