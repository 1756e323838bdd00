/*
 * The door: who may come in over the link, and under which name.
 *
 * The transport asks once per connection, with the key that the other side has proven to hold. An
 * enrolled key enters as its actor, an unknown one as a guest (for a join and nothing else), capped
 * in number, in frames and in size. The name given at the door (User-Id) stays with the connection;
 * whether the actor is still welcome is asked again for every frame by whoever keeps the roster.
 *
 * Guests are capped by what is live: every connection is a stranger until a frame shows it to be an
 * enrolled child's, and a guest is let in only while strangers, itself included, are at most
 * LIMIT_GUESTS. Where there are more, those who came first and stay beyond their time are cut: a
 * join takes moments, and whoever is idle must not keep others out.
 *
 * Descriptors are bounded by the seats: of more than DOOR_STRANGERS strangers, and of more than
 * DOOR_CHILD_LINES connections of one child, the first to come is ended, and so is whoever comes
 * when all seats are taken. Memory is bounded by how often a child may come: until its first frame
 * a connection cannot be told to be its.
 */
#ifndef PROTO_DOOR_H
#define PROTO_DOOR_H

#include "core/id.h"
#include "core/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DOOR_KEY 32                  /* bytes of a transport public key */
#define DOOR_USER 80                 /* bytes of a User-Id with its NUL */
#define DOOR_PEER 5                  /* bytes of a routing id that we gave */
#define DOOR_CHILDREN 4096u          /* children that may be connected */
#define DOOR_STRANGERS DOOR_CHILDREN /* … at once: all of them may come back */
/* Connections told apart. */
#define DOOR_SEATS (DOOR_CHILDREN + DOOR_STRANGERS + LIMIT_GUESTS * 2)
#define DOOR_CHILD_LINES 4 /* connections of one child */
#define DOOR_VISITS 120    /* times that it may come in DOOR_VISITS_MS */
#define DOOR_VISITS_MS 60000
#define DOOR_VISITORS 1024   /* children whose visits are counted */
#define DOOR_GUEST_FRAMES 16 /* frames one guest connection may send */
#define DOOR_GUEST_MS 30000  /* a stranger's time while others wait */

/* Refused is for good; busy is for now. */
enum door_verdict { DOOR_REFUSED, DOOR_KNOWN, DOOR_GUEST, DOOR_BUSY };

/* Judge `key`; an implementation fills `ret_actor` when it answers DOOR_KNOWN. */
typedef enum door_verdict (*door_gate)(void *arg, const uint8_t key[DOOR_KEY],
                                       struct hash *ret_actor);

/* What the transport tells the other side. */
enum door_status { DOOR_OPEN = 200, DOOR_CLOSED = 400, DOOR_FULL = 500 };

/* How often a child came of late. */
struct door_visits {
    uint64_t whose;   /* the first bytes of its name */
    int64_t since_ms; /* when counting began */
    uint32_t n;
};

struct door {
    door_gate gate;
    void *arg;
    int64_t patience_ms;         /* DOOR_GUEST_MS */
    uint32_t strangers;          /* live connections not shown to be an enrolled child's */
    uint8_t seats[DOOR_SEATS];   /* by socket number; see door.c */
    int64_t came_ms[DOOR_SEATS]; /* when it was accepted */
    uint64_t whose[DOOR_SEATS];  /* the first bytes of a child's name */
    struct door_visits visits[DOOR_VISITORS];
};

/* Who sent a frame. */
struct door_who {
    bool guest;
    struct hash actor;     /* of an enrolled child; zeros for a guest */
    uint8_t key[DOOR_KEY]; /* of a guest; zeros for an enrolled child */
};

/* Nobody inside yet; `gate` with `arg` will judge keys. */
void door_init(struct door *d, door_gate gate, void *arg);

/* The transport accepted, at `now_ms` of a clock that only rises, or lost, the connection on socket
 * number `fd`. */
void door_accepted(struct door *d, int fd, int64_t now_ms);
void door_left(struct door *d, int fd);

/* While there are more strangers than may be, end the connections of those who came first, if that
 * was more than `patience_ms` ago at `now_ms`; the transport then loses them. */
void door_make_room(struct door *d, int64_t now_ms);

/* Judge `key` at `now_ms` of the clock of door_accepted; on DOOR_OPEN its connection bears the name
 * `ret_user`. A child that comes too often finds the door full. */
enum door_status door_answer(struct door *d, const uint8_t key[DOOR_KEY], int64_t now_ms,
                             char ret_user[DOOR_USER]);

/*
 * A frame of `bytes` bytes came in on socket number `fd` under the name `user` (NULL: none). False:
 * drop it; else `ret_who` says who sent it.
 */
bool door_frame(struct door *d, int fd, const char *user, size_t bytes, struct door_who *ret_who);

/* Read the connection's number out of routing id `id` of `n` bytes; false: not one that we gave. */
bool door_peer(const uint8_t *id, int n, uint32_t *ret_peer);
/* … and write it. */
void door_peer_id(uint32_t peer, uint8_t ret_id[DOOR_PEER]);

#endif
