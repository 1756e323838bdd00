#include "audit/reboard.h"

#include "audit/reclock.h"

#include "audit/rebranch.h"
#include "audit/redue.h"
#include "core/list.h"
#include "core/mem.h"
#include "proto/payload_act.h"

#include <stdlib.h>
#include <string.h>

int reboard_unit(const struct fold *f, const char *code, day on, day otherwise,
                 struct uid *ret_unit, struct err *e) {
    const struct unit_fact *fact = NULL;
    int rc = units_named(f->units, code, on, &fact, e);
    if (rc == 0 && !fact)
        rc = units_named(f->units, code, otherwise, &fact, e);
    if (rc != 0)
        return rc;
    if (!fact)
        return err_set(e, ERR_REFUSED, "no unit has the code %s", code);
    *ret_unit = fact->id;
    return 0;
}

/* One board while it grows. */
struct growing {
    const struct fold *f;
    const struct recontact_home *home;
    const struct ask *ask;
    const struct ask_slot *slot;
    struct uid under;
    bool any_row;   /* before any is left out for its state */
    bool any_first; /* some report was received by `at` */
    struct board board;
};

/* The reason that an extension, or else an assignment, gives, in its own words. */
static int read_why(const struct entry *x, bool extension, char **ret_why, struct err *e) {
    struct payload_extension more;
    struct payload_campaign_assign named;
    struct arena a;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    int rc = extension ? payload_extension_decode(x->r.payload, &a, &more, e)
                       : payload_campaign_assign_decode(x->r.payload, &a, &named, e);
    const char *words =
        rc == 0 ? payload_act_words(extension ? &more.reason : &named.reason) : NULL;
    if (words && !(*ret_why = mem_strdup(words)))
        rc = err_nomem(e);
    arena_done(&a);
    return rc;
}

static int fill_why(const struct reboard_slot *s, struct board_row *row, struct err *e) {
    if (row->state == SLOT_EXEMPT)
        return s->exemption ? read_why(s->exemption, false, &row->why, e) : 0;
    return s->extension && row->extended_to != INSTANT_NONE
               ? read_why(s->extension, true, &row->why, e)
               : 0;
}

static int fill_row(const struct growing *g, const struct uid *unit, const struct reboard_slot *s,
                    struct board_row *row, struct err *e) {
    const struct unit_fact *fact = units_at(g->f->units, unit, s->on);
    *row = (struct board_row){
        .id = *unit,
        .on = s->on,
        .unit = mem_strdup(fact->code),
        .name = mem_strdup(fact->name),
        .state = s->verdict.state,
        .review = s->verdict.review,
        .received_at = INSTANT_NONE,
        .extended_to = s->due != INSTANT_NONE && s->until > s->due ? s->until : INSTANT_NONE,
        .last_contact = recontact_last(g->f, g->home, unit),
    };
    bool ok = row->unit && row->name;
    if (s->effective) {
        row->received_at = s->first_at;
        row->clock_doubt = reclock_doubts(g->f, s->first);
        row->by = mem_strdup(fold_code(g->f, &s->first->entry->author->unit, s->on));
        row->report = s->effective->entry->r.id;
        row->revision = s->effective->revision;
        row->nil = s->effective->nil;
        ok = ok && row->by;
    }
    if (s->shown) {
        row->shown = s->shown->entry->r.id;
        row->shown_received_at = s->shown_at;
    }
    return ok ? fill_why(s, row, e) : err_nomem(e);
}

static void count(struct board *b, enum slot_state state) {
    bool on_time = state == SLOT_ON_TIME || state == SLOT_EXCUSED;
    b->expected += state != SLOT_EXEMPT;
    b->actual += on_time || state == SLOT_LATE;
    b->actual_on_time += on_time;
}

static int add_unit(struct growing *g, const struct uid *unit, struct err *e) {
    const struct units *units = g->f->units;
    struct board *b = &g->board;
    struct reboard_slot s;
    int rc = reboard_slot(g->f, g->home, g->slot, unit, g->ask->at, &s, e);
    if (rc != 0)
        return rc;
    bool exempt;
    if ((!reboard_expected(g->f, g->slot, unit, s.on, &exempt) && !exempt) ||
        !units_under(units, unit, &g->home->unit, s.on) ||
        !units_under(units, unit, &g->under, s.on))
        return 0;
    g->any_row = true;
    if (s.due != INSTANT_NONE && (b->due == INSTANT_NONE || s.due > b->due))
        b->due = s.due;
    if (exempt)
        s.verdict.state = SLOT_EXEMPT;
    g->any_first |= s.effective != NULL;
    count(b, s.verdict.state);
    if (g->ask->state >= 0 && (int)s.verdict.state != g->ask->state)
        return 0;
    rc = list_grow(&b->rows, b->n_rows, sizeof *b->rows, e);
    return rc == 0 ? fill_row(g, unit, &s, &b->rows[b->n_rows++], e) : rc;
}

static int by_unit(const void *a, const void *b) {
    const struct board_row *x = a, *y = b;
    int order = strcmp(x->unit, y->unit);
    return order != 0 ? order : uid_cmp(&x->id, &y->id);
}

/* What a unit of no level would be due, unless the campaign ends before that. */
static instant due_of_nobody(const struct growing *g) {
    const struct ask_slot *s = g->slot;
    instant due = redue_instant(s->rule, s->period, NULL), end = fold_end(g->f, s->k);
    bool ends =
        due != INSTANT_NONE && end != INSTANT_LATEST && instant_day(end) <= instant_day(due - 1);
    return ends ? INSTANT_NONE : due;
}

static int work_out(struct growing *g, struct err *e) {
    const struct ask_slot *s = g->slot;
    struct board *b = &g->board;
    *b = (struct board){
        .campaign = mem_strdup(s->k->c.id),
        .period = mem_strdup(s->period->id),
        .kind = s->rule->kind,
        .at = g->ask->at,
        .due = INSTANT_NONE,
        .reconstructed =
            s->k->c.reconstructed || (s->k->resolved == 0 && s->k->criteria.reconstructed),
        .registration_unchecked = s->rule->needs == REPORT_REGISTRATION,
    };
    int rc = b->campaign && b->period ? 0 : err_nomem(e);
    if (rc == 0 && g->ask->under)
        rc = reboard_unit(g->f, g->ask->under, instant_day(g->ask->at), s->period->end, &g->under,
                          e);
    size_t units = units_count(g->f->units);
    for (size_t i = 0; rc == 0 && i < units; i++)
        rc = add_unit(g, units_id(g->f->units, i), e);
    if (rc == 0 && !g->any_row)
        b->due = due_of_nobody(g);
    if (rc == 0 && b->n_rows > 0)
        qsort(b->rows, b->n_rows, sizeof *b->rows, by_unit);
    if (rc == 0 && g->ask->branches) {
        b->under = g->under;
        rc = rebranch_board(g->f, &g->home->unit, b, e);
        board_rows_done(b);
    }
    return rc;
}

/* In a list of boards only those are shown that ask somebody, and are due or have a report. */
static bool is_due(const struct growing *g) {
    return g->any_row &&
           (g->any_first || (g->board.due != INSTANT_NONE && g->board.due <= g->ask->at));
}

int reboard_all(const struct fold *f, const struct recontact_home *home, const struct ask *a,
                struct board **ret_boards, uint32_t *ret_n, bool *ret_single, struct err *e) {
    struct ask_slot *slots;
    uint32_t n_slots, n = 0;
    int rc = ask_boards(f, a, &slots, &n_slots, e);
    if (rc != 0)
        return rc;
    struct board *list = mem_zalloc(n_slots, sizeof *list);
    if (!list)
        rc = err_nomem(e);
    for (uint32_t i = 0; rc == 0 && i < n_slots; i++) {
        struct growing g = {.f = f, .home = home, .ask = a, .slot = &slots[i]};
        rc = work_out(&g, e);
        if (rc == 0 && (n_slots == 1 || is_due(&g)))
            list[n++] = g.board;
        else
            board_done(&g.board);
    }
    mem_free(slots);
    if (rc == 0) {
        *ret_boards = list;
        *ret_n = n;
        *ret_single = n_slots == 1;
        return 0;
    }
    for (uint32_t i = 0; i < n; i++)
        board_done(&list[i]);
    mem_free(list);
    return rc;
}
