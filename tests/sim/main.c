/*
 * sim: whole deployments on virtual time, a seed each.
 *
 *     sim --seeds A-B [--nodes N] [--hash] [--trace] [--verbose]
 *
 * Speaks TAP. Every seed runs twice: with the accidents that it draws, and without any. A seed that
 * violates a property is named with the property; running it again alone, with --trace, shows how.
 */
#include "tests/sim/checker.h"
#include "tests/sim/fault.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BATCH 100u
#define VIOLATIONS_SHOWN 10u

struct totals {
    uint64_t runs, violations, events, reports;
    int64_t node_ms;
    uint64_t count[FAULTS_MAX];
};

struct order {
    uint64_t first, last;
    uint32_t nodes;
    bool hash, trace, verbose;
    const char *base;
};

static bool parse_number(const char *text, char end, uint64_t *ret, const char **ret_rest) {
    char *rest;
    if (*text < '0' || *text > '9')
        return false;
    *ret = strtoull(text, &rest, 10);
    *ret_rest = rest + 1;
    return *rest == end;
}

static bool parse(int argc, char **argv, struct order *o) {
    const char *rest;
    uint64_t n;
    bool seeds = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--hash") == 0)
            o->hash = true;
        else if (strcmp(argv[i], "--trace") == 0)
            o->trace = true;
        else if (strcmp(argv[i], "--verbose") == 0)
            o->verbose = true;
        else if (strcmp(argv[i], "--nodes") == 0 && i + 1 < argc &&
                 parse_number(argv[++i], '\0', &n, &rest) && n >= 1 && n <= NODES_MAX)
            o->nodes = (uint32_t)n;
        else if (strcmp(argv[i], "--seeds") == 0 && i + 1 < argc &&
                 parse_number(argv[++i], '-', &o->first, &rest) &&
                 parse_number(rest, '\0', &o->last, &rest))
            seeds = true;
        else
            return false;
    }
    return seeds && o->first <= o->last;
}

static void add_up(struct totals *t, const struct sim *sim) {
    for (unsigned i = 0; i < n_faults; i++)
        t->count[i] += sim->count[i];
    t->events += sim->events;
    t->node_ms += sim->s.now * sim->n_nodes;
    for (uint32_t i = 0; i < sim->history.n; i++)
        t->reports += sim->history.list[i].deed != NO_DEED;
}

/* One deployment; its outcome, and its trace hash mixed into `hash`. */
static bool run_once(const struct order *o, struct sim *sim, uint64_t seed, bool faulty,
                     struct outcome *out, uint64_t *hash) {
    char dir[PATH_MAX_BYTES];
    (void)snprintf(dir, sizeof dir, "%.120s/%llu%s", o->base, (unsigned long long)seed,
                   faulty ? "" : "-plain");
    sim->trace = o->trace;
    sim_init(sim, seed, faulty, o->nodes, dir);
    sim_run(sim);
    if (sim->violation[0] == '\0')
        checker_run(sim, out);
    *hash = *hash * 31 + sim->s.hash;
    return sim->violation[0] == '\0';
}

static void show(const struct totals *t, uint64_t seed, const struct sim *sim) {
    if (t->violations <= VIOLATIONS_SHOWN)
        printf("# seed %llu%s, %u nodes: %s\n", (unsigned long long)seed,
               sim->faulty ? "" : " (without accidents)", sim->n_nodes, sim->violation);
}

static void run_seed(const struct order *o, struct totals *t, uint64_t seed) {
    static struct sim sim; /* large */
    struct outcome plain, with;
    uint64_t hash = 0;
    bool sound = run_once(o, &sim, seed, false, &plain, &hash);
    if (sound) {
        sim_done(&sim);
        sound = run_once(o, &sim, seed, true, &with, &hash);
    }
    if (sound) {
        checker_compare(&sim, &with, &plain);
        sound = sim.violation[0] == '\0';
    }
    t->runs++;
    t->violations += !sound;
    add_up(t, &sim);
    if (!sound)
        show(t, seed, &sim);
    if (o->verbose)
        printf("# seed %llu: %u nodes, %llu events, %u records\n", (unsigned long long)seed,
               sim.n_nodes, (unsigned long long)sim.events, sim.history.n);
    sim_done(&sim);
    if (o->hash)
        printf("%llu %016llx\n", (unsigned long long)seed, (unsigned long long)hash);
}

/* A directory of our own in memory, else where temporary files go. */
static int make_base(char base[], size_t cap) {
    const char *tmp = getenv("TMPDIR");
    struct stat st;
    if (!tmp || !*tmp)
        tmp = stat("/dev/shm", &st) == 0 && access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    if (snprintf(base, cap, "%s/thidua-sim.XXXXXX", tmp) >= (int)cap || !mkdtemp(base)) {
        fprintf(stderr, "sim: no directory for the stores in %s: set TMPDIR\n", tmp);
        return -1;
    }
    return 0;
}

static void print_totals(const struct order *o, const struct totals *t, double seconds) {
    printf("# faults:");
    for (unsigned i = 0; i < n_faults; i++)
        printf(" %s %llu", faults[i].name, (unsigned long long)t->count[i]);
    printf(
        "\n# %llu runs, %.1f node-years, %llu reports, %llu events, %llu violations, %.1f runs/s\n",
        (unsigned long long)t->runs, (double)t->node_ms / 1000 / 86400 / 365,
        (unsigned long long)t->reports, (unsigned long long)t->events,
        (unsigned long long)t->violations, (double)t->runs / (seconds > 0 ? seconds : 1));
    printf("%sok 1 - seeds %llu to %llu: what is receipted is held, once, in time\n1..1\n",
           t->violations ? "not " : "", (unsigned long long)o->first, (unsigned long long)o->last);
}

static double seconds_now(void) {
    struct timespec ts;
    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    struct order o = {0};
    struct totals t = {0};
    char base[120];
    if (!parse(argc, argv, &o)) {
        fprintf(stderr, "usage: sim --seeds A-B [--nodes N] [--hash] [--trace] [--verbose]\n");
        return 2;
    }
    if (crypto_start(NULL) != 0 || make_base(base, sizeof base) != 0)
        return 1;
    o.base = base;
    (void)mallopt(M_MMAP_THRESHOLD, 1 << 20); /* LMDB zeroes 2 MiB a store, else by hand */
    setvbuf(stdout, NULL, _IOLBF, 0);
    double began = seconds_now();
    for (uint64_t seed = o.first; seed <= o.last; seed++) {
        run_seed(&o, &t, seed);
        if (t.runs % BATCH == 0)
            printf("# %llu of %llu runs, %llu violations\n", (unsigned long long)t.runs,
                   (unsigned long long)(o.last - o.first + 1), (unsigned long long)t.violations);
    }
    print_totals(&o, &t, seconds_now() - began);
    (void)rmdir(base);
    return t.violations == 0 ? 0 : 1;
}
