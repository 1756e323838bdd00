/*
 * bench_seal: state reports in an office's directory before the clock starts, as sealing does, so
 * that they wait signed in its outbox.
 *
 *     bench_seal DIR CAMPAIGN REPORTS [NOTES]
 *
 * The reports go round the campaign's periods; each further round is a revision that differs in one
 * value. So many values of each have a note of the greatest length. They are stated in one large
 * transaction, and without the look at every earlier report that `submit` takes.
 */
#include "core/limits.h"
#include "node/append.h"
#include "node/office.h"
#include "store/host.h"
#include "store/log.h"
#include "tests/bench/bench.h"

#include <string.h>

/* Fill the sheet of `o`: everything that applies is met, but for one cell that tells revisions
 * apart. */
static void fill(struct office *o, uint32_t revision) {
    bool odd = revision % 2 == 1;
    for (uint32_t i = 0; i < o->sheet.rows; i++)
        for (uint32_t j = 0; j < o->sheet.columns; j++) {
            if (!office_applies(o, i, j))
                continue;
            bool met = odd ? (i + j) % 7 != 3 : true;
            struct cell *cell = sheet_cell(&o->sheet, i, j);
            if (office_mode(o, j) == MODE_POINTS)
                *cell =
                    (struct cell){CELL_SCORE, (score)(200 + (i * 37 + j * 53 + revision) % 700)};
            else
                *cell = (struct cell){met ? CELL_MET : CELL_NOT_MET, 0};
            if (odd && o->sheet.rows * o->sheet.columns < 4)
                cell->state = cell->state == CELL_MET ? CELL_NOT_MET : cell->state;
        }
}

/* `n` notes of the greatest length, one on a value, into `p`. */
static void add_notes(const struct office *o, uint32_t n, struct arena *a, struct payload_report *p,
                      struct err *e) {
    char *text = arena_alloc(a, LIMIT_TEXT + 1);
    p->notes = arena_alloc(a, n * sizeof *p->notes);
    if (!text || !p->notes)
        bench_must(err_nomem(e), "notes", e);
    memset(text, 'n', LIMIT_TEXT);
    text[LIMIT_TEXT] = '\0';
    for (uint32_t j = 0; j < o->sheet.columns; j++)
        for (uint32_t i = 0; i < o->sheet.rows && p->n_notes < n; i++)
            if (office_applies(o, i, j))
                p->notes[p->n_notes++] = (struct note){i, j, text};
}

static size_t state_one(struct office *o, uint32_t revision, uint32_t notes, instant now,
                        struct err *e) {
    struct arena a;
    struct buf payload;
    struct hash id;
    struct record r;
    struct payload_report p = {
        .campaign = o->campaign->record,
        .profile = o->profile_record,
        .subjects = o->people.record,
        .period = o->period->id,
        .kind = campaign_default_report(&o->campaign->c)->kind,
        .unit = o->unit->id,
        .revision = revision,
    };
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    buf_init(&payload);
    fill(o, revision);
    bench_must(payload_report_from_sheet(&o->sheet, &o->campaign->criteria, &o->people.subjects, &a,
                                         &p, e),
               "a report", e);
    if (notes > 0)
        add_notes(o, notes, &a, &p, e);
    bench_must(payload_report_encode(&p, &payload, e), "a report", e);
    bench_must(
        append_own(o->actor, o->t, KIND_REPORT, &o->actor->unit, buf_slice(&payload), now, &id, e),
        "a record", e);
    bench_must(log_get(o->t, &id, &r, e), "a record", e);
    buf_done(&payload);
    arena_done(&a);
    return r.bytes.len;
}

/* One report of `period`; its bytes. */
static size_t seal_period(struct actor *a, struct txn *t, const char *campaign, uint32_t period,
                          uint32_t revision, uint32_t notes, instant now, struct err *e) {
    struct office o;
    struct catalog_campaign *k;
    day today = instant_day(now);
    bench_must(catalog_find(&a->catalog, campaign, today, &k, e), "the campaign", e);
    if (period >= k->c.n_periods)
        bench_fail("the campaign has too few periods", NULL);
    struct office_choice choice = {.campaign = campaign, .period = k->c.periods[period].id};
    bench_must(office_open(a, t, &choice, today, &o, e), "the office", e);
    if (hash_is_zero(&o.people.record))
        bench_must(people_state(a, t, &o.people.subjects, now, &o.people.record, e), "the people",
                   e);
    size_t bytes = state_one(&o, revision, notes, now, e);
    office_done(&o);
    return bytes;
}

int main(int argc, char **argv) {
    struct err e = {0};
    struct world world;
    struct actor a;
    struct txn *t;
    struct catalog_campaign *k;
    if (argc != 4 && argc != 5) {
        fprintf(stderr, "usage: bench_seal DIR CAMPAIGN REPORTS [NOTES]\n");
        return 2;
    }
    uint32_t n = bench_number(argv[3]), notes = argc > 4 ? bench_number(argv[4]) : 0;
    size_t bytes = 0;
    host_start();
    host_world(&world);
    bench_must(crypto_start(&e), "crypto", &e);
    bench_must(actor_open(argv[1], ROLE_NODE, NULL, NULL, &a, &e), argv[1], &e);
    bench_must(actor_begin(&a, true, &t, &e), argv[1], &e);
    instant now = world_moment(&world).wall;
    bench_must(catalog_find(&a.catalog, argv[2], instant_day(now), &k, &e), argv[2], &e);
    uint32_t periods = k->c.n_periods;
    for (uint32_t i = 0; i < n; i++)
        bytes += seal_period(&a, t, argv[2], i % periods, 1 + i / periods, notes, now, &e);
    bench_must(actor_commit(&a, t, &e), argv[1], &e);
    actor_close(&a);
    printf("{\"reports\":%u,\"record_bytes\":%.1f}\n", n, n ? (double)bytes / n : 0.0);
    return 0;
}
