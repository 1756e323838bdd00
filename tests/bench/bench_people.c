/*
 * bench_people: people in their thousands, for the figures that depend on how many there are.
 * States, in an office's directory, a subject list and a report for each of the units below it,
 * signed and waiting in its outbox.
 *
 *     bench_people DIR CAMPAIGN UNITS SUBJECTS
 *
 * UNITS units below the office's own get SUBJECTS individuals each. Values differ from person to
 * person.
 */
#include "core/limits.h"
#include "node/append.h"
#include "node/office.h"
#include "store/host.h"
#include "tests/bench/bench.h"

#include <string.h>

static char no_class[] = "";

/* A list of `n` people of `unit`, its own collective first. */
static void list_people(struct uid unit, char *code, uint32_t n, struct subjects *ret_list) {
    static char codes[LIMIT_SUBJECTS + 1][12];
    static struct subject list[LIMIT_SUBJECTS + 1];
    if (n > LIMIT_SUBJECTS - 1)
        bench_fail("too many subjects for one unit", NULL);
    for (uint32_t i = 0; i <= n; i++) {
        struct uid id = unit;
        for (unsigned k = 0; k < 4; k++)
            id.b[12 + k] = (uint8_t)(id.b[12 + k] ^ (uint8_t)(i >> (24 - 8 * k)));
        (void)snprintf(codes[i], sizeof codes[i], "CB%05u", i);
        list[i] = (struct subject){.id = id,
                                   .code = i == 0 ? code : codes[i],
                                   .kind = i == 0 ? SUBJECT_COLLECTIVE : SUBJECT_INDIVIDUAL,
                                   .class_id = no_class,
                                   .from = DAY_NONE,
                                   .until = DAY_NONE};
    }
    *ret_list = (struct subjects){unit, n + 1, list};
}

static void state(struct actor *a, struct txn *t, uint16_t kind, struct buf *payload, instant now,
                  struct hash *ret_id, struct err *e) {
    bench_must(append_own(a, t, kind, &a->unit, buf_slice(payload), now, ret_id, e), "a record", e);
    buf_done(payload);
    buf_init(payload);
}

/* Numbers that have nothing to do with those of their neighbours. */
static uint32_t spread(uint32_t x) {
    x = (x ^ (x >> 16)) * 0x7feb352du;
    x = (x ^ (x >> 15)) * 0x846ca68bu;
    return x ^ (x >> 16);
}

/* Values for `list`, which is the only thing that applies to everybody. */
static void state_report(struct actor *a, struct txn *t, struct catalog_campaign *k,
                         const struct subjects *list, const struct hash *subjects,
                         const struct profile *profile, const struct hash *profile_record,
                         instant now, struct err *e) {
    struct payload_report p = {.campaign = k->record,
                               .profile = *profile_record,
                               .subjects = *subjects,
                               .period = k->c.periods[0].id,
                               .kind = campaign_default_report(&k->c)->kind,
                               .unit = list->unit,
                               .revision = 1};
    struct sheet sheet;
    struct arena arena;
    struct buf payload;
    struct hash id;
    uint32_t seed = (uint32_t)list->unit.b[0] << 24 | (uint32_t)list->unit.b[1] << 16 |
                    (uint32_t)list->unit.b[2] << 8;
    bench_must(sheet_init(&sheet, list->n, k->criteria.n_leaves, e), "a sheet", e);
    for (uint32_t i = 0; i < list->n; i++)
        for (uint32_t j = 0; j < k->criteria.n_leaves; j++) {
            struct score_rule rule;
            profile_rule(profile, k->criteria.leaves[j]->id, &rule);
            if (!criterion_about(k->criteria.leaves[j], list->list[i].kind))
                continue;
            uint32_t v = spread(seed + i * 64u + j) % 1000u;
            *sheet_cell(&sheet, i, j) = rule.mode == MODE_POINTS
                                            ? (struct cell){CELL_SCORE, (score)v}
                                            : (struct cell){v % 9 ? CELL_MET : CELL_NOT_MET, 0};
        }
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    buf_init(&payload);
    bench_must(payload_report_from_sheet(&sheet, &k->criteria, list, &arena, &p, e), "a report", e);
    bench_must(payload_report_encode(&p, &payload, e), "a report", e);
    state(a, t, KIND_REPORT, &payload, now, &id, e);
    buf_done(&payload);
    arena_done(&arena);
    sheet_done(&sheet);
}

static void state_unit(struct actor *a, struct txn *t, struct catalog_campaign *k,
                       const struct unit_fact *unit, uint32_t n, instant now, struct err *e) {
    struct subjects list;
    struct hash missing, subjects, profile_record;
    const struct profile *profile;
    struct buf payload;
    buf_init(&payload);
    bench_must(catalog_criteria(&a->catalog, k, &missing, e), "the criteria", e);
    bench_must(catalog_profile_in_force(&a->catalog, k, &profile, &profile_record, e),
               "the profile", e);
    list_people(unit->id, unit->code, n, &list);
    bench_must(payload_subjects_encode(&list, &payload, e), "a list", e);
    state(a, t, KIND_SUBJECTS, &payload, now, &subjects, e);
    state_report(a, t, k, &list, &subjects, profile, &profile_record, now, e);
}

int main(int argc, char **argv) {
    struct err e = {0};
    struct world world;
    struct actor a;
    struct txn *t;
    struct catalog_campaign *k;
    if (argc != 5) {
        fprintf(stderr, "usage: bench_people DIR CAMPAIGN UNITS SUBJECTS\n");
        return 2;
    }
    uint32_t units = bench_number(argv[3]), n = bench_number(argv[4]), done = 0;
    host_start();
    host_world(&world);
    bench_must(crypto_start(&e), "crypto", &e);
    bench_must(actor_open(argv[1], ROLE_NODE, NULL, NULL, &a, &e), argv[1], &e);
    bench_must(actor_begin(&a, true, &t, &e), argv[1], &e);
    instant now = world_moment(&world).wall;
    day today = instant_day(now);
    bench_must(catalog_find(&a.catalog, argv[2], today, &k, &e), argv[2], &e);
    for (uint32_t i = 0; i < units; i++) {
        char code[24];
        (void)snprintf(code, sizeof code, "A%05u", i);
        const struct unit_fact *unit = units_by_code(a.catalog.units, code, today);
        if (!unit)
            bench_fail("there are too few units below this office", NULL);
        state_unit(&a, t, k, unit, n, now, &e);
        done++;
    }
    bench_must(actor_commit(&a, t, &e), argv[1], &e);
    actor_close(&a);
    printf("{\"reports\":%u,\"subjects\":%llu}\n", done, (unsigned long long)done * n);
    return 0;
}
