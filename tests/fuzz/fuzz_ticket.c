/* A ticket as somebody pasted it. */
#include "core/mem.h"
#include "proto/ticket.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct ticket t, again;
    char text[TICKET_TEXT_MAX];
    struct err e = {0};
    char *line = mem_strndup((const char *)data, size);
    int rc = ticket_parse(line, &t, &e);
    if (rc != 0) {
        fuzz_refused(rc, &e);
    } else { /* what is read is written as it was */
        assert(ticket_text(&t, text, &e) == 0 && ticket_parse(text, &again, &e) == 0);
        assert(strstr(line, text) && again.role == t.role);
    }
    mem_free(line);
    return 0;
}
