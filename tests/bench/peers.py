"""PostgreSQL beside us: a cluster of its own in a throw-away folder, durable as it comes."""
import contextlib
import os
import pathlib
import pwd
import re
import shutil
import subprocess

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
