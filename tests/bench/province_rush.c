#include "hub/arrivals.h"
#include "tests/bench/bench.h"
#include "tests/bench/province.h"

#define RATE 8000 /* bytes a second */
#define SYNC_MS 10
#define DEAD_ONE_IN 4u
#define CUT_ONE_IN 8u
#define TICK_MS (5 * 60 * VIRTUAL_SECOND)
#define MOST_AFTER (2 * VIRTUAL_DAY) /* the rush is over by then, or something is wrong */

enum event_kind { STATE, DIAL, CUT, UP, DOWN, STEP, TICK };

static struct machine *of_peer(struct province *p, uint32_t peer) {
    return &p->machines[peer % p->n];
}

static void plan(struct province *p, struct machine *m, int64_t at, enum event_kind kind) {
    lines_put(&p->lines, &(struct lines_event){.at = at < p->v.now ? p->v.now : at,
                                               .kind = kind,
                                               .machine = (uint32_t)(m - p->machines),
                                               .peer = m->peer});
}

/* A frame leaves at `at` over the line of `m`, and comes out when that has taken it. */
static void carry(struct province *p, struct machine *m, bool up, int64_t at, struct slice frame) {
    int64_t *free_at = &m->free_at[up];
    *free_at = (*free_at > at ? *free_at : at) + (int64_t)frame.len * 1000 / RATE;
    lines_put(&p->lines, &(struct lines_event){.at = *free_at + PROVINCE_LATENCY_MS,
                                               .kind = up ? UP : DOWN,
                                               .machine = (uint32_t)(m - p->machines),
                                               .peer = m->peer,
                                               .bytes = lines_copy(frame),
                                               .len = frame.len});
}

static void say_up(struct province *p, struct machine *m, int64_t at) {
    uint32_t peer;
    struct slice frame;
    while (post_next(&m->up.post, &peer, &frame))
        carry(p, m, true, at, frame);
}

static void step_soon(struct province *p, struct machine *h) {
    if (h->step_planned)
        return;
    h->step_planned = true;
    plan(p, h, h->busy_until, STEP);
}

static void dial_later(struct province *p, struct machine *m) {
    int64_t minutes = 1 + (int64_t)virtual_below(&p->v, m->is_hub ? 2 : 20);
    plan(p, m, p->v.now + minutes * 60 * VIRTUAL_SECOND, DIAL);
}

static void dial(struct province *p, struct machine *m) {
    if (m->calls)
        return;
    p->dials++;
    if (!m->is_hub && virtual_below(&p->v, DEAD_ONE_IN) == 0) {
        dial_later(p, m);
        return;
    }
    (void)province_new_peer(p, m);
    m->calls = true;
    m->free_at[0] = m->free_at[1] = 0;
    uplink_init(&m->up, &m->actor, VIRTUAL_PROGRAM,
                m->is_hub ? arrivals_earliest : pending_earliest);
    province_must(p, uplink_start(&m->up, province_now(p), &p->v.e), "a greeting");
    say_up(p, m, p->v.now + 4 * PROVINCE_LATENCY_MS); /* the handshake of TCP, and CURVE's */
    if (!m->is_hub && virtual_below(&p->v, CUT_ONE_IN) == 0)
        plan(p, m, p->v.now + (int64_t)virtual_below(&p->v, 4 * VIRTUAL_SECOND), CUT);
}

static void cut(struct province *p, struct machine *m, uint32_t peer) {
    if (!m->calls || m->peer != peer)
        return;
    p->cuts++;
    province_hang_up(m);
    dial_later(p, m);
}

static void state(struct province *p, struct machine *m) {
    province_report(p, m);
    if (!m->calls) {
        dial(p, m);
        return;
    }
    province_must(p, uplink_tick(&m->up, province_now(p), &p->v.e), "news");
    say_up(p, m, p->v.now);
}

static void comes_up(struct province *p, struct machine *m, const struct lines_event *v) {
    if (!m->calls || m->peer != v->peer)
        return;
    struct sender from = {.peer = v->peer, .actor = m->actor.id};
    int64_t cpu = bench_ns(CLOCK_THREAD_CPUTIME_ID);
    province_must(
        p,
        hub_take(&m->above->hub, &from, province_now(p), (struct slice){v->bytes, v->len}, &p->v.e),
        "taking a frame");
    m->above->cpu_ns += bench_ns(CLOCK_THREAD_CPUTIME_ID) - cpu;
    if (m->above->hub.intake.n > p->queue)
        p->queue = m->above->hub.intake.n;
    step_soon(p, m->above);
}

static void comes_down(struct province *p, struct machine *m, const struct lines_event *v) {
    if (!m->calls || m->peer != v->peer)
        return;
    int64_t cpu = bench_ns(CLOCK_THREAD_CPUTIME_ID);
    uint32_t before = m->up.received;
    province_must(p,
                  uplink_frame(&m->up, province_now(p), (struct slice){v->bytes, v->len}, &p->v.e),
                  "a frame of the hub");
    province_heed(m);
    if (m->is_hub)
        m->cpu_ns += bench_ns(CLOCK_THREAD_CPUTIME_ID) - cpu;
    say_up(p, m, p->v.now);
    if (m->is_hub && m->up.received > before) {
        m->has_news = true;
        step_soon(p, m);
    }
    if (m->up.state == UPLINK_OVER) {
        province_hang_up(m);
        dial_later(p, m);
    } else if (!m->is_hub && uplink_settled(&m->up)) {
        province_hang_up(m);
    }
}

/* Tell the hub above what came. Heartbeats, two every half a minute, are left out: the line is
 * taken to be alive. */
static void send_on(struct province *p, struct machine *h) {
    h->up.heard_ms = province_now(p).boot_ms;
    province_must(p, uplink_tick(&h->up, province_now(p), &p->v.e), "news");
}

/* One round of a hub's loop, as its program goes; what it says leaves when the disk has it. */
static void round_of(struct province *p, struct machine *h) {
    uint32_t peer;
    struct slice frame;
    int64_t cpu = bench_ns(CLOCK_THREAD_CPUTIME_ID);
    province_must(p, hub_step(&h->hub, province_now(p), &p->v.e), "a step");
    if (h->has_news)
        province_look_round(p, h);
    h->has_news = false;
    province_catch_up(p, h);
    if (h->calls)
        send_on(p, h);
    cpu = bench_ns(CLOCK_THREAD_CPUTIME_ID) - cpu;
    h->cpu_ns += cpu;
    h->busy_until = p->v.now + SYNC_MS + cpu / 1000000;
    while (post_next(&h->hub.post, &peer, &frame))
        if (of_peer(p, peer)->calls && of_peer(p, peer)->peer == peer)
            carry(p, of_peer(p, peer), false, h->busy_until, frame);
    if (h->calls)
        say_up(p, h, h->busy_until);
    province_count(p, h);
    if (h->hub.catch_up.behind)
        step_soon(p, h);
    if (h == p->machines && p->held == (uint64_t)(p->n_offices) * PROVINCE_REPORTS)
        p->complete = h->busy_until;
}

static void happen(struct province *p, const struct lines_event *v) {
    struct machine *m = &p->machines[v->machine];
    p->v.now = v->at;
    switch ((enum event_kind)v->kind) {
    case STATE:
        state(p, m);
        break;
    case DIAL:
        dial(p, m);
        break;
    case CUT:
        cut(p, m, v->peer);
        break;
    case UP:
        comes_up(p, m, v);
        break;
    case DOWN:
        comes_down(p, m, v);
        break;
    case STEP:
        m->step_planned = false;
        round_of(p, m);
        break;
    case TICK:
        m->has_news = true;
        round_of(p, m);
        plan(p, m, p->v.now + TICK_MS, TICK);
        break;
    }
    if (p->stated - p->held > p->backlog)
        p->backlog = p->stated - p->held;
}

/* More and more towards the end: a quarter of them in the last eighth. */
static int64_t draw(struct province *p, int64_t rush) {
    int64_t a = (int64_t)virtual_below(&p->v, (uint64_t)rush);
    int64_t b = (int64_t)virtual_below(&p->v, (uint64_t)rush);
    return a > b ? a : b;
}

void province_rush(struct province *p) {
    struct lines_event v;
    int64_t length = p->due - p->v.now;
    instant began = p->v.now;
    for (uint32_t i = 0; i < p->n; i++) {
        struct machine *m = &p->machines[i];
        m->cpu_ns = 0;
        if (m->is_hub) {
            plan(p, m, began + (int64_t)virtual_below(&p->v, TICK_MS), TICK);
            if (m->above)
                plan(p, m, began, DIAL);
            continue;
        }
        for (uint32_t k = 1; k < PROVINCE_REPORTS; k++)
            plan(p, m, began + draw(p, length), STATE);
    }
    while (p->complete == 0 && lines_next(&p->lines, &v)) {
        if (v.at > p->due + MOST_AFTER)
            bench_fail("the root does not get everything", NULL);
        happen(p, &v);
        free(v.bytes);
    }
}
