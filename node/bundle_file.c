#include "node/bundle_file.h"

#include "node/joining.h"
#include "node/roster.h"
#include "store/fork.h"
#include "store/host.h"
#include "store/log.h"

int bundle_file_may(const char *path, bool *ret_there, struct err *e) {
    uint8_t begin[BUNDLE_HEADER_BYTES];
    size_t n;
    struct bundle_reader r;
    int rc = host_read_begin(path, begin, sizeof begin, &n, e);
    if (rc == ERR_ABSENT) {
        *ret_there = false;
        return 0;
    }
    if (rc != 0)
        return rc;
    if (bundle_reader_init(slice_of(begin, n), &r, NULL) != 0)
        return err_set(e, ERR_REFUSED,
                       "%s is there and is no bundle: nothing was written; name another file",
                       path);
    *ret_there = true;
    return 0;
}

int bundle_file_rooted(const struct actor *a, struct txn *t, struct err *e) {
    if (joining_exchanged(a, t))
        return 0;
    return err_set(e, ERR_REFUSED,
                   "before its first exchange with the hub above nothing that this machine holds "
                   "can be verified: let it connect (`sync`, or `serve` at a hub), then export");
}

/* Whether `r`, evidence, is signed with the key that its author has, before its end. */
static bool is_proven(struct txn *t, const struct record *r) {
    struct member m;
    return roster_find(t, &r->h.actor, r->h.epoch, &m) && !roster_overruled(t, &r->h) &&
           roster_stands(t, &r->h) && record_verify(r, &m.sign_key);
}

/* Whether what `f`, kept of `r`, stands beside is in the bundle: what is held in its place, or, as
 * the last of those in `written`, what it builds on. */
static bool is_beside(struct txn *t, const struct fork *f, const struct record *r,
                      const struct buf *written) {
    const struct hash *ids = buf_items(written);
    struct hash held;
    if (log_at(t, &f->actor, f->epoch, &f->lane, f->seq, &held))
        return true;
    for (size_t i = written->len / sizeof *ids; i > 0; i--)
        if (hash_equal(&ids[i - 1], &r->h.prev))
            return fork_precedes(t, &r->h);
    return false;
}

int bundle_file_evidence(struct txn *t, bool (*concerns)(void *arg, const struct record *r),
                         void *arg, struct bundle_writer *w, uint64_t *ret_n, struct err *e) {
    struct fork_walk forks;
    struct fork f;
    struct hash actor = {{0}};
    struct buf written; /* ids of the author whose evidence is written */
    uint64_t n = 0;
    int rc = 0;
    buf_init(&written);
    fork_walk_init(&forks, t);
    while (rc == 0 && fork_walk_next(&forks, &f)) {
        struct record r;
        rc = fork_get(t, &f, &r, e);
        if (!hash_equal(&actor, &f.actor))
            buf_clear(&written);
        actor = f.actor;
        if (rc != 0 || (concerns && !concerns(arg, &r)) || !is_beside(t, &f, &r, &written) ||
            !is_proven(t, &r))
            continue;
        rc = bundle_writer_add(w, r.bytes, e);
        buf_put(&written, &r.id, sizeof r.id);
        n++;
    }
    fork_walk_done(&forks);
    if (rc == 0 && written.failed)
        rc = err_nomem(e);
    buf_done(&written);
    *ret_n = n;
    return rc == 0 ? txn_failed(t, e) : rc;
}

void bundle_file_tell_evidence(const struct world *w, uint64_t n, struct buf *words) {
    if (n > 0)
        world_say(w, words,
                  "%llu of them are evidence: second records of places that are taken, which count "
                  "for nothing (`conflict list` at the hub shows them)",
                  (unsigned long long)n);
}

void bundle_file_tell_root(const struct world *w, const struct actor *a, struct buf *words) {
    char root[HASH_TEXT];
    hash_text(&a->deployment, root);
    world_say(w, words,
              "whoever verifies it has the fingerprint from paper, and compares: this deployment's "
              "is %s",
              root);
}
