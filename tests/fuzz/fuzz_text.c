/* What people type: text, codes, days, instants, values. */
#include "core/mem.h"
#include "core/sheet.h"
#include "core/text.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *line = mem_strndup((const char *)data, size), *nfc = NULL, *fold = NULL;
    struct cell cell;
    instant at;
    day on;
    struct err e = {0};
    if (text_nfc(slice_of(data, size), &nfc, &e) == 0) {
        for (const char *c = nfc; *c; c++)
            assert((uint8_t)*c >= 0x20 && *c != 0x7f);
        assert(text_fold(slice_str(nfc), &fold, &e) == 0 && text_width(nfc) <= 2 * size + 2);
    } else
        fuzz_refused(e.code, &e);
    assert(!instant_parse(line, &at) || (at >= INSTANT_MIN && at <= INSTANT_MAX));
    (void)day_parse(line, &on);
    if (cell_parse(text_trim(line), MODE_POINTS, 1000, true, &cell, NULL) == 0)
        assert(cell.state <= CELL_VALUE);
    (void)text_code_valid(line);
    mem_free(line), mem_free(nfc), mem_free(fold);
    return 0;
}
