#include "node/overtaken.h"

#include "core/list.h"
#include "core/mem.h"
#include "node/epochs.h"
#include "node/views.h"
#include "proto/kinds.h"
#include "proto/payload_act.h"
#include "store/log.h"

static int enter_taking(struct overtaken *o, const struct record *r, struct err *e) {
    struct arena arena;
    struct payload_withdrawal p;
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    int rc = payload_withdrawal_decode(r->payload, &arena, &p, NULL);
    arena_done(&arena);
    if (rc != 0) /* one that its author garbled takes nothing back */
        return rc == ERR_NOMEM ? err_nomem(e) : 0;
    rc = list_grow(&o->takings, o->n_takings, sizeof *o->takings, e);
    if (rc == 0)
        o->takings[o->n_takings++] = (struct overtaken_taking){r->id, p.record};
    return rc;
}

/* The subject that the name `r` is of; zero where its author garbled it. */
static int read_subject(const struct record *r, struct uid *ret_subject, struct err *e) {
    struct arena arena;
    struct payload_name p = {.subject = {{0}}};
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    int rc = payload_name_decode(r->payload, &arena, &p, NULL);
    *ret_subject = rc == 0 ? p.subject : (struct uid){{0}};
    arena_done(&arena);
    return rc == ERR_NOMEM ? err_nomem(e) : 0;
}

static int enter_name(struct overtaken *o, const struct record *r, struct err *e) {
    struct overtaken_name name = {.epoch = r->h.epoch, .seq = r->h.seq};
    int rc = read_subject(r, &name.subject, e);
    if (rc != 0 || uid_is_zero(&name.subject))
        return rc;
    if (list_grow(&o->names, o->n_names, sizeof *o->names, e) != 0)
        return ERR_NOMEM;
    o->names[o->n_names++] = name;
    return 0;
}

/* The unit that the list `r` is of; zero where its author garbled it. */
static int read_unit(const struct record *r, struct uid *ret_unit, struct err *e) {
    struct arena arena;
    struct subjects p = {.unit = {{0}}};
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    int rc = payload_subjects_decode(r->payload, &arena, &p, NULL);
    *ret_unit = rc == 0 ? p.unit : (struct uid){{0}};
    arena_done(&arena);
    return rc == ERR_NOMEM ? err_nomem(e) : 0;
}

/* The last list of `unit` so far; NULL: there is none. */
static struct overtaken_list *list_of(const struct overtaken *o, const struct uid *unit) {
    for (uint32_t i = 0; i < o->n_lists; i++)
        if (uid_equal(&o->lists[i].unit, unit))
            return &o->lists[i];
    return NULL;
}

static int enter_list(struct overtaken *o, const struct record *r, struct err *e) {
    struct overtaken_list list = {.list = r->id, .epoch = r->h.epoch, .seq = r->h.seq};
    int rc = read_unit(r, &list.unit, e);
    if (rc != 0 || uid_is_zero(&list.unit))
        return rc;
    struct overtaken_list *last = list_of(o, &list.unit);
    if (last && !record_later(list.epoch, list.seq, last->epoch, last->seq))
        return 0;
    if (!last && list_grow(&o->lists, o->n_lists, sizeof *o->lists, e) != 0)
        return ERR_NOMEM;
    *(last ? last : &o->lists[o->n_lists++]) = list;
    return 0;
}

static int enter(struct overtaken *o, const struct record *r, struct err *e) {
    if (r->h.kind == KIND_WITHDRAWAL)
        return enter_taking(o, r, e);
    if (r->h.kind == KIND_SUBJECT_NAME)
        return enter_name(o, r, e);
    return enter_list(o, r, e);
}

/* What `a` stated of `kind` and stands. */
static int read_kind(struct overtaken *o, struct actor *a, struct txn *t, uint16_t kind,
                     struct err *e) {
    struct log_walk w;
    struct hash id;
    struct record r;
    int rc = 0;
    log_walk_init(&w, t, kind, 0);
    while (rc == 0 && log_walk_next(&w, NULL, &id)) {
        rc = log_get(t, &id, &r, e);
        if (rc == 0 && hash_equal(&r.h.actor, &a->id) && !own_reports_displaced(a, t, &r.h) &&
            epochs_signed(t, r.h.epoch))
            rc = enter(o, &r, e);
    }
    log_walk_done(&w);
    return rc;
}

/* What was rejected overtakes nothing. */
static int read_reports(struct overtaken *o, struct actor *a, struct txn *t, struct err *e) {
    uint32_t n = 0;
    int rc = own_reports_load(a, t, &o->standing, e);
    for (uint32_t i = 0; rc == 0 && i < o->standing.n; i++)
        if (!views_rejected(&a->catalog, t, &o->standing.list[i].report))
            o->standing.list[n++] = o->standing.list[i];
    o->standing.n = n;
    return rc == 0 ? own_reports_evidence(a, t, &o->displaced, e) : rc;
}

int overtaken_load(struct actor *a, struct txn *t, struct overtaken *ret, struct err *e) {
    struct overtaken o = {0};
    int rc = read_reports(&o, a, t, e);
    if (rc == 0)
        rc = read_kind(&o, a, t, KIND_WITHDRAWAL, e);
    if (rc == 0)
        rc = read_kind(&o, a, t, KIND_SUBJECTS, e);
    if (rc == 0)
        rc = read_kind(&o, a, t, KIND_SUBJECT_NAME, e);
    if (rc == 0)
        *ret = o;
    else
        overtaken_done(&o);
    return rc;
}

void overtaken_done(struct overtaken *o) {
    own_reports_done(&o->standing);
    own_reports_done(&o->displaced);
    mem_free(o->takings);
    mem_free(o->names);
    mem_free(o->lists);
    *o = (struct overtaken){0};
}

/* The report `id` of those in `list` that are this copy's own; NULL if it is none of them. */
static const struct own_report *find(const struct own_reports *list, const struct hash *id) {
    for (uint32_t i = 0; i < list->n; i++)
        if (!list->list[i].fork && !list->list[i].inherited &&
            hash_equal(&list->list[i].report, id))
            return &list->list[i];
    return NULL;
}

bool overtaken_standing(const struct overtaken *o, const struct own_report *d) {
    for (uint32_t i = 0; i < o->standing.n; i++) {
        const struct own_report *s = &o->standing.list[i];
        if (!s->inherited && !s->elsewhere && record_later(s->epoch, s->seq, d->epoch, d->seq) &&
            own_reports_same_slot(&s->slot, &d->slot))
            return true;
    }
    return false;
}

bool overtaken_report(const struct overtaken *o, const struct record *r) {
    const struct own_report *d = find(&o->displaced, &r->id);
    return d && overtaken_standing(o, d);
}

bool overtaken_displaced(const struct overtaken *o, const struct hash *report) {
    return find(&o->displaced, report) != NULL;
}

int overtaken_named(const struct overtaken *o, const struct record *r, bool *ret_overtaken,
                    struct err *e) {
    struct uid subject;
    *ret_overtaken = false;
    if (o->n_names == 0)
        return 0;
    int rc = read_subject(r, &subject, e);
    for (uint32_t i = 0; rc == 0 && i < o->n_names; i++)
        *ret_overtaken |= uid_equal(&o->names[i].subject, &subject) &&
                          record_later(o->names[i].epoch, o->names[i].seq, r->h.epoch, r->h.seq);
    return rc;
}

int overtaken_undo(struct overtaken *o, const struct record *r, struct err *e) {
    struct uid unit;
    int rc = o->n_lists > 0 ? read_unit(r, &unit, e) : 0;
    struct overtaken_list *last = rc == 0 && o->n_lists > 0 ? list_of(o, &unit) : NULL;
    if (last && record_later(last->epoch, last->seq, r->h.epoch, r->h.seq))
        last->undone = true;
    return rc;
}
