#include "core/mem.h"
#include "hub/hub_call.h"
#include "hub/listing.h"
#include "hub/verbs.h"
#include "node/mends.h"
#include "proto/kinds.h"
#include "proto/payload_act.h"
#include "store/log.h"

#include <stdio.h>
#include <stdlib.h>

#define SPAN_GAP_MS ((int64_t)7 * MS_PER_DAY) /* receipts further apart are of two spans */

#define COLUMNS 5
static const struct table_column columns[COLUMNS] = {
    {N_("hub"), TABLE_LEFT},
    {N_("from"), TABLE_LEFT},
    {N_("until"), TABLE_LEFT},
    {N_("receipts"), TABLE_RIGHT},
    {N_("of them mended"), TABLE_RIGHT},
};

/* One receipt whose hub doubted its clock. */
struct doubted {
    struct hash issuer;
    instant shown;
    bool mended;
};

/* Those of one hub that stand close together. */
struct span {
    const char *unit; /* of the hub; the catalog's */
    struct hash hub;
    instant from, until;
    uint32_t receipts, mended;
};

static int by_hub(const void *pa, const void *pb) {
    const struct doubted *a = pa, *b = pb;
    int order = hash_cmp(&a->issuer, &b->issuer);
    return order != 0 ? order : (a->shown > b->shown) - (a->shown < b->shown);
}

static int collect(struct command *s, struct doubted **ret_list, size_t *ret_n, struct err *e) {
    struct receipt_walk w;
    struct receipt_row row;
    struct hash record;
    struct mends mends;
    struct buf list;
    int rc = mends_load(&s->actor, s->t, &mends, e);
    if (rc != 0)
        return rc;
    buf_init(&list);
    views_receipts_all(&w, s->t);
    while (views_receipts_next_of(&w, &record, &row)) {
        instant at;
        struct doubted x = {row.issuer, row.received_at, false};
        if (!row.clock_doubt)
            continue;
        x.mended = mends_apply(&mends, &record, &row, &at);
        buf_put(&list, &x, sizeof x);
    }
    views_receipts_done(&w);
    mends_done(&mends);
    if (list.failed) {
        buf_done(&list);
        return err_nomem(e);
    }
    *ret_n = list.len / sizeof **ret_list;
    *ret_list = buf_items(&list);
    if (*ret_n > 1)
        qsort(*ret_list, *ret_n, sizeof **ret_list, by_hub);
    return 0;
}

/* The code of the unit of the hub `actor`; of a key of the root that it is one. */
static const char *unit_of(struct command *s, const struct hash *actor) {
    struct member m;
    if (!roster_find(s->t, actor, 1, &m))
        return "?";
    return m.by == BY_ROOT_KEY ? world_tr(s->call->world, N_("root key"))
                               : catalog_code(&s->actor.catalog, &m.unit);
}

/* The spans of the `n` at `list`, in its place in `out`. */
static void make_spans(struct command *s, const struct doubted *list, size_t n, struct buf *out) {
    struct span x = {0};
    for (size_t i = 0; i < n; i++) {
        bool more =
            i > 0 && hash_equal(&x.hub, &list[i].issuer) && list[i].shown - x.until <= SPAN_GAP_MS;
        if (!more && i > 0)
            buf_put(out, &x, sizeof x);
        if (!more)
            x = (struct span){
                .unit = unit_of(s, &list[i].issuer), .hub = list[i].issuer, .from = list[i].shown};
        x.until = list[i].shown + 1;
        x.receipts++;
        x.mended += list[i].mended;
    }
    if (n > 0)
        buf_put(out, &x, sizeof x);
}

static void put_object(struct json *j, const struct span *x) {
    json_begin_object(j, NULL);
    json_put_text(j, "unit", x->unit);
    json_put_hash(j, "hub", &x->hub);
    json_put_instant(j, "from", x->from);
    json_put_instant(j, "until", x->until);
    json_put_int(j, "receipts", x->receipts);
    json_put_int(j, "mended", x->mended);
    json_end(j);
}

static int put_row(struct table *t, const struct span *x, struct err *e) {
    char from[INSTANT_TEXT], until[INSTANT_TEXT], receipts[16], mended[16];
    instant_text_people(x->from, from);
    instant_text_people(x->until, until);
    (void)snprintf(receipts, sizeof receipts, "%u", x->receipts);
    (void)snprintf(mended, sizeof mended, "%u", x->mended);
    const char *cells[COLUMNS] = {x->unit, from, until, receipts, mended};
    return table_row(t, TABLE_TOP, cells, NULL, e);
}

static int put_all(void *arg, struct table *t, struct json *j, struct err *e) {
    const struct buf *spans = arg;
    const struct span *list = buf_items(spans);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < spans->len / sizeof *list; i++) {
        if (j)
            put_object(j, &list[i]);
        else
            rc = put_row(t, &list[i], e);
    }
    return rc;
}

/* `ms` as --shift takes it, `-1d12h`, into `out`. */
static const char *shift_text(int64_t ms, char out[32]) {
    uint64_t n = (uint64_t)(ms < 0 ? -ms : ms) / 1000;
    const struct {
        char unit;
        uint64_t n;
    } parts[] = {{'d', n / 86400}, {'h', n / 3600 % 24}, {'m', n / 60 % 60}, {'s', n % 60}};
    int len = snprintf(out, 32, "%s", ms < 0 ? "-" : "+");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].n > 0 || (n == 0 && parts[i].unit == 's'))
            len += snprintf(out + len, 32 - (size_t)len, "%llu%c", (unsigned long long)parts[i].n,
                            parts[i].unit);
    return out;
}

/* One signed act that mends a clock: whose, how far off it was, who says so, and why. */
static int say_mend(struct command *s, const struct mend *m, struct buf *out, struct err *e) {
    const struct world *w = s->call->world;
    struct payload_clock_mend p;
    struct record r;
    struct arena arena;
    int rc = log_get(s->t, &m->act, &r, e);
    if (rc != 0)
        return rc;
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    rc = payload_clock_mend_decode(r.payload, &arena, &p, e);
    if (rc == 0) {
        const char *why = payload_act_words(&p.reason);
        char from[INSTANT_TEXT], until[INSTANT_TEXT], shift[32];
        instant_text_people(m->from, from);
        instant_text_people(m->until, until);
        world_say_with(w, out, why ? why : "?",
                       "what the clock of %s showed from %s to %s counts %s, by the word of %s:",
                       unit_of(s, &m->actor), from, until, shift_text(m->shift_ms, shift),
                       unit_of(s, &r.h.actor));
    }
    arena_done(&arena);
    return rc;
}

/* Below the table: every mend that counts, of receipts that doubted or did not. */
static int say_mends(struct command *s, struct buf *out, struct err *e) {
    struct mends mends;
    int rc = mends_load(&s->actor, s->t, &mends, e);
    if (rc != 0)
        return rc;
    for (uint32_t i = 0; rc == 0 && i < mends.n; i++)
        rc = say_mend(s, &mends.list[i], out, e);
    mends_done(&mends);
    return rc;
}

static int list_spans(struct command *s, struct err *e) {
    struct verb_call *call = s->call;
    struct doubted *list = NULL;
    size_t n = 0;
    struct buf spans;
    int rc = collect(s, &list, &n, e);
    if (rc != 0)
        return rc;
    buf_init(&spans);
    make_spans(s, list, n, &spans);
    rc = spans.failed ? err_nomem(e) : listing_print(call, columns, COLUMNS, put_all, &spans, e);
    if (rc == 0 && !call->json)
        rc = say_mends(s, &call->out, e);
    if (rc == 0 && spans.len == 0 && !call->json)
        world_say(call->world, &call->words, "no receipt here doubts its hub's clock");
    buf_done(&spans);
    mem_free(list);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    struct command s = {0};
    int rc = command_begin(call, ROLE_HUB, COMMAND_READ, &s, e);
    if (rc == 0)
        rc = list_spans(&s, e);
    return command_end(&s, rc, e);
}

const struct verb hub_verb_clock_list = {
    .name = "clock list",
    .flags = VERB_JSON,
    .help = N_("when which hub doubted its clock, and whether that was mended"),
    .run = run,
};
