#include "node/mends.h"

#include "core/list.h"
#include "core/mem.h"
#include "node/path.h"
#include "proto/kinds.h"
#include "proto/payload_act.h"
#include "store/log.h"

#include <stdlib.h>

#define RANK_ROOT_KEY UINT32_C(1000) /* above every hub … */
#define RANK_RECOVERY UINT32_C(1001) /* … and this one above that */

void mends_done(struct mends *m) {
    mem_free(m->list);
    mem_free(m->records);
    *m = (struct mends){0};
}

/* How much the word of the author of `r` about `hub` weighs; 0: nothing. */
static int rank_of(struct actor *a, struct txn *t, const struct record *r, const struct hash *hub,
                   uint32_t *ret_rank, struct err *e) {
    struct member author, of;
    struct record genesis;
    struct hash actor = r->h.actor;
    bool known = roster_find(t, &actor, r->h.epoch, &author) && roster_find(t, hub, 1, &of) &&
                 of.by == BY_HUB;
    *ret_rank = 0;
    if (!known || author.by != BY_ROOT_KEY) {
        *ret_rank = known ? path_steps(t, hub, &actor) : 0;
        return 0;
    }
    int rc = log_get(t, &a->deployment, &genesis, e);
    if (rc == 0)
        *ret_rank = hash_equal(&genesis.h.actor, &actor) ? RANK_ROOT_KEY : RANK_RECOVERY;
    return rc;
}

bool mends_may_state(struct txn *t, const struct hash *actor, const struct hash *of) {
    return path_steps(t, of, actor) > 0;
}

struct loading {
    struct actor *a;
    struct txn *t;
    struct buf list, records;
};

static int by_hash(const void *a, const void *b) {
    return hash_cmp(a, b);
}

static int read_mend(struct loading *l, const struct hash *id, struct err *e) {
    struct record r;
    struct arena arena;
    struct payload_clock_mend p;
    struct mend m = {.act = *id};
    int rc = log_get(l->t, id, &r, e);
    if (rc != 0 || r.h.payload_version != PAYLOAD_VERSION || !roster_stands(l->t, &r.h))
        return rc;
    m.epoch = r.h.epoch;
    m.seq = r.h.seq;
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    rc = payload_clock_mend_decode(r.payload, &arena, &p, NULL);
    if (rc != 0) { /* what its author garbled says nothing */
        arena_done(&arena);
        return rc == ERR_NOMEM ? err_nomem(e) : 0;
    }
    rc = rank_of(l->a, l->t, &r, &p.actor, &m.rank, e);
    if (rc == 0 && m.rank > 0) {
        m.actor = p.actor;
        m.from = p.from;
        m.until = p.until;
        m.shift_ms = p.shift_ms;
        m.n_records = p.n_records;
        m.first_record = (uint32_t)(l->records.len / HASH_BYTES);
        if (p.n_records > 1)
            qsort(p.records, p.n_records, sizeof *p.records, by_hash);
        for (uint32_t i = 0; i < p.n_records; i++)
            buf_put(&l->records, p.records[i].b, HASH_BYTES);
        buf_put(&l->list, &m, sizeof m);
    }
    arena_done(&arena);
    return rc;
}

static int by_weight(const void *pa, const void *pb) {
    const struct mend *a = pa, *b = pb;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    if (a->epoch != b->epoch)
        return a->epoch < b->epoch ? -1 : 1;
    if (a->seq != b->seq)
        return a->seq < b->seq ? -1 : 1;
    return hash_cmp(&a->act, &b->act);
}

static void loading_init(struct loading *l, struct actor *a, struct txn *t) {
    *l = (struct loading){.a = a, .t = t};
    buf_init(&l->list);
    buf_init(&l->records);
}

/* What was read into `l`, unless `rc` says that reading failed, into `ret_mends`. */
static int loading_end(struct loading *l, int rc, struct mends *ret_mends, struct err *e) {
    if (rc == 0 && (l->list.failed || l->records.failed))
        rc = err_nomem(e);
    if (rc != 0) {
        buf_done(&l->list);
        buf_done(&l->records);
        return rc;
    }
    struct mends m = {.n = (uint32_t)(l->list.len / sizeof *m.list),
                      .list = buf_items(&l->list),
                      .records = buf_items(&l->records)};
    if (m.n > 1)
        qsort(m.list, m.n, sizeof *m.list, by_weight);
    *ret_mends = m;
    return 0;
}

int mends_load(struct actor *a, struct txn *t, struct mends *ret_mends, struct err *e) {
    struct loading l;
    struct log_walk w;
    struct hash id;
    int rc = 0;
    loading_init(&l, a, t);
    log_walk_init(&w, t, KIND_CLOCK_MEND, 0);
    while (rc == 0 && log_walk_next(&w, NULL, &id))
        rc = read_mend(&l, &id, e);
    log_walk_done(&w);
    return loading_end(&l, rc, ret_mends, e);
}

/* ---- kept ---- */

void mends_kept_done(struct mends_kept *k) {
    mends_done(&k->mends);
    mem_free(k->acts);
    *k = (struct mends_kept){0};
}

/* Whether the mend `id` is about the clock of `of`; who is not above that is not read any further.
 */
static int is_about(struct actor *a, struct txn *t, const struct hash *id, const struct hash *of,
                    bool *ret_is, struct err *e) {
    struct record r;
    struct arena arena;
    struct payload_clock_mend p;
    uint32_t rank = 0;
    *ret_is = false;
    int rc = log_get(t, id, &r, e);
    if (rc == 0 && r.h.payload_version == PAYLOAD_VERSION)
        rc = rank_of(a, t, &r, of, &rank, e);
    if (rc != 0 || rank == 0)
        return rc;
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    rc = payload_clock_mend_decode(r.payload, &arena, &p, NULL);
    *ret_is = rc == 0 && hash_equal(&p.actor, of);
    arena_done(&arena);
    return rc == ERR_NOMEM ? err_nomem(e) : 0;
}

static int find_acts(struct mends_kept *k, struct actor *a, struct txn *t, const struct hash *of,
                     struct err *e) {
    struct log_walk w;
    struct hash id;
    int rc = 0;
    log_walk_init(&w, t, KIND_CLOCK_MEND, k->seen);
    while (rc == 0 && log_walk_next(&w, NULL, &id)) {
        bool is;
        rc = is_about(a, t, &id, of, &is, e);
        if (rc != 0 || !is)
            continue;
        rc = list_grow(&k->acts, k->n_acts, sizeof *k->acts, e);
        if (rc == 0)
            k->acts[k->n_acts++] = id;
    }
    log_walk_done(&w);
    return rc;
}

static int read_acts(struct mends_kept *k, struct actor *a, struct txn *t, struct err *e) {
    struct loading l;
    int rc = 0;
    loading_init(&l, a, t);
    mends_done(&k->mends);
    for (uint32_t i = 0; rc == 0 && i < k->n_acts; i++)
        rc = read_mend(&l, &k->acts[i], e);
    return loading_end(&l, rc, &k->mends, e);
}

int mends_keep(struct mends_kept *k, struct actor *a, struct txn *t, const struct hash *of,
               struct err *e) {
    uint64_t last = log_last(t), endings = roster_endings(t);
    uint32_t before = k->n_acts;
    if (k->seen == last && k->endings == endings)
        return 0;
    int rc = find_acts(k, a, t, of, e);
    if (rc == 0 && (k->n_acts != before || k->endings != endings))
        rc = read_acts(k, a, t, e);
    if (rc != 0) {
        mends_kept_done(k);
        return rc;
    }
    k->seen = last;
    k->endings = endings;
    return 0;
}

static bool in_span(const struct mend *m, const struct hash *actor, instant shown) {
    return m->from <= shown && shown < m->until && hash_equal(&m->actor, actor);
}

static bool touches(const struct mends *m, const struct mend *x, const struct hash *record,
                    const struct receipt_row *row) {
    if (!in_span(x, &row->issuer, row->received_at))
        return false;
    if (x->n_records == 0)
        return row->clock_doubt;
    return bsearch(record, m->records + x->first_record, x->n_records, sizeof *m->records,
                   by_hash) != NULL;
}

bool mends_apply(const struct mends *m, const struct hash *record, const struct receipt_row *row,
                 instant *ret_at) {
    for (uint32_t i = m->n; i-- > 0;)
        if (touches(m, &m->list[i], record, row)) {
            *ret_at = row->received_at + m->list[i].shift_ms;
            return true;
        }
    *ret_at = row->received_at;
    return false;
}

instant mends_clock(const struct mends *m, const struct hash *actor, instant shown) {
    for (uint32_t i = m->n; i-- > 0;)
        if (in_span(&m->list[i], actor, shown))
            return shown + m->list[i].shift_ms;
    return shown;
}
