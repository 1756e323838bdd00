/*
 * bench_rush: many offices at once, each in its own process, send what their outboxes hold to a
 * running hub, over the real link with the ordinary window, and wait for the receipts.
 *
 *     bench_rush HUB_PID DIR...
 *
 * Everything is signed, framed and connected before the clock starts. The directories are only
 * read, so the same rush can be repeated on a copy of the hub. Prints one JSON object; `hub_cpu` is
 * what the process HUB_PID and its threads used meanwhile, in seconds.
 */
#include "core/limits.h"
#include "core/mem.h"
#include "node/sync.h"
#include "proto/refusal.h"
#include "store/host.h"
#include "tests/bench/bench.h"
#include "tests/bench/outbox.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 20000
#define RUSH_NS_MAX (INT64_C(300) * 1000000000)

struct tally {
    uint64_t records, valid, rejected, held;
    uint64_t bytes_up, bytes_down; /* of frames */
    int64_t done_ns, cpu_ns;       /* when it was done; what it used of the processor itself */
};

struct office {
    struct outbox box;
    struct link *link;
    struct world world;
    struct err e;
    uint64_t acked;     /* of our stream, durable at the hub */
    uint32_t next, out; /* the run to send next, the runs in flight */
    uint32_t credits;
    struct uid inbox;
    uint64_t inbox_position, inbox_end;
    struct buf receipts; /* length 4, record, one after another: read once the clock has stopped */
    struct tally tally;
};

static void send_frame(struct office *o, struct slice frame) {
    bench_must(link_send(o->link, 0, frame, &o->e), "sending", &o->e);
    o->tally.bytes_up += frame.len;
}

/* Runs as far as the window goes. */
static void send_runs(struct office *o) {
    while (o->next < o->box.n_runs && o->out < SYNC_RUNS) {
        const struct outbox_run *run = &o->box.runs[o->next];
        if (run->last - o->acked > o->credits)
            return;
        send_frame(o, slice_of(o->box.frames.data + run->start, run->len));
        o->next++;
        o->out++;
    }
}

static void take_ack(struct office *o, const struct frame_ack *ack) {
    if (!uid_equal(&ack->stream, &o->box.stream))
        return;
    o->acked = ack->position;
    o->credits = ack->credits;
    o->inbox_end = ack->end > o->inbox_end ? ack->end : o->inbox_end;
    while (o->out > 0 && o->box.runs[o->next - o->out].last <= o->acked)
        o->out--;
}

static void take_records(struct office *o, const struct frame_records *in) {
    struct frame f = {.type = FRAME_ACK};
    struct buf out;
    if (!uid_equal(&in->stream, &o->inbox) || in->first > o->inbox_position + 1)
        bench_fail("the hub's stream has a hole", NULL);
    for (uint32_t i = 0; i < in->n; i++) {
        if (in->first + i <= o->inbox_position)
            continue;
        buf_put_u32(&o->receipts, (uint32_t)in->records[i].len);
        buf_put(&o->receipts, in->records[i].data, in->records[i].len);
        o->inbox_position = in->first + i;
    }
    o->inbox_end = in->end > o->inbox_end ? in->end : o->inbox_end;
    f.u.ack = (struct frame_ack){o->inbox, o->inbox_position, LIMIT_CREDITS, o->box.end, 0};
    buf_init(&out);
    bench_must(frame_encode(&f, &out, &o->e), "an answer", &o->e);
    send_frame(o, buf_slice(&out));
    buf_done(&out);
}

/* One frame from the hub; true if it is the welcome. */
static bool take_frame(struct office *o, struct slice bytes) {
    struct arena a;
    struct frame f;
    bool welcome = false;
    arena_init(&a, FRAME_ARENA_BYTES);
    o->tally.bytes_down += bytes.len;
    bench_must(frame_decode(bytes, &a, &f, &o->e), "a frame of the hub", &o->e);
    if (f.type == FRAME_WELCOME) {
        welcome = true;
        o->acked = f.u.greeting.outbox_position;
        o->credits = f.u.greeting.credits;
        o->inbox = f.u.greeting.inbox;
        o->inbox_end = f.u.greeting.inbox_end;
        o->inbox_position = f.u.greeting.inbox_position;
        if (o->acked != o->box.start)
            bench_fail("this hub has the reports already: rush against a fresh copy", NULL);
    } else if (f.type == FRAME_ACK) {
        take_ack(o, &f.u.ack);
    } else if (f.type == FRAME_RECORDS) {
        take_records(o, &f.u.records);
    } else if (f.type == FRAME_REFUSED) {
        (void)refusal_words(&f.u.refused, &o->e);
        bench_fail("refused", &o->e);
    }
    arena_done(&a);
    return welcome;
}

/* Wait for the next frame and take it; true if it is the welcome. */
static bool turn(struct office *o) {
    struct link_frame frame;
    int event = link_recv(o->link, 1000, &frame, &o->e);
    if (event < 0)
        bench_fail("receiving", &o->e);
    if (link_state(o->link) == LINK_FAILED) {
        link_failure(o->link, &o->e);
        bench_fail("the connection", &o->e);
    }
    return event == LINK_FRAME && take_frame(o, frame.bytes);
}

static void greet(struct office *o) {
    struct buf hello;
    bench_must(
        link_connect(o->box.address, o->box.hub_key, &o->box.keys, PATIENCE_MS, &o->link, &o->e),
        "connecting", &o->e);
    while (link_state(o->link) != LINK_READY)
        (void)turn(o);
    buf_init(&hello);
    outbox_hello(&o->box, world_moment(&o->world).wall, &hello);
    send_frame(o, buf_slice(&hello));
    buf_done(&hello);
    while (!turn(o)) {
    }
    while (o->inbox_position < o->inbox_end)
        (void)turn(o);
    buf_clear(&o->receipts);
}

/* What the receipts say, now that nobody waits. */
static void count_receipts(struct office *o) {
    struct reader in = reader_of(buf_slice(&o->receipts));
    while (in.left > 0) {
        uint32_t n = reader_u32(&in);
        struct record r;
        struct arena a;
        struct payload_receipt p;
        bench_must(record_parse(reader_bytes(&in, n), &r, &o->e), "a receipt", &o->e);
        if (r.h.kind != KIND_RECEIPT)
            continue;
        arena_init(&a, PAYLOAD_ARENA_BYTES);
        bench_must(payload_receipt_decode(r.payload, &a, &p, &o->e), "a receipt", &o->e);
        for (uint32_t i = 0; i < p.n; i++) {
            o->tally.valid += p.entries[i].state == RECEIPT_VALID;
            o->tally.rejected += p.entries[i].state == RECEIPT_REJECTED;
            o->tally.held += p.entries[i].state == RECEIPT_HELD;
        }
        arena_done(&a);
    }
}

/* The life of one office: `ready` gets a byte when it could begin, `go` says begin. */
static void run_office(const char *dir, int ready, int go, int result) {
    struct office *o = mem_zalloc(1, sizeof *o);
    char byte = 0;
    if (!o)
        bench_fail("out of memory", NULL);
    host_world(&o->world);
    outbox_load(dir, &o->box);
    buf_init(&o->receipts);
    greet(o);
    o->tally = (struct tally){.records = o->box.end - o->box.start};
    if (write(ready, &byte, 1) != 1 || read(go, &byte, 1) != 0)
        bench_fail("the start", NULL);
    int64_t until = bench_now_ns() + RUSH_NS_MAX, used = bench_ns(CLOCK_PROCESS_CPUTIME_ID);
    while (o->acked < o->box.end || o->inbox_position < o->inbox_end) {
        send_runs(o);
        (void)turn(o);
        if (bench_now_ns() > until)
            bench_fail("the rush took too long", NULL);
    }
    o->tally.done_ns = bench_now_ns();
    o->tally.cpu_ns = bench_ns(CLOCK_PROCESS_CPUTIME_ID) - used;
    count_receipts(o);
    if (write(result, &o->tally, sizeof o->tally) != (ssize_t)sizeof o->tally)
        bench_fail("the result", NULL);
    link_free(o->link);
    _exit(0);
}

static void add(struct tally *sum, const struct tally *t) {
    sum->records += t->records;
    sum->valid += t->valid;
    sum->rejected += t->rejected;
    sum->held += t->held;
    sum->bytes_up += t->bytes_up;
    sum->bytes_down += t->bytes_down;
    sum->cpu_ns += t->cpu_ns;
    sum->done_ns = t->done_ns > sum->done_ns ? t->done_ns : sum->done_ns;
}

static void start_office(const char *dir, const int ready[2], const int go[2],
                         const int result[2]) {
    pid_t pid = fork();
    if (pid < 0)
        bench_fail("fork", NULL);
    if (pid > 0)
        return;
    (void)close(go[1]);
    (void)close(ready[0]);
    (void)close(result[0]);
    run_office(dir, ready[1], go[0], result[1]);
}

static void take_bytes(int fd, void *out, size_t n) {
    if (read(fd, out, n) != (ssize_t)n)
        bench_fail("an office gave up", NULL);
}

int main(int argc, char **argv) {
    struct err e = {0};
    struct tally sum = {0};
    clockid_t hub_clock;
    int ready[2], go[2], result[2];
    if (argc < 3) {
        fprintf(stderr, "usage: bench_rush HUB_PID DIR...\n");
        return 2;
    }
    host_start();
    bench_must(crypto_start(&e), "crypto", &e);
    if (clock_getcpuclockid((pid_t)bench_number(argv[1]), &hub_clock) != 0)
        bench_fail("there is no such process", NULL);
    if (pipe(ready) != 0 || pipe(go) != 0 || pipe(result) != 0)
        bench_fail("pipe", NULL);
    for (int i = 2; i < argc; i++)
        start_office(argv[i], ready, go, result);
    (void)close(ready[1]);
    (void)close(result[1]);
    for (int i = 2; i < argc; i++)
        take_bytes(ready[0], &(char){0}, 1);
    int64_t cpu = bench_ns(hub_clock), began = bench_now_ns();
    (void)close(go[1]);
    for (int i = 2; i < argc; i++) {
        struct tally t;
        take_bytes(result[0], &t, sizeof t);
        add(&sum, &t);
    }
    cpu = bench_ns(hub_clock) - cpu;
    while (wait(NULL) > 0) {
    }
    printf("{\"offices\":%d,\"records\":%llu,\"valid\":%llu,\"rejected\":%llu,\"held\":%llu,"
           "\"bytes_up\":%llu,\"bytes_down\":%llu,\"seconds\":%.6f,\"hub_cpu\":%.6f,"
           "\"offices_cpu\":%.6f}\n",
           argc - 2, (unsigned long long)sum.records, (unsigned long long)sum.valid,
           (unsigned long long)sum.rejected, (unsigned long long)sum.held,
           (unsigned long long)sum.bytes_up, (unsigned long long)sum.bytes_down,
           (double)(sum.done_ns - began) / 1e9, (double)cpu / 1e9, (double)sum.cpu_ns / 1e9);
    return 0;
}
