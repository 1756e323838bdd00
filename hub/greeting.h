/*
 * Greeting: how a connection of a child begins. Who it is, how far both streams have come, and who
 * of the two lacks records that it stated: whoever holds more hands them back by its stream.
 *
 * A child that read of its inbox what is not there says that this hub's store was put back. That is
 * a claim; only a record by this hub that it lacks proves it. So the child is *doubted*: its inbox
 * begins anew, what it brings is taken and nothing of it is receipted. What it holds of this hub's
 * own it puts on its outbox as it is welcomed and as it reads: so the end that it names once it has
 * read all (in the ACK for the last of it, or in its next hello) is behind all that it hands back.
 * Once that is here the hub either is spent (see renewal) or the claim was nothing, and only who
 * made it had to wait. No more is asked of it: a child that comes for a moment would be gone before
 * it could answer. One that is spent itself shows as much by this: it hands back what it has.
 *
 * What a root hub that is spent has to know before its key grants is found out in the same way: who
 * of its children handed back all that they have (`handed` of a child).
 *
 *     read too much ──► doubted ──a record of ours──► spent
 *                          └──it read all, and all that it had then is here──► as before
 */
#ifndef HUB_GREETING_H
#define HUB_GREETING_H

#include "hub/session.h"
#include "node/actor.h"
#include "proto/frame.h"

/* The hub that is greeted, as far as that matters here. */
struct greeted {
    struct actor *actor;
    const struct world *world; /* for stream names only */
    struct sessions *sessions;
    struct post *post;
    const char *program;
};

/* A hello: who sent it, when it was taken from the socket, and what it says. */
struct hello {
    struct sender from;
    struct moment at;
    const struct frame_greeting *said;
};

/* `s` sent `ack`: if it is doubted and has read all of ours now, note where its stream ends. */
void greeting_acknowledged(struct txn *t, struct session *s, const struct frame_ack *ack);
/*
 * Trust again each child of `all` that is doubted, if all that it had when it had read all of ours
 * is here: what of this hub's own was lacking was among that. Whether there was any: its receipts
 * are due from this very step on, and with the last the ACK that it waits for.
 */
bool greeting_settle(struct txn *t, struct sessions *all);
/* Look again whether receipts are due in `t` of what `s` brought while it was doubted: a step
 * states only so many. Once the hub `a` has stated all, or while it may state nothing, the ACK that
 * `s` waits for is due: a hub that was put back needs all that its children have before it goes on,
 * and a child that was, too, asks for its next epoch only then. */
void greeting_look_due(const struct actor *a, struct txn *t, struct session *s);
/* How far the outbox of `s` is acknowledged; its inbox ends at `inbox_end`. Whoever has its outbox
 * up to its end is promised that its receipts are on its inbox; a doubted child has none for what
 * it brought, and one whose receipts are due not all. */
struct frame_ack greeting_ack(const struct session *s, uint64_t inbox_end);

/* Take `hello` in transaction `t`, at `now`: refuse it, or make the session new and stage the
 * welcome. */
int greeting_take(const struct greeted *hub, struct txn *t, struct moment now,
                  const struct hello *hello, struct err *e);

#endif
