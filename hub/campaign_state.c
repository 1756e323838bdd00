#include "hub/campaign_state.h"

#include "core/limits.h"
#include "node/append.h"

#define KIBIBYTE 1024u

int campaign_state(struct command *s, uint16_t kind, struct slice payload, struct hash *ret_id,
                   struct err *e) {
    uint64_t weight = LIMIT_CAMPAIGN_RECORD + (uint64_t)payload.len;
    uint64_t room;
    int rc = campaign_shares_room(s->t, &s->actor.id, &room, e);
    if (rc != 0)
        return rc;
    if (weight > room)
        return err_set(e, ERR_REFUSED,
                       "this weighs %u KiB, and of what this hub states of campaigns %u KiB more "
                       "count: nothing was stated; have the hub above issue it, or put a new hub "
                       "in the place of this one (`enrol` there), which has a share of its own",
                       (unsigned)((weight + KIBIBYTE - 1) / KIBIBYTE), (unsigned)(room / KIBIBYTE));
    return append_own(&s->actor, s->t, kind, NULL, payload, s->now, ret_id, e);
}
