/*
 * bench_province: a year of a province of two or three levels on virtual time, and the rush at its
 * end: the real engines and stores in one process, and lines as bad as they are.
 *
 *     bench_province HUB_DIR DIR CAMPAIGN PEOPLE CONNECTIONS RUSH_HOURS DUE_MS
 *
 * Every unit right below the hub's with units below it of its own gets a hub, every other one an
 * office. Until RUSH_HOURS before the instant DUE_MS each office connects CONNECTIONS times and
 * states one report of PEOPLE individuals; in the rush it states four more, of the campaign's other
 * periods and an amendment, more of them towards the end.
 */
#include "hub/arrivals.h"
#include "node/joining.h"
#include "store/host.h"
#include "tests/bench/bench.h"
#include "tests/bench/province.h"

/* ---- one after the other: joining, and the year before the rush ---- */

static bool to_hub(struct province *p, struct machine *h, struct post *post,
                   const struct sender *from) {
    uint32_t peer;
    struct slice frame;
    bool any = false;
    while (post_next(post, &peer, &frame)) {
        province_must(p, hub_take(&h->hub, from, province_now(p), frame, &p->v.e),
                      "taking a frame");
        any = true;
    }
    if (any)
        province_must(p, hub_step(&h->hub, province_now(p), &p->v.e), "a step");
    return any;
}

static bool from_hub(struct province *p, struct machine *m) {
    uint32_t peer;
    struct slice frame;
    bool any = false;
    while (post_next(&m->above->hub.post, &peer, &frame)) {
        if (peer != m->peer)
            continue;
        province_must(p, uplink_frame(&m->up, province_now(p), frame, &p->v.e),
                      "a frame of the hub");
        province_heed(m);
        any = true;
    }
    return any;
}

static void tick(struct province *p, struct machine *h) {
    province_look_round(p, h);
    province_catch_up(p, h);
    province_count(p, h);
}

static void talk(struct province *p, struct machine *m) {
    struct sender from = {.peer = province_new_peer(p, m), .actor = m->actor.id};
    uplink_init(&m->up, &m->actor, VIRTUAL_PROGRAM,
                m->is_hub ? arrivals_earliest : pending_earliest);
    province_must(p, uplink_start(&m->up, province_now(p), &p->v.e), "a greeting");
    for (bool on = true; on && !uplink_settled(&m->up);) {
        on = to_hub(p, m->above, &m->up.post, &from);
        on = from_hub(p, m) || on;
        p->v.now += PROVINCE_LATENCY_MS;
    }
    (void)to_hub(p, m->above, &m->up.post, &from); /* its last answer */
    if (!uplink_settled(&m->up))
        bench_fail("a connection came to no end", m->up.why.code ? &m->up.why : NULL);
    uplink_done(&m->up);
    hub_gone(&m->above->hub, m->peer);
    tick(p, m->above);
    if (m->is_hub)
        tick(p, m);
}

static void join(struct province *p, const char *dir, const struct unit_fact *unit,
                 struct machine *m) {
    struct ticket ticket;
    struct post post;
    uint32_t peer;
    struct slice frame;
    virtual_invite(&p->v, &m->above->actor, unit, m->is_hub ? ROLE_HUB : ROLE_NODE, &ticket);
    post_init(&post);
    virtual_knock(&p->v, dir, &ticket, &post, &m->actor);
    struct sender from = {.peer = province_new_peer(p, m),
                          .guest = true,
                          .transport_key = *key_pair_public(m->actor.transport)};
    (void)to_hub(p, m->above, &post, &from);
    while (post_next(&m->above->hub.post, &peer, &frame))
        if (peer == m->peer)
            province_must(p, joining_answer(&m->actor, frame, &p->v.e), dir);
    hub_gone(&m->above->hub, m->peer);
    post_done(&post);
    if (m->is_hub)
        hub_init(&m->hub, &m->actor, &p->v.world, VIRTUAL_PROGRAM, province_now(p));
    talk(p, m);
}

/* Whether `id` has units below it on `on`. */
static bool has_units(const struct units *units, const struct uid *id, day on) {
    for (size_t i = 0; i < units_count(units); i++) {
        const struct unit_fact *f = units_at(units, units_id(units, i), on);
        if (f && uid_equal(&f->parent, id))
            return true;
    }
    return false;
}

/* Let everybody right below `h` join, hubs with all that is below them. */
static void join_below(struct province *p, const char *dir, struct machine *h) {
    day today = instant_day(p->v.now);
    for (size_t i = 0; i < units_count(p->machines[0].actor.catalog.units); i++) {
        const struct units *units = p->machines[0].actor.catalog.units;
        const struct unit_fact *f = units_at(units, units_id(units, i), today);
        char path[300];
        if (!f || !uid_equal(&f->parent, &h->actor.unit))
            continue;
        struct machine *m = &p->machines[p->n_joined++];
        m->above = h;
        m->is_hub = has_units(units, &f->id, today);
        (void)snprintf(path, sizeof path, "%s/%s", dir, f->code);
        join(p, path, f, m);
        if (m->is_hub)
            join_below(p, dir, m);
    }
}

/* Everybody connects in turn; hubs after all that is below them, so that what those said goes on.
 */
static void live(struct province *p, uint32_t connections, instant until) {
    if (connections == 0 || p->n == 0)
        bench_fail("nobody connects", NULL);
    int64_t step = (until - p->v.now) / ((int64_t)connections * p->n) - 10 * PROVINCE_LATENCY_MS;
    for (uint32_t c = 0; c < connections; c++) {
        for (uint32_t i = 1; i < p->n; i++)
            if (!p->machines[i].is_hub) {
                p->v.now += step > 0 ? step : 1;
                if (c == connections / 2)
                    province_report(p, &p->machines[i]);
                talk(p, &p->machines[i]);
            }
        for (uint32_t i = p->n; i-- > 1;)
            if (p->machines[i].is_hub)
                talk(p, &p->machines[i]);
    }
    if (p->held != p->stated || p->v.now > until)
        bench_fail("the year did not come to its end", NULL);
    p->v.now = until;
}

/* ---- the whole ---- */

static void open_root(struct province *p, const char *dir) {
    struct actor a;
    virtual_open(&p->v, dir, ROLE_HUB, &a);
    p->n = (uint32_t)units_count(a.catalog.units);
    p->machines = calloc(p->n, sizeof *p->machines);
    if (!p->machines)
        bench_fail("out of memory", NULL);
    p->machines[p->n_joined++] = (struct machine){.actor = a, .is_hub = true};
    hub_init(&p->machines[0].hub, &p->machines[0].actor, &p->v.world, VIRTUAL_PROGRAM,
             province_now(p));
}

static void tell(const struct province *p, const char *dir, uint64_t joined, int64_t joined_ns,
                 int64_t lived_ns) {
    double hubs = 0, root = (double)p->machines[0].cpu_ns;
    for (uint32_t i = 0; i < p->n; i++)
        hubs += p->machines[i].is_hub ? (double)p->machines[i].cpu_ns : 0;
    printf("{\"offices\":%u,\"hubs\":%u,\"reports\":%llu,\"rush_reports\":%u,\"dials\":%llu,"
           "\"cuts\":%llu,\"hubs_cpu\":%.6f,\"root_cpu\":%.6f,\"backlog\":%llu,\"queue\":%llu,"
           "\"complete_after\":%.3f,\"store_joined\":%llu,\"store\":%llu,\"cpu\":%.3f,"
           "\"cpu_joining\":%.3f,\"cpu_living\":%.3f}\n",
           p->n_offices, p->n - p->n_offices, (unsigned long long)p->stated,
           p->n_offices * (PROVINCE_REPORTS - 1), (unsigned long long)p->dials,
           (unsigned long long)p->cuts, hubs / 1e9, root / 1e9, (unsigned long long)p->backlog,
           (unsigned long long)p->queue, (double)(p->complete - p->due) / 1000,
           (unsigned long long)joined, (unsigned long long)virtual_store_bytes(dir),
           (double)bench_ns(CLOCK_PROCESS_CPUTIME_ID) / 1e9, (double)joined_ns / 1e9,
           (double)(lived_ns - joined_ns) / 1e9);
}

int main(int argc, char **argv) {
    static struct province p;
    if (argc != 8) {
        fprintf(stderr, "usage: bench_province HUB_DIR DIR CAMPAIGN PEOPLE CONNECTIONS RUSH_HOURS "
                        "DUE_MS\n");
        return 2;
    }
    host_start();
    (void)host_serve(); /* each machine has files of its own */
    p.due = strtoll(argv[7], NULL, 10);
    p.campaign = argv[3];
    p.people = bench_number(argv[4]);
    virtual_init(&p.v, p.due - 340 * VIRTUAL_DAY);
    open_root(&p, argv[1]);
    join_below(&p, argv[2], p.machines);
    for (uint32_t i = 0; i < p.n; i++)
        p.n_offices += !p.machines[i].is_hub;
    uint64_t joined = virtual_store_bytes(argv[1]);
    int64_t joined_ns = bench_ns(CLOCK_PROCESS_CPUTIME_ID);
    live(&p, bench_number(argv[5]), p.due - bench_number(argv[6]) * VIRTUAL_HOUR);
    int64_t lived_ns = bench_ns(CLOCK_PROCESS_CPUTIME_ID);
    province_rush(&p);
    while (p.machines[0].hub.catch_up.behind)
        province_catch_up(&p, p.machines);
    tell(&p, argv[1], joined, joined_ns, lived_ns);
    for (uint32_t i = p.n; i-- > 0;) {
        province_hang_up(&p.machines[i]);
        if (p.machines[i].is_hub)
            hub_done(&p.machines[i].hub);
        actor_close(&p.machines[i].actor);
    }
    lines_done(&p.lines);
    free(p.machines);
    return 0;
}
