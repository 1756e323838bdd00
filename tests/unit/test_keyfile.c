#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/host.h"
#include "store/keyfile.h"
#include "tests/unit/fixture_disk.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[FIXTURE_PATH], path[FIXTURE_PATH];
static const uint8_t salt[SEAL_SALT_BYTES] = {1}, nonce[SEAL_NONCE_BYTES] = {2};
static struct key_seeds seeds;

static int begin(void **state) {
    (void)state;
    fixture_folder(folder);
    fixture_join_path(path, folder, "actor.key");
    memset(seeds.sign, 0xa1, SEED_BYTES);
    memset(seeds.transport, 0xb2, SEED_BYTES);
    return crypto_start(NULL);
}

static int end(void **state) {
    (void)state;
    fixture_remove(folder);
    return 0;
}

static int write_key(const char *passphrase, struct err *e) {
    return keyfile_write(path, &seeds, passphrase, salt, nonce, e);
}

static int read_key(const char *passphrase) {
    struct key_seeds got;
    memset(&got, 0xee, sizeof got);
    int rc = keyfile_read(path, passphrase, &got, NULL);
    if (rc == 0)
        assert_memory_equal(&got, &seeds, sizeof seeds);
    else
        assert_int_equal(got.sign[0], 0xee); /* nothing of what failed comes out */
    return rc;
}

static void content(struct buf *b) {
    buf_init(b);
    assert_int_equal(host_read_file(path, 4096, b, NULL), 0);
}

static void replace(struct slice s) {
    assert_int_equal(host_write_file(path, s, 0600, HOST_REPLACE, NULL), 0);
}

static void seeds_come_back_and_only_their_owner_can_read_them(void **state) {
    (void)state;
    struct stat st;
    struct err e = {0};
    mode_t before = umask(0);
    FIXTURE_OK(write_key(NULL, &e), &e);
    umask(before);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(read_key(NULL), 0);
    assert_int_equal(read_key("not needed"), 0);
}

static void a_file_that_is_not_there_is_told_from_a_damaged_one(void **state) {
    (void)state;
    assert_int_equal(read_key(NULL), ERR_ABSENT);
    replace(slice_of(NULL, 0));
    assert_int_equal(read_key(NULL), ERR_CORRUPT);
    replace(slice_str("this is somebody's shopping list"));
    assert_int_equal(read_key(NULL), ERR_CORRUPT);
}

static void keys_are_never_overwritten(void **state) {
    (void)state;
    struct err e = {0};
    FIXTURE_OK(write_key(NULL, &e), &e);
    struct key_seeds mine = seeds;
    memset(&seeds, 0x55, sizeof seeds);
    assert_int_equal(write_key(NULL, &e), ERR_REFUSED);
    seeds = mine;
    assert_int_equal(read_key(NULL), 0);
}

static void every_flipped_bit_is_noticed(void **state) {
    (void)state;
    struct buf b;
    struct err e = {0};
    FIXTURE_OK(write_key(NULL, &e), &e);
    content(&b);
    for (size_t i = 0; i < b.len * 8; i++) {
        b.data[i / 8] ^= (uint8_t)(1u << i % 8);
        replace(buf_slice(&b));
        assert_int_equal(read_key(NULL), ERR_CORRUPT);
        b.data[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    buf_done(&b);
}

static void every_cut_and_every_byte_more_is_noticed(void **state) {
    (void)state;
    struct buf b;
    struct err e = {0};
    FIXTURE_OK(write_key(NULL, &e), &e);
    content(&b);
    for (size_t n = 0; n < b.len; n++) {
        replace(slice_of(b.data, n));
        assert_int_equal(read_key(NULL), ERR_CORRUPT);
    }
    buf_put_u8(&b, 0);
    replace(buf_slice(&b));
    assert_int_equal(read_key(NULL), ERR_CORRUPT);
    buf_done(&b);
}

static void a_sealed_file_opens_with_its_passphrase_only(void **state) {
    (void)state;
    struct buf b;
    struct err e = {0};
    FIXTURE_OK(write_key("mật khẩu", &e), &e);
    assert_int_equal(read_key("mật khẩu"), 0);
    assert_int_equal(read_key("mật khẩu "), ERR_REFUSED);
    assert_int_equal(read_key(""), ERR_REFUSED);
    assert_int_equal(read_key(NULL), ERR_REFUSED);
    content(&b);
    assert_null(memmem(b.data, b.len, seeds.sign, 8));
    assert_null(memmem(b.data, b.len, seeds.transport, 8));
    for (size_t i = 0; i < b.len; i += 13) {
        b.data[i] ^= 0x40;
        replace(buf_slice(&b));
        assert_int_equal(read_key("mật khẩu"), ERR_CORRUPT);
        b.data[i] ^= 0x40;
    }
    buf_done(&b);
}

static void a_disk_that_takes_only_a_part_leaves_no_file(void **state) {
    (void)state;
    struct rlimit before, small;
    struct err e = {0};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    small = before;
    small.rlim_cur = 40;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int rc = write_key(NULL, &e);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, handler);
    assert_int_equal(rc, ERR_IO);
    assert_int_equal(access(path, F_OK), -1);
    err_clear(&e);
    FIXTURE_OK(write_key(NULL, &e), &e);
    assert_int_equal(read_key(NULL), 0);
}

static void a_folder_that_is_not_there_is_an_error_that_names_it(void **state) {
    (void)state;
    char text[512];
    struct err e = {0};
    fixture_join_path(path, folder, "none");
    fixture_join_path(path, path, "actor.key");
    assert_int_equal(write_key(NULL, &e), ERR_IO);
    assert_non_null(strstr(err_text(&e, NULL, text, sizeof text), path));
}

static long locked_kib(void) {
    char line[256];
    long kib = -1;
    FILE *f = fopen("/proc/self/status", "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f))
        if (strncmp(line, "VmLck:", 6) == 0)
            kib = strtol(line + 6, NULL, 10);
    (void)fclose(f);
    return kib;
}

static void a_key_that_is_in_use_lies_in_locked_memory(void **state) {
    (void)state;
    const uint8_t seed[SEED_BYTES] = {7};
    struct key_pair *key;
    struct err e = {0};
    static char page[4096];
    long before = locked_kib();
    assert_int_equal(mlock(page, sizeof page), 0);
    if (locked_kib() == before)
        skip(); /* a sanitizer locks nothing */
    assert_int_equal(munlock(page, sizeof page), 0);
    before = locked_kib();
    FIXTURE_OK(key_pair_sign_new(seed, &key, &e), &e);
    assert_true(before >= 0 && locked_kib() > before);
    key_pair_free(key);
    assert_int_equal(locked_kib(), before);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

#define NFC "m\u1eadt kh\u1ea9u"
#define NFD "ma\u0323\u0302t kha\u0302\u0309u"

/* A key file that is sealed with the very bytes of `passphrase`. */
static void seal_raw(const char *passphrase) {
    enum { HEAD = 8 + SEAL_SALT_BYTES + SEAL_NONCE_BYTES, BODY = 2 * SEED_BYTES };
    uint8_t file[HEAD + BODY + SEAL_EXTRA_BYTES + 16] = {'T', 'D', 'K', 'F', 1, 1};
    struct hash h;
    memcpy(file + 8, salt, sizeof salt);
    memcpy(file + 8 + sizeof salt, nonce, sizeof nonce);
    assert_int_equal(
        crypto_seal(slice_of(&seeds, BODY), passphrase, salt, nonce, file + HEAD, NULL), 0);
    crypto_hash_tagged("thidua keyfile 1", slice_of(file, sizeof file - 16), &h);
    memcpy(file + sizeof file - 16, h.b, 16);
    replace(slice_of(file, sizeof file));
}

/* The same words are other bytes, as machines and editors write them. */
static void a_passphrase_is_its_text_and_not_its_bytes(void **state) {
    (void)state;
    static const char *const sealed[] = {NFC, NFD, "\xef\xbb\xbf" NFC, "\xef\xbb\xbf" NFD};
    struct err e = {0};
    for (size_t i = 0; i < sizeof sealed / sizeof *sealed; i++) {
        FIXTURE_OK(write_key(sealed[i], &e), &e);
        for (size_t k = 0; k < sizeof sealed / sizeof *sealed; k++)
            assert_int_equal(read_key(sealed[k]), 0);
        assert_int_equal(read_key("mat khau"), ERR_REFUSED);
        assert_int_equal(read_key("MẬT KHẨU"), ERR_REFUSED);
        assert_int_equal(unlink(path), 0);
    }
    FIXTURE_OK(write_key("\xff nothing of Unicode", &e), &e);
    assert_int_equal(read_key("\xff nothing of Unicode"), 0);
    assert_int_equal(read_key("\xfe nothing of Unicode"), ERR_REFUSED);
}

static void a_file_that_was_sealed_with_raw_bytes_still_opens_with_them(void **state) {
    (void)state;
    seal_raw(NFD);
    assert_int_equal(read_key(NFD), 0);
    assert_int_equal(read_key(NFC), ERR_REFUSED);
    seal_raw("\xef\xbb\xbf" NFC);
    assert_int_equal(read_key("\xef\xbb\xbf" NFC), 0);
    seal_raw(NFC);
    assert_int_equal(read_key(NFD), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(seeds_come_back_and_only_their_owner_can_read_them),
        TEST(a_file_that_is_not_there_is_told_from_a_damaged_one),
        TEST(keys_are_never_overwritten),
        TEST(every_flipped_bit_is_noticed),
        TEST(every_cut_and_every_byte_more_is_noticed),
        TEST(a_sealed_file_opens_with_its_passphrase_only),
        TEST(a_passphrase_is_its_text_and_not_its_bytes),
        TEST(a_file_that_was_sealed_with_raw_bytes_still_opens_with_them),
        TEST(a_disk_that_takes_only_a_part_leaves_no_file),
        TEST(a_folder_that_is_not_there_is_an_error_that_names_it),
        TEST(a_key_that_is_in_use_lies_in_locked_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
