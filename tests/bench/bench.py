#!/usr/bin/python3
"""Measure what thidua is held to; one JSON object per line. See BENCH.md and ops/bench."""
import datetime
import json
import os
import platform
import subprocess
import sys
import time

import figures
import scale
import world


def machine():
    """The processor, its cores, the memory and the system, in words."""
    model = platform.machine()
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        for line in f:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    gib = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return f"{model}, {os.cpu_count()} cores, {gib:.0f} GiB, Linux {platform.release()}"


def commit():
    """What is measured, as git calls it; None where there is no git."""
    try:
        return subprocess.run(["git", "-C", world.ROOT, "describe", "--always", "--dirty"],
                              capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def measure(name, folder):
    """The lines of one group; one that breaks says why, and the others go on."""
    try:
        yield from figures.ALL[name](folder)
    except Exception as why:  # whatever it was, the figure was not measured
        yield {"name": name, "value": None, "unit": None, "bar": None, "held": False,
               "why": " ".join(str(why).split())[:600]}


def main(words):
    command = " ".join(["ops/bench", *words])
    if words[:1] == ["--units"] and len(words) > 1:
        scale.units_folder = words[1]
        words = words[2:]
    unknown = [w for w in words if w not in figures.ALL]
    if unknown:
        sys.exit(f"usage: ops/bench [--units DIR] [NAME...], NAME one of: {' '.join(figures.ALL)}")
    held = True
    print(json.dumps({"name": "load_average", "value": round(os.getloadavg()[0], 2), "unit": "processes",
                      "bar": None, "held": None, "cores": os.cpu_count(), "machine": machine(),
                      "date": datetime.date.today().isoformat(), "commit": commit(),
                      "command": command}, separators=(",", ":")), flush=True)
    for name in words or figures.ALL:
        began = time.monotonic()
        with world.scratch() as folder:
            for line in measure(name, folder):
                held = held and line["held"] is not False
                print(json.dumps(line, ensure_ascii=False, separators=(",", ":")), flush=True)
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
