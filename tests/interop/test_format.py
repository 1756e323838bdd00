#!/usr/bin/python3
"""The checks of rows and their sums (store/FORMAT.md section 3), worked out anew from the text alone."""
import ctypes
import os
import re
import subprocess
import tempfile

import tap

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
BIN = os.environ.get("THIDUA_BIN", os.path.join(ROOT, "build", "release", "bin"))
FORMAT = open(os.path.join(ROOT, "store", "FORMAT.md")).read()
TABLES = re.findall(r"^\| `(\w+)` \| ", FORMAT[FORMAT.index("| table | what |"):FORMAT.index("### `meta`")], re.M)
CHECKED = re.findall(r"`(\w+)`", re.search(r"^The rows of (.*?) are held against", FORMAT, re.M | re.S).group(1))
TAKEN = {"pending": 9, "forks": 0}  # bytes of a value that a check is of, where not all
MASK = (1 << 64) - 1

lmdb = ctypes.CDLL("liblmdb.so.0")


class Val(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("data", ctypes.c_void_p)]


def call(name, *args):
    status = getattr(lmdb, name)(*args)
    assert status == 0, (name, status)


def siphash(key, data):
    """SipHash-2-4 of `data` under the 16 bytes of `key`."""
    k0, k1 = (int.from_bytes(key[i:i + 8], "little") for i in (0, 8))
    v = [k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573]

    def rotated(x, n):
        return (x << n | x >> (64 - n)) & MASK

    def mix(times):
        for _ in range(times):
            v[0] = (v[0] + v[1]) & MASK
            v[2] = (v[2] + v[3]) & MASK
            v[1] = rotated(v[1], 13) ^ v[0]
            v[3] = rotated(v[3], 16) ^ v[2]
            v[0] = rotated(v[0], 32)
            v[2] = (v[2] + v[1]) & MASK
            v[0] = (v[0] + v[3]) & MASK
            v[1] = rotated(v[1], 17) ^ v[2]
            v[3] = rotated(v[3], 21) ^ v[0]
            v[2] = rotated(v[2], 32)

    padded = data + bytes(-(len(data) + 1) % 8) + bytes([len(data) & 255])
    for i in range(0, len(padded), 8):
        word = int.from_bytes(padded[i:i + 8], "little")
        v[3] ^= word
        mix(2)
        v[0] ^= word
    v[2] ^= 255
    mix(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def check_of(table, key, value):
    number = TABLES.index(table).to_bytes(8, "little") + bytes(8)
    k = siphash(number, key).to_bytes(8, "little") + bytes(8)
    return siphash(k, value[:TAKEN.get(table, len(value))])


def rows_of(txn, name):
    """Every (key, value) of the table `name`; None: LMDB's own, of names."""
    dbi, cursor = ctypes.c_uint(), ctypes.c_void_p()
    call("mdb_dbi_open", txn, name and name.encode(), 0, ctypes.byref(dbi))
    call("mdb_cursor_open", txn, dbi, ctypes.byref(cursor))
    k, v, rows = Val(), Val(), []
    while lmdb.mdb_cursor_get(cursor, ctypes.byref(k), ctypes.byref(v), 8) == 0:  # MDB_NEXT
        rows.append((ctypes.string_at(k.data, k.size), ctypes.string_at(v.data, v.size)))
    lmdb.mdb_cursor_close(cursor)
    return rows


def read(folder):
    """The rows of all tables of the store in `folder`, what `sums` says, and LMDB's last transaction."""
    env, txn = ctypes.c_void_p(), ctypes.c_void_p()
    call("mdb_env_create", ctypes.byref(env))
    call("mdb_env_set_maxdbs", env, 64)
    call("mdb_env_open", env, folder.encode(), 0x20000, 0o600)  # MDB_RDONLY
    call("mdb_txn_begin", env, None, 0x20000, ctypes.byref(txn))
    lmdb.mdb_txn_id.restype = ctypes.c_size_t
    tables = {name: rows_of(txn, name) for name in TABLES}
    sums = dict(rows_of(txn, None))[b"sums"]
    number = lmdb.mdb_txn_id(txn)
    lmdb.mdb_txn_abort(txn)
    lmdb.mdb_env_close(env)
    return tables, sums, number


def agree(folder):
    """Hold every checked row and sum of a store against the text; how many rows there were."""
    tables, sums, number = read(folder)
    assert len(sums) == 8 * (1 + len(CHECKED)), len(sums)
    assert int.from_bytes(sums[:8], "big") == number, (sums[:8], number)
    n = 0
    for place, name in enumerate(CHECKED, 1):
        total = 0
        for key, stored in tables[name]:
            check = check_of(name, key, stored[:-8])
            assert check.to_bytes(8, "big") == stored[-8:], (name, key)
            total += check
            n += 1
        assert int.from_bytes(sums[8 * place:8 * place + 8], "big") == total & MASK, name
    return n


def hub(folder, *words):
    done = subprocess.run([os.path.join(BIN, "thidua-hub"), "--lang", "en", "-d", "hub", *words], cwd=folder,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout


def siphash_is_that_of_its_paper():
    assert siphash(bytes(range(16)), bytes(range(15))) == 0xa129ca6149be45e5


def the_text_says_what_is_written():
    with tempfile.TemporaryDirectory() as folder:
        hub(folder, "init", "--unit", "94", "--name", "Tỉnh Sóc Trăng")
        first = agree(os.path.join(folder, "hub"))
        with open(os.path.join(folder, "units.csv"), "w") as f:
            f.write("code,parent,level,kind,name\n31000,94,commune,state,Xã\n31001,94,commune,state,Xã\n")
        hub(folder, "unit", "import", "units.csv")
        for code in ("31000", "31001"):
            hub(folder, "enrol", code, "--address", "tcp://127.0.0.1:7411")
        assert agree(os.path.join(folder, "hub")) >= first + 2


def a_backup_is_written_so_too():
    with tempfile.TemporaryDirectory() as folder:
        hub(folder, "init", "--unit", "94", "--name", "Tỉnh Sóc Trăng")
        os.mkdir(os.path.join(folder, "copy"))
        hub(folder, "backup", "copy/data.mdb")
        agree(os.path.join(folder, "copy"))


if __name__ == "__main__":
    tap.run([siphash_is_that_of_its_paper, the_text_says_what_is_written, a_backup_is_written_so_too])
