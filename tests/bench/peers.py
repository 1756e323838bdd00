"""The peers beside us, each on its own in a throw-away folder: PostgreSQL, JetStream, Redis."""
import contextlib
import os
import pathlib
import pwd
import re
import shutil
import socket
import subprocess
import time

import world

CONNECTIONS = 16


def postgres_bin():
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"),
                   key=lambda p: int(p.parts[4]))
    if not found or not shutil.which("pgbench"):
        return None
    return found[-1].parent


class Postgres:
    """A running cluster in `folder`; its user is `postgres` where we are root."""

    def __init__(self, folder):
        self.bin = postgres_bin()
        self.folder = folder / "pg"
        self.port = world.free_port()
        self.folder.mkdir()
        self.as_user = []
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            for up in (self.folder, folder):
                up.chmod(0o755)
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self.as_user = ["runuser", "-u", "postgres", "--"]
        self.run(self.bin / "initdb", "-D", self.folder / "data", "-A", "trust", "-U", "bench",
                 "--no-instructions")
        self.version = self.run(self.bin / "postgres", "--version").split()[2]

    def run(self, *words):
        return world.run(*self.as_user, *words, cwd="/")

    def __enter__(self):
        self.run(self.bin / "pg_ctl", "-D", self.folder / "data", "-w", "-s", "-l",
                 self.folder / "log", "-o",
                 f"-p {self.port} -h 127.0.0.1 -k {self.folder}", "start")
        self.sql("CREATE TABLE report (record bytea NOT NULL)")
        return self

    def __exit__(self, *_):
        subprocess.run([*self.as_user, str(self.bin / "pg_ctl"), "-D", str(self.folder / "data"),
                        "-s", "-m", "fast", "stop"], cwd="/", check=False)

    def client(self, *words):
        return self.run(*words, "-h", "127.0.0.1", "-p", self.port, "-U", "bench", "postgres")

    def sql(self, text):
        return self.run("psql", "-qAt", "-h", "127.0.0.1", "-p", self.port, "-U", "bench", "-c",
                        text, "postgres")

    def inserts_per_second(self, record_bytes, seconds):
        """One prepared INSERT a transaction of so many bytes, from all connections."""
        script = self.folder / "insert.sql"
        script.write_text("INSERT INTO report VALUES (:record::bytea);\n")
        self.sql("TRUNCATE report")
        self.sql("CHECKPOINT")
        said = self.client("pgbench", "-n", "-M", "prepared", "-c", CONNECTIONS, "-j", 2, "-T",
                           seconds, "-f", script, "-D", "record=\\x" + "5a" * record_bytes)
        return float(re.search(r"tps = ([0-9.]+)", said).group(1))


def postgres_or_none(folder):
    """A running cluster; None where PostgreSQL is not installed."""
    return Postgres(folder) if postgres_bin() else contextlib.nullcontext()


# ---- message stores: the same bytes, with ids by which a second copy is dropped ----

WINDOW = 64  # unanswered on each connection


class Daemon:
    """A server of somebody else's that listens on a port of its own."""

    def __init__(self, folder, *words):
        self.port = world.free_port()
        self.folder = folder
        folder.mkdir()
        with open(folder / "log", "wb") as log:
            self.process = subprocess.Popen([str(w).format(port=self.port) for w in words], cwd=folder,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def __enter__(self):
        until = time.monotonic() + 20
        while time.monotonic() < until and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.05)
        self.__exit__()
        raise RuntimeError("it does not start: " + (self.folder / "log").read_text()[-300:])

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def jetstream(folder, record_bytes, seconds):
    """Answered publications a second: with a window, and one at a time."""
    with Daemon(folder, "nats-server", "-a", "127.0.0.1", "-p", "{port}", "-js", "-sd", folder / "js") as d:
        rates = []
        for window in (WINDOW, 1):
            said = world.measured("bench_nats", d.port, CONNECTIONS, window, seconds, record_bytes)
            rates.append(said["answered"] / said["seconds"])
    version = world.run("nats-server", "--version").split()[-1].lstrip("v")
    return rates, {"version": version, "synced": "every two minutes, as it comes"}


def redis(folder, record_bytes, seconds):
    """SET with NX a second, the file appended to and synced before the answer."""
    with Daemon(folder, "redis-server", "--port", "{port}", "--bind", "127.0.0.1", "--dir", folder, "--save",
                "", "--appendonly", "yes", "--appendfsync", "always") as d:
        rates = []
        for window in (WINDOW, 1):
            count = 20_000
            for _ in range(2):  # the first run tells how many fill the time
                out = world.run("redis-benchmark", "-p", d.port, "-c", CONNECTIONS, "-n", count, "-P",
                                window, "-r", 10**11, "--csv", "SET", "report:__rand_int__",
                                "Z" * record_bytes, "NX")
                rate = float(out.splitlines()[-1].split(",")[1].strip('"'))
                count = max(20_000, round(rate * seconds))
            rates.append(rate)
    version = world.run("redis-server", "--version").split("v=")[1].split()[0]
    return rates, {"version": version, "synced": "before each answer"}


def message_stores(folder, record_bytes, seconds=4):
    """What both do on this machine with records of this size; or why nobody knows."""
    for name, program, measure in (("jetstream", "nats-server", jetstream),
                                   ("redis", "redis-server", redis)):
        line = {"name": f"peer_{name}", "value": None, "unit": "per s", "bar": None, "held": None}
        if not shutil.which(program):
            yield {**line, "why": f"{program} is not installed"}
            continue
        try:
            rates, more = measure(folder / name, record_bytes, seconds)
        except (RuntimeError, OSError, subprocess.SubprocessError) as why:
            yield {**line, "why": " ".join(str(why).split())[:300]}
            continue
        yield {**line, "value": float(f"{rates[0]:.4g}"), "one_at_a_time": float(f"{rates[1]:.4g}"),
               "connections": CONNECTIONS, "window": WINDOW, **more}
