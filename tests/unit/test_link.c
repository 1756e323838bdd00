/* Frames over the link, both ways, and how connections end. */
#include "tests/unit/link_world.h"

#include "proto/endpoint.h"

#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

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

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_WORLD(an_enrolled_key_enters_as_its_actor_and_is_answered),
        IN_WORLD(a_frame_at_the_limit_passes_both_ways),
        IN_WORLD(an_oversize_frame_ends_its_connection_and_nobody_elses),
        IN_WORLD(frames_of_several_parts_are_dropped_whole),
        IN_WORLD(frames_under_a_chosen_routing_id_are_dropped),
        IN_WORLD(sending_to_a_killed_child_says_away),
        IN_WORLD(a_full_queue_says_away_and_never_waits),
        IN_WORLD(a_child_notices_that_its_hub_is_gone),
        IN_WORLD(waiting_ends_at_a_signal_and_at_a_watched_descriptor),
        IN_WORLD(bad_addresses_and_keys_are_refused_with_a_message),
        IN_WORLD(a_host_name_is_tried_at_each_of_its_addresses),
        IN_WORLD(no_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
