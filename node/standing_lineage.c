#include "node/standing_lineage.h"

#include "node/slots.h"
#include "node/standing_book.h"
#include "proto/payload_act.h"
#include "proto/payload_campaign.h"
#include "proto/payload_profile.h"

#include <stdio.h>
#include <string.h>

/* Whether a campaign that is held inherits from `record`. */
static bool is_parent(const struct catalog *c, const struct hash *record) {
    for (uint32_t i = 0; i < c->n_campaigns; i++) {
        const struct campaign *k = &c->campaigns[i]->c;
        for (uint32_t p = 0; p < k->n_parents; p++)
            if (hash_equal(&k->parents[p].record, record))
                return true;
    }
    return false;
}

static void take(struct standing_lineage *l, const char *campaign) {
    (void)snprintf(l->campaign, sizeof l->campaign, "%s", campaign);
}

/* The campaign that `r` names into `ret_lineage`; what its author garbled names none. */
static int read_name(const struct record *r, struct standing_lineage *ret_lineage, struct err *e) {
    struct campaign k;
    struct profile p;
    struct payload_campaign_assign assign;
    struct payload_campaign_withdraw end;
    struct arena a;
    int rc = ERR_CORRUPT;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    if (r->h.kind == KIND_CAMPAIGN && (rc = campaign_decode(r->payload, &k, NULL)) == 0) {
        take(ret_lineage, k.id);
        campaign_done(&k);
    } else if (r->h.kind == KIND_PROFILE && (rc = profile_decode(r->payload, &p, NULL)) == 0) {
        take(ret_lineage, p.campaign);
        profile_done(&p);
    } else if (r->h.kind == KIND_CAMPAIGN_ASSIGN &&
               (rc = payload_campaign_assign_decode(r->payload, &a, &assign, NULL)) == 0) {
        take(ret_lineage, assign.campaign);
    } else if (r->h.kind == KIND_CAMPAIGN_WITHDRAW &&
               (rc = payload_campaign_withdraw_decode(r->payload, &a, &end, NULL)) == 0) {
        take(ret_lineage, end.campaign);
    }
    arena_done(&a);
    return rc == ERR_NOMEM ? err_nomem(e) : 0;
}

int standing_lineage_of(const struct catalog *c, struct txn *t, const struct record *r,
                        struct standing_lineage *ret_lineage, bool *ret_one, struct err *e) {
    struct member author;
    struct standing_lineage l = {.campaign = ""};
    bool one = roster_find(t, &r->h.actor, r->h.epoch, &author) && roster_stands(t, &r->h) &&
               !is_parent(c, &r->id);
    int rc = one ? read_name(r, &l, e) : 0;
    if (rc != 0)
        return rc;
    if (one)
        l.issuer = author.unit;
    *ret_lineage = l;
    *ret_one = one;
    return 0;
}

/* Take all rows of `id` out of `table`; false: there are more than `left`. */
static bool clear(struct txn *t, enum store_table table, const struct standing_id *id,
                  uint32_t *left) {
    struct walk w;
    struct slice key;
    bool found;
    do {
        struct key gone = {.n = 0};
        walk_init(&w, t, table, slice_of(id->b, sizeof id->b));
        found = walk_next(&w, &key, NULL);
        if (found)
            key_put(&gone, key.data, key.len);
        walk_done(&w); /* no write while a walk is open */
        if (found && *left == 0)
            return false;
        if (found) {
            --*left;
            txn_delete(t, table, key_slice(&gone));
        }
    } while (found);
    return true;
}

bool standing_lineage_forget(struct txn *t, const struct standing_lineage *lineage,
                             uint32_t *left) {
    struct slot_place place;
    struct standing_id last = {{0}};
    bool more = slots_first(t, &lineage->issuer, lineage->campaign, &place);
    while (more && *left > 0) {
        struct standing_id id = standing_id_of(&place.slot);
        if (memcmp(&id, &last, sizeof id) != 0 &&
            (!clear(t, TABLE_STANDINGS, &id, left) || !clear(t, TABLE_PLACES, &id, left)))
            return false;
        last = id;
        slots_touch(t, &place.slot);
        *left -= *left > 0;
        struct key at = place.key;
        more = slots_after(t, key_slice(&at), &place) &&
               uid_equal(&place.slot.issuer, &lineage->issuer) &&
               strcmp(place.campaign, lineage->campaign) == 0;
    }
    return !more;
}
