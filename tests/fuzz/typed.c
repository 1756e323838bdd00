#include "tests/fuzz/typed.h"

#include "core/mem.h"
#include "core/sheet.h"
#include "core/text.h"
#include "proto/endpoint.h"
#include "proto/ticket.h"
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void typed_text(struct slice bytes) {
    char *nfc = NULL, *fold = NULL;
    struct err e = {0};
    if (text_nfc(bytes, &nfc, &e) == 0) {
        for (const char *c = nfc; *c; c++)
            assert((uint8_t)*c >= 0x20 && *c != 0x7f);
        assert(text_fold(slice_str(nfc), &fold, &e) == 0 && text_width(nfc) <= 2 * bytes.len + 2);
    } else
        fuzz_refused(e.code, &e);
    mem_free(nfc);
    mem_free(fold);
}

void typed_moment(const char *line) {
    instant at;
    day on;
    assert(!instant_parse(line, &at) || (at >= INSTANT_MIN && at <= INSTANT_MAX));
    (void)day_parse(line, &on);
}

void typed_value(const char *line) {
    struct cell cell;
    char *own = mem_strndup(line, strlen(line));
    if (cell_parse(text_trim(own), MODE_POINTS, 1000, true, &cell, NULL) == 0)
        assert(cell.state <= CELL_VALUE);
    (void)text_code_valid(own);
    mem_free(own);
}

void typed_address(const char *line) {
    struct endpoint p, again;
    char text[ENDPOINT_TEXT];
    struct err e = {0};
    int rc = endpoint_parse(line, &p, &e);
    if (rc != 0) {
        fuzz_refused(rc, &e);
        return;
    }
    bool bracketed = line[strlen("tcp://")] == '[';
    unsigned long port = strtoul(p.port, NULL, 10);
    assert(strcmp(p.port, "*") == 0 || (port > 0 && port <= 65535));
    assert(bracketed || !strchr(p.host, ':'));
    int n =
        snprintf(text, sizeof text, bracketed ? "tcp://[%s]:%s" : "tcp://%s:%s", p.host, p.port);
    assert(n > 0 && n < (int)sizeof text); /* what is read is written as it was */
    assert(endpoint_parse(text, &again, &e) == 0);
    assert(strcmp(again.host, p.host) == 0 && strcmp(again.port, p.port) == 0);
    rc = endpoint_listens(line, &e);
    if (rc != 0)
        fuzz_refused(rc, &e);
}

void typed_ticket(const char *line) {
    struct ticket t, again;
    char text[TICKET_TEXT_MAX];
    struct err e = {0};
    int rc = ticket_parse(line, &t, &e);
    if (rc != 0)
        fuzz_refused(rc, &e);
    else /* what is read is written as it was */
        assert(ticket_text(&t, text, &e) == 0 && ticket_parse(text, &again, &e) == 0);
}
