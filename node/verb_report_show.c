#include "core/mem.h"
#include "core/table.h"
#include "node/command.h"
#include "node/judge.h"
#include "node/outcome.h"
#include "node/show_report.h"
#include "node/verbs.h"
#include "store/log.h"

#include <string.h>

/* The report of ours that `prefix` names. */
static int find(struct command *c, const char *prefix, const struct outcomes *all,
                const struct outcome **ret_outcome, struct err *e) {
    struct hash id;
    int rc = log_find(c->t, prefix, &id, e);
    if (rc != 0)
        return rc;
    for (uint32_t i = 0; i < all->n; i++)
        if (hash_equal(&all->list[i].view.report, &id)) {
            *ret_outcome = &all->list[i];
            return 0;
        }
    return err_set(e, ERR_REFUSED, "%s is no report of this office; `report list` shows all",
                   prefix);
}

/* Decode the report and what its values mean; nothing to show where it was never judged here. */
static int open_report(struct command *c, const struct hash *id, struct opened_report *ret,
                       bool *ret_open, struct err *e) {
    struct record r;
    struct member author;
    struct judgement j;
    int rc = log_get(c->t, id, &r, e);
    *ret_open = false;
    if (rc != 0 || !roster_find(c->t, &r.h.actor, r.h.epoch, &author))
        return rc;
    rc = judge_report(&c->actor.catalog, c->t, &r, &author, &j, ret, e);
    *ret_open = rc == 0 && j.state == RECEIPT_VALID;
    return rc;
}

/* The values of `o`, without those that are empty, into `out`. */
static void collect(const struct opened_report *o, struct buf *out) {
    for (uint32_t i = 0; i < o->sheet.rows; i++)
        for (uint32_t j = 0; j < o->sheet.columns; j++) {
            const struct cell *cell = sheet_cell_const(&o->sheet, i, j);
            struct value_view v = {o->subjects.list[i].code, o->campaign->criteria.leaves[j]->id,
                                   sheet_note(&o->sheet, i, j), *cell};
            if (cell->state != CELL_EMPTY || v.note)
                buf_put(out, &v, sizeof v);
        }
}

static const char *cell_words(const struct cell *cell, const struct world *w, char number[16]) {
    switch ((enum cell_state)cell->state) {
    case CELL_EMPTY:
        return "";
    case CELL_NA:
        return world_tr(w, N_("not applicable"));
    case CELL_NOT_MET:
        return world_tr(w, N_("not met"));
    case CELL_MET:
        return world_tr(w, N_("met"));
    case CELL_SCORE:
    case CELL_VALUE:
        score_text_people(cell->value, number);
        return number;
    }
    return "";
}

static int print_values(struct command *c, const struct value_view *values, uint32_t n,
                        struct err *e) {
    const struct world *w = c->world;
    const struct table_column columns[] = {
        {world_tr(w, N_("subject")), TABLE_LEFT},
        {world_tr(w, N_("criterion")), TABLE_LEFT},
        {world_tr(w, N_("value")), TABLE_RIGHT},
        {world_tr(w, N_("note")), TABLE_LEFT},
    };
    struct table *t = NULL;
    int rc = table_new(columns, sizeof columns / sizeof *columns, &t, e);
    for (uint32_t i = 0; rc == 0 && i < n; i++) {
        char number[16];
        const char *cells[] = {values[i].subject, values[i].criterion,
                               cell_words(&values[i].cell, w, number), values[i].note};
        rc = table_row(t, TABLE_TOP, cells, NULL, e);
    }
    if (rc == 0)
        rc = table_render(t, 0, &c->call->out, e);
    table_free(t);
    return rc;
}

static int print(struct command *c, const struct report_view *r, const struct value_view *values,
                 uint32_t n, struct err *e) {
    struct buf *out = &c->call->out;
    char id[HASH_TEXT];
    if (c->call->json) {
        int rc = json_report(r, values, n, out, e);
        buf_put_u8(out, '\n');
        return rc;
    }
    hash_text(&r->report, id);
    buf_printf(out, "%s\n\n", id);
    int rc = show_reports(r, 1, c->world, out, e);
    if (rc != 0)
        return rc;
    buf_put_u8(out, '\n');
    if (r->nil)
        world_say(c->world, out, "a nil report: there was nothing to report");
    return print_values(c, values, n, e);
}

static int show(struct command *c, const char *prefix, struct err *e) {
    struct outcomes all;
    const struct outcome *found;
    struct opened_report o = {0};
    struct buf values;
    bool open = false;
    int rc = outcomes_load(&c->actor, c->t, c->world, &all, e);
    if (rc != 0)
        return rc;
    buf_init(&values);
    rc = find(c, prefix, &all, &found, e);
    if (rc == 0)
        rc = open_report(c, &found->view.report, &o, &open, e);
    if (open)
        collect(&o, &values);
    if (rc == 0 && values.failed)
        rc = err_nomem(e);
    if (rc == 0)
        rc = print(c, &found->view, (const void *)values.data,
                   (uint32_t)(values.len / sizeof(struct value_view)), e);
    if (open)
        opened_report_done(&o);
    buf_done(&values);
    outcomes_done(&all);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    struct command c;
    int rc = command_begin(call, false, &c, e);
    return rc == 0 ? command_end(&c, show(&c, verb_arg(call, 0), e), e) : rc;
}

const struct verb node_verb_report_show = {
    .name = "report show",
    .args = "REPORT",
    .min_args = 1,
    .max_args = 1,
    .flags = VERB_JSON,
    .help = N_("one report with its values and receipts"),
    .run = run,
};
