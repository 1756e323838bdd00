"""Figures of whole provinces: the trees before and after July 2025 in the rush of the last days, a
hub that comes back from those below it, ten years of one province. None of them has a bar."""
import concurrent.futures
import csv
import datetime
import json
import os
import pathlib
import shutil
import statistics
import time

import world

CAMPAIGN = "mau"
PEOPLE, CRITERIA = 25, 17  # 425 values a report
HUBS, NODES = 34, 3855
OLD_PROVINCES, OLD_DISTRICTS, OLD_COMMUNES = 63, 696, 10047
VIET_NAM = datetime.timezone(datetime.timedelta(hours=7))
units_folder = None  # of --units


def bare(name, value, unit, **more):
    """A figure that no bar is set for."""
    return {"name": name, "value": float(f"{value:.4g}"), "unit": unit, "bar": None, "held": None,
            **more}


def listed(name):
    """The rows of a file of units in the folder that was given."""
    with open(pathlib.Path(units_folder) / name, encoding="utf-8-sig") as f:
        return list(csv.DictReader(f))


def provinces():
    """The units below each hub, [(code, name)]: 3,855 in all. Real ones where a folder of them was
    given: communes by province, and departments for the rest."""
    if units_folder is None:
        below = [[(f"{31000 + i}", f"Xã {i}") for i in range((NODES + h) // HUBS)]
                 for h in range(HUBS)]
    else:
        rows = listed("units-after-2025-07.csv")
        below = [[(r["code"], r["name"]) for r in rows if r["parent"] == p["code"]]
                 for p in rows if p["level"] == "province"]
    missing = NODES - sum(map(len, below))
    for n in range(max(0, missing)):
        below[n % len(below)].append((f"S{n // len(below):03}", f"Sở {n // len(below)}"))
    return below


def flat(units):
    """Rows of a units file: `units` right below the hub, [(code, name)]."""
    return "".join(f'{code},94,commune,state,"{name}",\n' for code, name in units)


def old_provinces():
    """The same for the tree before July 2025: rows of a units file for each province, districts
    first."""
    if units_folder is not None:
        rows = listed("units-before-2025-07.csv")
        tops = [r["code"] for r in rows if r["level"] == "province"]
        of = {r["code"]: r["parent"] for r in rows}
        out = {top: ["", ""] for top in tops}
        for r in rows:
            if r["level"] == "province":
                continue
            district = r["level"] == "district"
            top = r["parent"] if district else of[r["parent"]]
            code = f"H{r['code']}" if district else r["code"]
            parent = "94" if district else f"H{r['parent']}"
            out[top][0 if district else 1] += f'{code},{parent},{r["level"]},state,"{r["name"]}",\n'
        return ["".join(out[top]) for top in tops]
    out, district = [], 0
    for p in range(OLD_PROVINCES):
        districts = communes = ""
        for _ in range((OLD_DISTRICTS + p) // OLD_PROVINCES):
            districts += f"H{district},94,district,state,Huyện {district},\n"
            for n in range((OLD_COMMUNES + district) // OLD_DISTRICTS):
                communes += f"{district:03}{n:02},H{district},commune,state,Xã {n},\n"
            district += 1
        out.append(districts + communes)
    return out


def two_at_a_time(work, items):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return list(pool.map(work, items))


# ---- the year and its last 48 hours ----

RUSH_HOURS, CONNECTIONS = 48, 12
ASKED = 5


def last_due():
    """The 15th of last December, and when that is over."""
    day = datetime.date(datetime.date.today().year - 1, 12, 15)
    over = datetime.datetime(day.year, 12, 16, tzinfo=VIET_NAM)
    return day, over


def asked_ms(province, *words):
    """Milliseconds that a command takes in a process of its own, and what it says."""
    taken = []
    for _ in range(ASKED):
        began = time.monotonic()
        out = province.hub_verb(*words, "--json")
        taken.append(1000 * (time.monotonic() - began))
    return statistics.median(taken), json.loads(out)


def one_rush(folder, rows):
    """A year of the province whose units are `rows`, and its rush; what the program says, and what
    its board and rank then show and take."""
    day, over = last_due()
    text = world.campaign(CAMPAIGN, 4, 0, CRITERIA, last_year=day.year - 1, due=f"date: {day}")
    province = world.Province(folder, 0, text, began=over - datetime.timedelta(days=341))
    province.import_units(rows)
    (folder / "offices").mkdir()
    said = world.measured("bench_province", province.hub, folder / "offices", CAMPAIGN, PEOPLE,
                          CONNECTIONS, RUSH_HOURS, round(1000 * over.timestamp()), timeout=1800)
    province.env = None
    period = f"{day.year - 1}-12"
    said["board_ms"], board = asked_ms(province, "board", "--period", period)
    said["rank_ms"], rank = asked_ms(province, "rank", "--period", period, "--subject-kind",
                                     "individual", "--limit", 100)
    if board["actual"] != said["offices"] or len(rank["rows"]) < 100:
        raise RuntimeError("board or rank does not show every report of the year")
    said["on_time"] = board["actual_on_time"]
    shutil.rmtree(folder)
    return said


def rush_of(folder, name, trees):
    began = time.monotonic()
    said = two_at_a_time(lambda n: one_rush(folder / f"{name}{n}", trees[n]), range(len(trees)))
    seconds = time.monotonic() - began

    def total(key):
        return sum(s[key] for s in said)

    def most(key):
        return max(s[key] for s in said)

    reports = total("rush_reports")
    yield bare(f"{name}_year_simulated", seconds / 60, "min", hubs=total("hubs"), offices=total("offices"),
               reports=total("reports"), connections=total("offices") * CONNECTIONS + total("dials"),
               cpu_seconds=round(total("cpu"), 1), of_which_joining=round(total("cpu_joining"), 1),
               before_the_rush=round(total("cpu_living"), 1), units=units_folder and "real")
    yield bare(f"{name}_rush_hub_cpu_per_report", 1e6 * total("hubs_cpu") / reports, "us",
               at_the_province=round(1e6 * total("root_cpu") / reports, 1),
               values=PEOPLE * CRITERIA, reports=reports, dials=total("dials"), cut=total("cuts"))
    yield bare(f"{name}_rush_greatest_backlog", most("backlog"), "reports",
               frames_waiting_at_a_hub=most("queue"), of_reports=most("rush_reports"))
    yield bare(f"{name}_rush_root_holds_all_after_due", most("complete_after"), "s",
               median=round(statistics.median(s["complete_after"] for s in said), 1),
               on_time_of_the_last_period=round(total("on_time") / total("offices"), 5))
    largest = max(said, key=lambda s: s["offices"])
    for what in ("board", "rank"):
        yield bare(f"{name}_{what}_of_a_province", largest[f"{what}_ms"], "ms",
                   offices=largest["offices"], people=largest["offices"] * PEOPLE,
                   median=round(statistics.median(s[f"{what}_ms"] for s in said), 2))
    yield bare(f"{name}_store_growth_per_report",
               (total("store") - total("store_joined")) / total("reports") / 1024, "KiB")


def measure_tree(folder):
    """tree: the trees before and after July 2025, a year with 80 % of its reports in two days."""
    yield from rush_of(folder, "old_tree", old_provinces())
    yield from rush_of(folder, "new_tree", [flat(units) for units in provinces()])


# ---- a hub that comes back ----

BACK_OFFICES, BACK_REPORTS, ROUNDS = 64, 30, 8
LATER = "2100-01-01"


def sync(province, office):
    """One `sync`; whether it came to its end."""
    try:
        province.node_verb(office, "sync")
        return True
    except RuntimeError:
        return False


def all_sync(province):
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        return all(pool.map(lambda office: sync(province, office), province.offices))


def boards(province):
    """All of it but when each office was last heard."""
    said = json.loads(province.hub_verb("board", "--campaign", CAMPAIGN, "--at", LATER, "--json"))
    for row in (row for board in said for row in board["rows"]):
        del row["last_contact"]
    return said


def records_of(province):
    """How many records the hub holds, by its own check."""
    return json.loads(province.hub_verb("check", "--json"))["records"]


def come_back(province, want):
    """Begin anew with the key alone; seconds, the hub's CPU and how often each office called."""
    for name in ("data.mdb", "lock.mdb"):
        (province.hub / name).unlink()
    began = time.monotonic()
    used = world.children_cpu()
    province.found()
    used = world.children_cpu() - used
    with world.Hub(province.hub, province.port) as hub:
        for n in range(1, ROUNDS + 1):
            whole = all_sync(province)
            if whole and boards(province) == want:
                return time.monotonic() - began, used + world.cpu_seconds(hub.pid), n
    raise RuntimeError("the board is not what it was before")


def measure_restore(folder):
    """restore: the hub of a province is wiped, but for its key, and gets back what those below it
    and the hub above hold."""
    country = world.Country(folder / "country")
    with world.Hub(country.hub, country.port):
        province = world.ProvinceUnder(folder / "province", country, BACK_OFFICES,
                                       world.campaign(CAMPAIGN, BACK_REPORTS, 0, CRITERIA), people=PEOPLE)
        province.seal(CAMPAIGN, BACK_REPORTS)
        with world.Hub(province.hub, province.port) as hub:
            began = time.monotonic()
            if not all_sync(province):
                raise RuntimeError("not every report was taken")
            first = time.monotonic() - began
            world.wait_idle(hub.pid)
            cpu = world.cpu_seconds(hub.pid)
            want = boards(province)
            if any(b["actual"] != BACK_OFFICES for b in want):
                raise RuntimeError("the board does not show every report")
        records = records_of(province)
        seconds, used, rounds = come_back(province, want)
    yield bare("restored_hub_board_as_before", seconds, "s", offices=BACK_OFFICES,
               reports=BACK_OFFICES * BACK_REPORTS, values=PEOPLE * CRITERIA, calls_of_each=rounds,
               seconds_when_all_was_new=round(first, 2))
    yield bare("restored_hub_cpu_per_record", 1e6 * used / records, "us", records=records,
               when_all_was_new=round(1e6 * cpu / records, 1))


# ---- one hub above all units of the old tree ----


def nation():
    """Rows of a units file: provinces, districts and communes before July 2025, under one root."""
    out, district = [], 0
    for p in range(OLD_PROVINCES):
        out.append(f"T{p:02},94,province,state,Tỉnh {p},")
        for _ in range((OLD_DISTRICTS + p) // OLD_PROVINCES):
            out.append(f"H{district},T{p:02},district,state,Huyện {district},")
            out += [f"{district:03}{n:02},H{district},commune,state,Xã {n},"
                    for n in range((OLD_COMMUNES + district) // OLD_DISTRICTS)]
            district += 1
    return "\n".join(out) + "\n"


def cpu_ms(province, *words):
    """CPU milliseconds of a command in a process of its own, and what it says."""
    taken = []
    for _ in range(ASKED):
        used = world.children_cpu()
        out = province.hub_verb(*words, "--json")
        taken.append(1000 * (world.children_cpu() - used))
    return statistics.median(taken), json.loads(out)


def measure_nation(folder):
    """nation: the board of all units of the old tree at one root, every commune with its report."""
    province = world.Province(folder / "nation", 0, world.campaign(CAMPAIGN, 1, 2, 0))
    province.import_units(nation())
    said = world.measured("bench_nation", province.hub, CAMPAIGN, timeout=1200)
    for name, words in (("board", []), ("branches", ["--branches"])):
        ms, board = cpu_ms(province, "board", *words)
        if board["actual"] != said["reports"]:
            raise RuntimeError("the board does not show every report")
        yield bare(f"nation_{name}_cpu", ms, "ms", units=board["expected"], reports=board["actual"],
                   shown=len(board["rows"]) + len(board.get("branches", [])))


# ---- ten years of a province ----

YEARS, DECADE_OFFICES, DECADE_CONNECTIONS = 10, 113, 24
IMPORT_PEOPLE, IMPORT_CRITERIA, IMPORT_FILES = 4000, 64, 4  # as much as a file and a report may hold


def decade_campaigns(province, first_year):
    """A campaign for each year, of twelve months."""
    names = [f"nam{first_year + n}" for n in range(YEARS)]
    for n, name in enumerate(names):
        path = province.folder / f"{name}.yaml"
        path.write_text(world.campaign(name, 12, 0, CRITERIA, last_year=first_year + n))
        province.hub_verb("campaign", "issue", path)
    return names


def office_ms(office, *words):
    """Milliseconds that a command of the office takes, and the most anonymous memory, in KiB."""
    said = [world.measured("bench_peak", world.BIN / "thidua-node", "-d", office, *words)
            for _ in range(ASKED)]
    if any(s["exit"] for s in said):
        raise RuntimeError(f"{words[0]} failed")
    return 1000 * statistics.median(s["seconds"] for s in said), max(s["peak_kib"] for s in said)


def million_rows(folder):
    """Import of a million rows at a node: seconds of each file, and the most memory."""
    text = world.campaign("lon", IMPORT_FILES, 0, IMPORT_CRITERIA)
    province = world.Province(folder, 1, text, people=IMPORT_PEOPLE)
    office, taken, peak = province.offices[0], [], 0
    for n in range(IMPORT_FILES):
        path = folder / f"rows{n}.csv"
        with open(path, "w", encoding="utf-8") as f:
            f.write("subject,criterion,value,note\n")
            for i in range(IMPORT_PEOPLE):
                f.writelines(f"CB{i:04},I{c},{'met' if (i + c + n) % 7 else 'not met'},\n"
                             for c in range(1, IMPORT_CRITERIA + 1))
        said = world.measured("bench_peak", world.BIN / "thidua-node", "-d", office, "import", path,
                              "--campaign", "lon", "--period", f"2023-{12 - n:02}")
        if said["exit"]:
            raise RuntimeError("an import failed")
        taken.append(said["seconds"])
        peak = max(peak, said["peak_kib"])
    return taken, peak


def measure_decade(folder):
    """decade: ten years of one province; then what its hub and an office take, and a large import."""
    first_year = datetime.date.today().year - YEARS
    began = datetime.datetime(first_year, 1, 1, tzinfo=VIET_NAM)
    province = world.Province(folder / "province", 0, world.campaign("mo-dau", 1, 1, 0), began=began)
    province.import_units(flat([(f"{31000 + i}", f"Xã {i}") for i in range(DECADE_OFFICES)]))
    names = decade_campaigns(province, first_year)
    (folder / "offices").mkdir()
    said = world.measured("bench_decade", province.hub, folder / "offices",
                          round(1000 * began.timestamp()) + 3_600_000, YEARS, DECADE_CONNECTIONS, PEOPLE,
                          *names, timeout=1800)
    province.env = None
    board = json.loads(province.hub_verb("board", "--campaign", names[-1], "--at", LATER, "--json"))
    if len(board) != 12 or any(b["actual"] != DECADE_OFFICES for b in board):
        raise RuntimeError("a board does not show every report of the last year")
    kib, store = ([y[key] for y in said["years"]] for key in ("kib", "store"))
    reports = 13 * DECADE_OFFICES
    yield bare("decade_hub_anonymous_memory_year_10_to_2", kib[-1] / kib[1], "ratio", kib=kib,
               offices=DECADE_OFFICES, reports=reports * YEARS,
               connections=DECADE_OFFICES * DECADE_CONNECTIONS * YEARS)
    yield bare("decade_store_growth_per_report", (store[-1] - store[1]) / reports / (YEARS - 2) / 1024,
               "KiB", values=PEOPLE * CRITERIA, mib=[round(s / 2**20, 1) for s in store])
    office = folder / "offices" / "31000"
    for name, words in (("status", ("status",)),
                        ("score", ("score", "--campaign", names[-1], "--period", f"{first_year + 9}-12"))):
        ms, peak = office_ms(office, *words)
        yield bare(f"decade_office_{name}", ms, "ms", reports=13 * YEARS, kib=peak)
    taken, peak = million_rows(folder / "import")
    yield bare("import_of_1e6_rows", sum(taken), "s", rows=IMPORT_PEOPLE * IMPORT_CRITERIA * IMPORT_FILES,
               files=[round(t, 2) for t in taken], kib=peak)
