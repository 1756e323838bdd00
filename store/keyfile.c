#include "store/keyfile.h"

#include "core/text.h"
#include "store/disk.h"
#include "store/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* magic 4, version 1, sealed 1, zero 2, salt 16, nonce 24, body, check 16 (over all before it) */
#define HEAD_BYTES (8 + SEAL_SALT_BYTES + SEAL_NONCE_BYTES)
#define BODY_BYTES (2 * SEED_BYTES)
#define CHECK_BYTES 16
#define FILE_BYTES_MAX (HEAD_BYTES + BODY_BYTES + SEAL_EXTRA_BYTES + CHECK_BYTES)
#define PASSPHRASE_ROOM (TEXT_SECRET_BYTES + 1)
#define TAG_KEYFILE "thidua keyfile 1"

static const uint8_t magic[5] = {'T', 'D', 'K', 'F', 1};

static int io_error(struct err *e, const char *path) {
    return err_set(e, ERR_IO, "%s: %s", path, strerror(errno));
}

static void put_check(const uint8_t *file, size_t n, uint8_t out[CHECK_BYTES]) {
    struct hash h;
    crypto_hash_tagged(TAG_KEYFILE, slice_of(file, n), &h);
    memcpy(out, h.b, CHECK_BYTES);
}

/* A key file is there whole or not at all: one that is cut short would be in the way for ever. */
static int write_file(const char *path, const uint8_t *file, size_t n, struct err *e) {
    char temp[4096];
    if (snprintf(temp, sizeof temp, "%s.%ld.new", path, (long)getpid()) >= (int)sizeof temp)
        return err_set(e, ERR_REFUSED, "%s: the path is too long", path);
    int there = file_probe(path);
    if (there > 0)
        errno = EEXIST;
    int fd = there == 0 ? disk_new(temp, 0600) : -1;
    int rc = fd < 0 ? -1 : disk_end(fd, disk_write(fd, slice_of(file, n)));
    if (rc == 0)
        rc = disk_name(temp, path, true);
    bool named = rc == 0;
    if (rc == 0)
        rc = disk_flush_name(path);
    int why = errno;
    if (rc != 0 && fd >= 0)
        (void)unlink(named ? path : temp);
    errno = why;
    if (rc != 0 && why == EEXIST)
        return err_set(e, ERR_REFUSED,
                       "%s exists already: move it away first, keys are never "
                       "overwritten",
                       path);
    return rc == 0 ? 0 : io_error(e, path);
}

/* `given` in its normal form, in `room`; itself where it has none. */
static const char *normal(const char *given, char room[PASSPHRASE_ROOM]) {
    return given && text_nfc_secret(given, room, PASSPHRASE_ROOM) ? room : given;
}

int keyfile_write(const char *path, const struct key_seeds *seeds, const char *passphrase,
                  const uint8_t salt[SEAL_SALT_BYTES], const uint8_t nonce[SEAL_NONCE_BYTES],
                  struct err *e) {
    uint8_t file[FILE_BYTES_MAX] = {0}, body[BODY_BYTES];
    memcpy(file, magic, sizeof magic);
    memcpy(body, seeds->sign, SEED_BYTES);
    memcpy(body + SEED_BYTES, seeds->transport, SEED_BYTES);
    size_t n = HEAD_BYTES + BODY_BYTES;
    int rc = 0;
    if (passphrase) {
        file[5] = 1;
        memcpy(file + 8, salt, SEAL_SALT_BYTES);
        memcpy(file + 8 + SEAL_SALT_BYTES, nonce, SEAL_NONCE_BYTES);
        char room[PASSPHRASE_ROOM];
        rc = crypto_seal(slice_of(body, sizeof body), normal(passphrase, room), salt, nonce,
                         file + HEAD_BYTES, e);
        crypto_wipe(room, sizeof room);
        n += SEAL_EXTRA_BYTES;
    } else {
        memcpy(file + HEAD_BYTES, body, sizeof body);
    }
    if (rc == 0) {
        put_check(file, n, file + n);
        rc = write_file(path, file, n + CHECK_BYTES, e);
    }
    crypto_wipe(body, sizeof body);
    crypto_wipe(file, sizeof file);
    return rc;
}

static int read_file(const char *path, uint8_t out[FILE_BYTES_MAX + 1], size_t *ret_n,
                     struct err *e) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? err_set(e, ERR_ABSENT, "%s: no such key file", path)
                               : io_error(e, path);
    size_t n = 0;
    ssize_t got = 0;
    while (n <= FILE_BYTES_MAX && (got = read(fd, out + n, FILE_BYTES_MAX + 1 - n)) > 0)
        n += (size_t)got;
    int rc = got < 0 ? io_error(e, path) : 0;
    close(fd);
    *ret_n = n;
    return rc;
}

static int open_with(const uint8_t *file, const char *passphrase, uint8_t body[BODY_BYTES],
                     struct err *e) {
    return crypto_open(slice_of(file + HEAD_BYTES, BODY_BYTES + SEAL_EXTRA_BYTES), passphrase,
                       file + 8, file + 8 + SEAL_SALT_BYTES, body, e);
}

/* First as it was given: a key may be sealed with that very text, by a program that took texts as
 * they came. */
static int open_sealed(const uint8_t *file, const char *passphrase, uint8_t body[BODY_BYTES],
                       struct err *e) {
    char room[PASSPHRASE_ROOM];
    struct err why = {0};
    int rc = open_with(file, passphrase, body, &why);
    const char *other = rc == ERR_REFUSED ? normal(passphrase, room) : passphrase;
    if (strcmp(other, passphrase) != 0) {
        why = (struct err){0};
        rc = open_with(file, other, body, &why);
    }
    crypto_wipe(room, sizeof room);
    if (rc != 0 && e)
        *e = why;
    return rc;
}

static int parse(const char *path, const uint8_t *file, size_t n, const char *passphrase,
                 uint8_t body[BODY_BYTES], struct err *e) {
    bool sealed = n > 5 && file[5] == 1;
    size_t want = HEAD_BYTES + BODY_BYTES + (sealed ? SEAL_EXTRA_BYTES : 0) + CHECK_BYTES;
    uint8_t check[CHECK_BYTES];
    if (n != want || memcmp(file, magic, sizeof magic) != 0)
        return err_set(e, ERR_CORRUPT, "%s: not a key file of thidua, or cut short", path);
    put_check(file, n - CHECK_BYTES, check);
    if (memcmp(check, file + n - CHECK_BYTES, CHECK_BYTES) != 0)
        return err_set(e, ERR_CORRUPT, "%s: the key file is damaged", path);
    if (!sealed) {
        memcpy(body, file + HEAD_BYTES, BODY_BYTES);
        return 0;
    }
    if (!passphrase)
        return err_set(
            e, ERR_REFUSED,
            "%s is sealed: give its passphrase with --passphrase-file (root.key and recovery.key: "
            "--root-passphrase-file)",
            path);
    return open_sealed(file, passphrase, body, e);
}

/* 1 if the file at `path` is sealed, 0 if its keys lie open, −1 if it is no key file. */
static int seal_of(const char *path) {
    uint8_t file[FILE_BYTES_MAX + 1];
    size_t n = 0;
    int seal = -1;
    if (read_file(path, file, &n, NULL) == 0 && n > 5 && memcmp(file, magic, sizeof magic) == 0)
        seal = file[5] == 1;
    crypto_wipe(file, sizeof file);
    return seal;
}

bool keyfile_sealed(const char *path) {
    return seal_of(path) == 1;
}

bool keyfile_plain(const char *path) {
    return seal_of(path) == 0;
}

/* The paths of the three files in `dir`. */
struct key_paths {
    char actor[4096], next[4096], old[4096];
};

static bool paths_of(const char *dir, struct key_paths *ret) {
    return snprintf(ret->actor, sizeof ret->actor, "%s/%s", dir, KEYFILE_ACTOR) <
               (int)sizeof ret->actor &&
           snprintf(ret->next, sizeof ret->next, "%s/%s", dir, KEYFILE_NEXT) <
               (int)sizeof ret->next &&
           snprintf(ret->old, sizeof ret->old, "%s/%s", dir, KEYFILE_OLD) < (int)sizeof ret->old;
}

bool keyfile_unsettled(const char *dir) {
    struct key_paths p;
    return paths_of(dir, &p) && access(p.old, F_OK) == 0;
}

/* Overwrite what `fd` is open on, and remove its name `path`. */
static int wipe_file(int fd, const char *path) {
    static const uint8_t zeros[FILE_BYTES_MAX];
    int rc = disk_write(fd, slice_of(zeros, sizeof zeros));
    if (rc == 0)
        rc = fsync(fd);
    return rc == 0 ? unlink(path) : rc;
}

/* Remove the second name of a file that still is the actor's, wipe one that no longer is. What
 * cannot be compared is left as it is: it may be the only key. */
static int clear_old(const struct key_paths *p) {
    struct stat old, now;
    int fd = open(p->old, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : -1;
    int rc = fstat(fd, &old) == 0 && stat(p->actor, &now) == 0 ? 0 : -1;
    if (rc == 0)
        rc = old.st_ino == now.st_ino && old.st_dev == now.st_dev ? unlink(p->old)
                                                                  : wipe_file(fd, p->old);
    int why = errno;
    close(fd);
    errno = why;
    return rc;
}

int keyfile_settle(const char *dir, bool advance, struct err *e) {
    struct key_paths p;
    if (!paths_of(dir, &p))
        return err_set(e, ERR_REFUSED, "%s: the path is too long", dir);
    int rc = clear_old(&p);
    if (rc == 0 && advance && access(p.next, F_OK) == 0) {
        rc = link(p.actor, p.old);
        if (rc == 0)
            rc = rename(p.next, p.actor);
        if (rc == 0)
            rc = disk_flush_name(p.actor);
        if (rc == 0)
            rc = clear_old(&p);
    }
    if (rc == 0)
        rc = disk_flush_name(p.actor);
    return rc == 0 ? 0 : io_error(e, dir);
}

int keyfile_read(const char *path, const char *passphrase, struct key_seeds *ret_seeds,
                 struct err *e) {
    uint8_t file[FILE_BYTES_MAX + 1], body[BODY_BYTES];
    size_t n = 0;
    int rc = read_file(path, file, &n, e);
    if (rc == 0)
        rc = parse(path, file, n, passphrase, body, e);
    if (rc == 0) {
        memcpy(ret_seeds->sign, body, SEED_BYTES);
        memcpy(ret_seeds->transport, body + SEED_BYTES, SEED_BYTES);
    }
    crypto_wipe(file, sizeof file);
    crypto_wipe(body, sizeof body);
    return rc;
}

void keyfile_tell_unsealed(struct verb_call *call) {
    char path[4096];
    if (call->world->passphrase && call->data &&
        snprintf(path, sizeof path, "%s/%s", call->data, KEYFILE_ACTOR) < (int)sizeof path &&
        keyfile_plain(path))
        world_say(call->world, &call->words,
                  "%s is not sealed, so the passphrase was not needed: whoever gets the file can "
                  "sign with it",
                  path);
}

void keyfile_tell_open(struct verb_call *call) {
    static const char *const names[] = {KEYFILE_ACTOR, KEYFILE_NEXT, KEYFILE_OLD};
    char path[4096];
    struct stat st;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (snprintf(path, sizeof path, "%s/%s", call->data, names[i]) < (int)sizeof path &&
            stat(path, &st) == 0 && (st.st_mode & 077) != 0)
            world_say(call->world, &call->words,
                      "%s is open to other users of this machine, and whoever copies it can sign "
                      "with it: run `chmod 600 %s`; if somebody may have it, change keys with "
                      "`rotate`",
                      path, path);
}
