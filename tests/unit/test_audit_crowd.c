#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/limits.h"
#include "core/mem.h"
#include "tests/unit/audit_world.h"

/*
 * An office that states more revisions of one report than there may be, and what a hub may say of
 * those that are too many.
 */

#define MOST LIMIT_REVISIONS
#define ROOM (MOST + 4)

/* The payload of the report `id` of `f` as its revision `n`. */
static void revise(struct fixture *f, const struct hash *id, uint32_t n, struct buf *out) {
    struct record r;
    struct arena a;
    struct payload_report p;
    uint32_t at = 0;
    while (!hash_equal(&f->records[at].id, id))
        at++;
    assert_int_equal(record_parse(buf_slice(&f->records[at].bytes), &r, NULL), 0);
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    assert_int_equal(payload_report_decode(r.payload, &a, &p, NULL), 0);
    p.revision = n;
    assert_int_equal(payload_report_encode(&p, out, NULL), 0);
    arena_done(&a);
}

/* What the hub says of one revision after the other. */
static void answer(struct fixture *f, uint32_t author, struct receipt_entry *says, uint32_t n) {
    for (uint32_t i = 0; i < n; i += LIMIT_RECEIPT_ENTRIES) {
        struct payload_receipt p = {f->actors[author].id, 1, n - i, says + i};
        struct buf b = {0};
        if (p.n > LIMIT_RECEIPT_ENTRIES)
            p.n = LIMIT_RECEIPT_ENTRIES;
        assert_int_equal(payload_receipt_encode(&p, &b, NULL), 0);
        fixture_state(f, FIXTURE_ROOT_HUB, KIND_RECEIPT, &f->actors[author].unit, buf_slice(&b));
        buf_done(&b);
    }
}

struct crowd {
    const char *name;
    uint32_t stated;     /* by one office, of one report */
    uint32_t from, to;   /* those of them that are one too many, as the hub says */
    uint32_t others;     /* by another office */
    bool one_incomplete; /* the first, and that is why it is rejected */
    const char *want;    /* in each finding; NULL: there is none */
    uint64_t findings;
};

static const struct crowd crowds[] = {
    {"as many as there may be", MOST, 0, 0, 0, false, NULL, 0},
    {"two too many", MOST + 2, MOST, MOST + 2, 0, false, NULL, 0},
    {"one too many, and an earlier one was taken later", MOST + 1, 5, 6, 0, false, NULL, 0},
    {"one there may be", MOST, MOST - 1, MOST, 0, false, "1023 were taken", 1},
    {"as many as are too many, and one", MOST + 2, MOST - 1, MOST + 2, 0, false, "1023 were taken",
     3},
    {"the first of few", 2, 1, 2, 0, false, "1 were taken", 1},
    {"another's are not its own", 2, 1, 2, MOST, false, "1 were taken", 1},
    {"what is rejected takes no place", MOST + 1, MOST, MOST + 1, 0, true, "1023 were taken", 1},
};

static struct receipt_entry of(const struct hash *id, uint32_t code) {
    return (struct receipt_entry){.record = *id,
                                  .received_at = 5,
                                  .state = code ? RECEIPT_REJECTED : RECEIPT_VALID,
                                  .code = code};
}

/* Let `author` state `n` revisions, of which [from, to) are called too many. */
static void state_many(struct fixture *f, uint32_t author, uint32_t n, const struct crowd *c) {
    static const enum cell_state gap[2] = {CELL_MET, CELL_EMPTY};
    struct receipt_entry *says = mem_zalloc(ROOM, sizeof *says);
    struct hash whole = fixture_report(f, author, 1, CELL_MET, all_met);
    struct uid lane = f->actors[author].unit;
    says[0] = of(&whole, 0);
    if (c->one_incomplete) {
        struct hash id = fixture_report(f, author, 2, CELL_MET, gap);
        says[1] = of(&id, REJECT_INCOMPLETE);
    }
    for (uint32_t i = c->one_incomplete ? 2 : 1; i < n; i++) {
        struct buf b = {0};
        revise(f, &whole, i + 1, &b);
        struct hash id = fixture_state(f, author, KIND_REPORT, &lane, buf_slice(&b));
        says[i] = of(&id, i >= c->from && i < c->to ? REJECT_REVISIONS : 0);
        buf_done(&b);
    }
    answer(f, author, says, n);
    mem_free(says);
}

static void a_revision_is_one_too_many_where_as_many_others_were_taken(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof crowds / sizeof *crowds; i++) {
        const struct crowd *c = &crowds[i];
        static const struct crowd fine = {.name = ""};
        struct story *s = mem_zalloc(1, sizeof *s);
        struct hash record;
        char what[1024] = "";
        tell(s);
        uint32_t node = fixture_enrol(&s->f, FIXTURE_ROOT_HUB, s->f.units[4], ROLE_NODE);
        state_many(&s->f, node, c->stated, c);
        if (c->others) {
            node = fixture_enrol(&s->f, FIXTURE_ROOT_HUB, s->f.units[5], ROLE_NODE);
            state_many(&s->f, node, c->others, &fine);
        }
        pack(s);
        uint64_t n = verify(buf_slice(&s->file), &s->f.deployment, &record, what);
        if (n != c->findings || (c->want && !strstr(what, c->want)))
            fail_msg("%s: %u findings: %s", c->name, (unsigned)n, what);
        end(s);
        mem_free(s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_revision_is_one_too_many_where_as_many_others_were_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
