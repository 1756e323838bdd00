#include "audit/ask.h"

#include "core/list.h"
#include "core/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ask_names_add(struct ask_names *names, const char *a, const char *b) {
    int n = snprintf(names->text + names->n, sizeof names->text - names->n, "%s%s%s%s",
                     names->n > 0 ? ", " : "", a, b ? "/" : "", b ? b : "");
    if (n > 0 && (size_t)n < sizeof names->text - names->n)
        names->n += (size_t)n;
    else
        names->text[names->n] = '\0';
}

/* Whether `k` is a latest version that somebody reports to. */
static bool is_open(const struct fold *f, const struct fold_campaign *k) {
    return fold_latest(f, k) == k && !campaign_is_template(&k->c);
}

/* Whether `name`, `ID` or `UNIT/ID`, is `k`. */
static bool is_called(const struct fold *f, const struct fold_campaign *k, const char *name,
                      day on) {
    const char *slash = strchr(name, '/');
    if (!slash)
        return strcmp(name, k->c.id) == 0;
    const char *code = fold_code(f, fold_issuer(k), on);
    size_t n = (size_t)(slash - name);
    return strcmp(slash + 1, k->c.id) == 0 && strlen(code) == n && memcmp(code, name, n) == 0;
}

/* ---- boards ---- */

struct asked {
    const struct fold *f;
    day today;
};

static int by_place(const void *a, const void *b, void *asked) {
    const struct ask_slot *x = a, *y = b;
    const struct asked *q = asked;
    int order = strcmp(fold_code(q->f, fold_issuer(x->k), q->today),
                       fold_code(q->f, fold_issuer(y->k), q->today));
    if (order == 0)
        order = strcmp(x->k->c.id, y->k->c.id);
    if (order == 0)
        order = (x->period->begin > y->period->begin) - (x->period->begin < y->period->begin);
    if (order == 0)
        order = strcmp(x->period->id, y->period->id);
    return order != 0 ? order : (x->rule->kind > y->rule->kind) - (x->rule->kind < y->rule->kind);
}

static bool wants_kind(const struct ask *a, const struct campaign *c,
                       const struct report_rule *rule) {
    if (a->kind != 0)
        return rule->kind == a->kind;
    return (!a->campaign && !a->period) || rule == campaign_default_report(c);
}

/* Every period and kind of `k` that is meant. */
static int add_slots(const struct ask *a, const struct fold_campaign *k, struct ask_slot **list,
                     uint32_t *n, struct err *e) {
    for (uint32_t i = 0; i < k->c.n_periods; i++) {
        const struct period *p = &k->c.periods[i];
        if (a->period && strcmp(a->period, p->id) != 0)
            continue;
        for (uint32_t j = 0; j < k->c.n_reports; j++) {
            if (!wants_kind(a, &k->c, &k->c.reports[j]))
                continue;
            if (list_grow(list, *n, sizeof **list, e) != 0)
                return ERR_NOMEM;
            (*list)[(*n)++] = (struct ask_slot){k, p, &k->c.reports[j]};
        }
    }
    return 0;
}

static int nothing_meant(const struct fold *f, const struct ask *a, struct err *e) {
    struct ask_names names = {.n = 0};
    for (uint32_t i = 0; i < f->n_campaigns; i++)
        if (is_open(f, &f->campaigns[i]))
            ask_names_add(&names, f->campaigns[i].c.id, NULL);
    return err_set(e, ERR_REFUSED,
                   "no campaign asks for report %s of period %s in %s; there are: %s",
                   a->kind ? report_kind_text(a->kind) : "*", a->period ? a->period : "*",
                   a->campaign ? a->campaign : "*", names.n ? names.text : "-");
}

int ask_boards(const struct fold *f, const struct ask *a, struct ask_slot **ret_list,
               uint32_t *ret_n, struct err *e) {
    struct asked q = {f, instant_day(a->at)};
    struct ask_slot *list = NULL;
    struct ask_names names = {.n = 0};
    uint32_t n = 0, campaigns = 0;
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < f->n_campaigns; i++) {
        const struct fold_campaign *k = &f->campaigns[i];
        if (!is_open(f, k) || (a->campaign && !is_called(f, k, a->campaign, q.today)))
            continue;
        campaigns++;
        ask_names_add(&names, fold_code(f, fold_issuer(k), q.today), k->c.id);
        rc = add_slots(a, k, &list, &n, e);
    }
    if (rc == 0 && a->campaign && campaigns > 1)
        rc = err_set(e, ERR_USAGE, "several campaigns have that id: name one of %s", names.text);
    if (rc == 0 && n == 0)
        rc = nothing_meant(f, a, e);
    if (rc != 0) {
        mem_free(list);
        return rc;
    }
    qsort_r(list, n, sizeof *list, by_place, &q);
    *ret_list = list;
    *ret_n = n;
    return 0;
}

bool ask_answers(const struct fold *f, const struct ask_slot *s, const struct fold_report *r) {
    return r->readable && r->campaign && r->kind == s->rule->kind &&
           strcmp(r->period, s->period->id) == 0 && fold_latest(f, r->campaign) == s->k;
}

/* ---- rankings ---- */

/* Whether a valid report of `kind` (0: any) and `period` (NULL: any) of `k` is here. */
static bool has_report(const struct fold *f, const struct fold_campaign *k, const char *period,
                       enum report_kind kind) {
    for (uint32_t i = 0; i < f->n_reports; i++) {
        const struct fold_report *r = &f->reports[i];
        if (r->readable && r->campaign && r->verdict == RECEIPT_VALID &&
            fold_latest(f, r->campaign) == k && (kind == 0 || r->kind == kind) &&
            (!period || strcmp(period, r->period) == 0))
            return true;
    }
    return false;
}

static int rank_campaign(const struct fold *f, const struct ask *a,
                         const struct fold_campaign **ret, struct err *e) {
    const struct fold_campaign *found = NULL, *reported = NULL;
    struct ask_names names = {.n = 0};
    uint32_t n = 0, n_reported = 0;
    for (uint32_t i = 0; i < f->n_campaigns; i++) {
        const struct fold_campaign *k = &f->campaigns[i];
        if (!is_open(f, k) || (a->campaign && !is_called(f, k, a->campaign, DAY_LATEST)))
            continue;
        n++;
        found = k;
        ask_names_add(&names, fold_code(f, fold_issuer(k), DAY_LATEST), k->c.id);
        if (has_report(f, k, NULL, 0)) {
            n_reported++;
            reported = k;
        }
    }
    if (n == 0)
        return nothing_meant(f, a, e);
    if (n > 1 && (a->campaign || n_reported != 1))
        return err_set(e, ERR_USAGE, "several campaigns: choose one with --campaign: %s",
                       names.text);
    *ret = n == 1 ? found : reported;
    return 0;
}

static int rank_period(const struct fold *f, const struct ask *a, struct ask_slot *s,
                       struct err *e) {
    const struct campaign *c = &s->k->c;
    struct ask_names names = {.n = 0};
    uint32_t reported = 0;
    for (uint32_t i = 0; i < c->n_periods; i++) {
        ask_names_add(&names, c->periods[i].id, NULL);
        if (!a->period && has_report(f, s->k, c->periods[i].id, s->rule->kind)) {
            reported++;
            s->period = &c->periods[i];
        }
    }
    if (a->period)
        s->period = campaign_period(c, a->period);
    else if (c->n_periods == 1)
        s->period = &c->periods[0];
    else if (reported != 1)
        return err_set(e, ERR_USAGE, "several periods: choose one with --period: %s", names.text);
    if (!s->period)
        return err_set(e, ERR_REFUSED, "campaign %s has no period %s; there are: %s", c->id,
                       a->period, names.text);
    return 0;
}

int ask_ranking(const struct fold *f, const struct ask *a, struct ask_slot *ret_slot,
                struct err *e) {
    struct ask_slot s = {0};
    int rc = rank_campaign(f, a, &s.k, e);
    if (rc != 0)
        return rc;
    s.rule = a->kind ? campaign_report(&s.k->c, a->kind) : campaign_default_report(&s.k->c);
    if (!s.rule)
        return nothing_meant(f, a, e);
    rc = rank_period(f, a, &s, e);
    if (rc == 0)
        *ret_slot = s;
    return rc;
}
