#include "audit/redisplaced.h"

#include "core/list.h"
#include "core/mem.h"
#include "core/search.h"
#include "proto/kinds.h"

#include <stdlib.h>

static int by_record(const void *a, const void *b) {
    const struct redisplaced_word *x = a, *y = b;
    return hash_cmp(&x->record, &y->record);
}

static int word_of(const void *record, const void *word) {
    return hash_cmp(record, &((const struct redisplaced_word *)word)->record);
}

static int receipt_of(const void *record, const void *receipt) {
    return hash_cmp(record, &((const struct fold_receipt *)receipt)->says.record);
}

/* The first line that names `record`, of those that stand; `n_receipts` if none does. */
static uint32_t first_of(const struct fold *f, const struct hash *record) {
    return search_first(record, f->receipts, f->n_receipts, sizeof *f->receipts, receipt_of);
}

/* What cannot be read says nothing. */
static int read_words(struct redisplaced *d, const struct entry *x, struct err *e) {
    struct arena a;
    struct err why = {0};
    struct payload_receipt p;
    int rc = 0;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    int read = payload_receipt_decode(x->r.payload, &a, &p, &why);
    for (uint32_t i = 0; read == 0 && rc == 0 && i < p.n; i++) {
        rc = list_grow(&d->words, d->n, sizeof *d->words, e);
        if (rc == 0)
            d->words[d->n++] =
                (struct redisplaced_word){p.entries[i].record, x->r.h.actor, x->r.h.epoch};
    }
    arena_done(&a);
    return read == ERR_NOMEM ? err_nomem(e) : rc;
}

int redisplaced_init(const struct fold *f, const struct member *exporter, struct redisplaced *ret,
                     struct err *e) {
    const struct ledger *l = f->l;
    struct redisplaced d = {.f = f, .exporter = exporter};
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && l->n_displaced > 0 && i < l->n; i++) {
        const struct entry *x = &l->list[i];
        if (x->displaced && x->r.h.kind == KIND_RECEIPT &&
            x->r.h.payload_version == PAYLOAD_VERSION)
            rc = read_words(&d, x, e);
    }
    if (d.n > 1)
        qsort(d.words, d.n, sizeof *d.words, by_record);
    if (rc == 0)
        *ret = d;
    else
        redisplaced_done(&d);
    return rc;
}

void redisplaced_done(struct redisplaced *d) {
    mem_free(d->words);
    *d = (struct redisplaced){0};
}

/* The first epoch in which `hub` receipted `record`; UINT32_MAX: in none. */
static uint32_t first_epoch(const struct redisplaced *d, const struct hash *hub,
                            const struct hash *record) {
    const struct fold *f = d->f;
    uint32_t first = UINT32_MAX;
    for (uint32_t i = first_of(f, record);
         i < f->n_receipts && hash_equal(&f->receipts[i].says.record, record); i++) {
        const struct record_header *h = &f->receipts[i].entry->r.h;
        if (hash_equal(&h->actor, hub) && h->epoch < first)
            first = h->epoch;
    }
    for (uint32_t i = search_first(record, d->words, d->n, sizeof *d->words, word_of);
         i < d->n && hash_equal(&d->words[i].record, record); i++)
        if (hash_equal(&d->words[i].hub, hub) && d->words[i].epoch < first)
            first = d->words[i].epoch;
    return first;
}

bool redisplaced_excused(const struct redisplaced *d, const struct fold_receipt *r) {
    const struct hash *hub = &r->entry->r.h.actor;
    return !d->exporter || !hash_equal(hub, &d->exporter->actor) ||
           first_epoch(d, hub, &r->says.record) < d->exporter->epoch;
}

/* Whether the hub of `r` receipts `record`, by what stands, in the epoch of `r` too. */
static bool takes(const struct fold *f, const struct fold_receipt *r, const struct hash *record) {
    const struct record_header *h = &r->entry->r.h;
    for (uint32_t i = first_of(f, record);
         i < f->n_receipts && hash_equal(&f->receipts[i].says.record, record); i++) {
        const struct record_header *other = &f->receipts[i].entry->r.h;
        if (hash_equal(&other->actor, &h->actor) && other->epoch == h->epoch)
            return true;
    }
    return false;
}

/* Whether the hub of `r` receipts both what that names and `other` in the epoch of `r`, and neither
 * in an earlier one. */
static bool took_both(const struct redisplaced *d, const struct fold_receipt *r,
                      const struct hash *other) {
    const struct record_header *h = &r->entry->r.h;
    return takes(d->f, r, other) && first_epoch(d, &h->actor, &r->says.record) == h->epoch &&
           first_epoch(d, &h->actor, other) == h->epoch;
}

static struct err *against(const struct redisplaced *d, const struct fold_receipt *r) {
    r->entry->good = false;
    return findings_at(d->f->l->findings, &r->entry->r.id);
}

/* `r` names what is displaced. */
static void check_line(const struct redisplaced *d, const struct fold_receipt *r) {
    const struct entry *instead = r->of->instead;
    char id[HASH_TEXT], other[HASH_TEXT];
    hash_text(&r->says.record, id);
    if (instead && took_both(d, r, &instead->r.id)) {
        hash_text(&instead->r.id, other);
        err_set(against(d, r), ERR_CORRUPT,
                "it receipts %s, and the same hub receipted %s, which has that place: a hub takes "
                "one of two",
                id, other);
    } else if (!redisplaced_excused(d, r)) {
        err_set(against(d, r), ERR_CORRUPT,
                "it receipts %s, whose place another record has in this file, and the hub that "
                "made the file lost nothing since",
                id);
    }
}

void redisplaced_check(const struct redisplaced *d) {
    for (uint32_t i = 0; i < d->f->n_receipts; i++) {
        const struct fold_receipt *r = &d->f->receipts[i];
        if (r->of && r->of->displaced)
            check_line(d, r);
    }
}

bool redisplaced_receipted(const struct fold *f, const struct hash *id) {
    uint32_t at = first_of(f, id);
    return at < f->n_receipts && hash_equal(&f->receipts[at].says.record, id);
}

void redisplaced_warn(const struct fold *f, struct findings *warnings) {
    for (uint32_t i = 0; i < f->n_reports; i++) {
        const struct fold_report *r = &f->reports[i];
        char id[HASH_TEXT];
        if (!r->displaced)
            continue;
        hash_text(&r->displaced->r.id, id);
        err_set(findings_at(warnings, &r->entry->r.id), ERR_CORRUPT,
                "it names %s, in whose place its author has another record: it counts for nothing",
                id);
    }
}
