/*
 * bench_year: a year of one hub and the offices below it on virtual time, with the real engines and
 * stores, but without sockets and without waiting for disks.
 *
 *     bench_year HUB_DIR OFFICES_DIR CAMPAIGN PEOPLE CONNECTIONS
 *
 * Every unit below the hub's gets a machine that joins; in the year each connects CONNECTIONS
 * times, states one report of PEOPLE individuals for each of the campaign's first four periods, and
 * later the first one once more. Receipts of everything have to be back in the end.
 */
#include "node/joining.h"
#include "node/pending.h"
#include "node/standing_keep.h"
#include "store/host.h"
#include "tests/bench/bench.h"
#include "tests/bench/virtual.h"

#define YEAR_MS (365 * VIRTUAL_DAY)
#define REPORTS 5u /* four, and an amendment */

struct machine {
    struct actor actor;
    struct hash subjects; /* the record of its list */
    uint32_t stated;
};

struct year {
    struct virtual_world v;
    struct actor actor;
    struct hub hub;
    uint32_t n, peer, people;
    struct machine *machines;
    const char *campaign;
    uint64_t frames, bytes, receipts;
};

/* What `from` sent goes to the hub, in one step. */
static bool to_hub(struct year *y, struct post *post, const struct sender *from) {
    uint32_t peer;
    struct slice frame;
    bool any = false;
    while (post_next(post, &peer, &frame)) {
        bench_must(hub_take(&y->hub, from, virtual_moment(&y->v), frame, &y->v.e), "taking a frame",
                   &y->v.e);
        y->frames++;
        y->bytes += frame.len;
        any = true;
    }
    if (any)
        bench_must(hub_step(&y->hub, virtual_moment(&y->v), &y->v.e), "a step", &y->v.e);
    return any;
}

/* What the hub has for `u`. */
static bool from_hub(struct year *y, struct uplink *u) {
    uint32_t peer;
    struct slice frame;
    bool any = false;
    while (post_next(&y->hub.post, &peer, &frame)) {
        if (peer != y->peer)
            continue;
        bench_must(uplink_frame(u, virtual_moment(&y->v), frame, &y->v.e), "a frame of the hub",
                   &y->v.e);
        y->frames++;
        y->bytes += frame.len;
        any = true;
    }
    return any;
}

static void catch_up(struct year *y) {
    bench_must(hub_tick(&y->hub, virtual_moment(&y->v), &y->v.e), "a tick", &y->v.e);
    while (y->hub.catch_up.behind)
        bench_must(catch_up_step(&y->hub.catch_up, &y->actor, 1, &y->v.e), "rankings", &y->v.e);
}

/* One connection, until both sides have said all. */
static void talk(struct year *y, struct machine *m) {
    struct uplink u;
    struct sender from = {.peer = ++y->peer, .actor = m->actor.id};
    uplink_init(&u, &m->actor, VIRTUAL_PROGRAM, pending_earliest);
    bench_must(uplink_start(&u, virtual_moment(&y->v), &y->v.e), "a greeting", &y->v.e);
    for (bool on = true; on && !uplink_settled(&u);) {
        on = to_hub(y, &u.post, &from);
        on = from_hub(y, &u) || on;
        y->v.now += 300;
    }
    (void)to_hub(y, &u.post, &from); /* its last answer */
    if (!uplink_settled(&u))
        bench_fail("a connection came to no end", u.why.code ? &u.why : NULL);
    y->receipts += u.received;
    uplink_done(&u);
    hub_gone(&y->hub, y->peer);
    catch_up(y);
}

/* ---- joining ---- */

static void join(struct year *y, const char *dir, const struct unit_fact *unit, struct machine *m) {
    struct ticket ticket;
    struct post post;
    uint32_t peer;
    struct slice frame;
    virtual_invite(&y->v, &y->actor, unit, ROLE_NODE, &ticket);
    post_init(&post);
    virtual_knock(&y->v, dir, &ticket, &post, &m->actor);
    struct sender from = {
        .peer = ++y->peer, .guest = true, .transport_key = *key_pair_public(m->actor.transport)};
    (void)to_hub(y, &post, &from);
    while (post_next(&y->hub.post, &peer, &frame))
        if (peer == y->peer)
            bench_must(joining_answer(&m->actor, frame, &y->v.e), dir, &y->v.e);
    hub_gone(&y->hub, y->peer);
    post_done(&post);
    talk(y, m);
}

static void join_all(struct year *y, const char *dir) {
    const struct units *units = y->actor.catalog.units;
    size_t all = units_count(units);
    day today = instant_day(y->v.now);
    y->machines = calloc(all, sizeof *y->machines);
    if (!y->machines)
        bench_fail("out of memory", NULL);
    for (size_t i = 0; i < all; i++) {
        const struct unit_fact *f = units_at(y->actor.catalog.units, units_id(units, i), today);
        char path[300];
        if (!f || uid_equal(&f->id, &y->actor.unit))
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", dir, f->code);
        join(y, path, f, &y->machines[y->n++]);
    }
}

/* ---- reporting ---- */

static void report(struct year *y, struct machine *m) {
    uint32_t number = m->stated++;
    struct virtual_report r = {.campaign = y->campaign,
                               .period = number % (REPORTS - 1),
                               .revision = 1 + number / (REPORTS - 1),
                               .people = y->people,
                               .seed = number};
    virtual_report(&y->v, &m->actor, &r, &m->subjects);
}

static void live(struct year *y, uint32_t connections) {
    int64_t step = YEAR_MS / ((int64_t)connections * (y->n ? y->n : 1));
    for (uint32_t c = 0; c < connections; c++)
        for (uint32_t i = 0; i < y->n; i++) {
            struct machine *m = &y->machines[i];
            y->v.now += step > 2000 ? step - 2000 : 1;
            if (m->stated < REPORTS && c * REPORTS / connections >= m->stated)
                report(y, m);
            talk(y, m);
        }
}

int main(int argc, char **argv) {
    static struct year y;
    struct world real;
    if (argc != 6) {
        fprintf(stderr, "usage: bench_year HUB_DIR OFFICES_DIR CAMPAIGN PEOPLE CONNECTIONS\n");
        return 2;
    }
    host_start();
    host_world(&real);
    virtual_init(&y.v, world_moment(&real).wall);
    y.campaign = argv[3];
    y.people = bench_number(argv[4]);
    virtual_open(&y.v, argv[1], ROLE_HUB, &y.actor);
    hub_init(&y.hub, &y.actor, &y.v.world, VIRTUAL_PROGRAM, virtual_moment(&y.v));
    uint64_t empty = virtual_store_bytes(argv[1]);
    join_all(&y, argv[2]);
    uint64_t joined = virtual_store_bytes(argv[1]);
    live(&y, bench_number(argv[5]));
    int64_t cpu = bench_ns(CLOCK_PROCESS_CPUTIME_ID);
    uint64_t full = virtual_store_bytes(argv[1]);
    hub_done(&y.hub);
    actor_close(&y.actor);
    for (uint32_t i = 0; i < y.n; i++)
        actor_close(&y.machines[i].actor);
    printf("{\"offices\":%u,\"connections\":%u,\"reports\":%u,\"frames\":%llu,\"frame_bytes\":%llu,"
           "\"cpu\":%.3f,\"store_empty\":%llu,\"store_joined\":%llu,\"store\":%llu}\n",
           y.n, y.n * bench_number(argv[5]), y.n * REPORTS, (unsigned long long)y.frames,
           (unsigned long long)y.bytes, (double)cpu / 1e9, (unsigned long long)empty,
           (unsigned long long)joined, (unsigned long long)full);
    free(y.machines);
    return 0;
}
