#include "proto/link.h"

#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"
#include "proto/endpoint.h"
#include "proto/zmqlib.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Refuse everyone while no handler answers, and heed its answer. libzmq has it; zmq.h hides it. */
#define OPTION_ZAP_ENFORCE_DOMAIN 93
#define ZAP_ADDRESS "inproc://zeromq.zap.01"
#define ZAP_DOMAIN "thidua"
#define ZAP_PARTS 7
#define ZAP_PART_BYTES 256

#define MONITOR_ADDRESS "inproc://monitor"
#define LOOPBACK "tcp://127.0.0.1:*"
#define PROOF_MS 10000     /* only a machine in trouble comes near it */
#define KNOCK_WAKES 32     /* times that something may wake the wait for it */
#define HANDSHAKE_MS 15000 /* a child's time to finish its handshake with us; then it is cut */
#define BACKLOG 1024       /* connections that wait to be accepted */
#define CURVE_OVERHEAD 33  /* bytes that CURVE adds to a frame */
#define DRAIN_MAX 64       /* frames taken before the door and the monitor get their turn */

struct link {
    void *ctx;
    void *sock;
    void *monitor;
    void *zap; /* hub: the door's bell; NULL at a child */
    bool hub;
    int watched;
    unsigned hot;  /* frames that may still be taken without asking poll */
    zmq_msg_t msg; /* the frame handed out last */
    char endpoint[ENDPOINT_TEXT];
    struct door door;                /* hub */
    struct endpoint_numbers numbers; /* child: addresses to try */
    unsigned tried;
    bool connected;
    enum link_state state;
    enum reason reason;
};

static int broken(struct err *e, const char *what) {
    return err_set(e, ERR_IO, "the network library failed: %s: %s", what, zmqlib.strerror(errno));
}

static bool set_int(void *sock, int option, int value) {
    return zmqlib.setsockopt(sock, option, &value, sizeof value) == 0;
}

static bool set_key(void *sock, int option, const uint8_t key[DOOR_KEY]) {
    return zmqlib.setsockopt(sock, option, key, DOOR_KEY) == 0;
}

/* What both sides want of `sock`: nothing kept, nothing unbounded, dead lines noticed. */
static bool set_common(void *sock, int handshake_ms) {
    /* The heartbeat's patience covers a whole frame on the slowest line: while one is under way, no
     * answer can pass it. TCP's own keepalive, which can, finds dead lines sooner. */
    static const struct {
        int option, value;
    } common[] = {
        {ZMQ_LINGER, 0},
        {ZMQ_SNDHWM, 32},
        {ZMQ_RCVHWM, 8},
        {ZMQ_HEARTBEAT_IVL, 30 * 1000},
        {ZMQ_HEARTBEAT_TIMEOUT, 300 * 1000},
        {ZMQ_TCP_KEEPALIVE, 1},
        {ZMQ_TCP_KEEPALIVE_IDLE, 60},
        {ZMQ_TCP_KEEPALIVE_INTVL, 20},
        {ZMQ_TCP_KEEPALIVE_CNT, 4},
    };
    for (size_t i = 0; i < sizeof common / sizeof common[0]; i++)
        if (!set_int(sock, common[i].option, common[i].value))
            return false;
    int64_t max = LIMIT_FRAME + CURVE_OVERHEAD;
    return zmqlib.setsockopt(sock, ZMQ_MAXMSGSIZE, &max, sizeof max) == 0 &&
           set_int(sock, ZMQ_HANDSHAKE_IVL, handshake_ms);
}

static bool set_hub(void *sock, const struct link_keys *keys, bool ipv6) {
    return set_common(sock, HANDSHAKE_MS) && set_int(sock, ZMQ_ROUTER_MANDATORY, 1) &&
           set_int(sock, ZMQ_BACKLOG, BACKLOG) && set_int(sock, ZMQ_IPV6, ipv6) &&
           set_int(sock, ZMQ_CURVE_SERVER, 1) &&
           set_key(sock, ZMQ_CURVE_SECRETKEY, keys->secret_key) &&
           zmqlib.setsockopt(sock, ZMQ_ZAP_DOMAIN, ZAP_DOMAIN, strlen(ZAP_DOMAIN)) == 0 &&
           set_int(sock, OPTION_ZAP_ENFORCE_DOMAIN, 1);
}

static bool set_child(void *sock, const struct link_keys *keys, const uint8_t hub_key[DOOR_KEY],
                      int patience_ms) {
    return set_common(sock, patience_ms) && set_int(sock, ZMQ_CONNECT_TIMEOUT, patience_ms) &&
           set_int(sock, ZMQ_RECONNECT_IVL, -1) && set_int(sock, ZMQ_IMMEDIATE, 1) &&
           set_int(sock, ZMQ_IPV6, 1) && set_key(sock, ZMQ_CURVE_SERVERKEY, hub_key) &&
           set_key(sock, ZMQ_CURVE_PUBLICKEY, keys->public_key) &&
           set_key(sock, ZMQ_CURVE_SECRETKEY, keys->secret_key);
}

/* Hear of `events` on the main socket. */
static bool open_monitor(struct link *l, int events) {
    if (zmqlib.socket_monitor(l->sock, MONITOR_ADDRESS, events) != 0)
        return false;
    l->monitor = zmqlib.socket(l->ctx, ZMQ_PAIR);
    /* No mark: at a full one libzmq's own thread would wait for us. A connection costs its maker
     * far more than the two small events that it leaves here until the next link_recv. */
    return set_int(l->monitor, ZMQ_RCVHWM, 0) && set_int(l->monitor, ZMQ_LINGER, 0) &&
           zmqlib.connect(l->monitor, MONITOR_ADDRESS) == 0;
}

int link_load(struct err *e) {
    return zmqlib_load(e);
}

static int link_new(int type, struct link **ret_link, struct err *e) {
    int rc = zmqlib_load(e);
    struct link *l = rc == 0 ? mem_zalloc(1, sizeof *l) : NULL;
    if (!l)
        return rc == 0 ? err_nomem(e) : rc;
    l->watched = -1;
    l->hub = type == ZMQ_ROUTER;
    (void)zmqlib.msg_init(&l->msg);
    l->ctx = zmqlib.ctx_new();
    l->sock = zmqlib.socket(l->ctx, type); /* NULL fails at the first option */
    *ret_link = l;
    return 0;
}

void link_free(struct link *l) {
    if (!l)
        return;
    (void)zmqlib.msg_close(&l->msg);
    (void)zmqlib.close(l->zap); /* NULL is harmless to libzmq */
    (void)zmqlib.close(l->sock);
    (void)zmqlib.close(l->monitor);
    while (zmqlib.ctx_term(l->ctx) != 0 && errno == EINTR)
        ;
    mem_free(l);
}

/* Whether the halves of `keys` belong together. */
static int check_pair(const struct link_keys *keys, struct err *e) {
    char secret[41], public[41];
    uint8_t derived[DOOR_KEY];
    bool pair = zmqlib.z85_encode(secret, keys->secret_key, DOOR_KEY) &&
                zmqlib.curve_public(public, secret) == 0 && zmqlib.z85_decode(derived, public) &&
                memcmp(derived, keys->public_key, DOOR_KEY) == 0;
    explicit_bzero(secret, sizeof secret);
    return pair ? 0 : err_set(e, ERR_REFUSED, "the transport key is damaged: its halves differ");
}

static int bind_to(struct link *l, const char *address, struct err *e) {
    size_t n = sizeof l->endpoint;
    if (zmqlib.bind(l->sock, address) == 0)
        return zmqlib.getsockopt(l->sock, ZMQ_LAST_ENDPOINT, l->endpoint, &n) == 0
                   ? 0
                   : broken(e, "zmq_getsockopt");
    return endpoint_taken(address, errno, zmqlib.strerror(errno), e);
}

/* With nothing to serve it, the very socket that will listen must turn a stranger away. */
static int prove_own_door(struct link *l, const struct link_keys *keys, struct err *e) {
    int rc = bind_to(l, LOOPBACK, e);
    if (rc)
        return rc;
    rc = link_prove_door(l->endpoint, keys->public_key, e);
    if (rc == 0 && zmqlib.unbind(l->sock, l->endpoint) != 0)
        return broken(e, "zmq_unbind");
    return rc;
}

static int listen_at(struct link *l, const char *address, const struct link_keys *keys,
                     struct err *e) {
    struct endpoint p;
    int rc = endpoint_parse(address, &p, e);
    if (rc || (rc = endpoint_listens(address, e)) || (rc = check_pair(keys, e)))
        return rc;
    bool ipv6 = strchr(p.host, ':') || strcmp(p.host, "*") == 0;
    if (!set_hub(l->sock, keys, ipv6) ||
        !open_monitor(l, ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED))
        return broken(e, "zmq_setsockopt");
    rc = prove_own_door(l, keys, e);
    if (rc)
        return rc;
    l->zap = zmqlib.socket(l->ctx, ZMQ_REP);
    if (!set_int(l->zap, ZMQ_LINGER, 0) || zmqlib.bind(l->zap, ZAP_ADDRESS) != 0)
        return broken(e, "zmq_bind");
    return bind_to(l, address, e);
}

/* `l` to whoever asked for it, unless `rc` says that it came to nothing. */
static int hand_over(struct link *l, int rc, struct link **ret_link) {
    if (rc != 0)
        link_free(l);
    else
        *ret_link = l;
    return rc;
}

int link_listen(const char *address, const struct link_keys *keys, door_gate gate, void *arg,
                struct link **ret_link, struct err *e) {
    struct link *l;
    int rc = link_new(ZMQ_ROUTER, &l, e);
    if (rc != 0)
        return rc;
    door_init(&l->door, gate, arg);
    return hand_over(l, listen_at(l, address, keys, e), ret_link);
}

static void fail(struct link *l, enum reason reason) {
    if (l->state == LINK_FAILED)
        return;
    l->state = LINK_FAILED;
    l->reason = reason;
}

/* Try the next address of the hub's name; none left: unreachable. */
static void try_next(struct link *l) {
    while (l->tried < l->numbers.n)
        if (zmqlib.connect(l->sock, l->numbers.text[l->tried++]) == 0)
            return;
    fail(l, REASON_UNREACHABLE);
}

static int connect_to(struct link *l, const char *address, const uint8_t hub_key[DOOR_KEY],
                      const struct link_keys *keys, int patience_ms, struct err *e) {
    struct endpoint p;
    int rc = endpoint_parse(address, &p, e);
    if (rc || (rc = endpoint_resolve(&p, &l->numbers, e)))
        return rc;
    if (!set_child(l->sock, keys, hub_key, patience_ms) || !open_monitor(l, ZMQ_EVENT_ALL))
        return broken(e, "zmq_setsockopt");
    (void)snprintf(l->endpoint, sizeof l->endpoint, "%s", address);
    if ((rc = endpoint_room(e)) == 0)
        try_next(l);
    return rc;
}

int link_connect(const char *address, const uint8_t hub_key[DOOR_KEY], const struct link_keys *keys,
                 int patience_ms, struct link **ret_link, struct err *e) {
    struct link *l;
    int rc = link_new(ZMQ_DEALER, &l, e);
    if (rc != 0)
        return rc;
    return hand_over(l, connect_to(l, address, hub_key, keys, patience_ms, e), ret_link);
}

const char *link_endpoint(const struct link *l) {
    return l->endpoint;
}

void link_watch(struct link *l, int fd) {
    l->watched = fd;
}

void link_patience(struct link *l, int guest_ms) {
    l->door.patience_ms = guest_ms;
}

enum link_state link_state(const struct link *l) {
    return l->state;
}

static void child_event(struct link *l, unsigned event, unsigned value) {
    switch (event) {
    case ZMQ_EVENT_CONNECTED:
        l->connected = true;
        break;
    case ZMQ_EVENT_CLOSED:
        if (!l->connected)
            try_next(l);
        break;
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        if (l->state == LINK_CONNECTING)
            l->state = LINK_READY;
        break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
        fail(l, value >= DOOR_FULL ? REASON_FULL : REASON_REFUSED);
        break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
        fail(l, value == ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC ? REASON_WRONG_KEY : REASON_NO_HUB);
        break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
        fail(l, value == EPIPE || value == ECONNRESET ? REASON_CLOSED : REASON_NO_HUB);
        break;
    case ZMQ_EVENT_DISCONNECTED:
        fail(l, l->state == LINK_READY ? REASON_LOST : REASON_NO_HUB);
        break;
    default:
        break;
    }
}

static int64_t clock_ms(void) {
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Take all that the monitor has to say. */
static void read_monitor(struct link *l) {
    uint8_t event[6];
    while (zmqlib.recv(l->monitor, event, sizeof event, ZMQ_DONTWAIT) == (int)sizeof event) {
        uint16_t what;
        uint32_t value;
        memcpy(&what, event, sizeof what); /* in the machine's own byte order */
        memcpy(&value, event + sizeof what, sizeof value);
        char address[1];
        (void)zmqlib.recv(l->monitor, address, sizeof address, ZMQ_DONTWAIT);
        if (!l->hub)
            child_event(l, what, value);
        else if (what == ZMQ_EVENT_ACCEPTED)
            door_accepted(&l->door, (int)value, clock_ms());
        else
            door_left(&l->door, (int)value);
    }
}

static bool has_more(void *sock) {
    int more = 0;
    size_t n = sizeof more;
    return zmqlib.getsockopt(sock, ZMQ_RCVMORE, &more, &n) == 0 && more;
}

static void drop_rest(void *sock) {
    char part[1];
    while (has_more(sock) && zmqlib.recv(sock, part, sizeof part, ZMQ_DONTWAIT) >= 0)
        ;
}

static void say(void *zap, const void *data, size_t n) {
    (void)zmqlib.send(zap, data, n, ZMQ_DONTWAIT | ZMQ_SNDMORE);
}

/* Judge everyone who waits at the door. Who cannot be asked any more lets nobody in: say so, since
 * the hub would be alone from then on. */
static int serve_door(struct link *l, struct err *e) {
    /* version, request, domain, address, routing id, mechanism, key */
    uint8_t part[ZAP_PARTS][ZAP_PART_BYTES];
    int len[ZAP_PARTS];
    while ((len[0] = zmqlib.recv(l->zap, part[0], ZAP_PART_BYTES, ZMQ_DONTWAIT)) >= 0) {
        size_t n = 1;
        for (; n < ZAP_PARTS && has_more(l->zap); n++)
            len[n] = zmqlib.recv(l->zap, part[n], ZAP_PART_BYTES, ZMQ_DONTWAIT);
        drop_rest(l->zap);
        char user[DOOR_USER] = "", status[4];
        bool curve =
            n == ZAP_PARTS && len[5] == 5 && memcmp(part[5], "CURVE", 5) == 0 && len[6] == DOOR_KEY;
        enum door_status s = curve ? door_answer(&l->door, part[6], clock_ms(), user) : DOOR_CLOSED;
        (void)snprintf(status, sizeof status, "%d", (int)s);
        say(l->zap, "1.0", 3);
        say(l->zap, part[1], n > 1 && len[1] > 0 ? (size_t)len[1] : 0);
        say(l->zap, status, 3);
        say(l->zap, "", 0);
        say(l->zap, user, s == DOOR_OPEN ? strlen(user) : 0);
        (void)zmqlib.send(l->zap, "", 0, ZMQ_DONTWAIT);
    }
    if (errno == EAGAIN || errno == EINTR)
        return 0;
    return err_set(e, ERR_IO,
                   "nobody answers at this hub's door any more (%s), so nobody is let in: start it "
                   "again",
                   zmqlib.strerror(errno));
}

enum taken { TAKEN, DROPPED, NOTHING };

/* The next waiting frame into `ret_frame`. */
static enum taken take(struct link *l, struct link_frame *ret_frame) {
    struct link_frame f = {.peer = 0};
    uint8_t id[DOOR_PEER];
    bool ok = true;
    if (l->hub) {
        int n = zmqlib.recv(l->sock, id, sizeof id, ZMQ_DONTWAIT);
        if (n < 0)
            return NOTHING;
        ok = door_peer(id, n, &f.peer) && has_more(l->sock);
        if (!ok) {
            drop_rest(l->sock);
            return DROPPED;
        }
    }
    if (zmqlib.msg_recv(&l->msg, l->sock, ZMQ_DONTWAIT) < 0)
        return NOTHING;
    f.bytes = slice_of(zmqlib.msg_data(&l->msg), zmqlib.msg_size(&l->msg));
    if (has_more(l->sock)) {
        drop_rest(l->sock);
        return DROPPED;
    }
    if (l->hub)
        ok = door_frame(&l->door, zmqlib.msg_get(&l->msg, ZMQ_SRCFD),
                        zmqlib.msg_gets(&l->msg, "User-Id"), f.bytes.len, &f.who);
    if (!ok || f.bytes.len == 0)
        return DROPPED;
    *ret_frame = f;
    return TAKEN;
}

/* Take frames while some are known to wait; false: none for the caller. */
static bool drain(struct link *l, struct link_frame *ret_frame) {
    while (l->hot > 0) {
        l->hot--;
        switch (take(l, ret_frame)) {
        case TAKEN:
            return true;
        case DROPPED:
            break;
        case NOTHING:
            l->hot = 0;
        }
    }
    return false;
}

int link_recv(struct link *l, int timeout_ms, struct link_frame *ret_frame, struct err *e) {
    if (drain(l, ret_frame))
        return LINK_FRAME;
    zmq_pollitem_t item[4] = {{.socket = l->sock, .events = ZMQ_POLLIN},
                              {.socket = l->monitor, .events = ZMQ_POLLIN}};
    int n = 2;
    if (l->zap)
        item[n++] = (zmq_pollitem_t){.socket = l->zap, .events = ZMQ_POLLIN};
    if (l->watched >= 0)
        item[n++] = (zmq_pollitem_t){.fd = l->watched, .events = ZMQ_POLLIN};
    if (zmqlib.poll(item, n, timeout_ms) < 0)
        return errno == EINTR ? LINK_IDLE : broken(e, "zmq_poll");
    enum link_state before = l->state;
    read_monitor(l); /* before the door: whoever knocks has been seen coming */
    if (l->zap) {
        door_make_room(&l->door, clock_ms());
        int rc = serve_door(l, e);
        if (rc != 0)
            return rc;
    }
    if (item[0].revents & ZMQ_POLLIN)
        l->hot = DRAIN_MAX;
    if (l->watched >= 0 && item[n - 1].revents)
        return LINK_WATCHED;
    if (l->state != before)
        return LINK_CHANGED;
    return drain(l, ret_frame) ? LINK_FRAME : LINK_IDLE;
}

static bool queue(void *sock, const void *data, size_t n, int flags) {
    int events;
    size_t size = sizeof events;
    if (zmqlib.send(sock, data, n, ZMQ_DONTWAIT | flags) >= 0)
        return true;
    /* libzmq looks only now and then whether a queue has emptied; asking for events makes it. */
    return errno == EAGAIN && zmqlib.getsockopt(sock, ZMQ_EVENTS, &events, &size) == 0 &&
           zmqlib.send(sock, data, n, ZMQ_DONTWAIT | flags) >= 0;
}

int link_send(struct link *l, uint32_t peer, struct slice bytes, struct err *e) {
    assert(bytes.len > 0 && bytes.len <= LIMIT_FRAME);
    uint8_t id[DOOR_PEER];
    door_peer_id(peer, id);
    bool there = l->hub ? queue(l->sock, id, sizeof id, ZMQ_SNDMORE) : l->state == LINK_READY;
    if (!there || !queue(l->sock, bytes.data, bytes.len, 0))
        return err_set(e, ERR_AWAY, "the other side has left or does not keep up; try again");
    return 0;
}

enum reason link_failure(const struct link *l, struct err *e) {
    (void)reason_err(l->reason, l->endpoint, e);
    return l->reason;
}

/* Wait until the knock of `l` is decided. libzmq ends each of its steps within PROOF_MS. */
static int knock(struct link *l, struct err *e) {
    struct link_frame f;
    for (int i = 0; i < KNOCK_WAKES && l->state == LINK_CONNECTING; i++) {
        int rc = link_recv(l, 2 * PROOF_MS, &f, e);
        if (rc < 0)
            return rc;
    }
    return reason_of_knock(l->state == LINK_READY, l->reason, e);
}

int link_prove_door(const char *address, const uint8_t hub_key[DOOR_KEY], struct err *e) {
    char public[41], secret[41];
    struct link_keys stranger;
    int rc = zmqlib_load(e);
    if (rc != 0)
        return rc;
    if (zmqlib.curve_keypair(public, secret) != 0 ||
        !zmqlib.z85_decode(stranger.public_key, public) ||
        !zmqlib.z85_decode(stranger.secret_key, secret))
        return broken(e, "zmq_curve_keypair");
    struct link *l = NULL;
    rc = link_connect(address, hub_key, &stranger, PROOF_MS, &l, e);
    if (l)
        rc = knock(l, e);
    link_free(l);
    return rc;
}
