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
#include "core/limits.h"
#include "hub/enrolment.h"
#include "hub/hub.h"
#include "node/append.h"
#include "node/joining.h"
#include "node/office.h"
#include "node/standing_keep.h"
#include "node/uplink.h"
#include "store/host.h"
#include "tests/bench/bench.h"

#include <string.h>
#include <sys/stat.h>

#define PROGRAM "thidua bench"
#define YEAR_MS (INT64_C(365) * 24 * 3600 * 1000)
#define REPORTS 5u /* four, and an amendment */

struct machine {
    struct actor actor;
    struct hash subjects; /* the record of its list */
    uint32_t stated;
};

struct year {
    struct world world;
    instant now, began;
    uint64_t random;
    struct actor actor;
    struct hub hub;
    uint32_t n, peer, people;
    struct machine *machines;
    const char *campaign;
    uint64_t frames, bytes, receipts;
    struct err e;
};

static instant year_now(void *arg) {
    return ((struct year *)arg)->now;
}

static int64_t year_boot_ms(void *arg) {
    const struct year *y = arg;
    return y->now - y->began + 1;
}

static void year_random(void *arg, uint8_t *out, size_t n) {
    struct year *y = arg;
    for (size_t i = 0; i < n; i++) {
        uint64_t z = y->random += 0x9e3779b97f4a7c15u;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        out[i] = (uint8_t)(z ^ (z >> 31));
    }
}

static struct moment moment_of(const struct year *y) {
    return world_moment(&y->world);
}

/* What `from` sent goes to the hub, in one step. */
static bool to_hub(struct year *y, struct post *post, const struct sender *from) {
    uint32_t peer;
    struct slice frame;
    bool any = false;
    while (post_next(post, &peer, &frame)) {
        bench_must(hub_take(&y->hub, from, moment_of(y), frame, &y->e), "taking a frame", &y->e);
        y->frames++;
        y->bytes += frame.len;
        any = true;
    }
    if (any)
        bench_must(hub_step(&y->hub, moment_of(y), &y->e), "a step", &y->e);
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
        bench_must(uplink_frame(u, moment_of(y), frame, &y->e), "a frame of the hub", &y->e);
        y->frames++;
        y->bytes += frame.len;
        any = true;
    }
    return any;
}

static void catch_up(struct year *y) {
    bench_must(hub_tick(&y->hub, moment_of(y), &y->e), "a tick", &y->e);
    while (y->hub.catch_up.behind)
        bench_must(catch_up_step(&y->hub.catch_up, &y->actor, &y->e), "rankings", &y->e);
}

/* One connection, until both sides have said all. */
static void talk(struct year *y, struct machine *m) {
    struct uplink u;
    struct sender from = {.peer = ++y->peer, .actor = m->actor.id};
    uplink_init(&u, &m->actor, PROGRAM);
    bench_must(uplink_start(&u, moment_of(y), &y->e), "a greeting", &y->e);
    for (bool on = true; on && !uplink_settled(&u);) {
        on = to_hub(y, &u.post, &from);
        on = from_hub(y, &u) || on;
        y->now += 300;
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

static void invite(struct year *y, const struct unit_fact *unit, struct ticket *ret) {
    struct txn *t;
    *ret = (struct ticket){.role = ROLE_NODE, .genesis = y->actor.deployment, .unit = unit->id};
    year_random(y, ret->token, TOKEN_BYTES);
    ret->transport_key = *key_pair_public(y->actor.transport);
    (void)snprintf(ret->code, sizeof ret->code, "%s", unit->code);
    (void)snprintf(ret->address, sizeof ret->address, "tcp://127.0.0.1:1");
    bench_must(actor_begin(&y->actor, true, &t, &y->e), "a ticket", &y->e);
    enrolment_note(t, ret->token, &unit->id, ROLE_NODE, y->now);
    bench_must(actor_commit(&y->actor, t, &y->e), "a ticket", &y->e);
}

static void join(struct year *y, const char *dir, const struct unit_fact *unit, struct machine *m) {
    static const struct db_options options = {.no_sync = true};
    struct ticket ticket;
    struct post post;
    uint32_t peer;
    struct slice frame;
    invite(y, unit, &ticket);
    bench_must(joining_prepare(dir, &ticket, NULL, &y->world, &y->e), dir, &y->e);
    bench_must(actor_open(dir, ROLE_NODE, NULL, &options, &m->actor, &y->e), dir, &y->e);
    post_init(&post);
    bench_must(joining_request(&m->actor, &ticket, &post, &y->e), dir, &y->e);
    struct sender from = {
        .peer = ++y->peer, .guest = true, .transport_key = *key_pair_public(m->actor.transport)};
    (void)to_hub(y, &post, &from);
    while (post_next(&y->hub.post, &peer, &frame))
        if (peer == y->peer)
            bench_must(joining_answer(&m->actor, frame, &y->e), dir, &y->e);
    hub_gone(&y->hub, y->peer);
    post_done(&post);
    talk(y, m);
}

static void join_all(struct year *y, const char *dir) {
    const struct units *units = y->actor.catalog.units;
    size_t all = units_count(units);
    day today = instant_day(y->now);
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

static char no_class[] = "";

static void state_list(struct year *y, struct machine *m, struct txn *t, const struct uid *unit,
                       struct subjects *list) {
    struct buf payload;
    static char codes[LIMIT_SUBJECTS + 1][16];
    list->unit = *unit;
    for (uint32_t i = 0; i < list->n; i++) {
        struct uid id = *unit;
        id.b[14] = (uint8_t)(id.b[14] ^ (uint8_t)(i >> 8));
        id.b[15] = (uint8_t)(id.b[15] ^ (uint8_t)i);
        (void)snprintf(codes[i], sizeof codes[i], "CB%05u", i);
        list->list[i] = (struct subject){
            .id = id,
            .code = i ? codes[i] : (char *)(uintptr_t)catalog_code(&m->actor.catalog, unit),
            .kind = i ? SUBJECT_INDIVIDUAL : SUBJECT_COLLECTIVE,
            .class_id = no_class,
            .from = DAY_NONE,
            .until = DAY_NONE};
    }
    if (!hash_is_zero(&m->subjects))
        return;
    buf_init(&payload);
    bench_must(payload_subjects_encode(list, &payload, &y->e), "a list", &y->e);
    bench_must(append_own(&m->actor, t, KIND_SUBJECTS, &m->actor.unit, buf_slice(&payload), y->now,
                          &m->subjects, &y->e),
               "a list", &y->e);
    buf_done(&payload);
}

static void fill(struct sheet *sheet, uint32_t seed) {
    for (uint32_t i = 1; i < sheet->rows; i++)
        for (uint32_t j = 0; j < sheet->columns; j++)
            sheet_cell(sheet, i, j)->state = (i * 31 + j * 17 + seed) % 7 ? CELL_MET : CELL_NOT_MET;
}

static void report(struct year *y, struct machine *m) {
    static struct subject people[LIMIT_SUBJECTS + 1];
    struct subjects list = {.n = y->people + 1, .list = people};
    struct catalog_campaign *k;
    struct arena arena;
    struct sheet sheet;
    struct buf payload;
    struct hash id;
    struct txn *t;
    uint32_t number = m->stated++;
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    buf_init(&payload);
    bench_must(actor_begin(&m->actor, true, &t, &y->e), "a report", &y->e);
    bench_must(catalog_find(&m->actor.catalog, y->campaign, instant_day(y->now), &k, &y->e),
               y->campaign, &y->e);
    bench_must(catalog_criteria(&m->actor.catalog, k, &id, &y->e), "criteria", &y->e);
    state_list(y, m, t, &m->actor.unit, &list);
    struct payload_report p = {.campaign = k->record,
                               .subjects = m->subjects,
                               .period = k->c.periods[number % (REPORTS - 1)].id,
                               .kind = campaign_default_report(&k->c)->kind,
                               .unit = m->actor.unit,
                               .revision = 1 + number / (REPORTS - 1)};
    bench_must(sheet_init(&sheet, list.n, k->criteria.n_leaves, &y->e), "a sheet", &y->e);
    fill(&sheet, number);
    bench_must(report_from_sheet(&sheet, &k->criteria, &list, &arena, &p, &y->e), "a report",
               &y->e);
    bench_must(payload_report_encode(&p, &payload, &y->e), "a report", &y->e);
    bench_must(append_own(&m->actor, t, KIND_REPORT, &m->actor.unit, buf_slice(&payload), y->now,
                          &id, &y->e),
               "a report", &y->e);
    bench_must(actor_commit(&m->actor, t, &y->e), "a report", &y->e);
    sheet_done(&sheet);
    buf_done(&payload);
    arena_done(&arena);
}

static void live(struct year *y, uint32_t connections) {
    int64_t step = YEAR_MS / ((int64_t)connections * (y->n ? y->n : 1));
    for (uint32_t c = 0; c < connections; c++)
        for (uint32_t i = 0; i < y->n; i++) {
            struct machine *m = &y->machines[i];
            y->now += step > 2000 ? step - 2000 : 1;
            if (m->stated < REPORTS && c * REPORTS / connections >= m->stated)
                report(y, m);
            talk(y, m);
        }
}

static uint64_t file_bytes(const char *dir) {
    char path[300];
    struct stat st;
    (void)snprintf(path, sizeof path, "%s/data.mdb", dir);
    return stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

int main(int argc, char **argv) {
    static struct year y;
    static const struct db_options options = {.no_sync = true};
    struct world real;
    if (argc != 6) {
        fprintf(stderr, "usage: bench_year HUB_DIR OFFICES_DIR CAMPAIGN PEOPLE CONNECTIONS\n");
        return 2;
    }
    host_start();
    host_world(&real);
    y.world =
        (struct world){.arg = &y, .now = year_now, .boot_ms = year_boot_ms, .random = year_random};
    y.now = y.began = world_moment(&real).wall;
    y.campaign = argv[3];
    y.people = bench_number(argv[4]);
    bench_must(crypto_start(&y.e), "crypto", &y.e);
    bench_must(actor_open(argv[1], ROLE_HUB, NULL, &options, &y.actor, &y.e), argv[1], &y.e);
    struct txn *t;
    bench_must(actor_begin(&y.actor, false, &t, &y.e), argv[1], &y.e);
    actor_abort(&y.actor, t);
    hub_init(&y.hub, &y.actor, &y.world, PROGRAM, moment_of(&y));
    uint64_t empty = file_bytes(argv[1]);
    join_all(&y, argv[2]);
    uint64_t joined = file_bytes(argv[1]);
    live(&y, bench_number(argv[5]));
    int64_t cpu = bench_ns(CLOCK_PROCESS_CPUTIME_ID);
    uint64_t full = file_bytes(argv[1]);
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
