"""A province to measure: a root hub, its offices and what they have to say, made by the real programs."""
import calendar
import contextlib
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("THIDUA_BIN", ROOT / "build/release/bin"))


def run(*words, cwd=None, timeout=300, env=None, said=""):
    """Run a program, which reads `said`; what it prints. `env` is added to our own environment."""
    done = subprocess.run([str(w) for w in words], cwd=cwd, timeout=timeout, text=True,
                          capture_output=True, input=said, check=False,
                          env={**os.environ, **env} if env else None)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, words))[:200]}: exit {done.returncode}: "
                           f"{done.stderr.strip()[-600:]}")
    return done.stdout


def measured(name, *words, **more):
    """Run one of our own programs of the bench; its JSON."""
    return json.loads(run(BIN / "bench" / name, *words, **more))


def calendar_at(instant):
    """What to add to the environment of a program so that it lives at `instant`."""
    preload = sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not preload:
        raise RuntimeError("faketime is not installed")
    offset = round(instant.timestamp() - time.time())
    return {"LD_PRELOAD": str(preload[0]), "FAKETIME": f"{offset:+d}"}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def months(n, last_year=2023):
    """The `n` months that end with December of `last_year`, as periods of a campaign file."""
    out = []
    for i in range(n):
        at = last_year * 12 + 11 - i
        year, month = divmod(at, 12)
        month += 1
        days = calendar.monthrange(year, month)[1]
        out.append(f'    - {{id: "{year}-{month:02}", begin: {year}-{month:02}-01, '
                   f'end: {year}-{month:02}-{days}}}\n')
    return "".join(out)


def profile(name, campaign_id):
    """A scoring profile: up to ten points each."""
    return (f"profile:\n  id: {name}\n  version: 1\n  campaign: {campaign_id}\n"
            "  label: {vi: Điểm, en: Points}\n  default_mode: points\n  default_max: 10\n")


def campaign(name, n_periods, collective, individual, profile_id=None, last_year=2023,
             due="days_after_period: 5"):
    """A campaign file: so many monthly periods that end with December of `last_year`, and leaves
    about collectives and individuals; met or not met unless `profile_id` names how it is scored."""
    text = (f"campaign:\n  id: {name}\n  version: 1\n  title: {{vi: Đo tốc độ, en: Measuring}}\n"
            "  issuer: Tỉnh\n" + (f"  profile: {profile_id}\n" if profile_id else "") +
            "  periods:\n" + months(n_periods, last_year) +
            "  reports:\n    - kind: interim\n      default: yes\n"
            f"      due: {{{due}, inclusive: yes}}\n  criteria:\n")
    for about, letter, n in (("collective", "C", collective), ("individual", "I", individual)):
        for i in range(1, n + 1):
            text += (f"    - {{id: {letter}{i}, about: {about}, "
                     f"label: {{vi: Tiêu chí {letter}{i}}}}}\n")
    return text


def cpu_seconds(pid):
    """CPU that process `pid` and its threads used, to the nanosecond where the kernel tells."""
    total = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def wait_idle(pid):
    """Wait until process `pid` has nothing left to do."""
    last, until = -1.0, time.monotonic() + 300
    while time.monotonic() < until:
        now = cpu_seconds(pid)
        if last >= 0 and now - last < 0.02:
            return
        last = now
        time.sleep(1)
    raise RuntimeError("the hub does not come to rest")


def children_cpu():
    """CPU seconds of all processes that were waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def anonymous_kib(pid):
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Anonymous:"):
            return int(line.split()[1])
    raise RuntimeError("the kernel does not say how much memory is anonymous")


class Hub:
    """A running `thidua-hub serve`."""

    def __init__(self, folder, port):
        self.folder = folder
        self.log = open(folder.parent / (folder.name + ".log"), "wb")
        self.process = subprocess.Popen(
            [BIN / "thidua-hub", "-d", folder, "--lang", "en", "serve", "--listen",
             f"tcp://127.0.0.1:{port}"], stdout=self.log, stderr=self.log,
            stdin=subprocess.DEVNULL)
        self.pid = self.process.pid
        until = time.monotonic() + 30
        while b"ready" not in pathlib.Path(self.log.name).read_bytes():
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("the hub does not serve: " +
                                   pathlib.Path(self.log.name).read_text()[-600:])
            time.sleep(0.02)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()


class Province:
    """A hub with `n` offices that joined, and one campaign; the hub does not run yet."""

    def __init__(self, folder, n, campaign_text, people=0, began=None):
        """`began`: when this was, if not now."""
        self.folder = folder
        self.env = calendar_at(began) if began else None
        self.port = free_port()
        self.hub = folder / "hub"
        self.codes = [f"{31000 + i}" for i in range(n)]
        self.offices = [folder / f"n{code}" for code in self.codes]
        folder.mkdir(parents=True)
        self.found()
        self.import_units("".join(f"{c},94,commune,state,Xã {c},\n" for c in self.codes))
        (folder / "campaign.yaml").write_text(campaign_text)
        self.hub_verb("campaign", "issue", folder / "campaign.yaml")
        if n:
            self.join_all(people)

    def found(self):
        self.hub_verb("init", "--unit", "94", "--name", "Tỉnh", "--listen",
                      f"tcp://127.0.0.1:{self.port}")

    def join_all(self, people):
        with Hub(self.hub, self.port):
            for code, office in zip(self.codes, self.offices):
                self.join(code, office, people)

    def hub_verb(self, *words):
        return run(BIN / "thidua-hub", "-d", self.hub, "--lang", "en", *words, cwd=self.folder,
                   env=self.env)

    def import_units(self, rows):
        if rows:
            (self.folder / "units.csv").write_text("code,parent,level,kind,name,group\n" + rows)
            self.hub_verb("unit", "import", self.folder / "units.csv")

    def node_verb(self, office, *words):
        return run(BIN / "thidua-node", "-d", office, "--lang", "en", *words)

    def join(self, code, office, people):
        self.join_with(code, office, self.hub_verb("enrol", code).strip(), people)

    def join_with(self, code, office, ticket, people):
        self.node_verb(office, "join", ticket)
        self.node_verb(office, "sync")
        if people:
            rows = "".join(f"CB{i:04},individual,,Cán bộ {i},{code}\n" for i in range(people))
            (self.folder / "people.csv").write_text("code,kind,class,name,unit\n" + rows)
            self.node_verb(office, "subject", "import", self.folder / "people.csv")
            self.node_verb(office, "sync")

    def seal(self, campaign_id, n):
        """Let every office state `n` reports; the size of one record."""
        return [measured("bench_seal", o, campaign_id, n) for o in self.offices][0]["record_bytes"]

    @contextlib.contextmanager
    def fresh_hub(self):
        """Serve from a copy of the hub, so that the same rush can come again."""
        copy = self.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.hub, copy)
        os.sync()
        with Hub(copy, self.port) as hub:
            yield hub
        shutil.rmtree(copy, ignore_errors=True)

    def rush(self, hub):
        return measured("bench_rush", hub.pid, *self.offices, timeout=400)


class ProvinceUnder(Province):
    """The same, under the running hub of the country."""

    def __init__(self, folder, country, *more, **named):
        self.ticket = country.hub_verb("enrol", "94", "--role", "hub").strip()
        super().__init__(folder, *more, **named)

    def found(self):
        self.hub_verb("init", "--parent", self.ticket, "--listen", f"tcp://127.0.0.1:{self.port}")


class Country(Province):
    """The hub above one province; it does not run yet."""

    def __init__(self, folder):
        super().__init__(folder, 0, campaign("chung", 1, 1, 0))
        self.import_units("94,VN,province,state,Tỉnh,\n")

    def found(self):
        self.hub_verb("init", "--unit", "VN", "--name", "Việt Nam", "--level", "country", "--listen",
                      f"tcp://127.0.0.1:{self.port}")


@contextlib.contextmanager
def scratch():
    """A folder on the disk that is measured, gone afterwards."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="thidua-bench.", dir=os.environ.get("TMPDIR")))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
