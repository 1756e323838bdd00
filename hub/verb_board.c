#include "core/mem.h"
#include "core/sheet.h"
#include "core/table.h"
#include "core/tally.h"
#include "hub/branches.h"
#include "hub/conflicts.h"
#include "hub/triples.h"
#include "hub/verbs.h"
#include "hub/waits.h"
#include "node/words.h"
#include "proto/csv_result.h"
#include "proto/json.h"

#include <stdio.h>
#include <string.h>

/* For people. */

/* Up to when the hubs between have told all, of a unit of which it is not known what it did. */
static void say_known(const struct world *w, const struct board_row *r, struct buf *out) {
    char known[INSTANT_TEXT];
    if (r->known_to == INSTANT_NONE)
        world_say(w, out, "the hub between has not told all it has yet");
    else
        world_say(w, out, "known up to %s", words_instant(r->known_to, known));
    out->len -= out->len > 0; /* a cell has no end of line */
}

static void say_remark(const struct world *w, const struct board_row *r, struct buf *out) {
    if (r->clock_doubt)
        buf_put_str(out, world_tr(w, N_("received by a clock in doubt")));
    else if (r->clock_mended)
        buf_put_str(out, world_tr(w, N_("received by a clock since mended")));
    else if (!hash_is_zero(&r->shown))
        buf_put_str(out, world_tr(w, N_("a later one came after the window")));
    else if (r->nil)
        buf_put_str(out, world_tr(w, N_("nothing to report")));
    else if (r->extended_to != INSTANT_NONE)
        buf_put_str(out, world_tr(w, N_("extended")));
    else if (r->state == SLOT_UNKNOWN)
        say_known(w, r, out);
}

static int show_row(const struct world *w, const struct board_row *r, struct table *t,
                    struct err *e) {
    char at[INSTANT_TEXT], contact[INSTANT_TEXT], report[9], revision[16] = "";
    struct buf remark;
    buf_init(&remark);
    if (r->revision > 0)
        (void)snprintf(revision, sizeof revision, "%u", r->revision);
    say_remark(w, r, &remark);
    const char *cells[] = {r->unit,
                           r->name,
                           words_state(w, r->state),
                           words_instant(r->received_at, at),
                           r->by,
                           revision,
                           words_short(&r->report, report),
                           words_instant(r->last_contact, contact),
                           buf_cstr(&remark)};
    int rc = table_row(t, TABLE_TOP, cells, NULL, e);
    buf_done(&remark);
    return rc;
}

static int show_rows(const struct world *w, const struct board *b, struct buf *out, struct err *e) {
    const struct table_column columns[] = {
        {world_tr(w, N_("unit")), TABLE_LEFT},    {world_tr(w, N_("name")), TABLE_LEFT},
        {world_tr(w, N_("state")), TABLE_LEFT},   {world_tr(w, N_("received")), TABLE_LEFT},
        {world_tr(w, N_("by")), TABLE_LEFT},      {world_tr(w, N_("revision")), TABLE_RIGHT},
        {world_tr(w, N_("report")), TABLE_LEFT},  {world_tr(w, N_("last contact")), TABLE_LEFT},
        {world_tr(w, N_("remarks")), TABLE_LEFT},
    };
    struct table *t;
    int rc = table_new(columns, sizeof columns / sizeof *columns, &t, e);
    if (rc != 0)
        return rc;
    for (uint32_t i = 0; rc == 0 && i < b->n_rows; i++)
        rc = show_row(w, &b->rows[i], t, e);
    if (rc == 0)
        rc = table_render(t, 0, out, e);
    table_free(t);
    return rc;
}

static int show_branch(const struct board_branch *x, struct table *t, struct err *e) {
    enum { EXPECTED, ACTUAL, RATE, ON_TIME, RATE_ON_TIME, MISSING, UNKNOWN, NOT_DUE, FIGURES };
    char text[FIGURES][16];
    const uint32_t n[FIGURES] = {
        [EXPECTED] = x->expected, [ACTUAL] = x->actual,   [ON_TIME] = x->actual_on_time,
        [MISSING] = x->missing,   [UNKNOWN] = x->unknown, [NOT_DUE] = x->not_due};
    const char *cells[2 + FIGURES] = {x->unit, x->name};
    for (size_t i = 0; i < FIGURES; i++) {
        (void)snprintf(text[i], sizeof text[i], "%u", n[i]);
        cells[2 + i] = text[i];
    }
    score_text_people((score)share_half_up(x->actual, x->expected), text[RATE]);
    score_text_people((score)share_half_up(x->actual_on_time, x->expected), text[RATE_ON_TIME]);
    return table_row(t, TABLE_TOP, cells, NULL, e);
}

static int show_branches(const struct world *w, const struct board *b, struct buf *out,
                         struct err *e) {
    const struct table_column columns[] = {
        {world_tr(w, N_("unit")), TABLE_LEFT},
        {world_tr(w, N_("name")), TABLE_LEFT},
        {world_tr(w, N_("expected")), TABLE_RIGHT},
        {world_tr(w, N_("reported")), TABLE_RIGHT},
        {"%", TABLE_RIGHT},
        {world_tr(w, N_("on time")), TABLE_RIGHT},
        {"%", TABLE_RIGHT},
        {world_tr(w, N_("missing")), TABLE_RIGHT},
        {world_tr(w, N_("unknown")), TABLE_RIGHT},
        {world_tr(w, N_("not due")), TABLE_RIGHT},
    };
    struct table *t;
    int rc = table_new(columns, sizeof columns / sizeof *columns, &t, e);
    if (rc != 0)
        return rc;
    for (uint32_t i = 0; rc == 0 && i < b->n_branches; i++)
        rc = show_branch(&b->branches[i], t, e);
    if (rc == 0)
        rc = table_render(t, 0, out, e);
    table_free(t);
    return rc;
}

/* Below the table: signed acts that spare units, in their own words. */
static void say_acts(const struct world *w, const struct board *b, struct buf *out) {
    char until[INSTANT_TEXT];
    for (uint32_t i = 0; i < b->n_rows; i++) {
        const struct board_row *r = &b->rows[i];
        const char *why = r->why ? r->why : "?";
        if (r->state == SLOT_EXEMPT)
            world_say_with(w, out, why, "%s is exempt:", r->unit);
        else if (r->extended_to != INSTANT_NONE)
            world_say_with(w, out, why, "%s has until %s:", r->unit,
                           words_until(r->extended_to, until));
    }
}

static int show_board(const struct world *w, const struct board *b, struct buf *out,
                      struct err *e) {
    char due[INSTANT_TEXT], at[INSTANT_TEXT], rate[16], on_time[16];
    score_text_people((score)tally_rate(b), rate);
    score_text_people((score)tally_rate_on_time(b), on_time);
    world_say(w, out, "Campaign %s, period %s, %s; as of %s", b->campaign, b->period,
              words_kind(w, b->kind), words_instant(b->at, at));
    if (b->due != INSTANT_NONE)
        world_say(w, out, "Due by the end of %s", words_due(b->due, due));
    else
        world_say(w, out, "No due date");
    if (b->withdrawn != INSTANT_NONE)
        world_say(w, out,
                  "The campaign was withdrawn on %s and takes no more reports: `campaign show` "
                  "says why",
                  words_instant(b->withdrawn, at));
    world_say(w, out, "Reported %u of %u (%s %%), on time %u (%s %%)", b->actual, b->expected, rate,
              b->actual_on_time, on_time);
    if (b->reconstructed)
        world_say(w, out, "Some criteria are reconstructed from what other documents cite.");
    if (b->registration_unchecked)
        world_say(w, out, "registration: not checked");
    int rc = b->branched ? show_branches(w, b, out, e) : show_rows(w, b, out, e);
    if (rc == 0)
        say_acts(w, b, out);
    buf_put_u8(out, '\n');
    return rc;
}

/* Nothing is due: what will be first, if anything (`next` has a campaign). */
static void say_next(const struct world *w, const struct board *next, struct buf *words) {
    char due[INSTANT_TEXT];
    world_say(w, words, "nothing is due yet");
    if (next->campaign)
        world_say(w, words, "next: campaign %s, period %s, %s, by the end of %s: %u of %u reported",
                  next->campaign, next->period, words_kind(w, next->kind),
                  words_due(next->due, due), next->actual, next->expected);
}

/* `csv`: what parts the cells of a sheet; 0: none is asked for. */
static int put_boards(struct verb_call *call, const struct board *list, uint32_t n,
                      const struct board *next, bool single, char csv, struct err *e) {
    int rc = 0;
    if (call->json) {
        rc = json_boards(list, n, single, &call->out, e);
        if (rc == 0)
            buf_put_u8(&call->out, '\n');
        return rc;
    }
    if (csv)
        return csv_boards(list, n, verb_flag(call, "branches"), csv, &call->out, e);
    uint32_t shown = 0;
    for (uint32_t i = 0; rc == 0 && i < n; i++) {
        if (!single && list[i].expected == 0 && list[i].n_rows + list[i].n_branches == 0)
            continue; /* nobody is asked: of use only to whoever asks for this very board */
        rc = show_board(call->world, &list[i], &call->out, e);
        shown++;
    }
    if (rc == 0 && shown == 0)
        say_next(call->world, next, &call->words);
    return rc;
}

/* What is asked. */

static int read_options(struct verb_call *call, instant now, struct triples_asked *ret_asked,
                        int *ret_state, char *ret_csv, struct err *e) {
    const char *at = verb_text(call, "at"), *state = verb_text(call, "state");
    *ret_asked = (struct triples_asked){verb_text(call, "campaign"), verb_text(call, "period"),
                                        verb_text(call, "kind"), verb_text(call, "under"), now};
    *ret_state = -1;
    if (at && !instant_parse_end(at, &ret_asked->at))
        return err_set(
            e, ERR_USAGE,
            "--at: “%s” is neither a day nor an instant: write 15/12/2023 for the end of "
            "that day, or 15/12/2023 17:00",
            at);
    if (state) {
        *ret_state = slot_state_parse(state);
        if (*ret_state < 0)
            return err_set(
                e, ERR_USAGE,
                "--state: there is no state “%s”: write on_time, late, excused, missing, "
                "unknown, not_due or exempt, or the Vietnamese word for it",
                state);
    }
    if (state && verb_flag(call, "branches"))
        return err_set(e, ERR_USAGE, "--branches and --state exclude each other: give one");
    return csv_result_asked(call, ret_csv, e);
}

/* The board `b` is not due: keep it in `next` where it is the first to come, else free it. */
static void set_aside(struct board *b, struct board *next) {
    bool comes = b->due != INSTANT_NONE && b->expected > 0 && b->withdrawn == INSTANT_NONE;
    if (!comes || (next->campaign && next->due <= b->due)) {
        board_done(b);
        return;
    }
    board_done(next);
    *next = *b;
}

/* Compute every board of `l`; without a single one, keep those that are due, and the `next` one. */
static int compute(struct command *s, const struct triples *l, int state, struct board *list,
                   uint32_t *ret_n, struct board *next, struct err *e) {
    struct contacts contacts;
    int rc = contacts_load(&s->actor, s->t, s->now, &contacts, e);
    if (rc != 0)
        return rc;
    for (uint32_t i = 0; rc == 0 && i < l->n; i++) {
        struct board *b = &list[*ret_n];
        world_progress(s->call->world, N_("computing boards"), i, l->n);
        rc = board_compute(&s->actor, s->t, &contacts, &l->list[i], b, e);
        if (rc != 0)
            break;
        if (l->n > 1 && !board_is_due(b)) {
            set_aside(b, next);
            continue;
        }
        ++*ret_n;
        if (state >= 0)
            board_keep(b, (enum slot_state)state);
        if (verb_flag(s->call, "branches")) {
            rc = branches_count(s->actor.catalog.units, &s->actor.unit, b, e);
            board_rows_done(b);
        }
    }
    contacts_done(&contacts);
    return rc;
}

static int show(struct command *s, struct err *e) {
    struct triples_asked asked;
    struct triples l;
    struct board next = {.campaign = NULL};
    int state;
    char csv = 0;
    uint32_t n = 0;
    int rc = read_options(s->call, s->now, &asked, &state, &csv, e);
    if (rc == 0)
        rc = triples_find(&s->actor, &asked, &l, &s->call->words, e);
    if (rc != 0)
        return rc;
    struct board *list = mem_zalloc(l.n, sizeof *list);
    rc = list ? compute(s, &l, state, list, &n, &next, e) : err_nomem(e);
    if (rc == 0)
        rc = put_boards(s->call, list, n, &next, l.n == 1, csv, e);
    for (uint32_t i = 0; i < n; i++)
        board_done(&list[i]);
    board_done(&next);
    mem_free(list);
    triples_done(&l);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    struct command s = {0};
    int rc = command_begin(call, ROLE_HUB, COMMAND_READ, &s, e);
    if (rc == 0)
        rc = show(&s, e);
    if (rc == 0) {
        conflicts_tell(&s);
        waits_tell(&s);
    }
    return command_end(&s, rc, e);
}

static const struct verb_option options[] = {
    {.name = "campaign", .value = "ID", .help = N_("of this campaign (UNIT/ID where ambiguous)")},
    {.name = "period", .value = "P", .help = N_("of this period")},
    {.name = "kind", .value = "KIND", .help = N_("of this kind of report")},
    {.name = "under", .value = "CODE", .help = N_("only this unit and those below")},
    {.name = "state", .value = "STATE", .help = N_("only units in this state")},
    {.name = "branches",
     .kind = OPTION_FLAG,
     .help = N_("figures of each unit right below, in place of rows")},
    {.name = "at", .value = "INSTANT", .help = N_("as it stood then (now)")},
    CSV_RESULT_OPTIONS,
    {.name = NULL},
};

const struct verb hub_verb_board = {
    .name = "board",
    .flags = VERB_JSON,
    .options = options,
    .help = N_("who is on time, late, missing; without options all that is due"),
    .run = run,
};
