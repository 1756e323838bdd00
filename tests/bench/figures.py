"""The figures of BENCH.md, each measured in one run on this machine. A figure is a function that
yields dicts; what cannot be measured yet yields None with the reason."""
import json
import shutil
import signal
import statistics
import subprocess
import threading
import time

import peers
import scale
import world

OFFICES = 16
CAMPAIGN = "mau"
PEOPLE, CRITERIA = 100, 17  # a full commune: 1,700 values
REPORT_VALUES = PEOPLE * CRITERIA


def at_most(bar, stretch):
    return {"bar": f"<= {bar}", "stretch": f"<= {stretch}", "holds": lambda v: v <= bar}


def at_least(bar, stretch):
    return {"bar": f">= {bar}", "stretch": f">= {stretch}", "holds": lambda v: v >= bar}


def figure(name, value, unit, limit, **more):
    """One figure; `value` None: not measured, `why` says so, and it is not held."""
    digits = None if value is None else float(f"{value:.4g}")
    return {"name": name, "value": digits, "unit": unit, "bar": limit["bar"],
            "held": value is not None and limit["holds"](value), "stretch": limit["stretch"], **more}


def bare(name, value, unit, **more):
    """What the machine or a peer can do: shown beside the figures, held against nothing."""
    return {"name": name, "value": float(f"{value:.4g}"), "unit": unit, "bar": None, "held": None,
            **more}


def rounded(values):
    return [float(f"{v:.4g}") for v in values]


# ---- accepting single-evaluation reports ----

CPU_BAR = at_most(2.0, 1.5)
PG_BAR = at_least(1, 1.25)
LIMITS = (("verify_cpu", "bare_ed25519_verify"), ("sign_cpu", "bare_ed25519_sign"),
          ("lmdb_cpu", "bare_lmdb_batch_row_cpu"), ("lmdb", "bare_lmdb_batch_row"),
          ("fdatasync", "bare_fdatasync"), ("zmq", "bare_zeromq_message"))


def one_rush(province, folder, size):
    """A rush with the bare limits just before and just after it: neighbours come and go."""
    before = world.measured("bench_limits", folder, size)
    with province.fresh_hub() as hub:
        used = world.cpu_seconds(hub.pid)
        rush = province.rush(hub)
        world.wait_idle(hub.pid)
        used = world.cpu_seconds(hub.pid) - used
    after = world.measured("bench_limits", folder, size)
    if rush["valid"] != rush["records"] - rush["offices"] or rush["rejected"]:
        raise RuntimeError(f"not every report was accepted: {rush}")
    rush["limits"] = {k: (before[k] + after[k]) / 2 for k in before}
    rush["per_second"] = rush["valid"] / rush["seconds"]
    rush["cpu_us"] = 1e6 * rush["hub_cpu"] / rush["valid"]
    rush["ranked_us"] = 1e6 * used / rush["valid"]
    return rush


def measure_rush(folder):
    """hub_cpu, accepted: single-evaluation reports of 16 offices, and PostgreSQL in the same run."""
    province = world.Province(folder / "rush", OFFICES, world.campaign(CAMPAIGN, 120, 1, 0))
    size = round(province.seal(CAMPAIGN, 2000))
    rushes, inserts, version = [], [], None
    with peers.postgres_or_none(folder) as pg:
        for _ in range(5):
            rushes.append(one_rush(province, folder, size))
            if pg:
                inserts.append(pg.inserts_per_second(size, 4))
                version = pg.version
    ratios = [r["cpu_us"] / r["limits"]["verify_cpu"] for r in rushes]
    yield figure("hub_cpu_per_report_to_ed25519_verify", statistics.median(ratios), "ratio", CPU_BAR,
                 runs=rounded(ratios), hub_cpu_us=rounded(r["cpu_us"] for r in rushes),
                 until_ranked_us=rounded(r["ranked_us"] for r in rushes),
                 offices_cpu_us=rounded(1e6 * r["offices_cpu"] / r["valid"] for r in rushes),
                 record_bytes=size)
    per_second = [r["per_second"] for r in rushes]
    shares = [a / b for a, b in zip(per_second, inserts)]
    yield figure("accepted_reports_to_postgresql_inserts", statistics.median(shares) if shares else None,
                 "ratio", PG_BAR, runs=rounded(shares), reports_per_second=rounded(per_second),
                 inserts_per_second=rounded(inserts), postgresql=version,
                 **({} if pg else {"why": "PostgreSQL is not installed"}))
    for key, name in LIMITS:
        yield bare(name, statistics.median(r["limits"][key] for r in rushes), "us")
    yield from peers.message_stores(folder, size)


# ---- full communes ----

EVALUATIONS_BAR = at_least(1e6, 3e6)
WIRE_BAR = at_most(3, 2)


def seconds_of(*words):
    at = time.monotonic()
    out = world.run(*words)
    return time.monotonic() - at, out


def visible(hub_folder):
    """Seconds from now until the board has shown the last period, and until then the rank has, too;
    both asked by commands beside the hub."""
    hub = (world.BIN / "thidua-hub", "-d", hub_folder, "--lang", "en")
    at = time.monotonic()
    board = world.run(*hub, "board", "--period", "2023-12", "--json")
    board_s = time.monotonic() - at
    rank = world.run(*hub, "rank", "--period", "2023-12", "--subject-kind", "individual", "--json")
    rank_s = time.monotonic() - at
    rows = json.loads(rank)["rows"]
    if json.loads(board)["actual"] != OFFICES or len(rows) != OFFICES * PEOPLE:
        raise RuntimeError("board or rank does not show every report")
    return board_s, rank_s


def measure_full(folder):
    """evaluations: full-commune reports of 16 offices, seen in board and rank."""
    text = world.campaign(CAMPAIGN, 24, 0, CRITERIA)
    province = world.Province(folder / "full", OFFICES, text, people=PEOPLE)
    size = province.seal(CAMPAIGN, 96)
    rates, seen = [], []
    for _ in range(3):
        with province.fresh_hub() as hub:
            rush = province.rush(hub)
            seen.append(visible(hub.folder))  # from the last receipt on
            if rush["rejected"] or rush["valid"] < rush["offices"] * 96:
                raise RuntimeError(f"not every report was accepted: {rush}")
            rates.append(REPORT_VALUES * rush["offices"] * 96 / rush["seconds"])
    board_s, rank_s = (statistics.median(s) for s in zip(*seen))
    f = figure("evaluations_per_second", statistics.median(rates), "per s", EVALUATIONS_BAR,
               runs=rounded(rates), record_bytes=size, board_shows_after_seconds=round(board_s, 3),
               rank_too_after_seconds=round(rank_s, 3))
    if max(rank_s for _, rank_s in seen) > 1:
        f.update(held=False, why="board or rank shows it only after more than a second")
    yield f


def one_office(folder, points):
    """A hub with one unit below it, for an office that is yet to join."""
    text = world.campaign(CAMPAIGN, 1, 0, CRITERIA, profile_id="diem" if points else None)
    province = world.Province(folder, 0, text)
    if points:
        (folder / "profile.yaml").write_text(world.profile("diem", CAMPAIGN))
        province.hub_verb("campaign", "issue", folder / "profile.yaml")
    province.import_units("31000,94,commune,state,Xã,\n")
    return province


SLOW_BAR = at_most(10, 6)


def cell_text(points, row, column):
    """Spread over rows and columns, as offices do: most are good, no two people are alike."""
    if points:
        return f"{7 + (row * 31 + column * 17) % 13 / 4:.2f}"
    return "met" if (row * 31 + column * 17) % 5 else "not met"


def fill_in(province, office, code, points):
    """Fill in the template as a person would, import it and submit."""
    province.node_verb(office, "template", "--campaign", CAMPAIGN, "--period", "2023-12",
                       province.folder / "sheet.csv")
    lines = (province.folder / "sheet.csv").read_text(encoding="utf-8-sig").splitlines()
    sep = ";" if ";" in lines[0] else ","
    columns = len(lines[0].split(sep))
    out = [lines[0]]
    for n, line in enumerate(lines[1:]):
        cells = line.split(sep)
        filled = [cell_text(points, n, i) for i in range(CRITERIA)]
        keep = cells[:columns - CRITERIA]
        out.append(sep.join(keep + (cells[columns - CRITERIA:] if cells[0] == code else filled)))
    (province.folder / "sheet.csv").write_text("\n".join(out) + "\n")
    province.node_verb(office, "import", province.folder / "sheet.csv", "--campaign", CAMPAIGN)
    province.node_verb(office, "submit", "--campaign", CAMPAIGN)


def through_proxy(folder, hub_port, *options):
    log = open(folder / "proxy.log", "wb")
    proxy = subprocess.Popen(["/usr/bin/python3", world.ROOT / "tests/proxy/proxy.py", "--to",
                              f"127.0.0.1:{hub_port}", *map(str, options)], stdout=log,
                             stdin=subprocess.DEVNULL)
    until = time.monotonic() + 10
    while not (folder / "proxy.log").read_text().startswith("port ") and time.monotonic() < until:
        time.sleep(0.02)
    return proxy, int((folder / "proxy.log").read_text().split()[1])


def last_bytes(folder):
    """Bytes up and down of the last connection through the proxy."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        text = (folder / "proxy.log").read_text()
        if text.count("\nopen") == text.count("\nclosed"):
            break
        time.sleep(0.05)
    words = [line for line in text.splitlines() if line.startswith("closed")][-1].split()
    return [int(w.split("=")[1]) for w in words if w.startswith(("up=", "down="))]


def one_exchange(folder, points, *options):
    """Seconds from connect to receipt, and the connection's bytes, of a full-commune report."""
    province = one_office(folder, points)
    proxy, port = through_proxy(folder, province.port, *options)
    try:
        with world.Hub(province.hub, province.port):
            ticket = province.hub_verb("enrol", "31000", "--address", f"tcp://127.0.0.1:{port}")
            office = folder / "office"
            province.join_with("31000", office, ticket.strip(), PEOPLE)
            province.node_verb(office, "sync")
            idle = last_bytes(folder)
            fill_in(province, office, "31000", points)
            seconds, _ = seconds_of(world.BIN / "thidua-node", "-d", office, "sync")
            status = json.loads(province.node_verb(office, "status", "--json"))
            if status["reports"][0]["state"] != "received":
                raise RuntimeError("no receipt came back")
            return seconds, sum(last_bytes(folder)), sum(idle)
    finally:
        proxy.terminate()
        proxy.wait()


def exchanges(folder, points, *options):
    """Three of them, each by an office of its own at a hub of its own: seconds and bytes of each."""
    return zip(*(one_exchange(folder / str(n), points, *options) for n in range(3)))


def measure_wire(folder):
    """wire: every byte of the connection that carries one full-commune report and its receipt."""
    for name, points in (("wire_bytes_per_evaluation", False),
                         ("wire_bytes_per_evaluation_in_points", True)):
        _, total, idle = exchanges(folder / name, points)
        yield figure(name, statistics.median(total) / REPORT_VALUES, "bytes", WIRE_BAR,
                     runs=rounded(t / REPORT_VALUES for t in total), connection_bytes=total,
                     of_which_exchange_without_report=idle)


def measure_slow(folder):
    """slow: a full-commune report over 64 kbit/s with 600 ms round trip. The proxy answers TCP's own
    handshake at once, so its round trip is added."""
    seconds, total, _ = exchanges(folder / "slow", True, "--delay", 300, "--rate", 8000)
    seconds = [s + 0.6 for s in seconds]
    yield figure("slow_link_report_to_receipt", statistics.median(seconds), "s", SLOW_BAR,
                 runs=rounded(seconds), connection_bytes=total)


DROP_SECONDS, BACKLOG, NOTES, SLOW_RATE = 20, 100, 170, 8000


def sync_until_done(office, proxy):
    """Sync again and again over a line that is cut every so often; how often it took."""
    stop = threading.Event()

    def cut():
        while not stop.wait(DROP_SECONDS):
            proxy.send_signal(signal.SIGUSR1)

    cutter = threading.Thread(target=cut)
    cutter.start()
    try:
        for n in range(1, 60):
            if subprocess.run([world.BIN / "thidua-node", "-d", office, "sync"], capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=300, check=False).returncode == 0:
                return n
        raise RuntimeError("no sync came to its end")
    finally:
        stop.set()
        cutter.join()


def over_a_link_that_drops(folder, *sealed):
    """Seconds and syncs of what bench_seal seals, to the receipts, over the slow line; its bytes."""
    province = one_office(folder, True)
    proxy, port = through_proxy(folder, province.port, "--delay", 300, "--rate", SLOW_RATE)
    try:
        with world.Hub(province.hub, province.port):
            ticket = province.hub_verb("enrol", "31000", "--address", f"tcp://127.0.0.1:{port}")
            office = folder / "office"
            province.join_with("31000", office, ticket.strip(), PEOPLE)
            size = world.measured("bench_seal", office, CAMPAIGN, *sealed)["record_bytes"]
            began = time.monotonic()
            syncs = sync_until_done(office, proxy)
            return time.monotonic() - began, syncs, size
    finally:
        proxy.terminate()
        proxy.wait()


def measure_drop(folder):
    """drop: a hundred full-commune reports, and one near the largest size, over the slow line, which
    drops every 20 s."""
    seconds, syncs, size = over_a_link_that_drops(folder / "drop", BACKLOG)
    yield bare("backlog_over_a_link_that_drops", seconds, "s", syncs=syncs, reports=BACKLOG,
               bare_line_seconds=round(BACKLOG * size / SLOW_RATE, 1))
    seconds, syncs, size = over_a_link_that_drops(folder / "large", 1, NOTES)
    yield bare("largest_report_over_a_link_that_drops", seconds, "s", syncs=syncs, bytes=round(size),
               bare_line_seconds=round(size / SLOW_RATE, 1))


# ---- memory ----

HUB_MEMORY_BAR = at_most(64, 32)
CHILD_MEMORY_BAR = at_most(128, 64)
CHILDREN = 120


def with_children(province, offices):
    """The hub's anonymous memory with these offices connected: when they have said nothing yet, and
    when they come again after all have reported at once."""
    with province.fresh_hub() as hub:
        idle = connected(hub, offices)
        world.measured("bench_rush", hub.pid, *offices)
        return idle, connected(hub, offices)


def connect(offices):
    """Let these offices connect and stay, saying nothing."""
    crowd = subprocess.Popen([world.BIN / "bench/bench_idle", *offices], text=True,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    if not crowd.stdout.readline().startswith("connected"):
        disconnect(crowd)
        raise RuntimeError("the children could not connect")
    return crowd


def disconnect(crowd):
    crowd.stdin.close()
    crowd.wait(60)
    crowd.stdout.close()


def connected(hub, offices):
    crowd = connect(offices)
    try:
        time.sleep(1)
        return world.anonymous_kib(hub.pid)
    finally:
        disconnect(crowd)


def measure_children(folder):
    """children: the hub's anonymous memory with 120 children, and what each further one takes."""
    province = world.Province(folder / "children", 2 * CHILDREN, world.campaign(CAMPAIGN, 1, 1, 0))
    province.seal(CAMPAIGN, 20)
    fews, furthers = [], []
    for _ in range(3):
        few_idle, few = with_children(province, province.offices[:CHILDREN])
        many_idle, many = with_children(province, province.offices)
        fews.append((few / 1024, few_idle / 1024))
        furthers.append(((many - few) / CHILDREN, (many_idle - few_idle) / CHILDREN))
    for name, runs, unit, limit in (
            ("hub_anonymous_memory_120_children", fews, "MiB", HUB_MEMORY_BAR),
            ("hub_anonymous_memory_per_further_child", furthers, "KiB", CHILD_MEMORY_BAR)):
        after, before = zip(*runs)
        yield figure(name, statistics.median(after), unit, limit, runs=rounded(after),
                     before_reports=rounded(before))
    yield from measure_lone(province)


LONE = 41


def lone_reports(province, hub, office, idle):
    """Reports that come one by one while `idle` offices are connected and silent: CPU of the hub for
    each, greeting, receipt and ranking included, and seconds of each `sync`."""
    crowd = connect(idle)
    try:
        world.wait_idle(hub.pid)
        used, took = world.cpu_seconds(hub.pid), []
        for _ in range(LONE):
            world.measured("bench_seal", office, CAMPAIGN, 1)
            took.append(seconds_of(world.BIN / "thidua-node", "-d", office, "sync")[0])
        world.wait_idle(hub.pid)
        return (world.cpu_seconds(hub.pid) - used) / LONE, statistics.median(took)
    finally:
        disconnect(crowd)


def measure_lone(province):
    """What a report that comes alone costs and how long it takes, by how many others are there."""
    office, others = province.offices[0], province.offices[1:]
    with province.fresh_hub() as hub:
        few = lone_reports(province, hub, office, others[:12])
        many = lone_reports(province, hub, office, others)
    yield bare("lone_report_hub_cpu_239_to_12_idle_children", many[0] / few[0], "ratio",
               hub_cpu_us=rounded(1e6 * s for s in (few[0], many[0])))
    yield bare("lone_report_sync", 1000 * many[1], "ms", with_12_idle=round(1000 * few[1], 2))


NODE_MEMORY_BAR = at_most(6, 2)
NODE_START_BAR = at_most(30, 10)


def measure_node(folder):
    """node: the most anonymous memory of an office's commands, and how long the smallest takes."""
    province = one_office(folder / "node", points=True)
    office, peaks = folder / "node/office", {}
    with world.Hub(province.hub, province.port):
        province.join_with("31000", office, province.hub_verb("enrol", "31000").strip(), PEOPLE)
        fill_in(province, office, "31000", points=True)
        for words in (("score",), ("record", "--subject", "CB0001", "--criterion", "I1", "--score", "1"),
                      ("import", folder / "node/sheet.csv", "--campaign", CAMPAIGN),
                      ("record", "--subject", "CB0001", "--criterion", "I1", "--score", "2"),
                      ("record", "--subject", "CB0002", "--criterion", "I2", "--score", "3"),
                      ("submit", "--campaign", CAMPAIGN), ("sync",), ("status",)):
            said = world.measured("bench_peak", world.BIN / "thidua-node", "-d", office, *words)
            peaks[words[0]] = max(peaks.get(words[0], 0), said["peak_kib"])
    starts = [1000 * seconds_of(world.BIN / "thidua-node", "-d", office, "status")[0]
              for _ in range(21)]
    worst = max(peaks, key=peaks.get)
    yield figure("node_peak_anonymous_memory", peaks[worst] / 1024, "MiB", NODE_MEMORY_BAR,
                 command=worst, kib=peaks)
    yield figure("node_cold_start", statistics.median(starts), "ms", NODE_START_BAR)


# ---- scale ----

RANK_BAR = at_most(10, 1)
MORE_BAR = at_most(2, 1.3)
PER_UNIT = 4000


def crowd(folder, subjects):
    """A hub that holds one report each of so many subjects, from one office for all its units."""
    province = world.Province(folder, 0, world.campaign(CAMPAIGN, 2, 1, 5, profile_id="diem"))
    (folder / "profile.yaml").write_text(world.profile("diem", CAMPAIGN))
    province.hub_verb("campaign", "issue", folder / "profile.yaml")
    per_unit = min(PER_UNIT, max(1, subjects // 4))
    units = max(1, subjects // per_unit)
    rows = "".join(f"A{i:05},31000,hamlet,state,Ấp {i},\n" for i in range(units))
    province.import_units("31000,94,commune,state,Xã,\n" + rows)
    province.offices = [folder / "n31000"]
    with world.Hub(province.hub, province.port) as hub:
        province.join("31000", province.offices[0], 0)
        world.measured("bench_people", province.offices[0], CAMPAIGN, units, per_unit)
        rush = province.rush(hub)
        if rush["valid"] < units:
            raise RuntimeError(f"not every report was accepted: {rush}")
        province.node_verb(province.offices[0], "sync")  # so that the office knows, too
        world.wait_idle(hub.pid)  # until the rankings show it
    return province, units * per_unit


def ask_rank(province, subjects):
    """How long the rank of each of `subjects` with the top 100 takes, each asked from a process of
    its own: seconds of wall clock, and of CPU."""
    out = world.run(world.BIN / "bench/bench_ask", world.BIN / "thidua-hub", "-d", province.hub,
                    "--lang", "en", "rank", "--period", "2023-12", "--subject-kind", "individual",
                    "--limit", "100", "--json", "--subject", timeout=240, said="\n".join(subjects))
    answers = [json.loads(line) for line in out.splitlines()]
    for subject, answer in zip(subjects, answers, strict=True):
        rows = answer["said"]["rows"]
        if len(rows) < 100 or all(f"{r['unit']}/{r['subject']}" != subject for r in rows):
            raise RuntimeError("the rank is too short")
    return [a["us"] / 1e6 for a in answers], [a["cpu_us"] / 1e6 for a in answers]


def measure_rank(folder):
    """rank: one subject and the top 100 among 2.2 million, asked from a second process."""
    province, subjects = crowd(folder / "rank", 2_200_000)
    wall, cpu = ask_rank(province, [f"A{2 * i:05}/CB{17 * i + 7:05}" for i in range(200)])
    wall.sort()
    yield figure("rank_one_and_top_100_of_2.2M", 1000 * wall[len(wall) * 99 // 100], "ms", RANK_BAR,
                 subjects=subjects, asked=len(wall), median_ms=round(1000 * statistics.median(wall), 2),
                 most_ms=round(1000 * wall[-1], 2),
                 median_cpu_ms=round(1000 * statistics.median(cpu), 2))


def one_more(province):
    """CPU of the hub for one more report, rankings included."""
    world.measured("bench_seal", province.offices[0], CAMPAIGN, 400)
    with world.Hub(province.hub, province.port) as hub:
        before = world.cpu_seconds(hub.pid)
        province.rush(hub)
        world.wait_idle(hub.pid)
        used = (world.cpu_seconds(hub.pid) - before) / 400
        province.node_verb(province.offices[0], "sync")  # so that the office knows, too
        world.wait_idle(hub.pid)
        return used


def asked(province):
    """CPU of a command that shows it in the rank."""
    return statistics.median(ask_rank(province, 101 * ["A00000/CB00007"])[1])


def measure_more(folder):
    """more: one more report at 10^6 subjects against 10^4, until it is seen in the rank."""
    small, _ = crowd(folder / "small", 10_000)
    large, _ = crowd(folder / "large", 1_000_000)
    hub, ask = [], []
    for _ in range(3):
        hub.append((one_more(small), one_more(large)))
        ask.append((asked(small), asked(large)))
    ratios = [(h[1] + a[1]) / (h[0] + a[0]) for h, a in zip(hub, ask)]
    yield figure("one_more_report_at_1e6_to_1e4_subjects", statistics.median(ratios), "ratio", MORE_BAR,
                 runs=rounded(ratios), hub_alone=rounded(large / small for small, large in hub),
                 hub_us=[rounded((1e6 * small, 1e6 * large)) for small, large in hub],
                 asking_us=[rounded((1e6 * small, 1e6 * large)) for small, large in ask])


YEAR_BAR = at_most(10, 3)
YEAR_CONNECTIONS = 250


def one_year(folder, units):
    """A year of one hub and its offices; what the program says, and whether its board shows all."""
    province = world.Province(folder, 0, world.campaign(CAMPAIGN, 4, 0, scale.CRITERIA))
    province.import_units(scale.flat(units))
    (folder / "offices").mkdir()
    said = world.measured("bench_year", province.hub, folder / "offices", CAMPAIGN, scale.PEOPLE,
                          YEAR_CONNECTIONS, timeout=1800)
    board = json.loads(province.hub_verb("board", "--campaign", CAMPAIGN, "--at", "2100-01-01",
                                         "--json"))
    if len(board) != 4 or any(b["actual"] != len(units) for b in board):
        raise RuntimeError("a board does not show every report of the year")
    shutil.rmtree(folder)
    return said


def measure_year(folder):
    """year: 34 hubs and 3,855 nodes, a year, simulated, two hubs at a time."""
    below = scale.provinces()
    began = time.monotonic()
    said = scale.two_at_a_time(lambda n: one_year(folder / f"h{n}", below[n]), range(len(below)))
    seconds = time.monotonic() - began

    def total(name):
        return sum(s[name] for s in said)

    yield figure("nation_year_simulated", seconds / 60, "min", YEAR_BAR, hubs=len(said),
                 nodes=total("offices"), reports=total("reports"), connections=total("connections"),
                 cpu_minutes=round(total("cpu") / 60, 2), units=scale.units_folder and "real")
    yield bare("hub_store_growth_per_report",
               (total("store") - total("store_joined")) / total("reports") / 1024, "KiB",
               values=scale.PEOPLE * scale.CRITERIA)
    yield bare("bytes_per_connection", total("frame_bytes") / total("connections"), "bytes")


ALL = {"rush": measure_rush, "full": measure_full, "wire": measure_wire, "slow": measure_slow,
       "drop": measure_drop, "children": measure_children, "node": measure_node,
       "more": measure_more, "rank": measure_rank, "year": measure_year, "tree": scale.measure_tree,
        "restore": scale.measure_restore, "nation": scale.measure_nation, "decade": scale.measure_decade}
