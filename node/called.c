#include "node/called.h"

#include "core/mem.h"
#include "node/names.h"
#include "proto/payload.h"
#include "store/key.h"
#include "store/log.h"

static struct key row_key(const struct uid *lane, const struct uid *subject) {
    struct key k = {.n = 0};
    key_uid(&k, lane);
    key_uid(&k, subject);
    return k;
}

/* The subject that `r` names; ERR_REFUSED if it says nothing. */
static int read_subject(const struct record *r, struct uid *ret_subject) {
    struct payload_name p;
    struct arena a;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    int rc = r->erased ? ERR_REFUSED : payload_name_decode(r->payload, &a, &p, NULL);
    if (rc == 0)
        *ret_subject = p.subject;
    arena_done(&a);
    return rc == 0 || rc == ERR_NOMEM ? rc : ERR_REFUSED;
}

int called_enter(struct txn *t, const struct record *r, struct err *e) {
    struct uid subject;
    int rc = read_subject(r, &subject);
    if (rc != 0)
        return rc == ERR_NOMEM ? err_nomem(e) : 0;
    struct key k = row_key(&r->h.lane, &subject);
    key_hash(&k, &r->id);
    txn_put(t, TABLE_CALLED, key_slice(&k), slice_of(NULL, 0));
    return 0;
}

int called_find(struct txn *t, const struct uid *lane, const struct uid *subject,
                const struct hash *report, char **ret_name, struct err *e) {
    struct key prefix = row_key(lane, subject);
    struct names names = {0};
    struct walk w;
    struct slice k;
    struct buf ids;
    buf_init(&ids);
    walk_init(&w, t, TABLE_CALLED, key_slice(&prefix));
    while (walk_next(&w, &k, NULL))
        buf_put(&ids, k.data + prefix.n, k.len - prefix.n);
    walk_done(&w);
    int rc = ids.failed ? err_nomem(e) : txn_failed(t, e);
    if (rc == 0)
        rc = names_load_of(t, buf_slice(&ids), &names, e);
    if (rc == 0)
        rc = names_find(&names, t, lane, subject, report, ret_name, e);
    names_done(&names);
    buf_done(&ids);
    return rc;
}

bool called_holds(struct txn *t) {
    struct log_walk w;
    struct hash id;
    uint64_t n = 0;
    bool holds = true;
    log_walk_init(&w, t, KIND_SUBJECT_NAME, 0);
    while (holds && log_walk_next(&w, NULL, &id)) {
        struct record r;
        struct uid subject;
        if (log_get(t, &id, &r, NULL) != 0 || read_subject(&r, &subject) != 0)
            continue;
        struct key k = row_key(&r.h.lane, &subject);
        key_hash(&k, &id);
        holds = txn_get(t, TABLE_CALLED, key_slice(&k), NULL);
        n++;
    }
    log_walk_done(&w);
    return holds && n == txn_count(t, TABLE_CALLED);
}
