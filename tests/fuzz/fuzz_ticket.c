/* A ticket as somebody pasted it; and one whose fields are these bytes, with the check they need.
 */
#include "proto/ticket.h"
#include "tests/fuzz/fuzz.h"

static void parse(const char *line) {
    struct ticket t, again;
    char text[TICKET_TEXT_MAX];
    struct err e = {0};
    int rc = ticket_parse(line, &t, &e);
    if (rc != 0)
        fuzz_refused(rc, &e);
    else /* what is read is written as it was */
        assert(ticket_text(&t, text, &e) == 0 && ticket_parse(text, &again, &e) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct buf raw = {0}, line = {0};
    struct hash check;
    crypto_hash_tagged("thidua ticket 1", slice_of(data, size), &check);
    buf_put(&raw, data, size);
    parse(buf_cstr(&raw));
    buf_put(&raw, check.b, 8);
    buf_put_str(&line, "td1-");
    base64_encode(raw.data, raw.len, (char *)buf_extend(&line, base64_text_size(raw.len)));
    parse((const char *)line.data);
    buf_done(&raw);
    buf_done(&line);
    return 0;
}
