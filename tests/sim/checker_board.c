/* Boards, held against plain rules. */
#include "hub/board.h"
#include "tests/sim/checker.h"
#include "tests/sim/office.h"

#include <stdlib.h>
#include <string.h>

/* One board that is looked at. */
struct looking {
    struct sim *sim;
    struct plain_asked q;
    bool at_end, clocks_right, whole; /* whole: no directory was lost so far */
};

static void wrong(struct looking *l, const struct board_row *row, const char *what) {
    sim_violate(l->sim, "5 boards", "%s's board of %s's campaign, %s, %s row %s (%s): %s",
                l->q.hub->code, l->q.issuer->code, l->q.interim ? "interim" : "annual",
                l->at_end ? "at the end," : "", row->unit, slot_state_text(row->state), what);
}

/* The machine that the unit called `code` belongs to. */
static struct machine *find_unit(struct sim *sim, const char *code, bool *ret_below) {
    *ret_below = code[0] == 'b' || code[0] == 'l';
    uint32_t index = (uint32_t)strtoul(code + 1, NULL, 10);
    return index < sim->n ? &sim->machines[index] : NULL;
}

/* Whether no hub lies between the unit and the hub that is asked. */
static bool is_direct(const struct looking *l) {
    const struct machine *u = l->q.unit, *h = l->q.hub;
    if (u == h)
        return true;
    return !u->is_hub && u->parent == h->index;
}

/* Nothing is held: whether it may be called missing. */
static void check_missing(struct looking *l, const struct board_row *row) {
    struct plain_asked truth = l->q;
    truth.t = NULL;
    if (row->state == SLOT_UNKNOWN) {
        if ((l->at_end && l->clocks_right) || is_direct(l))
            wrong(l, row, "every hub between has sent on all that it had");
        return;
    }
    if (row->state != SLOT_MISSING) {
        wrong(l, row, "should be missing or unknown");
        return;
    }
    /* Until the window that this hub knows of: that another version moved it may be on its way. */
    struct plain_slot true_slot = checker_slot(l->sim, &truth);
    struct plain_slot known_slot = checker_slot(l->sim, &l->q);
    if (true_slot.effective && true_slot.received_at < known_slot.window && l->clocks_right &&
        l->whole)
        wrong(l, row, "a hub below had received it in time, and was not heard since");
}

static void check_received(struct looking *l, const struct board_row *row,
                           const struct plain_slot *s) {
    const struct machine *by = &l->sim->machines[s->by];
    if (row->state != s->state)
        wrong(l, row, slot_state_text(s->state));
    else if (!hash_equal(&row->report, &s->effective->id))
        wrong(l, row, "another revision counts");
    else if (row->received_at != s->received_at)
        wrong(l, row, "received at another instant");
    else if (!row->by || strcmp(row->by, by->code) != 0)
        wrong(l, row, "received by another hub");
    else if (s->shown ? !hash_equal(&row->shown, &s->shown->id) : !hash_is_zero(&row->shown))
        wrong(l, row, "another revision came after the window");
}

static void check_row(struct looking *l, const struct board_row *row) {
    l->q.unit = find_unit(l->sim, row->unit, &l->q.below);
    if (!l->q.unit || !sim_under(l->q.unit, l->q.hub) || !sim_under(l->q.unit, l->q.issuer) ||
        (l->q.unit == l->q.issuer && !l->q.below)) {
        wrong(l, row, "nobody asks this unit");
        return;
    }
    struct plain_slot s = checker_slot(l->sim, &l->q);
    if (s.state == SLOT_EXEMPT || row->state == SLOT_EXEMPT) {
        if (s.state != row->state)
            wrong(l, row, slot_state_text(s.state));
    } else if (s.effective) {
        check_received(l, row, &s);
    } else if (s.state == SLOT_NOT_DUE) {
        if (row->state != SLOT_NOT_DUE)
            wrong(l, row, "it is not due yet");
    } else {
        check_missing(l, row);
    }
}

/* How many units a whole board has. */
static uint32_t rows_of(const struct looking *l) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->sim->n; i++) {
        const struct machine *m = &l->sim->machines[i];
        if (sim_under(m, l->q.hub) && sim_under(m, l->q.issuer))
            n += m == l->q.issuer ? 1u : 2u;
    }
    return n;
}

static void check_board(struct looking *l, const struct contacts *contacts) {
    struct actor *a = &l->q.hub->actor;
    struct board board;
    struct err e = {0};
    struct catalog_campaign *k = catalog_latest(&a->catalog, &l->q.issuer->unit, OFFICE_CAMPAIGN);
    if (!k) {
        if (l->at_end)
            sim_violate(l->sim, "5 boards", "%s lacks the campaign of %s", l->q.hub->code,
                        l->q.issuer->code);
        return;
    }
    struct board_query query = {
        .campaign = k,
        .period = campaign_period(&k->c, l->q.issuer->issue.period),
        .rule = campaign_report(&k->c, l->q.interim ? REPORT_INTERIM : REPORT_ANNUAL),
        .at = l->q.at};
    if (board_compute(a, l->q.t, contacts, &query, &board, &e) != 0) {
        sim_broken(l->sim, "a board", &e);
        return;
    }
    if (l->at_end && board.n_rows != rows_of(l))
        sim_violate(l->sim, "5 boards", "%s's board of %s's campaign has %u rows, not %u",
                    l->q.hub->code, l->q.issuer->code, board.n_rows, rows_of(l));
    for (uint32_t i = 0; i < board.n_rows; i++)
        check_row(l, &board.rows[i]);
    board_done(&board);
}

static bool all_clocks_right(const struct sim *sim) {
    for (uint32_t i = 0; i < sim->n_hubs; i++)
        if (sim->machines[i].shifted)
            return false;
    return true;
}

void checker_boards(struct sim *sim, struct machine *m, struct txn *t, bool at_end) {
    struct looking l = {.sim = sim,
                        .q = {.hub = m, .t = t, .at = sim_moment(m).wall},
                        .at_end = at_end,
                        .clocks_right = all_clocks_right(sim),
                        .whole = sim->n_struck == 0};
    struct contacts contacts;
    struct err e = {0};
    if (contacts_load(&m->actor, t, l.q.at, &contacts, &e) != 0) {
        sim_broken(sim, "contacts", &e);
        return;
    }
    for (uint32_t i = 0; i < sim->n_hubs; i++) {
        struct machine *issuer = &sim->machines[i];
        if (!issuer->issue.planned || !(sim_under(m, issuer) || sim_under(issuer, m)))
            continue;
        l.q.issuer = issuer;
        for (int interim = 0; interim < 2; interim++) {
            l.q.interim = interim != 0;
            check_board(&l, &contacts);
        }
    }
    contacts_done(&contacts);
}

void checker_look(struct sim *sim, struct machine *m) {
    struct txn *t;
    struct err e = {0};
    if (!m->up || !m->joined || m->actor.spent)
        return; /* one that lacks records of its own judges nothing, until it signs again */
    sim_say(sim, "%s: a look at its boards", m->code);
    if (actor_begin(&m->actor, false, &t, &e) != 0) {
        sim_broken(sim, "a look", &e);
        return;
    }
    if (txn_count(t, TABLE_ARRIVALS) == 0) /* else it has not judged yet what came meanwhile */
        checker_boards(sim, m, t, false);
    actor_abort(&m->actor, t);
}
