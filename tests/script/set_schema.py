#!/usr/bin/python3
"""set_schema.py DIR NUMBER: make the store in DIR claim to be of schema NUMBER.

Writes the key `schema` of the table `meta` as store/FORMAT.md has it, with the system's liblmdb, as a
later version of the program would have.
"""
import ctypes
import sys

lmdb = ctypes.CDLL("liblmdb.so.0")


class Val(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("data", ctypes.c_char_p)]


def call(name, *args):
    status = getattr(lmdb, name)(*args)
    assert status == 0, (name, status)


def val(data):
    return ctypes.byref(Val(len(data), data))


folder, number = sys.argv[1], int(sys.argv[2])
env, txn, meta = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_uint()
call("mdb_env_create", ctypes.byref(env))
call("mdb_env_set_maxdbs", env, 64)
call("mdb_env_open", env, folder.encode(), 0, 0o600)
call("mdb_txn_begin", env, None, 0, ctypes.byref(txn))
call("mdb_dbi_open", txn, b"meta", 0, ctypes.byref(meta))
call("mdb_put", txn, meta, val(b"schema"), val(number.to_bytes(4, "big")), 0)
call("mdb_txn_commit", txn)
lmdb.mdb_env_close(env)
