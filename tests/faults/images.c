/*
 * images: power cuts, replayed. From what the shim wrote down of a program's run, and the store as
 * it was before, it makes the files that a power cut could have left at every moment, opens each
 * with the real store, commits once, checks it as the verb `check` does, and holds it against every
 * frame that had left by then.
 *
 *     fault_images --log FILE --base data.mdb --key actor.key --role hub|node --work DIR
 *                  [--images N] [--seed S] [--ignore-syncs] [--early]
 *
 * --ignore-syncs takes the disk for one that syncs nothing, --early takes each frame for one that
 * left a commit sooner: both must find broken promises, or the checks are worth nothing. One JSON
 * object is the result; the exit status is 0 where every image was sound.
 */
#include "core/crypto.h"
#include "core/mem.h"
#include "hub/check_slots.h"
#include "store/guard.h"
#include "store/host.h"
#include "store/meta.h"
#include "tests/faults/crash.h"
#include "tests/faults/promises.h"

#include <assert.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX ((size_t)1 << 30)
#define TOLD_MAX 10u /* broken images that are told one by one */
#define PATH_MAX_BYTES 4096

struct moment_of { /* an entry of the log */
    struct shim_entry head;
    const uint8_t *bytes;
};

struct job {
    const char *log, *base, *key, *work;
    enum role role;
    uint64_t seed;
    long wanted;
    bool ignore_syncs, early;
    struct world world;
    struct buf text, first; /* the log; the store before it */
    struct moment_of *list;
    size_t n;
    struct promises promises;
    struct hash
        *seen; /* images that were looked at, each with what had been promised: a hash set */
    size_t seen_cap;
    uint64_t images, again, broken, commits, writes, sent;
};

static void die(const char *what, const struct err *e) {
    char text[1024];
    fprintf(stderr, "fault_images: %s: %s\n", what, e ? err_text(e, NULL, text, sizeof text) : "");
    exit(2);
}

/* ---- the log ---- */

static void read_inputs(struct job *j) {
    struct err e = {0};
    buf_init(&j->text);
    buf_init(&j->first);
    if (host_read_file(j->log, FILE_MAX, &j->text, &e) != 0 ||
        host_read_file(j->base, FILE_MAX, &j->first, &e) != 0)
        die("reading", &e);
    size_t cap = j->text.len / sizeof(struct shim_entry) + 1;
    j->list = mem_zalloc(cap, sizeof *j->list);
    assert(j->list);
    for (size_t at = 0; at + sizeof(struct shim_entry) <= j->text.len;) {
        struct moment_of *m = &j->list[j->n++];
        memcpy(&m->head, j->text.data + at, sizeof m->head);
        at += sizeof m->head;
        m->bytes = j->text.data + at;
        at += m->head.bytes;
        if (at > j->text.len)
            die("the log is cut short", NULL);
        if (m->head.event == SHIM_OTHER || m->head.event == SHIM_TRUNCATE)
            die("the store was written in a way that is not modelled here", NULL);
    }
}

/* ---- one image ---- */

struct look {
    const struct job *job;
    size_t promised;
};

/* In a child process: open, commit, check, compare. What is wrong goes to `out`. */
static int look_at(void *arg, struct buf *out, struct err *e) {
    const struct look *look = arg;
    const struct job *j = look->job;
    const struct db_options options = {.no_sync = true}; /* this image need not last */
    struct actor a;
    struct findings f = {.world = &j->world};
    struct txn *t;
    int rc = actor_open(j->work, j->role, NULL, &options, &a, e);
    if (rc == 0)
        rc = txn_begin(a.db, true, &t, e);
    if (rc != 0)
        return rc;
    meta_put_u64(t, "tests.image", j->images);
    rc = txn_commit(t, e);
    if (rc == 0)
        rc = txn_begin(a.db, false, &t, e);
    if (rc == 0)
        rc = check_here(&a, t, j->role == ROLE_HUB ? check_slots : NULL, &f, e);
    if (rc != 0)
        return rc;
    static const char *const words[] = {"a record that was sent is gone",
                                        "a receipt that was sent is of a report without one",
                                        "a position that was acknowledged is gone"};
    const struct promise *p = promises_broken(&j->promises, look->promised, t);
    if (p)
        buf_printf(out, "%s", words[p->what]);
    else if (f.total > 0)
        buf_printf(out, "check finds: %s", f.list[0].what);
    return txn_failed(t, e);
}

static void write_image(const struct job *j, const uint8_t *image, size_t n) {
    char path[PATH_MAX_BYTES];
    (void)snprintf(path, sizeof path, "%s/lock.mdb", j->work);
    (void)remove(path);
    (void)snprintf(path, sizeof path, "%s/data.mdb", j->work);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(image, 1, n, f) != n || fclose(f) != 0)
        die("cannot write an image", NULL);
}

/* Whether the same bytes with the same promises were looked at before; they are from now on. */
static bool was_seen(struct job *j, const uint8_t *image, size_t n, size_t promised) {
    struct hash h;
    crypto_hash_tagged("tests image", slice_of(image, n), &h);
    h.b[HASH_BYTES - 1] = 1; /* not zero, which is an empty place */
    h.b[0] ^= (uint8_t)promised;
    h.b[1] ^= (uint8_t)(promised >> 8);
    size_t at;
    memcpy(&at, h.b, sizeof at);
    for (at %= j->seen_cap; !hash_is_zero(&j->seen[at]); at = (at + 1) % j->seen_cap)
        if (hash_equal(&j->seen[at], &h))
            return true;
    j->seen[at] = h;
    return false;
}

static void try_image(struct job *j, const struct crash_disk *d, size_t moment, uint64_t seed) {
    uint8_t *image;
    size_t n;
    crash_image(d, seed, &image, &n);
    struct look look = {j, j->promises.n};
    struct err e = {0};
    struct buf said;
    int killed = 0;
    char text[1024];
    if (was_seen(j, image, n, look.promised)) {
        j->again++;
        mem_free(image);
        return;
    }
    buf_init(&said);
    write_image(j, image, n);
    mem_free(image);
    j->images++;
    int rc = guard_run(look_at, &look, &said, &killed, &e);
    if (rc != 0 || killed != 0 || said.len > 0) {
        if (j->broken++ < TOLD_MAX)
            fprintf(stderr, "at %zu of %zu, seed %" PRIu64 ": %s%s\n", moment, j->n, seed,
                    rc != 0       ? err_text(&e, NULL, text, sizeof text)
                    : killed != 0 ? "killed by a signal"
                                  : buf_cstr(&said),
                    j->broken == TOLD_MAX ? " (and more)" : "");
    }
    buf_done(&said);
}

/* ---- all of them ---- */

/* With --early: the frames that leave after the next commit, before it. */
static void promise_early(struct job *j, size_t from) {
    size_t i = from;
    while (i < j->n && j->list[i].head.event != SHIM_DURABLE)
        i++;
    for (i++; i < j->n && j->list[i].head.event != SHIM_DURABLE; i++)
        if (j->list[i].head.event == SHIM_FRAME)
            promises_take(&j->promises, slice_of(j->list[i].bytes, j->list[i].head.bytes));
}

static bool is_file_event(const struct moment_of *m) {
    return m->head.event == SHIM_WRITE || m->head.event == SHIM_DURABLE ||
           m->head.event == SHIM_SYNC;
}

/* The power goes during entry `i`, and after it; `share` images of each. */
static void cut_at(struct job *j, struct crash_disk *d, size_t i, uint64_t share, uint64_t *state) {
    const struct moment_of *m = &j->list[i];
    if (m->head.event == SHIM_DURABLE) {
        struct crash_disk during = *d;
        during.list = mem_alloc((d->n + 1) * sizeof *d->list);
        assert(during.list);
        if (d->n > 0)
            memcpy(during.list, d->list, d->n * sizeof *d->list);
        during.list_cap = d->n + 1;
        crash_take(&during, &m->head, m->bytes, false);
        for (uint64_t k = 0; k < share; k++)
            try_image(j, &during, i, k < 2 && share > 2 ? k : crash_random(state));
        mem_free(during.list);
    }
    crash_take(d, &m->head, m->bytes, true);
    for (uint64_t k = 0; k < share; k++)
        try_image(j, d, i, k < 2 && share > 2 ? k : crash_random(state));
}

static void replay(struct job *j, uint64_t share, size_t stride) {
    struct crash_disk d;
    uint64_t state = j->seed;
    size_t nth = 0;
    crash_init(&d, j->first.data, j->first.len);
    d.ignore_syncs = j->ignore_syncs;
    for (size_t i = 0; i < j->n; i++) {
        const struct moment_of *m = &j->list[i];
        if (m->head.event == SHIM_FRAME && !j->early)
            promises_take(&j->promises, slice_of(m->bytes, m->head.bytes));
        if (j->early && m->head.event == SHIM_DURABLE)
            promise_early(j, i + 1);
        j->commits += m->head.event == SHIM_DURABLE;
        j->writes += m->head.event == SHIM_WRITE;
        j->sent += m->head.event == SHIM_SENT;
        if (!is_file_event(m) && m->head.event != SHIM_FRAME)
            continue;
        if (nth++ % stride == 0)
            cut_at(j, &d, i, share, &state);
        else
            crash_take(&d, &m->head, m->bytes, true);
    }
    crash_done(&d);
}

static void run(struct job *j) {
    size_t points = 0;
    for (size_t i = 0; i < j->n; i++)
        points += is_file_event(&j->list[i]) || j->list[i].head.event == SHIM_FRAME;
    if (points == 0)
        die("nothing was written down", NULL);
    size_t stride = (size_t)j->wanted < points ? points / (size_t)j->wanted : 1;
    uint64_t share = (uint64_t)j->wanted / (points / stride) + 1;
    j->seen_cap = 4 * (size_t)j->wanted + 4 * points * share + 1024;
    j->seen = mem_zalloc(j->seen_cap, sizeof *j->seen);
    assert(j->seen);
    replay(j, share, stride);
    printf("{\"images\":%" PRIu64 ",\"again\":%" PRIu64 ",\"broken\":%" PRIu64
           ",\"moments\":%zu,\"writes\":%" PRIu64 ",\"commits\":%" PRIu64 ",\"frames\":%" PRIu64
           ",\"receipts\":%" PRIu64 ",\"promises\":%zu,\"sent\":%" PRIu64 ",\"seed\":%" PRIu64
           "}\n",
           j->images, j->again, j->broken, points, j->writes, j->commits, j->promises.frames,
           j->promises.receipts, j->promises.n, j->sent, j->seed);
}

static void prepare(struct job *j) {
    char path[PATH_MAX_BYTES];
    struct buf key;
    struct err e = {0};
    buf_init(&key);
    (void)snprintf(path, sizeof path, "%s/actor.key", j->work);
    if (host_read_file(j->key, FILE_MAX, &key, &e) != 0 ||
        host_write_file(path, buf_slice(&key), 0600, 0, &e) != 0)
        die("the key", &e);
    buf_done(&key);
}

int main(int argc, char **argv) {
    static const struct option options[] = {
        {"log", required_argument, NULL, 'l'},  {"base", required_argument, NULL, 'b'},
        {"key", required_argument, NULL, 'k'},  {"role", required_argument, NULL, 'r'},
        {"work", required_argument, NULL, 'w'}, {"images", required_argument, NULL, 'n'},
        {"seed", required_argument, NULL, 's'}, {"ignore-syncs", no_argument, NULL, 'i'},
        {"early", no_argument, NULL, 'e'},      {NULL, 0, NULL, 0},
    };
    struct job j = {.wanted = 500, .seed = 1, .role = ROLE_HUB};
    struct err e = {0};
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;)
        switch (c) {
        case 'l':
            j.log = optarg;
            break;
        case 'b':
            j.base = optarg;
            break;
        case 'k':
            j.key = optarg;
            break;
        case 'w':
            j.work = optarg;
            break;
        case 'r':
            j.role = strcmp(optarg, "node") == 0 ? ROLE_NODE : ROLE_HUB;
            break;
        case 'n':
            j.wanted = strtol(optarg, NULL, 10);
            break;
        case 's':
            j.seed = strtoull(optarg, NULL, 10);
            break;
        case 'i':
            j.ignore_syncs = true;
            break;
        case 'e':
            j.early = true;
            break;
        default:
            return 2;
        }
    if (!j.log || !j.base || !j.key || !j.work || j.wanted < 1 || crypto_start(&e) != 0)
        return 2;
    host_world(&j.world);
    prepare(&j);
    read_inputs(&j);
    run(&j);
    promises_done(&j.promises);
    mem_free(j.seen);
    mem_free(j.list);
    buf_done(&j.text);
    buf_done(&j.first);
    return j.broken > 0;
}
