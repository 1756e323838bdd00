#include "tests/unit/fixture_stage.h"

#include "hub/check_slots.h"
#include "node/check.h"
#include "node/joining.h"
#include "store/log.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static struct stage stage;
static bool built, hub_open, node_open;

static instant start_of_story(void) {
    instant at = 0;
    bool ok = instant_parse("2023-12-01T00:01:40+07:00", &at);
    assert(ok);
    return at;
}

static void close_hub(void) {
    if (hub_open) {
        hub_done(&stage.hub.hub);
        actor_close(&stage.hub.actor);
    }
    hub_open = false;
}

static void close_node(void) {
    if (node_open) {
        uplink_done(&stage.up);
        actor_close(&stage.node);
    }
    node_open = false;
}

static void open_hub(void) {
    struct fixture_hub *h = &stage.hub;
    struct err e = {0};
    h->luck = 1;
    h->now = (struct moment){h->now.wall, 100000};
    FIXTURE_OK(actor_open(h->dir, ROLE_HUB, NULL, &h->options, &h->actor, &e), &e);
    hub_init(&h->hub, &h->actor, &h->world, "test", h->now);
    hub_open = true;
}

static void open_node(void) {
    struct db_options options = {.no_sync = true};
    struct err e = {0};
    FIXTURE_OK(actor_open(stage.node_dir, ROLE_NODE, NULL, &options, &stage.node, &e), &e);
    uplink_init(&stage.up, &stage.node, "test", pending_earliest);
    node_open = true;
}

static void store_path(char path[FIXTURE_PATH], const char *dir) {
    fixture_join_path(path, dir, "data.mdb");
}

static void take_image(const char *dir, struct buf *out) {
    char path[FIXTURE_PATH], chunk[65536];
    size_t n;
    store_path(path, dir);
    FILE *f = fopen(path, "rb");
    assert(f);
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
        buf_put(out, chunk, n);
    (void)fclose(f);
}

static void put_image(const char *dir, const struct buf *image) {
    char path[FIXTURE_PATH];
    store_path(path, dir);
    FILE *f = fopen(path, "wb");
    assert(f && fwrite(image->data, 1, image->len, f) == image->len);
    (void)fclose(f);
}

/* One frame of the office to the hub, which takes it and answers. */
static void carry(uint32_t peer, bool guest, struct slice frame) {
    struct sender from = {.peer = peer, .guest = guest, .actor = stage.node.id};
    struct err e = {0};
    from.transport_key = *key_pair_public(stage.node.transport);
    FIXTURE_OK(hub_take(&stage.hub.hub, &from, stage.hub.now, frame, &e), &e);
}

static void keep_frame(struct slice frame) {
    assert(stage.n_frames < STAGE_FRAMES);
    struct buf *b = &stage.frames[stage.n_frames++];
    buf_init(b);
    buf_put(b, frame.data, frame.len);
}

static void join_node(void) {
    struct ticket ticket = fixture_ticket(&stage.hub, &stage.hub.communes[0], ROLE_NODE, 7);
    struct post post;
    struct slice frame;
    uint32_t peer;
    struct err e = {0};
    fixture_join_path(stage.node_dir, stage.hub.folder, "node");
    FIXTURE_OK(joining_prepare(stage.node_dir, &ticket, NULL, &stage.hub.world, &e), &e);
    open_node();
    post_init(&post);
    FIXTURE_OK(joining_request(&stage.node, &ticket, &post, &e), &e);
    take_image(stage.node_dir, &stage.asked_image);
    while (post_next(&post, &peer, &frame))
        carry(1, true, frame);
    fixture_step(&stage.hub);
    while (post_next(&stage.hub.hub.post, &peer, &frame)) {
        keep_frame(frame);
        FIXTURE_OK(joining_answer(&stage.node, frame, &e), &e);
    }
    post_done(&post);
}

/* A whole connection of the office, its parent's frames kept. */
static void sync_node(void) {
    struct slice frame;
    uint32_t peer;
    struct err e = {0};
    FIXTURE_OK(uplink_start(&stage.up, stage.hub.now, &e), &e);
    for (int i = 0; i < 8; i++) {
        while (post_next(&stage.up.post, &peer, &frame))
            carry(2, false, frame);
        fixture_step(&stage.hub);
        while (post_next(&stage.hub.hub.post, &peer, &frame)) {
            keep_frame(frame);
            FIXTURE_OK(uplink_frame(&stage.up, stage.hub.now, frame, &e), &e);
        }
    }
    assert(uplink_settled(&stage.up));
}

/* All that the hub holds now is genuine. */
static void copy_letters(void) {
    struct txn *t;
    struct log_walk w;
    struct hash id;
    struct record r;
    struct err e = {0};
    FIXTURE_OK(txn_begin(stage.hub.actor.db, false, &t, &e), &e);
    log_walk_init(&w, t, 0, 0);
    while (log_walk_next(&w, NULL, &id)) {
        assert(stage.n_letters < STAGE_LETTERS);
        struct buf *b = &stage.letters[stage.n_letters++];
        FIXTURE_OK(log_get(t, &id, &r, &e), &e);
        buf_init(b);
        buf_put(b, r.bytes.data, r.bytes.len);
    }
    log_walk_done(&w);
    txn_abort(t);
}

static void leave(void) {
    close_hub();
    close_node();
    fixture_remove(stage.hub.folder);
}

static void build_authors(void) {
    for (uint8_t i = 0; i < STAGE_AUTHORS; i++) {
        struct fixture_author *a = &stage.authors[i];
        fixture_author_init(a, (uint8_t)(21 + i), &stage.hub.communes[1 + i]);
        if (i + 1 < STAGE_AUTHORS)
            fixture_enrol_author(&stage.hub, a, ROLE_NODE);
        fixture_story(&stage.hub, a, STAGE_STORY - 2, stage.story[i]);
    }
}

static void build(void) {
    fixture_hub_open(&stage.hub, NULL);
    hub_open = true;
    (void)atexit(leave);
    fixture_hub_issue(&stage.hub);
    build_authors();
    join_node();
    stage.hub_id = stage.hub.actor.id;
    close_node();
    close_hub();
    take_image(stage.node_dir, &stage.node_image);
    take_image(stage.hub.dir, &stage.hub_image);
    open_hub();
    open_node();
    sync_node();
    copy_letters();
    close_node();
    close_hub();
    take_image(stage.node_dir, &stage.synced_image);
    built = true;
}

struct stage *stage_hub(void) {
    if (!built)
        build();
    close_hub();
    put_image(stage.hub.dir, &stage.hub_image);
    stage.hub.now.wall = start_of_story();
    open_hub();
    return &stage;
}

struct stage *stage_node(enum stage_office how) {
    struct buf *const images[] = {&stage.asked_image, &stage.node_image, &stage.synced_image};
    if (!built)
        build();
    close_node();
    put_image(stage.node_dir, images[how]);
    stage.hub.now = (struct moment){start_of_story(), 100000};
    open_node();
    return &stage;
}

/* ---- what must hold whatever happened ---- */

bool stage_signed(const struct stage *s, const struct actor *a, const struct record *r) {
    bool same = hash_equal(&r->h.actor, &a->id);
    for (uint32_t i = 0; i + 1 < STAGE_AUTHORS; i++) /* the stranger is never let in */
        for (uint32_t j = 0; j < STAGE_STORY; j++)
            same = same || slice_equal(r->bytes, buf_slice(&s->story[i][j]));
    for (uint32_t i = 0; i < s->n_letters; i++)
        same = same || slice_equal(r->bytes, buf_slice(&s->letters[i]));
    return same;
}

static void fail(const char *what) {
    (void)fprintf(stderr, "stage: %s\n", what);
    abort();
}

static void hold_records(struct stage *s, const struct actor *a, struct txn *t) {
    struct log_walk w;
    struct hash id;
    struct record r;
    struct err e = {0};
    log_walk_init(&w, t, 0, 0);
    while (log_walk_next(&w, NULL, &id)) {
        FIXTURE_OK(log_get(t, &id, &r, &e), &e);
        if (!stage_signed(s, a, &r))
            fail("a record is held that nobody here signed");
    }
    log_walk_done(&w);
}

void stage_hold(struct stage *s, struct actor *a) {
    struct findings f = {.world = &s->hub.world};
    struct txn *t;
    struct err e = {0};
    FIXTURE_OK(actor_begin(a, false, &t, &e), &e);
    hold_records(s, a, t);
    FIXTURE_OK(check_here(a, t, a->role == ROLE_HUB ? check_slots : NULL, &f, &e), &e);
    for (uint32_t i = 0; i < f.n; i++)
        fail(f.list[i].what);
    check_findings_done(&f);
    actor_abort(a, t);
}
