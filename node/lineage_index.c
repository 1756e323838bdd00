#include "node/lineage_index.h"

#include "core/index.h"
#include "core/list.h"
#include "core/mem.h"
#include "core/record.h"

#include <string.h>

struct lineage_index {
    struct index by_name; /* of `latest` */
    uint32_t n;
    struct catalog_campaign **latest;
};

struct name {
    const struct uid *issuer;
    const char *id;
};

static int by_name(const void *arg, const void *key, uint32_t value) {
    const struct lineage_index *x = arg;
    const struct name *name = key;
    const struct catalog_campaign *k = x->latest[value];
    int order = uid_cmp(name->issuer, &k->issuer);
    return order != 0 ? order : strcmp(name->id, k->c.id);
}

static bool is_later(const struct catalog_campaign *a, const struct catalog_campaign *b) {
    if (a->c.version != b->c.version)
        return a->c.version > b->c.version;
    return record_later(a->epoch, a->seq, b->epoch, b->seq);
}

void lineage_index_free(struct lineage_index *x) {
    if (!x)
        return;
    index_done(&x->by_name);
    mem_free(x->latest);
    mem_free(x);
}

static int make(struct lineage_index **x, struct err *e) {
    struct lineage_index *new = mem_zalloc(1, sizeof *new);
    if (!new)
        return err_nomem(e);
    index_init(&new->by_name, by_name, new);
    *x = new;
    return 0;
}

int lineage_index_add(struct lineage_index **x, struct catalog_campaign *k, struct err *e) {
    const struct name name = {&k->issuer, k->c.id};
    uint32_t at;
    if (!*x && make(x, e) != 0)
        return ERR_NOMEM;
    struct lineage_index *in = *x;
    if (index_find(&in->by_name, &name, &at)) {
        if (is_later(k, in->latest[at]))
            in->latest[at] = k;
        return 0;
    }
    if (list_grow(&in->latest, in->n, sizeof *in->latest, e) != 0 ||
        index_reserve(&in->by_name, e) != 0)
        return ERR_NOMEM;
    in->latest[in->n] = k;
    index_insert(&in->by_name, &name, in->n++);
    return 0;
}

struct catalog_campaign *lineage_index_latest(const struct lineage_index *x,
                                              const struct uid *issuer, const char *id) {
    const struct name name = {issuer, id};
    uint32_t at;
    return x && index_find(&x->by_name, &name, &at) ? x->latest[at] : NULL;
}
