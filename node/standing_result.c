#include "node/standing_result.h"

#include "core/list.h"
#include "core/mem.h"

#include <string.h>

int standing_head_put(struct actor *a, const struct standing_choice *c,
                      const struct standing_group *group, const struct standing_asked *asked,
                      struct ranking *r, struct err *e) {
    struct catalog_campaign *k = c->campaign;
    const char *id = standing_group_id(group);
    struct err why = {0};
    int rc = catalog_criteria(&a->catalog, k, NULL, &why);
    if (rc == ERR_NOMEM)
        return err_nomem(e);
    r->campaign = mem_strdup(k->c.id);
    r->version = k->c.version;
    r->period = mem_strdup(c->period->id);
    r->kind = c->rule->kind;
    r->under = mem_strdup(asked->under);
    r->group = mem_strdup(id);
    r->subjects = c->subjects;
    r->profile = mem_strdup(k->c.profile[0] ? k->c.profile : "met");
    r->values = c->values;
    r->units_as_of = c->as_of;
    r->n_comparators = k->c.n_comparators;
    r->comparators = k->c.comparators;
    r->registration_unchecked = c->rule->needs == REPORT_REGISTRATION;
    r->reconstructed = k->c.reconstructed || (rc == 0 && k->criteria.reconstructed);
    bool whole =
        r->campaign && r->period && r->profile && (!asked->under || r->under) && (!id || r->group);
    return whole ? 0 : err_nomem(e);
}

int standing_row_put(const struct standing_shown *s, struct rank_row *row, struct err *e) {
    *row = (struct rank_row){
        .rank = s->rank,
        .tied = s->rank > 0 && s->tied,
        .unit = mem_strdup(s->unit->code),
        .unit_name = mem_strdup(s->unit->name),
        .subject = mem_strdup(s->code),
        .class_id = s->class_id[0] ? mem_strdup(s->class_id) : NULL,
        .total = s->total,
        .max = s->max,
        .grade = s->grade ? mem_strdup(s->grade->id) : NULL,
        .grade_label = s->grade ? &s->grade->label : NULL,
        .older_profile = s->older_profile,
        .older_version = s->older_version,
        .source = SOURCE_SELF,
        .on_time = s->on_time,
        .report = s->report,
        .revision = s->revision,
        .keys = s->n_keys > 0 ? mem_zalloc(s->n_keys, sizeof *row->keys) : NULL,
    };
    for (uint32_t i = 0; row->keys && i < s->n_keys; i++)
        row->keys[i] = s->keys[i];
    bool whole = row->unit && row->unit_name && row->subject && (row->keys || s->n_keys == 0) &&
                 (!s->class_id[0] || row->class_id) && (!s->grade || row->grade);
    return whole ? 0 : err_nomem(e);
}

int standing_excluded_put(struct ranking *r, const char *unit, const char *subject, const char *why,
                          struct err *e) {
    if (list_grow(&r->excluded, r->n_excluded, sizeof *r->excluded, e) != 0)
        return ERR_NOMEM;
    struct rank_excluded *x = &r->excluded[r->n_excluded++];
    *x = (struct rank_excluded){mem_strdup(unit), mem_strdup(subject), why};
    return x->unit && x->subject ? 0 : err_nomem(e);
}
