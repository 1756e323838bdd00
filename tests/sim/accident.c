#include "tests/sim/accident.h"

#include "store/log.h"
#include "store/meta.h"
#include "store/stream.h"
#include "tests/sim/fault.h"
#include "tests/sim/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum accident { NOTHING, WIPED, ROLLED_BACK, CLONED };
#define CHANCE 250000u /* of a machine, per million */

static void file_of(const struct machine *m, const char *name, char out[PATH_MAX_BYTES + 16]) {
    (void)snprintf(out, PATH_MAX_BYTES + 16, "%s/%s", m->dir, name);
}

static enum accident draw(struct sim *sim) {
    enum accident kinds[3];
    uint32_t n = 0;
    if (sim->asked.wipe)
        kinds[n++] = WIPED;
    if (sim->asked.rollback)
        kinds[n++] = ROLLED_BACK;
    if (sim->asked.clone)
        kinds[n++] = CLONED;
    return n == 0 || !prng_chance(&sim->luck, CHANCE) ? NOTHING : kinds[prng_below(&sim->luck, n)];
}

void accident_plan(struct sim *sim) {
    for (uint32_t i = 0; i < sim->n && sim->faulty; i++) {
        struct machine *m = &sim->machines[i];
        if (m->dark[1] > 0)
            fault_count(sim, "dark-line");
        m->accident = draw(sim);
        if (m->accident != NOTHING)
            sim_plan(m, prng_between(&sim->luck, 3 * DAY, sim->heal_at - 1),
                     (struct event){.kind = EVENT_OLD_COPY});
    }
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

/* All that the history read of the log of `m` is read again. */
static void forget_what_was_seen(struct sim *sim, struct machine *m) {
    m->seen_log = 0;
    m->n_arrivals = 0;
    for (uint32_t i = 0; m->is_hub && i < sim->history.n; i++)
        if (sim_under(&sim->machines[sim->history.list[i].owner], m))
            sim->history.list[i].at[m->level] = false;
}

static void put_copy_aside(struct sim *sim, struct machine *m) {
    char store[PATH_MAX_BYTES + 16], copy[PATH_MAX_BYTES + 16];
    file_of(m, "data.mdb", store);
    file_of(m, "copy.mdb", copy);
    m->copied = copy_file(store, copy);
    sim_say(sim, "%s: copied: %d", m->code, m->copied);
}

/* The copy takes the store's place; of a clone, the store goes on as the copy. */
static void put_back(struct sim *sim, struct machine *m) {
    char store[PATH_MAX_BYTES + 16], copy[PATH_MAX_BYTES + 16], third[PATH_MAX_BYTES + 16];
    file_of(m, "data.mdb", store);
    file_of(m, "copy.mdb", copy);
    file_of(m, "third.mdb", third);
    sim_say(sim, "%s: %s", m->code, m->accident == CLONED ? "cloned" : "rolled back");
    fault_count(sim, m->accident == CLONED ? "clone" : "rollback");
    machine_crash(sim, m, prng_between(&sim->luck, SECOND, HOUR));
    if (m->accident == CLONED)
        (void)rename(store, third);
    (void)rename(copy, store);
    if (m->accident == CLONED)
        (void)rename(third, copy);
    forget_what_was_seen(sim, m);
}

/* The directory is lost, keys and all: the machine begins again, with a new ticket. */
static void wipe(struct sim *sim, struct machine *m) {
    sim_say(sim, "%s: wiped", m->code);
    fault_count(sim, "wipe");
    machine_crash(sim, m, prng_between(&sim->luck, SECOND, HOUR));
    accident_remove(m);
    m->joined = m->has_ticket = false;
    m->wants_ticket = true;
    forget_what_was_seen(sim, m);
}

void accident_strike(struct sim *sim, struct machine *m) {
    bool again = m->accident == CLONED || (m->accident == ROLLED_BACK && !m->copied);
    if (!sim->armed || m->accident == NOTHING || (m->accident == WIPED && m->parent == NOBODY))
        return;
    if (!m->up || !m->joined) {
        again = true;
    } else if (m->accident == WIPED) {
        wipe(sim, m);
    } else if (!m->copied) {
        put_copy_aside(sim, m);
    } else {
        put_back(sim, m);
    }
    if (again)
        sim_plan(m, prng_between(&sim->luck, HOUR, 3 * DAY),
                 (struct event){.kind = EVENT_OLD_COPY});
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
