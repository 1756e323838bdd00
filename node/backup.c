#include "node/backup.h"

#include "node/joining.h"
#include "store/db.h"
#include "store/host.h"
#include "store/log.h"
#include "store/meta.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct backup {
    struct db *db;
    enum role role;
    instant now;
    /* Of the copy: */
    uint64_t *records;
    size_t bytes;
};

/* Who goes on from its copy states nothing, a hub not even whom it enrols, before it has its next
 * epoch: it does not know what it has said since, and its places would be taken twice. A machine
 * that has not joined yet has no epoch to come after.
 * Neither wants new keys: next.key is not copied with it. */
static void mark(struct txn *t, const void *arg) {
    const struct backup *b = arg;
    *b->records = log_last(t);
    meta_put_uid(t, "rotation", &(struct uid){{0}});
    meta_put_u64(t, "copied", (uint64_t)b->now);
    if (b->role == ROLE_NODE && !joining_done(t))
        return;
    meta_put_u64(t, "spent", 1);
    meta_put_uid(t, "renewal", &(struct uid){{0}});
}

static int copy(void *arg, int fd, struct err *e) {
    struct backup *b = arg;
    struct stat made;
    int rc = db_backup(b->db, fd, mark, b, e);
    if (rc == 0 && fstat(fd, &made) == 0)
        b->bytes = (size_t)made.st_size;
    return rc;
}

/* Whether the store is one of `role`: another's key would not fit it. */
static int look_at_role(struct db *db, const char *dir, enum role role, struct err *e) {
    struct txn *t;
    int rc = txn_begin(db, false, &t, e);
    if (rc != 0)
        return rc;
    uint64_t is = meta_u64(t, "role");
    rc = txn_failed(t, e);
    txn_abort(t);
    if (rc != 0 || is == (uint64_t)role)
        return rc;
    if (is == 0)
        return db_absent(dir, e);
    return role == ROLE_HUB
               ? err_set(e, ERR_REFUSED, "%s is no hub's: use `thidua-node backup`", dir)
               : err_set(e, ERR_REFUSED, "%s is no node's: use `thidua-hub backup`", dir);
}

/* A copy is a file of its own, apart from what it is a copy of. */
static int look_at_place(const char *file, const char *dir, struct err *e) {
    char folder[4096];
    struct stat data, place;
    const char *slash = strrchr(file, '/');
    if (strcmp(file, "-") == 0)
        return err_set(e, ERR_REFUSED,
                       "-: a copy of the store is not printed: give the name of a new file");
    if (access(file, F_OK) == 0) /* before all is copied for nothing */
        return err_set(e, ERR_REFUSED, "%s exists already: take it away or choose another name",
                       file);
    (void)snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - file + 1) : 1,
                   slash ? file : ".");
    if (stat(folder, &place) == 0 && stat(dir, &data) == 0 && place.st_dev == data.st_dev &&
        place.st_ino == data.st_ino)
        return err_set(e, ERR_REFUSED,
                       "%s lies in the data directory: what destroys one destroys the other; put "
                       "the copy elsewhere, best on another disk",
                       file);
    return 0;
}

int backup_run(struct verb_call *call, enum role role, struct err *e) {
    const char *file = verb_arg(call, 0);
    struct db *db;
    int rc = look_at_place(file, call->data, e);
    if (rc == 0)
        rc = db_open(call->data, false, NULL, &db, e);
    if (rc != 0)
        return rc;
    uint64_t records = 0;
    struct backup b = {
        .db = db, .role = role, .now = call->world->now(call->world->arg), .records = &records};
    rc = look_at_role(db, call->data, role, e);
    if (rc == 0)
        rc = host_fill_file(file, 0600, HOST_NEW, copy, &b, e);
    db_close(db);
    if (rc != 0)
        return rc;
    world_say(call->world, &call->words, "%s holds %llu records, %zu bytes", file,
              (unsigned long long)records, b.bytes);
    world_say(call->world, &call->words,
              "%s holds all records as they were when this began, and no keys: keep a copy of "
              "%s/actor.key too, as safely as the machine; the manual says under RECOVERY how "
              "to put both back",
              file, call->data);
    return 0;
}
