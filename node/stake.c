#include "node/stake.h"

#include "core/limits.h"
#include "core/mem.h"
#include "node/draft.h"
#include "node/heir.h"
#include "store/log.h"

#include <string.h>

/* Of what a report was sealed. */
struct sealed_sheet {
    const struct catalog_campaign *campaign;
    char period[LIMIT_CODE + 1];
};

struct counting {
    struct actor *a;
    struct txn *t;
    const struct subjects *s;
    struct stake *list; /* one a row */
    struct buf sealed;
    int last; /* the row found last: values and lists come in runs */
};

/* The row of `subject`, -1: it is not in the list. */
static int row_of(struct counting *c, const struct uid *subject) {
    const struct subjects *s = c->s;
    for (uint32_t i = 0; i < s->n; i++) {
        uint32_t row = ((uint32_t)c->last + i) % s->n;
        if (uid_equal(&s->list[row].id, subject))
            return c->last = (int)row;
    }
    return -1;
}

/* A list that is not held, or does not decode, lists nobody. */
static int count_listed(struct counting *c, const struct hash *list, struct err *e) {
    struct record r;
    struct arena arena;
    struct subjects s;
    struct err why = {0};
    if (!log_has(c->t, list))
        return 0;
    int rc = log_get(c->t, list, &r, e);
    if (rc != 0)
        return rc;
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    rc = payload_subjects_decode(r.payload, &arena, &s, &why);
    for (uint32_t i = 0; rc == 0 && i < s.n; i++) {
        int row = row_of(c, &s.list[i].id);
        if (row >= 0)
            c->list[row].reports++;
    }
    arena_done(&arena);
    return rc == ERR_NOMEM ? err_nomem(e) : 0;
}

/* What does not decode was rejected, and counts for nobody. */
static int count_report(struct counting *c, const struct record *r, struct err *e) {
    struct arena arena;
    struct payload_report p;
    struct err why = {0};
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    int rc = payload_report_decode(r->payload, &arena, &p, &why);
    bool counts = rc == 0 && uid_equal(&p.unit, &c->s->unit) && strlen(p.period) <= LIMIT_CODE;
    rc = rc == ERR_NOMEM ? err_nomem(e) : 0;
    if (counts) {
        struct sealed_sheet s = {.campaign = catalog_campaign(&c->a->catalog, &p.campaign)};
        memcpy(s.period, p.period, strlen(p.period) + 1);
        if (s.campaign)
            buf_put(&c->sealed, &s, sizeof s);
        rc = count_listed(c, &p.subjects, e);
    }
    arena_done(&arena);
    return rc;
}

static int count_reports(struct counting *c, struct err *e) {
    struct log_walk w;
    struct hash id;
    struct record r;
    int rc = 0;
    log_walk_init(&w, c->t, KIND_REPORT, 0);
    while (rc == 0 && log_walk_next(&w, NULL, &id)) {
        rc = log_get(c->t, &id, &r, e);
        if (rc == 0 && heir_has(c->a, c->t, &r.h))
            rc = count_report(c, &r, e);
    }
    log_walk_done(&w);
    return rc == 0 && c->sealed.failed ? err_nomem(e) : rc;
}

static bool is_sealed(const struct counting *c, const struct draft *d) {
    const struct sealed_sheet *list = buf_items(&c->sealed);
    for (size_t i = 0; i < c->sealed.len / sizeof *list; i++)
        if (uid_equal(&list[i].campaign->issuer, &d->issuer) &&
            strcmp(list[i].campaign->c.id, d->campaign) == 0 &&
            strcmp(list[i].period, d->period) == 0)
            return true;
    return false;
}

static void count_values(struct counting *c) {
    struct draft_walk w;
    struct draft of;
    struct uid subject;
    draft_walk_init(&w, c->t, &c->s->unit);
    while (draft_walk_next(&w, &of, &subject)) {
        int row = row_of(c, &subject);
        if (row < 0)
            continue;
        c->list[row].values++;
        c->list[row].unsealed += !is_sealed(c, &of);
    }
    draft_walk_done(&w);
}

int stake_load(struct actor *a, struct txn *t, const struct subjects *s, struct stake **ret_stakes,
               struct err *e) {
    struct counting c = {.a = a, .t = t, .s = s};
    c.list = mem_zalloc(s->n, sizeof *c.list);
    if (!c.list)
        return err_nomem(e);
    buf_init(&c.sealed);
    int rc = count_reports(&c, e);
    if (rc == 0)
        count_values(&c);
    if (rc == 0)
        rc = txn_failed(t, e);
    buf_done(&c.sealed);
    if (rc == 0)
        *ret_stakes = c.list;
    else
        mem_free(c.list);
    return rc;
}
