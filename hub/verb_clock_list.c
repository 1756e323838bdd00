#include "core/mem.h"
#include "core/table.h"
#include "hub/hub_call.h"
#include "hub/verbs.h"
#include "node/mends.h"
#include "proto/json.h"
#include "proto/kinds.h"

#include <stdio.h>
#include <stdlib.h>

#define SPAN_GAP_MS ((int64_t)7 * MS_PER_DAY) /* receipts further apart are of two spans */

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

static int collect(struct hub_call *s, struct doubted **ret_list, size_t *ret_n, struct err *e) {
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
    *ret_list = (void *)list.data; /* from mem_realloc, so aligned */
    if (*ret_n > 1)
        qsort(*ret_list, *ret_n, sizeof **ret_list, by_hub);
    return 0;
}

/* The code of the unit of the hub `actor`. */
static const char *unit_of(struct hub_call *s, const struct hash *actor) {
    struct member m;
    return roster_find(s->t, actor, 1, &m) ? catalog_code(&s->actor.catalog, &m.unit) : "?";
}

/* The spans of the `n` at `list`, in its place in `out`. */
static void make_spans(struct hub_call *s, const struct doubted *list, size_t n, struct buf *out) {
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

static int put_json(const struct span *list, size_t n, struct buf *out, struct err *e) {
    struct json *j;
    int rc = json_new(&j, e);
    if (rc != 0)
        return rc;
    json_begin_list(j, NULL);
    for (size_t i = 0; i < n; i++) {
        json_begin_object(j, NULL);
        json_put_text(j, "unit", list[i].unit);
        json_put_hash(j, "hub", &list[i].hub);
        json_put_instant(j, "from", list[i].from);
        json_put_instant(j, "until", list[i].until);
        json_put_int(j, "receipts", list[i].receipts);
        json_put_int(j, "mended", list[i].mended);
        json_end(j);
    }
    json_end(j);
    rc = json_print(j, out, e);
    buf_put_u8(out, '\n');
    json_free(j);
    return rc;
}

static int show(const struct world *w, const struct span *list, size_t n, struct buf *out,
                struct err *e) {
    const struct table_column columns[] = {
        {world_tr(w, N_("hub")), TABLE_LEFT},
        {world_tr(w, N_("from")), TABLE_LEFT},
        {world_tr(w, N_("until")), TABLE_LEFT},
        {world_tr(w, N_("receipts")), TABLE_RIGHT},
        {world_tr(w, N_("of them mended")), TABLE_RIGHT},
    };
    struct table *t;
    int rc = table_new(columns, sizeof columns / sizeof *columns, &t, e);
    if (rc != 0)
        return rc;
    for (size_t i = 0; rc == 0 && i < n; i++) {
        char from[INSTANT_TEXT], until[INSTANT_TEXT], receipts[16], mended[16];
        instant_text(list[i].from, from);
        instant_text(list[i].until, until);
        (void)snprintf(receipts, sizeof receipts, "%u", list[i].receipts);
        (void)snprintf(mended, sizeof mended, "%u", list[i].mended);
        const char *cells[] = {list[i].unit, from, until, receipts, mended};
        rc = table_row(t, TABLE_TOP, cells, NULL, e);
    }
    if (rc == 0)
        rc = table_render(t, 0, out, e);
    table_free(t);
    return rc;
}

static int list_spans(struct hub_call *s, struct err *e) {
    struct verb_call *call = s->call;
    struct doubted *list = NULL;
    size_t n = 0;
    struct buf spans;
    int rc = collect(s, &list, &n, e);
    if (rc != 0)
        return rc;
    buf_init(&spans);
    make_spans(s, list, n, &spans);
    const struct span *all = (void *)spans.data;
    size_t count = spans.len / sizeof *all;
    if (spans.failed)
        rc = err_nomem(e);
    else
        rc = call->json ? put_json(all, count, &call->out, e)
                        : show(call->world, all, count, &call->out, e);
    if (rc == 0 && count == 0 && !call->json)
        world_say(call->world, &call->words, "no receipt here doubts its hub's clock");
    buf_done(&spans);
    mem_free(list);
    return rc;
}

static int run(struct verb_call *call, struct err *e) {
    struct hub_call s;
    int rc = hub_call_open(&s, call, false, e);
    if (rc == 0)
        rc = list_spans(&s, e);
    hub_call_done(&s);
    return rc;
}

const struct verb hub_verb_clock_list = {
    .name = "clock list",
    .flags = VERB_JSON,
    .help = N_("when which hub doubted its clock, and whether that was mended"),
    .run = run,
};
