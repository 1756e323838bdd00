/*
 * bench_nation: an old tree, seen from the root: states, in the directory of a root hub that does
 * not run, a hub for each unit of the level `district`, a machine for each of the level `commune`,
 * enrolled by the hub of its district, and one report of each for every period of the campaign,
 * receipted by that hub and by the root.
 *
 *     bench_nation HUB_DIR CAMPAIGN
 */
#include "hub/ingest.h"
#include "node/append.h"
#include "node/standing_keep.h"
#include "proto/kinds.h"
#include "store/host.h"
#include "tests/bench/bench.h"
#include "tests/unit/join_proof.h"

#include <string.h>

#define BATCH 512u /* communes' reports in a commit */

/* An author: where its lanes stand, and that of its hub about it. */
struct author {
    struct uid unit;
    struct key_pair *sign;
    struct hash actor;
    struct lane {
        struct hash head;
        uint64_t seq;
    } zero, own, about;
    struct author *above; /* NULL: the root */
};

struct tree {
    struct actor a;
    struct txn *t;
    struct ingest in;
    instant now;
    uint32_t n, n_taken;
    struct author *list;
    uint64_t drawn;
    struct err e;
};

static void draw(struct tree *w, uint8_t *out, size_t n) {
    for (size_t i = 0; i < n; i++) {
        w->drawn += 0x9e3779b97f4a7c15u;
        out[i] = (uint8_t)(w->drawn >> 56 ^ w->drawn >> 24);
    }
}

static void begin(struct tree *w) {
    bench_must(actor_begin(&w->a, true, &w->t, &w->e), "a commit", &w->e);
    ingest_init(&w->in, &w->a, w->t, false);
}

static void commit(struct tree *w) {
    bench_must(ingest_receipts(&w->in, w->now, &w->e), "receipts", &w->e);
    ingest_done(&w->in);
    bench_must(actor_commit(&w->a, w->t, &w->e), "a commit", &w->e);
    w->n_taken = 0;
}

/* `from` states `payload` in `lane` of its own, or of whom it tells; the root takes it. */
static struct hash state(struct tree *w, struct author *from, struct lane *lane,
                         const struct uid *of, uint16_t kind, struct buf *payload) {
    struct record_header h = {.kind = kind,
                              .payload_version = 1,
                              .epoch = 1,
                              .seq = ++lane->seq,
                              .prev = lane->head,
                              .claimed = w->now,
                              .deployment = w->a.deployment,
                              .actor = from->actor};
    struct admit admit = ingest_admit(&w->in);
    admit.carrier = from->actor;
    enum admission how;
    struct err why = {0};
    struct buf bytes;
    buf_init(&bytes);
    if (of)
        h.lane = *of;
    bench_must(record_build(&h, buf_slice(payload), from->sign, &bytes, &lane->head, &w->e),
               "a record", &w->e);
    bench_must(admit_bytes(&admit, buf_slice(&bytes), w->now, &how, &why, &w->e), "admission",
               &w->e);
    if (how != ADMIT_HELD)
        bench_fail("a record was not held", why.code ? &why : NULL);
    buf_done(&bytes);
    buf_done(payload);
    buf_init(payload);
    return lane->head;
}

/* Enrol `o`, by the root or by the hub above it. */
static void enrol(struct tree *w, struct author *o, enum role role) {
    uint8_t seed[SEED_BYTES];
    struct payload_enrol p = {.role = role};
    struct buf b;
    struct hash id;
    draw(w, seed, sizeof seed);
    bench_must(key_pair_sign_new(seed, &o->sign, &w->e), "a key", &w->e);
    p.grant.epoch = 1;
    p.grant.unit = o->unit;
    p.grant.sign_key = *key_pair_public(o->sign);
    draw(w, p.grant.transport_key.b, PUBLIC_KEY_BYTES);
    crypto_actor(&p.grant.sign_key, &p.grant.actor);
    o->actor = p.grant.actor;
    buf_init(&b);
    join_prove(&p, &w->a.deployment, o->sign);
    bench_must(payload_enrol_encode(&p, &b, &w->e), "an enrolment", &w->e);
    if (o->above)
        (void)state(w, o->above, &o->above->zero, NULL, KIND_ENROL, &b);
    else
        bench_must(append_own(&w->a, w->t, KIND_ENROL, NULL, buf_slice(&b), w->now, &id, &w->e),
                   "an enrolment", &w->e);
    buf_done(&b);
}

/* The units of `level`, each with its machine; below `above` of them those of the hub above. */
static void enrol_level(struct tree *w, const char *level, enum role role) {
    const struct units *units = w->a.catalog.units;
    size_t all = units_count(units);
    struct uid *ids = calloc(all, sizeof *ids);
    size_t n = 0;
    if (!ids)
        bench_fail("out of memory", NULL);
    for (size_t i = 0; i < all; i++) {
        const struct unit_fact *f = units_at(units, units_id(units, i), instant_day(w->now));
        if (f && strcmp(f->level, level) == 0)
            ids[n++] = f->id;
    }
    for (size_t i = 0; i < n; i++) {
        struct author *o = &w->list[w->n++];
        o->unit = ids[i];
        const struct unit_fact *f = units_at(w->a.catalog.units, &ids[i], instant_day(w->now));
        for (uint32_t k = 0; k < w->n - 1 && !o->above; k++)
            if (uid_equal(&w->list[k].unit, &f->parent))
                o->above = &w->list[k];
        begin(w);
        enrol(w, o, role);
        commit(w);
    }
    free(ids);
}

/* The hub above says when it received `report`. */
static void receipt(struct tree *w, struct author *o, const struct hash *report) {
    struct receipt_entry entry = {
        .record = *report, .received_at = w->now - 60000, .state = RECEIPT_VALID};
    struct payload_receipt p = {
        .actor = o->actor, .epoch = 1, .n = 1, .entries = &entry, .as_of = o->above->zero.seq};
    struct buf b;
    buf_init(&b);
    bench_must(payload_receipt_encode(&p, &b, &w->e), "a receipt", &w->e);
    (void)state(w, o->above, &o->about, &o->unit, KIND_RECEIPT, &b);
    buf_done(&b);
}

static void report(struct tree *w, struct author *o, struct catalog_campaign *k, uint32_t period) {
    static char no_class[] = "";
    struct subject unit = {.id = o->unit,
                           .code = (char *)(uintptr_t)catalog_code(&w->a.catalog, &o->unit),
                           .kind = SUBJECT_COLLECTIVE,
                           .class_id = no_class,
                           .from = DAY_NONE,
                           .until = DAY_NONE};
    struct subjects subjects = {o->unit, 1, &unit};
    struct payload_report p = {.campaign = k->record,
                               .period = k->c.periods[period].id,
                               .kind = campaign_default_report(&k->c)->kind,
                               .unit = o->unit,
                               .revision = 1};
    struct arena arena;
    struct sheet sheet;
    struct buf b;
    buf_init(&b);
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    bench_must(payload_subjects_encode(&subjects, &b, &w->e), "a list", &w->e);
    p.subjects = state(w, o, &o->own, &o->unit, KIND_SUBJECTS, &b);
    bench_must(sheet_init(&sheet, 1, k->criteria.n_leaves, &w->e), "a sheet", &w->e);
    for (uint32_t j = 0; j < sheet.columns; j++)
        sheet_cell(&sheet, 0, j)->state = CELL_MET;
    bench_must(payload_report_from_sheet(&sheet, &k->criteria, &subjects, &arena, &p, &w->e),
               "a report", &w->e);
    bench_must(payload_report_encode(&p, &b, &w->e), "a report", &w->e);
    struct hash id = state(w, o, &o->own, &o->unit, KIND_REPORT, &b);
    receipt(w, o, &id);
    sheet_done(&sheet);
    arena_done(&arena);
    buf_done(&b);
}

static uint32_t report_all(struct tree *w, const char *campaign) {
    struct catalog_campaign *k;
    uint32_t n = 0;
    begin(w);
    bench_must(catalog_find(&w->a.catalog, campaign, instant_day(w->now), &k, &w->e), campaign,
               &w->e);
    bench_must(catalog_criteria(&w->a.catalog, k, NULL, &w->e), "criteria", &w->e);
    for (uint32_t period = 0; period < k->c.n_periods; period++)
        for (uint32_t i = 0; i < w->n; i++) {
            if (!w->list[i].above)
                continue;
            report(w, &w->list[i], k, period);
            n++;
            if (++w->n_taken == BATCH) {
                commit(w);
                begin(w);
            }
        }
    commit(w);
    return n;
}

int main(int argc, char **argv) {
    static struct tree w;
    static const struct db_options options = {.no_sync = true};
    struct world real;
    if (argc != 3) {
        fprintf(stderr, "usage: bench_nation HUB_DIR CAMPAIGN\n");
        return 2;
    }
    host_start();
    host_world(&real);
    w.now = real.now(real.arg);
    bench_must(crypto_start(&w.e), "crypto", &w.e);
    bench_must(actor_open(argv[1], ROLE_HUB, NULL, &options, &w.a, &w.e), argv[1], &w.e);
    begin(&w);
    commit(&w);
    w.list = calloc(units_count(w.a.catalog.units), sizeof *w.list);
    if (!w.list)
        bench_fail("out of memory", NULL);
    enrol_level(&w, "district", ROLE_HUB);
    enrol_level(&w, "commune", ROLE_NODE);
    uint32_t reports = report_all(&w, argv[2]);
    for (bool more = true; more;) {
        begin(&w);
        bench_must(standing_keep_step(&w.a, w.t, 100000, &more, &w.e), "rankings", &w.e);
        commit(&w);
    }
    actor_close(&w.a);
    for (uint32_t i = 0; i < w.n; i++)
        key_pair_free(w.list[i].sign);
    free(w.list);
    printf("{\"machines\":%u,\"reports\":%u}\n", w.n, reports);
    return 0;
}
