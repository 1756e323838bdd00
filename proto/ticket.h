/*
 * Tickets: one line that lets a unit's machine join. "td1-", base64url of fields and an 8-byte
 * check, so that a line cut short or mistyped is told from a wrong one.
 */
#ifndef PROTO_TICKET_H
#define PROTO_TICKET_H

#include "core/crypto.h"
#include "core/err.h"
#include "core/limits.h"
#include "proto/payload.h"

#define TOKEN_BYTES 16
#define TICKET_ADDRESS_MAX 200
#define TICKET_TEXT_MAX 1200

struct ticket {
    enum role role;
    uint8_t token[TOKEN_BYTES];
    struct hash genesis;
    struct public_key transport_key; /* of the hub */
    struct uid unit;
    char address[TICKET_ADDRESS_MAX + 1];            /* tcp://HOST:PORT */
    char code[LIMIT_CODE + 1], name[LIMIT_NAME + 1]; /* of the unit */
};

/* `t` as one line without newline, in `out`. */
int ticket_text(const struct ticket *t, char out[TICKET_TEXT_MAX], struct err *e);
/* Parse `text` (surrounding space is ignored); ERR_REFUSED says whether it was cut or is no ticket.
 */
int ticket_parse(const char *text, struct ticket *ret_ticket, struct err *e);

#endif
