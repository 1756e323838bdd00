/* What people type: text, codes, days, instants, values, addresses. */
#include "core/mem.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/typed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *line = mem_strndup((const char *)data, size);
    typed_text(slice_of(data, size));
    typed_moment(line);
    typed_address(line);
    typed_value(line);
    mem_free(line);
    return 0;
}
