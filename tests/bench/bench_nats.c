/*
 * bench_nats: publish into a JetStream stream that is kept in files, with an id for each message,
 * as a client that wants an answer to each does.
 *
 *     bench_nats PORT CONNECTIONS WINDOW SECONDS BYTES
 *
 * Each connection has at most WINDOW messages of BYTES bytes unanswered. Prints how many were
 * answered, and in how many seconds.
 */
#include "tests/bench/bench.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST 64u
#define BYTES_MAX 4096u
#define BLOCK (1u << 16) /* written at once */

struct client {
    int fd;
    uint64_t sent, answered;
    char in[1 << 16], out[BLOCK + BYTES_MAX + 300];
    size_t n, n_out;
};

static char payload[BYTES_MAX + 1];

static void say(int fd, const char *bytes, size_t n) {
    while (n > 0) {
        ssize_t did = write(fd, bytes, n);
        if (did <= 0)
            bench_fail("writing to nats-server", NULL);
        bytes += did;
        n -= (size_t)did;
    }
}

static void dial(struct client *c, uint32_t port, uint32_t number) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    char text[200];
    int on = 1;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || connect(c->fd, (const struct sockaddr *)&to, sizeof to) != 0)
        bench_fail("connecting to nats-server", NULL);
    (void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    int n = snprintf(text, sizeof text,
                     "CONNECT {\"verbose\":false,\"pedantic\":false,\"headers\":true}\r\n"
                     "SUB _INBOX.%u 1\r\n",
                     number);
    say(c->fd, text, (size_t)n);
}

static void flush(struct client *c) {
    say(c->fd, c->out, c->n_out);
    c->n_out = 0;
}

/* One message of `c`, the `number`th client: a header with its id, then the bytes. */
static void publish(struct client *c, uint32_t number, size_t bytes) {
    char header[100];
    int h = snprintf(header, sizeof header, "NATS/1.0\r\nNats-Msg-Id: %u-%llu\r\n\r\n", number,
                     (unsigned long long)c->sent++);
    int n = snprintf(c->out + c->n_out, sizeof c->out - c->n_out,
                     "HPUB bench.%u _INBOX.%u %d %zu\r\n%s%.*s\r\n", number, number, h,
                     (size_t)h + bytes, header, (int)bytes, payload);
    c->n_out += (size_t)n;
    if (c->n_out >= BLOCK)
        flush(c);
}

/* The length of the message that the line `line` begins; 0: it begins none. */
static size_t message_bytes(const char *line) {
    if (strncmp(line, "MSG ", 4) != 0)
        return 0;
    const char *last = strrchr(line, ' ');
    return last ? strtoul(last, NULL, 10) + 2 : 0;
}

/* Go through what came; answers count. */
static void read_answers(struct client *c) {
    ssize_t got = read(c->fd, c->in + c->n, sizeof c->in - 1 - c->n);
    if (got <= 0)
        bench_fail("reading from nats-server", NULL);
    c->n += (size_t)got;
    c->in[c->n] = '\0';
    size_t at = 0;
    for (char *end; (end = strstr(c->in + at, "\r\n")) != NULL;) {
        size_t line = (size_t)(end - c->in) + 2;
        *end = '\0';
        size_t body = message_bytes(c->in + at);
        if (line + body > c->n) {
            *end = '\r';
            break;
        }
        if (strncmp(c->in + at, "PING", 4) == 0)
            say(c->fd, "PONG\r\n", 6);
        if (strncmp(c->in + at, "-ERR", 4) == 0 ||
            (body && memmem(c->in + line, body, "\"error\"", 7)))
            bench_fail(body ? c->in + line : c->in + at, NULL);
        c->answered += body > 0;
        at = line + body;
    }
    memmove(c->in, c->in + at, c->n - at);
    c->n -= at;
}

/* Make the stream, and wait until it is there. */
static void make_stream(struct client *c) {
    static const char stream[] =
        "{\"name\":\"bench\",\"subjects\":[\"bench.>\"],\"storage\":\"file\","
        "\"retention\":\"limits\",\"discard\":\"old\",\"max_consumers\":-1,"
        "\"max_msgs\":-1,\"max_bytes\":-1,\"num_replicas\":1}";
    char text[600];
    int n = snprintf(text, sizeof text, "PUB $JS.API.STREAM.CREATE.bench _INBOX.0 %zu\r\n%s\r\n",
                     sizeof stream - 1, stream);
    say(c->fd, text, (size_t)n);
    while (c->answered == 0)
        read_answers(c);
    c->answered = 0;
}

int main(int argc, char **argv) {
    static struct client clients[MOST];
    struct pollfd polled[MOST];
    uint64_t all = 0;
    if (argc != 6) {
        fprintf(stderr, "usage: bench_nats PORT CONNECTIONS WINDOW SECONDS BYTES\n");
        return 2;
    }
    uint32_t n = bench_number(argv[2]), window = bench_number(argv[3]);
    size_t bytes = bench_number(argv[5]);
    if (n == 0 || n > MOST || bytes > BYTES_MAX)
        bench_fail("too many connections or bytes", NULL);
    memset(payload, 'Z', bytes);
    for (uint32_t i = 0; i < n; i++) {
        dial(&clients[i], bench_number(argv[1]), i);
        polled[i] = (struct pollfd){.fd = clients[i].fd, .events = POLLIN};
    }
    make_stream(&clients[0]);
    int64_t began = bench_now_ns(), until = began + bench_number(argv[4]) * INT64_C(1000000000);
    while (bench_now_ns() < until) {
        for (uint32_t i = 0; i < n; i++) {
            while (clients[i].sent - clients[i].answered < window)
                publish(&clients[i], i, bytes);
            flush(&clients[i]);
        }
        if (poll(polled, n, 1000) < 0)
            bench_fail("poll", NULL);
        for (uint32_t i = 0; i < n; i++)
            if (polled[i].revents)
                read_answers(&clients[i]);
    }
    double seconds = (double)(bench_now_ns() - began) / 1e9;
    for (uint32_t i = 0; i < n; i++)
        all += clients[i].answered;
    printf("{\"answered\":%llu,\"seconds\":%.6f}\n", (unsigned long long)all, seconds);
    return 0;
}
