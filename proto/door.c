#include "proto/door.h"

#include "core/bytes.h"

#include <assert.h>
#include <string.h>
#include <sys/socket.h>

/* A seat's value: nobody, an enrolled child, a stranger whose connection was ended and is not lost
 * yet (a child's too), or a stranger who has sent (value - STRANGER) frames. */
enum { EMPTY = 0, CHILD = 1, CUT = 2, STRANGER = 3 };

static const char guest_mark[] = "guest:";

static_assert(DOOR_USER >= sizeof guest_mark + 2 * DOOR_KEY, "a guest's name fits");
static_assert(STRANGER + DOOR_GUEST_FRAMES <= UINT8_MAX, "a seat counts a guest's frames");

void door_init(struct door *d, door_gate gate, void *arg) {
    memset(d, 0, sizeof *d);
    d->gate = gate;
    d->arg = arg;
    d->patience_ms = DOOR_GUEST_MS;
}

static uint8_t *seat_of(struct door *d, int fd) {
    assert(d);
    return fd >= 0 && fd < (int)DOOR_SEATS ? &d->seats[fd] : NULL;
}

/* The seat of the stranger who came first; −1: there is none. */
static int first_stranger(const struct door *d) {
    int first = -1;
    for (int fd = 0; fd < (int)DOOR_SEATS; fd++)
        if (d->seats[fd] >= STRANGER && (first < 0 || d->came_ms[fd] < d->came_ms[first]))
            first = fd;
    return first;
}

/* End the connection on `fd`. It is not closed: the number stays the transport's, which reads the
 * end and gives it back. */
static void cut(struct door *d, int fd) {
    (void)shutdown(fd, SHUT_RDWR);
    if (d->seats[fd] >= STRANGER)
        d->strangers--;
    d->seats[fd] = CUT;
}

void door_accepted(struct door *d, int fd, int64_t now_ms) {
    uint8_t *seat = seat_of(d, fd);
    if (!seat) {
        (void)shutdown(fd, SHUT_RDWR);
        d->strangers++;
        return;
    }
    d->came_ms[fd] = now_ms;
    if (*seat < STRANGER) {
        *seat = STRANGER;
        d->strangers++;
    }
    int first = d->strangers > DOOR_STRANGERS ? first_stranger(d) : -1;
    if (first >= 0)
        cut(d, first);
}

void door_left(struct door *d, int fd) {
    uint8_t *seat = seat_of(d, fd);
    /* A connection beyond the last seat was never shown to be a child's. */
    bool stranger = seat ? *seat >= STRANGER : true;
    if (stranger && d->strangers > 0)
        d->strangers--;
    if (seat)
        *seat = EMPTY;
}

void door_make_room(struct door *d, int64_t now_ms) {
    while (d->strangers > LIMIT_GUESTS) {
        int fd = first_stranger(d);
        if (fd < 0 || now_ms - d->came_ms[fd] < d->patience_ms)
            return;
        cut(d, fd);
    }
}

/* Whether `actor` comes too often. Two that share a place in the table only forget each other. */
static bool too_often(struct door *d, const struct hash *actor, int64_t now_ms) {
    uint64_t whose;
    memcpy(&whose, actor->b, sizeof whose);
    struct door_visits *v = &d->visits[whose % DOOR_VISITORS];
    if (v->whose != whose || now_ms - v->since_ms >= DOOR_VISITS_MS)
        *v = (struct door_visits){whose, now_ms, 0};
    return ++v->n > DOOR_VISITS;
}

enum door_status door_answer(struct door *d, const uint8_t key[DOOR_KEY], int64_t now_ms,
                             char ret_user[DOOR_USER]) {
    struct hash actor;
    switch (d->gate(d->arg, key, &actor)) {
    case DOOR_KNOWN:
        if (too_often(d, &actor, now_ms))
            return DOOR_FULL;
        hash_text(&actor, ret_user);
        return DOOR_OPEN;
    case DOOR_GUEST:
        if (d->strangers > LIMIT_GUESTS)
            return DOOR_FULL;
        memcpy(ret_user, guest_mark, strlen(guest_mark));
        hex_encode(key, DOOR_KEY, ret_user + strlen(guest_mark));
        return DOOR_OPEN;
    case DOOR_BUSY:
        return DOOR_FULL;
    case DOOR_REFUSED:
        break;
    }
    return DOOR_CLOSED;
}

/* The stranger on `fd` is a child, and of its connections the last to come stay. */
static void seat_child(struct door *d, int fd, const struct hash *actor) {
    int lines = 0, first = fd;
    d->seats[fd] = CHILD;
    d->strangers--;
    memcpy(&d->whose[fd], actor->b, sizeof d->whose[fd]);
    for (int i = 0; i < (int)DOOR_SEATS; i++) {
        if (d->seats[i] != CHILD || d->whose[i] != d->whose[fd])
            continue;
        lines++;
        if (d->came_ms[i] < d->came_ms[first])
            first = i;
    }
    if (lines > DOOR_CHILD_LINES)
        cut(d, first);
}

static bool child_frame(struct door *d, int fd, const char *user, struct door_who *ret_who) {
    struct door_who who = {.guest = false};
    if (!hex_decode(user, strlen(user), who.actor.b, HASH_BYTES))
        return false;
    uint8_t *seat = seat_of(d, fd);
    if (seat && *seat >= STRANGER)
        seat_child(d, fd, &who.actor);
    *ret_who = who;
    return true;
}

static bool guest_frame(struct door *d, int fd, const char *name, size_t bytes,
                        struct door_who *ret_who) {
    struct door_who who = {.guest = true};
    uint8_t *seat = seat_of(d, fd);
    if (!seat || *seat == CUT || bytes > LIMIT_GUEST_FRAME ||
        !hex_decode(name, strlen(name), who.key, DOOR_KEY))
        return false;
    /* An empty seat: it left while the frame waited to be read. */
    if (*seat >= STRANGER) {
        if (*seat >= STRANGER + DOOR_GUEST_FRAMES)
            return false;
        (*seat)++;
    }
    *ret_who = who;
    return true;
}

bool door_frame(struct door *d, int fd, const char *user, size_t bytes, struct door_who *ret_who) {
    if (!user)
        return false;
    if (strncmp(user, guest_mark, strlen(guest_mark)) == 0)
        return guest_frame(d, fd, user + strlen(guest_mark), bytes, ret_who);
    return child_frame(d, fd, user, ret_who);
}

/* A routing id that the transport made: a zero byte, then a number. */
bool door_peer(const uint8_t *id, int n, uint32_t *ret_peer) {
    if (n != DOOR_PEER || id[0] != 0)
        return false;
    struct reader r = reader_of(slice_of(id + 1, DOOR_PEER - 1));
    *ret_peer = reader_u32(&r);
    return true;
}

void door_peer_id(uint32_t peer, uint8_t ret_id[DOOR_PEER]) {
    const uint8_t id[DOOR_PEER] = {0, (uint8_t)(peer >> 24), (uint8_t)(peer >> 16),
                                   (uint8_t)(peer >> 8), (uint8_t)peer};
    memcpy(ret_id, id, sizeof id);
}
