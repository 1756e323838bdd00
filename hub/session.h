/*
 * Sessions: the newest connection of each child, as the hub keeps them, and what is said on one
 * apart from streams.
 */
#ifndef HUB_SESSION_H
#define HUB_SESSION_H

#include "hub/anew.h"
#include "hub/drain.h"
#include "node/ended.h"
#include "node/handed.h"
#include "node/post.h"
#include "node/sync.h"

/* Who sent a frame, as the link knows it. */
struct sender {
    uint32_t peer; /* the connection */
    bool guest;
    struct hash actor;               /* of a child */
    struct public_key transport_key; /* of a guest */
};

/* One child's newest connection. Found by actor; sorted by it. */
struct session {
    struct hash actor;
    uint32_t epoch;
    struct uid unit;
    uint32_t peer;
    struct uid outbox;     /* the child's stream */
    uint64_t outbox_end;   /* where it ends, as the child last said */
    uint64_t taken;        /* how much of it is here … */
    uint32_t part;         /* … and how many bytes of the record after that */
    struct sync_out inbox; /* our stream to the child */
    struct drain drain;    /* how far the child's stream is known to be here, and since when */
    bool live;
    bool is_hub;
    bool doubt;         /* see greeting */
    bool owes;          /* likewise: this root hub is an older copy, and it did not hand back yet */
    bool shown;         /* one of both, it has read all of ours; what it has to say to that … */
    uint64_t shown_end; /* … stands on its stream up to here */
    bool due; /* it is doubted no more; receipts of what it brought may still be to be stated */
    struct handed handed; /* what of its own is on our stream to it; kept from one connection to the
                             next */
    bool ack_due;
    uint32_t refuse;    /* a refusal to end it with, after the ACK; 0: none */
    bool heard;         /* a frame came in this step */
    bool has_clock;     /* it said what its clock shows: a claim */
    int64_t clock_boot; /* … less our boot clock then */
    int64_t heard_ms, pinged_ms;
};

struct sessions {
    bool settled; /* a greeting ended a doubt: receipts are due in this step */
    uint32_t n;
    struct session *list;
    uint32_t n_ended;
    struct ended_search *ended; /* whom the hub refused as ended, by actor */
    struct anew anew;           /* whose inbox began anew, and when it may once more */
};
void sessions_done(struct sessions *s);
/* Forget all sessions of `s`: what was learnt in a step that failed is not so. What an inbox that
 * began anew has cost was spent all the same. */
void sessions_clear(struct sessions *s);

#define SESSION_PING_MS 30000 /* without a word from a child: ask */

/* The session of `actor` in `all`; NULL if there is none. Valid until the next session_get. */
struct session *session_find(struct sessions *all, const struct hash *actor);
/* The same of who sent what came `from` a connection; NULL also where that is not the newest one,
 * or is over. */
struct session *session_speaking(struct sessions *all, const struct sender *from);
/* The session of `actor`, made if there is none; NULL when there is no memory. */
struct session *session_get(struct sessions *all, const struct hash *actor, struct err *e);

/* Whether the child of `s` may go on, in its epoch or in one that followed it: then `s` knows. */
bool session_stands(struct txn *t, struct session *s);
/* Whoever in `all` was replaced or revoked, as `t` says, hears nothing more, whether it speaks or
 * not: a refusal is staged in `post`. */
int sessions_cut_ended(struct sessions *all, struct txn *t, struct post *post, struct err *e);

/*
 * What came of sending to `s`, `rc` with `e`: a record that cannot be read is the trouble of whose
 * inbox it stands in and of nobody else. That child is sent away for now, the first such error is
 * kept in `damage`, and 0 returned; anything else stays as it is.
 */
int session_spare(struct session *s, struct post *post, int rc, struct err *damage, struct err *e);

/* Note that the clock of `s` showed `clock` when its frame was taken, at `at`. */
void session_note_clock(struct session *s, instant clock, struct moment at);

/* Stage refusal `code` for the connection `peer` in `post`. */
int session_refuse(struct post *post, uint32_t peer, enum refusal code, struct err *e);
/* The same to `actor`, which was ended: REFUSED_REVOKED with when and why where records of `t` say
 * that it was revoked, else REFUSED_ENDED. `all` keeps what was found. */
int session_refuse_ended(struct sessions *all, struct txn *t, const struct hash *actor,
                         struct post *post, uint32_t peer, struct err *e);
/*
 * Ask `s` whether it is there, if it has been silent until `now`: it may be in the middle of a
 * large record, and is glad of a word.
 */
int session_ping(struct session *s, struct post *post, struct moment now, struct err *e);

/*
 * Ask `s` where its stream ends, with a `nonce` that it was not asked with before; the next due
 * instant of any campaign is `next_due`.
 */
int session_ask_end(struct session *s, struct post *post, uint64_t nonce, struct moment now,
                    instant next_due, struct err *e);

#endif
