#include "tests/fuzz/scratch.h"

#include "tests/unit/fixture_disk.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static char folder[FIXTURE_PATH], path[FIXTURE_PATH];

static void leave(void) {
    fixture_remove(folder);
}

const char *scratch_file(struct slice content) {
    if (!folder[0]) {
        fixture_folder(folder);
        fixture_join_path(path, folder, "file");
        (void)atexit(leave);
    }
    FILE *f = fopen(path, "wb");
    assert(f && (content.len == 0 || fwrite(content.data, 1, content.len, f) == content.len));
    (void)fclose(f);
    return path;
}
