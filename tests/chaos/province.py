"""A province of real programs for tests of chaos: hubs on three levels, offices, bad lines between.

Whatever runs here is started, stopped and ended by its process id alone.
"""
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "faults"))
from world import ROOT, command, environment, free_port, given, run, told  # noqa: E402,F401

PROXY = os.path.join(ROOT, "tests", "proxy", "proxy.py")
SLOW = float(os.environ.get("THIDUA_SLOW", "1"))
CAMPAIGN = "tinh"
CRITERIA = ["C%d" % n for n in range(1, 4)]
PATIENCE = 60 * SLOW  # seconds after which a command hangs

# Bars for anonymous memory, in KiB: a hub and each of its children, an office's daemon.
HUB_KIB, CHILD_KIB, NODE_KIB = 64 * 1024, 128, 6 * 1024


class Wrong(Exception):
    """What must not happen."""


def plan():
    lines = ["campaign:", "  id: " + CAMPAIGN, "  title: {vi: Thi đua}", '  issuer: "94"',
             "  periods: [{id: \"2033\", begin: 01/01/2033, end: 31/12/2033}]", "  reports:",
             "    - {kind: annual, default: yes, due: {date: 15/12/2033, inclusive: yes},"
             " expected: [{levels: [commune]}]}", "  criteria:"]
    lines += ["    - {id: %s, about: collective, label: {vi: %s}}" % (c, c) for c in CRITERIA]
    return "\n".join(lines) + "\n"


class Line:
    """The proxy in front of a hub."""

    def __init__(self, port, seed):
        self.process = subprocess.Popen(
            ["/usr/bin/python3", PROXY, "--to", "127.0.0.1:%d" % port, "--control", "--seed",
             str(seed)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.port = int(self.process.stdout.readline().split()[1])
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def tell(self, *words):
        for word in words:
            print(word, file=self.process.stdin, flush=True)

    def end(self):
        self.process.kill()
        self.process.wait()


class Place:
    """A data directory and the daemon on it: a hub, or an office where `parent` says so."""

    def __init__(self, province, program, code, parent=None):
        self.program, self.code, self.parent = program, code, parent
        self.folder = os.path.join(province.folder, program + code)
        self.log = self.folder + ".log"
        self.process, self.lock = None, threading.Lock()
        self.joined = program == "hub"
        self.ticket = None
        self.peak_kib = self.peak_files = 0
        self.told = set()  # reports that `status` ever called received

    def start(self):
        """Start the daemon, where none runs; one that ended by itself did wrong."""
        with self.lock:
            if self.process is not None and self.process.poll() is None:
                return
            self.ended_by(None)
            verb = ["serve"] if self.program == "hub" else ["sync", "--follow"]
            with open(self.log, "ab") as log:
                log.write(b"-- starts\n")
                self.process = subprocess.Popen(command(self.program, self.folder, *verb),
                                                env=environment(), stdin=subprocess.DEVNULL,
                                                stdout=log, stderr=log)

    def ended_by(self, sig):
        """The daemon is no more, by signal `sig` (None: it has to be running)."""
        if self.process is None:
            return
        code = self.process.poll()
        if code is None or sig is None:
            if code is not None:
                self.process = None
                raise Wrong("%s ended by itself: %s\n%s" % (self.folder, code, self.tail()))
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(sig)
            try:
                code = self.process.wait(30 * SLOW)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                self.process = None
                raise Wrong("%s does not end within 30 s\n%s" % (self.folder, self.tail()))
        self.process = None
        # A program that has only just begun does not know yet that it should end well.
        if code != -sig and not (code == 0 and sig == signal.SIGTERM):
            raise Wrong("%s ended with %s\n%s" % (self.folder, code, self.tail()))

    def end(self, sig):
        with self.lock:
            self.ended_by(sig)

    def freeze(self, seconds, stop):
        """The machine hangs for so long."""
        with self.lock:
            p = self.process
            if p is None or p.poll() is not None:
                return
            p.send_signal(signal.SIGSTOP)
            stop.wait(seconds)
            p.send_signal(signal.SIGCONT)

    def measure(self):
        """Note how much memory and how many descriptors the daemon has."""
        p = self.process
        try:
            with open("/proc/%d/status" % p.pid) as f:
                for line in f:
                    if line.startswith("RssAnon:"):
                        self.peak_kib = max(self.peak_kib, int(line.split()[1]))
            self.peak_files = max(self.peak_files, len(os.listdir("/proc/%d/fd" % p.pid)))
        except (OSError, AttributeError):
            pass

    def tail(self):
        with open(self.log, "rb") as log:
            return log.read()[-3000:].decode(errors="replace")

    def verb(self, *args, killed_after=None):
        """Run a verb beside the daemon; None where it was killed, else how it ended."""
        p = subprocess.Popen(command(self.program, self.folder, *args), env=environment(),
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
        try:
            out, err = p.communicate(timeout=killed_after or PATIENCE)
        except subprocess.TimeoutExpired:
            p.kill()
            p.communicate()
            if killed_after:
                return None
            raise Wrong("hangs: %s %s" % (self.folder, " ".join(args)))
        said = "%s %s: exit %d\n%s" % (self.folder, " ".join(args), p.returncode,
                                       err.decode(errors="replace")[-2000:])
        if p.returncode not in (0, 1, 75):
            raise Wrong(said)
        return p.returncode, out.decode(), said

    def ask(self, *args):
        """The JSON that a verb prints; it has to."""
        code, out, said = self.verb(*args, "--json")
        if code != 0:
            raise Wrong(said)
        return json.loads(out)

    def join(self, killed_after=None):
        """Join, or go on joining, with the same ticket; True when that is done."""
        ended = self.verb("join", self.ticket, killed_after=killed_after)
        if ended is None or ended[0] == 75:
            return False
        if ended[0] == 1 and "is running on this directory" in ended[2]:
            return False
        if ended[0] == 1 and "already" not in ended[2]:
            raise Wrong(ended[2])
        self.joined = True
        return True


class Province:
    """A root hub, districts under it, and communes under these and under the root."""

    def __init__(self, n_nodes, seed):
        base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.folder = tempfile.mkdtemp(prefix="thidua-chaos.", dir=os.environ.get("TMPDIR", base))
        self.lines, self.hubs, self.nodes = {}, [], []
        self.seed = seed
        n_districts = max(2, min(8, n_nodes // 25))
        districts = ["9%02d" % n for n in range(1, n_districts + 1)]
        homes = [(districts + ["94"])[n % (n_districts + 1)] for n in range(n_nodes)]
        rows = ["94,,province,Tỉnh"] + ["%s,94,district,Huyện %s" % (d, d) for d in districts]
        rows += ["%d,%s,commune,Xã %d" % (10000 + n, home, n) for n, home in enumerate(homes)]
        self.write("units.csv", "code,parent,level,name\n" + "\n".join(rows) + "\n")
        self.write("plan.yaml", plan())
        self.found(districts)
        by_code = {h.code: h for h in self.hubs}
        for n, home in enumerate(homes):
            node = Place(self, "node", str(10000 + n), by_code[home])
            node.ticket = self.ticket(node)
            self.nodes.append(node)

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w") as f:
            f.write(text)

    def found(self, districts):
        root = Place(self, "hub", "94")
        port = free_port()
        self.hubs.append(root)
        self.fingerprint = given("hub", root.folder, "init", "--unit", "94", "--name", "Tỉnh",
                                 "--listen", "tcp://127.0.0.1:%d" % port, cwd=self.folder)
        given("hub", root.folder, "unit", "import", os.path.join(self.folder, "units.csv"))
        given("hub", root.folder, "campaign", "issue", os.path.join(self.folder, "plan.yaml"))
        self.lines["94"] = Line(port, self.seed)
        root.start()
        for n, code in enumerate(districts, 1):
            hub, port = Place(self, "hub", code, root), free_port()
            hub.ticket = self.ticket(hub)
            self.lines[code] = Line(port, self.seed + n)
            wait_for("%s is under the root" % code, lambda h=hub, p=port: h.verb(
                "init", "--parent", h.ticket, "--listen", "tcp://127.0.0.1:%d" % p)[0] == 0)
            hub.start()
            self.hubs.append(hub)

        # A district can enrol what it knows of.
        for hub in self.hubs[1:]:
            wait_for("%s has the units" % hub.code, lambda h=hub: len(
                h.verb("campaign", "list", "--json")[1]) > 10)

    def ticket(self, place):
        options = ["--role", "hub"] if place.program == "hub" else []
        return given("hub", place.parent.folder, "enrol", place.code, *options, "--address",
                     "tcp://127.0.0.1:%d" % self.lines[place.parent.code].port,
                     patience=PATIENCE)

    @property
    def root(self):
        return self.hubs[0]

    def places(self):
        return self.hubs + self.nodes

    def end(self):
        for place in self.places():
            if place.process is not None and place.process.poll() is None:
                place.process.kill()
                place.process.wait()
        for line in self.lines.values():
            line.end()


def wait_for(what, done, seconds=60):
    """Look again and again until `done()`; it has to be within so long."""
    end = time.monotonic() + seconds * SLOW
    while not done():
        if time.monotonic() > end:
            raise Wrong("not within %d s: %s" % (seconds * SLOW, what))
        time.sleep(0.05)


def chance_of(*what):
    """Numbers for one part of a run."""
    return random.Random("/".join(map(str, what)))
