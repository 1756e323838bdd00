#!/usr/bin/python3
"""Two district hubs that state units in each other's way, whichever of them is read first.

THIDUA_BIN names the folder of the programs (default: build/release/bin).
"""
import json
import os
import subprocess
import time

import tap
import td
import test_district as d
from client import seed
from td import pb
from test_interop import BIN, HUB


def fact(unit, parent, code, **more):
    return pb.UnitFact(id=unit, parent=parent, code=code, level="commune", name="Xã " + code, **more)


def state(district, *facts):
    data = district.state_in(district.keys, td.ZERO_UID, td.UNITS, pb.Units(facts=facts))
    district.hand_on(data)
    return data


def sibling(first):
    """The hub of 949, which is read before that of 948 or after it."""
    n = 0
    while (td.Keys(seed("s%d sign" % n), seed("s%d transport" % n)).actor < d.W["district"].keys.actor) != first:
        n += 1
    s = d.District("s%d" % n, td.parse_ticket(d.W["hub"].run("enrol", "949", "--role", "hub")))
    assert s.join()[0] == td.JOINED
    s.sync()
    return s


def office(district, name, unit):
    """Enrol a machine of `unit` and have it report: what it stated last."""
    keys = d.keys_of(name)
    subjects, report = district.reports(keys, unit, d.W["a"])
    district.hand_on(district.enrol(keys, unit), district.join_of(keys, unit), subjects, report)
    return keys, report


def audited():
    """What the auditor finds, whose board has to be the hub's; the records that it blames."""
    hub = d.W["hub"]
    hub.run("check")
    hub.run("bundle", "export", "all.tdb")
    said = d.rows("a")[1]
    done = subprocess.run([os.path.join(BIN, "thidua-audit"), "verify", "all.tdb", "--root", hub.fingerprint,
                           "--board", "--campaign", "a", "--at", said["at"], "--json"],
                          cwd=hub.dir, capture_output=True, text=True)
    found = json.loads(done.stdout)
    assert found["board"] == said, (found["board"], said)
    return {p["record"] for p in found["problems"]}


def begin(first):
    d.W.clear()
    d.a_district_joins_that_nobody_should_trust()
    return d.W["district"], sibling(first), d.W["unit"]


def end(*blamed):
    """Only those records are wrong, by the auditor's word."""
    d.W["hub"].stop()
    assert audited() == {td.Record(r).id.hex() for r in blamed}


def a_unit_stays_with_whoever_entered_it_in_whatever_order_they_are_read():
    for first in (False, True):
        thief, owner, unit = begin(first)
        new = td.unit_id(unit["949"], "new")
        state(owner, fact(new, unit["949"], "31999"), fact(td.unit_id(unit["949"], "dated"), unit["949"], "31998",
                                                           effective=20000))
        keys, report = office(owner, "office", new)
        d.soon(owner, report, [td.VALID])
        stolen = [state(thief, fact(new, unit["948"], "31999")),
                  state(thief, fact(td.unit_id(unit["949"], "dated"), unit["948"], "31998", effective=10000)),
                  state(thief, fact(b"any unit's id...", unit["948"], "31997"))]
        subjects, again = owner.reports(keys, new, d.W["a"], 2)
        owner.hand_on(subjects, again)
        d.soon(owner, again, [td.VALID])
        row = d.rows("a")[0]["31999"]
        assert row["report"] == td.Record(again).id.hex(), row
        assert "31997" not in d.rows("a")[0]
        end(*stolen)


def units_that_two_districts_gave_one_code_are_both_there():
    for first in (False, True):
        one, other, unit = begin(first)
        mine, theirs = td.unit_id(unit["948"], "mine"), td.unit_id(unit["949"], "theirs")
        state(one, fact(mine, unit["948"], "31999"))
        state(other, fact(theirs, unit["949"], "31999"))
        reports = []
        for hub, new, name in ((one, mine, "office of one"), (other, theirs, "office of other")):
            keys, report = office(hub, name, new)
            d.soon(hub, report, [td.VALID])
            reports.append(td.Record(report).id.hex())
        said = d.rows("a")[1]
        assert sorted(r["report"] for r in said["rows"] if r["unit"] == "31999") == sorted(reports), said
        refused = subprocess.run([HUB, "--data", "hub", "--lang", "en", "enrol", "31999"], cwd=d.W["hub"].dir,
                                 capture_output=True, text=True)
        assert refused.returncode != 0 and "two units have the code 31999" in refused.stderr, refused
        end()


def of_a_record_with_a_fact_that_fits_nowhere_the_rest_counts():
    one, other, unit = begin(True)
    upper, lower, last = (td.unit_id(unit["948"], what) for what in ("upper", "lower", "last"))
    state(one, fact(upper, unit["948"], "31901"), fact(lower, upper, "31902"),
          fact(upper, lower, "31901"), fact(last, unit["948"], "31903"))
    keys, report = office(one, "office of the last", last)
    d.soon(one, report, [td.VALID])
    assert d.rows("a")[0]["31903"]["report"] == td.Record(report).id.hex()
    end()


if __name__ == "__main__":
    tap.run([
        a_unit_stays_with_whoever_entered_it_in_whatever_order_they_are_read,
        units_that_two_districts_gave_one_code_are_both_there,
        of_a_record_with_a_fact_that_fits_nowhere_the_rest_counts,
    ])
