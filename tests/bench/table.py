"""The table of BENCH.md from the lines that ops/bench printed: several runs stand side by side."""
import json
import sys


def read(lines):
    """Runs, each {name: line}; a run begins where the machine is told."""
    runs = []
    for line in lines:
        if not line.strip():
            continue
        said = json.loads(line)
        if said["name"] == "load_average" or not runs:
            runs.append({})
        runs[-1][said["name"]] = said
    return runs


def shown(line):
    if line is None:
        return ""
    if line["value"] is None:
        return f"not measured: {line.get('why', '')}"
    return f"{line['value']:,g} {line['unit']}" if line["unit"] != "ratio" else f"{line['value']:g}"


def reached(line):
    """What a figure holds: its stretch, its bar, or neither."""
    if line is None or line["bar"] is None:
        return ""
    if not line["held"]:
        return "**no**"
    sign, limit = line["stretch"].split()
    beyond = line["value"] <= float(limit) if sign == "<=" else line["value"] >= float(limit)
    return "stretch" if beyond else "bar"


def header(run):
    about = run.get("load_average", {})
    return (f"{about.get('date', '?')}, commit {about.get('commit') or '?'}: "
            f"`{about.get('command', '?')}` on {about.get('machine', '?')}, load {about.get('value', '?')} "
            "before it began")


def table(lines):
    """The rows, as text: one column for each run and whether all of them hold."""
    runs = read(lines)
    names = []
    for run in runs:
        names += [n for n in run if n not in names and n != "load_average"]
    out = [f"{n}. {header(run)}" for n, run in enumerate(runs, 1)]
    out += ["", "| figure | bar | stretch | " + " | ".join(f"run {n}" for n in range(1, len(runs) + 1)) +
            " | held |", "|---|---|---|" + "---|" * (len(runs) + 1)]
    for name in names:
        each = [run.get(name) for run in runs]
        one = next(line for line in each if line)
        held = " ".join(dict.fromkeys(w for w in map(reached, each) if w))
        out.append(f"| `{name}` | {one['bar'] or ''} | {one.get('stretch') or ''} | " +
                   " | ".join(map(shown, each)) + f" | {held} |")
    return "\n".join(out)


def main(files):
    lines = [l for f in files for l in open(f, encoding="utf-8")] if files else list(sys.stdin)
    print(table(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
