#include "node/show_values.h"

#include "core/table.h"
#include "node/reading.h"
#include "node/show_label.h"
#include "node/show_report.h"
#include "node/words.h"
#include "proto/json.h"

/* The values of `o`, without those that are empty, into `out`. */
static void collect(const struct opened_report *o, struct buf *out) {
    for (uint32_t i = 0; i < o->sheet.rows; i++)
        for (uint32_t k = 0; k < o->sheet.columns; k++) {
            const struct cell *cell = sheet_cell_const(&o->sheet, i, k);
            struct value_view v = {o->subjects.list[i].code, o->campaign->criteria.leaves[k]->id,
                                   sheet_note(&o->sheet, i, k), *cell};
            if (cell->state != CELL_EMPTY || v.note)
                buf_put(out, &v, sizeof v);
        }
}

/* One line a subject: what its values come to. */
static int show_points(const struct world *w, const struct opened_report *o, struct buf *out,
                       struct err *e) {
    const struct table_column columns[] = {
        {world_tr(w, N_("subject")), TABLE_LEFT}, {world_tr(w, N_("class")), TABLE_LEFT},
        {world_tr(w, N_("score")), TABLE_RIGHT},  {world_tr(w, N_("maximum")), TABLE_RIGHT},
        {world_tr(w, N_("grade")), TABLE_LEFT},
    };
    struct sheet_rules rules = judge_opened_rules(o);
    struct table *t;
    int rc = table_new(columns, sizeof columns / sizeof *columns, &t, e);
    if (rc != 0)
        return rc;
    for (uint32_t i = 0; rc == 0 && i < o->subjects.n; i++) {
        char total[16], max[16];
        struct points p;
        sheet_points(&rules, &o->sheet, i, &p);
        const struct grade *g = p.max > 0 ? sheet_grade(&rules, &o->sheet, i, &p) : NULL;
        score_text_people(p.total, total);
        score_text_people(p.max, max);
        const char *cells[] = {o->subjects.list[i].code, o->subjects.list[i].class_id, total, max,
                               g ? show_label(w, &g->label) : ""};
        rc = table_row(t, TABLE_TOP, cells, NULL, e);
    }
    if (rc == 0)
        rc = table_render(t, 0, out, e);
    table_free(t);
    return rc;
}

static int list_values(const struct world *w, const struct opened_report *o,
                       const struct value_view *values, uint32_t n, struct buf *out,
                       struct err *e) {
    const struct table_column columns[] = {
        {world_tr(w, N_("subject")), TABLE_LEFT}, {world_tr(w, N_("criterion")), TABLE_LEFT},
        {world_tr(w, N_("value")), TABLE_RIGHT},  {world_tr(w, N_("label")), TABLE_LEFT},
        {world_tr(w, N_("note")), TABLE_LEFT},
    };
    struct table *t;
    int rc = table_new(columns, sizeof columns / sizeof *columns, &t, e);
    if (rc != 0)
        return rc;
    for (uint32_t i = 0; rc == 0 && i < n; i++) {
        char number[16];
        int leaf = criteria_leaf(&o->campaign->criteria, values[i].criterion);
        const char *cells[] = {
            values[i].subject, values[i].criterion, words_cell(w, &values[i].cell, number),
            show_label(w, &o->campaign->criteria.leaves[leaf]->label), values[i].note};
        rc = table_row(t, TABLE_TOP, cells, NULL, e);
    }
    if (rc == 0)
        rc = table_render(t, 0, out, e);
    table_free(t);
    return rc;
}

/* `o` is NULL where what the report means is not here. */
static int show(struct verb_call *call, const struct record *r, const struct report_view *v,
                const struct opened_report *o, const struct value_view *values, uint32_t n,
                struct err *e) {
    const struct world *w = call->world;
    struct buf *out = &call->out;
    char id[HASH_TEXT];
    if (call->json) {
        int rc = json_report(v, values, n, out, e);
        buf_put_u8(out, '\n');
        return rc;
    }
    hash_text(&v->report, id);
    buf_printf(out, "%s\n", id);
    world_say(w, out, "record %u:%llu of its machine", r->h.epoch, (unsigned long long)r->h.seq);
    buf_put_u8(out, '\n');
    int rc = show_reports(v, 1, w, out, e);
    if (rc != 0 || !o)
        return rc;
    buf_put_u8(out, '\n');
    if (v->nil) {
        world_say(w, out, "a nil report: there was nothing to report");
        return 0;
    }
    rc = show_points(w, o, out, e);
    buf_put_u8(out, '\n');
    return rc == 0 ? list_values(w, o, values, n, out, e) : rc;
}

/* Open what can be opened: a report that was rejected or still waits may not mean anything. */
static int open_report(struct verb_call *call, struct actor *a, struct txn *t,
                       const struct record *r, struct opened_report *ret_opened, bool *ret_open,
                       struct err *e) {
    struct err why = {0};
    char text[ERR_ARGS * ERR_ARG_BYTES];
    int rc = reading_open(&a->catalog, t, r, ret_opened, &why);
    *ret_open = rc == 0;
    if (rc == ERR_NOMEM)
        return err_nomem(e);
    if (rc != 0)
        world_say(call->world, &call->words, "its values cannot be shown: %s",
                  err_text(&why, call->world->tr, text, sizeof text));
    return 0;
}

const char *show_values_evidence(const struct world *w) {
    return world_tr(w, N_("kept as evidence only: another record has its place in the log of its "
                          "machine, of whose directory two copies were in use"));
}

int show_values(struct verb_call *call, struct actor *a, struct txn *t, const struct record *r,
                const struct report_view *v, struct err *e) {
    struct opened_report o;
    struct buf values;
    bool open = false;
    buf_init(&values);
    int rc = open_report(call, a, t, r, &o, &open, e);
    if (open)
        collect(&o, &values);
    if (rc == 0)
        rc = values.failed ? err_nomem(e)
                           : show(call, r, v, open ? &o : NULL, buf_items(&values),
                                  (uint32_t)(values.len / sizeof(struct value_view)), e);
    if (open)
        judge_opened_done(&o);
    buf_done(&values);
    return rc;
}
