#include "audit/conflict.h"

#include "audit/redisplaced.h"

static void put_one(struct json *j, const struct verify *v, const struct entry *x) {
    const struct record_header *h = &x->r.h;
    json_begin_object(j, NULL);
    json_put_text(j, "unit", fold_code(&v->fold, &x->author->unit, DAY_LATEST));
    json_put_hash(j, "actor", &h->actor);
    json_put_int(j, "epoch", h->epoch);
    json_put_uid(j, "lane", &h->lane);
    json_put_int(j, "seq", (int64_t)h->seq);
    if (x->instead)
        json_put_hash(j, "record", &x->instead->r.id);
    else
        json_put_null(j, "record");
    json_put_hash(j, "other", &x->r.id);
    json_put_bool(j, "receipted", redisplaced_receipted(&v->fold, &x->r.id));
    json_end(j);
}

void conflict_put_all(struct json *j, const struct verify *v) {
    json_begin_list(j, "conflicts");
    for (uint32_t i = 0; i < v->ledger.n; i++)
        if (v->ledger.list[i].displaced)
            put_one(j, v, &v->ledger.list[i]);
    json_end(j);
}

static void say_one(struct verb_call *call, const struct verify *v, const struct entry *x) {
    bool receipted = redisplaced_receipted(&v->fold, &x->r.id);
    char id[HASH_TEXT], other[HASH_TEXT];
    hash_text(&x->r.id, id);
    hash_text(x->instead ? &x->instead->r.id : &x->r.h.prev, other);
    world_say(call->world, &call->words,
              x->instead
                  ? N_("conflict: %s, by the machine of unit %s: number %llu of its epoch %u "
                       "is %s in this file; this one counts for nothing")
                  : N_("conflict: %s, by the machine of unit %s: number %llu of its epoch "
                       "%u builds on %s, whose place another has; it counts for nothing"),
              id, fold_code(&v->fold, &x->author->unit, DAY_LATEST), (unsigned long long)x->r.h.seq,
              (unsigned)x->r.h.epoch, other);
    if (receipted)
        world_say(call->world, &call->words, "conflict: %s was receipted, and displaced since", id);
}

void conflict_say(struct verb_call *call, const struct verify *v, uint32_t most) {
    const struct ledger *l = &v->ledger;
    uint32_t said = 0;
    for (uint32_t i = 0; i < l->n && said < most; i++) {
        if (!l->list[i].displaced)
            continue;
        say_one(call, v, &l->list[i]);
        said++;
    }
    if (l->n_displaced > 0)
        world_say(call->world, &call->words,
                  "%u records stand beside what their authors have in their places: a copied or "
                  "restored directory, or a stolen key; they are evidence, and no fault of whoever "
                  "made the file",
                  l->n_displaced);
}
