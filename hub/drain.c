#include "hub/drain.h"

bool drain_due(const struct drain *d, struct moment now) {
    int64_t since_ms = now.boot_ms - d->asked_ms;
    if (!d->wanted)
        return false;
    if (d->nonce == 0)
        return true;
    if (!d->answered)
        return since_ms >= DRAIN_AGAIN_MS;
    if (!d->settled)
        return false; /* what was asked about is still on its way */
    if (d->proven < d->passed && since_ms >= DRAIN_AGAIN_MS)
        return true; /* the child's clock had not come there yet */
    return since_ms >= DRAIN_ASK_MS || (d->next_due != INSTANT_NONE && now.wall >= d->next_due);
}

void drain_ask(struct drain *d, uint64_t nonce, struct moment now, instant next_due) {
    if (d->next_due != INSTANT_NONE && now.wall >= d->next_due)
        d->passed = d->next_due;
    d->nonce = nonce;
    d->answered = false;
    d->asked_at = now.wall;
    d->asked_ms = now.boot_ms;
    d->next_due = next_due;
    d->settled = false;
    d->proven = INSTANT_NONE;
}

void drain_answered(struct drain *d, const struct uid *outbox, const struct frame_ping *pong) {
    if (d->nonce == 0 || d->answered || pong->nonce != d->nonce ||
        !uid_equal(outbox, &pong->stream))
        return;
    d->answered = true;
    d->end = pong->end;
    d->clock = pong->clock;
}

instant drain_proven(struct drain *d, uint64_t taken) {
    if (!d->answered || taken < d->end)
        return INSTANT_NONE;
    d->settled = true;
    return d->proven = d->clock < d->asked_at ? d->clock : d->asked_at;
}
