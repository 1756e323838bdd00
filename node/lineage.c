#include "node/lineage.h"

#include "core/mem.h"

#include <string.h>

void lineages_done(struct lineages *l) {
    mem_free(l->list);
    *l = (struct lineages){0};
}

/* Templates ask for nothing; and the issuer's subtree and this actor's have to overlap, some day:
 * what was due before a unit was moved stays. */
static bool is_open(const struct actor *a, const struct catalog_campaign *k) {
    return !campaign_is_template(&k->c) && (catalog_ever_under(&a->catalog, &a->unit, &k->issuer) ||
                                            catalog_ever_under(&a->catalog, &k->issuer, &a->unit));
}

int lineages_open(const struct actor *a, struct lineages *ret_lineages, struct err *e) {
    const struct catalog *c = &a->catalog;
    struct lineages l = {.list = mem_zalloc(c->n_campaigns, sizeof *l.list)};
    if (!l.list)
        return err_nomem(e);
    for (uint32_t i = 0; i < c->n_campaigns; i++) {
        struct catalog_campaign *k = c->campaigns[i];
        if (catalog_latest(c, &k->issuer, k->c.id) == k && is_open(a, k))
            l.list[l.n++] = k;
    }
    *ret_lineages = l;
    return 0;
}

const char *lineage_code(const struct catalog *c, const struct catalog_campaign *k, day on) {
    const struct unit_fact *f = units_at(c->units, &k->issuer, on);
    return f ? f->code : catalog_code(c, &k->issuer);
}

static bool is_called(const struct catalog *c, const struct catalog_campaign *k, const char *name,
                      day on) {
    const char *slash = strchr(name, '/');
    if (!slash)
        return strcmp(name, k->c.id) == 0;
    const char *code = lineage_code(c, k, on);
    size_t n = (size_t)(slash - name);
    return strcmp(slash + 1, k->c.id) == 0 && strlen(code) == n && memcmp(code, name, n) == 0;
}

void lineages_keep(struct lineages *l, const struct catalog *c, const char *name, day on) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->n; i++)
        if (!name || is_called(c, l->list[i], name, on))
            l->list[n++] = l->list[i];
    l->n = n;
}

/* By issuer, then id; a list of campaigns is short. */
static void sort(struct lineages *l, const struct catalog *c, day on) {
    for (uint32_t i = 1; i < l->n; i++)
        for (uint32_t k = i; k > 0; k--) {
            struct catalog_campaign *a = l->list[k - 1], *b = l->list[k];
            int order = strcmp(lineage_code(c, a, on), lineage_code(c, b, on));
            if (order == 0)
                order = strcmp(a->c.id, b->c.id);
            if (order <= 0)
                break;
            l->list[k - 1] = b;
            l->list[k] = a;
        }
}

void lineages_list(struct lineages *l, const struct catalog *c, day on, struct buf *words) {
    sort(l, c, on);
    for (uint32_t i = 0; i < l->n; i++)
        buf_printf(words, "%s/%s\n", lineage_code(c, l->list[i], on), l->list[i]->c.id);
}
