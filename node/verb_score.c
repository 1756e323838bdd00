#include "core/mem.h"
#include "core/result.h"
#include "core/table.h"
#include "node/office_call.h"
#include "node/seal.h"
#include "node/show_campaign.h"
#include "node/show_label.h"
#include "node/unsealed.h"
#include "node/verbs.h"
#include "proto/json_node.h"

#include <stdio.h>

/* The points of all rows; the lists of empty criteria lie in `ids`, one after another. */
struct scoring {
    const struct office *o;
    struct score_row *rows;
    const char **ids;
    uint32_t empty;
    struct unsealed_view since; /* what the last report says otherwise */
};

static void score_row(struct scoring *s, uint32_t i, size_t *at) {
    const struct office *o = s->o;
    const struct subject *subject = &o->people.subjects.list[i];
    struct sheet_rules rules = office_rules(o);
    struct score_row *row = &s->rows[i];
    *row = (struct score_row){.subject = subject->code,
                              .name = people_name(&o->people, i),
                              .kind = subject->kind,
                              .class_id = subject->class_id,
                              .empty = &s->ids[*at]};
    sheet_points(&rules, &o->sheet, i, &row->points);
    const struct grade *g = sheet_grade(&rules, &o->sheet, i, &row->points);
    row->grade = g ? g->id : NULL;
    for (uint32_t j = 0; j < o->sheet.columns; j++)
        if (seal_is_empty(o, i, j)) {
            s->ids[(*at)++] = o->campaign->criteria.leaves[j]->id;
            row->n_empty++;
        }
    s->empty += row->n_empty;
}

/* The last column: what is empty, or nothing. */
static int empty_text(const struct score_row *row, struct buf *out, struct err *e) {
    buf_clear(out);
    for (uint32_t k = 0; k < row->n_empty; k++)
        buf_printf(out, "%s%s", k ? " " : "", row->empty[k]);
    return buf_cstr(out) ? 0 : err_nomem(e);
}

static int add_row(struct table *t, const struct scoring *s, uint32_t i, const struct world *w,
                   struct buf *empty, struct err *e) {
    const struct score_row *row = &s->rows[i];
    struct sheet_rules rules = office_rules(s->o);
    const struct grade *grade = /* of half a sheet neither is said */
        row->n_empty == 0 ? sheet_grade(&rules, &s->o->sheet, i, &row->points) : NULL;
    char total[16], max[16], share[16] = "";
    score_text_people(row->points.total, total);
    score_text_people(row->points.max, max);
    int64_t percent = share_half_away(row->points.total, row->points.max);
    if (row->n_empty == 0 && row->points.max > 0 && percent > INT32_MIN && percent < INT32_MAX)
        score_text_people((score)percent, share);
    int rc = empty_text(row, empty, e);
    const char *cells[] = {
        row->subject,   row->name, total, max, share, grade ? show_label(w, &grade->label) : "",
        buf_cstr(empty)};
    return rc == 0 ? table_row(t, TABLE_TOP, cells, NULL, e) : rc;
}

/* Whether `submit` would take it: all may be filled in, and something too much. */
static int tell_whole(struct command *c, const struct scoring *s, struct err *e) {
    const struct office *o = s->o;
    struct sheet_rules rules = office_rules(o);
    char text[ERR_ARGS * ERR_ARG_BYTES];
    struct err why = {0};
    uint32_t empty;
    int rc = sheet_check(&rules, &o->sheet, true, &empty, &why);
    if (rc == ERR_NOMEM)
        return err_nomem(e);
    if (rc != 0)
        world_say(c->world, &c->call->words, "%s, %s %s: `submit` refuses the sheet: %s",
                  o->unit->code, o->campaign->c.id, o->period->id,
                  err_text(&why, c->world->tr, text, sizeof text));
    else if (s->empty == 0)
        world_say(c->world, &c->call->words, "%s, %s %s: the sheet is complete; `submit` seals it",
                  o->unit->code, o->campaign->c.id, o->period->id);
    return 0;
}

static int print(struct command *c, const struct scoring *s, struct err *e) {
    const struct world *w = c->world;
    const struct table_column columns[] = {
        {world_tr(w, N_("code")), TABLE_LEFT},        {world_tr(w, N_("name")), TABLE_LEFT},
        {world_tr(w, N_("score")), TABLE_RIGHT},      {world_tr(w, N_("maximum")), TABLE_RIGHT},
        {world_tr(w, N_("%")), TABLE_RIGHT},          {world_tr(w, N_("grade")), TABLE_LEFT},
        {world_tr(w, N_("still empty")), TABLE_LEFT},
    };
    struct table *t = NULL;
    struct buf empty;
    int rc = table_new(columns, sizeof columns / sizeof *columns, &t, e);
    if (rc != 0)
        return rc;
    buf_init(&empty);
    for (uint32_t i = 0; rc == 0 && i < s->o->sheet.rows; i++)
        rc = add_row(t, s, i, w, &empty, e);
    if (rc == 0)
        rc = table_render(t, 0, &c->call->out, e);
    buf_done(&empty);
    table_free(t);
    if (rc == 0 && s->empty > 0)
        world_say(w, &c->call->words, "%s, %s %s: %u values are still empty", s->o->unit->code,
                  s->o->campaign->c.id, s->o->period->id, s->empty);
    return rc == 0 ? tell_whole(c, s, e) : rc;
}

static int print_json(struct command *c, const struct scoring *s, struct err *e) {
    struct score_view v = {
        .unit = s->o->unit->code,
        .campaign = s->o->campaign->c.id,
        .period = s->o->period->id,
        .profile = s->o->profile->id,
        .version = s->o->campaign->c.version,
        .empty = s->empty,
        .strays = s->o->strays,
        .n_rows = s->o->sheet.rows,
        .reconstructed = s->o->campaign->c.reconstructed || s->o->campaign->criteria.reconstructed,
        .rows = s->rows,
        .unsealed = s->since.values > 0 ? &s->since : NULL,
    };
    int rc = json_score(&v, &c->call->out, e);
    if (rc == 0)
        buf_put_u8(&c->call->out, '\n');
    return rc;
}

/* How many cells say that they do not apply: so far each counts as zero in the totals. */
static void tell_na(struct command *c, const struct office *o) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < o->sheet.rows; i++)
        for (uint32_t j = 0; j < o->sheet.columns; j++)
            n += sheet_cell_const(&o->sheet, i, j)->state == CELL_NA;
    if (n > 0)
        world_say(c->world, &c->call->words,
                  "%u values are “na”: each keeps its place in the maximum until a hub confirms it",
                  n);
}

static int score_all(struct command *c, const struct office *o, struct err *e) {
    struct scoring s = {.o = o};
    size_t at = 0;
    s.rows = mem_zalloc(o->sheet.rows, sizeof *s.rows);
    s.ids = mem_zalloc((size_t)o->sheet.rows * o->sheet.columns + 1, sizeof *s.ids);
    int rc = s.rows && s.ids ? unsealed_find(o, NULL, &s.since, e) : err_nomem(e);
    for (uint32_t i = 0; rc == 0 && i < o->sheet.rows; i++)
        score_row(&s, i, &at);
    if (rc == 0)
        rc = c->call->json ? print_json(c, &s, e) : print(c, &s, e);
    if (rc == 0 && !c->call->json) {
        unsealed_say(&s.since, c->world, &c->call->words);
        unsealed_cells(&s.since, c->world, &c->call->words);
        tell_na(c, o);
    }
    if (rc == 0)
        show_campaign_reconstructed(o->campaign, c->world, &c->call->words);
    mem_free(s.rows);
    mem_free(s.ids);
    return rc;
}

static int score_sheet(struct command *c, struct err *e) {
    struct office o;
    int rc = office_call_open(c, false, &o, e);
    if (rc != 0)
        return rc;
    rc = score_all(c, &o, e);
    office_done(&o);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    struct command c;
    int rc = command_begin(call, ROLE_NODE, COMMAND_READ, &c, e);
    return rc == 0 ? command_end(&c, score_sheet(&c, e), e) : rc;
}

const struct verb node_verb_score = {
    .name = "score",
    .flags = VERB_JSON,
    .options =
        (const struct verb_option[]){
            OFFICE_CALL_OPTIONS,
            {.name = NULL},
        },
    .help = N_("totals so far, and what is still empty"),
    .run = run,
};
