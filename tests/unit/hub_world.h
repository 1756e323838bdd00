/*
 * A root hub in a folder of its own, driven by its verbs, and offices below it that seal reports
 * without a link: what they state is handed to admission as if it had just been taken from a
 * socket. Virtual clock, virtual randomness, real store.
 */
#ifndef TESTS_UNIT_HUB_WORLD_H
#define TESTS_UNIT_HUB_WORLD_H

#include "core/verb_run.h"
#include "hub/ingest.h"
#include "hub/verbs.h"
#include "node/append.h"
#include "proto/kinds.h"
#include "proto/payload_act.h"
#include "store/host.h"
#include "tests/unit/join_proof.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HUB_WORLD_OFFICES 24
#define HUB_WORLD_RECORDS 128

/* An author below the hub: a key and where its lane stands. */
struct hub_office {
    struct uid unit;
    struct key_pair *sign;
    struct hash actor, head;
    uint64_t seq;
    uint32_t epoch; /* 0: the first */
};

/* A record on its way, with the instant at which the hub will have taken it. */
struct hub_letter {
    struct buf bytes;
    struct hash author;
    instant received_at;
    bool doubted; /* by a clock in doubt */
};

struct hub_world {
    char dir[32];
    struct world world;
    instant now;
    bool doubting; /* of what is stated now the hub will doubt when it came */
    uint64_t random;
    char out[1 << 16], words[1 << 13]; /* of the verb run last */
    char genesis[HASH_TEXT];
    unsigned n_offices, n_letters;
    struct hub_office offices[HUB_WORLD_OFFICES];
    struct hub_letter letters[HUB_WORLD_RECORDS];
};

static inline uint64_t hub_world_next(struct hub_world *w) {
    w->random += 0x9e3779b97f4a7c15u;
    uint64_t z = w->random;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline instant hub_world_now(void *arg) {
    return ((struct hub_world *)arg)->now;
}

static inline void hub_world_random(void *arg, uint8_t *out, size_t n) {
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)hub_world_next(arg);
}

static inline instant hub_world_at(const char *text) {
    instant t;
    assert_true(instant_parse(text, &t));
    return t;
}

/* Run a command line, its words in `argv`, NULL at the end; what it said is in out and words. */
static inline int hub_world_run_argv(struct hub_world *w, struct err *e, char *const *argv) {
    static const struct verb *const verbs[] = {&hub_verb_init,
                                               &hub_verb_unit_import,
                                               &hub_verb_unit_apply,
                                               &hub_verb_unit_list,
                                               &hub_verb_campaign_issue,
                                               &hub_verb_campaign_list,
                                               &hub_verb_campaign_show,
                                               &hub_verb_campaign_assign,
                                               &hub_verb_campaign_withdraw,
                                               &hub_verb_extend,
                                               &hub_verb_revoke,
                                               &hub_verb_clock_list,
                                               &hub_verb_clock_mend,
                                               &hub_verb_board,
                                               &hub_verb_rank,
                                               &hub_verb_report_list,
                                               &hub_verb_report_show,
                                               &hub_verb_bundle_export,
                                               &hub_verb_check,
                                               &hub_verb_conflict_list,
                                               &hub_verb_waiting_list,
                                               NULL};
    static const struct verb_program program = {"thidua-hub", "test", "test", verbs};
    char *all[32] = {"thidua-hub", "-d", "hub"};
    int argc = 3;
    while (argv[argc - 3] && argc < 31) {
        all[argc] = argv[argc - 3];
        argc++;
    }
    struct verb_call call;
    verb_call_init(&call, &w->world, NULL);
    int rc = verb_run(&program, argc, all, &call, e);
    (void)snprintf(w->out, sizeof w->out, "%s", buf_cstr(&call.out));
    (void)snprintf(w->words, sizeof w->words, "%s", buf_cstr(&call.words));
    verb_call_done(&call);
    return rc;
}

#define hub_world_run(w, e, ...) hub_world_run_argv(w, e, (char *[]){__VA_ARGS__, NULL})

/* The same, which has to succeed. */
#define hub_world_do(w, ...)                                                                       \
    do {                                                                                           \
        struct err do_err = {0};                                                                   \
        char do_text[2048];                                                                        \
        if (hub_world_run(w, &do_err, __VA_ARGS__) != 0)                                           \
            fail_msg("%s\n%s", err_text(&do_err, NULL, do_text, sizeof do_text), (w)->words);      \
    } while (0)

static inline void hub_world_file(const char *name, const char *text) {
    assert_int_equal(host_write_file(name, slice_str(text), 0600, HOST_REPLACE, NULL), 0);
}

/* A root hub of unit 94, with the units of `units` (CSV) and the campaign of each file's YAML. */
static inline void hub_world_init(struct hub_world *w, uint64_t seed, const char *units) {
    *w = (struct hub_world){.dir = "/tmp/thidua-hub-XXXXXX", .random = seed};
    w->world = (struct world){.arg = w, .now = hub_world_now, .random = hub_world_random};
    w->now = hub_world_at("2023-01-02T08:00:00+07:00");
    assert_int_equal(crypto_start(NULL), 0);
    assert_non_null(mkdtemp(w->dir));
    assert_int_equal(chdir(w->dir), 0);
    hub_world_do(w, "init", "--unit", "94", "--name", "Tỉnh Sóc Trăng");
    (void)snprintf(w->genesis, sizeof w->genesis, "%s", w->out);
    if (units) {
        hub_world_file("units.csv", units);
        hub_world_do(w, "unit", "import", "units.csv");
    }
}

static inline void hub_world_done(struct hub_world *w) {
    char command[64];
    for (unsigned i = 0; i < w->n_offices; i++)
        key_pair_free(w->offices[i].sign);
    for (unsigned i = 0; i < w->n_letters; i++)
        buf_done(&w->letters[i].bytes);
    assert_int_equal(chdir("/"), 0);
    (void)snprintf(command, sizeof command, "%s", w->dir);
    const char *const files[] = {"hub/data.mdb",
                                 "hub/lock.mdb",
                                 "hub/actor.key",
                                 "hub/daemon.lock",
                                 "root.key",
                                 "recovery.key",
                                 "units.csv",
                                 "campaign.yaml",
                                 "profile.yaml",
                                 "bundle.tdb",
                                 "more.csv",
                                 "hub",
                                 ""};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s/%s", w->dir, files[i]);
        (void)remove(path);
    }
}

static inline void hub_world_issue(struct hub_world *w, const char *yaml) {
    hub_world_file("campaign.yaml", yaml);
    hub_world_do(w, "campaign", "issue", "campaign.yaml");
}

static inline void hub_world_open(struct actor *a, bool write, struct txn **ret_txn) {
    assert_int_equal(actor_open("hub", ROLE_HUB, NULL, NULL, a, NULL), 0);
    assert_int_equal(actor_begin(a, write, ret_txn, NULL), 0);
}

/* Enrol a machine for unit `code`. */
static inline struct hub_office *hub_world_enrol_as(struct hub_world *w, const char *code,
                                                    enum role role) {
    struct hub_office *o = &w->offices[w->n_offices++];
    uint8_t seed[SEED_BYTES];
    struct actor a;
    struct txn *t;
    struct buf b;
    struct hash id;
    hub_world_open(&a, true, &t);
    const struct unit_fact *f = units_by_code(a.catalog.units, code, instant_day(w->now));
    assert_non_null(f);
    hub_world_random(w, seed, sizeof seed);
    assert_int_equal(key_pair_sign_new(seed, &o->sign, NULL), 0);
    struct payload_enrol p = {.role = role};
    p.grant.epoch = 1;
    p.grant.unit = o->unit = f->id;
    p.grant.sign_key = *key_pair_public(o->sign);
    hub_world_random(w, p.grant.transport_key.b, PUBLIC_KEY_BYTES);
    crypto_actor(&p.grant.sign_key, &p.grant.actor);
    o->actor = p.grant.actor;
    buf_init(&b);
    join_prove(&p, &a.deployment, o->sign);
    assert_int_equal(payload_enrol_encode(&p, &b, NULL), 0);
    assert_int_equal(append_own(&a, t, KIND_ENROL, NULL, buf_slice(&b), w->now, &id, NULL), 0);
    assert_int_equal(actor_commit(&a, t, NULL), 0);
    buf_done(&b);
    actor_close(&a);
    return o;
}

/* Enrol an office for unit `code`. */
static inline struct hub_office *hub_world_enrol(struct hub_world *w, const char *code) {
    return hub_world_enrol_as(w, code, ROLE_NODE);
}

/* Let `o` state `payload`: a letter that arrives at `received_at`. */
static inline struct hash hub_world_state(struct hub_world *w, struct hub_office *o,
                                          const struct hash *deployment, uint16_t kind,
                                          struct slice payload, instant received_at) {
    struct hub_letter *l = &w->letters[w->n_letters++];
    struct record_header h = {.kind = kind,
                              .payload_version = 1,
                              .epoch = o->epoch ? o->epoch : 1,
                              .seq = ++o->seq,
                              .prev = o->head,
                              .claimed = w->now,
                              .deployment = *deployment,
                              .actor = o->actor,
                              .lane = o->unit};
    assert_true(w->n_letters <= HUB_WORLD_RECORDS);
    l->author = o->actor;
    l->received_at = received_at;
    l->doubted = w->doubting;
    assert_int_equal(record_build(&h, payload, o->sign, &l->bytes, &o->head, NULL), 0);
    return o->head;
}

/* One subject of an office besides its unit. */
struct hub_person {
    const char *code, *class_id, *name;
    bool leader;
};

/* A report: the values of `text`, one row a line, cells separated by spaces: `+` met, `-` not met,
 * `.` nothing, else a score. NULL: a nil report. */
struct hub_report {
    const char *campaign, *period, *profile, *text;
    enum report_kind kind;
    uint32_t revision;
    uint32_t n_people;
    const struct hub_person *people;
};

static inline void hub_world_sheet(const char *text, struct sheet *s) {
    uint32_t row = 0, column = 0;
    for (const char *p = text; *p; p++) {
        if (*p == '\n') {
            row++;
            column = 0;
        } else if (*p != ' ') {
            char word[16];
            size_t n = strcspn(p, " \n");
            (void)snprintf(word, sizeof word, "%.*s", (int)n, p);
            struct cell *c = sheet_cell(s, row, column++);
            if (*p == '+')
                c->state = CELL_MET;
            else if (*p == '-')
                c->state = CELL_NOT_MET;
            else if (*p != '.')
                assert_int_equal(cell_parse(word, MODE_POINTS, LIMIT_SCORE, true, c, NULL), 0);
            p += n - 1;
        }
    }
}

/* Let `o` state what its people are called; `name` NULL: nothing of that one. The `i`th has the
 * same id each time. */
static inline struct uid hub_world_person(const struct hub_office *o, uint32_t i) {
    struct uid id = o->unit;
    id.b[0] ^= (uint8_t)(i + 1);
    return id;
}
static inline void hub_world_names(struct hub_world *w, struct hub_office *o,
                                   const struct hash *deployment, const struct hub_person *people,
                                   uint32_t n, instant received_at) {
    struct buf b;
    char empty[] = "";
    buf_init(&b);
    for (uint32_t i = 0; i < n; i++) {
        struct payload_name name = {.subject = hub_world_person(o, i),
                                    .name = (char *)(uintptr_t)people[i].name,
                                    .position = empty,
                                    .title = empty};
        hub_world_random(w, name.salt, sizeof name.salt);
        buf_clear(&b);
        assert_int_equal(payload_name_encode(&name, &b, NULL), 0);
        if (name.name)
            hub_world_state(w, o, deployment, KIND_SUBJECT_NAME, buf_slice(&b), received_at);
    }
    buf_done(&b);
}

/* Let `o` state names by themselves, beside no report. */
static inline void hub_world_rename(struct hub_world *w, struct hub_office *o,
                                    const struct hub_person *people, uint32_t n,
                                    instant received_at) {
    struct actor a;
    struct txn *t;
    hub_world_open(&a, false, &t);
    hub_world_names(w, o, &a.deployment, people, n, received_at);
    actor_abort(&a, t);
    actor_close(&a);
}

/* The subject list and names of `o`, stated before its report. */
static inline struct hash hub_world_subjects(struct hub_world *w, struct hub_office *o,
                                             const struct actor *a, const struct hub_report *r,
                                             struct subjects *list, instant received_at) {
    struct buf b;
    char empty[] = "";
    buf_init(&b);
    list->unit = o->unit;
    list->n = 1 + r->n_people;
    list->list[0] = (struct subject){.id = o->unit,
                                     .code = (char *)(uintptr_t)catalog_code(&a->catalog, &o->unit),
                                     .kind = SUBJECT_COLLECTIVE,
                                     .class_id = empty,
                                     .from = DAY_NONE,
                                     .until = DAY_NONE};
    for (uint32_t i = 0; i < r->n_people; i++) {
        struct subject *s = &list->list[i + 1];
        *s = (struct subject){.code = (char *)(uintptr_t)r->people[i].code,
                              .kind = SUBJECT_INDIVIDUAL,
                              .class_id = (char *)(uintptr_t)r->people[i].class_id,
                              .leader = r->people[i].leader,
                              .from = DAY_NONE,
                              .until = DAY_NONE};
        s->id = hub_world_person(o, i);
    }
    hub_world_names(w, o, &a->deployment, r->people, r->n_people, received_at);
    assert_int_equal(payload_subjects_encode(list, &b, NULL), 0);
    struct hash id =
        hub_world_state(w, o, &a->deployment, KIND_SUBJECTS, buf_slice(&b), received_at);
    buf_done(&b);
    return id;
}

/* Let `o` seal `r`; it and what it needs arrive at `received_at`. */
static inline struct hash hub_world_seal(struct hub_world *w, struct hub_office *o,
                                         const struct hub_report *r, instant received_at) {
    struct actor a;
    struct txn *t;
    struct subject people[8];
    struct subjects subjects = {.list = people};
    struct catalog_campaign *k;
    struct payload_report p = {.kind = r->kind ? r->kind : REPORT_ANNUAL,
                               .unit = o->unit,
                               .revision = r->revision ? r->revision : 1,
                               .nil = !r->text};
    struct arena arena;
    struct sheet sheet;
    struct buf b;
    buf_init(&b);
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    hub_world_open(&a, false, &t);
    assert_int_equal(catalog_find(&a.catalog, r->campaign, instant_day(w->now), &k, NULL), 0);
    assert_int_equal(catalog_criteria(&a.catalog, k, NULL, NULL), 0);
    p.subjects = hub_world_subjects(w, o, &a, r, &subjects, received_at);
    assert_int_equal(sheet_init(&sheet, subjects.n, k->criteria.n_leaves, NULL), 0);
    if (r->text) {
        hub_world_sheet(r->text, &sheet);
        assert_int_equal(
            payload_report_from_sheet(&sheet, &k->criteria, &subjects, &arena, &p, NULL), 0);
    }
    p.campaign = k->record;
    p.period = (char *)(uintptr_t)(r->period ? r->period : "2023");
    for (uint32_t i = 0; r->profile && i < a.catalog.n_profiles; i++)
        if (strcmp(a.catalog.profiles[i]->p.id, r->profile) == 0)
            p.profile = a.catalog.profiles[i]->record;
    assert_int_equal(payload_report_encode(&p, &b, NULL), 0);
    struct hash id = hub_world_state(w, o, &a.deployment, KIND_REPORT, buf_slice(&b), received_at);
    sheet_done(&sheet);
    actor_abort(&a, t);
    actor_close(&a);
    arena_done(&arena);
    buf_done(&b);
    return id;
}

/* Let `o` take `report` back; that arrives at `received_at`. */
static inline struct hash hub_world_withdraw(struct hub_world *w, struct hub_office *o,
                                             const struct hash *report, instant received_at) {
    struct actor a;
    struct txn *t;
    struct buf b;
    char words[] = "nhầm", *args[] = {words};
    struct payload_withdrawal p = {*report, {ACT_REASON_WORDS, 1, args}};
    buf_init(&b);
    hub_world_open(&a, false, &t);
    assert_int_equal(payload_withdrawal_encode(&p, &b, NULL), 0);
    struct hash id =
        hub_world_state(w, o, &a.deployment, KIND_WITHDRAWAL, buf_slice(&b), received_at);
    actor_abort(&a, t);
    actor_close(&a);
    buf_done(&b);
    return id;
}

/* Mix the letters up: any order of arrival in which each author's own come one after the other;
 * what waits behind several gaps keeps no instant. */
static inline void hub_world_shuffle(struct hub_world *w, uint64_t seed) {
    struct hub_world dice = {.random = seed};
    for (unsigned i = 0; i < w->n_letters; i++) {
        unsigned k = i + (unsigned)(hub_world_next(&dice) % (w->n_letters - i)), first = i;
        while (!hash_equal(&w->letters[first].author, &w->letters[k].author))
            first++;
        struct hub_letter l = w->letters[first];
        memmove(&w->letters[i + 1], &w->letters[i], (first - i) * sizeof l);
        w->letters[i] = l;
    }
}

static inline void hub_world_admit(struct ingest *in, struct hub_letter *l) {
    in->clock_doubt = l->doubted;
    struct admit admit = ingest_admit(in);
    admit.carrier = l->author;
    enum admission admission;
    struct err why = {0};
    assert_int_equal(
        admit_bytes(&admit, buf_slice(&l->bytes), l->received_at, &admission, &why, NULL), 0);
    assert_true(admission == ADMIT_HELD || admission == ADMIT_PENDING || admission == ADMIT_FORK);
    buf_done(&l->bytes);
}

#define HUB_WORLD_BATCH 8u

/* The hub takes every letter, a few in each commit. */
static inline void hub_world_deliver(struct hub_world *w) {
    for (unsigned i = 0; i < w->n_letters;) {
        struct actor a;
        struct txn *t;
        struct ingest in;
        hub_world_open(&a, true, &t);
        ingest_init(&in, &a, t, false);
        for (unsigned n = 0; n < HUB_WORLD_BATCH && i < w->n_letters; n++)
            hub_world_admit(&in, &w->letters[i++]);
        assert_int_equal(ingest_receipts(&in, w->now, NULL), 0);
        assert_int_equal(actor_commit(&a, t, NULL), 0);
        ingest_done(&in);
        actor_close(&a);
    }
    w->n_letters = 0;
}

#endif
