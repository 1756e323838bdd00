"""A small province for tests of faults: a hub, offices, and programs run with the shim before them."""
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tests", "interop"))
import tap  # noqa: E402,F401 (for those who import this)

BIN = os.environ.get("THIDUA_BIN", os.path.join(ROOT, "build", "release", "bin"))
SHIM = os.path.join(BIN, "..", "lib", "fault_shim.so")
IMAGES = os.path.join(BIN, "fault_images")
SAMPLE = os.path.join(ROOT, "ops", "sample")
CAMPAIGNS = os.path.join(ROOT, "ops", "campaigns")
CAMPAIGN = "soctrang-2023"
OFFICES = ["31741", "31753", "31633", "31714", "SNV", "STC"]
AGAIN = 71  # a daemon that its machine failed: to be started again
PATIENCE = 20  # seconds after which something hangs


class Ended:
    """How a program ended and what it said."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __str__(self):
        return "exit %s\n%s\n%s" % (self.code, self.out[-2000:], self.err[-2000:])


def environment(shim=None, **more):
    """The environment of a program; `shim` is a dict of the shim's settings."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("SHIM_", "LANGUAGE"))}
    env["LC_ALL"] = "C.UTF-8"
    if shim is not None:
        env["LD_PRELOAD"] = SHIM
        env.update({k: str(v) for k, v in shim.items()})
    env.update(more)
    return env


def command(program, folder, *args):
    """What runs `program`; the auditor has no folder (None)."""
    data = ["-d", folder] if folder else []
    return [os.path.join(BIN, "thidua-" + program), "--lang", "en", *data, *args]


def run(program, folder, *args, shim=None, cwd=None, prepare=None, patience=PATIENCE):
    """Run to the end; one that does not end within `patience` seconds fails the test."""
    done = subprocess.run(command(program, folder, *args), env=environment(shim), cwd=cwd,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=patience, preexec_fn=prepare)
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode(errors="replace"))


def given(program, folder, *args, **how):
    """What a test takes for granted."""
    ended = run(program, folder, *args, **how)
    assert ended.code == 0, "%s %s: %s" % (program, " ".join(args), ended)
    return ended.out.strip()


def told(program, folder, *args):
    """The JSON that a verb prints."""
    return json.loads(given(program, folder, *args, "--json"))


def free_port():
    while True:
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", random.randrange(20000, 32000)))
                return s.getsockname()[1]
            except OSError:
                continue


def copy(a, b):
    """Folder `b` becomes what `a` is."""
    shutil.rmtree(b, ignore_errors=True)
    shutil.copytree(a, b)


class Serving:
    """A hub that runs, from `ready` on; `with` ends it."""

    def __init__(self, folder, shim=None, prepare=None, wait=True):
        self.folder = folder
        self.log = folder.rstrip("/") + ".log"
        with open(self.log, "ab") as log:
            begin = log.tell()
            self.process = subprocess.Popen(command("hub", folder, "serve"), env=environment(shim),
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            preexec_fn=prepare)
        self.begin = begin
        if wait:
            assert self.ready(), "no hub: " + self.said()

    def said(self):
        with open(self.log, "rb") as log:
            log.seek(self.begin)
            return log.read().decode(errors="replace")

    def ready(self):
        """Whether it became ready; False: it ended instead."""
        end = time.monotonic() + PATIENCE
        while "ready " not in self.said():
            if self.process.poll() is not None:
                return False
            if time.monotonic() > end:
                raise TimeoutError("the hub neither starts nor ends: " + self.said())
            time.sleep(0.002)
        return True

    def stop(self):
        """Ask it to end; how it did."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


class Province:
    """A root hub with the sample's units and campaigns, in a folder that goes away at the end."""

    def __init__(self):
        base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.folder = tempfile.mkdtemp(prefix="thidua-faults.", dir=os.environ.get("TMPDIR", base))
        self.hub = self.at("hub")
        self.port = free_port()
        os.mkdir(self.at("keys"))
        self.root = given("hub", self.hub, "init", "--unit", "94", "--name", "Tỉnh Sóc Trăng",
                          "--listen", "tcp://127.0.0.1:%d" % self.port, cwd=self.at("keys"))
        given("hub", self.hub, "unit", "import", os.path.join(SAMPLE, "units.csv"))
        for name in ("tan-thanh-2023", CAMPAIGN, CAMPAIGN + "-points"):
            given("hub", self.hub, "campaign", "issue", os.path.join(CAMPAIGNS, name + ".yaml"))

    def at(self, *names):
        return os.path.join(self.folder, *names)

    def serve(self, **how):
        return Serving(self.hub, **how)

    def ticket(self, code, shim=None):
        return given("hub", self.hub, "enrol", code, shim=shim)

    def join(self, code, shim=None):
        """The node of unit `code`, joined; the hub serves. `shim` is for the hub's own verb."""
        given("node", self.at(code), "join", self.ticket(code, shim))
        return self.at(code)

    def fill(self, code, folder=None, shim=None):
        """The sample's subjects and values of `code`, into its node."""
        folder = folder or self.at(code)
        given("node", folder, "subject", "import", os.path.join(SAMPLE, "subjects-%s.csv" % code),
              shim=shim)
        given("node", folder, "import", os.path.join(SAMPLE, "values-%s.csv" % code),
              "--campaign", CAMPAIGN, shim=shim)

    def seal(self, code, score=None, folder=None, shim=None):
        """A report of `code`, another revision where `score` differs from the last; its id."""
        folder = folder or self.at(code)
        if score is not None:
            given("node", folder, "record", "--campaign", CAMPAIGN, "--subject", code,
                  "--criterion", "C1.1", "--score", str(score), shim=shim)
        return given("node", folder, "submit", "--campaign", CAMPAIGN, shim=shim)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if os.environ.get("KEEP") == "1":
            print("# kept: " + self.folder)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)


def sound(program, folder):
    """`check` finds nothing."""
    ended = run(program, folder, "check", "--json")
    assert ended.code == 0 and json.loads(ended.out)["problems"] == [], ended


def held(folder):
    """The reports that a hub holds."""
    return {r["report"] for r in told("hub", folder, "report", "list")}


def receipted(folder):
    """The reports that a node has a receipt for."""
    return {r["report"] for r in told("node", folder, "status")["reports"] if r["receipts"]}


def in_long_run():
    return "--long" in sys.argv[1:]
