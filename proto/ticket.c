#include "proto/ticket.h"

#include "proto/wire.h"

#include <string.h>

#define TAG_TICKET "thidua ticket 1"
#define PREFIX "td1-"
#define CHECK_BYTES 8

static void put_short(struct buf *b, const char *s) {
    size_t n = strlen(s);
    buf_put_u16(b, (uint16_t)n);
    buf_put(b, s, n);
}

static void check_bytes(struct slice body, uint8_t out[CHECK_BYTES]) {
    struct hash h;
    crypto_hash_tagged(TAG_TICKET, body, &h);
    memcpy(out, h.b, CHECK_BYTES);
}

int ticket_text(const struct ticket *t, char out[TICKET_TEXT_MAX], struct err *e) {
    struct buf b;
    buf_init(&b);
    buf_put_u8(&b, (uint8_t)t->role);
    buf_put(&b, t->token, sizeof t->token);
    buf_put(&b, t->genesis.b, HASH_BYTES);
    buf_put(&b, t->transport_key.b, PUBLIC_KEY_BYTES);
    buf_put(&b, t->unit.b, UID_BYTES);
    put_short(&b, t->address);
    put_short(&b, t->code);
    put_short(&b, t->name);
    uint8_t check[CHECK_BYTES];
    check_bytes(buf_slice(&b), check);
    buf_put(&b, check, sizeof check);
    int rc = b.failed ? err_nomem(e) : 0;
    if (rc == 0) {
        memcpy(out, PREFIX, strlen(PREFIX));
        base64_encode(b.data, b.len, out + strlen(PREFIX));
    }
    buf_done(&b);
    return rc;
}

static void get_short(struct reader *r, char *out, size_t max) {
    size_t n = reader_u16(r);
    if (n > max)
        r->failed = true;
    struct slice s = reader_bytes(r, n);
    if (s.len > 0)
        memcpy(out, s.data, s.len);
    if (s.len > 0 && memchr(s.data, 0, s.len))
        r->failed = true;
    out[s.len] = '\0';
}

static bool parse_body(struct slice body, struct ticket *t) {
    struct reader r = reader_of(body);
    t->role = reader_u8(&r);
    reader_copy(&r, t->token, sizeof t->token);
    reader_copy(&r, t->genesis.b, HASH_BYTES);
    reader_copy(&r, t->transport_key.b, PUBLIC_KEY_BYTES);
    reader_copy(&r, t->unit.b, UID_BYTES);
    get_short(&r, t->address, TICKET_ADDRESS_MAX);
    get_short(&r, t->code, LIMIT_CODE);
    get_short(&r, t->name, LIMIT_NAME);
    struct wire_check c = {.what = "ticket"};
    wire_text(&c, "address", t->address, TICKET_ADDRESS_MAX);
    wire_text(&c, "code", t->code, LIMIT_CODE);
    wire_text(&c, "name", t->name, LIMIT_NAME);
    return !r.failed && r.left == 0 && c.rc == 0 && (t->role == ROLE_NODE || t->role == ROLE_HUB);
}

/* `text` without what a mail or a window broke it with; what is longer than a ticket stays cut, one
 * byte over. Returns its length. */
static size_t join_lines(const char *text, char out[TICKET_TEXT_MAX + 1]) {
    size_t n = 0;
    for (; *text != '\0' && n < TICKET_TEXT_MAX; text++)
        if (!strchr(" \t\r\n", *text))
            out[n++] = *text;
    out[n] = '\0';
    return n;
}

int ticket_parse(const char *typed, struct ticket *ret_ticket, struct err *e) {
    char text[TICKET_TEXT_MAX + 1];
    size_t len = join_lines(typed, text);
    if (strncmp(text, PREFIX, strlen(PREFIX)) != 0 || len >= TICKET_TEXT_MAX)
        return err_set(e, ERR_REFUSED,
                       "this is not a ticket: paste the whole line that `thidua-hub "
                       "enrol` printed; it begins with td1-");
    uint8_t raw[TICKET_TEXT_MAX], check[CHECK_BYTES];
    size_t n;
    if (!base64_decode(text + strlen(PREFIX), len - strlen(PREFIX), raw, sizeof raw, &n) ||
        n < CHECK_BYTES)
        return err_set(e, ERR_REFUSED,
                       "the ticket is cut short or mistyped: copy the whole line again");
    check_bytes(slice_of(raw, n - CHECK_BYTES), check);
    struct ticket t;
    if (memcmp(check, raw + n - CHECK_BYTES, CHECK_BYTES) != 0 ||
        !parse_body(slice_of(raw, n - CHECK_BYTES), &t))
        return err_set(e, ERR_REFUSED,
                       "the ticket is cut short or mistyped: copy the whole line again");
    *ret_ticket = t;
    return 0;
}
