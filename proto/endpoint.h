/*
 * Addresses as people write them: tcp://HOST:PORT or tcp://[IPV6]:PORT, either part "*" to listen.
 *
 * libzmq takes port 99999 for another one and drops a name that cannot be resolved without a word,
 * so addresses are checked, and names resolved, before it sees them.
 */
#ifndef PROTO_ENDPOINT_H
#define PROTO_ENDPOINT_H

#include <stdbool.h>

struct err;

#define ENDPOINT_HOST 254  /* bytes of a host name with its NUL */
#define ENDPOINT_TEXT 300  /* bytes of an address with its NUL */
#define ENDPOINT_NUMBERS 4 /* addresses of one name that are tried */

struct endpoint {
    char host[ENDPOINT_HOST]; /* without brackets; "*": every address of this machine */
    char port[6];             /* decimal, no leading zero; "*": any free one */
};

/* The same place in numbers, ready to connect to, best first. */
struct endpoint_numbers {
    unsigned n;
    char text[ENDPOINT_NUMBERS][ENDPOINT_TEXT];
};

/* Read `text` into `ret_endpoint`; ERR_REFUSED with a message when it is no address. Port 0 is "*".
 */
int endpoint_parse(const char *text, struct endpoint *ret_endpoint, struct err *e);

/* ERR_REFUSED with a message unless `text` is an address in numbers, or "*", as where to listen is
 * given: a name is not looked up there. */
int endpoint_listens(const char *text, struct err *e);

/* Whether `p` says where to listen but not whom to connect to. */
bool endpoint_is_wildcard(const struct endpoint *p);

/*
 * Look `p` up and give its addresses in `ret_numbers`. Asks the network when the host is a name,
 * and may take as long as the machine's resolver does. ERR_AWAY when the name is not found now,
 * ERR_REFUSED when `p` is a wildcard.
 */
int endpoint_resolve(const struct endpoint *p, struct endpoint_numbers *ret_numbers, struct err *e);

/*
 * ERR_IO if no socket can be opened now. libzmq says nothing of a connection that it could not even
 * begin, so ask before it does.
 */
int endpoint_room(struct err *e);

/* Say in `e` that `address` cannot be listened at, for errno `error`, which is called `words`. */
int endpoint_taken(const char *address, int error, const char *words, struct err *e);

#endif
