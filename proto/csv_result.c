#include "proto/csv_result.h"

#include "core/csv_out.h"
#include "core/sheet.h"

#include <stdio.h>
#include <string.h>

#define NUMBER_BYTES 16

int csv_result_asked(const struct verb_call *call, char *ret_separator, struct err *e) {
    const char *separator = verb_text(call, "separator");
    *ret_separator = 0;
    if (!verb_flag(call, "csv"))
        return separator ? err_set(e, ERR_USAGE, "--separator is about --csv: give that too") : 0;
    if (call->json)
        return err_set(e, ERR_USAGE, "--json and --csv exclude each other: give one");
    return csv_out_separator(separator, ret_separator, e);
}

/* Where the cells go, row by row. */
struct lines {
    struct buf *out;
    char separator;
    bool begun; /* the row has a cell */
};

static void put(struct lines *l, const char *text) {
    csv_out_cell(l->out, l->separator, !l->begun, text ? text : "");
    l->begun = true;
}

/* What people wrote. A spreadsheet would work it out as a formula where it begins like one. */
static void put_words(struct lines *l, const char *text) {
    bool is_formula = text && *text && strchr("=+-@\t\r", *text) != NULL;
    struct buf kept;
    if (!is_formula) {
        put(l, text);
        return;
    }
    buf_init(&kept);
    buf_put_u8(&kept, '\'');
    buf_put_str(&kept, text);
    const char *all = buf_cstr(&kept);
    if (all)
        put(l, all);
    else
        l->out->failed = true;
    buf_done(&kept);
}

static void put_count(struct lines *l, uint32_t n) {
    char text[NUMBER_BYTES];
    (void)snprintf(text, sizeof text, "%u", n);
    put(l, text);
}

/* `n` where it is above zero, else nothing. */
static void put_number(struct lines *l, uint32_t n) {
    if (n > 0)
        put_count(l, n);
    else
        put(l, "");
}

static void put_bool(struct lines *l, bool v) {
    put(l, v ? "true" : "false");
}

static void put_score(struct lines *l, score s) {
    char text[NUMBER_BYTES];
    score_text(s, text);
    char *point = strchr(text, '.');
    if (point && l->separator != ',')
        *point = ',';
    put(l, text);
}

static void put_instant(struct lines *l, instant t) {
    char text[INSTANT_TEXT] = "";
    if (t != INSTANT_NONE)
        instant_text(t, text);
    put(l, text);
}

static void put_hash(struct lines *l, const struct hash *h) {
    char text[HASH_TEXT] = "";
    if (!hash_is_zero(h))
        hash_text(h, text);
    put(l, text);
}

static void end(struct lines *l) {
    csv_out_end(l->out);
    l->begun = false;
}

static void put_heads(struct lines *l, const char *const *heads) {
    csv_out_mark(l->out);
    for (; *heads; heads++)
        put(l, *heads);
    end(l);
}

/* ---- boards ---- */

static void put_board(struct lines *l, const struct board *b) {
    put_words(l, b->campaign);
    put(l, b->period);
    put(l, report_kind_text(b->kind));
}

static void put_row(struct lines *l, const struct board *b, const struct board_row *r) {
    put_board(l, b);
    put_words(l, r->unit);
    put_words(l, r->name);
    put(l, slot_state_text(r->state));
    put(l, slot_review_text(r->review));
    put_instant(l, r->received_at);
    put_words(l, r->by);
    put_hash(l, &r->report);
    put_number(l, r->revision);
    put_bool(l, r->nil);
    put_instant(l, r->last_contact);
    put_instant(l, r->extended_to);
    put_bool(l, r->clock_doubt);
    put_words(l, r->why);
    end(l);
}

static void put_branch(struct lines *l, const struct board *b, const struct board_branch *x) {
    put_board(l, b);
    put_words(l, x->unit);
    put_words(l, x->name);
    put_count(l, x->expected);
    put_count(l, x->actual);
    put_count(l, x->actual_on_time);
    put_count(l, x->missing);
    put_count(l, x->unknown);
    put_count(l, x->not_due);
    end(l);
}

int csv_boards(const struct board *list, size_t n, bool branches, char separator, struct buf *out,
               struct err *e) {
    static const char *const rows[] = {
        "campaign",     "period",      "kind",        "unit",   "name",     "state",
        "review",       "received_at", "by",          "report", "revision", "nil",
        "last_contact", "extended_to", "clock_doubt", "why",    NULL};
    static const char *const figures[] = {"campaign", "period",   "kind",    "unit",
                                          "name",     "expected", "actual",  "actual_on_time",
                                          "missing",  "unknown",  "not_due", NULL};
    struct lines l = {.out = out, .separator = separator};
    put_heads(&l, branches ? figures : rows);
    for (size_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < list[i].n_rows; k++)
            put_row(&l, &list[i], &list[i].rows[k]);
        for (uint32_t k = 0; k < list[i].n_branches; k++)
            put_branch(&l, &list[i], &list[i].branches[k]);
    }
    return out->failed ? err_nomem(e) : 0;
}

/* ---- rankings ---- */

/* What the campaign compares where shares are equal, as `bonus=1.50 met=4`. */
static void put_compared(struct lines *l, const struct ranking *in, const struct rank_row *r) {
    struct buf all;
    buf_init(&all);
    for (uint32_t i = 0; ranking_is_equal(in, (uint32_t)(r - in->rows)) && i < in->n_comparators;
         i++) {
        const struct comparator *by = &in->comparators[i];
        int64_t v = ranking_compared(in, r, i);
        char text[NUMBER_BYTES] = "";
        if (v != RANK_NO_VALUE && by->field == BY_MET)
            (void)snprintf(text, sizeof text, "%d", (int)v);
        else if (v != RANK_NO_VALUE)
            score_text((score)v, text);
        buf_printf(&all, "%s%s=%s", i > 0 ? " " : "",
                   by->field == BY_CRITERION ? by->criterion : comparator_field_text(by->field),
                   text);
    }
    put_words(l, all.len > 0 ? buf_cstr(&all) : "");
    l->out->failed |= all.failed;
    buf_done(&all);
}

static void put_ranked(struct lines *l, const struct ranking *in, const struct rank_row *r) {
    put_number(l, r->rank);
    put_bool(l, r->tied);
    put_words(l, r->unit);
    put_words(l, r->unit_name);
    put_words(l, r->subject);
    put_words(l, r->name);
    put_words(l, r->class_id);
    put_score(l, r->total);
    put_score(l, r->max);
    if (r->max > 0)
        put_score(l, (score)share_half_away(r->total, r->max));
    else
        put(l, "");
    put_words(l, r->grade);
    put(l, "self");
    put_bool(l, r->on_time);
    put_hash(l, &r->report);
    put_count(l, r->revision);
    put_compared(l, in, r);
    end(l);
}

int csv_ranking(const struct ranking *r, char separator, struct buf *out, struct err *e) {
    static const char *const heads[] = {
        "rank",    "tied",   "unit",     "unit_name",    "subject", "name",
        "class",   "score",  "max",      "share",        "grade",   "source",
        "on_time", "report", "revision", "tie_breakers", NULL};
    struct lines l = {.out = out, .separator = separator};
    put_heads(&l, heads);
    for (uint32_t i = 0; i < r->n_rows; i++)
        put_ranked(&l, r, &r->rows[i]);
    return out->failed ? err_nomem(e) : 0;
}
