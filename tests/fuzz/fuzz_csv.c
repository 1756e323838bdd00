/* A file as a spreadsheet wrote it; its first byte says which: units, subjects, values, events. */
#include "tests/fuzz/csv.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static int (*const read[])(struct slice, struct problems *,
                               struct err *) = {csv_units, csv_subjects, csv_sheet, csv_events};
    struct problems p = {0};
    struct buf words = {0};
    struct err e = {0}, end = {0};
    if (size == 0)
        return 0;
    int rc = read[data[0] % 4](slice_of(data + 1, size - 1), &p, &e);
    if (rc != 0)
        fuzz_refused(rc, &e);
    assert((problems_end(&p, "f.csv", NULL, &words, &end) == 0) == (p.total == 0));
    problems_done(&p);
    buf_done(&words);
    return 0;
}
