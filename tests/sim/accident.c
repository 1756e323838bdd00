#include "tests/sim/accident.h"

#include "store/log.h"
#include "store/meta.h"
#include "store/stream.h"
#include "tests/sim/fault.h"
#include "tests/sim/machine.h"
#include "tests/sim/peek.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum accident { NOTHING, WIPED, ROLLED_BACK, CLONED };
#define CHANCE 300000u    /* of a machine, per million */
#define SHARE 400000u     /* of the runs */
#define KEYS_LOST 300000u /* of the offices that lose their directory */

static void file_of(const struct machine *m, const char *name, char out[PATH_MAX_BYTES + 16]) {
    (void)snprintf(out, PATH_MAX_BYTES + 16, "%s/%s", m->dir, name);
}

/* What directories of this run suffer from: as asked, else as drawn. */
static uint32_t draw_kinds(struct sim *sim, enum accident kinds[3]) {
    const struct sim_options *o = &sim->asked;
    uint32_t n = 0, drawn = 0;
    if (!o->chosen && prng_chance(&sim->fate, SHARE))
        drawn = 1 + prng_below(&sim->fate, 7);
    if (o->wipe || (drawn & 1))
        kinds[n++] = WIPED;
    if (o->rollback || (drawn & 2))
        kinds[n++] = ROLLED_BACK;
    if (o->clone || (drawn & 4))
        kinds[n++] = CLONED;
    return n;
}

/* How many machines on the ways up through `m`, at most, are meant to suffer a loss. */
static uint32_t meant_on_path(const struct sim *sim, const struct machine *m) {
    uint32_t above = 0, below = 0;
    for (const struct machine *h = sim_above(m); h; h = sim_above(h))
        above += h->accident != NOTHING;
    for (uint32_t i = m->index + 1; i < sim->n; i++)
        if (sim->machines[i].accident != NOTHING && sim_under(&sim->machines[i], m))
            below = 1;
    return above + below;
}

static void plan_fate(struct sim *sim) {
    enum accident kinds[3];
    struct prng *p = &sim->fate;
    uint32_t n = draw_kinds(sim, kinds), most = sim->asked.two ? 2 : 1;
    for (uint32_t i = 0; i < sim->n && n > 0; i++) {
        struct machine *at = &sim->machines[i];
        enum accident what = kinds[prng_below(p, n)];
        int64_t when = prng_between(p, 3 * DAY, sim->heal_at - 1);
        if (!prng_chance(p, CHANCE) || meant_on_path(sim, at) >= most ||
            (what == WIPED && at->parent == NOBODY))
            continue;
        if (what == ROLLED_BACK && at->is_hub && when % 2 == 0) /* to before some were enrolled */
            when = MINUTE + when % (6 * HOUR);
        at->accident = what;
        sim_plan(at, when, (struct event){.kind = EVENT_OLD_COPY});
    }
}

void accident_plan(struct sim *sim) {
    for (uint32_t i = 0; i < sim->n && sim->faulty; i++)
        if (sim->machines[i].dark[1] > 0)
            fault_count(sim, "dark-line");
    if (sim->faulty)
        plan_fate(sim);
}

/* ---- copies ---- */

/* Copy one file to another; between transactions a store's file is a consistent one. */
static bool copy_file(const char *from, const char *to) {
    char block[1 << 16];
    ssize_t n = -1;
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    while (in >= 0 && out >= 0 && (n = read(in, block, sizeof block)) > 0)
        if (write(out, block, (size_t)n) != n)
            break;
    if (in >= 0)
        (void)close(in);
    if (out >= 0)
        (void)close(out);
    return n == 0;
}

static void put_copy_aside(struct sim *sim, struct machine *m) {
    char store[PATH_MAX_BYTES + 16], copy[PATH_MAX_BYTES + 16];
    file_of(m, "data.mdb", store);
    file_of(m, "copy.mdb", copy);
    m->copied = copy_file(store, copy);
    m->copied_at = sim->history.n;
    sim_say(sim, "%s: copied: %d", m->code, m->copied);
}

static bool holds(struct machine *m, const struct hash *id) {
    struct txn *t;
    if (!m->up || txn_begin(m->actor.db, false, &t, NULL) != 0)
        return false;
    bool held = txn_get(t, TABLE_RECORDS, slice_of(id->b, HASH_BYTES), NULL);
    txn_abort(t);
    return held;
}

/* Whether `m` holds how it was enrolled last, and can show it to a hub that forgot it. */
static bool can_show(struct machine *m) {
    struct member self;
    struct txn *t;
    if (!m->joined || !m->up || txn_begin(m->actor.db, false, &t, NULL) != 0)
        return false;
    bool can = roster_find(t, &m->id, roster_epoch(t, &m->id), &self) && log_has(t, &self.record);
    txn_abort(t);
    return can;
}

/* Whether somebody can hand `enrolment`, by the hub `m`, back to it: the hub above, or a child that
 * is known, or can show why it should be. */
static bool has_keeper(struct sim *sim, struct machine *m, const struct hash *enrolment) {
    if (m->parent != NOBODY && holds(sim_above(m), enrolment))
        return true;
    for (uint32_t i = 1; i < sim->n; i++) {
        struct machine *child = &sim->machines[i];
        if (child->parent == m->index && can_show(child) && holds(child, enrolment))
            return true;
    }
    return false;
}

/* Whether somebody still has to join at `m`, who may then have the place of what it forgot. */
static bool awaits(struct sim *sim, struct machine *m) {
    for (uint32_t i = m->index + 1; i < sim->n; i++)
        if (sim->machines[i].parent == m->index && !sim->machines[i].joined)
            return true;
    return false;
}

/*
 * A hub does not let anybody in whose enrolment it lacks and nobody shows: where no neighbour has
 * one yet, that child would need a new ticket. That is not simulated; nor, but where hubs are
 * hasty, that it enrols another in the place of a campaign or of units.
 */
static bool enrolments_are_safe(struct sim *sim, struct machine *m, uint32_t from) {
    for (uint32_t i = from; m->is_hub && i < sim->history.n; i++) {
        const struct stated *s = &sim->history.list[i];
        if (s->owner != m->index || s->holders == 0)
            continue;
        if (s->kind == PEEK_ENROL ? !has_keeper(sim, m, &s->id)
                                  : s->kind < PEEK_JOIN && !sim->asked.hasty && awaits(sim, m))
            return false;
    }
    return true;
}

/* What the history knows of the directory as it is now. */
static void look_inside(struct sim *sim, struct machine *m) {
    struct db_options o = machine_disk(m);
    struct err e = {0};
    m->actor = (struct actor){.id = m->id};
    m->commits++; /* it may be another store by now */
    if (db_open(m->dir, false, &o, &m->actor.db, &e) != 0)
        sim_broken(sim, "opening a copy", &e);
    else
        history_look(sim, m);
    db_close(m->actor.db);
    m->actor = (struct actor){0};
}

/* Its people may go on at once, before anybody notices. */
static void go_on(struct sim *sim, struct machine *m) {
    for (uint32_t i = 0; i < m->n_deeds; i++)
        if (!m->deeds[i].done && prng_chance(&sim->fate, 500000)) {
            m->deeds[i].at = sim->s.now;
            return;
        }
    for (uint32_t i = 1; i < m->n_acts && sim->asked.hasty; i++)
        if (!m->acts[i].done && prng_chance(&sim->fate, 800000)) {
            m->acts[i].at = sim->s.now;
            return;
        }
}

static void strike(struct sim *sim, struct machine *m, const char *what) {
    sim_say(sim, "%s: %s", m->code, what);
    fault_count(sim, what);
    sim->n_struck += !m->struck;
    m->struck = true;
    m->struck_at = sim->s.now;
    m->spent_at = m->renew_at = 0;
    history_forget(sim, m);
    machine_crash(sim, m, prng_between(&sim->fate, SECOND, HOUR));
    go_on(sim, m);
}

static void roll_back(struct sim *sim, struct machine *m) {
    char store[PATH_MAX_BYTES + 16], copy[PATH_MAX_BYTES + 16];
    file_of(m, "data.mdb", store);
    file_of(m, "copy.mdb", copy);
    strike(sim, m, "rollback");
    (void)rename(copy, store);
    look_inside(sim, m);
    history_mourn(sim, m);
}

/* The copy takes the store's place, and the store the copy's. */
static void change_places(struct sim *sim, struct machine *m) {
    char store[PATH_MAX_BYTES + 16], copy[PATH_MAX_BYTES + 16], third[PATH_MAX_BYTES + 16];
    file_of(m, "data.mdb", store);
    file_of(m, "copy.mdb", copy);
    file_of(m, "third.mdb", third);
    strike(sim, m, "clone");
    (void)rename(store, third);
    (void)rename(copy, store);
    (void)rename(third, copy);
    m->copied_at = sim->history.n;
    look_inside(sim, m);
}

/* The directory is lost; the key may have been kept elsewhere. */
static void wipe(struct sim *sim, struct machine *m) {
    char path[PATH_MAX_BYTES + 16];
    strike(sim, m, "wipe");
    file_of(m, "data.mdb", path);
    (void)unlink(path);
    m->joined = false;
    if (!m->is_hub && prng_chance(&sim->fate, KEYS_LOST)) {
        file_of(m, "actor.key", path);
        (void)unlink(path);
        m->has_ticket = false;
        m->wants_ticket = true;
    }
    history_mourn(sim, m);
}

void accident_strike(struct sim *sim, struct machine *m) {
    bool again = m->accident == CLONED || (m->accident == ROLLED_BACK && !m->copied);
    if (!sim->armed || m->accident == NOTHING)
        return;
    bool copies = m->accident != WIPED && !m->copied;
    if (!m->up || !m->joined ||
        (!copies && !enrolments_are_safe(sim, m, m->accident == ROLLED_BACK ? m->copied_at : 0)))
        again = true;
    else if (m->accident == WIPED)
        wipe(sim, m);
    else if (copies)
        put_copy_aside(sim, m);
    else if (m->accident == CLONED)
        change_places(sim, m);
    else
        roll_back(sim, m);
    if (again)
        sim_plan(m, prng_between(&sim->fate, HOUR, 3 * DAY),
                 (struct event){.kind = EVENT_OLD_COPY});
}

void accident_heal(struct sim *sim) {
    for (uint32_t i = 0; i < sim->n; i++)
        if (sim->machines[i].accident == CLONED && sim->machines[i].struck)
            history_mourn(sim, &sim->machines[i]);
}

void accident_remove(struct machine *m) {
    static const char *const names[] = {"data.mdb", "lock.mdb", "actor.key", "copy.mdb"};
    char path[PATH_MAX_BYTES + 16];
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        file_of(m, names[i], path);
        (void)unlink(path);
    }
    (void)rmdir(m->dir);
}

/* ---- the outbox ---- */

static void restate(struct txn *t, const struct uid *before, const struct uid *stream) {
    struct hash id;
    for (uint64_t at = 1; stream_at(t, before, at, &id); at++)
        stream_append(t, stream, &id);
    meta_put_uid(t, "outbox", stream);
    meta_put_u64(t, "outbox.acked", 0);
}

void accident_rebuild_outbox(struct sim *sim, struct machine *m) {
    struct uid stream;
    struct txn *t;
    struct err e = {0};
    if (!m->up || !m->joined || m->parent == NOBODY)
        return;
    session_end(sim, m);
    prng_bytes(&m->random, stream.b, UID_BYTES);
    int rc = actor_begin(&m->actor, true, &t, &e);
    if (rc == 0) {
        restate(t, &m->actor.outbox, &stream);
        rc = actor_commit(&m->actor, t, &e);
    }
    if (rc == 0)
        m->actor.outbox = stream;
    if (rc == 0 || rc == ERR_UNKNOWN)
        machine_crash(sim, m, SECOND);
}
