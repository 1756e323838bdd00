/*
 * Sync frames: what one connection says. "TDF", a version byte, a type byte, a protobuf body; one
 * frame is one ZeroMQ message of one part. Streams run both ways by the same frames: RECORDS
 * carries a run of a stream, PART a piece of one large record, ACK says how far the other side has
 * got durably.
 */
#ifndef PROTO_FRAME_H
#define PROTO_FRAME_H

#include "core/bytes.h"
#include "core/crypto.h"
#include "core/err.h"
#include "core/id.h"
#include "core/instant.h"
#include "proto/arena.h"

#define PROTOCOL_VERSION 1u /* the only one so far */
#define FEATURE_PARTS 1u    /* records in parts, resumed across connections */
#define FEATURE_BATCH 2u    /* suite 2 receipts; every verifier knows them */
#define FRAME_ARENA_BYTES ((size_t)4 << 20)

enum frame_type {
    FRAME_HELLO = 1,
    FRAME_WELCOME = 2,
    FRAME_RECORDS = 3,
    FRAME_ACK = 4,
    FRAME_JOIN = 5,
    FRAME_JOINED = 6,
    FRAME_REFUSED = 7,
    FRAME_PING = 8,
    FRAME_PONG = 9,
    FRAME_RENEW = 10,
    FRAME_PART = 11,
};

/* Why a side ends a connection. */
enum refusal {
    REFUSED_VERSION = 1,      /* args: lowest, highest version spoken here */
    REFUSED_DEPLOYMENT = 2,   /* another deployment */
    REFUSED_UNKNOWN = 3,      /* this key is not enrolled here */
    REFUSED_ENDED = 4,        /* this actor was replaced or revoked */
    REFUSED_TICKET = 5,       /* no such ticket */
    REFUSED_TICKET_USED = 6,  /* by another key */
    REFUSED_BUSY = 7,         /* too much in hand; come back */
    REFUSED_FRAME = 8,        /* a frame that makes no sense here */
    REFUSED_NEWER = 9,        /* a newer connection of the actor, maybe a copy, took over */
    REFUSED_PENDING = 10,     /* too many records wait for what they build on */
    REFUSED_BOUND = 11,       /* enrolling this machine would go beyond a bound */
    REFUSED_TAKEN = 12,       /* another machine was granted the next epoch, with another key */
    REFUSED_TICKET_VOID = 13, /* since it was made its unit got or lost a machine */
    REFUSED_REVOKED = 14,     /* this actor was revoked; args: when, why */
    REFUSED_HUB_ENDED = 15,   /* the hub that refuses was itself replaced or revoked */
    REFUSED_DISK = 16,        /* the disk is nearly full; come back */
    REFUSED_SHARE = 17,       /* too much is kept of the child; come back once that was settled */
};

struct lane_head {
    struct hash actor;
    uint32_t epoch;
    struct uid lane;
    uint64_t seq;
    struct hash id;
};

/* HELLO and WELCOME: the same facts, said by child and parent of their own side. */
struct frame_greeting {
    uint32_t version_min, version_max; /* WELCOME: both the version chosen */
    uint64_t features;
    struct hash deployment; /* HELLO */
    struct hash actor;
    uint32_t epoch; /* HELLO */
    struct uid outbox;
    uint64_t outbox_position; /* HELLO: where the outbox ends; WELCOME: how much of it is here */
    struct uid inbox;
    uint64_t inbox_position; /* HELLO: how much of it is here; WELCOME: sends from after it */
    uint64_t inbox_end;      /* WELCOME */
    struct uid digest;       /* HELLO: of the inbox up to there; WELCOME: of the outbox */
    uint32_t part;           /* … and how many bytes of the record after that are here */
    uint32_t credits;        /* WELCOME */
    uint32_t n_heads;
    struct lane_head *heads;
    instant clock;
    char *program;
};

struct frame_records {
    struct uid stream;
    uint64_t first, end;
    uint32_t n;
    struct slice *records;
};

struct frame_ack {
    struct uid stream;
    uint64_t position;
    uint32_t credits;
    uint64_t end;
    uint32_t part; /* durable of the record after `position` */
};

/* `bytes` of the record at `position`, which has `size`, from `offset` on: all of them lie in it.
 */
struct frame_part {
    struct uid stream;
    uint64_t position;
    uint32_t offset, size;
    struct slice bytes;
    uint64_t end;
};

struct frame_join {
    uint8_t token[16];
    struct slice record;
};

struct frame_refused {
    uint32_t code;
    uint32_t n_args;
    char **args;
};

struct frame_ping {
    uint64_t nonce;
    instant clock;
    struct uid stream; /* PONG of a child: its outbox, else zero … */
    uint64_t end;      /* … and where that ended when it answered */
};

/* A request for the next epoch; `proof` is made by payload_renewal_prove. */
struct frame_renew {
    uint32_t epoch;
    struct public_key sign_key;
    struct uid renewal;
    uint8_t proof[SIGNATURE_BYTES];
    struct public_key transport_key; /* zero: it stays */
};

struct frame {
    enum frame_type type;
    union {
        struct frame_greeting greeting; /* HELLO, WELCOME */
        struct frame_records records;   /* RECORDS, JOINED (stream and positions zero) */
        struct frame_ack ack;
        struct frame_join join;
        struct frame_refused refused;
        struct frame_ping ping; /* PING, PONG */
        struct frame_renew renew;
        struct frame_part part;
    } u;
};

/* Append `f` to `out`. */
int frame_encode(const struct frame *f, struct buf *out, struct err *e);
/* Decode `in` into `ret_frame`, whose contents live in `a`. ERR_CORRUPT says what is off. */
int frame_decode(struct slice in, struct arena *a, struct frame *ret_frame, struct err *e);

#endif
