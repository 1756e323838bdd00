#include "tests/unit/fixture_ledger.h"

#include "audit/ledger.h"

#include <stdlib.h>

struct fixture_ledger {
    struct ledger l;
    struct findings findings;
};

struct fixture_ledger *fixture_ledger_new(const struct buf *file, const struct hash *root) {
    struct fixture_ledger *l = calloc(1, sizeof *l);
    struct bundle_reader r;
    if (!l)
        abort();
    ledger_init(&l->l, root, &l->findings);
    if (bundle_reader_init(buf_slice(file), &r, NULL) != 0 || ledger_load(&l->l, &r, NULL) != 0 ||
        ledger_trust(&l->l, NULL) != 0)
        abort();
    return l;
}

void fixture_ledger_free(struct fixture_ledger *l) {
    ledger_done(&l->l);
    findings_done(&l->findings);
    free(l);
}

bool fixture_ledger_member(const struct fixture_ledger *l, const struct hash *actor, uint32_t epoch,
                           struct hash *ret_record, bool *ret_ended) {
    const struct member *m = ledger_member(&l->l, actor, epoch);
    if (!m || !ledger_stands(&l->l, m))
        return false;
    *ret_record = m->record;
    *ret_ended = ledger_ended(&l->l, m);
    return true;
}

bool fixture_ledger_counts(const struct fixture_ledger *l, const struct hash *record) {
    const struct entry *x = ledger_find(&l->l, record);
    return x && x->author && x->good && ledger_stands(&l->l, x->author);
}

uint32_t fixture_ledger_findings(const struct fixture_ledger *l, const struct hash *record) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->findings.n; i++)
        n += !record || hash_equal(&l->findings.list[i].record, record);
    return n;
}
