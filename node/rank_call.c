#include "node/rank_call.h"

#include "core/sheet.h"
#include "core/table.h"
#include "node/show_label.h"
#include "node/show_quota.h"
#include "node/standing_whom.h"
#include "node/standings.h"
#include "node/words.h"
#include "proto/csv_result.h"
#include "proto/json.h"

#include <stdio.h>
#include <string.h>

/* The numbers of one row, for people. */
struct texts {
    char rank[16], total[16], max[16], share[16];
};

static void make_texts(const struct rank_row *r, struct texts *x) {
    *x = (struct texts){.rank = ""};
    if (r->rank > 0)
        (void)snprintf(x->rank, sizeof x->rank, "%u", r->rank);
    score_text_people(r->total, x->total);
    score_text_people(r->max, x->max);
    if (r->max > 0)
        score_text_people((score)share_half_away(r->total, r->max), x->share);
}

/* What the campaign compares of `r`, whose share another has too: the first that differs decides.
 */
static void put_compared(const struct world *w, const struct ranking *in, const struct rank_row *r,
                         struct buf *out) {
    static const char *const fields[] = {N_("criterion"), N_("base points"), N_("bonus"),
                                         N_("penalty"),   N_("total"),       N_("criteria met")};
    for (uint32_t i = 0; i < in->n_comparators; i++) {
        const struct comparator *by = &in->comparators[i];
        int64_t v = ranking_compared(in, r, i);
        char text[16] = "–";
        if (v != RANK_NO_VALUE && by->field == BY_MET)
            (void)snprintf(text, sizeof text, "%d", (int)v);
        else if (v != RANK_NO_VALUE)
            score_text_people((score)v, text);
        buf_printf(out, "%s%s%s%s %s", out->len > 0 ? ", " : "", world_tr(w, fields[by->field]),
                   by->field == BY_CRITERION ? " " : "",
                   by->field == BY_CRITERION ? by->criterion : "", text);
    }
}

/* What is to be known of a row beside its points, in `out`. */
static const char *remarks(const struct world *w, const struct ranking *in,
                           const struct rank_row *r, struct buf *out) {
    buf_clear(out);
    if (!r->on_time)
        buf_put_str(out, words_state(w, SLOT_LATE));
    if (r->older_profile > 0) {
        buf_put_str(out, r->on_time ? "" : ", ");
        buf_printf(out, "%s %u", world_tr(w, N_("by scoring profile version")), r->older_profile);
    }
    if (r->older_version > 0)
        buf_printf(out, "%s%s %u", out->len > 0 ? ", " : "",
                   world_tr(w, N_("under campaign version")), r->older_version);
    if (ranking_is_equal(in, (uint32_t)(r - in->rows)))
        put_compared(w, in, r, out);
    const char *text = buf_cstr(out);
    return text ? text : "";
}

static int show_rows(const struct world *w, const struct ranking *r, struct buf *out,
                     struct err *e) {
    const struct table_column columns[] = {
        {world_tr(w, N_("rank")), TABLE_RIGHT},     {world_tr(w, N_("unit")), TABLE_LEFT},
        {world_tr(w, N_("unit name")), TABLE_LEFT}, {world_tr(w, N_("subject")), TABLE_LEFT},
        {world_tr(w, N_("name")), TABLE_LEFT},      {world_tr(w, N_("score")), TABLE_RIGHT},
        {world_tr(w, N_("maximum")), TABLE_RIGHT},  {"%", TABLE_RIGHT},
        {world_tr(w, N_("grade")), TABLE_LEFT},     {world_tr(w, N_("remarks")), TABLE_LEFT},
    };
    struct table *t;
    struct buf scratch;
    int rc = table_new(columns, sizeof columns / sizeof *columns, &t, e);
    if (rc != 0)
        return rc;
    buf_init(&scratch);
    for (uint32_t i = 0; rc == 0 && i < r->n_rows; i++) {
        const struct rank_row *row = &r->rows[i];
        struct texts x;
        make_texts(row, &x);
        const char *remark = remarks(w, r, row, &scratch);
        const char *grade = row->grade_label ? show_label(w, row->grade_label) : row->grade;
        const char *cells[] = {x.rank,  row->unit, row->unit_name, row->subject, row->name,
                               x.total, x.max,     x.share,        grade,        remark};
        rc = table_row(t, TABLE_TOP, cells, NULL, e);
    }
    if (rc == 0)
        rc = table_render(t, 0, out, e);
    buf_done(&scratch);
    table_free(t);
    return rc;
}

/* Whether a row stands behind one of the same share by what else the campaign compares. */
static bool is_decided(const struct ranking *r) {
    for (uint32_t i = 1; r->n_comparators > 0 && i < r->n_rows; i++) {
        const struct rank_row *x = &r->rows[i - 1], *y = &r->rows[i];
        if (x->rank > 0 && y->rank > x->rank &&
            (int64_t)x->total * y->max == (int64_t)y->total * x->max)
            return true;
    }
    return false;
}

static int show_ranking(const struct world *w, const struct ranking *r, struct buf *out,
                        struct err *e) {
    char on[INSTANT_TEXT];
    day_text_people(r->units_as_of, on);
    world_say(w, out, "Ranking of %s: campaign %s, period %s, %s; units as of %s",
              words_subject_kind(w, r->subjects), r->campaign, r->period, words_kind(w, r->kind),
              on);
    if (r->group)
        world_say(w, out, "Group %s", r->group);
    if (r->under)
        world_say(w, out, "Unit %s and those below", r->under);
    if (r->reconstructed)
        world_say(w, out, "Some criteria are reconstructed from what other documents cite.");
    if (r->registration_unchecked)
        world_say(w, out, "registration: not checked");
    int rc = show_rows(w, r, out, e);
    if (is_decided(r))
        world_say(w, out, "What decides between equal percentages: `campaign show %s`.",
                  r->campaign);
    for (uint32_t i = 0; i < r->n_excluded; i++)
        world_say(w, out, "Not ranked: %s/%s, %s", r->excluded[i].unit, r->excluded[i].subject,
                  words_why(w, r->excluded[i].why));
    show_quotas(w, r, out);
    return rc;
}

static int read_options(struct verb_call *call, struct standing_asked *ret_asked, char *ret_csv,
                        struct err *e) {
    const char *on = verb_text(call, "units-as-of");
    int32_t limit = verb_number(call, "limit", -1);
    *ret_asked = (struct standing_asked){
        .campaign = verb_text(call, "campaign"),
        .period = verb_text(call, "period"),
        .kind = verb_text(call, "kind"),
        .under = verb_text(call, "under"),
        .group = verb_text(call, "group"),
        .subject_kind = verb_text(call, "subject-kind"),
        .values = verb_text(call, "values"),
        .subject = verb_text(call, "subject"),
        .units_as_of = DAY_NONE,
        .limit = limit > 0 ? (uint32_t)limit : 0,
        .world = call->world,
    };
    if (on && !day_parse(on, &ret_asked->units_as_of))
        return err_set(e, ERR_USAGE,
                       "--units-as-of: “%s” is no date: write 31/12/2023 or 2023-12-31", on);
    if (limit == 0)
        return err_set(e, ERR_USAGE, "--limit: at least 1");
    return csv_result_asked(call, ret_csv, e);
}

int rank_call_run(struct verb_call *call, struct actor *a, struct txn *t, struct err *e) {
    struct standing_asked asked;
    struct standing_whom whom;
    struct ranking r = {0};
    char csv = 0;
    int rc = read_options(call, &asked, &csv, e);
    if (rc == 0)
        rc = standing_whom_fill(a, t, &asked, &whom, &call->words, e);
    if (rc == 0)
        rc = standings_compute(a, t, &asked, &r, &call->words, e);
    if (rc == 0 && call->json) {
        rc = json_ranking(&r, &call->out, e);
        if (rc == 0)
            buf_put_u8(&call->out, '\n');
    } else if (rc == 0 && csv) {
        rc = csv_ranking(&r, csv, &call->out, e);
        show_quotas(call->world, &r, &call->words);
    } else if (rc == 0) {
        rc = show_ranking(call->world, &r, &call->out, e);
    }
    ranking_done(&r);
    return rc;
}

const struct verb_option rank_call_options[] = {
    {.name = "campaign", .value = "ID", .help = N_("of this campaign (UNIT/ID where ambiguous)")},
    {.name = "period", .value = "P", .help = N_("of this period")},
    {.name = "kind", .value = "KIND", .help = N_("of this kind of report")},
    {.name = "under", .value = "CODE", .help = N_("only this unit and those below")},
    {.name = "group", .value = "G", .help = N_("inside this peer group; - is: in no group")},
    {.name = "subject-kind",
     .value = "collective|individual",
     .help = N_("whom to rank; needed where there are both")},
    {.name = "values",
     .value = "self|effective",
     .help = N_("whose values (effective); appraised and council are not built yet")},
    {.name = "units-as-of", .value = "DATE", .help = N_("units as on this day (the cutoff)")},
    {.name = "limit",
     .kind = OPTION_NUMBER,
     .value = "N",
     .help = N_("the first N, and who ties with the last of them")},
    {.name = "subject",
     .value = "UNIT/CODE",
     .help = N_("this subject; with --limit after the first N")},
    CSV_RESULT_OPTIONS,
    {.name = NULL},
};
