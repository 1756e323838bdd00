/*
 * bench_limits: what the machine and the bare libraries can do, measured beside us: nothing of ours
 * can be faster.
 *
 *     bench_limits FOLDER RECORD_BYTES
 *
 * FOLDER lies on the disk that is measured; RECORD_BYTES is the size of a report's record. Prints
 * one JSON object; times are in microseconds of wall clock unless named `_cpu`.
 */
#include "tests/bench/bench.h"

#include <fcntl.h>
#include <lmdb.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#define SIGNED_BYTES (14 + 180) /* the tag with its NUL, and a record's header */
#define ROUNDS 9
#define BATCH 256
#define TABLES 5
#define ID_BYTES 32

static int by_value(const void *pa, const void *pb) {
    double a = *(const double *)pa, b = *(const double *)pb;
    return (a > b) - (a < b);
}

static double median(double *list, size_t n) {
    qsort(list, n, sizeof *list, by_value);
    return list[n / 2];
}

static void check(int rc, const char *what) {
    if (rc != 0)
        bench_fail(what, NULL);
}

static void measure_signatures(double *ret_sign, double *ret_verify) {
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES], secret_key[crypto_sign_SECRETKEYBYTES];
    uint8_t seed[crypto_sign_SEEDBYTES] = {1}, message[SIGNED_BYTES], signature[crypto_sign_BYTES];
    double sign[ROUNDS], verify[ROUNDS];
    crypto_sign_seed_keypair(public_key, secret_key, seed);
    memset(message, 7, sizeof message);
    for (int i = 0; i < ROUNDS; i++) {
        int64_t at = bench_ns(CLOCK_PROCESS_CPUTIME_ID);
        for (int k = 0; k < 1000; k++) {
            message[(size_t)k % SIGNED_BYTES]++;
            crypto_sign_detached(signature, NULL, message, sizeof message, secret_key);
        }
        int64_t mid = bench_ns(CLOCK_PROCESS_CPUTIME_ID);
        for (int k = 0; k < 1000; k++)
            check(crypto_sign_verify_detached(signature, message, sizeof message, public_key),
                  "verifying");
        sign[i] = (double)(mid - at) / 1e6;
        verify[i] = (double)(bench_ns(CLOCK_PROCESS_CPUTIME_ID) - mid) / 1e6;
    }
    *ret_sign = median(sign, ROUNDS);
    *ret_verify = median(verify, ROUNDS);
}

static double measure_fdatasync(const char *folder, size_t bytes) {
    char path[512];
    double us[100];
    uint8_t *block = calloc(1, bytes);
    (void)snprintf(path, sizeof path, "%s/fdatasync", folder);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || !block)
        bench_fail(path, NULL);
    for (size_t i = 0; i < 100; i++) {
        int64_t at = bench_now_ns();
        if (pwrite(fd, block, bytes, (off_t)(i * bytes)) != (ssize_t)bytes || fdatasync(fd) != 0)
            bench_fail(path, NULL);
        us[i] = (double)(bench_now_ns() - at) / 1e3;
    }
    (void)close(fd);
    (void)unlink(path);
    free(block);
    return median(us, 100);
}

struct batch_cost {
    double wall_us, cpu_us; /* of one report in a batch */
};

/* One durable batch: a record, and four rows that lead to it, each. */
static void put_batch(MDB_env *env, const MDB_dbi tables[TABLES],
                      const uint8_t ids[BATCH * ID_BYTES], const uint8_t *record, size_t bytes) {
    MDB_txn *t;
    check(mdb_txn_begin(env, NULL, 0, &t), "lmdb");
    for (int i = 0; i < BATCH; i++) {
        uint8_t id[ID_BYTES];
        memcpy(id, ids + i * ID_BYTES, sizeof id);
        MDB_val k = {sizeof id, id}, v = {bytes, (void *)(uintptr_t)record};
        check(mdb_put(t, tables[0], &k, &v, 0), "lmdb");
        v = (MDB_val){sizeof id, id};
        for (int j = 1; j < TABLES; j++) {
            uint8_t key[ID_BYTES + 8];
            memcpy(key, id, ID_BYTES);
            memset(key + ID_BYTES, j, 8);
            k = (MDB_val){sizeof key, key};
            check(mdb_put(t, tables[j], &k, &v, 0), "lmdb");
        }
    }
    check(mdb_txn_commit(t), "lmdb");
}

static struct batch_cost measure_lmdb(const char *folder, size_t bytes) {
    static const char *const names[TABLES] = {"a", "b", "c", "d", "e"};
    char path[512], file[540];
    MDB_env *env;
    MDB_txn *t;
    MDB_dbi tables[TABLES];
    double wall[ROUNDS * 8], cpu[ROUNDS * 8];
    uint8_t *record = calloc(1, bytes);
    (void)snprintf(path, sizeof path, "%s/lmdb", folder);
    if (mkdir(path, 0700) != 0 || !record)
        bench_fail(path, NULL);
    check(mdb_env_create(&env), "lmdb");
    check(mdb_env_set_maxdbs(env, TABLES), "lmdb");
    check(mdb_env_set_mapsize(env, (size_t)1 << 28), "lmdb");
    check(mdb_env_open(env, path, MDB_NOTLS, 0600), "lmdb");
    check(mdb_txn_begin(env, NULL, 0, &t), "lmdb");
    for (int j = 0; j < TABLES; j++)
        check(mdb_dbi_open(t, names[j], MDB_CREATE, &tables[j]), "lmdb");
    check(mdb_txn_commit(t), "lmdb");
    for (int i = 0; i < ROUNDS * 8; i++) {
        uint8_t ids[BATCH * ID_BYTES];
        randombytes_buf(ids, sizeof ids);
        int64_t at = bench_now_ns(), used = bench_ns(CLOCK_PROCESS_CPUTIME_ID);
        put_batch(env, tables, ids, record, bytes);
        wall[i] = (double)(bench_now_ns() - at) / 1e3 / BATCH;
        cpu[i] = (double)(bench_ns(CLOCK_PROCESS_CPUTIME_ID) - used) / 1e3 / BATCH;
    }
    mdb_env_close(env);
    (void)snprintf(file, sizeof file, "%s/data.mdb", path);
    (void)unlink(file);
    (void)snprintf(file, sizeof file, "%s/lock.mdb", path);
    (void)unlink(file);
    (void)rmdir(path);
    free(record);
    return (struct batch_cost){median(wall, ROUNDS * 8), median(cpu, ROUNDS * 8)};
}

/* One message of `bytes` over loopback, as part of a stream of them, without encryption. */
static double measure_zmq(size_t bytes) {
    double us[ROUNDS];
    char address[256];
    size_t len = sizeof address;
    uint8_t *message = calloc(1, bytes);
    void *context = zmq_ctx_new(), *in = zmq_socket(context, ZMQ_PULL),
         *out = zmq_socket(context, ZMQ_PUSH);
    check(zmq_bind(in, "tcp://127.0.0.1:*"), "zmq");
    check(zmq_getsockopt(in, ZMQ_LAST_ENDPOINT, address, &len), "zmq");
    check(zmq_connect(out, address), "zmq");
    for (int i = 0; i < ROUNDS; i++) {
        int64_t at = bench_now_ns();
        for (int k = 0; k < 2000; k += 500) {
            for (int j = 0; j < 500; j++)
                if (zmq_send(out, message, bytes, 0) < 0)
                    bench_fail("zmq", NULL);
            for (int j = 0; j < 500; j++)
                if (zmq_recv(in, message, bytes, 0) < 0)
                    bench_fail("zmq", NULL);
        }
        us[i] = (double)(bench_now_ns() - at) / 1e3 / 2000;
    }
    zmq_close(in);
    zmq_close(out);
    zmq_ctx_term(context);
    free(message);
    return median(us, ROUNDS);
}

int main(int argc, char **argv) {
    double sign, verify;
    if (argc != 3) {
        fprintf(stderr, "usage: bench_limits FOLDER RECORD_BYTES\n");
        return 2;
    }
    size_t bytes = bench_number(argv[2]);
    if (sodium_init() < 0 || bytes == 0)
        bench_fail("sodium", NULL);
    measure_signatures(&sign, &verify);
    struct batch_cost lmdb = measure_lmdb(argv[1], bytes);
    printf("{\"sign_cpu\":%.3f,\"verify_cpu\":%.3f,\"lmdb\":%.3f,\"lmdb_cpu\":%.3f,"
           "\"fdatasync\":%.1f,\"zmq\":%.3f}\n",
           sign, verify, lmdb.wall_us, lmdb.cpu_us, measure_fdatasync(argv[1], bytes),
           measure_zmq(bytes));
    return 0;
}
