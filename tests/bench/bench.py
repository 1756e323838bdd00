#!/usr/bin/python3
"""Measure the figures of the design; one JSON object per line. See BENCH.md and ops/bench."""
import json
import os
import sys
import time

import figures
import world


def measure(name, folder):
    """The lines of one group; one that breaks says why, and the others go on."""
    try:
        yield from figures.ALL[name](folder)
    except Exception as why:  # whatever it was, the figure was not measured
        yield {"name": name, "value": None, "unit": None, "bar": None, "held": False,
               "why": " ".join(str(why).split())[:600]}


def main(words):
    unknown = [w for w in words if w not in figures.ALL]
    if unknown:
        sys.exit(f"usage: ops/bench [NAME...], NAME one of: {' '.join(figures.ALL)}")
    held = True
    print(json.dumps({"name": "load_average", "value": round(os.getloadavg()[0], 2), "unit": "processes",
                      "bar": None, "held": None, "cores": os.cpu_count()},
                     separators=(",", ":")), flush=True)
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
