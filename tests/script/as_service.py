#!/usr/bin/python3
"""as_service.py UNIT COMMAND...: run COMMAND under the list of system calls of a unit of systemd.

SystemCallFilter= is taken line by line as systemd.exec(5) has it, its groups are those that systemd-analyze
names, and a call that is not on the list gets EPERM, as the units say. Numbers come from the compiler's headers.
"""
import ctypes
import os
import re
import struct
import subprocess
import sys

LOAD, IF_IS, GIVE = 0x20, 0x15, 0x06  # of the kernel's filter language
ALLOW, EPERM = 0x7FFF0000, 0x00050001
SET_NO_NEW_PRIVS, SET_SECCOMP, BY_FILTER = 38, 22, 2


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL).stdout


def groups():
    found, name = {}, None
    for line in output("systemd-analyze", "--no-pager", "syscall-filter").splitlines():
        if line.startswith("@"):
            name = line.strip()
            found[name] = set()
        elif name and re.match(r"    [@\w]", line):
            found[name].add(line.strip())
    return found


def members(name, known):
    return set().union(*(members(n, known) for n in known[name])) if name.startswith("@") else {name}


def allowed(unit):
    known, names = groups(), set()
    with open(unit) as f:
        for line in re.findall(r"^SystemCallFilter=(.*)$", f.read(), re.M):
            said = set().union(*(members(n, known) for n in line.lstrip("~").split()))
            names = names - said if line.startswith("~") else names | said
    return names


def numbers():
    defined = output("gcc", "-E", "-dM", "-include", "sys/syscall.h", "-x", "c", "/dev/null")
    return {name: int(n) for name, n in re.findall(r"^#define __NR_(\w+) (\d+)$", defined, re.M)}


def op(code, value, yes=0, no=0):
    return struct.pack("=HBBI", code, yes, no, value)


def confine(names):
    number = numbers()
    names |= {"execve"}  # by which COMMAND begins; systemd has it in @default as well
    program = op(LOAD, 0)
    for name in sorted(names & number.keys()):
        program += op(IF_IS, number[name], 0, 1) + op(GIVE, ALLOW)
    program += op(GIVE, EPERM)
    code = ctypes.create_string_buffer(program, len(program))
    filters = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    for args in ((SET_NO_NEW_PRIVS, 1, 0, 0, 0), (SET_SECCOMP, BY_FILTER, filters)):
        if libc.prctl(*args) != 0:
            sys.exit("as_service.py: " + os.strerror(ctypes.get_errno()))


confine(allowed(sys.argv[1]))
os.execvp(sys.argv[2], sys.argv[2:])
