/*
 * bench_decade: ten years of a hub and the offices below it on virtual time. The hub is this
 * process, and does nothing else; the offices live in a child, so that the memory that is looked at
 * is the hub's alone.
 *
 *     bench_decade HUB_DIR OFFICES_DIR BEGIN_MS YEARS CONNECTIONS PEOPLE CAMPAIGN...
 *
 * Every unit below the hub's gets an office. Each year it states one report of PEOPLE individuals
 * for each month of that year's CAMPAIGN, and the first one once more, and connects CONNECTIONS
 * times. Prints, for the end of each year, the hub's anonymous memory in KiB and its store's bytes.
 *
 *     offices ──request──► hub: takes, steps, ranks ──answers──► offices
 */
#include "core/limits.h"
#include "core/mem.h"
#include "node/joining.h"
#include "node/pending.h"
#include "node/standing_keep.h"
#include "store/host.h"
#include "tests/bench/bench.h"
#include "tests/bench/virtual.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define MONTHS 12u
#define REPORTS (MONTHS + 1u) /* of an office in a year */
#define YEAR_MS (365 * VIRTUAL_DAY)
#define PATH_BYTES 300
#define UNITS_MAX 4096u

/* What the offices ask of the hub. FRAMES: the frames of `from` follow, each behind its length, and
 * a length of zero; so does the answer. INVITE: the answer is a ticket. */
struct request {
    enum { FRAMES, GONE, INVITE, YEAR_IS_OVER } kind;
    struct sender from;
    instant now;
    struct uid unit;
};

/* A unit, as the hub tells of it before all else. */
struct place {
    struct uid id;
    char code[LIMIT_CODE + 1];
};

static void put(int fd, const void *bytes, size_t n) {
    const char *at = bytes;
    while (n > 0) {
        ssize_t did = write(fd, at, n);
        if (did < 0 && errno == EINTR)
            continue;
        if (did <= 0)
            bench_fail("the other side is gone", NULL);
        at += did;
        n -= (size_t)did;
    }
}

/* False: the other side is done. */
static bool get(int fd, void *ret_bytes, size_t n) {
    char *at = ret_bytes;
    while (n > 0) {
        ssize_t did = read(fd, at, n);
        if (did < 0 && errno == EINTR)
            continue;
        if (did <= 0)
            return false;
        at += did;
        n -= (size_t)did;
    }
    return true;
}

static void must_get(int fd, void *ret_bytes, size_t n) {
    if (!get(fd, ret_bytes, n))
        bench_fail("the other side is gone", NULL);
}

static void put_frame(int fd, struct slice frame) {
    uint32_t n = (uint32_t)frame.len;
    put(fd, &n, sizeof n);
    put(fd, frame.data, frame.len);
}

/* The next frame into `out`; its length 0: there is none. */
static struct slice get_frame(int fd, struct buf *out) {
    uint32_t n;
    must_get(fd, &n, sizeof n);
    buf_clear(out);
    if (n > 0)
        must_get(fd, buf_extend(out, n), n);
    return buf_slice(out);
}

/* ---- the hub ---- */

struct side {
    struct virtual_world v;
    struct actor actor;
    struct hub hub;
    int fd;
    uint32_t years;
};

static unsigned long anonymous_kib(void) {
    char line[200];
    unsigned long kib = 0;
    FILE *f = fopen("/proc/self/smaps_rollup", "re");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, "Anonymous:", 10) == 0)
            kib = strtoul(line + 10, NULL, 10);
    if (!f || kib == 0)
        bench_fail("the kernel does not say how much memory is anonymous", NULL);
    (void)fclose(f);
    return kib;
}

static void tell_units(struct side *s) {
    static struct place places[UNITS_MAX];
    const struct units *units = s->actor.catalog.units;
    uint32_t n = 0;
    for (size_t i = 0; i < units_count(units) && n < UNITS_MAX; i++) {
        const struct unit_fact *f = units_at(units, units_id(units, i), instant_day(s->v.now));
        if (!f || uid_equal(&f->id, &s->actor.unit))
            continue;
        places[n].id = f->id;
        (void)snprintf(places[n++].code, sizeof places->code, "%s", f->code);
    }
    put(s->fd, &n, sizeof n);
    put(s->fd, places, n * sizeof *places);
}

static void take_frames(struct side *s, const struct request *r) {
    struct buf in;
    struct slice frame;
    uint32_t peer;
    buf_init(&in);
    while ((frame = get_frame(s->fd, &in)).len > 0)
        bench_must(hub_take(&s->hub, &r->from, virtual_moment(&s->v), frame, &s->v.e), "a frame",
                   &s->v.e);
    bench_must(hub_step(&s->hub, virtual_moment(&s->v), &s->v.e), "a step", &s->v.e);
    while (post_next(&s->hub.post, &peer, &frame))
        if (peer == r->from.peer)
            put_frame(s->fd, frame);
    put_frame(s->fd, (struct slice){0});
    buf_done(&in);
}

static void rest(struct side *s) {
    bench_must(hub_tick(&s->hub, virtual_moment(&s->v), &s->v.e), "a tick", &s->v.e);
    while (s->hub.catch_up.behind)
        bench_must(catch_up_step(&s->hub.catch_up, &s->actor, 1, &s->v.e), "rankings", &s->v.e);
    if (s->hub.events.rejected || s->hub.events.refused || s->hub.events.voided)
        bench_fail("the hub refused a record", NULL);
}

static void serve(struct side *s, const struct request *r, const char *dir) {
    struct ticket ticket;
    s->v.now = r->now;
    switch (r->kind) {
    case FRAMES:
        take_frames(s, r);
        break;
    case GONE:
        hub_gone(&s->hub, r->from.peer);
        rest(s);
        break;
    case INVITE:
        virtual_invite(&s->v, &s->actor,
                       units_at(s->actor.catalog.units, &r->unit, instant_day(s->v.now)), ROLE_NODE,
                       &ticket);
        put(s->fd, &ticket, sizeof ticket);
        break;
    case YEAR_IS_OVER: /* as its program does where nothing comes */
        hub_rest(&s->hub);
        mem_trim();
        printf("%s{\"kib\":%lu,\"store\":%llu}", s->years++ ? "," : "", anonymous_kib(),
               (unsigned long long)virtual_store_bytes(dir));
        break;
    }
}

static void be_hub(int fd, const char *dir, instant begin) {
    static struct side s;
    struct request r;
    s.fd = fd;
    virtual_init(&s.v, begin);
    virtual_open(&s.v, dir, ROLE_HUB, &s.actor);
    hub_init(&s.hub, &s.actor, &s.v.world, VIRTUAL_PROGRAM, virtual_moment(&s.v));
    tell_units(&s);
    printf("{\"years\":[");
    while (get(fd, &r, sizeof r))
        serve(&s, &r, dir);
    printf("],\"hub_cpu\":%.3f}\n", (double)bench_ns(CLOCK_PROCESS_CPUTIME_ID) / 1e9);
    hub_done(&s.hub);
    actor_close(&s.actor);
}

/* ---- the offices ---- */

struct machine {
    struct actor actor;
    struct hash subjects;
    uint32_t stated; /* this year */
};

struct offices {
    struct virtual_world v;
    int fd;
    uint32_t n, peer, people;
    struct place places[UNITS_MAX];
    struct machine machines[UNITS_MAX];
};

static void ask(struct offices *o, struct request *r) {
    r->now = o->v.now;
    put(o->fd, r, sizeof *r);
}

/* Hand over what waits in `post`. */
static bool hand_over(struct offices *o, struct post *post, const struct sender *from) {
    struct request r = {.kind = FRAMES, .from = *from};
    uint32_t peer;
    struct slice frame;
    bool any = false;
    ask(o, &r);
    while (post_next(post, &peer, &frame)) {
        put_frame(o->fd, frame);
        any = true;
    }
    put_frame(o->fd, (struct slice){0});
    return any;
}

static void hang_up(struct offices *o, const struct sender *from) {
    struct request r = {.kind = GONE, .from = *from};
    ask(o, &r);
}

static void talk(struct offices *o, struct machine *m) {
    struct uplink u;
    struct buf in;
    struct slice frame;
    struct sender from = {.peer = ++o->peer, .actor = m->actor.id};
    bool last = false;
    buf_init(&in);
    uplink_init(&u, &m->actor, VIRTUAL_PROGRAM, pending_earliest);
    bench_must(uplink_start(&u, virtual_moment(&o->v), &o->v.e), "a greeting", &o->v.e);
    for (bool on = true; on && !last;) {
        last = uplink_settled(&u); /* its last answer goes */
        on = hand_over(o, &u.post, &from);
        while ((frame = get_frame(o->fd, &in)).len > 0) {
            bench_must(uplink_frame(&u, virtual_moment(&o->v), frame, &o->v.e), "a frame", &o->v.e);
            on = true;
        }
        o->v.now += 300;
    }
    if (!uplink_settled(&u))
        bench_fail("a connection came to no end", u.why.code ? &u.why : NULL);
    uplink_done(&u);
    buf_done(&in);
    hang_up(o, &from);
}

static void join(struct offices *o, const char *dir, uint32_t i) {
    struct machine *m = &o->machines[i];
    struct request r = {.kind = INVITE, .unit = o->places[i].id};
    struct ticket ticket;
    struct post post;
    struct buf in;
    struct slice frame;
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/%s", dir, o->places[i].code);
    ask(o, &r);
    must_get(o->fd, &ticket, sizeof ticket);
    post_init(&post);
    buf_init(&in);
    virtual_knock(&o->v, path, &ticket, &post, &m->actor);
    struct sender from = {
        .peer = ++o->peer, .guest = true, .transport_key = *key_pair_public(m->actor.transport)};
    (void)hand_over(o, &post, &from);
    while ((frame = get_frame(o->fd, &in)).len > 0)
        bench_must(joining_answer(&m->actor, frame, &o->v.e), path, &o->v.e);
    buf_done(&in);
    post_done(&post);
    hang_up(o, &from);
    talk(o, m);
}

static void report(struct offices *o, struct machine *m, const char *campaign) {
    struct virtual_report r = {.campaign = campaign,
                               .period = m->stated % MONTHS,
                               .revision = 1 + m->stated / MONTHS,
                               .people = o->people,
                               .seed = m->stated};
    virtual_report(&o->v, &m->actor, &r, &m->subjects);
    m->stated++;
}

static void live(struct offices *o, uint32_t connections, const char *campaign, instant until) {
    int64_t step = (until - o->v.now) / ((int64_t)connections * (o->n ? o->n : 1)) - 3000;
    for (uint32_t i = 0; i < o->n; i++) {
        o->machines[i].stated = 0;
        o->machines[i].subjects = (struct hash){0}; /* a list of its own each year */
    }
    for (uint32_t c = 1; c <= connections; c++)
        for (uint32_t i = 0; i < o->n; i++) {
            o->v.now += step > 0 ? step : 1;
            while (o->machines[i].stated < c * REPORTS / connections)
                report(o, &o->machines[i], campaign);
            talk(o, &o->machines[i]);
        }
    struct request over = {.kind = YEAR_IS_OVER};
    o->v.now = o->v.now < until ? until : o->v.now;
    ask(o, &over);
}

static void be_offices(int fd, char **argv, uint32_t years, instant begin) {
    static struct offices o;
    o.fd = fd;
    o.people = bench_number(argv[6]);
    virtual_init(&o.v, begin);
    o.v.random = 1; /* not what the hub draws */
    must_get(fd, &o.n, sizeof o.n);
    must_get(fd, o.places, o.n * sizeof *o.places);
    for (uint32_t i = 0; i < o.n; i++)
        join(&o, argv[2], i);
    for (uint32_t y = 0; y < years; y++)
        live(&o, bench_number(argv[5]), argv[7 + y], begin + (y + 1) * YEAR_MS);
    for (uint32_t i = 0; i < o.n; i++)
        actor_close(&o.machines[i].actor);
}

int main(int argc, char **argv) {
    int ends[2], status = 1;
    if (argc < 8 || bench_number(argv[4]) != (uint32_t)argc - 7) {
        fprintf(stderr, "usage: bench_decade HUB_DIR OFFICES_DIR BEGIN_MS YEARS CONNECTIONS PEOPLE "
                        "CAMPAIGN...\n");
        return 2;
    }
    host_start();
    (void)host_serve();
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        bench_fail("socketpair", NULL);
    instant begin = strtoll(argv[3], NULL, 10);
    pid_t pid = fork();
    if (pid < 0)
        bench_fail("fork", NULL);
    (void)close(ends[pid == 0 ? 0 : 1]);
    if (pid == 0) {
        be_offices(ends[1], argv, bench_number(argv[4]), begin);
        return 0;
    }
    be_hub(ends[0], argv[1], begin);
    if (waitpid(pid, &status, 0) != pid || status != 0)
        bench_fail("the offices failed", NULL);
    return 0;
}
