/*
 * bench_idle: many offices that are connected and have nothing more to say, for the memory that the
 * hub keeps for each.
 *
 *     bench_idle DIR...
 *
 * Prints `connected N` when all have been welcomed, and holds the connections until its standard
 * input ends.
 */
#include "core/limits.h"
#include "core/mem.h"
#include "proto/frame.h"
#include "store/host.h"
#include "tests/bench/bench.h"
#include "tests/bench/outbox.h"

#include <poll.h>
#include <unistd.h>

#define PATIENCE_MS 20000

/* Whether this frame is the welcome. */
static bool is_welcome(struct slice bytes) {
    struct arena a;
    struct frame f;
    struct err e = {0};
    arena_init(&a, FRAME_ARENA_BYTES);
    bench_must(frame_decode(bytes, &a, &f, &e), "a frame of the hub", &e);
    bool welcome = f.type == FRAME_WELCOME;
    arena_done(&a);
    return welcome;
}

static struct link *greet(const char *dir, const struct world *w) {
    struct outbox box;
    struct link *l;
    struct buf hello;
    struct err e = {0};
    struct link_frame frame;
    bool sent = false;
    outbox_load(dir, &box);
    buf_init(&hello);
    outbox_hello(&box, world_moment(w).wall, &hello);
    bench_must(link_connect(box.address, box.hub_key, &box.keys, PATIENCE_MS, &l, &e), dir, &e);
    for (;;) {
        int event = link_recv(l, 1000, &frame, &e);
        if (event < 0 || link_state(l) == LINK_FAILED)
            bench_fail(dir, link_failure(l, &e) == REASON_NONE ? NULL : &e);
        if (event == LINK_FRAME && is_welcome(frame.bytes))
            break;
        if (link_state(l) == LINK_READY && !sent) {
            bench_must(link_send(l, 0, buf_slice(&hello), &e), dir, &e);
            sent = true;
        }
    }
    buf_done(&hello);
    buf_done(&box.frames);
    mem_free(box.runs);
    return l;
}

int main(int argc, char **argv) {
    struct err e = {0};
    struct world world;
    struct pollfd in = {.fd = 0, .events = POLLIN};
    struct link **links = mem_zalloc((size_t)argc, sizeof(struct link *));
    if (!links)
        return 1;
    host_start();
    host_world(&world);
    bench_must(crypto_start(&e), "crypto", &e);
    for (int i = 1; i < argc; i++)
        links[i] = greet(argv[i], &world);
    printf("connected %d\n", argc - 1);
    (void)fflush(stdout);
    while (poll(&in, 1, -1) < 0) {
    }
    for (int i = 1; i < argc; i++)
        link_free(links[i]);
    mem_free(links);
    return 0;
}
