#include "node/show_assign.h"

#include "core/mem.h"

#include <stdlib.h>
#include <string.h>

static int by_unit(const void *pa, const void *pb, void *catalog) {
    const struct change_assign *a = *(const struct change_assign *const *)pa,
                               *b = *(const struct change_assign *const *)pb;
    int order = strcmp(catalog_code(catalog, &a->unit), catalog_code(catalog, &b->unit));
    return order != 0 ? order : changes_compare(a, b);
}

struct campaign_assign *show_assign_find(const struct catalog *c, const struct catalog_campaign *k,
                                         uint32_t *ret_n) {
    const struct changes *all = &c->changes;
    const struct change_assign **own = mem_zalloc(all->n_assigns, sizeof *own);
    struct campaign_assign *list = mem_zalloc(all->n_assigns, sizeof *list);
    uint32_t n = 0;
    for (uint32_t i = 0; own && list && i < all->n_assigns; i++)
        if (uid_equal(&all->assigns[i].issuer, &k->issuer) &&
            strcmp(all->assigns[i].campaign, k->c.id) == 0)
            own[n++] = &all->assigns[i];
    if (n > 1)
        qsort_r(own, n, sizeof *own, by_unit, (void *)(uintptr_t)c);
    for (uint32_t i = 0; i < n; i++)
        list[i] = (struct campaign_assign){.unit = catalog_code(c, &own[i]->unit),
                                           .exempt = own[i]->exempt,
                                           .from = own[i]->from,
                                           .until = own[i]->until,
                                           .why = own[i]->why};
    *ret_n = n;
    if (!own) {
        mem_free(list);
        list = NULL;
    }
    mem_free(own);
    return list;
}

static void put_day(const struct world *w, const char *word, day d, struct buf *out) {
    char text[INSTANT_TEXT];
    if (d == DAY_NONE)
        return;
    day_text_people(d, text);
    buf_printf(out, "; %s %s", world_tr(w, word), text);
}

void show_assign_lines(const struct campaign_assign *list, uint32_t n, const struct world *w,
                       struct buf *out) {
    if (n > 0)
        buf_printf(out, "\n%s\n", world_tr(w, N_("Asked or exempt by name, the last one holds")));
    for (uint32_t i = 0; i < n; i++) {
        buf_printf(out, "  %s; %s", list[i].unit,
                   list[i].exempt ? world_tr(w, N_("exempt")) : world_tr(w, N_("asked")));
        put_day(w, N_("from"), list[i].from, out);
        put_day(w, N_("until, not included:"), list[i].until, out);
        if (list[i].why)
            buf_printf(out, "; %s", list[i].why);
        buf_put_u8(out, '\n');
    }
}
