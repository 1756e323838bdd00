/*
 * sim: whole deployments on virtual time, a seed each.
 *
 *     sim --seeds A-B [--jobs N] [--levels N] [--nodes N | --large]
 *         [--faults wipe,rollback,clone,two,hasty|none] [--hash] [--trace] [--verbose]
 *
 * A seed draws how many offices there are: a few, in one run of two hundred about a hundred, with
 * --large 200 to 800, with --nodes N.
 *
 * Speaks TAP. Every seed runs twice: with the accidents that it draws, and without any. A seed that
 * violates a property is named with the property; running it again alone, with --trace, shows how.
 */
#include "tests/sim/checker.h"
#include "tests/sim/fault.h"
#include "tests/sim/proofs.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define REAL_SIGNATURES 16 /* one run of so many, where accidents happen, signs in earnest */
#define BATCH 100u
#define JOBS_MAX 64u
#define VIOLATIONS_SHOWN 10u

struct totals {
    uint64_t runs, violations, events, reports, machines, forks;
    int64_t node_ms;
    uint64_t count[FAULTS_MAX];
};

struct order {
    uint64_t first, last, jobs;
    bool hash, verbose;
    struct sim_options asked;
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

/* `text`, a number from `least` to `most`. */
static bool parse_count(const char *text, uint64_t least, uint64_t most, uint64_t *ret) {
    const char *rest;
    return parse_number(text, '\0', ret, &rest) && *ret >= least && *ret <= most;
}

/* What befalls directories, in every run, see struct sim_options; `none`: nothing. */
static bool parse_faults(const char *text, struct sim_options *o) {
    static const char *const names[] = {"wipe", "rollback", "clone", "two", "hasty"};
    bool *const on[] = {&o->wipe, &o->rollback, &o->clone, &o->two, &o->hasty};
    o->chosen = true;
    if (strcmp(text, "none") == 0)
        return true;
    while (*text) {
        size_t n = strcspn(text, ","), i = 0;
        while (i < 5 && (strlen(names[i]) != n || strncmp(names[i], text, n) != 0))
            i++;
        if (i == 5)
            return false;
        *on[i] = true;
        text += n + (text[n] == ',');
    }
    return true;
}

/* An option with a value. */
static bool parse_valued(const char *name, const char *value, struct order *o) {
    const char *rest;
    uint64_t n;
    if (strcmp(name, "--seeds") == 0)
        return parse_number(value, '-', &o->first, &rest) &&
               parse_number(rest, '\0', &o->last, &rest);
    if (strcmp(name, "--faults") == 0)
        return parse_faults(value, &o->asked);
    if (strcmp(name, "--jobs") == 0)
        return parse_count(value, 1, JOBS_MAX, &o->jobs);
    if (strcmp(name, "--nodes") == 0 && parse_count(value, 1, MACHINES_MAX / 2, &n))
        return o->asked.nodes = (uint32_t)n, true;
    if (strcmp(name, "--levels") == 0 && parse_count(value, 2, LEVELS_MAX, &n))
        return o->asked.levels = (uint32_t)n, true;
    return false;
}

static bool parse(int argc, char **argv, struct order *o) {
    bool seeds = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--hash") == 0) {
            o->hash = true;
        } else if (strcmp(argv[i], "--trace") == 0) {
            o->asked.trace = true;
        } else if (strcmp(argv[i], "--large") == 0) {
            o->asked.large = true;
        } else if (strcmp(argv[i], "--verbose") == 0) {
            o->verbose = true;
        } else {
            seeds |= strcmp(argv[i], "--seeds") == 0;
            if (i + 1 == argc || !parse_valued(argv[i], argv[i + 1], o))
                return false;
            i++;
        }
    }
    return seeds && o->first <= o->last;
}

static void add_up(struct totals *t, const struct sim *sim) {
    for (unsigned i = 0; i < n_faults; i++)
        t->count[i] += sim->count[i];
    t->events += sim->events;
    t->machines += sim->n;
    t->forks += sim->forks;
    t->node_ms += sim->s.now * sim->n;
    for (uint32_t i = 0; i < sim->history.n; i++)
        t->reports += sim->history.list[i].deed != NO_DEED;
}

static void add_totals(struct totals *t, const struct totals *more) {
    for (unsigned i = 0; i < n_faults; i++)
        t->count[i] += more->count[i];
    t->runs += more->runs;
    t->violations += more->violations;
    t->events += more->events;
    t->reports += more->reports;
    t->machines += more->machines;
    t->forks += more->forks;
    t->node_ms += more->node_ms;
}

/* One deployment; its outcome, and its trace hash mixed into `hash`. */
static bool run_once(const struct order *o, struct sim *sim, uint64_t seed, bool faulty,
                     struct outcome *out, uint64_t *hash) {
    char dir[PATH_MAX_BYTES];
    (void)snprintf(dir, sizeof dir, "%.120s/%llu%s", o->base, (unsigned long long)seed,
                   faulty ? "" : "-plain");
    proofs_stand_in(!faulty || seed % REAL_SIGNATURES != 0);
    sim_init(sim, seed, faulty, &o->asked, dir);
    sim_run(sim);
    if (sim->violation[0] == '\0')
        checker_run(sim, out);
    *hash = *hash * 31 + sim->s.hash;
    return sim->violation[0] == '\0';
}

static void show(const struct totals *t, uint64_t seed, const struct sim *sim) {
    if (t->violations <= VIOLATIONS_SHOWN)
        printf("# seed %llu%s, %u levels, %u hubs, %u offices: %s\n", (unsigned long long)seed,
               sim->faulty ? "" : " (without accidents)", sim->levels, sim->n_hubs,
               sim->n - sim->n_hubs, sim->violation);
}

static void run_seed(const struct order *o, struct totals *t, uint64_t seed) {
    static struct sim sim; /* large */
    struct outcome plain = {0}, with = {0};
    uint64_t hash = 0;
    bool sound = run_once(o, &sim, seed, false, &plain, &hash);
    if (sound) {
        add_up(t, &sim);
        sim_done(&sim);
        sound = run_once(o, &sim, seed, true, &with, &hash);
    }
    if (sound) {
        checker_compare(&sim, &with, &plain);
        sound = sim.violation[0] == '\0';
    }
    outcome_done(&plain);
    outcome_done(&with);
    t->runs++;
    t->violations += !sound;
    add_up(t, &sim);
    if (!sound)
        show(t, seed, &sim);
    if (o->verbose)
        printf("# seed %llu: %u machines, %u levels, %llu events, %u records\n",
               (unsigned long long)seed, sim.n, sim.levels, (unsigned long long)sim.events,
               sim.history.n);
    if (o->hash)
        printf("%llu %016llx\n", (unsigned long long)seed, (unsigned long long)hash);
    sim_done(&sim);
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
    printf("\n# %llu runs, %llu machines, %.1f node-years, %llu reports, %llu events, %llu "
           "forks kept, %llu violations, %.0f s, %.1f runs/s\n",
           (unsigned long long)t->runs, (unsigned long long)t->machines,
           (double)t->node_ms / 1000 / 86400 / 365, (unsigned long long)t->reports,
           (unsigned long long)t->events, (unsigned long long)t->forks,
           (unsigned long long)t->violations, seconds,
           (double)t->runs / (seconds > 0 ? seconds : 1));
    printf("%sok 1 - seeds %llu to %llu: what is receipted is held, once, in time\n1..1\n",
           t->violations ? "not " : "", (unsigned long long)o->first, (unsigned long long)o->last);
}

static double seconds_now(void) {
    struct timespec ts;
    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* ---- workers ---- */

/* What workers share: whoever is free takes the next seed. */
struct shared {
    _Atomic uint64_t next;
    _Atomic uint64_t runs;
    struct worker {
        uint64_t seed; /* that it works on */
        bool through;
        struct totals totals;
    } workers[JOBS_MAX];
};

static void work(const struct order *o, struct shared *all, struct worker *w) {
    while ((w->seed = atomic_fetch_add(&all->next, 1)) <= o->last) {
        run_seed(o, &w->totals, w->seed);
        uint64_t runs = atomic_fetch_add(&all->runs, 1) + 1;
        if (runs % BATCH == 0)
            printf("# %llu of %llu runs\n", (unsigned long long)runs,
                   (unsigned long long)(o->last - o->first + 1));
    }
    w->through = true;
}

static void start_workers(const struct order *o, struct shared *all) {
    for (uint64_t i = 0; i < o->jobs; i++) {
        (void)fflush(stdout);
        if (fork() == 0) {
            work(o, all, &all->workers[i]);
            (void)fflush(stdout);
            _exit(0);
        }
    }
    while (wait(NULL) > 0)
        continue;
}

/* Run all seeds; a worker that ended before its time counts as a violation of its seed. */
static int run_all(const struct order *o, struct totals *t) {
    struct shared *all =
        mmap(NULL, sizeof *all, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED)
        return -1;
    atomic_init(&all->next, o->first);
    if (o->jobs > 1)
        start_workers(o, all);
    else
        work(o, all, &all->workers[0]);
    for (uint64_t i = 0; i < o->jobs; i++) {
        const struct worker *w = &all->workers[i];
        add_totals(t, &w->totals);
        t->violations += !w->through;
        if (!w->through)
            printf("# seed %llu: the program ended\n", (unsigned long long)w->seed);
    }
    (void)munmap(all, sizeof *all);
    return 0;
}

int main(int argc, char **argv) {
    struct order o = {.jobs = 1};
    struct totals t = {0};
    char base[120];
    if (!parse(argc, argv, &o)) {
        fprintf(stderr,
                "usage: sim --seeds A-B [--jobs N] [--levels N] [--nodes N | --large] "
                "[--faults wipe,rollback,clone,two,hasty|none] [--hash] [--trace] [--verbose]\n");
        return 2;
    }
    if (crypto_start(NULL) != 0 || make_base(base, sizeof base) != 0)
        return 1;
    o.base = base;
    /* What is large is mapped: LMDB takes 2 MiB of zeroes a store. What long lists left behind in
     * the heap, of their size together, would be wiped for it by hand, each time. */
    (void)mallopt(M_MMAP_THRESHOLD, 3 << 18);
    (void)mallopt(M_TRIM_THRESHOLD, 3 << 19);
    (void)mallopt(M_TOP_PAD, 1 << 19);
    setvbuf(stdout, NULL, _IOLBF, 0);
    double began = seconds_now();
    if (run_all(&o, &t) != 0)
        return 1;
    print_totals(&o, &t, seconds_now() - began);
    (void)rmdir(base);
    return t.violations == 0 ? 0 : 1;
}
