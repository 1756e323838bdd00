#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/limits.h"
#include "core/mem.h"
#include "proto/payload.h"

#include <string.h>

/* What one test decodes into, and encodes onto. */
static struct arena arena;
static struct buf out;

static int begin(void **state) {
    (void)state;
    arena_init(&arena, PAYLOAD_ARENA_BYTES);
    buf_init(&out);
    return 0;
}

static int end(void **state) {
    (void)state;
    arena_done(&arena);
    buf_done(&out);
    return 0;
}

static char *text_of(size_t n) {
    char *s = arena_alloc(&arena, n + 1);
    memset(s, 'x', n);
    s[n] = '\0';
    return s;
}

static const struct uid unit_a = {{0xa1}}, unit_b = {{0xb2}};

/*
 * One case of a decoder: the struct that `spoil` changed must not survive the wire. `spoil` NULL:
 * it must.
 */
#define CHECK(type, good, spoilers)                                                                \
    for (size_t i_ = 0; i_ < sizeof(spoilers) / sizeof *(spoilers); i_++) {                        \
        struct payload_##type in_ = good(), ret_;                                                  \
        struct err e_ = {0};                                                                       \
        if ((spoilers)[i_].spoil)                                                                  \
            (spoilers)[i_].spoil(&in_);                                                            \
        buf_clear(&out);                                                                           \
        assert_int_equal(payload_##type##_encode(&in_, &out, NULL), 0);                            \
        int rc_ = payload_##type##_decode(buf_slice(&out), &arena, &ret_, &e_);                    \
        if (rc_ != ((spoilers)[i_].spoil ? ERR_CORRUPT : 0) || rc_ != e_.code)                     \
            fail_msg("%s: %s: %d", #type, (spoilers)[i_].name, rc_);                               \
    }

/* ---- units and subjects ---- */

static struct payload_units good_units(void) {
    static struct unit_fact facts[2];
    facts[0] = (struct unit_fact){.id = unit_a,
                                  .effective = DAY_NONE,
                                  .from = DAY_NONE,
                                  .until = DAY_NONE,
                                  .code = "94",
                                  .level = "province",
                                  .kind = "",
                                  .name = "Tỉnh Sóc Trăng",
                                  .group = "",
                                  .contact = "",
                                  .phone = ""};
    facts[1] = (struct unit_fact){.id = unit_b,
                                  .parent = unit_a,
                                  .effective = 19000,
                                  .from = -400,
                                  .until = 0,
                                  .code = "31498",
                                  .level = "commune",
                                  .kind = "state",
                                  .name = "Thị trấn Kế Sách",
                                  .group = "Khối 1",
                                  .contact = "Văn phòng",
                                  .phone = "0299"};
    return (struct payload_units){2, facts};
}
static void no_facts(struct payload_units *p) {
    p->n = 0;
}
static void no_fact_id(struct payload_units *p) {
    p->facts[1].id = (struct uid){{0}};
}
static void no_code(struct payload_units *p) {
    p->facts[0].code = "";
}
static void no_level(struct payload_units *p) {
    p->facts[0].level = "";
}
static void long_code(struct payload_units *p) {
    p->facts[0].code = text_of(LIMIT_CODE + 1);
}
static void long_name(struct payload_units *p) {
    p->facts[1].name = text_of(LIMIT_NAME + 1);
}
static void bad_utf8(struct payload_units *p) {
    p->facts[1].name = "K\xe1\xba sách";
}
static void overlong_utf8(struct payload_units *p) {
    p->facts[1].name = "\xc0\xaf";
}
static void surrogate(struct payload_units *p) {
    p->facts[1].name = "\xed\xa0\x80";
}
static void beyond_unicode(struct payload_units *p) {
    p->facts[1].name = "\xf4\x90\x80\x80";
}
static void c1_control(struct payload_units *p) {
    p->facts[1].name = "\xc2\x9b";
}
static void far_day(struct payload_units *p) {
    p->facts[1].effective = 2932897;
}
static void early_day(struct payload_units *p) {
    p->facts[1].from = -719163;
}

static void long_basis(struct payload_units *p) {
    p->facts[1].basis = text_of(LIMIT_NAME + 1);
}
static void many_successors(struct payload_units *p) {
    static struct unit_successor many[LIMIT_SUCCESSORS + 1];
    for (size_t i = 0; i < sizeof many / sizeof *many; i++)
        many[i].unit = unit_a;
    p->facts[0].successors = many;
    p->facts[0].n_successors = LIMIT_SUCCESSORS + 1;
}
static void nameless_successor(struct payload_units *p) {
    static struct unit_successor nobody;
    p->facts[0].successors = &nobody;
    p->facts[0].n_successors = 1;
}

static void what_became_of_a_unit_goes_with_the_fact(void **state) {
    (void)state;
    struct unit_successor to[] = {{unit_a, false}, {{{0xc3}}, true}};
    struct payload_units in = good_units(), back;
    in.facts[1].basis = "12/NQ-HĐND";
    in.facts[1].successors = to;
    in.facts[1].n_successors = 2;
    assert_int_equal(payload_units_encode(&in, &out, NULL), 0);
    assert_int_equal(payload_units_decode(buf_slice(&out), &arena, &back, NULL), 0);
    assert_string_equal(back.facts[0].basis, "");
    assert_int_equal(back.facts[0].n_successors, 0);
    assert_string_equal(back.facts[1].basis, "12/NQ-HĐND");
    assert_int_equal(back.facts[1].n_successors, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_true(uid_equal(&back.facts[1].successors[i].unit, &to[i].unit));
        assert_int_equal(back.facts[1].successors[i].partial, to[i].partial);
    }
}

static void unit_facts_are_decoded_or_refused(void **state) {
    (void)state;
    static const struct {
        const char *name;
        void (*spoil)(struct payload_units *);
    } cases[] = {{"good", NULL},
                 {"none", no_facts},
                 {"no id", no_fact_id},
                 {"no code", no_code},
                 {"no level", no_level},
                 {"a basis too long", long_basis},
                 {"successors too many", many_successors},
                 {"a successor without a name", nameless_successor},
                 {"a code too long", long_code},
                 {"a name too long", long_name},
                 {"cut UTF-8", bad_utf8},
                 {"overlong UTF-8", overlong_utf8},
                 {"a surrogate", surrogate},
                 {"beyond Unicode", beyond_unicode},
                 {"a C1 control", c1_control},
                 {"after 9999", far_day},
                 {"before 1", early_day}};
    CHECK(units, good_units, cases)
    struct payload_units in = good_units(), ret;
    buf_clear(&out);
    assert_int_equal(payload_units_encode(&in, &out, NULL), 0);
    assert_int_equal(payload_units_decode(buf_slice(&out), &arena, &ret, NULL), 0);
    assert_int_equal(ret.facts[0].effective, DAY_NONE);
    assert_true(uid_is_zero(&ret.facts[0].parent));
    assert_int_equal(ret.facts[1].effective, 19000);
    assert_int_equal(ret.facts[1].from, -400);
    assert_int_equal(ret.facts[1].until, 0);
    assert_string_equal(ret.facts[1].name, "Thị trấn Kế Sách");
    in.n = LIMIT_UNITS_PER_RECORD + 1;
    assert_int_equal(payload_units_encode(&in, &out, NULL), ERR_REFUSED);
}

static void a_text_that_holds_a_zero_byte_is_refused(void **state) {
    (void)state;
    struct payload_units in = good_units(), ret;
    assert_int_equal(payload_units_encode(&in, &out, NULL), 0);
    for (size_t i = 0; i + 3 < out.len; i++)
        if (memcmp(out.data + i, "314", 3) == 0)
            out.data[i + 1] = 0;
    assert_int_equal(payload_units_decode(buf_slice(&out), &arena, &ret, NULL), ERR_CORRUPT);
}

static struct subjects good_subjects(void) {
    static struct subject list[3];
    list[0] = (struct subject){.id = unit_a,
                               .code = "31498",
                               .kind = SUBJECT_COLLECTIVE,
                               .class_id = "",
                               .from = DAY_NONE,
                               .until = DAY_NONE};
    list[1] = (struct subject){.id = {{7}},
                               .person = {{8}},
                               .code = "CB01",
                               .kind = SUBJECT_INDIVIDUAL,
                               .class_id = "cong_chuc",
                               .leader = true,
                               .uniformed = true,
                               .from = 19358,
                               .until = 20000};
    list[2] = (struct subject){.id = {{9}},
                               .code = "AP1",
                               .kind = SUBJECT_COLLECTIVE,
                               .class_id = "ap",
                               .from = -1,
                               .until = DAY_NONE};
    return (struct subjects){unit_a, 3, list};
}
static void same_code(struct subjects *p) {
    p->list[2].code = "CB01";
}
static void same_id(struct subjects *p) {
    p->list[2].id = p->list[1].id;
}
static void first_is_not_the_unit(struct subjects *p) {
    p->list[0].id = (struct uid){{3}};
}
static void first_is_a_person(struct subjects *p) {
    p->list[0].kind = SUBJECT_INDIVIDUAL;
}
static void subject_kind_zero(struct subjects *p) {
    p->list[1].kind = 0;
}
static void subject_kind_three(struct subjects *p) {
    p->list[1].kind = 3;
}
static void subject_without_code(struct subjects *p) {
    p->list[1].code = "";
}
static void subject_without_id(struct subjects *p) {
    p->list[1].id = (struct uid){{0}};
}
static void long_class(struct subjects *p) {
    p->list[1].class_id = text_of(LIMIT_CODE + 1);
}
static void list_without_unit(struct subjects *p) {
    p->unit = (struct uid){{0}};
}
static void empty_list(struct subjects *p) {
    p->n = 0;
}

static void subject_lists_are_decoded_or_refused(void **state) {
    (void)state;
    static const struct {
        const char *name;
        void (*spoil)(struct subjects *);
    } cases[] = {{"good", NULL},
                 {"a code twice", same_code},
                 {"an id twice", same_id},
                 {"the first is not the unit", first_is_not_the_unit},
                 {"the first is a person", first_is_a_person},
                 {"kind 0", subject_kind_zero},
                 {"kind 3", subject_kind_three},
                 {"no code", subject_without_code},
                 {"no id", subject_without_id},
                 {"a class too long", long_class},
                 {"no unit", list_without_unit},
                 {"empty", empty_list}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct subjects in = good_subjects(), ret;
        if (cases[i].spoil)
            cases[i].spoil(&in);
        buf_clear(&out);
        assert_int_equal(payload_subjects_encode(&in, &out, NULL), 0);
        if (payload_subjects_decode(buf_slice(&out), &arena, &ret, NULL) !=
            (cases[i].spoil ? ERR_CORRUPT : 0))
            fail_msg("%s", cases[i].name);
    }
    struct subjects in = good_subjects(), ret;
    buf_clear(&out);
    assert_int_equal(payload_subjects_encode(&in, &out, NULL), 0);
    assert_int_equal(payload_subjects_decode(buf_slice(&out), &arena, &ret, NULL), 0);
    assert_true(ret.list[1].leader && ret.list[1].uniformed && !ret.list[0].leader);
    assert_true(uid_equal(&ret.list[1].person, &in.list[1].person));
    assert_int_equal(ret.list[1].until, 20000);
    assert_int_equal(ret.list[2].from, -1);
    in.n = LIMIT_SUBJECTS + 1;
    assert_int_equal(payload_subjects_encode(&in, &out, NULL), ERR_REFUSED);
}

static void a_name_stands_behind_its_32_random_bytes(void **state) {
    (void)state;
    struct payload_name in = {.salt = {5},
                              .subject = unit_b,
                              .name = "Nguyễn Thị Bích",
                              .position = "Chủ tịch",
                              .title = ""};
    struct payload_name ret;
    assert_int_equal(payload_name_encode(&in, &out, NULL), 0);
    assert_memory_equal(out.data, in.salt, ERASABLE_SALT_BYTES);
    assert_int_equal(payload_name_decode(buf_slice(&out), &arena, &ret, NULL), 0);
    assert_string_equal(ret.name, in.name);
    assert_memory_equal(ret.salt, in.salt, ERASABLE_SALT_BYTES);
    struct slice cut = slice_of(out.data, ERASABLE_SALT_BYTES - 1);
    assert_int_equal(payload_name_decode(cut, &arena, &ret, NULL), ERR_CORRUPT);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(unit_facts_are_decoded_or_refused),
        TEST(what_became_of_a_unit_goes_with_the_fact),
        TEST(a_text_that_holds_a_zero_byte_is_refused),
        TEST(subject_lists_are_decoded_or_refused),
        TEST(a_name_stands_behind_its_32_random_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
