/*
 * A hub and an office in one process, without sockets: two stores in a temporary directory, a clock
 * that the test moves, records handed over directly. Verbs run as typed.
 *
 * Units: 94 (the root hub's), below it 31633 (the office) and 31714, below 31633 the hamlet AP1.
 * Campaign thi-dua: C1.1 and C1.2 in points for collectives, I1.1 met for individuals, I1.2 for
 * leaders only; due at the end of 15/12/2023.
 */
#ifndef TESTS_UNIT_NODE_WORLD_H
#define TESTS_UNIT_NODE_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/limits.h"
#include "core/verb_run.h"
#include "hub/campaign_file.h"
#include "hub/enrolment.h"
#include "hub/found.h"
#include "node/joining.h"
#include "node/verbs.h"
#include "proto/payload_campaign.h"
#include "proto/payload_profile.h"
#include "store/host.h"
#include "store/keyfile.h"
#include "store/log.h"
#include "store/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

struct node_world {
    char dir[64], hub_dir[96], node_dir[96], file[96];
    struct world world;
    instant now;
    uint64_t drawn; /* random bytes are a counter's */
    struct hash genesis;
    struct uid root, office, other, hamlet;
    struct actor hub;
    struct uid inbox;      /* the hub's stream to the office */
    uint64_t down, up;     /* how far each side got */
    uint8_t machines;      /* that the office had so far */
    struct verb_call call; /* the last verb, and what came of it */
    struct err e;
    char text[4096]; /* `e` in words */
};

static inline instant nw_now(void *arg) {
    return ((struct node_world *)arg)->now;
}

static inline void nw_random(void *arg, uint8_t *out, size_t n) {
    struct node_world *w = arg;
    struct hash h;
    for (size_t i = 0; i < n; i++) {
        if (i % HASH_BYTES == 0) {
            w->drawn++;
            crypto_hash_tagged("test", slice_of(&w->drawn, sizeof w->drawn), &h);
        }
        out[i] = h.b[i % HASH_BYTES];
    }
}

static const char nw_campaign[] =
    "campaign:\n  id: thi-dua\n  version: 1\n"
    "  title: {vi: Thi đua công sở, en: Office emulation}\n"
    "  issuer: Tỉnh\n  profile: diem\n"
    "  periods:\n    - {id: \"2023\", begin: 01/01/2023, end: 31/12/2023}\n"
    "  reports:\n    - kind: annual\n      default: yes\n"
    "      due: {date: 15/12/2023, inclusive: yes}\n"
    "  criteria:\n"
    "    - {id: C1, about: collective, label: {vi: Tập thể}}\n"
    "    - {id: C1.1, parent: C1, about: collective, label: {vi: Văn bản}}\n"
    "    - {id: C1.2, parent: C1, about: collective, label: {vi: Nền nếp}}\n"
    "    - {id: I1, about: individual, label: {vi: Cá nhân}}\n"
    "    - {id: I1.1, parent: I1, about: individual, label: {vi: Trách nhiệm}}\n"
    "    - id: I1.2\n      parent: I1\n      about: individual\n"
    "      label: {vi: Lãnh đạo}\n      applies: {attributes: [leader]}\n";

static const char nw_profile[] =
    "profile:\n  id: diem\n  version: 1\n  campaign: thi-dua\n  label: {vi: Điểm}\n"
    "  default_mode: points\n  default_max: 10\n  na_allowed: yes\n"
    "  rules:\n    - {criterion: I1.1, mode: met, max: 10}\n"
    "    - {criterion: I1.2, mode: met, max: 10}\n";

static inline void nw_found(struct node_world *w) {
    struct founding f = {.code = "94", .name = "Tỉnh", .level = "province", .now = w->now};
    struct key_seeds seeds;
    struct db *db;
    char path[128];
    uint8_t fresh[SEAL_NONCE_BYTES] = {0};
    memset(f.root_seed, 1, SEED_BYTES);
    memset(f.recovery_seed, 2, SEED_BYTES);
    memset(f.sign_seed, 3, SEED_BYTES);
    memset(f.transport_seed, 4, SEED_BYTES);
    memset(f.unit.b, 0x94, UID_BYTES);
    w->root = f.unit;
    memcpy(seeds.sign, f.sign_seed, SEED_BYTES);
    memcpy(seeds.transport, f.transport_seed, SEED_BYTES);
    assert_int_equal(mkdir(w->hub_dir, 0700), 0);
    (void)snprintf(path, sizeof path, "%s/actor.key", w->hub_dir);
    assert_int_equal(keyfile_write(path, &seeds, NULL, fresh, fresh, &w->e), 0);
    assert_int_equal(db_open(w->hub_dir, true, NULL, &db, &w->e), 0);
    assert_int_equal(found_root(db, &f, &w->genesis, &w->e), 0);
    db_close(db);
    assert_int_equal(actor_open(w->hub_dir, ROLE_HUB, NULL, NULL, &w->hub, &w->e), 0);
}

static inline void nw_state(struct node_world *w, struct txn *t, uint16_t kind,
                            struct slice payload) {
    struct hash id;
    assert_int_equal(append_own(&w->hub, t, kind, NULL, payload, w->now, &id, &w->e), 0);
}

/* Let the hub state unit `code` below `parent`. */
static inline void nw_unit(struct node_world *w, const char *code, const char *name,
                           const char *level, const struct uid *parent, struct uid *ret_id) {
    char text[4][LIMIT_NAME + 1] = {"", ""};
    struct txn *t;
    struct buf b;
    (void)snprintf(text[1], sizeof text[1], "%s", code);
    (void)snprintf(text[2], sizeof text[2], "%s", name);
    (void)snprintf(text[3], sizeof text[3], "%s", level);
    if (uid_is_zero(ret_id))
        nw_random(w, ret_id->b, UID_BYTES);
    struct unit_fact f = {.id = *ret_id,
                          .parent = *parent,
                          .effective = DAY_NONE,
                          .from = DAY_NONE,
                          .until = DAY_NONE,
                          .code = text[1],
                          .level = text[3],
                          .kind = text[0],
                          .name = text[2],
                          .group = text[0],
                          .contact = text[0],
                          .phone = text[0]};
    struct payload_units p = {1, &f};
    buf_init(&b);
    assert_int_equal(payload_units_encode(&p, &b, &w->e), 0);
    assert_int_equal(actor_begin(&w->hub, true, &t, &w->e), 0);
    nw_state(w, t, KIND_UNITS, buf_slice(&b));
    assert_int_equal(actor_commit(&w->hub, t, &w->e), 0);
    buf_done(&b);
}

/* Let the hub issue the campaign or profile that the file `text` is. */
static inline void nw_issue(struct node_world *w, const char *text) {
    struct campaign_file f = {0};
    struct txn *t;
    struct buf b;
    buf_init(&b);
    if (campaign_file_read(slice_str(text), "test", NULL, NULL, &f, &w->e) != 0)
        fail_msg("%s", err_text(&w->e, NULL, w->text, sizeof w->text));
    int rc = f.is_profile ? profile_encode(&f.profile, &b, &w->e)
                          : campaign_encode(&f.campaign, &b, &w->e);
    assert_int_equal(rc, 0);
    assert_int_equal(actor_begin(&w->hub, true, &t, &w->e), 0);
    nw_state(w, t, f.is_profile ? KIND_PROFILE : KIND_CAMPAIGN, buf_slice(&b));
    assert_int_equal(actor_commit(&w->hub, t, &w->e), 0);
    buf_done(&b);
    campaign_file_done(&f);
}

/* The answer of the hub to a join, as a frame. */
static inline void nw_answer(struct node_world *w, struct slice request, struct buf *out) {
    struct arena arena;
    struct frame in, answer = {.type = FRAME_JOINED};
    struct hash ids[CLOSURE_MAX], child;
    struct slice records[CLOSURE_MAX];
    struct record r;
    struct ingest ingest;
    struct txn *t;
    uint32_t n, refusal;
    arena_init(&arena, FRAME_ARENA_BYTES);
    assert_int_equal(frame_decode(request, &arena, &in, &w->e), 0);
    assert_int_equal(actor_begin(&w->hub, true, &t, &w->e), 0);
    ingest_init(&ingest, &w->hub, t, false);
    struct knock k = {.join = &in.u.join, .received_at = w->now, .inbox = w->inbox};
    assert_int_equal(record_parse(in.u.join.record, &r, &w->e), 0);
    struct payload_join join;
    assert_int_equal(payload_join_decode(r.payload, &arena, &join, &w->e), 0);
    k.transport_key = join.transport_key;
    assert_int_equal(enrolment_join(&ingest, &k, &refusal, &child, &w->e), 0);
    assert_int_equal(refusal, 0);
    assert_int_equal(enrolment_closure(t, &child, 1, ids, &n, &w->e), 0);
    for (uint32_t i = 0; i < n; i++) {
        assert_int_equal(log_get(t, &ids[i], &r, &w->e), 0);
        records[i] = r.bytes;
    }
    answer.u.records = (struct frame_records){.n = n, .records = records};
    assert_int_equal(frame_encode(&answer, out, &w->e), 0);
    ingest_done(&ingest);
    assert_int_equal(actor_commit(&w->hub, t, &w->e), 0);
    arena_done(&arena);
}

static inline void nw_join(struct node_world *w) {
    struct ticket ticket = {.role = ROLE_NODE, .genesis = w->genesis, .unit = w->office};
    struct actor node;
    struct post post;
    struct txn *t;
    struct slice frame;
    struct buf answer;
    uint32_t peer;
    (void)snprintf(ticket.code, sizeof ticket.code, "31633");
    (void)snprintf(ticket.address, sizeof ticket.address, "tcp://127.0.0.1:1");
    w->machines++;
    memset(w->inbox.b, 0x76 + w->machines, UID_BYTES);
    memset(ticket.token, 4 + w->machines, TOKEN_BYTES);
    assert_int_equal(actor_begin(&w->hub, true, &t, &w->e), 0);
    enrolment_note(t, ticket.token, &w->office, ROLE_NODE, w->now);
    assert_int_equal(actor_commit(&w->hub, t, &w->e), 0);
    assert_int_equal(joining_prepare(w->node_dir, &ticket, NULL, &w->world, &w->e), 0);
    assert_int_equal(actor_open(w->node_dir, ROLE_NODE, NULL, NULL, &node, &w->e), 0);
    post_init(&post);
    buf_init(&answer);
    assert_int_equal(joining_request(&node, &ticket, &post, &w->e), 0);
    assert_true(post_next(&post, &peer, &frame));
    nw_answer(w, frame, &answer);
    assert_int_equal(joining_answer(&node, buf_slice(&answer), &w->e), 0);
    buf_done(&answer);
    post_done(&post);
    actor_close(&node);
}

/* Hand `records` of `from`'s stream after `*position` over to `to`. */
static inline void nw_carry(struct node_world *w, struct actor *from, struct actor *to,
                            const struct uid *stream, uint64_t *position, enum origin origin) {
    struct txn *out, *in;
    struct ingest ingest;
    struct hash id;
    struct record r;
    assert_int_equal(txn_begin(from->db, false, &out, &w->e), 0);
    assert_int_equal(actor_begin(to, true, &in, &w->e), 0);
    ingest_init(&ingest, to, in, false);
    struct admit admit = {.actor = to, .t = in, .origin = origin};
    if (origin == ORIGIN_BELOW)
        admit = ingest_admit(&ingest);
    admit.carrier = from->id;
    while (stream_at(out, stream, *position + 1, &id)) {
        enum admission admission;
        struct err why = {0};
        assert_int_equal(log_get(out, &id, &r, &w->e), 0);
        assert_int_equal(admit_bytes(&admit, r.bytes, w->now, &admission, &why, &w->e), 0);
        assert_true(admission == ADMIT_HELD || admission == ADMIT_DUPLICATE);
        ++*position;
    }
    if (origin == ORIGIN_BELOW)
        assert_int_equal(ingest_receipts(&ingest, w->now, &w->e), 0);
    ingest_done(&ingest);
    assert_int_equal(actor_commit(to, in, &w->e), 0);
    txn_abort(out);
}

/* What a sync does: up, then down. */
static inline void nw_sync(struct node_world *w) {
    struct actor node;
    assert_int_equal(actor_open(w->node_dir, ROLE_NODE, NULL, NULL, &node, &w->e), 0);
    nw_carry(w, &node, &w->hub, &node.outbox, &w->up, ORIGIN_BELOW);
    nw_carry(w, &w->hub, &node, &w->inbox, &w->down, ORIGIN_ABOVE);
    actor_close(&node);
}

/* Put another machine in the place of the office's, and let it hear what the hub has for it. */
static inline void nw_replace(struct node_world *w) {
    (void)snprintf(w->node_dir, sizeof w->node_dir, "%s/next", w->dir);
    w->down = w->up = 0;
    nw_join(w);
    nw_sync(w);
}

static inline int nw_setup(void **state) {
    struct node_world *w = calloc(1, sizeof *w);
    w->world = (struct world){.arg = w, .now = nw_now, .random = nw_random};
    assert_true(instant_parse("2023-12-01T08:00:00+07:00", &w->now));
    assert_int_equal(crypto_start(&w->e), 0);
    (void)snprintf(w->dir, sizeof w->dir, "/tmp/thidua-node-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    (void)snprintf(w->hub_dir, sizeof w->hub_dir, "%s/hub", w->dir);
    (void)snprintf(w->node_dir, sizeof w->node_dir, "%s/node", w->dir);
    (void)snprintf(w->file, sizeof w->file, "%s/file.csv", w->dir);
    nw_found(w);
    nw_unit(w, "31633", "Xã An Thạnh 3", "commune", &w->root, &w->office);
    nw_unit(w, "31714", "Xã Thạnh Quới", "commune", &w->root, &w->other);
    nw_unit(w, "AP1", "Ấp An Quới", "hamlet", &w->office, &w->hamlet);
    nw_issue(w, nw_campaign);
    nw_issue(w, nw_profile);
    nw_join(w);
    nw_sync(w);
    *state = w;
    return 0;
}

static inline int nw_teardown(void **state) {
    struct node_world *w = *state;
    static const char *const files[] = {"hub/data.mdb",
                                        "hub/lock.mdb",
                                        "hub/actor.key",
                                        "node/data.mdb",
                                        "node/lock.mdb",
                                        "node/actor.key",
                                        "next/data.mdb",
                                        "next/lock.mdb",
                                        "next/actor.key",
                                        "file.csv",
                                        "hub",
                                        "node",
                                        "next",
                                        ""};
    char path[160];
    verb_call_done(&w->call);
    actor_close(&w->hub);
    for (size_t i = 0; i < COUNT(files); i++) {
        (void)snprintf(path, sizeof path, "%s/%s", w->dir, files[i]);
        (void)remove(path);
    }
    free(w);
    return 0;
}

static inline void nw_write(struct node_world *w, const char *text) {
    assert_int_equal(host_write_file(w->file, slice_str(text), 0600, HOST_REPLACE, &w->e), 0);
}

/*
 * Run the node's verb in `line`, words separated by spaces (`_` inside a word stands for one, `@`
 * for the test's file); its exit status. What it said is in `w->call` and `w->text`.
 */
static inline int nw_run(struct node_world *w, const char *line) {
    static const struct verb *const verbs[] = {
        &node_verb_subject_import, &node_verb_subject_list,  &node_verb_subject_show,
        &node_verb_campaign_list,  &node_verb_campaign_show, &node_verb_template,
        &node_verb_record,         &node_verb_import,        &node_verb_score,
        &node_verb_submit,         &node_verb_status,        &node_verb_report_list,
        &node_verb_report_show,    &node_verb_bundle_export, &node_verb_check,
        &node_verb_rank,           &node_verb_withdraw,      NULL};
    static const struct verb_program program = {"thidua-node", "0", "test", verbs};
    char copy[1024], *argv[32], *save = NULL;
    static char name[] = "thidua-node", d[] = "-d";
    int argc = 0;
    (void)snprintf(copy, sizeof copy, "%s", line);
    argv[argc++] = name;
    for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
        for (char *c = word; *c; c++)
            *c = *c == '_' ? ' ' : *c;
        argv[argc++] = strcmp(word, "@") == 0 ? w->file : word;
    }
    argv[argc++] = d;
    argv[argc++] = w->node_dir;
    verb_call_done(&w->call);
    verb_call_init(&w->call, &w->world, NULL);
    w->e = (struct err){0};
    int rc = verb_run(&program, argc, argv, &w->call, &w->e);
    (void)err_text(&w->e, NULL, w->text, sizeof w->text);
    return err_exit_status(rc);
}

/* What the last verb printed, and its words. */
static inline const char *nw_out(struct node_world *w) {
    const char *s = buf_cstr(&w->call.out);
    return s ? s : "";
}
static inline const char *nw_words(struct node_world *w) {
    const char *s = buf_cstr(&w->call.words);
    return s ? s : "";
}

/* Run `line`, which has to succeed. */
static inline void nw_ok(struct node_world *w, const char *line) {
    if (nw_run(w, line) != 0)
        fail_msg("%s: %s\n%s", line, w->text, nw_words(w));
}

/* Run `line`, which has to be refused with `want` in its message or its words. */
static inline void nw_refused(struct node_world *w, const char *line, const char *want) {
    int status = nw_run(w, line);
    if (status == 0 || (!strstr(w->text, want) && !strstr(nw_words(w), want)))
        fail_msg("%s: exit %d, %s\n%s", line, status, w->text, nw_words(w));
}

/* The list that most tests use: a body, a leader in uniform, and a person with a zero in front. */
static const char nw_subjects[] = "code,kind,class,name,unit,leader,uniformed,person\n"
                                  "DU,collective,đảng,Đảng ủy,31633,,,\n"
                                  "BT,individual,cán bộ,Nguyễn Văn A,31633,yes,no,P1\n"
                                  "007,individual,công chức,Trần Thị B,31633,no,no,P2\n";

static inline void nw_people(struct node_world *w) {
    nw_write(w, nw_subjects);
    nw_ok(w, "subject import @");
}

static const char nw_values[] = "subject,criterion,value,note\n"
                                "31633,C1.1,\"8,5\",\n31633,C1.2,9,\nDU,C1.1,10,\nDU,C1.2,7.25,\n"
                                "BT,I1.1,đạt,\nBT,I1.2,met,\n007,I1.1,không đạt,chưa xong\n";

/* A complete sheet. */
static inline void nw_fill(struct node_world *w) {
    nw_people(w);
    nw_write(w, nw_values);
    nw_ok(w, "import @");
}

#endif
