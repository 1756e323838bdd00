#include "audit/requota.h"

#include "core/list.h"
#include "core/mem.h"

#include <stdlib.h>
#include <string.h>

#define WHOLE 10000 /* a hundred percent, in hundredths */

/* The rows that one quota counts together. */
struct run {
    uint32_t n;
    const struct rank_row *const *rows;
    const char *within;
};

/* Why the ranking cannot show where `q` cuts; NULL: it can. */
static const char *why_not(const struct requota_field *f, const struct quota *q) {
    if (q->subjects == SUBJECT_ANY && f->both_kinds)
        return QUOTA_BOTH_KINDS;
    if (q->scope == QUOTA_UNIT && f->by_class)
        return QUOTA_OTHER_GROUPS;
    if (q->scope == QUOTA_ISSUER && !f->one_group)
        return QUOTA_OTHER_GROUPS;
    if (q->scope != QUOTA_UNIT && !f->whole)
        return QUOTA_PART_ONLY;
    return q->is_percentage && strcmp(q->base, "subjects") != 0 ? QUOTA_NOT_DECIDED : NULL;
}

static int64_t places_of(const struct quota *q, int64_t base) {
    if (!q->is_percentage || base < 0)
        return q->is_percentage ? -1 : q->amount;
    int64_t places = base * q->amount / WHOLE, rest = base * q->amount % WHOLE;
    if (q->rounding == ROUND_UP)
        places += rest > 0;
    if (q->rounding == ROUND_HALF_UP)
        places += 2 * rest >= WHOLE;
    return places;
}

/* How many rows from `start` on share its rank. */
static uint32_t tie_size(const struct run *r, uint32_t start) {
    uint32_t n = 1;
    while (start + n < r->n && r->rows[start + n]->rank == r->rows[start]->rank)
        n++;
    return n;
}

static int name_ties(const struct run *r, uint32_t start, uint32_t n, struct rank_quota *out,
                     struct err *e) {
    out->ties = mem_zalloc(n, sizeof *out->ties);
    if (!out->ties)
        return err_nomem(e);
    for (uint32_t i = 0; i < n; i++) {
        struct rank_tie *t = &out->ties[out->n_ties++];
        t->unit = mem_strdup(r->rows[start + i]->unit);
        t->subject = mem_strdup(r->rows[start + i]->subject);
        if (!t->unit || !t->subject)
            return err_nomem(e);
    }
    return 0;
}

/* Hand out the places, one tie after another, until one does not fit. */
static int cut(const struct run *r, struct rank_quota *out, struct err *e) {
    for (uint32_t at = 0; at < r->n && r->rows[at]->rank > 0;) {
        uint32_t n = tie_size(r, at);
        if (out->inside == out->places)
            return 0;
        out->edge = r->rows[at]->rank;
        if ((int64_t)out->inside + n > out->places) {
            out->left = (uint32_t)(out->places - out->inside);
            return name_ties(r, at, n, out, e);
        }
        out->inside += n;
        at += n;
    }
    return 0;
}

static int add(const struct quota *q, const char *why, const struct run *r, struct ranking *out,
               struct err *e) {
    if (list_grow(&out->quotas, out->n_quotas, sizeof *out->quotas, e) != 0)
        return ERR_NOMEM;
    struct rank_quota *x = &out->quotas[out->n_quotas++];
    int64_t base = q->is_percentage && !why ? (int64_t)r->n : -1;
    *x = (struct rank_quota){.rule = q,
                             .within = mem_strdup(r->within),
                             .base = base,
                             .places = places_of(q, base),
                             .why = why};
    if (r->within && !x->within)
        return err_nomem(e);
    return why ? 0 : cut(r, x, e);
}

/* By unit; rows lie side by side in the order of their rank, which is kept inside a unit. */
static int by_unit(const void *a, const void *b) {
    const struct rank_row *x = *(const struct rank_row *const *)a,
                          *y = *(const struct rank_row *const *)b;
    int order = strcmp(x->unit, y->unit);
    return order != 0 ? order : (x > y) - (x < y);
}

static int add_each_unit(const struct requota_field *f, const struct quota *q, struct ranking *out,
                         struct err *e) {
    int rc = 0;
    for (uint32_t at = 0, n; rc == 0 && at < f->n; at += n) {
        n = 1;
        while (at + n < f->n && strcmp(f->rows[at + n]->unit, f->rows[at]->unit) == 0)
            n++;
        struct run r = {n, f->rows + at, f->rows[at]->unit};
        rc = add(q, NULL, &r, out, e);
    }
    return rc;
}

static bool is_meant(const struct requota_field *f, const struct quota *q, bool each_unit) {
    bool counts = q->subjects == SUBJECT_ANY || q->subjects == f->subjects;
    return counts && (q->scope == QUOTA_UNIT && !why_not(f, q)) == each_unit;
}

static int by_place(const void *a, const void *b) {
    const struct rank_quota *x = a, *y = b;
    if (x->rule != y->rule)
        return x->rule < y->rule ? -1 : 1;
    return x->within && y->within ? strcmp(x->within, y->within) : 0;
}

int requota_of(const struct requota_field *f, struct ranking *out, struct err *e) {
    const struct campaign *c = f->campaign;
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < c->n_quotas; i++) {
        const struct quota *q = &c->quotas[i];
        struct run all = {f->n, f->rows, q->scope == QUOTA_GROUP ? f->group : NULL};
        if (is_meant(f, q, false))
            rc = add(q, why_not(f, q), &all, out, e);
    }
    if (f->n > 0)
        qsort(f->rows, f->n, sizeof *f->rows, by_unit);
    for (uint32_t i = 0; rc == 0 && i < c->n_quotas; i++)
        if (is_meant(f, &c->quotas[i], true))
            rc = add_each_unit(f, &c->quotas[i], out, e);
    if (rc == 0 && out->n_quotas > 0)
        qsort(out->quotas, out->n_quotas, sizeof *out->quotas, by_place);
    return rc;
}
