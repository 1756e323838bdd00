#include "core/limits.h"
#include "core/mem.h"
#include "hub/clock_mend.h"
#include "hub/founding_key.h"
#include "hub/hub_call.h"
#include "hub/listing.h"
#include "hub/verbs.h"
#include "node/reading.h"
#include "node/why.h"
#include "node/words.h"
#include "proto/kinds.h"
#include "store/log.h"

#include <stdio.h>
#include <string.h>

/* ---- what is asked ---- */

static int read_instant(const struct verb_call *call, const char *option, instant *ret_instant,
                        struct err *e) {
    const char *text = verb_text(call, option);
    bool is_end = strcmp(option, "until") == 0;
    if (is_end ? instant_parse_end(text, ret_instant) : instant_parse(text, ret_instant))
        return 0;
    return err_set(e, ERR_USAGE,
                   "--%s: “%s” is no instant: write 31/12/2023 17:00 or "
                   "2023-12-31T17:00:00+07:00",
                   option, text);
}

/* `+1d2h3m4s`, `-90s`: a sign, then numbers with d, h, m or s. Without one, which way is meant? */
static bool parse_shift(const char *text, int64_t *ret_ms) {
    static const struct {
        char unit;
        int64_t ms;
    } units[] = {{'d', MS_PER_DAY}, {'h', 3600000}, {'m', 60000}, {'s', 1000}};
    bool minus = *text == '-', is_signed = minus || *text == '+';
    int64_t ms = 0;
    text += is_signed;
    if (!*text)
        return false;
    while (*text) {
        int64_t n = 0;
        const char *digits = text;
        for (; *text >= '0' && *text <= '9' && text - digits < 10; text++)
            n = n * 10 + (*text - '0');
        size_t u = 0;
        while (u < sizeof units / sizeof *units && units[u].unit != *text)
            u++;
        if (text == digits || u == sizeof units / sizeof *units)
            return false;
        if (n > LIMIT_CLOCK_SHIFT_MS / units[u].ms)
            return false;
        ms += n * units[u].ms;
        text++;
        if (ms > LIMIT_CLOCK_SHIFT_MS)
            return false;
    }
    *ret_ms = minus ? -ms : ms;
    return is_signed || ms == 0;
}

/* How far off: told, or by what the clock showed once and when that was. */
static int read_shift(const struct verb_call *call, int64_t *ret_ms, struct err *e) {
    const char *shift = verb_text(call, "shift"), *was = verb_text(call, "was");
    instant showed, meant;
    if (shift && was)
        return err_set(e, ERR_USAGE, "--was goes with --showed, not with --shift");
    if (shift)
        return parse_shift(shift, ret_ms)
                   ? 0
                   : err_set(e, ERR_USAGE,
                             "--shift: “%s” is no time span of at most 100 years with its sign: "
                             "write -10d where the clock was ahead by that, +90m where it was "
                             "behind, or -1d12h",
                             shift);
    if (!was)
        return err_set(e, ERR_USAGE, "--showed needs --was: when that really was");
    int rc = read_instant(call, "showed", &showed, e);
    if (rc == 0)
        rc = read_instant(call, "was", &meant, e);
    if (rc == 0 && (meant - showed > LIMIT_CLOCK_SHIFT_MS || showed - meant > LIMIT_CLOCK_SHIFT_MS))
        rc = err_set(e, ERR_USAGE, "--showed and --was are more than 100 years apart");
    if (rc == 0)
        *ret_ms = meant - showed;
    return rc;
}

static int read_asked(const struct verb_call *call, struct clock_mend *m, struct err *e) {
    int rc = read_instant(call, "from", &m->from, e);
    if (rc == 0)
        rc = read_instant(call, "until", &m->until, e);
    if (rc == 0)
        rc = read_shift(call, &m->shift_ms, e);
    if (rc == 0 && m->from >= m->until)
        rc = err_set(e, ERR_USAGE, "--until has to be after --from");
    if (rc == 0 && (m->from + m->shift_ms < INSTANT_MIN || m->until + m->shift_ms > INSTANT_MAX))
        rc = err_set(e, ERR_USAGE, "the mended instants would leave the years 1 to 9999");
    m->all = verb_flag(call, "all");
    return rc;
}

/* ---- what it changes ---- */

/* The lane of `record`, none if it is not held, and the report in it, which lives in `a`; another
 * kind, and what does not decode and was rejected for it, is none. */
static int read_report(struct command *s, const struct hash *record, struct arena *a,
                       struct uid *ret_lane, struct payload_report *ret_report, bool *ret_is_report,
                       struct err *e) {
    struct record r;
    struct err why = {0};
    *ret_lane = (struct uid){0};
    *ret_is_report = false;
    if (!log_has(s->t, record))
        return txn_failed(s->t, e);
    int rc = log_get(s->t, record, &r, e);
    if (rc != 0)
        return rc;
    *ret_lane = r.h.lane;
    if (r.h.kind != KIND_REPORT)
        return 0;
    rc = payload_report_decode(r.payload, a, ret_report, &why);
    *ret_is_report = rc == 0;
    return rc == ERR_NOMEM ? err_nomem(e) : 0;
}

/* The state of the slot that report `record` stands in, and whether it counts there; both stay as
 * they are where it stands in none. */
static int state_of(struct command *s, struct slot_facts *f, const struct hash *record,
                    struct arena *a, struct slot *ret_slot, enum slot_state *ret_state,
                    bool *ret_counts, struct err *e) {
    struct payload_report p;
    struct uid lane;
    bool is_report;
    int rc = read_report(s, record, a, &lane, &p, &is_report, e);
    const struct catalog_campaign *k =
        rc == 0 && is_report ? catalog_campaign(&s->actor.catalog, &p.campaign) : NULL;
    if (!k)
        return rc;
    *ret_slot = (struct slot){k->issuer, k->c.id, p.period, p.kind, p.unit};
    rc = slot_facts_gather(f, ret_slot, e);
    if (rc != 0 || slot_facts_place(f, record) == VERDICT_NONE)
        return rc;
    struct verdict v = slot_facts_verdict(f, &slot_facts_direct, false, SLOT_FACTS_ALL);
    *ret_state = v.state;
    *ret_counts = v.effective == slot_facts_place(f, record);
    return 0;
}

static void tell_change(struct command *s, const struct slot *slot, enum slot_state before,
                        enum slot_state now) {
    const struct world *w = s->call->world;
    world_say(w, &s->call->words, "unit %s, %s %s: %s, was %s",
              catalog_code(&s->actor.catalog, &slot->unit), slot->campaign, slot->period,
              words_state(w, now), words_state(w, before));
}

/* Note the state of the slot of each touched report; or, with `changed`, tell of those that count
 * in a slot whose state is another than was noted. */
static int look(struct command *s, const struct clock_touched *list, uint32_t n, struct buf *note,
                uint32_t *changed, struct err *e) {
    struct slot_facts f;
    int rc = slot_facts_begin(&f, &s->actor, s->t, e);
    const uint8_t *before = note->data;
    for (uint32_t i = 0; rc == 0 && i < n; i++) {
        struct arena a;
        struct slot slot;
        enum slot_state state = SLOT_EXEMPT;
        bool counts = false;
        arena_init(&a, PAYLOAD_ARENA_BYTES);
        rc = state_of(s, &f, &list[i].record, &a, &slot, &state, &counts, e);
        if (!changed)
            buf_put_u8(note, (uint8_t)state);
        else if (counts && before[i] != state) {
            ++*changed;
            tell_change(s, &slot, before[i], state);
        }
        arena_done(&a);
    }
    slot_facts_done(&f);
    return rc == 0 && note->failed ? err_nomem(e) : rc;
}

/* What is to be said of one touched receipt. */
struct touched {
    const char *unit, *campaign; /* empty: it is no report */
    char *period;
    uint32_t revision; /* 0: it is no report */
    instant before, after;
};

/* What `x` is about, as far as it is a report; the period lives in `a`. */
static int look_at(struct command *s, const struct clock_mend *m, const struct clock_touched *x,
                   struct arena *a, struct touched *ret_touched, struct err *e) {
    static char none[] = "";
    struct touched out = {"", "", none, 0, x->before, x->shown + m->shift_ms};
    struct payload_report p;
    struct uid lane;
    bool is_report;
    int rc = read_report(s, &x->record, a, &lane, &p, &is_report, e);
    if (rc != 0)
        return rc;
    if (is_report || !uid_is_zero(&lane))
        out.unit = catalog_code(&s->actor.catalog, is_report ? &p.unit : &lane);
    if (is_report) {
        const struct catalog_campaign *k = catalog_campaign(&s->actor.catalog, &p.campaign);
        out.campaign = k ? k->c.id : "";
        out.period = p.period;
        out.revision = p.revision;
    }
    *ret_touched = out;
    return 0;
}

static int add_touched(struct table *t, const struct touched *x, struct err *e) {
    char revision[16] = "", before[INSTANT_TEXT], after[INSTANT_TEXT];
    if (x->revision > 0)
        (void)snprintf(revision, sizeof revision, "%u", x->revision);
    const char *cells[] = {x->unit,
                           x->campaign,
                           x->period,
                           revision,
                           words_instant(x->before, before),
                           words_instant(x->after, after)};
    return table_row(t, TABLE_TOP, cells, NULL, e);
}

static void print_touched(struct json *j, const struct clock_touched *list,
                          const struct touched *x) {
    json_begin_object(j, NULL);
    json_put_hash(j, "record", &list->record);
    json_put_text(j, "unit", x->unit);
    json_put_text(j, "campaign", *x->campaign ? x->campaign : NULL);
    json_put_text(j, "period", *x->period ? x->period : NULL);
    json_put_int(j, "revision", x->revision);
    json_put_instant(j, "received_at", list->shown);
    json_put_instant(j, "counted_as", x->before);
    json_put_instant(j, "counts_as", x->after);
    json_end(j);
}

/* What is listed: the `n` touched ones. */
struct touched_list {
    struct command *s;
    const struct clock_mend *m;
    const struct clock_touched *list;
    uint32_t n;
};

static int each_touched(void *arg, struct table *t, struct json *j, struct err *e) {
    const struct touched_list *l = arg;
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < l->n; i++) {
        struct arena a;
        arena_init(&a, PAYLOAD_ARENA_BYTES);
        struct touched x;
        rc = look_at(l->s, l->m, &l->list[i], &a, &x, e);
        if (rc == 0 && t)
            rc = add_touched(t, &x, e);
        else if (rc == 0)
            print_touched(j, &l->list[i], &x);
        arena_done(&a);
    }
    return rc;
}

static int put_touched(struct command *s, const struct clock_mend *m,
                       const struct clock_touched *list, uint32_t n, struct err *e) {
    static const struct table_column columns[] = {
        {N_("unit"), TABLE_LEFT},       {N_("campaign"), TABLE_LEFT},
        {N_("period"), TABLE_LEFT},     {N_("revision"), TABLE_RIGHT},
        {N_("counted as"), TABLE_LEFT}, {N_("counts as"), TABLE_LEFT},
    };
    struct touched_list l = {s, m, list, n};
    return listing_print(s->call, columns, sizeof columns / sizeof *columns, each_touched, &l, e);
}

/* Nothing was received later than now: the sign, or the span, is wrong. */
static int check_past(const struct clock_mend *m, const struct clock_touched *list, uint32_t n,
                      struct err *e) {
    char shown[INSTANT_TEXT], meant[INSTANT_TEXT];
    for (uint32_t i = 0; i < n; i++)
        if (list[i].shown + m->shift_ms > m->now)
            return err_set(e, ERR_REFUSED,
                           "a receipt of %s would count as %s, which is still to come: give the "
                           "shift the other sign, - where that clock was ahead",
                           words_instant(list[i].shown, shown),
                           words_instant(list[i].shown + m->shift_ms, meant));
    return 0;
}

static void tell(struct command *s, uint32_t n, uint32_t changed, uint32_t acts) {
    struct verb_call *call = s->call;
    if (call->dry_run)
        world_say(call->world, &call->words,
                  "%u receipts would count at another instant, and %u verdicts change", n, changed);
    else
        world_say(call->world, &call->words,
                  "%u receipts count at another instant, and %u verdicts changed: stated in %u "
                  "records",
                  n, changed, acts);
}

/* ---- the verb ---- */

static int mend(struct command *s, const struct clock_mend *m, struct err *e) {
    const char *code = verb_arg(s->call, 0);
    const struct unit_fact *f;
    struct clock_hubs hubs = {0};
    struct clock_touched *list = NULL;
    uint32_t n = 0, changed = 0, acts = 0;
    struct buf before;
    int rc = hub_call_unit(s, code, &f, e);
    if (rc != 0)
        return rc;
    buf_init(&before);
    rc = clock_mend_hubs(&s->actor, s->t, m, &f->id, f->code, &hubs, e);
    if (rc == 0)
        rc = clock_mend_find(&s->actor, s->t, m, &hubs, &list, &n, e);
    if (rc == 0)
        rc = check_past(m, list, n, e);
    if (rc == 0)
        rc = look(s, list, n, &before, NULL, e);
    if (rc == 0)
        rc = clock_mend_state(&s->actor, s->t, m, &hubs, list, n, &acts, e);
    if (rc == 0)
        rc = look(s, list, n, &before, &changed, e);
    if (rc == 0)
        rc = put_touched(s, m, list, n, e);
    if (rc == 0)
        tell(s, n, changed, acts);
    buf_done(&before);
    mem_free(list);
    clock_mend_hubs_done(&hubs);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    struct command s = {0};
    struct why why = {0};
    struct clock_mend m = {0};
    struct key_seeds seeds = {0};
    int rc =
        command_begin(call, ROLE_HUB, verb_text(call, "key") ? COMMAND_KEY : COMMAND_STATE, &s, e);
    if (rc == 0)
        rc = read_asked(call, &m, e);
    m.now = s.now;
    if (rc == 0)
        rc = why_read(call, &why, &m.reason, e);
    if (rc == 0 && verb_text(call, "key")) {
        rc = founding_key_read(call, &seeds, e);
        m.root_seed = seeds.sign;
    }
    if (rc == 0)
        rc = mend(&s, &m, e);
    if (rc != 0) { /* nothing was done, so nothing is told */
        buf_clear(&call->out);
        buf_clear(&call->words);
    }
    crypto_wipe(&seeds, sizeof seeds);
    why_done(&why);
    return command_end(&s, rc, e);
}

static const struct verb_option options[] = {
    {.name = "from",
     .value = "INSTANT",
     .required = true,
     .help = N_("receipts from this instant on, as that clock showed it")},
    {.name = "until",
     .value = "INSTANT",
     .required = true,
     .help = N_("… to this last day, or before this instant, as it showed it")},
    {.name = "shift",
     .value = "[+-]SPAN",
     .one_of = 1,
     .help = N_("what is to be added to each, with its sign: -3652d, +1h30m")},
    {.name = "showed",
     .value = "INSTANT",
     .one_of = 1,
     .help = N_("instead: what that clock once showed …")},
    {.name = "was", .value = "INSTANT", .help = N_("… and when that really was")},
    {.name = "all",
     .kind = OPTION_FLAG,
     .help = N_("also receipts that do not doubt the clock (only those that do)")},
    {.name = "key",
     .value = "FILE",
     .help = N_("root.key or recovery.key, for the clock of the root hub")},
    FOUNDING_KEY_PASSPHRASE,
    {.name = "reason", .value = "TEXT", .required = true, .help = N_("why")},
    {.name = NULL},
};

const struct verb hub_verb_clock_mend = {
    .name = "clock mend",
    .args = "CODE",
    .min_args = 1,
    .max_args = 1,
    .flags = VERB_JSON | VERB_DRY_RUN,
    .options = options,
    .help = N_("state how wrong a hub's clock was; its receipts count accordingly"),
    .run = run,
};
