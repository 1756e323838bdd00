/* Who gets in, who does not, and what a child makes of it. */
#include "tests/unit/link_world.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

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

/* A plain TCP connection to `hub`. */
static int tcp_connect(const struct link *hub) {
    const char *port = strrchr(link_endpoint(hub), ':') + 1;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    a.sin_port = htons((uint16_t)strtoul(port, NULL, 10));
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    return fd;
}

/* Knock as a guest until the outcome is `want`; the hub may not have noticed a change yet. */
static void knock_until(struct world *w, enum reason want) {
    enum reason got = REASON_LOST;
    for (int64_t end = now_ms() + DEADLINE_MS; got != want;) {
        assert_true(now_ms() < end);
        struct link_keys keys = new_keys();
        struct link *guest = connect_as(w, &keys);
        (void)settle(w->hub, guest);
        got = link_failure(guest, NULL);
        link_free(guest);
    }
}

static void connections_that_never_shake_hands_count_until_they_end(void **state) {
    struct world *w = *state;
    int fd[LIMIT_GUESTS];
    knock_until(w, REASON_NONE);
    for (size_t i = 0; i < LIMIT_GUESTS; i++)
        fd[i] = tcp_connect(w->hub);
    knock_until(w, REASON_FULL);
    link_free(ready(w, &w->known));
    for (size_t i = 0; i < LIMIT_GUESTS; i++)
        close(fd[i]);
    knock_until(w, REASON_NONE);
}

/* Who has had its time makes room; who came a moment ago does not. */
static void guests_that_stay_idle_make_room_for_who_knocks(void **state) {
    struct world *w = *state;
    struct link *idle[LIMIT_GUESTS], *child = ready(w, &w->known);
    struct link_frame f;
    send_text(child, 0, "hello");
    assert_text(next_frame(w->hub).bytes, "hello");
    for (size_t i = 0; i < LIMIT_GUESTS; i++) {
        struct link_keys keys = new_keys();
        idle[i] = ready(w, &keys);
    }
    knock_until(w, REASON_FULL);
    link_patience(w->hub, 1);
    struct link_keys keys = new_keys();
    struct link *late = ready(w, &keys);
    send_text(late, 0, "join");
    f = next_frame(w->hub);
    assert_text(f.bytes, "join");
    assert_true(f.who.guest);
    send_text(w->hub, f.peer, "joined");
    assert_text(next_frame(late).bytes, "joined");
    for (int64_t end = now_ms() + DEADLINE_MS; link_state(idle[0]) == LINK_READY;) {
        assert_true(now_ms() < end); /* the first to come is the first to go */
        assert_true(link_recv(idle[0], STEP_MS, &f, NULL) >= 0);
    }
    assert_int_equal(link_state(child), LINK_READY);
    send_text(child, 0, "still here");
    assert_text(next_frame(w->hub).bytes, "still here");
    for (size_t i = 0; i < LIMIT_GUESTS; i++)
        link_free(idle[i]);
    link_free(late);
    link_free(child);
}

/* Whoever is enrolled may come again, and not without end. */
static void a_child_keeps_the_last_of_its_connections(void **state) {
    struct world *w = *state;
    struct link *line[DOOR_CHILD_LINES + 1];
    struct link_frame f;
    for (size_t i = 0; i <= DOOR_CHILD_LINES; i++) {
        line[i] = ready(w, &w->known);
        send_text(line[i], 0, "hello");
        assert_text(next_frame(w->hub).bytes, "hello");
    }
    for (int64_t end = now_ms() + DEADLINE_MS; link_state(line[0]) != LINK_FAILED;) {
        assert_true(now_ms() < end);
        (void)link_recv(w->hub, STEP_MS, &f, NULL);
        (void)link_recv(line[0], STEP_MS, &f, NULL);
    }
    for (size_t i = 1; i <= DOOR_CHILD_LINES; i++) {
        send_text(line[i], 0, "again");
        assert_text(next_frame(w->hub).bytes, "again");
    }
    for (size_t i = 0; i <= DOOR_CHILD_LINES; i++)
        link_free(line[i]);
}

/* Numbers of connections that this process does not have: nothing of its own is ended. */
#define STRANGE_FD 1000

static void strangers_beyond_their_seats_end_those_who_came_first(void **state) {
    static struct door d;
    struct door_who who;
    char user[DOOR_USER] = "guest:";
    (void)state;
    memset(user + strlen(user), 'a', 2 * DOOR_KEY);
    door_init(&d, gate, NULL);
    for (int i = 0; i < (int)DOOR_STRANGERS + 2; i++)
        door_accepted(&d, STRANGE_FD + i, i);
    assert_int_equal(d.strangers, DOOR_STRANGERS);
    assert_false(door_frame(&d, STRANGE_FD + 1, user, 1, &who));
    assert_true(door_frame(&d, STRANGE_FD + 2, user, 1, &who));
    door_left(&d, STRANGE_FD);
    door_left(&d, STRANGE_FD + 1);
    assert_int_equal(d.strangers, DOOR_STRANGERS);
    door_left(&d, STRANGE_FD + 2);
    assert_int_equal(d.strangers, DOOR_STRANGERS - 1);
}

static void a_child_that_comes_too_often_waits(void **state) {
    struct world *w = *state;
    static struct door d;
    char user[DOOR_USER];
    door_init(&d, gate, w);
    for (int i = 0; i < DOOR_VISITS; i++)
        assert_int_equal(door_answer(&d, w->known.public_key, i, user), DOOR_OPEN);
    assert_int_equal(door_answer(&d, w->known.public_key, DOOR_VISITS_MS - 1, user), DOOR_FULL);
    assert_int_equal(door_answer(&d, w->known.public_key, DOOR_VISITS_MS, user), DOOR_OPEN);
}

static void a_refused_child_learns_it(void **state) {
    struct world *w = *state;
    struct link *child = connect_as(w, &w->refused);
    assert_int_equal(settle(w->hub, child), LINK_FAILED);
    assert_int_equal(link_failure(child, &w->err), REASON_REFUSED);
    assert_int_equal(w->err.code, ERR_REFUSED);
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

/* A ROUTER with CURVE and nothing else that keeps strangers out, or with ZAP besides. */
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

#define STALL_MS 1500 /* many times what an answered handshake takes here */

/* The hub hangs, or whoever answers at its door does: the one key that it knows waits outside. */
static void nobody_is_let_in_while_nobody_answers_at_the_door(void **state) {
    struct world *w = *state;
    struct link_frame f;
    struct link *child = connect_as(w, &w->known), *guest = NULL;
    struct link_keys stranger = new_keys();
    guest = connect_as(w, &stranger);
    for (int64_t end = now_ms() + STALL_MS; now_ms() < end;) {
        assert_int_equal(link_recv(child, STEP_MS, &f, NULL), LINK_IDLE);
        assert_int_equal(link_recv(guest, STEP_MS, &f, NULL), LINK_IDLE);
        assert_int_equal(link_state(child), LINK_CONNECTING);
        assert_int_equal(link_state(guest), LINK_CONNECTING);
    }
    assert_int_equal(w->asked, 0);
    assert_int_equal(settle(w->hub, child), LINK_READY); /* it only hung: now it is asked */
    assert_true(w->asked > 0);
    link_free(guest);
    link_free(child);
}

static void a_silent_door_is_not_proven(void **state) {
    (void)state;
    struct link_keys hub = new_keys();
    char address[64];
    int fd = tcp_listen(address);
    close(fd);
    assert_int_equal(link_prove_door(address, hub.public_key, NULL), ERR_REFUSED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_WORLD(an_unknown_key_enters_as_a_guest_under_that_key),
        IN_WORLD(a_guest_may_send_few_and_small_frames),
        IN_WORLD(guests_are_capped_and_make_room_when_they_leave),
        IN_WORLD(connections_that_never_shake_hands_count_until_they_end),
        IN_WORLD(guests_that_stay_idle_make_room_for_who_knocks),
        IN_WORLD(a_child_keeps_the_last_of_its_connections),
        IN_WORLD(a_child_that_comes_too_often_waits),
        IN_WORLD(a_refused_child_learns_it),
        IN_WORLD(another_hub_key_is_not_taken_for_the_hub),
        IN_WORLD(a_name_stays_with_its_connection_when_the_gate_changes_its_mind),
        IN_WORLD(nobody_is_let_in_while_nobody_answers_at_the_door),
        cmocka_unit_test(strangers_beyond_their_seats_end_those_who_came_first),
        cmocka_unit_test(what_is_no_hub_is_told_apart),
        cmocka_unit_test(an_unserved_door_is_proven_only_with_domain_and_enforcement),
        cmocka_unit_test(a_silent_door_is_not_proven),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
