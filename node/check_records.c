#include "node/check_walks.h"

#include "node/check.h"
#include "proto/kinds.h"
#include "store/key.h"
#include "store/log.h"

static bool signature_holds(struct actor *a, struct txn *t, const struct record *r) {
    struct member author;
    if (roster_find(t, &r->h.actor, r->h.epoch, &author))
        return record_verify(r, &author.sign_key);
    bool own =
        hash_equal(&r->h.actor, &a->id) && r->h.epoch == a->epoch; /* not enrolled here yet */
    return own && record_verify(r, key_pair_public(a->sign));
}

static void check_record(struct actor *a, struct txn *t, struct slice key, struct slice bytes,
                         struct findings *f) {
    struct hash id;
    struct record r;
    struct err why;
    err_init(&why);
    struct reader k = reader_of(key);
    reader_copy(&k, id.b, HASH_BYTES);
    f->records++;
    if (k.failed || k.left != 0)
        check_findings_add(f, NULL, "a record is stored under no id");
    else if (record_parse(bytes, &r, &why) != 0)
        check_findings_add(f, &id, "the bytes are no record any more");
    else if (!hash_equal(&r.id, &id))
        check_findings_add(f, &id, "the bytes are another record");
    else if (!signature_holds(a, t, &r) && !roster_overruled(t, &r.h))
        check_findings_add(f, &id, "the signature does not hold, or nobody enrolled the author");
    else if (r.erased && kind_rule(r.h.kind) && !kind_rule(r.h.kind)->erasable)
        check_findings_add(f, &id, "the payload is missing, though this kind may not be erased");
}

static void check_fork(struct slice key, struct slice bytes, struct findings *f) {
    struct record r;
    struct key want = {.n = 0};
    f->rows++;
    if (record_parse(bytes, &r, NULL) != 0) {
        check_findings_add(f, NULL, "a fork kept as evidence is no record any more");
        return;
    }
    key_hash(&want, &r.h.actor);
    key_u32(&want, r.h.epoch);
    key_uid(&want, &r.h.lane);
    key_u64(&want, r.h.seq);
    key_hash(&want, &r.id);
    if (!slice_equal(key, key_slice(&want)))
        check_findings_add(f, &r.id, "a fork kept as evidence stands in the wrong place");
}

int check_records(struct actor *a, struct txn *t, struct findings *f, struct err *e) {
    struct walk w;
    struct slice k, v;
    uint64_t total = txn_count(t, TABLE_RECORDS);
    walk_init(&w, t, TABLE_RECORDS, slice_of(NULL, 0));
    while (walk_next(&w, &k, &v)) {
        world_progress(f->world, N_("checking records"), f->records, total);
        check_record(a, t, k, v, f);
    }
    walk_done(&w);
    walk_init(&w, t, TABLE_FORKS, slice_of(NULL, 0));
    while (walk_next(&w, &k, &v))
        check_fork(k, v, f);
    walk_done(&w);
    return txn_failed(t, e);
}
