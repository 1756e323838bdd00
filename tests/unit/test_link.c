/* Real sockets on 127.0.0.1, ports chosen by the system; every wait ends with what is waited for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/err.h"
#include "core/mem.h"
#include "proto/endpoint.h"
#include "proto/link.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#define DEADLINE_MS 30000 /* of a wait that should take a moment; reached only by a failure */
#define STEP_MS 5
#define PATIENCE_MS 20000

static int64_t now_ms(void) {
    struct timespec t;
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &t), 0);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static struct link_keys new_keys(void) {
    char public[41], secret[41];
    struct link_keys k;
    assert_int_equal(zmq_curve_keypair(public, secret), 0);
    assert_non_null(zmq_z85_decode(k.public_key, public));
    assert_non_null(zmq_z85_decode(k.secret_key, secret));
    return k;
}

/* A hub whose gate knows one key by one actor, refuses another, and greets the rest as guests. */
struct world {
    struct link_keys hub_keys, known, refused;
    struct hash actor;
    struct link *hub;
    int asked; /* times that the gate was */
    struct err err;
};

static enum door_verdict gate(void *arg, const uint8_t key[DOOR_KEY], struct hash *ret_actor) {
    struct world *w = arg;
    w->asked++;
    if (memcmp(key, w->refused.public_key, DOOR_KEY) == 0)
        return DOOR_REFUSED;
    if (memcmp(key, w->known.public_key, DOOR_KEY) != 0)
        return DOOR_GUEST;
    *ret_actor = w->actor;
    return DOOR_KNOWN;
}

static int open_world(void **state) {
    struct world *w = mem_zalloc(1, sizeof *w);
    w->hub_keys = new_keys();
    w->known = new_keys();
    w->refused = new_keys();
    memset(w->actor.b, 0xa5, HASH_BYTES);
    int rc = link_listen("tcp://127.0.0.1:*", &w->hub_keys, gate, w, &w->hub, &w->err);
    *state = w;
    return rc;
}

static int close_world(void **state) {
    struct world *w = *state;
    link_free(w->hub);
    mem_free(w);
    return 0;
}

static struct link *connect_as(struct world *w, const struct link_keys *keys) {
    struct link *l = NULL;
    assert_int_equal(
        link_connect(link_endpoint(w->hub), w->hub_keys.public_key, keys, PATIENCE_MS, &l, &w->err),
        0);
    return l;
}

/* Serve the hub and `child` until `child` leaves CONNECTING. */
static enum link_state settle(struct link *hub, struct link *child) {
    struct link_frame f;
    for (int64_t end = now_ms() + DEADLINE_MS; link_state(child) == LINK_CONNECTING;) {
        assert_true(now_ms() < end);
        if (hub)
            assert_int_equal(link_recv(hub, STEP_MS, &f, NULL), LINK_IDLE);
        assert_true(link_recv(child, STEP_MS, &f, NULL) >= 0);
    }
    return link_state(child);
}

static struct link *ready(struct world *w, const struct link_keys *keys) {
    struct link *child = connect_as(w, keys);
    assert_int_equal(settle(w->hub, child), LINK_READY);
    return child;
}

static struct link_frame next_frame(struct link *l) {
    struct link_frame f = {.peer = 0};
    int64_t end = now_ms() + DEADLINE_MS;
    while (link_recv(l, STEP_MS, &f, NULL) != LINK_FRAME)
        assert_true(now_ms() < end);
    return f;
}

static void assert_text(struct slice s, const char *want) {
    assert_true(slice_equal(s, slice_str(want)));
}

static void send_text(struct link *l, uint32_t peer, const char *text) {
    assert_int_equal(link_send(l, peer, slice_str(text), NULL), 0);
}

static void an_enrolled_key_enters_as_its_actor_and_is_answered(void **state) {
    struct world *w = *state;
    struct link *child = ready(w, &w->known);
    send_text(child, 0, "hello");
    struct link_frame f = next_frame(w->hub);
    assert_text(f.bytes, "hello");
    assert_false(f.who.guest);
    assert_true(hash_equal(&f.who.actor, &w->actor));
    send_text(w->hub, f.peer, "welcome");
    assert_text(next_frame(child).bytes, "welcome");
    link_free(child);
}

static void an_unknown_key_enters_as_a_guest_under_that_key(void **state) {
    struct world *w = *state;
    struct link_keys stranger = new_keys();
    struct link *child = ready(w, &stranger);
    send_text(child, 0, "join");
    struct link_frame f = next_frame(w->hub);
    assert_true(f.who.guest);
    assert_memory_equal(f.who.key, stranger.public_key, DOOR_KEY);
    assert_true(hash_is_zero(&f.who.actor));
    link_free(child);
}

static void a_guest_may_send_few_and_small_frames(void **state) {
    struct world *w = *state;
    struct link_keys stranger = new_keys();
    struct link *guest = ready(w, &stranger), *child = ready(w, &w->known);
    static const uint8_t big[LIMIT_GUEST_FRAME + 1];
    assert_int_equal(link_send(guest, 0, slice_of(big, sizeof big), NULL), 0);
    assert_int_equal(link_send(guest, 0, slice_of(big, LIMIT_GUEST_FRAME), NULL), 0);
    assert_int_equal(next_frame(w->hub).bytes.len, LIMIT_GUEST_FRAME);
    for (int i = 1; i < DOOR_GUEST_FRAMES; i++) {
        send_text(guest, 0, "again");
        assert_text(next_frame(w->hub).bytes, "again");
    }
    send_text(guest, 0, "too much");
    /* A guest who may still speak comes after it: what never shows was dropped, not late. */
    struct link_keys other = new_keys();
    struct link *second = ready(w, &other);
    send_text(second, 0, "second guest");
    assert_text(next_frame(w->hub).bytes, "second guest");
    send_text(child, 0, "child");
    assert_text(next_frame(w->hub).bytes, "child");
    link_free(second);
    link_free(guest);
    link_free(child);
}

static void guests_are_capped_and_make_room_when_they_leave(void **state) {
    struct world *w = *state;
    struct link *guest[LIMIT_GUESTS + 1];
    for (size_t i = 0; i < LIMIT_GUESTS; i++) {
        struct link_keys keys = new_keys();
        guest[i] = ready(w, &keys);
    }
    struct link_keys keys = new_keys();
    guest[LIMIT_GUESTS] = connect_as(w, &keys);
    assert_int_equal(settle(w->hub, guest[LIMIT_GUESTS]), LINK_FAILED);
    assert_int_equal(link_failure(guest[LIMIT_GUESTS], NULL), REASON_FULL);
    link_free(guest[LIMIT_GUESTS]);
    struct link *child = ready(w, &w->known); /* enrolled children pass all the same */
    send_text(child, 0, "hello");
    assert_text(next_frame(w->hub).bytes, "hello");
    link_free(guest[0]);
    for (int64_t end = now_ms() + DEADLINE_MS; now_ms() < end;) {
        guest[0] = connect_as(w, &keys); /* the hub may not have noticed the departure yet */
        if (settle(w->hub, guest[0]) == LINK_READY)
            break;
        link_free(guest[0]);
        guest[0] = NULL;
    }
    assert_non_null(guest[0]);
    for (size_t i = 0; i < LIMIT_GUESTS; i++)
        link_free(guest[i]);
    link_free(child);
}

static void a_refused_child_learns_it(void **state) {
    struct world *w = *state;
    struct link *child = connect_as(w, &w->refused);
    assert_int_equal(settle(w->hub, child), LINK_FAILED);
    assert_int_equal(link_failure(child, &w->err), REASON_REFUSED);
    assert_int_equal(w->err.code, ERR_AWAY);
    assert_int_equal(link_send(child, 0, slice_str("let me in"), NULL), ERR_AWAY);
    link_free(child);
}

static void another_hub_key_is_not_taken_for_the_hub(void **state) {
    struct world *w = *state;
    struct link_keys other = new_keys();
    struct link *child = NULL;
    assert_int_equal(
        link_connect(link_endpoint(w->hub), other.public_key, &w->known, PATIENCE_MS, &child, NULL),
        0);
    assert_int_equal(settle(w->hub, child), LINK_FAILED);
    assert_int_equal(link_failure(child, NULL), REASON_CLOSED);
    link_free(child);
}

static void a_frame_at_the_limit_passes_both_ways(void **state) {
    struct world *w = *state;
    struct link *child = ready(w, &w->known);
    uint8_t *big = mem_zalloc(1, LIMIT_FRAME);
    assert_int_equal(link_send(child, 0, slice_of(big, LIMIT_FRAME), NULL), 0);
    struct link_frame f = next_frame(w->hub);
    assert_int_equal(f.bytes.len, LIMIT_FRAME);
    assert_int_equal(link_send(w->hub, f.peer, slice_of(big, LIMIT_FRAME), NULL), 0);
    assert_int_equal(next_frame(child).bytes.len, LIMIT_FRAME);
    mem_free(big);
    link_free(child);
}

/* A bare DEALER of libzmq's, to do what link_connect does not let one do. */
struct bare {
    void *ctx, *sock;
};

static struct bare bare_connect(struct world *w, const struct link_keys *keys, const char *id) {
    struct bare b = {.ctx = zmq_ctx_new()};
    b.sock = zmq_socket(b.ctx, ZMQ_DEALER);
    int zero = 0, never = -1, timeout = STEP_MS;
    zmq_setsockopt(b.sock, ZMQ_LINGER, &zero, sizeof zero);
    zmq_setsockopt(b.sock, ZMQ_RECONNECT_IVL, &never, sizeof never);
    zmq_setsockopt(b.sock, ZMQ_RCVTIMEO, &timeout, sizeof timeout);
    zmq_setsockopt(b.sock, ZMQ_CURVE_SERVERKEY, w->hub_keys.public_key, DOOR_KEY);
    zmq_setsockopt(b.sock, ZMQ_CURVE_PUBLICKEY, keys->public_key, DOOR_KEY);
    zmq_setsockopt(b.sock, ZMQ_CURVE_SECRETKEY, keys->secret_key, DOOR_KEY);
    if (id)
        zmq_setsockopt(b.sock, ZMQ_ROUTING_ID, id, strlen(id));
    assert_int_equal(zmq_connect(b.sock, link_endpoint(w->hub)), 0);
    return b;
}

static void bare_close(struct bare b) {
    zmq_close(b.sock);
    zmq_ctx_term(b.ctx);
}

static void an_oversize_frame_ends_its_connection_and_nobody_elses(void **state) {
    struct world *w = *state;
    struct link *child = ready(w, &w->known);
    struct bare b = bare_connect(w, &w->known, NULL);
    zmq_send(b.sock, "first", 5, 0);
    uint32_t peer = next_frame(w->hub).peer;
    uint8_t *big = mem_zalloc(1, LIMIT_FRAME + 1);
    zmq_send(b.sock, big, LIMIT_FRAME + 1, 0);
    struct link_frame f;
    int64_t end = now_ms() + DEADLINE_MS;
    while (link_send(w->hub, peer, slice_str("?"), NULL) == 0) {
        assert_true(now_ms() < end);
        assert_int_equal(link_recv(w->hub, STEP_MS, &f, NULL), LINK_IDLE);
    }
    send_text(child, 0, "still here");
    assert_text(next_frame(w->hub).bytes, "still here");
    mem_free(big);
    bare_close(b);
    link_free(child);
}

static void frames_of_several_parts_are_dropped_whole(void **state) {
    struct world *w = *state;
    struct bare b = bare_connect(w, &w->known, NULL);
    zmq_send(b.sock, "one", 3, ZMQ_SNDMORE);
    zmq_send(b.sock, "two", 3, ZMQ_SNDMORE);
    zmq_send(b.sock, "three", 5, 0);
    zmq_send(b.sock, "", 0, 0);
    zmq_send(b.sock, "whole", 5, 0);
    assert_text(next_frame(w->hub).bytes, "whole");
    bare_close(b);
}

static void frames_under_a_chosen_routing_id_are_dropped(void **state) {
    struct world *w = *state;
    struct bare chosen = bare_connect(w, &w->known, "five!");
    zmq_send(chosen.sock, "dropped", 7, 0);
    /* It was let in, so that its frame is on the way when the next one begins to knock. */
    struct link_frame f;
    for (int64_t end = now_ms() + DEADLINE_MS; w->asked == 0;) {
        assert_true(now_ms() < end);
        assert_int_equal(link_recv(w->hub, STEP_MS, &f, NULL), LINK_IDLE);
    }
    struct bare b = bare_connect(w, &w->known, NULL);
    zmq_send(b.sock, "kept", 4, 0);
    assert_text(next_frame(w->hub).bytes, "kept");
    bare_close(b);
    bare_close(chosen);
}

static void a_name_stays_with_its_connection_when_the_gate_changes_its_mind(void **state) {
    struct world *w = *state;
    struct link_keys key = w->known;
    struct link *child = ready(w, &key);
    w->known = new_keys();
    w->refused = key;
    send_text(child, 0, "after");
    struct link_frame f = next_frame(w->hub);
    assert_true(hash_equal(&f.who.actor, &w->actor));
    struct link *again = connect_as(w, &key);
    assert_int_equal(settle(w->hub, again), LINK_FAILED);
    link_free(again);
    link_free(child);
}

/* In a process of its own: come in, send one frame, wait to be killed. */
static void be_a_child(struct world *w) {
    struct link *l = NULL;
    struct link_frame f;
    if (link_connect(link_endpoint(w->hub), w->hub_keys.public_key, &w->known, PATIENCE_MS, &l,
                     NULL) != 0)
        _exit(1);
    while (link_state(l) == LINK_CONNECTING)
        (void)link_recv(l, -1, &f, NULL);
    (void)link_send(l, 0, slice_str("alive"), NULL);
    for (;;)
        (void)link_recv(l, -1, &f, NULL);
}

static void sending_to_a_killed_child_says_away(void **state) {
    struct world *w = *state;
    pid_t pid = fork();
    if (pid == 0)
        be_a_child(w);
    uint32_t peer = next_frame(w->hub).peer;
    send_text(w->hub, peer, "you are");
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    struct link_frame f;
    int64_t end = now_ms() + DEADLINE_MS;
    while (link_send(w->hub, peer, slice_str("?"), &w->err) == 0) {
        assert_true(now_ms() < end);
        assert_int_equal(link_recv(w->hub, STEP_MS, &f, NULL), LINK_IDLE);
    }
    assert_int_equal(w->err.code, ERR_AWAY);
}

static void a_full_queue_says_away_and_never_waits(void **state) {
    struct world *w = *state;
    struct link *child = ready(w, &w->known);
    send_text(child, 0, "I shall not listen");
    uint32_t peer = next_frame(w->hub).peer;
    uint8_t *big = mem_zalloc(1, LIMIT_FRAME);
    int sent = 0;
    while (sent < 1000 && link_send(w->hub, peer, slice_of(big, LIMIT_FRAME), &w->err) == 0)
        sent++;
    assert_in_range(sent, 1, 100);
    assert_int_equal(w->err.code, ERR_AWAY);
    mem_free(big);
    link_free(child);
}

static void a_child_notices_that_its_hub_is_gone(void **state) {
    struct world *w = *state;
    struct link *child = ready(w, &w->known);
    link_free(w->hub);
    w->hub = NULL;
    struct link_frame f;
    int64_t end = now_ms() + DEADLINE_MS;
    while (link_recv(child, STEP_MS, &f, NULL) != LINK_CHANGED)
        assert_true(now_ms() < end);
    assert_int_equal(link_state(child), LINK_FAILED);
    assert_int_equal(link_failure(child, NULL), REASON_LOST);
    link_free(child);
}

static volatile sig_atomic_t rang;

static void on_alarm(int number) {
    (void)number;
    rang = 1;
}

static void waiting_ends_at_a_signal_and_at_a_watched_descriptor(void **state) {
    struct world *w = *state;
    struct link_frame f;
    struct sigaction act = {.sa_handler = on_alarm}, old;
    assert_int_equal(sigaction(SIGALRM, &act, &old), 0);
    struct itimerval soon = {.it_interval.tv_usec = 50000, .it_value.tv_usec = 50000}, off = {0};
    assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
    int64_t before = now_ms();
    while (!rang) /* the proof of the door may wake it first */
        assert_int_equal(link_recv(w->hub, DEADLINE_MS, &f, NULL), LINK_IDLE);
    assert_true(now_ms() < before + DEADLINE_MS);
    assert_int_equal(setitimer(ITIMER_REAL, &off, NULL), 0);
    assert_int_equal(sigaction(SIGALRM, &old, NULL), 0);
    int fd[2];
    assert_int_equal(pipe(fd), 0);
    link_watch(w->hub, fd[0]);
    assert_int_equal(link_recv(w->hub, STEP_MS, &f, NULL), LINK_IDLE);
    assert_int_equal(write(fd[1], "x", 1), 1);
    assert_int_equal(link_recv(w->hub, DEADLINE_MS, &f, NULL), LINK_WATCHED);
    link_watch(w->hub, -1);
    assert_int_equal(link_recv(w->hub, 0, &f, NULL), LINK_IDLE);
    close(fd[0]);
    close(fd[1]);
}

/* A TCP listener on 127.0.0.1; its address in `out`. */
static int tcp_listen(char out[64]) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, n), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
    assert_int_equal(listen(fd, 4), 0);
    (void)snprintf(out, 64, "tcp://127.0.0.1:%u", (unsigned)ntohs(a.sin_port));
    return fd;
}

static void what_is_no_hub_is_told_apart(void **state) {
    (void)state;
    static const struct {
        const char *name, *says;
        bool listens, hangs_up;
        int patience_ms;
        enum reason want;
        const char *words;
    } cases[] = {
        {"nobody listens", NULL, false, false, PATIENCE_MS, REASON_UNREACHABLE,
         "cannot be reached"},
        {"silent", NULL, true, false, 300, REASON_NO_HUB, "is no thidua hub"},
        {"a web server", "HTTP/1.1 400 Bad Request\r\n\r\n", true, false, PATIENCE_MS,
         REASON_NO_HUB, "is no thidua hub"},
        {"a mail server", "220 mail ESMTP\r\n", true, true, PATIENCE_MS, REASON_NO_HUB,
         "is no thidua hub"},
        {"hangs up", NULL, true, true, PATIENCE_MS, REASON_CLOSED, "is no thidua hub"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct link_keys mine = new_keys(), hub = new_keys();
        char address[64], words[1024];
        int fd = tcp_listen(address), conn = -1;
        if (!cases[i].listens)
            close(fd);
        struct link *l = NULL;
        struct err e = {0};
        assert_int_equal(link_connect(address, hub.public_key, &mine, cases[i].patience_ms, &l, &e),
                         0);
        if (cases[i].listens) {
            conn = accept(fd, NULL, NULL);
            assert_true(conn >= 0);
            if (cases[i].says)
                assert_true(write(conn, cases[i].says, strlen(cases[i].says)) > 0);
        }
        if (cases[i].hangs_up && !cases[i].says)
            close(conn);
        print_message("%s\n", cases[i].name);
        int64_t before = now_ms();
        assert_int_equal(settle(NULL, l), LINK_FAILED);
        assert_true(now_ms() - before < PATIENCE_MS / 2);
        assert_int_equal(link_failure(l, &e), cases[i].want);
        assert_int_equal(e.code, ERR_AWAY);
        assert_non_null(strstr(err_text(&e, NULL, words, sizeof words), address));
        assert_non_null(strstr(words, cases[i].words));
        link_free(l);
        if (cases[i].listens)
            close(fd);
        if (conn >= 0)
            close(conn);
    }
}

static void bad_addresses_and_keys_are_refused_with_a_message(void **state) {
    struct world *w = *state;
    struct link_keys mixed = w->known;
    memcpy(mixed.public_key, w->refused.public_key, DOOR_KEY);
    struct link *l = NULL;
    static const char *const bad[] = {"",        "tcp://",        "127.0.0.1:5",
                                      "ipc://x", "tcp://h:99999", "tcp://h h:1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(link_listen(bad[i], &w->known, gate, w, &l, NULL), ERR_REFUSED);
        assert_int_equal(link_connect(bad[i], w->known.public_key, &w->known, 1, &l, NULL),
                         ERR_REFUSED);
    }
    const char *taken = link_endpoint(w->hub);
    assert_int_equal(link_listen(taken, &w->known, gate, w, &l, &w->err), ERR_REFUSED);
    assert_non_null(strstr(w->err.msgid, "in use"));
    assert_int_equal(link_listen("tcp://127.0.0.1:*", &mixed, gate, w, &l, NULL), ERR_REFUSED);
    assert_int_equal(link_listen("tcp://203.0.113.1:5555", &w->known, gate, w, &l, NULL),
                     ERR_REFUSED);
    assert_int_equal(link_connect("tcp://*:5555", w->known.public_key, &w->known, 1, &l, NULL),
                     ERR_REFUSED);
    assert_int_equal(
        link_connect("tcp://nowhere.invalid:5555", w->known.public_key, &w->known, 1, &l, NULL),
        ERR_AWAY);
    assert_null(l);
}

static void a_host_name_is_tried_at_each_of_its_addresses(void **state) {
    struct world *w = *state;
    /* Where localhost has two addresses, one of these hubs is not at the first. */
    static const char *const places[] = {"tcp://127.0.0.1:*", "tcp://[::1]:*"};
    struct endpoint name;
    struct endpoint_numbers numbers;
    assert_int_equal(endpoint_parse("tcp://localhost:5555", &name, NULL), 0);
    assert_int_equal(endpoint_resolve(&name, &numbers, NULL), 0);
    for (size_t i = 0; i < numbers.n && i < 2; i++) {
        struct link *hub = NULL, *l = NULL;
        char address[ENDPOINT_TEXT];
        assert_int_equal(link_listen(places[i], &w->hub_keys, gate, w, &hub, NULL), 0);
        (void)snprintf(address, sizeof address, "tcp://localhost%s",
                       strrchr(link_endpoint(hub), ':'));
        assert_int_equal(
            link_connect(address, w->hub_keys.public_key, &w->known, PATIENCE_MS, &l, NULL), 0);
        assert_int_equal(settle(hub, l), LINK_READY);
        link_free(l);
        link_free(hub);
    }
}

static void no_memory_is_told(void **state) {
    struct world *w = *state;
    struct link *l = NULL;
    mem_fail_at(0);
    assert_int_equal(link_listen("tcp://127.0.0.1:*", &w->known, gate, w, &l, NULL), ERR_NOMEM);
    mem_fail_at(-1);
    assert_null(l);
}

/* A ROUTER with CURVE and nothing else that keeps strangers out, or with what DESIGN asks for. */
static int prove(const char *domain, int enforce) {
    struct link_keys keys = new_keys();
    void *ctx = zmq_ctx_new(), *sock = zmq_socket(ctx, ZMQ_ROUTER);
    int one = 1, zero = 0;
    zmq_setsockopt(sock, ZMQ_LINGER, &zero, sizeof zero);
    zmq_setsockopt(sock, ZMQ_CURVE_SERVER, &one, sizeof one);
    zmq_setsockopt(sock, ZMQ_CURVE_SECRETKEY, keys.secret_key, DOOR_KEY);
    zmq_setsockopt(sock, ZMQ_ZAP_DOMAIN, domain, strlen(domain));
    zmq_setsockopt(sock, 93, &enforce, sizeof enforce);
    assert_int_equal(zmq_bind(sock, "tcp://127.0.0.1:*"), 0);
    char address[64];
    size_t n = sizeof address;
    zmq_getsockopt(sock, ZMQ_LAST_ENDPOINT, address, &n);
    int rc = link_prove_door(address, keys.public_key, NULL);
    zmq_close(sock);
    zmq_ctx_term(ctx);
    return rc;
}

static void an_unserved_door_is_proven_only_with_domain_and_enforcement(void **state) {
    (void)state;
    assert_int_equal(prove("thidua", 1), 0);
    assert_int_equal(prove("thidua", 0), ERR_REFUSED);
    assert_int_equal(prove("", 1), ERR_REFUSED);
    assert_int_equal(prove("", 0), ERR_REFUSED);
}

static void a_silent_door_is_not_proven(void **state) {
    (void)state;
    struct link_keys hub = new_keys();
    char address[64];
    int fd = tcp_listen(address);
    close(fd);
    assert_int_equal(link_prove_door(address, hub.public_key, NULL), ERR_REFUSED);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_WORLD(an_enrolled_key_enters_as_its_actor_and_is_answered),
        IN_WORLD(an_unknown_key_enters_as_a_guest_under_that_key),
        IN_WORLD(a_guest_may_send_few_and_small_frames),
        IN_WORLD(guests_are_capped_and_make_room_when_they_leave),
        IN_WORLD(a_refused_child_learns_it),
        IN_WORLD(another_hub_key_is_not_taken_for_the_hub),
        IN_WORLD(a_frame_at_the_limit_passes_both_ways),
        IN_WORLD(an_oversize_frame_ends_its_connection_and_nobody_elses),
        IN_WORLD(frames_of_several_parts_are_dropped_whole),
        IN_WORLD(frames_under_a_chosen_routing_id_are_dropped),
        IN_WORLD(a_name_stays_with_its_connection_when_the_gate_changes_its_mind),
        IN_WORLD(sending_to_a_killed_child_says_away),
        IN_WORLD(a_full_queue_says_away_and_never_waits),
        IN_WORLD(a_child_notices_that_its_hub_is_gone),
        IN_WORLD(waiting_ends_at_a_signal_and_at_a_watched_descriptor),
        IN_WORLD(bad_addresses_and_keys_are_refused_with_a_message),
        IN_WORLD(a_host_name_is_tried_at_each_of_its_addresses),
        IN_WORLD(no_memory_is_told),
        cmocka_unit_test(what_is_no_hub_is_told_apart),
        cmocka_unit_test(an_unserved_door_is_proven_only_with_domain_and_enforcement),
        cmocka_unit_test(a_silent_door_is_not_proven),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
