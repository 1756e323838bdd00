#include "audit/finding.h"

#include "core/list.h"
#include "core/mem.h"

void findings_done(struct findings *f) {
    mem_free(f->list);
    *f = (struct findings){0};
}

struct err *findings_at(struct findings *f, const struct hash *record) {
    return findings_at_entry(f, record, 0, 0);
}

struct err *findings_at_entry(struct findings *f, const struct hash *record, uint64_t entry,
                              size_t at) {
    f->total++;
    err_clear(&f->ignored);
    if (f->n == FINDINGS_KEPT)
        return &f->ignored;
    if (list_grow(&f->list, f->n, sizeof *f->list, NULL) != 0) {
        f->failed = true;
        return &f->ignored;
    }
    struct finding *new = &f->list[f->n++];
    *new = (struct finding){.entry = entry, .at = at};
    if (record)
        new->record = *record;
    return &new->what;
}
