#include "node/show_report.h"

#include "core/table.h"

#include <stdio.h>
#include <string.h>

/* Take the line feed of what was just said back: more is to stand in the same line. */
static void join_line(struct buf *out) {
    if (!out->failed && out->len > 0)
        out->len--;
}

/* That the instant of `v` is not to be taken as it stands. */
static void say_clock(const struct receipt_view *v, const struct world *w, struct buf *out) {
    char when[INSTANT_TEXT];
    if (v->mended_at != INSTANT_NONE) {
        instant_text_people(v->mended_at, when);
        buf_put_str(out, ", ");
        world_say(w, out, "by a clock since mended: counts as %s", when);
        join_line(out);
    } else if (v->clock_doubt) {
        buf_put_str(out, ", ");
        world_say(w, out, "by a clock in doubt");
        join_line(out);
    }
}

static void say_receipt(const struct receipt_view *v, const struct world *w, struct buf *out) {
    char when[INSTANT_TEXT];
    const char *unit = v->unit ? v->unit : "?";
    instant_text_people(v->received_at, when);
    switch (v->state) {
    case RECEIPT_HELD:
        world_say(w, out, "held by %s since %s, not judged yet", unit, when);
        break;
    case RECEIPT_VALID:
        world_say(w, out, "received by %s on %s", unit, when);
        break;
    case RECEIPT_REJECTED:
        world_say(w, out, "rejected by %s on %s", unit, when);
        break;
    }
    join_line(out);
    say_clock(v, w, out);
}

/* That a report of an earlier version of its campaign stays what it is. */
static void show_version(const struct report_view *r, const struct world *w, struct buf *out) {
    if (r->state != STATE_RECEIVED || r->version == r->latest_version)
        return;
    buf_put_str(out, "; ");
    world_say(w, out, "sealed under version %u of the campaign, %u is in force: it stays valid",
              r->version, r->latest_version);
    join_line(out);
}

void show_report_state(const struct report_view *r, const struct world *w, struct buf *out) {
    if (r->inherited) {
        world_say(w, out, "sealed on the machine before this one");
        join_line(out);
        buf_put_str(out, "; ");
    }
    if (r->n_receipts == 0) {
        world_say(w, out, "queued; no hub has received it yet");
        join_line(out);
    }
    for (uint32_t i = 0; i < r->n_receipts; i++) {
        if (i > 0)
            buf_put_str(out, "; ");
        say_receipt(&r->receipts[i], w, out);
    }
    if (r->state == STATE_WITHDRAWN) {
        buf_put_str(out, "; ");
        world_say(w, out, "withdrawn");
        join_line(out);
    }
    if (r->reason)
        buf_printf(out, ": %s", r->reason);
    if (r->state == STATE_SUPERSEDED) {
        buf_put_str(out, "; ");
        world_say(w, out, "a later revision took its place");
        join_line(out);
    }
    show_version(r, w, out);
}

static int add_row(struct table *t, const struct report_view *r, const struct world *w,
                   struct err *e) {
    char id[HASH_TEXT], revision[16], when[INSTANT_TEXT];
    struct buf state;
    hash_text(&r->report, id);
    id[SHOW_REPORT_ID] = '\0';
    (void)snprintf(revision, sizeof revision, "%u", r->revision);
    instant_text_people(r->sealed_at, when);
    buf_init(&state);
    show_report_state(r, w, &state);
    const char *words = buf_cstr(&state);
    const char *kind = report_kind_text(r->kind);
    const char *cells[] = {id,       r->unit, r->campaign, r->period, kind ? world_tr(w, kind) : "",
                           revision, when,    words};
    int rc = words ? table_row(t, TABLE_TOP, cells, NULL, e) : err_nomem(e);
    buf_done(&state);
    return rc;
}

/* What is to be known of the reports below their table. */
static void say_remarks(const struct report_view *list, uint32_t n, const struct world *w,
                        struct buf *out) {
    bool reconstructed = false, unchecked = false;
    for (uint32_t i = 0; i < n; i++) {
        reconstructed |= list[i].reconstructed;
        unchecked |= list[i].registration_unchecked;
    }
    if (reconstructed)
        world_say(w, out, "Some criteria are reconstructed from what other documents cite.");
    if (unchecked)
        world_say(w, out, "registration: not checked");
}

int show_reports(const struct report_view *list, uint32_t n, const struct world *w, struct buf *out,
                 struct err *e) {
    const struct table_column columns[] = {
        {world_tr(w, N_("report")), TABLE_LEFT},
        {world_tr(w, N_("unit")), TABLE_LEFT},
        {world_tr(w, N_("campaign")), TABLE_LEFT},
        {world_tr(w, N_("period")), TABLE_LEFT},
        {world_tr(w, N_("report kind")), TABLE_LEFT},
        {world_tr(w, N_("revision")), TABLE_RIGHT},
        {world_tr(w, N_("sealed")), TABLE_LEFT},
        {world_tr(w, N_("what became of it")), TABLE_LEFT},
    };
    struct table *t = NULL;
    int rc = table_new(columns, sizeof columns / sizeof *columns, &t, e);
    for (uint32_t i = 0; rc == 0 && i < n; i++)
        rc = add_row(t, &list[i], w, e);
    if (rc == 0)
        rc = table_render(t, 0, out, e);
    if (rc == 0)
        say_remarks(list, n, w, out);
    table_free(t);
    return rc;
}
