/* Rankings, held against plain adding up of the values as they stand in the reports' bytes. */
#include "core/mem.h"
#include "node/standings.h"
#include "tests/sim/checker.h"
#include "tests/sim/office.h"
#include "tests/sim/peek.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MET 3u /* a cell's number, as PROTOCOL.md gives it */
#define SUBJECTS 8u

/* One subject of one effective report. */
struct plain_row {
    char unit[CODE_BYTES], subject[CODE_BYTES];
    int32_t total, max; /* hundredths */
    struct hash report;
    bool on_time;
};

struct adding {
    struct sim *sim;
    struct plain_asked q;
    bool collective;
    uint32_t n, cap;
    struct plain_row *rows;
};

static uint64_t cell_of(struct reader *packed) {
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t b = reader_u8(packed);
        v |= (uint64_t)(b & 0x7f) << shift;
        if (!(b & 0x80))
            break;
    }
    return v;
}

/* Whether criterion `column` (c1 …) is about collectives or individuals. */
static bool asks(uint32_t column, bool collective) {
    return collective ? column != 1 : column != 0;
}

/* Add up the cells of the report `s`: row 0 is the unit, the others are people. */
static void add_cells(const struct stated *s, uint32_t people, int32_t total[SUBJECTS],
                      uint32_t *ret_columns) {
    struct peek_record r;
    struct peek_field f;
    uint32_t column = 0;
    if (!peek_record(slice_of(s->bytes, s->len), &r))
        return;
    for (struct reader in = reader_of(r.payload); peek_field(&in, &f);) {
        if (f.number != 10)
            continue;
        struct reader one = reader_of(f.bytes);
        while (peek_field(&one, &f)) {
            if (f.number != 3)
                continue;
            struct reader cells = reader_of(f.bytes);
            for (uint32_t row = 0; row <= people; row++)
                if (asks(column, row == 0) && cells.left > 0 && cell_of(&cells) == MET)
                    total[row] += 100;
        }
        column++;
    }
    *ret_columns = column;
}

static void add_row(struct adding *a, const struct plain_row *row) {
    if (a->n == a->cap) {
        a->cap = a->cap ? 2 * a->cap : 64;
        a->rows = mem_realloc(a->rows, a->cap * sizeof *a->rows);
        assert(a->rows);
    }
    a->rows[a->n++] = *row;
}

static void add_unit(struct adding *a, struct machine *m, bool below) {
    int32_t total[SUBJECTS] = {0};
    uint32_t columns = 0, people = m->index % 4;
    a->q.unit = m;
    a->q.below = below;
    struct plain_slot s = checker_slot(a->sim, &a->q);
    if (!s.effective)
        return;
    add_cells(s.effective, people, total, &columns);
    for (uint32_t row = 0; row <= people && columns > 0; row++) {
        struct plain_row r = {
            .total = total[row], .report = s.effective->id, .on_time = s.received_at < s.window};
        const char *code = below ? m->below_code : m->code;
        if ((row == 0) != a->collective)
            continue;
        for (uint32_t c = 0; c < columns; c++)
            r.max += asks(c, row == 0) ? 100 : 0;
        (void)snprintf(r.unit, sizeof r.unit, "%s", code);
        if (row == 0)
            (void)snprintf(r.subject, sizeof r.subject, "%s", code);
        else
            (void)snprintf(r.subject, sizeof r.subject, "p%u", row);
        add_row(a, &r);
    }
}

/* a before b: the greater fraction, then by name. */
static int64_t order(const struct plain_row *a, const struct plain_row *b) {
    return (int64_t)b->total * a->max - (int64_t)a->total * b->max;
}

static int by_place(const void *pa, const void *pb) {
    const struct plain_row *a = pa, *b = pb;
    int64_t o = order(a, b);
    int c = o != 0 ? (o < 0 ? -1 : 1) : strcmp(a->unit, b->unit);
    return c != 0 ? c : strcmp(a->subject, b->subject);
}

static bool same(const struct adding *a, uint32_t i, const struct rank_row *row, uint32_t rank) {
    const struct plain_row *p = &a->rows[i];
    bool tied = (i > 0 && order(p, p - 1) == 0) || (i + 1 < a->n && order(p, p + 1) == 0);
    return row->rank == rank && row->tied == tied && strcmp(row->unit, p->unit) == 0 &&
           strcmp(row->subject, p->subject) == 0 && row->total == p->total && row->max == p->max &&
           row->on_time == p->on_time && hash_equal(&row->report, &p->report);
}

static void compare(struct adding *a, const struct ranking *r) {
    uint32_t rank = 1;
    if (r->n_rows != a->n)
        sim_violate(a->sim, "7 rankings", "%s ranks %u of %s's campaign, should be %u",
                    a->q.hub->code, r->n_rows, a->q.issuer->code, a->n);
    for (uint32_t i = 0; i < a->n && i < r->n_rows; i++) {
        rank = i > 0 && order(&a->rows[i], &a->rows[i - 1]) == 0 ? rank : i + 1;
        if (!same(a, i, &r->rows[i], rank))
            sim_violate(a->sim, "7 rankings",
                        "%s, campaign of %s: row %u is %s/%s rank %u with %d of %d, should be "
                        "%s/%s rank %u with %d of %d",
                        a->q.hub->code, a->q.issuer->code, i, r->rows[i].unit, r->rows[i].subject,
                        r->rows[i].rank, r->rows[i].total, r->rows[i].max, a->rows[i].unit,
                        a->rows[i].subject, rank, a->rows[i].total, a->rows[i].max);
    }
}

static void check_ranking(struct adding *a) {
    char campaign[2 * CODE_BYTES + sizeof OFFICE_CAMPAIGN];
    struct ranking r;
    struct buf words;
    struct err e = {0};
    (void)snprintf(campaign, sizeof campaign, "%s/%s", a->q.issuer->code, OFFICE_CAMPAIGN);
    struct standing_asked asked = {.campaign = campaign,
                                   .period = a->q.issuer->issue.period,
                                   .kind = a->q.interim ? "interim" : "annual",
                                   .subject_kind = a->collective ? "collective" : "individual",
                                   .units_as_of = DAY_NONE};
    a->n = 0;
    for (uint32_t i = a->sim->n_hubs; i < a->sim->n; i++) {
        struct machine *m = &a->sim->machines[i];
        if (!sim_under(m, a->q.hub) || !sim_under(m, a->q.issuer))
            continue;
        add_unit(a, m, false);
        add_unit(a, m, true);
    }
    if (a->n > 1)
        qsort(a->rows, a->n, sizeof *a->rows, by_place);
    buf_init(&words);
    int rc = standings_compute(&a->q.hub->actor, a->q.t, &asked, &r, &words, &e);
    buf_done(&words);
    if (rc != 0) {
        sim_broken(a->sim, "a ranking", &e);
        return;
    }
    compare(a, &r);
    ranking_done(&r);
}

void checker_rankings(struct sim *sim, struct machine *m, struct txn *t) {
    struct adding a = {.sim = sim, .q = {.hub = m, .t = t, .at = INSTANT_MAX}};
    for (uint32_t i = 0; i < sim->n_hubs; i++) {
        a.q.issuer = &sim->machines[i];
        if (!a.q.issuer->issue.planned || !(sim_under(m, a.q.issuer) || sim_under(a.q.issuer, m)))
            continue;
        for (int which = 0; which < 4; which++) {
            a.q.interim = which & 1;
            a.collective = which & 2;
            check_ranking(&a);
        }
    }
    mem_free(a.rows);
}
