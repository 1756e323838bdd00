/*
 * The story that the tests of the auditor change and verify.
 */
#ifndef TESTS_AUDIT_WORLD_H
#define TESTS_AUDIT_WORLD_H

#include "audit/verify.h"
#include "tests/unit/fixture_records.h"

#include <stdio.h>
#include <string.h>

#define NODES 3

/*
 * The story that most tests change: commune 1001 in the last millisecond, 1002 in the first one
 * after, 1003 with zeros in time and the real sheet late, the rest never.
 */
struct story {
    struct fixture f;
    uint32_t nodes[NODES];
    struct hash reports[NODES + 1];
    uint32_t receipts; /* place of the first receipt among the records */
    struct buf file;
};

static const enum cell_state all_met[2] = {CELL_MET, CELL_MET};
static const enum cell_state half[2] = {CELL_MET, CELL_NOT_MET};
static const enum cell_state none[2] = {CELL_NOT_MET, CELL_NOT_MET};

/* Tell it with the campaign as `change` leaves it (NULL: as it is). */
static inline void tell_changed(struct story *s, void (*change)(struct fixture *)) {
    struct fixture *f = &s->f;
    memset(s, 0, sizeof *s);
    fixture_init(f, 7);
    for (uint32_t i = 0; i < NODES; i++)
        s->nodes[i] = fixture_enrol(f, FIXTURE_ROOT_HUB, f->units[i], ROLE_NODE);
    fixture_plan(f);
    if (change)
        change(f);
    fixture_issue(f);
    s->reports[0] = fixture_report(f, s->nodes[0], 1, CELL_MET, half);
    s->reports[1] = fixture_report(f, s->nodes[1], 1, CELL_MET, all_met);
    s->reports[2] = fixture_report(f, s->nodes[2], 1, CELL_NOT_MET, none);
    s->reports[3] = fixture_report(f, s->nodes[2], 2, CELL_MET, all_met);
    static const char *const at[] = {"2023-12-15T23:59:59.999+07:00", "2023-12-16T00:00:00+07:00",
                                     "2023-12-14T09:00:00+07:00", "2023-12-17T09:00:00+07:00"};
    s->receipts = f->n_records;
    for (uint32_t i = 0; i < NODES + 1; i++)
        fixture_receipt(f, FIXTURE_ROOT_HUB, s->nodes[i < NODES ? i : 2], s->reports[i],
                        RECEIPT_VALID, fixture_at(at[i]));
}

static inline void tell(struct story *s) {
    tell_changed(s, NULL);
}

static inline void pack(struct story *s) {
    buf_done(&s->file);
    fixture_bundle(&s->f, FIXTURE_ROOT_HUB, fixture_at("2023-12-20"), &s->file);
}

static inline void end(struct story *s) {
    buf_done(&s->file);
    fixture_done(&s->f);
}

static inline void print(const struct findings *f) {
    for (uint32_t i = 0; i < f->n; i++) {
        char text[1024], id[HASH_TEXT];
        hash_text(&f->list[i].record, id);
        fprintf(stderr, "%.8s #%u: %s\n", id, (unsigned)f->list[i].entry,
                err_text(&f->list[i].what, NULL, text, sizeof text));
    }
}

/* Verify `file` and return how many findings there are; `ret_what` gets the text of the first. */
static inline uint64_t verify(struct slice file, const struct hash *root, struct hash *ret_record,
                              char ret_what[1024]) {
    struct verify v;
    assert_int_equal(verify_bundle(file, root, NULL, &v, NULL), 0);
    uint64_t total = v.findings.total;
    if (total > 0) {
        *ret_record = v.findings.list[0].record;
        err_text(&v.findings.list[0].what, NULL, ret_what, 1024);
        if (v.findings.list[0].entry > 0)
            memset(ret_record, 0xff, sizeof *ret_record);
    }
    verify_done(&v);
    return total;
}

#endif
