#include "tests/unit/fixture_disk.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void fixture_folder(char ret_path[FIXTURE_PATH]) {
    const char *base = getenv("TMPDIR");
    (void)snprintf(ret_path, FIXTURE_PATH, "%s/thidua-test-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(ret_path))
        abort();
}

void fixture_join_path(char ret_path[FIXTURE_PATH], const char *folder, const char *name) {
    char copy[FIXTURE_PATH]; /* `ret_path` may be `folder` */
    if (snprintf(copy, sizeof copy, "%s", folder) >= FIXTURE_PATH ||
        snprintf(ret_path, FIXTURE_PATH, "%.127s/%.120s", copy, name) >= FIXTURE_PATH)
        abort();
}

static void empty(const char *path) {
    DIR *d = opendir(path);
    char inside[FIXTURE_PATH];
    for (struct dirent *f = d ? readdir(d) : NULL; f; f = readdir(d)) {
        if (strcmp(f->d_name, ".") == 0 || strcmp(f->d_name, "..") == 0)
            continue;
        fixture_join_path(inside, path, f->d_name);
        if (unlink(inside) != 0)
            fixture_remove(inside);
    }
    if (d)
        (void)closedir(d);
}

void fixture_remove(const char *path) {
    empty(path);
    (void)rmdir(path);
}

uint64_t fixture_seed(const char *test) {
    const char *given = getenv("THIDUA_SEED");
    uint64_t seed = 1;
    FILE *f = given ? NULL : fopen("/dev/urandom", "rb");
    if (f && fread(&seed, sizeof seed, 1, f) != 1)
        seed = 1;
    if (f)
        (void)fclose(f);
    if (given)
        seed = strtoull(given, NULL, 0);
    printf("# %s: THIDUA_SEED=%" PRIu64 "\n", test, seed);
    (void)fflush(stdout);
    return seed;
}

uint64_t fixture_next(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint32_t fixture_below(uint64_t *state, uint32_t n) {
    return (uint32_t)(fixture_next(state) % n);
}

void fixture_ok(int rc, const struct err *e, const char *file, int line) {
    char text[512];
    if (rc == 0)
        return;
    (void)fprintf(stderr, "%s:%d: %d %s\n", file, line, rc,
                  e ? err_text(e, NULL, text, sizeof text) : "");
    abort();
}
