#include "node/acts.h"

#include "core/mem.h"
#include "core/search.h"
#include "proto/payload_act.h"
#include "store/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct act_extension {
    struct uid unit, issuer;
    char campaign[LIMIT_CODE + 1], period[LIMIT_CODE + 1];
    enum report_kind kind;
    instant until;
    struct hash record;
};

struct loading {
    struct actor *a;
    struct txn *t;
    struct buf extensions, withdrawals; /* one after another */
};

void acts_done(struct acts *acts) {
    mem_free(acts->extensions);
    mem_free(acts->withdrawals);
    *acts = (struct acts){0};
}

/* What its author garbled says nothing. */
static int tolerate(int rc, struct err *e) {
    return rc == ERR_NOMEM ? err_nomem(e) : 0;
}

static int read_extension(struct loading *l, const struct record *r, struct arena *a,
                          struct err *e) {
    struct payload_extension p;
    struct member author;
    int rc = payload_extension_decode(r->payload, a, &p, NULL);
    if (rc != 0)
        return tolerate(rc, e);
    if (!roster_find(l->t, &r->h.actor, r->h.epoch, &author) ||
        !catalog_ever_under(&l->a->catalog, &p.issuer, &author.unit) ||
        !catalog_ever_under(&l->a->catalog, &r->h.lane, &author.unit))
        return 0;
    struct act_extension x = {
        .unit = r->h.lane, .issuer = p.issuer, .kind = p.kind, .until = p.until, .record = r->id};
    (void)snprintf(x.campaign, sizeof x.campaign, "%s", p.campaign);
    (void)snprintf(x.period, sizeof x.period, "%s", p.period);
    buf_put(&l->extensions, &x, sizeof x);
    return 0;
}

static int read_withdrawal(struct loading *l, const struct record *r, struct arena *a,
                           struct err *e) {
    struct payload_withdrawal p;
    struct record report;
    int rc = payload_withdrawal_decode(r->payload, a, &p, NULL);
    if (rc != 0)
        return tolerate(rc, e);
    if (!log_has(l->t, &p.record))
        return 0;
    struct act_withdrawal x = {p.record, r->id};
    struct uid lane = r->h.lane;
    rc = log_get(l->t, &p.record, &report, e);
    if (rc == 0 && report.h.kind == KIND_REPORT && uid_equal(&report.h.lane, &lane))
        buf_put(&l->withdrawals, &x, sizeof x);
    return rc;
}

static int read_kind(struct loading *l, uint16_t kind,
                     int (*read)(struct loading *, const struct record *, struct arena *,
                                 struct err *),
                     struct err *e) {
    struct log_walk w;
    struct hash id;
    struct record r;
    int rc = 0;
    log_walk_init(&w, l->t, kind, 0);
    while (rc == 0 && log_walk_next(&w, NULL, &id)) {
        struct arena a;
        rc = log_get(l->t, &id, &r, e);
        if (rc != 0 || r.h.payload_version != PAYLOAD_VERSION || !roster_stands(l->t, &r.h))
            continue;
        arena_init(&a, PAYLOAD_ARENA_BYTES);
        rc = read(l, &r, &a, e);
        arena_done(&a);
    }
    log_walk_done(&w);
    return rc;
}

static int by_unit(const void *a, const void *b) {
    const struct act_extension *x = a, *y = b;
    return uid_cmp(&x->unit, &y->unit);
}

static int by_report(const void *a, const void *b) {
    const struct act_withdrawal *x = a, *y = b;
    int order = hash_cmp(&x->report, &y->report);
    return order != 0 ? order : hash_cmp(&x->record, &y->record);
}

int acts_load(struct actor *a, struct txn *t, struct acts *ret_acts, struct err *e) {
    struct loading l = {.a = a, .t = t};
    buf_init(&l.extensions);
    buf_init(&l.withdrawals);
    int rc = read_kind(&l, KIND_EXTENSION, read_extension, e);
    if (rc == 0)
        rc = read_kind(&l, KIND_WITHDRAWAL, read_withdrawal, e);
    if (rc == 0 && (l.extensions.failed || l.withdrawals.failed))
        rc = err_nomem(e);
    if (rc != 0) {
        buf_done(&l.extensions);
        buf_done(&l.withdrawals);
        return rc;
    }
    struct acts acts = {.n_extensions = (uint32_t)(l.extensions.len / sizeof *acts.extensions),
                        .n_withdrawals = (uint32_t)(l.withdrawals.len / sizeof *acts.withdrawals),
                        .extensions = (void *)l.extensions.data, /* aligned: from mem_realloc */
                        .withdrawals = (void *)l.withdrawals.data};
    if (acts.n_extensions > 1)
        qsort(acts.extensions, acts.n_extensions, sizeof *acts.extensions, by_unit);
    if (acts.n_withdrawals > 1)
        qsort(acts.withdrawals, acts.n_withdrawals, sizeof *acts.withdrawals, by_report);
    *ret_acts = acts;
    return 0;
}

static int extension_of_unit(const void *unit, const void *extension) {
    return uid_cmp(unit, &((const struct act_extension *)extension)->unit);
}

static int withdrawal_of_report(const void *report, const void *withdrawal) {
    return hash_cmp(report, &((const struct act_withdrawal *)withdrawal)->report);
}

/* The extension that gives `slot` most time, of several alike the one with the least id; NULL. */
static const struct act_extension *latest_of(const struct acts *acts, const struct slot *slot) {
    const struct act_extension *last = NULL;
    for (uint32_t i = search_first(&slot->unit, acts->extensions, acts->n_extensions,
                                   sizeof *acts->extensions, extension_of_unit);
         i < acts->n_extensions && uid_equal(&acts->extensions[i].unit, &slot->unit); i++) {
        const struct act_extension *x = &acts->extensions[i];
        if (uid_equal(&x->issuer, &slot->issuer) && x->kind == slot->kind &&
            strcmp(x->campaign, slot->campaign) == 0 && strcmp(x->period, slot->period) == 0 &&
            (!last || x->until > last->until ||
             (x->until == last->until && hash_cmp(&x->record, &last->record) < 0)))
            last = x;
    }
    return last;
}

instant acts_until(const struct acts *acts, const struct slot *slot) {
    const struct act_extension *x = latest_of(acts, slot);
    return x ? x->until : INSTANT_NONE;
}

int acts_until_why(const struct acts *acts, struct txn *t, const struct slot *slot, char **ret_why,
                   struct err *e) {
    const struct act_extension *x = latest_of(acts, slot);
    struct payload_extension p;
    struct record r;
    struct arena a;
    *ret_why = NULL;
    if (!x)
        return 0;
    int rc = log_get(t, &x->record, &r, e);
    if (rc != 0)
        return rc;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    rc = payload_extension_decode(r.payload, &a, &p, e);
    const char *words = rc == 0 ? payload_act_words(&p.reason) : NULL;
    if (words && !(*ret_why = mem_strdup(words)))
        rc = err_nomem(e);
    arena_done(&a);
    return rc;
}

const struct act_withdrawal *acts_withdrawals(const struct acts *acts, const struct hash *report,
                                              uint32_t *ret_n) {
    uint32_t n = 0;
    uint32_t first = search_first(report, acts->withdrawals, acts->n_withdrawals,
                                  sizeof *acts->withdrawals, withdrawal_of_report);
    while (first + n < acts->n_withdrawals &&
           hash_equal(&acts->withdrawals[first + n].report, report))
        n++;
    *ret_n = n;
    return n > 0 ? &acts->withdrawals[first] : NULL;
}

bool acts_withdrawn(const struct acts *acts, const struct hash *report) {
    uint32_t n;
    return acts_withdrawals(acts, report, &n) != NULL;
}

int acts_why(const struct acts *acts, struct txn *t, const struct hash *report, struct arena *a,
             const char **ret_words, struct err *e) {
    uint32_t n;
    struct payload_withdrawal p;
    struct record r;
    const struct act_withdrawal *w = acts_withdrawals(acts, report, &n);
    int rc = log_get(t, &w->record, &r, e);
    if (rc == 0)
        rc = payload_withdrawal_decode(r.payload, a, &p, e);
    if (rc == 0)
        *ret_words = payload_act_words(&p.reason);
    return rc;
}
