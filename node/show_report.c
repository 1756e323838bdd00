#include "node/show_report.h"

#include "core/table.h"
#include "node/words.h"

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
    if (v->reason)
        buf_printf(out, ": %s", v->reason);
}

/* The hub that rejected it has said why already. */
static bool is_said(const struct report_view *r) {
    for (uint32_t i = 0; i < r->n_receipts; i++)
        if (r->receipts[i].reason && strcmp(r->receipts[i].reason, r->reason) == 0)
            return true;
    return false;
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

/* That it came late, and by how much. */
static void show_late(const struct report_view *r, const struct world *w, struct buf *out) {
    char until[INSTANT_TEXT];
    if (!r->late)
        return;
    int32_t days = instant_day(r->counts_at) - instant_day(r->window - 1);
    words_until(r->window, until);
    buf_put_str(out, "; ");
    if (days > 1)
        world_say(w, out, "%d days late: it was due until %s", days, until);
    else if (days == 1)
        world_say(w, out, "one day late: it was due until %s", until);
    else
        world_say(w, out, "late: it was due until %s", until);
    join_line(out);
}

static void short_id(const struct hash *id, char ret_text[HASH_TEXT]) {
    hash_text(id, ret_text);
    ret_text[SHOW_REPORT_ID] = '\0';
}

/* That its machine has said it before, and why that did not count; and what counts if this does
 * not. */
static void show_rivals(const struct report_view *r, const struct world *w, struct buf *out) {
    char id[HASH_TEXT], other[HASH_TEXT], when[INSTANT_TEXT];
    if (!hash_is_zero(&r->restates)) {
        buf_put_str(out, "; ");
        short_id(&r->restates, id);
        world_say(w, out,
                  "says %s again, whose place another copy of this machine's directory had taken",
                  id);
        join_line(out);
    }
    if (!hash_is_zero(&r->rival)) {
        buf_put_str(out, "; ");
        short_id(&r->rival, other);
        if (r->rival_by) {
            instant_text_people(r->rival_at, when);
            world_say(w, out, "%s, of that copy, was received by %s on %s", other, r->rival_by,
                      when);
        } else {
            world_say(w, out, "%s is of that copy", other);
        }
        join_line(out);
        if (r->rival_values > 0) {
            buf_put_str(out, "; ");
            world_say(w, out, "of the values here, %u differ from that one: look over them",
                      r->rival_values);
            join_line(out);
        }
    }
    if (!hash_is_zero(&r->in_force)) {
        buf_put_str(out, "; ");
        short_id(&r->in_force, id);
        world_say(w, out, "it came after the window: %s counts", id);
        join_line(out);
    }
}

/* That this machine, as its directory is, did not state it. */
static void show_return(const struct report_view *r, const struct world *w, struct buf *out) {
    if (!r->came_back)
        return;
    buf_put_str(out, "; ");
    world_say(w, out,
              "the hub gave it back: it was sealed from another copy of this machine's directory, "
              "or before this one was put back");
    join_line(out);
}

void show_report_state(const struct report_view *r, const struct world *w, struct buf *out) {
    if (r->inherited) {
        world_say(w, out, "sealed on the machine before this one");
        join_line(out);
        buf_put_str(out, "; ");
    }
    if (r->n_receipts == 0 && r->state == STATE_QUEUED) {
        world_say(w, out, "queued; no hub has received it yet");
        join_line(out);
    }
    for (uint32_t i = 0; i < r->n_receipts; i++) {
        if (i > 0)
            buf_put_str(out, "; ");
        say_receipt(&r->receipts[i], w, out);
    }
    show_late(r, w, out);
    if (r->state == STATE_WITHDRAWN) {
        buf_put_str(out, "; ");
        world_say(w, out, "withdrawn");
        join_line(out);
    }
    if (r->reason && !is_said(r))
        buf_printf(out, r->n_receipts == 0 && r->state == STATE_REJECTED ? "%s" : ": %s",
                   r->reason);
    if (r->state == STATE_SUPERSEDED) {
        buf_put_str(out, "; ");
        world_say(w, out, "a later revision took its place");
        join_line(out);
    }
    show_return(r, w, out);
    show_rivals(r, w, out);
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
    bool reconstructed = false, unchecked = false, copied = false, back = false;
    for (uint32_t i = 0; i < n; i++) {
        reconstructed |= list[i].reconstructed;
        unchecked |= list[i].registration_unchecked;
        copied |= !hash_is_zero(&list[i].restates);
        back |= list[i].came_back;
    }
    if (reconstructed)
        world_say(w, out, "Some criteria are reconstructed from what other documents cite.");
    if (unchecked)
        world_say(w, out, "registration: not checked");
    if (copied)
        world_say(w, out,
                  "Two copies of one machine's directory were in use: the board of the hub says "
                  "which report counts. Where both still are, stop one, and ask the hub for a "
                  "ticket for it.");
    else if (back)
        world_say(w, out,
                  "Where another copy of this machine's directory is still in use, stop one, and "
                  "ask the hub for a ticket for it.");
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
