#include "tests/bench/virtual.h"

#include "core/limits.h"
#include "hub/enrolment.h"
#include "node/append.h"
#include "node/joining.h"
#include "node/office.h"
#include "tests/bench/bench.h"

#include <string.h>
#include <sys/stat.h>

/* ---- the world ---- */

static instant virtual_now(void *arg) {
    return ((struct virtual_world *)arg)->now;
}

static int64_t virtual_boot_ms(void *arg) {
    const struct virtual_world *v = arg;
    return v->now - v->began + 1;
}

static uint64_t next(struct virtual_world *v) {
    uint64_t z = v->random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void virtual_random(void *arg, uint8_t *out, size_t n) {
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)next(arg);
}

void virtual_init(struct virtual_world *v, instant from) {
    *v = (struct virtual_world){
        .world = {.arg = v,
                  .now = virtual_now,
                  .boot_ms = virtual_boot_ms,
                  .random = virtual_random},
        .now = from,
        .began = from,
    };
    bench_must(crypto_start(&v->e), "crypto", &v->e);
}

struct moment virtual_moment(const struct virtual_world *v) {
    return world_moment(&v->world);
}

uint64_t virtual_below(struct virtual_world *v, uint64_t n) {
    return n ? next(v) % n : 0;
}

void virtual_open(struct virtual_world *v, const char *dir, enum role role,
                  struct actor *ret_actor) {
    static const struct db_options options = {.no_sync = true};
    struct txn *t;
    bench_must(actor_open(dir, role, NULL, &options, ret_actor, &v->e), dir, &v->e);
    bench_must(actor_begin(ret_actor, false, &t, &v->e), dir, &v->e);
    actor_abort(ret_actor, t);
}

uint64_t virtual_store_bytes(const char *dir) {
    char path[300];
    struct stat st;
    (void)snprintf(path, sizeof path, "%s/data.mdb", dir);
    return stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

/* ---- joining ---- */

void virtual_invite(struct virtual_world *v, struct actor *hub, const struct unit_fact *unit,
                    enum role role, struct ticket *ret_ticket) {
    struct txn *t;
    *ret_ticket = (struct ticket){.role = role, .genesis = hub->deployment, .unit = unit->id};
    virtual_random(v, ret_ticket->token, TOKEN_BYTES);
    ret_ticket->transport_key = *key_pair_public(hub->transport);
    (void)snprintf(ret_ticket->code, sizeof ret_ticket->code, "%s", unit->code);
    (void)snprintf(ret_ticket->address, sizeof ret_ticket->address, "tcp://127.0.0.1:1");
    bench_must(actor_begin(hub, true, &t, &v->e), "a ticket", &v->e);
    enrolment_note(t, ret_ticket->token, &unit->id, role, v->now);
    bench_must(actor_commit(hub, t, &v->e), "a ticket", &v->e);
}

void virtual_knock(struct virtual_world *v, const char *dir, const struct ticket *ticket,
                   struct post *post, struct actor *ret_actor) {
    static const struct db_options options = {.no_sync = true};
    bench_must(joining_prepare(dir, ticket, NULL, &v->world, &v->e), dir, &v->e);
    bench_must(actor_open(dir, ticket->role, NULL, &options, ret_actor, &v->e), dir, &v->e);
    bench_must(joining_request(ret_actor, ticket, post, &v->e), dir, &v->e);
}

/* ---- reporting ---- */

static char no_class[] = "";

/* The office's people, who are always the same; stated where nobody did yet. */
static void state_list(struct virtual_world *v, struct actor *a, struct txn *t,
                       struct subjects *list, struct hash *subjects) {
    struct buf payload;
    static char codes[LIMIT_SUBJECTS + 1][16];
    for (uint32_t i = 0; i < list->n; i++) {
        struct uid id = list->unit;
        id.b[14] = (uint8_t)(id.b[14] ^ (uint8_t)(i >> 8));
        id.b[15] = (uint8_t)(id.b[15] ^ (uint8_t)i);
        (void)snprintf(codes[i], sizeof codes[i], "CB%05u", i);
        list->list[i] = (struct subject){
            .id = id,
            .code = i ? codes[i] : (char *)(uintptr_t)catalog_code(&a->catalog, &list->unit),
            .kind = i ? SUBJECT_INDIVIDUAL : SUBJECT_COLLECTIVE,
            .class_id = no_class,
            .from = DAY_NONE,
            .until = DAY_NONE};
    }
    if (!hash_is_zero(subjects))
        return;
    buf_init(&payload);
    bench_must(payload_subjects_encode(list, &payload, &v->e), "a list", &v->e);
    bench_must(
        append_own(a, t, KIND_SUBJECTS, &a->unit, buf_slice(&payload), v->now, subjects, &v->e),
        "a list", &v->e);
    buf_done(&payload);
}

static void fill(struct sheet *sheet, uint32_t seed) {
    for (uint32_t i = 1; i < sheet->rows; i++)
        for (uint32_t j = 0; j < sheet->columns; j++)
            sheet_cell(sheet, i, j)->state = (i * 31 + j * 17 + seed) % 7 ? CELL_MET : CELL_NOT_MET;
}

/* The payload of `p` with all values. */
static void encode(struct virtual_world *v, struct catalog_campaign *k, const struct subjects *list,
                   uint32_t seed, struct payload_report *p, struct buf *payload) {
    struct arena arena;
    struct sheet sheet;
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    bench_must(sheet_init(&sheet, list->n, k->criteria.n_leaves, &v->e), "a sheet", &v->e);
    fill(&sheet, seed);
    bench_must(payload_report_from_sheet(&sheet, &k->criteria, list, &arena, p, &v->e), "a report",
               &v->e);
    bench_must(payload_report_encode(p, payload, &v->e), "a report", &v->e);
    sheet_done(&sheet);
    arena_done(&arena);
}

void virtual_report(struct virtual_world *v, struct actor *a, const struct virtual_report *r,
                    struct hash *subjects) {
    static struct subject people[LIMIT_SUBJECTS + 1];
    struct subjects list = {.unit = a->unit, .n = r->people + 1, .list = people};
    struct catalog_campaign *k;
    struct buf payload;
    struct hash id;
    struct txn *t;
    buf_init(&payload);
    bench_must(actor_begin(a, true, &t, &v->e), "a report", &v->e);
    bench_must(catalog_find(&a->catalog, r->campaign, instant_day(v->now), &k, &v->e), r->campaign,
               &v->e);
    bench_must(catalog_criteria(&a->catalog, k, &id, &v->e), "criteria", &v->e);
    state_list(v, a, t, &list, subjects);
    struct payload_report p = {.campaign = k->record,
                               .subjects = *subjects,
                               .period = k->c.periods[r->period].id,
                               .kind = campaign_default_report(&k->c)->kind,
                               .unit = a->unit,
                               .revision = r->revision};
    encode(v, k, &list, r->seed, &p, &payload);
    bench_must(append_own(a, t, KIND_REPORT, &a->unit, buf_slice(&payload), v->now, &id, &v->e),
               "a report", &v->e);
    bench_must(actor_commit(a, t, &v->e), "a report", &v->e);
    buf_done(&payload);
}
