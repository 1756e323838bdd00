/*
 * fuzz-seeds FOLDER: the first inputs of every target, each in FOLDER/TARGET, made by the product's
 * own encoders and from its own records. What libFuzzer finds beyond them is kept beside them.
 */
#include "node/append.h"
#include "store/keyfile.h"
#include "store/log.h"
#include "tests/fuzz/codec.h"
#include "tests/fuzz/scratch.h"
#include "tests/unit/fixture_kinds.h"
#include "tests/unit/fixture_records.h"
#include "tests/unit/fixture_stage.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* A sealed key file without its check. */
#define KEYFILE_SEALED (8 + SEAL_SALT_BYTES + SEAL_NONCE_BYTES + 2 * SEED_BYTES + SEAL_EXTRA_BYTES)

static const char *root;

static void seed(const char *target, const char *name, struct slice head, struct slice body) {
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", root, target);
    (void)mkdir(path, 0777);
    (void)snprintf(path, sizeof path, "%s/%s/seed-%s", root, target, name);
    FILE *f = fopen(path, "wb");
    assert(f);
    (void)fwrite(head.data, 1, head.len, f);
    (void)fwrite(body.data, 1, body.len, f);
    (void)fclose(f);
}

static void seed_text(const char *target, const char *name, const char *text) {
    seed(target, name, slice_of(NULL, 0), slice_str(text));
}

static uint8_t codec_index(uint16_t kind) {
    uint8_t i = 0;
    while (i < codec_n && codec_kinds[i] != kind)
        i++;
    return i;
}

static void seed_payload(uint16_t kind, const char *name, struct slice payload) {
    uint8_t index = codec_index(kind);
    if (index < codec_n)
        seed("payload", name, slice_of(&index, 1), payload);
}

/* ---- records and their payloads ---- */

static void seed_record(struct slice bytes) {
    struct record r;
    char name[16];
    struct err e = {0};
    FIXTURE_OK(record_parse(bytes, &r, &e), &e);
    (void)snprintf(name, sizeof name, "kind-%u", (unsigned)r.h.kind);
    seed("record", name, slice_of(NULL, 0), bytes);
    seed_payload(r.h.kind, name, r.payload);
}

static void seed_log(struct actor *a) {
    struct txn *t;
    struct log_walk w;
    struct hash id;
    struct record r;
    struct err e = {0};
    FIXTURE_OK(txn_begin(a->db, false, &t, &e), &e);
    log_walk_init(&w, t, 0, 0);
    while (log_walk_next(&w, NULL, &id)) {
        FIXTURE_OK(log_get(t, &id, &r, &e), &e);
        seed_record(r.bytes);
    }
    log_walk_done(&w);
    txn_abort(t);
}

static void seed_kinds(struct stage *s) {
    struct hash about = s->hub.campaign;
    for (uint32_t i = 0; i < codec_n; i++) {
        struct buf b;
        char name[16];
        (void)snprintf(name, sizeof name, "kind-%u", (unsigned)codec_kinds[i]);
        bool any = fixture_kind_payload(&s->hub, &s->authors[0], codec_kinds[i], &about, &b);
        assert(any == (codec_kinds[i] != CODEC_FRAME)); /* no codec without a seed */
        if (any)
            seed_payload(codec_kinds[i], name, buf_slice(&b));
        buf_done(&b);
    }
    for (uint32_t i = 0; i < STAGE_STORY; i++)
        seed_record(buf_slice(&s->story[0][i]));
}

/* ---- frames ---- */

static void seed_frame(const char *name, const struct frame *f) {
    struct buf b = {0};
    struct err e = {0};
    FIXTURE_OK(frame_encode(f, &b, &e), &e);
    seed("frame", name, slice_of(NULL, 0), buf_slice(&b));
    seed_payload(CODEC_FRAME, name, buf_slice(&b));
    buf_done(&b);
}

static void seed_frames(struct stage *s) {
    static char word[] = "1";
    char *args[] = {word, word};
    struct lane_head head = {s->authors[0].id, 1, s->authors[0].unit, 3, s->hub.campaign};
    struct slice record = buf_slice(&s->story[0][0]);
    struct frame f = {.type = FRAME_HELLO};
    f.u.greeting = (struct frame_greeting){.version_min = 1,
                                           .version_max = 1,
                                           .features = 3,
                                           .deployment = s->hub.actor.deployment,
                                           .actor = s->authors[0].id,
                                           .epoch = 1,
                                           .outbox = s->authors[0].outbox,
                                           .outbox_position = 4,
                                           .inbox = s->authors[1].outbox,
                                           .inbox_position = 9,
                                           .digest = s->authors[1].outbox,
                                           .n_heads = 1,
                                           .heads = &head,
                                           .clock = 1700000000000,
                                           .program = word};
    seed_frame("hello", &f);
    f.type = FRAME_WELCOME;
    f.u.greeting.credits = 100;
    seed_frame("welcome", &f);
    f = (struct frame){.type = FRAME_RECORDS};
    f.u.records = (struct frame_records){s->authors[0].outbox, 1, 1, 1, &record};
    seed_frame("records", &f);
    f = (struct frame){.type = FRAME_ACK};
    f.u.ack = (struct frame_ack){s->authors[0].outbox, 4, 100, 9, 77};
    seed_frame("ack", &f);
    f = (struct frame){.type = FRAME_PART};
    f.u.part = (struct frame_part){s->authors[0].outbox,           5, 70, (uint32_t)record.len,
                                   slice_of(record.data + 70, 90), 6};
    seed_frame("part", &f);
    f = (struct frame){.type = FRAME_JOIN};
    f.u.join = (struct frame_join){{7}, record};
    seed_frame("join", &f);
    f = (struct frame){.type = FRAME_REFUSED};
    f.u.refused = (struct frame_refused){REFUSED_VERSION, 2, args};
    seed_frame("refused", &f);
    f = (struct frame){.type = FRAME_RENEW};
    f.u.renew = (struct frame_renew){.epoch = 2,
                                     .sign_key = *key_pair_public(s->authors[0].sign),
                                     .renewal = {{8}},
                                     .proof = {9},
                                     .transport_key = {{7}}};
    seed_frame("renew", &f);
    f = (struct frame){.type = FRAME_PING};
    f.u.ping = (struct frame_ping){.nonce = 77, .clock = 1700000000000};
    seed_frame("ping", &f);
    f.type = FRAME_PONG;
    seed_frame("pong", &f);
    seed("answer", "refused", slice_of("\1TDF\1\7\10\1", 8), slice_of(NULL, 0));
    for (uint32_t i = 0; i < s->n_frames; i++)
        if (s->frames[i].data[4] == FRAME_JOINED) {
            seed("frame", "joined", slice_of(NULL, 0), buf_slice(&s->frames[i]));
            seed_payload(CODEC_FRAME, "joined", buf_slice(&s->frames[i]));
        }
}

/* ---- what is one file or one line ---- */

/* A report, and what became of it if `receipt`. */
static void seed_bundle(const char *name, bool receipt) {
    struct fixture f;
    struct buf b = {0};
    fixture_init(&f, 7);
    uint32_t node = fixture_enrol(&f, FIXTURE_ROOT_HUB, f.units[0], ROLE_NODE);
    fixture_plan(&f);
    fixture_issue(&f);
    struct hash report =
        fixture_report(&f, node, 1, CELL_MET, (enum cell_state[]){CELL_MET, CELL_NOT_MET});
    if (receipt)
        fixture_receipt(&f, FIXTURE_ROOT_HUB, node, report, RECEIPT_VALID,
                        fixture_at("2023-12-10"));
    fixture_bundle(&f, FIXTURE_ROOT_HUB, fixture_at("2023-12-20"), &b);
    seed("bundle", name, slice_of(NULL, 0), buf_slice(&b));
    buf_done(&b);
    fixture_done(&f);
}

static void seed_ticket(struct stage *s) {
    struct ticket t = {.role = ROLE_NODE,
                       .token = {1, 2, 3},
                       .genesis = s->hub.actor.deployment,
                       .unit = s->hub.communes[0],
                       .address = "tcp://127.0.0.1:1",
                       .code = "1001",
                       .name = "xã"};
    char text[TICKET_TEXT_MAX];
    struct err e = {0};
    FIXTURE_OK(ticket_text(&t, text, &e), &e);
    seed_text("ticket", "node", text);
    uint8_t raw[TICKET_TEXT_MAX];
    size_t n;
    bool ok = base64_decode(text + 4, strlen(text) - 4, raw, sizeof raw, &n);
    assert(ok && n > 8);
    seed("ticket", "fields", slice_of(NULL, 0), slice_of(raw, n - 8));
}

/* What keyfile_write seals, without its check, after the byte that asks for the passphrase. */
static void seed_locked(void) {
    const struct key_seeds keys = {{1}, {2}};
    const uint8_t salt[SEAL_SALT_BYTES] = {3}, nonce[SEAL_NONCE_BYTES] = {4};
    uint8_t file[KEYFILE_SEALED];
    struct err e = {0};
    const char *path = scratch_file(slice_of(NULL, 0));
    (void)remove(path);
    FIXTURE_OK(keyfile_write(path, &keys, FUZZ_PASSPHRASE, salt, nonce, &e), &e);
    FILE *f = fopen(path, "rb");
    assert(f && fread(file, 1, sizeof file, f) == sizeof file);
    (void)fclose(f);
    seed("keyfile", "locked", slice_of("\1", 1), slice_of(file, sizeof file));
}

static void seed_keyfiles(void) {
    uint8_t file[KEYFILE_SEALED] = {'T', 'D', 'K', 'F', 1};
    seed("keyfile", "plain", slice_of("\0", 1), slice_of(file, sizeof file - SEAL_EXTRA_BYTES));
    file[5] = 1;
    seed("keyfile", "sealed", slice_of("\0", 1), slice_of(file, sizeof file));
    seed("keyfile", "other-passphrase", slice_of("\1", 1), slice_of(file, sizeof file));
    seed_locked();
}

static const char campaign[] =
    "campaign:\n  id: thi-dua\n  version: 1\n  title: {vi: Thi đua công sở, en: Office}\n"
    "  issuer: Tỉnh\n  profile: diem\n  periods:\n"
    "    - {id: \"2023\", begin: 01/01/2023, end: 31/12/2023}\n  reports:\n    - kind: annual\n"
    "      default: yes\n      due: {date: 15/12/2023, inclusive: yes}\n  criteria:\n"
    "    - {id: C1, about: collective, label: {vi: Tập thể}}\n"
    "    - id: I1.2\n      about: individual\n      label: {vi: Lãnh đạo}\n"
    "      applies: {attributes: [leader]}\n";
static const char profile[] =
    "profile:\n  id: diem\n  version: 1\n  campaign: thi-dua\n  label: {vi: Điểm}\n"
    "  default_mode: points\n  default_max: 10\n  na_allowed: yes\n"
    "  rules:\n    - {criterion: I1.1, mode: met, max: 10}\n";

static void seed_files(void) {
    seed_text("campaign_file", "campaign", campaign);
    seed_text("campaign_file", "profile", profile);
    seed("csv", "units", slice_of("\0", 1),
         slice_str("code,parent,level,kind,name,group,contact,phone,from,until\n"
                   "2001,,commune,state,\"Xã \"\"Một\"\"\",Khối 1,,,01/07/2025,\n"));
    seed("csv", "units-tabs", slice_of("\0", 1),
         slice_str("\xef\xbb\xbfmã\tcấp trên\tcấp\tloại\ttên\tnhóm\r\n2001\t2002\txã\t\tMột\t\r\n"
                   "2002\t\thuyện\t\tHai\t\r\n"));
    seed("csv", "events", slice_of("\3", 1),
         slice_str(
             "date,op,from,to,extent,basis,parent,level,kind,name,group\n"
             "01/07/2025,rename,1001,Xã Mới,,QĐ 1,,,,,\n01/07/2025,recode,1001,3001,,,,,,,\n"
             "2025-07-02,merge,1002,1003,full,,,,,,\n02/07/2025,split,1004,3002,partial,,,,,,\n"
             "02/07/2025,create,,3002,,,94,commune,state,Xã Tách,Khối 2\n"));
    seed("csv", "events-viet", slice_of("\3", 1),
         slice_str("ngày;việc;từ;sang\n1/8/2025;thành lập;;3003\n1/8/2025;giải thể;1001;\n"
                   "1/8/2025;chuyển;1002;94\n1/8/2025;đổi cụm;1003;Cụm 2\n"));
    seed("csv", "subjects", slice_of("\1", 1),
         slice_str(
             "code,kind,class,name,unit,leader,uniformed,person,position,title,from,until\n"
             "CB01,individual,cb,An,,yes,no,0123,Trưởng,,2023-01-01,\nCB03,cá nhân,,Chi,,,,,,,,"
             "\n"));
    seed("csv", "sheet-long", slice_of("\2", 1),
         slice_str("subject,criterion,value,note\nCB01,I1,đạt,\n1001,C1,không đạt,vì bão\n"));
    seed("csv", "sheet-wide", slice_of("\2", 1),
         slice_str("subject;name;C1;I1\n1001;;met;-\nCB01;An;-;không áp dụng\n"));
}

static void seed_typed(void) {
    static const char *const typed[] = {"2023-12-15T23:59:59.999+07:00",
                                        "15/12/2023 23:59",
                                        "8,50",
                                        "không áp dụng",
                                        "not met",
                                        "  Nguyễn Thị Ước  ",
                                        "C1.2-a_b",
                                        "tcp://hub.tinh.vn:7411",
                                        "tcp://[fe80::1%lo]:*",
                                        "tcp://127.0.0.1:99999"};
    char name[16];
    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
        (void)snprintf(name, sizeof name, "typed-%zu", i);
        seed_text("text", name, typed[i]);
    }
    seed("door", "guest", slice_of("\5\2", 2),
         slice_str("                                \10u guestx "));
}

/* ---- events ---- */

static void seed_events(void) {
    static const uint8_t whole[] = {0, 0, 4, 0, 1, 0, 0, 3, 0, 0, 0, 6, 7, 0, 60, 0, 8, 0},
                         two[] = {0, 0, 4, 0, 0, 1, 4, 0, 6, 1, 1, 1, 3, 0, 0, 0, 4, 0, 1, 0, 1,
                                  0, 0, 0, 6, 1, 1, 0, 3, 0, 0, 0, 6, 2, 0, 0, 3, 9, 9, 0, 0, 0},
                         changed[] = {0, 0, 4, 0, 5, 0, 0, 0, 0, 190, 1, 6, 1, 0, 0, 0, 0, 0, 0, 6},
                         knock[] = {9, 0, 0, 0, 6, 10, 9, 0, 200, 1, 6},
                         down[] = {0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 4, 0, 0, 0},
                         again[] = {0, 1, 0, 0, 0, 1, 0, 9, 0, 0, 0, 5, 4, 0, 1,  3,
                                    0, 1, 9, 9, 6, 0, 1, 0, 0, 0, 1, 2, 3, 0, 80, 4},
                         parts[] = {0, 0, 4, 0, 11, 0,  0, 0, 0, 0, 99, 0, 0, 0, 0, 11, 0,
                                    0, 0, 9, 0, 0,  0,  0, 0, 0, 6, 11, 0, 1, 0, 0, 0,  50,
                                    3, 0, 0, 0, 6,  11, 0, 1, 0, 0, 0,  0, 0, 0, 0, 0,  6},
                         parts_down[] = {0, 1, 0, 0, 0, 7, 0, 0, 0, 0, 99, 0, 0, 0, 0, 6,
                                         0, 1, 0, 0, 0, 7, 0, 0, 9, 0, 0,  0, 0, 0, 0},
                         answer[] = {0}, answer_changed[] = {0, 0, 200, 1} /* in a signature */,
                         spoilt[] = {1, 1, 0, 0, 200, 1, 14, 1, 0, 0, 3, 255},
                         put[] = {17, 0, 16, 1, 1, 1, 1, 1, 1, 1, 1,
                                  1,  1, 1,  1, 1, 1, 1, 1, 2, 9, 9};
    struct slice no = slice_of(NULL, 0);
    seed("hub", "whole", no, slice_of(whole, sizeof whole));
    seed("hub", "two", no, slice_of(two, sizeof two));
    seed("hub", "parts", no, slice_of(parts, sizeof parts));
    seed("node", "parts-down", no, slice_of(parts_down, sizeof parts_down));
    seed("hub", "changed", no, slice_of(changed, sizeof changed));
    seed("hub", "knock", no, slice_of(knock, sizeof knock));
    seed("node", "down", no, slice_of(down, sizeof down));
    seed("node", "again", no, slice_of(again, sizeof again));
    seed("answer", "right", no, slice_of(answer, sizeof answer));
    seed("answer", "changed", no, slice_of(answer_changed, sizeof answer_changed));
    seed("stored", "spoilt", no, slice_of(spoilt, sizeof spoilt));
    seed("stored", "put", no, slice_of(put, sizeof put));
}

int main(int argc, char **argv) {
    if (argc != 2) {
        (void)fprintf(stderr, "usage: fuzz-seeds FOLDER\n");
        return 2;
    }
    root = argv[1];
    (void)mkdir(root, 0777);
    struct stage *s = stage_hub();
    seed_log(&s->hub.actor);
    seed_kinds(s);
    seed_frames(s);
    seed_bundle("small", true);
    seed_bundle("no-receipts", false);
    seed_ticket(s);
    seed_keyfiles();
    seed_files();
    seed_typed();
    seed_events();
    return 0;
}
