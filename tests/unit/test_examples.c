#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/limits.h"
#include "core/mem.h"
#include "core/record.h"
#include "proto/frame.h"
#include "proto/kinds.h"
#include "proto/payload.h"
#include "proto/ticket.h"

#include <stdio.h>
#include <string.h>

#define CLAIMED 1702659599999 /* 2023-12-15T23:59:59.999+07:00 */
#define DOCUMENT_MAX ((size_t)1 << 20)

/* Everything that the examples of PROTOCOL.md are made from. */
static char *document;
static struct key_pair *root, *recovery, *hub, *hub_transport, *child, *child_transport;
static struct uid root_unit, child_unit;
static struct hash fingerprint;

static int pair(int (*make)(const uint8_t *, struct key_pair **, struct err *), int byte,
                struct key_pair **ret) {
    uint8_t seed[SEED_BYTES];
    memset(seed, byte, sizeof seed);
    return make(seed, ret, NULL);
}

static int read_document(void) {
    FILE *f = fopen(SOURCE_DIR "/proto/PROTOCOL.md", "r");
    document = mem_zalloc(DOCUMENT_MAX, 1);
    if (!f || !document)
        return -1;
    size_t n = fread(document, 1, DOCUMENT_MAX - 1, f);
    (void)fclose(f);
    return n > 0 ? 0 : -1;
}

static int start(void **state) {
    (void)state;
    memset(root_unit.b, 0xa0, UID_BYTES);
    memset(child_unit.b, 0xa1, UID_BYTES);
    return crypto_start(NULL) || pair(key_pair_sign_new, 1, &root) ||
           pair(key_pair_sign_new, 2, &recovery) || pair(key_pair_sign_new, 3, &hub) ||
           pair(key_pair_transport_new, 4, &hub_transport) || pair(key_pair_sign_new, 5, &child) ||
           pair(key_pair_transport_new, 6, &child_transport) || read_document();
}

static int stop(void **state) {
    (void)state;
    struct key_pair *all[] = {root, recovery, hub, hub_transport, child, child_transport};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        key_pair_free(all[i]);
    mem_free(document);
    return 0;
}

/* The text of the document's block `name`, its line ends left out, in `out`. */
static size_t block(const char *name, char *out, size_t cap) {
    char head[64];
    (void)snprintf(head, sizeof head, "\n```%s\n", name);
    const char *at = strstr(document, head);
    if (!at)
        fail_msg("the document has no example %s", name);
    size_t n = 0;
    for (at += strlen(head); *at && *at != '`'; at++)
        if (*at != '\n' && n + 1 < cap)
            out[n++] = *at;
    out[n] = '\0';
    return n;
}

static void assert_written(const char *name, const void *data, size_t n) {
    static char want[16384], got[16384];
    assert_true(2 * n < sizeof got);
    hex_encode(data, n, got);
    (void)block(name, want, sizeof want);
    if (strcmp(want, got) != 0)
        fail_msg("example %s: the document has %s, the program makes %s", name, want, got);
}

/* The bytes of the document's block `name`. */
static struct buf written(const char *name) {
    static char text[16384];
    struct buf b;
    size_t n = block(name, text, sizeof text);
    buf_init(&b);
    assert_true(hex_decode(text, n, buf_extend(&b, n / 2), n / 2));
    return b;
}

static void keys_and_actors_are_those_of_the_document(void **state) {
    (void)state;
    struct hash actor;
    assert_written("root-key", key_pair_public(root), PUBLIC_KEY_BYTES);
    assert_written("hub-sign-key", key_pair_public(hub), PUBLIC_KEY_BYTES);
    assert_written("hub-transport-key", key_pair_public(hub_transport), PUBLIC_KEY_BYTES);
    assert_written("child-sign-key", key_pair_public(child), PUBLIC_KEY_BYTES);
    assert_written("child-transport-key", key_pair_public(child_transport), PUBLIC_KEY_BYTES);
    crypto_actor(key_pair_public(root), &actor);
    assert_written("root-actor", actor.b, HASH_BYTES);
    crypto_actor(key_pair_public(child), &actor);
    assert_written("child-actor", actor.b, HASH_BYTES);
}

/* A record by `author` with what all examples share. */
static void build(const struct key_pair *author, struct record_header h, struct slice payload,
                  struct buf *out, struct hash *ret_id) {
    h.payload_version = 1;
    h.epoch = 1;
    h.claimed = h.kind == KIND_JOIN ? 0 : CLAIMED;
    h.deployment = fingerprint;
    crypto_actor(key_pair_public(author), &h.actor);
    assert_int_equal(record_build(&h, payload, author, out, ret_id, NULL), 0);
}

static void the_genesis_is_that_of_the_document(void **state) {
    (void)state;
    struct payload_genesis p = {*key_pair_public(root), *key_pair_public(recovery), root_unit};
    struct record_header h = {.kind = KIND_GENESIS, .seq = 1};
    struct buf payload, out;
    struct hash id;
    buf_init(&payload);
    buf_init(&out);
    assert_int_equal(payload_genesis_encode(&p, &payload, NULL), 0);
    build(root, h, buf_slice(&payload), &out, &id);
    assert_written("genesis", out.data, out.len);
    assert_written("genesis-id", id.b, HASH_BYTES);
    fingerprint = id;
    buf_done(&payload);
    buf_done(&out);
}

static struct hash filled(int byte) {
    struct hash h;
    memset(h.b, byte, HASH_BYTES);
    return h;
}

static void the_report_is_that_of_the_document(void **state) {
    (void)state;
    uint32_t cells[][2] = {{3, 2}, {4 + 17}, {1}};
    struct report_column columns[] = {
        {1, false, 2, cells[0]}, {50, false, 1, cells[1]}, {1, false, 1, cells[2]}};
    struct note note = {1, 2, "ấp không có trường học"};
    struct payload_report p = {.campaign = filled(0x33),
                               .profile = filled(0x44),
                               .subjects = filled(0x22),
                               .period = "2023",
                               .kind = REPORT_ANNUAL,
                               .unit = child_unit,
                               .revision = 1,
                               .n_columns = 3,
                               .n_notes = 1,
                               .columns = columns,
                               .notes = &note};
    struct record_header h = {
        .kind = KIND_REPORT, .seq = 3, .lane = child_unit, .prev = filled(0x22)};
    struct buf payload, out;
    struct hash id;
    buf_init(&payload);
    buf_init(&out);
    assert_int_equal(payload_report_encode(&p, &payload, NULL), 0);
    assert_written("report-payload", payload.data, payload.len);
    build(child, h, buf_slice(&payload), &out, &id);
    assert_written("report", out.data, out.len);
    assert_written("report-id", id.b, HASH_BYTES);
    assert_written("report-signature", out.data + RECORD_HEADER_BYTES, SIGNATURE_BYTES);
    buf_done(&payload);
    buf_done(&out);
}

static void the_batched_record_of_the_document_verifies(void **state) {
    (void)state;
    struct buf b = written("batch-record"), root_hash = written("batch-root");
    struct record r;
    assert_int_equal(record_parse(buf_slice(&b), &r, NULL), 0);
    assert_int_equal(r.h.suite, SUITE_MERKLE);
    assert_true(record_verify(&r, key_pair_public(hub)));
    assert_false(record_verify(&r, key_pair_public(child)));
    assert_written("batch-id", r.id.b, HASH_BYTES);
    assert_written("batch-proof", r.proof.data, r.proof.len);
    const uint8_t *signature = r.proof.data + r.proof.len - SIGNATURE_BYTES;
    assert_true(
        crypto_verify_tagged(key_pair_public(hub), TAG_ROOT, buf_slice(&root_hash), signature));
    buf_done(&b);
    buf_done(&root_hash);
}

static void the_ticket_is_that_of_the_document(void **state) {
    (void)state;
    struct ticket t = {.role = ROLE_NODE,
                       .genesis = fingerprint,
                       .transport_key = *key_pair_public(hub_transport),
                       .unit = child_unit,
                       .address = "tcp://127.0.0.1:9494",
                       .code = "31498",
                       .name = "Thị trấn Kế Sách"};
    char got[TICKET_TEXT_MAX], want[TICKET_TEXT_MAX];
    memset(t.token, 0x77, TOKEN_BYTES);
    assert_int_equal(ticket_text(&t, got, NULL), 0);
    (void)block("ticket", want, sizeof want);
    assert_string_equal(got, want);
}

static void assert_frame(const char *name, const struct frame *f) {
    struct buf out;
    buf_init(&out);
    assert_int_equal(frame_encode(f, &out, NULL), 0);
    assert_written(name, out.data, out.len);
    buf_done(&out);
}

static void the_frames_are_those_of_the_document(void **state) {
    (void)state;
    struct frame f = {.type = FRAME_HELLO};
    struct frame_greeting *g = &f.u.greeting;
    g->version_min = g->version_max = PROTOCOL_VERSION;
    g->features = FEATURE_BATCH;
    g->deployment = fingerprint;
    crypto_actor(key_pair_public(child), &g->actor);
    g->epoch = 1;
    memset(g->outbox.b, 0xb0, UID_BYTES);
    g->outbox_position = 3;
    g->clock = CLAIMED;
    g->program = "example 1";
    assert_frame("hello", &f);

    struct payload_join p = {*key_pair_public(child), *key_pair_public(child_transport), ROLE_NODE,
                             ""};
    struct record_header h = {.kind = KIND_JOIN, .seq = 1, .lane = child_unit};
    struct buf payload, record;
    struct hash id;
    buf_init(&payload);
    buf_init(&record);
    assert_int_equal(payload_join_encode(&p, &payload, NULL), 0);
    build(child, h, buf_slice(&payload), &record, &id);
    f = (struct frame){.type = FRAME_JOIN, .u.join.record = buf_slice(&record)};
    memset(f.u.join.token, 0x77, TOKEN_BYTES);
    assert_frame("join", &f);
    struct payload_grant g2 = {
        .epoch = 2, .sign_key = p.sign_key, .transport_key = p.transport_key, .unit = child_unit};
    crypto_actor(&p.sign_key, &g2.actor);
    memset(g2.renewal.b, 0xc0, UID_BYTES);
    f = (struct frame){.type = FRAME_RENEW};
    f.u.renew = (struct frame_renew){2, p.sign_key, g2.renewal, {0}};
    payload_renewal_prove(&g2, &fingerprint, child, f.u.renew.proof);
    assert_frame("renew", &f);
    buf_done(&payload);
    buf_done(&record);
}

/* ---- tables ---- */

static const char *who(uint8_t by) {
    switch (by) {
    case BY_ROOT_KEY:
        return "R";
    case BY_HUB:
        return "H";
    case BY_NODE:
        return "N";
    case BY_ROOT_KEY | BY_HUB:
        return "R H";
    case BY_NODE | BY_HUB:
        return "N H";
    default:
        return "?";
    }
}

static void the_registry_is_the_documents(void **state) {
    (void)state;
    static const char *const lanes[] = {
        [LANE_ZERO] = "0", [LANE_OWN] = "own", [LANE_CHILD] = "child"};
    for (unsigned kind = 0; kind <= UINT16_MAX; kind++) {
        const struct kind_rule *r = kind_rule((uint16_t)kind);
        char head[128], tail[32];
        if (!r)
            continue;
        (void)snprintf(head, sizeof head, "\n| %u | %s | %s | %s | ", kind, r->name, who(r->by),
                       lanes[r->lane]);
        (void)snprintf(tail, sizeof tail, " | %s | %s | ", r->erasable ? "yes" : "no",
                       r->receipted ? "yes" : "no");
        const char *row = strstr(document, head);
        const char *end = row ? strstr(row, tail) : NULL;
        if (!end || end > strchr(row + 1, '\n'))
            fail_msg("the document has another row for kind %u, %s", kind, r->name);
    }
}

static void the_limits_are_the_documents(void **state) {
    (void)state;
    static const struct {
        uint64_t limit, want;
        const char *row;
    } rows[] = {
        {LIMIT_PAYLOAD, 1048576, "| payload of a record | 1 048 576 bytes |"},
        {LIMIT_PROOF, 581, "| proof | 581 bytes |"},
        {LIMIT_RECORD, 1049600, "| record | 1 049 600 bytes |"},
        {LIMIT_FRAME, 1050624, "| frame | 1 050 624 bytes |"},
        {LIMIT_GUEST_FRAME, 4096, "| frame of a guest | 4096 bytes |"},
        {LIMIT_BATCH_RECORDS, 256, "| records in one RECORDS or JOINED | 256 |"},
        {LIMIT_BATCH_BYTES, 65536, "| bytes past which RECORDS does not grow | 65 536 |"},
        {LIMIT_CREDITS, 1024, "| records unacknowledged | 1024 |"},
        {LIMIT_RECEIPT_ENTRIES, 512, "| entries of a receipt | 512 |"},
        {LIMIT_HEADS, 4096, "| heads in a hello or welcome | 4096 |"},
        {LIMIT_MERKLE_DEPTH, 16, "| depth of a Merkle tree | 16 |"},
        {LIMIT_UNITS, 65536, "facts in one record | 65 536; 1 048 576; 16; 1024 |"},
        {LIMIT_UNIT_DEPTH, 16, "facts in one record | 65 536; 1 048 576; 16; 1024 |"},
        {LIMIT_UNITS_PER_RECORD, 1024, "facts in one record | 65 536; 1 048 576; 16; 1024 |"},
        {LIMIT_UNIT_FACTS, 1048576, "facts in one record | 65 536; 1 048 576; 16; 1024 |"},
        {LIMIT_HUB_UNITS, 4096, "units that it states first; facts | 4096; 32 768 |"},
        {LIMIT_HUB_FACTS, 32768, "units that it states first; facts | 4096; 32 768 |"},
        {LIMIT_BRANCH_UNITS, 8192, "units that it states first; facts | 8192; 65 536 |"},
        {LIMIT_BRANCH_FACTS, 65536, "units that it states first; facts | 8192; 65 536 |"},
        {LIMIT_CHILDREN, 4096, "| children in a contact or trailer | 4096 |"},
        {LIMIT_SUBJECTS, 4096, "| subjects of a unit | 4096 |"},
        {LIMIT_CRITERIA, 512, "| criteria of a campaign, inherited ones in | 512 |"},
        {LIMIT_ANCESTRY - 1, 31, "| campaigns inherited from, at any distance | 31 |"},
        {LIMIT_VALUES, 262144, "| cells; notes of a report | 262 144; 4096 |"},
        {LIMIT_NOTES, 4096, "| cells; notes of a report | 262 144; 4096 |"},
        {LIMIT_PERIODS, 128, "| periods; parents of a campaign | 128; 8 |"},
        {LIMIT_PARENTS, 8, "| periods; parents of a campaign | 128; 8 |"},
        {LIMIT_DUE, 17, "| due dates of one kind of report in a campaign | 17:"},
        {LIMIT_LIST, 1024, "| any other list | 1024 |"},
        {LIMIT_CODE, 32, "any other text | 32; 256; 4096 bytes |"},
        {LIMIT_NAME, 256, "any other text | 32; 256; 4096 bytes |"},
        {LIMIT_TEXT, 4096, "any other text | 32; 256; 4096 bytes |"},
        {LIMIT_SCORE, 16777215, "a maximum | 16 777 215 hundredths |"},
        {PAYLOAD_ARENA_BYTES, 16 << 20, "one payload; one frame | 16 MiB; 4 MiB |"},
        {FRAME_ARENA_BYTES, 4 << 20, "one payload; one frame | 16 MiB; 4 MiB |"},
        {LIMIT_PENDING_RECORDS, 1024, "(local, may grow) | 1024, 8 MiB |"},
        {LIMIT_PENDING_BYTES, 8 << 20, "(local, may grow) | 1024, 8 MiB |"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].limit != rows[i].want || !strstr(document, rows[i].row))
            fail_msg("%s", rows[i].row);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_and_actors_are_those_of_the_document),
        cmocka_unit_test(
            the_genesis_is_that_of_the_document), /* gives the others the fingerprint */
        cmocka_unit_test(the_report_is_that_of_the_document),
        cmocka_unit_test(the_batched_record_of_the_document_verifies),
        cmocka_unit_test(the_ticket_is_that_of_the_document),
        cmocka_unit_test(the_frames_are_those_of_the_document),
        cmocka_unit_test(the_registry_is_the_documents),
        cmocka_unit_test(the_limits_are_the_documents),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
