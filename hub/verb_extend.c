#include "core/mem.h"
#include "hub/extend.h"
#include "hub/hub_call.h"
#include "hub/triples.h"
#include "hub/verbs.h"
#include "node/why.h"
#include "node/words.h"

#define MS_PER_MINUTE 60000

static int read_until(const struct verb_call *call, instant *ret_until, struct err *e) {
    const char *text = verb_text(call, "until");
    if (!instant_parse_end(text, ret_until))
        return err_set(e, ERR_USAGE,
                       "--until: “%s” is neither a last day nor an instant: write 31/12/2023, or "
                       "31/12/2023 17:00",
                       text);
    if (*ret_until % MS_PER_MINUTE != 0) /* nobody is shown more */
        return err_set(e, ERR_USAGE,
                       "--until: “%s” has seconds: give whole minutes, as 31/12/2023 17:00", text);
    return 0;
}

/* Whom: `--unit`, `--under` or `--group`, of which the verb table lets exactly one through. */
static int read_scope(struct command *s, struct extend *x, struct err *e) {
    const char *unit = verb_text(s->call, "unit"), *under = verb_text(s->call, "under");
    x->scope = unit ? ACT_SCOPE_UNIT : under ? ACT_SCOPE_UNDER : ACT_SCOPE_GROUP;
    x->name = unit ? unit : under ? under : verb_text(s->call, "group");
    if (x->scope == ACT_SCOPE_GROUP)
        return 0;
    const struct unit_fact *f;
    int rc = hub_call_unit(s, x->name, &f, e);
    if (rc != 0)
        return rc;
    if (!catalog_ever_under(&s->actor.catalog, &f->id, &s->actor.unit))
        return err_set(e, ERR_REFUSED, "unit %s is not below this hub's unit", x->name);
    x->unit = f->id;
    return 0;
}

/* Of several reports, those that nobody whom `x` names is asked for are not meant. */
static int keep_asked(struct command *s, struct extend *x, struct triples *l, struct err *e) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->n; i++) {
        bool asks;
        x->q = &l->list[i];
        int rc = extend_asks(&s->actor, x, &asks, e);
        if (rc != 0)
            return rc;
        if (asks)
            l->list[n++] = l->list[i];
    }
    l->n = n > 0 ? n : l->n;
    return 0;
}

/* The one report that is meant by `x`, into it; several are listed. */
static int find_query(struct command *s, struct extend *x, struct triples *l, struct err *e) {
    struct verb_call *call = s->call;
    struct triples_asked asked = {.campaign = verb_text(call, "campaign"),
                                  .period = verb_text(call, "period"),
                                  .kind = verb_text(call, "kind"),
                                  .at = s->now};
    int rc = triples_find(&s->actor, &asked, l, &call->words, e);
    if (rc == 0 && l->n > 1)
        rc = keep_asked(s, x, l, e);
    x->q = l->list;
    if (rc != 0 || l->n == 1)
        return rc;
    for (uint32_t i = 0; i < l->n; i++) {
        const struct board_query *q = &l->list[i];
        buf_printf(&call->words, "%s/%s %s %s\n",
                   catalog_code(&s->actor.catalog, &q->campaign->issuer), q->campaign->c.id,
                   q->period->id, report_kind_text(q->rule->kind));
    }
    return err_set(e, ERR_USAGE,
                   "several reports can be meant: give --campaign, --period and --kind of one of "
                   "those listed");
}

static void tell(struct command *s, const struct extend *x, const struct extended_unit *list,
                 uint32_t n, uint32_t passed) {
    struct verb_call *call = s->call;
    const struct board_query *q = x->q;
    const char *kind = words_kind(call->world, q->rule->kind);
    char until[INSTANT_TEXT], late[INSTANT_TEXT], id[HASH_TEXT];
    day whole;
    words_until(x->until, until);
    words_instant(x->until, late);
    world_say(call->world, &call->words, "an extension cannot be taken back or shortened");
    for (uint32_t i = 0; i < n; i++) {
        hash_text(&list[i].record, id);
        if (call->dry_run)
            buf_printf(&call->out, "%s\n", list[i].code);
        else
            buf_printf(&call->out, "%s %s\n", list[i].code, id);
    }
    if (n == 1 && call->dry_run)
        world_say(call->world, &call->words, "%s %s, %s: unit %s would have until %s",
                  q->campaign->c.id, q->period->id, kind, list[0].code, until);
    else if (n == 1)
        world_say(call->world, &call->words, "%s %s, %s: unit %s has until %s", q->campaign->c.id,
                  q->period->id, kind, list[0].code, until);
    else if (call->dry_run)
        world_say(call->world, &call->words, "%s %s, %s: %u units would have until %s",
                  q->campaign->c.id, q->period->id, kind, n, until);
    else
        world_say(call->world, &call->words, "%s %s, %s: %u units have until %s", q->campaign->c.id,
                  q->period->id, kind, n, until);
    if (day_parse(verb_text(call, "until"), &whole))
        world_say(call->world, &call->words, "that day counts to its end, Viet Nam time");
    else
        world_say(call->world, &call->words,
                  "what arrives at %s or later, Viet Nam time, is too late", late);
    if (passed == 1)
        world_say(call->world, &call->words, "one unit has that much time already");
    else if (passed > 0)
        world_say(call->world, &call->words, "%u units have that much time already", passed);
}

static int extend(struct command *s, struct extend *x, struct err *e) {
    struct extended_unit *list = NULL;
    uint32_t n, passed;
    int rc = extend_find(&s->actor, s->t, x, &list, &n, &passed, e);
    if (rc != 0)
        return rc;
    rc = extend_state(&s->actor, s->t, x, list, n, s->now, e);
    if (rc == 0)
        tell(s, x, list, n, passed);
    mem_free(list);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    struct command s = {0};
    struct triples l = {0};
    struct why why = {0};
    struct extend x = {.over_a_year = verb_flag(call, "over-a-year")};
    int rc = command_begin(call, ROLE_HUB, COMMAND_STATE, &s, e);
    if (rc == 0)
        rc = why_read(call, &why, &x.reason, e);
    if (rc == 0)
        rc = read_until(call, &x.until, e);
    if (rc == 0)
        rc = read_scope(&s, &x, e);
    if (rc == 0)
        rc = find_query(&s, &x, &l, e);
    if (rc == 0)
        rc = extend(&s, &x, e);
    triples_done(&l);
    why_done(&why);
    return command_end(&s, rc, e);
}

static const struct verb_option options[] = {
    {.name = "campaign", .value = "ID", .help = N_("of this campaign (UNIT/ID where ambiguous)")},
    {.name = "period", .value = "P", .help = N_("of this period")},
    {.name = "kind", .value = "KIND", .help = N_("of this kind of report")},
    {.name = "unit", .value = "CODE", .one_of = 1, .help = N_("for this unit")},
    {.name = "under",
     .value = "CODE",
     .one_of = 1,
     .help = N_("for all asked in this unit and below")},
    {.name = "group", .value = "G", .one_of = 1, .help = N_("for all asked in this peer group")},
    {.name = "until",
     .value = "INSTANT",
     .required = true,
     .help = N_("the last day, or the first instant that is too late")},
    {.name = "over-a-year",
     .kind = OPTION_FLAG,
     .help = N_("that this is more than a year after the due date is meant")},
    {.name = "reason", .value = "TEXT", .required = true, .help = N_("why")},
    {.name = NULL},
};

const struct verb hub_verb_extend = {
    .name = "extend",
    .flags = VERB_DRY_RUN,
    .options = options,
    .help = N_("give units more time for a report, before its due date or after"),
    .run = run,
};
