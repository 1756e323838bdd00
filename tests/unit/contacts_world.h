/*
 * A tree of hubs and a commune that sent nothing, for tests of what is known across them.
 */
#ifndef TESTS_CONTACTS_WORLD_H
#define TESTS_CONTACTS_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "audit/verify_cmd.h"
#include "hub/heard.h"
#include "hub/revoke.h"
#include "tests/unit/hub_world.h"
#include "tests/unit/join_proof.h"

static const char tree[] = "code,parent,level,kind,name,group\n"
                           "U2,94,commune,state,Hai,\n"
                           "D,94,district,state,Huyện,\n"
                           "U3,D,commune,state,Ba,\n"
                           "C,D,area,state,Vùng,\n"
                           "B,C,post,state,Bốt,\n"
                           "U5,B,commune,state,Năm,\n"
                           "E,94,district,state,Huyện Mới,\n"
                           "U6,D,commune,state,Sáu,\n"
                           "H6,U6,commune,state,Ấp,\n";

static const char campaign[] = "campaign:\n"
                               "  id: thu\n"
                               "  title: {vi: Phong trào thử}\n"
                               "  issuer: Tỉnh\n"
                               "  periods:\n"
                               "    - {id: \"2023\", begin: 01/01/2023, end: 31/12/2023}\n"
                               "  reports:\n"
                               "    - kind: annual\n"
                               "      due: {date: 15/12/2023, inclusive: yes}\n"
                               "      expected: [{levels: [commune]}]\n"
                               "  criteria:\n"
                               "    - {id: C1, about: collective, label: {vi: Một}}\n";

enum { ROOT, D, C, B, E, HUBS };

/* One hub below the root: what it says in its own lane, and in lane 0. */
struct district {
    struct hub_office *own;
    struct hub_office zero;
};

static struct hub_world world;
static struct district hubs[HUBS];
static struct hub_office made[HUBS]; /* of those that others enrol */
static struct hub_office machine;    /* a node that a district enrolled */
static instant due;

/* Hub `by` enrols a machine for unit `code`. */
static inline struct hub_office *enrol_by(struct hub_world *w, unsigned by, enum role role,
                                          const char *code, struct hub_office *o) {
    uint8_t seed[SEED_BYTES];
    struct payload_enrol p = {.role = role};
    struct actor a;
    struct txn *t;
    struct buf b;
    buf_init(&b);
    hub_world_open(&a, false, &t);
    *o = (struct hub_office){.unit = units_by_code(a.catalog.units, code, instant_day(w->now))->id};
    hub_world_random(w, seed, sizeof seed);
    assert_int_equal(key_pair_sign_new(seed, &o->sign, NULL), 0);
    p.grant.epoch = 1;
    p.grant.unit = o->unit;
    p.grant.sign_key = *key_pair_public(o->sign);
    hub_world_random(w, p.grant.transport_key.b, PUBLIC_KEY_BYTES);
    crypto_actor(&p.grant.sign_key, &p.grant.actor);
    o->actor = p.grant.actor;
    join_prove(&p, &a.deployment, o->sign);
    assert_int_equal(payload_enrol_encode(&p, &b, NULL), 0);
    (void)hub_world_state(w, &hubs[by].zero, &a.deployment, KIND_ENROL, buf_slice(&b), w->now);
    actor_abort(&a, t);
    actor_close(&a);
    buf_done(&b);
    hub_world_deliver(w);
    return o;
}

static inline struct hub_office *enrol_under(struct hub_world *w, unsigned by, unsigned which,
                                             const char *code) {
    return enrol_by(w, by, ROLE_HUB, code, &made[which]);
}

static inline void take_in(unsigned which, struct hub_office *o) {
    hubs[which].own = o;
    hubs[which].zero = *o;
    hubs[which].zero.unit = (struct uid){{0}};
    hubs[which].zero.seq = 0;
    hubs[which].zero.head = (struct hash){{0}};
}

static inline int begin(void **state) {
    struct hub_world *w = &world;
    hub_world_init(w, 91, tree);
    hub_world_issue(w, campaign);
    due = hub_world_at("2023-12-16T00:00:00+07:00");
    take_in(D, hub_world_enrol_as(w, "D", ROLE_HUB));
    take_in(C, enrol_under(w, D, C, "C"));
    take_in(B, enrol_under(w, C, B, "B"));
    take_in(E, hub_world_enrol_as(w, "E", ROLE_HUB));
    *state = w;
    return 0;
}

static inline int end(void **state) {
    hub_world_done(*state);
    key_pair_free(made[C].sign);
    key_pair_free(made[B].sign);
    key_pair_free(machine.sign);
    machine.sign = NULL;
    return 0;
}

#define NEVER INSTANT_NONE

static inline instant minutes(instant m) {
    return m == NEVER ? NEVER : due + m * 60000;
}

/* From day `on` on `code` lies under `parent`. */
static inline void move_unit(struct hub_world *w, const char *code, const char *parent,
                             const char *on) {
    struct payload_units p = {.n = 1};
    struct unit_fact fact;
    struct hash id;
    struct actor a;
    struct txn *t;
    struct buf b;
    buf_init(&b);
    hub_world_open(&a, true, &t);
    fact = *units_by_code(a.catalog.units, code, DAY_LATEST);
    fact.parent = units_by_code(a.catalog.units, parent, DAY_LATEST)->id;
    assert_true(day_parse(on, &fact.effective));
    p.facts = &fact;
    assert_int_equal(payload_units_encode(&p, &b, NULL), 0);
    assert_int_equal(append_own(&a, t, KIND_UNITS, NULL, buf_slice(&b), w->now, &id, NULL), 0);
    assert_int_equal(actor_commit(&a, t, NULL), 0);
    actor_close(&a);
    buf_done(&b);
}

/* The root measured that `which` is drained up to `to`. */
static inline void measured(struct hub_world *w, unsigned which, instant to) {
    struct actor a;
    struct txn *t;
    hub_world_open(&a, true, &t);
    heard_note(t, &hubs[which].own->actor, &hubs[which].own->unit, due - 1000, to);
    assert_int_equal(actor_commit(&a, t, NULL), 0);
    actor_close(&a);
}

/* `from` states `b`, which is ended, of `kind`; the root has it at `at`. */
static inline void hand_in(struct hub_world *w, struct hub_office *from, uint16_t kind,
                           struct buf *b, instant at) {
    struct actor a;
    struct txn *t;
    hub_world_open(&a, false, &t);
    (void)hub_world_state(w, from, &a.deployment, kind, buf_slice(b), at);
    actor_abort(&a, t);
    actor_close(&a);
    buf_done(b);
    hub_world_deliver(w);
}

/* Hub `by` states at `stated` that `of` is drained up to `to`. */
static inline void states(struct hub_world *w, unsigned by, unsigned of, instant stated,
                          instant to) {
    struct contact_entry entry = {hubs[of].own->actor, hubs[of].own->unit, to, to};
    struct payload_contact p = {stated, 1, &entry};
    struct buf b;
    buf_init(&b);
    assert_int_equal(payload_contact_encode(&p, &b, NULL), 0);
    hand_in(w, hubs[by].own, KIND_CONTACT, &b, stated);
}

static inline int read_file(const char *path, struct buf *out, struct err *e) {
    return host_read_file(path, 1 << 24, out, e);
}

/* The board of the day after, at the hub; the auditor's is the same. */
static const char *board(struct hub_world *w) {
    static const struct verb *const verbs[] = {&verify_cmd, NULL};
    static const struct verb_program program = {"thidua-audit", "test", "test", verbs};
    const struct verify_cmd_host host = {read_file};
    char at[] = "2023-12-17";
    char *audit[] = {"thidua-audit", "verify",  "bundle.tdb", "--root", w->genesis,
                     "--json",       "--board", "--at",       at};
    struct verb_call call;
    struct err e = {0};
    (void)remove("bundle.tdb");
    hub_world_do(w, "bundle", "export", "bundle.tdb");
    hub_world_do(w, "board", "--json", "--at", at);
    w->out[strcspn(w->out, "\n")] = '\0';
    verb_call_init(&call, &w->world, (void *)(uintptr_t)&host);
    if (verb_run(&program, sizeof audit / sizeof *audit, audit, &call, &e) != 0)
        fail_msg("the auditor: %s", buf_cstr(&call.out));
    if (!strstr(buf_cstr(&call.out), w->out))
        fail_msg("the hub: %s\nthe auditor: %s", w->out, buf_cstr(&call.out));
    verb_call_done(&call);
    return w->out;
}

static inline void board_says(const char *text, const char *unit, char want) {
    const char *states[] = {
        ['m'] = "missing", ['u'] = "unknown", ['l'] = "late", ['o'] = "on_time"};
    char part[128];
    const char *row;
    (void)snprintf(part, sizeof part, "{\"unit\":\"%s\"", unit);
    row = strstr(text, part);
    assert_non_null(row);
    (void)snprintf(part, sizeof part, "\"state\":\"%s\"", states[(unsigned char)want]);
    const char *state = strstr(row, "\"state\"");
    if (strncmp(state, part, strlen(part)) != 0)
        fail_msg("%s is not %c: %s", unit, want, row);
}

#endif
