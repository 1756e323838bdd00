#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/limits.h"
#include "proto/bundle.h"
#include "tests/unit/fixture_records.h"

#include <stdio.h>
#include <string.h>

/* A bundle of three records by the root hub. */
static void make(struct fixture *f, struct buf *file) {
    fixture_init(f, 3);
    *file = (struct buf){0};
    fixture_bundle(f, FIXTURE_ROOT_HUB, fixture_at("2023-12-20"), file);
}

/* Walk over all of `file`: 0, or what stopped it, with its words in `ret_what`. */
static int walk(struct slice file, struct bundle_reader *ret_reader, struct arena *a,
                struct bundle_end *ret_end, char ret_what[1024]) {
    struct err e = {0};
    struct slice bytes;
    int rc = bundle_reader_init(file, ret_reader, &e);
    if (rc == 0) {
        while ((rc = bundle_reader_next(ret_reader, &bytes, &e)) == 0)
            ;
        if (rc == ERR_ABSENT)
            rc = bundle_reader_end(ret_reader, a, ret_end, &e);
    }
    err_text(&e, NULL, ret_what, 1024);
    return rc;
}

static int check(struct slice file, char ret_what[1024]) {
    struct bundle_reader r;
    struct bundle_end end;
    struct arena a;
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    int rc = walk(file, &r, &a, &end, ret_what);
    arena_done(&a);
    return rc;
}

static void test_what_was_written_is_read(void **state) {
    (void)state;
    struct fixture f;
    struct buf file;
    struct bundle_reader r;
    struct bundle_end end;
    struct arena a;
    struct slice bytes;
    make(&f, &file);
    assert_int_equal(bundle_reader_init(buf_slice(&file), &r, NULL), 0);
    assert_memory_equal(&r.deployment, &f.deployment, HASH_BYTES);
    for (uint32_t i = 0; i < f.n_records; i++) {
        assert_int_equal(bundle_reader_next(&r, &bytes, NULL), 0);
        assert_true(slice_equal(bytes, buf_slice(&f.records[i].bytes)));
        assert_ptr_equal(bytes.data, file.data + r.entry_at + 4);
    }
    assert_int_equal(bundle_reader_next(&r, &bytes, NULL), ERR_ABSENT);
    arena_init(&a, PAYLOAD_ARENA_BYTES);
    assert_int_equal(bundle_reader_end(&r, &a, &end, NULL), 0);
    assert_int_equal(end.trailer.records, f.n_records);
    assert_int_equal(end.trailer.exported_at, fixture_at("2023-12-20"));
    assert_int_equal(end.trailer.n_contacts, 1);
    assert_int_equal(end.trailer.contacts[0].heard_at, fixture_at("2023-12-20") - 1000);
    assert_true(end.trailer.contacts[0].drained_to == INSTANT_NONE);
    assert_true(bundle_end_verify(&end, key_pair_public(f.actors[FIXTURE_ROOT_HUB].sign)));
    assert_false(bundle_end_verify(&end, key_pair_public(f.actors[FIXTURE_ROOT_KEY].sign)));
    arena_done(&a);
    buf_done(&file);
    fixture_done(&f);
}

static void test_a_file_cut_at_any_byte_is_refused(void **state) {
    (void)state;
    struct fixture f;
    struct buf file;
    char what[1024];
    make(&f, &file);
    assert_int_equal(check(buf_slice(&file), what), 0);
    for (size_t n = 0; n < file.len; n++) {
        assert_int_equal(check(slice_of(file.data, n), what), ERR_CORRUPT);
        assert_non_null(strstr(what, " cut "));
    }
    buf_done(&file);
    fixture_done(&f);
}

/* Only the signature itself is left to whoever has the key. */
static void test_any_bit_before_the_signature_is_missed_when_it_changes(void **state) {
    (void)state;
    struct fixture f;
    struct buf file;
    char what[1024];
    make(&f, &file);
    size_t content = BUNDLE_HEADER_BYTES;
    for (uint32_t i = 0; i < f.n_records; i++)
        content += 4 + f.records[i].bytes.len;
    for (size_t bit = 0; bit < 8 * (content + 8); bit++) {
        struct bundle_reader r;
        struct bundle_end end;
        struct arena a;
        arena_init(&a, PAYLOAD_ARENA_BYTES);
        file.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        if (walk(buf_slice(&file), &r, &a, &end, what) == 0)
            fail_msg("bit %zu", bit);
        assert_true(strncmp(what, "header: ", 8) == 0 || strncmp(what, "entries: ", 9) == 0 ||
                    strncmp(what, "trailer: ", 9) == 0);
        file.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        arena_done(&a);
    }
    for (size_t i = content + 8; i < file.len; i++) {
        struct bundle_reader r;
        struct bundle_end end;
        struct arena a;
        arena_init(&a, PAYLOAD_ARENA_BYTES);
        file.data[i] ^= 4;
        bool ok = walk(buf_slice(&file), &r, &a, &end, what) == 0 &&
                  bundle_end_verify(&end, key_pair_public(f.actors[FIXTURE_ROOT_HUB].sign));
        assert_false(ok);
        file.data[i] ^= 4;
        arena_done(&a);
    }
    buf_done(&file);
    fixture_done(&f);
}

/* The bundle without the bytes [from, from + n). */
static void cut_out(struct buf *file, size_t from, size_t n) {
    memmove(file->data + from, file->data + from + n, file->len - from - n);
    file->len -= n;
}

static void test_the_reader_says_what_is_off(void **state) {
    (void)state;
    struct fixture f;
    struct buf file;
    char what[1024];
    make(&f, &file);
    char want[128];
    snprintf(want, sizeof want, "trailer: 3 bytes follow it, from byte %zu on", file.len);
    buf_put_str(&file, "abc");
    assert_int_equal(check(buf_slice(&file), what), ERR_CORRUPT);
    assert_string_equal(what, want);
    file.len -= 3;
    file.data[9] = 2;
    assert_int_equal(check(buf_slice(&file), what), ERR_CORRUPT);
    assert_string_equal(what, "header: the bundle has version 2, this program reads version 1; "
                              "use a newer program");
    file.data[9] = 1;
    file.data[BUNDLE_HEADER_BYTES + 20] ^= 1;
    assert_int_equal(check(buf_slice(&file), what), ERR_CORRUPT);
    assert_string_equal(what, "trailer: its hash is not that of the file; something before it was "
                              "changed");
    file.data[BUNDLE_HEADER_BYTES + 20] ^= 1;
    file.data[BUNDLE_HEADER_BYTES] = 0xff;
    assert_int_equal(check(buf_slice(&file), what), ERR_CORRUPT);
    assert_string_equal(what, "entries: at byte 44, after 0 records, a record claims 4278190410 "
                              "bytes; the rest of the file cannot be read");
    file.data[BUNDLE_HEADER_BYTES] = 0;
    cut_out(&file, BUNDLE_HEADER_BYTES, 4 + f.records[0].bytes.len);
    assert_int_equal(check(buf_slice(&file), what), ERR_CORRUPT);
    assert_string_equal(what, "trailer: it counts 3 records, the file has 2");
    buf_done(&file);
    fixture_done(&f);
}

static void test_a_writer_refuses_no_record_and_one_that_is_too_long(void **state) {
    (void)state;
    struct hash deployment = {{1}};
    struct bundle_writer *w;
    struct buf out = {0}, big = {0};
    assert_int_equal(bundle_writer_new(&deployment, bundle_sink_buf(&out), &w, NULL), 0);
    buf_extend(&big, LIMIT_RECORD + 1);
    memset(big.data, 0, big.len);
    assert_int_equal(bundle_writer_add(w, slice_of(NULL, 0), NULL), ERR_REFUSED);
    assert_int_equal(bundle_writer_add(w, buf_slice(&big), NULL), ERR_REFUSED);
    assert_int_equal(out.len, BUNDLE_HEADER_BYTES);
    bundle_writer_free(w);
    buf_done(&big);
    buf_done(&out);
}

static int full(void *arg, struct slice bytes, struct err *e) {
    size_t *room = arg;
    if (bytes.len > *room)
        return err_set(e, ERR_IO, "the disk is full");
    *room -= bytes.len;
    return 0;
}

static void test_a_sink_that_fails_ends_the_writing(void **state) {
    (void)state;
    struct fixture f;
    struct buf file;
    make(&f, &file);
    for (size_t room = 0; room < file.len; room++) {
        size_t left = room;
        struct bundle_writer *w = NULL;
        struct bundle_trailer t = {.exported_at = 1, .actor = f.actors[1].id, .epoch = 1};
        int rc = bundle_writer_new(&f.deployment, (struct bundle_sink){&left, full}, &w, NULL);
        for (uint32_t i = 0; rc == 0 && i < f.n_records; i++)
            rc = bundle_writer_add(w, buf_slice(&f.records[i].bytes), NULL);
        if (rc == 0)
            rc = bundle_writer_end(w, t, f.actors[1].sign, NULL);
        /* Without contacts the trailer is a little shorter than in `file`. */
        if (room < file.len - 96)
            assert_int_equal(rc, ERR_IO);
        bundle_writer_free(w);
    }
    buf_done(&file);
    fixture_done(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_written_is_read),
        cmocka_unit_test(test_a_file_cut_at_any_byte_is_refused),
        cmocka_unit_test(test_any_bit_before_the_signature_is_missed_when_it_changes),
        cmocka_unit_test(test_the_reader_says_what_is_off),
        cmocka_unit_test(test_a_writer_refuses_no_record_and_one_that_is_too_long),
        cmocka_unit_test(test_a_sink_that_fails_ends_the_writing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
