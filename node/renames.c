#include "node/renames.h"

#include "core/list.h"
#include "core/mem.h"
#include "proto/kinds.h"
#include "proto/payload_act.h"
#include "proto/payload_campaign.h"

void renames_done(struct renames *n) {
    mem_free(n->ids);
    *n = (struct renames){0};
}

int renames_add(struct renames *n, const struct hash *from, const struct hash *to, struct err *e) {
    if (list_grow(&n->ids, n->n, sizeof *n->ids, e) != 0)
        return ERR_NOMEM;
    n->ids[n->n][0] = *from;
    n->ids[n->n++][1] = *to;
    return 0;
}

bool renames_carry(const struct renames *n, struct hash *id) {
    for (uint32_t i = 0; i < n->n; i++)
        if (hash_equal(&n->ids[i][0], id))
            return *id = n->ids[i][1], true;
    return false;
}

/* Each of these: the payload of `r` with references to what was stated again carried over, into
 * `out`; nothing where it names nothing of the kind, or its author garbled it. */
static int rewrite_report(const struct renames *n, const struct record *r, struct buf *out,
                          struct err *e) {
    struct arena a;
    struct payload_report p;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    int rc = payload_report_decode(r->payload, &a, &p, NULL);
    if (rc == 0)
        rc = renames_carry(n, &p.subjects) ? payload_report_encode(&p, out, e) : 0;
    else
        rc = rc == ERR_NOMEM ? err_nomem(e) : 0;
    arena_done(&a);
    return rc;
}

static int rewrite_withdrawal(const struct renames *n, const struct record *r, struct buf *out,
                              struct err *e) {
    struct arena a;
    struct payload_withdrawal p;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    int rc = payload_withdrawal_decode(r->payload, &a, &p, NULL);
    if (rc == 0)
        rc = renames_carry(n, &p.record) ? payload_withdrawal_encode(&p, out, e) : 0;
    else
        rc = rc == ERR_NOMEM ? err_nomem(e) : 0;
    arena_done(&a);
    return rc;
}

static int rewrite_campaign(const struct renames *n, const struct record *r, struct buf *out,
                            struct err *e) {
    struct campaign p = {0};
    bool any = false;
    int rc = campaign_decode(r->payload, &p, NULL);
    if (rc != 0)
        return rc == ERR_NOMEM ? err_nomem(e) : 0;
    for (uint32_t i = 0; i < p.n_parents; i++)
        any |= renames_carry(n, &p.parents[i].record);
    rc = any ? campaign_encode(&p, out, e) : 0;
    campaign_done(&p);
    return rc;
}

int renames_payload(const struct renames *n, const struct record *r, struct buf *out,
                    struct err *e) {
    int rc = 0;
    if (r->h.kind == KIND_REPORT)
        rc = rewrite_report(n, r, out, e);
    else if (r->h.kind == KIND_WITHDRAWAL)
        rc = rewrite_withdrawal(n, r, out, e);
    else if (r->h.kind == KIND_CAMPAIGN)
        rc = rewrite_campaign(n, r, out, e);
    if (rc == 0 && out->len == 0)
        buf_put(out, r->payload.data, r->payload.len);
    return rc == 0 && out->failed ? err_nomem(e) : rc;
}
