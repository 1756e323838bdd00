#include "audit/rerank_whom.h"

#include <stdio.h>
#include <string.h>

int rerank_whom_absent(const char *typed, struct err *e) {
    return err_set(e, ERR_REFUSED,
                   "no subject %s is in this ranking: give UNIT/CODE as `rank` prints them", typed);
}

int rerank_whom_find(const struct fold *f, const char *typed, day as_of, const struct uid *home,
                     struct rerank_whom *ret_whom, struct err *e) {
    const char *slash = strchr(typed, '/'), *code = slash ? slash + 1 : typed;
    const struct unit_fact *at = units_at(f->units, home, as_of);
    struct rerank_whom w = {.is = {.kind = SUBJECT_COLLECTIVE}};
    if (!code[0] || strlen(code) > LIMIT_CODE || (slash && slash - typed > (int)LIMIT_CODE))
        return rerank_whom_absent(typed, e);
    (void)snprintf(w.code, sizeof w.code, "%s", code);
    if (slash)
        memcpy(w.unit, typed, (size_t)(slash - typed));
    else if (units_by_code(f->units, code, as_of))
        (void)snprintf(w.unit, sizeof w.unit, "%s", code);
    else if (at)
        (void)snprintf(w.unit, sizeof w.unit, "%s", at->code);
    const struct unit_fact *unit = NULL;
    int rc = units_named(f->units, w.unit, as_of, &unit, e);
    if (rc != 0)
        return rc;
    if (!unit)
        return rerank_whom_absent(typed, e);
    w.id = unit->id;
    *ret_whom = w;
    return 0;
}

int rerank_whom_look(const struct fold *f, struct fold_report *report, struct rerank_whom *whom,
                     struct err *e) {
    struct opened o = {0};
    int rc = report && !report->nil ? rejudge_report(f, report, &o, e) : 0;
    int row = rc == 0 ? subjects_row(&o.subjects, whom->code) : -1;
    if (row >= 0 && o.subjects.list) {
        whom->is = o.subjects.list[row];
        (void)snprintf(whom->class_id, sizeof whom->class_id, "%s", whom->is.class_id);
    }
    rejudge_opened_done(&o);
    return rc == 0 && row < 0 && strcmp(whom->unit, whom->code) != 0
               ? rerank_whom_absent(whom->code, e)
               : rc;
}

void rerank_whom_fill(const struct fold *f, struct rerank_whom *whom, const struct ask_slot *s,
                      day as_of, struct ask *a) {
    const struct campaign *c = &s->k->c;
    const struct unit_fact *unit = units_at(f->units, &whom->id, as_of);
    uint32_t declared = 0, in = 0;
    whom->is.class_id = whom->class_id;
    for (uint32_t i = 0; i < c->n_groups; i++) {
        const struct peer_group *p = &c->groups[i];
        struct rerank_group g = {
            .declared = true, .id = p->id, .campaign = c, .subjects = whom->is.kind};
        if (p->subjects != SUBJECT_ANY && p->subjects != whom->is.kind)
            continue;
        declared++;
        if (rerank_in_group(&g, unit, &whom->is) && in++ == 0)
            (void)snprintf(whom->group, sizeof whom->group, "%s", p->id);
    }
    if (in == 0)
        (void)snprintf(whom->group, sizeof whom->group, "%s",
                       declared > 0 || !unit->group[0] ? "-" : unit->group);
    if (a->subjects == SUBJECT_ANY)
        a->subjects = whom->is.kind;
    if (!a->group && in <= 1)
        a->group = whom->group;
}
