/*
 * Runs a fuzz target over inputs that are kept, without libFuzzer: all files of its corpus, or
 * those that are named. One TAP line; an input that ends the process is named before it runs.
 */
#include "core/mem.h"
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX ((size_t)1 << 21)

static void run_file(const char *path) {
    uint8_t *bytes = mem_alloc(INPUT_MAX);
    FILE *f = fopen(path, "rb");
    if (!f || !bytes) {
        printf("Bail out! %s cannot be read\n", path);
        exit(1);
    }
    size_t n = fread(bytes, 1, INPUT_MAX, f);
    (void)fclose(f);
    bytes = mem_realloc(bytes, n); /* a read past the end is one past the block */
    printf("# %s\n", path);
    (void)fflush(stdout);
    (void)LLVMFuzzerTestOneInput(bytes, n);
    mem_free(bytes);
}

static int visible(const struct dirent *d) {
    return d->d_name[0] != '.';
}

static int run_folder(const char *folder) {
    struct dirent **files = NULL;
    int n = scandir(folder, &files, visible, alphasort);
    for (int i = 0; i < n; i++) {
        char path[4096];
        (void)snprintf(path, sizeof path, "%s/%s", folder, files[i]->d_name);
        run_file(path);
        free(files[i]);
    }
    free(files);
    return n;
}

int main(int argc, char **argv) {
    int n = argc - 1;
    printf("1..1\n");
    for (int i = 1; i < argc; i++)
        run_file(argv[i]);
    if (argc == 1)
        n = run_folder(CORPUS);
    printf("%s 1 - %d kept inputs: no crash, every property holds\n", n > 0 ? "ok" : "not ok", n);
    return n > 0 ? 0 : 1;
}
