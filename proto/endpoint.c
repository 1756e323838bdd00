#include "proto/endpoint.h"

#include "core/err.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SCHEME "tcp://"

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_word(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool host_ok(const char *host, bool bracketed) {
    if (strcmp(host, "*") == 0)
        return !bracketed;
    for (const char *p = host; *p; p++)
        if (!is_word(*p) && !strchr(bracketed ? ":.%" : ".-_", *p))
            return false;
    return host[0] != '\0';
}

static bool copy(char *out, size_t cap, const char *from, size_t n) {
    if (n >= cap)
        return false;
    memcpy(out, from, n);
    out[n] = '\0';
    return true;
}

static bool parse_port(const char *text, char out[6]) {
    if (strcmp(text, "*") == 0 || strcmp(text, "0") == 0)
        return copy(out, 6, "*", 1);
    unsigned value = 0;
    size_t n = 0;
    for (; is_digit(text[n]) && n < 6; n++)
        value = value * 10 + (unsigned)(text[n] - '0');
    return text[n] == '\0' && text[0] != '0' && value > 0 && value <= 65535 &&
           copy(out, 6, text, n);
}

static bool parse(const char *text, struct endpoint *p) {
    if (strncmp(text, SCHEME, strlen(SCHEME)) != 0)
        return false;
    const char *host = text + strlen(SCHEME);
    bool bracketed = host[0] == '[';
    host += bracketed;
    const char *end = bracketed ? strchr(host, ']') : strrchr(host, ':');
    if (!end || !copy(p->host, sizeof p->host, host, (size_t)(end - host)))
        return false;
    const char *colon = end + bracketed;
    return *colon == ':' && host_ok(p->host, bracketed) && parse_port(colon + 1, p->port);
}

int endpoint_parse(const char *text, struct endpoint *ret_endpoint, struct err *e) {
    struct endpoint p;
    if (!parse(text, &p))
        return err_set(e, ERR_REFUSED, "%s is no address; write tcp://HOST:PORT", text);
    *ret_endpoint = p;
    return 0;
}

/* Whether `host` is a name, at which nobody can listen: letters, and no colon as in IPv6. */
static bool is_name(const char *host) {
    bool letters = false;
    for (const char *p = host; *p; p++)
        letters |= is_word(*p) && !is_digit(*p);
    return letters && !strchr(host, ':');
}

int endpoint_listens(const char *text, struct err *e) {
    struct endpoint p;
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int rc = endpoint_parse(text, &p, e);
    if (rc != 0 || strcmp(p.host, "*") == 0)
        return rc;
    if (is_name(p.host))
        return err_set(e, ERR_REFUSED,
                       "cannot listen at %s: give the address as a number, such as 127.0.0.1, or "
                       "as *, not as a name",
                       text);
    if (getaddrinfo(p.host, NULL, &hints, &found) != 0)
        return endpoint_taken(text, ENODEV, "", e);
    freeaddrinfo(found);
    return 0;
}

bool endpoint_is_wildcard(const struct endpoint *p) {
    return strcmp(p->host, "*") == 0 || strcmp(p->port, "*") == 0 ||
           strcmp(p->host, "0.0.0.0") == 0 || strcmp(p->host, "::") == 0;
}

static void add_number(const struct addrinfo *a, const char *port, struct endpoint_numbers *list) {
    char host[ENDPOINT_HOST];
    if (list->n == ENDPOINT_NUMBERS ||
        getnameinfo(a->ai_addr, a->ai_addrlen, host, sizeof host, NULL, 0, NI_NUMERICHOST) != 0)
        return;
    bool v6 = a->ai_family == AF_INET6;
    (void)snprintf(list->text[list->n++], ENDPOINT_TEXT, SCHEME "%s%s%s:%s", v6 ? "[" : "", host,
                   v6 ? "]" : "", port);
}

int endpoint_resolve(const struct endpoint *p, struct endpoint_numbers *ret_numbers,
                     struct err *e) {
    if (endpoint_is_wildcard(p))
        return err_set(e, ERR_REFUSED,
                       "%s:%s names no single machine; give the address that others reach it by",
                       p->host, p->port);
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    struct endpoint_numbers list = {.n = 0};
    if (getaddrinfo(p->host, p->port, &hints, &found) == 0) {
        for (const struct addrinfo *a = found; a; a = a->ai_next)
            add_number(a, p->port, &list);
        freeaddrinfo(found);
    }
    if (list.n == 0)
        return err_set(e, ERR_AWAY,
                       "the host %s is not found now; check the network connection and the name",
                       p->host);
    *ret_numbers = list;
    return 0;
}

int endpoint_room(struct err *e) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 && (errno == EMFILE || errno == ENFILE))
        return err_set(e, ERR_IO,
                       "the machine gives no more file handles (%s): close other programs",
                       strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    return 0;
}

int endpoint_taken(const char *address, int error, const char *words, struct err *e) {
    switch (error) {
    case EADDRINUSE:
        return err_set(e, ERR_REFUSED,
                       "%s is in use; stop the program that listens there or choose another port",
                       address);
    case ENODEV:
    case EADDRNOTAVAIL:
        return err_set(e, ERR_REFUSED,
                       "cannot listen at %s: this machine has no such address; give it in numbers",
                       address);
    default:
        return err_set(e, ERR_REFUSED, "cannot listen at %s: %s", address, words);
    }
}
