#include "tests/bench/province.h"

#include "tests/bench/bench.h"

struct moment province_now(const struct province *p) {
    return virtual_moment(&p->v);
}

void province_must(struct province *p, int rc, const char *what) {
    bench_must(rc, what, &p->v.e);
}

uint32_t province_new_peer(struct province *p, struct machine *m) {
    return m->peer = ++m->session * p->n + (uint32_t)(m - p->machines);
}

void province_report(struct province *p, struct machine *m) {
    uint32_t number = m->stated++;
    struct virtual_report r = {.campaign = p->campaign,
                               .period = number % (PROVINCE_REPORTS - 1),
                               .revision = 1 + number / (PROVINCE_REPORTS - 1),
                               .people = p->people,
                               .seed = number};
    virtual_report(&p->v, &m->actor, &r, &m->subjects);
    p->stated++;
}

/* What `h` came to in its last steps. */
void province_count(struct province *p, struct machine *h) {
    struct hub_events *v = &h->hub.events;
    if (v->refused || v->voided || v->rejected || v->forks)
        bench_fail("a hub refused a record", v->why.code ? &v->why : NULL);
    if (h == p->machines)
        p->held += v->valid;
    *v = (struct hub_events){0};
}

void province_catch_up(struct province *p, struct machine *h) {
    struct catch_up *c = &h->hub.catch_up;
    for (int i = 0; i < 4 && catch_up_due(c, true, province_now(p).boot_ms); i++)
        province_must(p, catch_up_step(c, &h->actor, 1, &p->v.e), "rankings");
}

/* What the hub above said of its clock is what its own is held against. */
void province_heed(struct machine *m) {
    if (m->is_hub)
        hub_heard_above(&m->hub, &m->up);
}

/* Time has passed, or other hands put records into the store. */
void province_look_round(struct province *p, struct machine *h) {
    province_must(p, hub_tick(&h->hub, province_now(p), &p->v.e), "a tick");
    if (h->hub.news)
        province_must(p, hub_step(&h->hub, province_now(p), &p->v.e), "a step");
}

void province_hang_up(struct machine *m) {
    if (!m->calls)
        return;
    m->calls = false;
    uplink_done(&m->up);
    hub_gone(&m->above->hub, m->peer);
}
