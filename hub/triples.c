#include "hub/triples.h"

#include "core/mem.h"
#include "node/lineage.h"
#include "node/words.h"

#include <stdlib.h>
#include <string.h>

void triples_done(struct triples *l) {
    mem_free(l->list);
    *l = (struct triples){0};
}

/* What somebody asks for, taken apart. */
struct asking {
    const struct triples_asked *asked;
    enum report_kind kind; /* 0: left out */
    bool all_kinds;
    struct buf out; /* struct board_query, one after another */
};

static bool wants_kind(const struct asking *w, const struct campaign *c,
                       const struct report_rule *rule) {
    if (w->kind != 0)
        return rule->kind == w->kind;
    return w->all_kinds || rule == campaign_default_report(c);
}

static void put_campaign(struct asking *w, struct catalog_campaign *k) {
    const struct campaign *c = &k->c;
    for (uint32_t i = 0; i < c->n_periods; i++)
        for (uint32_t j = 0; j < c->n_reports; j++) {
            struct board_query q = {k, &c->periods[i], &c->reports[j], w->asked->at,
                                    w->asked->under};
            bool period = !w->asked->period || strcmp(c->periods[i].id, w->asked->period) == 0;
            if (period && wants_kind(w, c, &c->reports[j]))
                buf_put(&w->out, &q, sizeof q);
        }
}

static int refuse(const struct triples_asked *asked, uint32_t n_open, struct err *e) {
    if (n_open == 0 && asked->campaign)
        return err_set(e, ERR_REFUSED, "no campaign here is called %s: `campaign list` shows all",
                       asked->campaign);
    if (n_open == 0)
        return err_set(e, ERR_REFUSED, "no campaign asks for reports here yet: issue one");
    if (!asked->kind)
        return err_set(e, ERR_REFUSED, "no campaign has the period %s: `campaign show` lists them",
                       asked->period);
    if (!asked->period)
        return err_set(e, ERR_REFUSED,
                       "no campaign asks for a report of kind %s: `campaign show` lists them",
                       asked->kind);
    return err_set(e, ERR_REFUSED,
                   "no campaign has the period %s and the kind of report %s: `campaign show` lists "
                   "both",
                   asked->period, asked->kind);
}

/* What orders triples. Codes are looked up once a comparison; lists are short. */
struct place {
    struct board_query q;
    const char *issuer;
};

static int by_place(const void *pa, const void *pb) {
    const struct place *a = pa, *b = pb;
    int order = strcmp(a->issuer, b->issuer);
    if (order == 0)
        order = strcmp(a->q.campaign->c.id, b->q.campaign->c.id);
    if (order == 0)
        order =
            (a->q.period->begin > b->q.period->begin) - (a->q.period->begin < b->q.period->begin);
    if (order == 0)
        order = strcmp(a->q.period->id, b->q.period->id);
    return order != 0 ? order : (int)a->q.rule->kind - (int)b->q.rule->kind;
}

static int sorted(const struct catalog *c, const struct buf *in, struct triples *ret_triples,
                  struct err *e) {
    uint32_t n = (uint32_t)(in->len / sizeof(struct board_query));
    struct place *places = mem_zalloc(n, sizeof *places);
    struct triples l = {.n = n, .list = mem_zalloc(n, sizeof *l.list)};
    int rc = places && l.list ? 0 : err_nomem(e);
    for (uint32_t i = 0; rc == 0 && i < n; i++) {
        memcpy(&places[i].q, in->data + i * sizeof places[i].q, sizeof places[i].q);
        places[i].issuer = lineage_code(c, places[i].q.campaign, instant_day(places[i].q.at));
    }
    if (rc == 0 && n > 1)
        qsort(places, n, sizeof *places, by_place);
    for (uint32_t i = 0; rc == 0 && i < n; i++)
        l.list[i] = places[i].q;
    mem_free(places);
    if (rc == 0)
        *ret_triples = l;
    else
        triples_done(&l);
    return rc;
}

int triples_find(struct actor *a, const struct triples_asked *asked, struct triples *ret_triples,
                 struct buf *words, struct err *e) {
    struct asking w = {.asked = asked, .all_kinds = !asked->campaign && !asked->period};
    day today = instant_day(asked->at);
    struct lineages open;
    int rc = asked->kind ? words_kind_read(asked->kind, &w.kind, e) : 0;
    if (rc == 0)
        rc = lineages_open(a, &open, e);
    if (rc != 0)
        return rc;
    lineages_keep(&open, &a->catalog, asked->campaign, today);
    buf_init(&w.out);
    if (asked->campaign && open.n > 1) {
        lineages_list(&open, &a->catalog, today, words);
        rc =
            err_set(e, ERR_USAGE,
                    "several campaigns are called %s: give --campaign UNIT/ID, one of those listed",
                    asked->campaign);
    }
    for (uint32_t i = 0; rc == 0 && i < open.n; i++)
        put_campaign(&w, open.list[i]);
    if (rc == 0 && w.out.len == 0)
        rc = w.out.failed ? err_nomem(e) : refuse(asked, open.n, e);
    if (rc == 0)
        rc = w.out.failed ? err_nomem(e) : sorted(&a->catalog, &w.out, ret_triples, e);
    buf_done(&w.out);
    lineages_done(&open);
    return rc;
}
