#!/usr/bin/python3
"""A district hub that does what no honest one does, against the real hub above it.

It speaks the protocol by its document: hands on what nobody can check yet, in the wrong order; lies about
the contact of its children; lets two actors report for one unit; enrols outside its subtree. What the hub
above shows as received must have been enrolled, checked and receipted, whatever came.
THIDUA_BIN names the folder of the programs (default: build/release/bin).
"""
import json
import os
import subprocess
import time

import tap
import td
from client import SLOW, Client, campaign_named, seed
from td import pb
from test_interop import BIN, HUB, Hub

DAY_MS = 24 * 3600 * 1000
UNITS = """code,parent,level,name
948,94,district,Thị xã Ngã Năm
949,94,district,Huyện Mỹ Tú
31741,948,commune,Xã Tân Long
31744,31741,hamlet,Ấp Long Thành
31753,948,commune,Xã Mỹ Bình
31759,948,commune,Xã Mỹ Quới
31498,949,commune,Xã Mỹ Hương
"""
PLAN = """campaign:
  id: %s
  title: {vi: Thi đua}
  issuer: Tỉnh
  periods: [{id: "2024", begin: 01/01/2024, end: 31/12/2024}]
  reports:
    - {kind: annual, default: yes, due: {date: %s, inclusive: yes}, expected: [{levels: [%s]}]}
  criteria: [{id: C1, about: collective, label: {vi: Một}}]
"""


class District(Client):
    """A hub in memory, with many lanes and other people's records in its outbox."""

    def __init__(self, name, ticket):
        self.heads = {}  # (actor, lane) -> (seq, id)
        super().__init__(name, ticket)

    def state_in(self, keys, lane, kind, payload):
        """Let `keys` state something in `lane`; its bytes, which are not handed on yet."""
        seq, prev = self.heads.get((keys.actor, lane), (0, td.ZERO_HASH))
        data = td.build(keys, kind, payload.SerializeToString(), seq=seq + 1, prev=prev, lane=lane,
                        claimed=0 if kind == td.JOIN_RECORD else int(time.time() * 1000),
                        deployment=self.ticket.genesis)
        self.heads[keys.actor, lane] = (seq + 1, td.Record(data).id)
        return data

    def state(self, kind, payload, payload_version=1):
        self.stated.append(self.state_in(self.keys, self.ticket.unit, kind, pb.Join.FromString(payload)))

    def hand_on(self, *records):
        self.stated += records
        self.sync()

    def enrol(self, keys, unit, role=1):
        asked = td.build(keys, td.JOIN_RECORD, joined(keys, role).SerializeToString(), seq=1,
                         prev=td.ZERO_HASH, lane=unit, claimed=0, deployment=self.ticket.genesis)
        return self.state_in(self.keys, td.ZERO_UID, td.ENROL, pb.Enrol(
            actor=keys.actor, epoch=1, sign_key=keys.sign_public, transport_key=keys.transport_public,
            unit=unit, role=role, proof=td.Record(asked).proof))

    def join_of(self, keys, unit, role=1):
        return self.state_in(keys, unit, td.JOIN_RECORD, joined(keys, role))

    def reports(self, keys, unit, campaign, revision=1):
        """Bytes of a list of subjects and of a nil report on it."""
        subjects = self.state_in(keys, unit, td.SUBJECTS, listed(unit))
        return [subjects, self.state_in(keys, unit, td.REPORT, nil_report(
            unit, campaign, td.Record(subjects).id, revision))]


def joined(keys, role):
    return pb.Join(sign_key=keys.sign_public, transport_key=keys.transport_public, role=role)


def listed(unit):
    return pb.Subjects(unit=unit, list=[pb.Subject(id=unit, code="1", kind=1)])


def nil_report(unit, campaign, subjects, revision=1):
    return pb.Report(campaign=campaign, period="2024", kind=1, unit=unit, revision=revision, nil=True,
                     subjects=subjects)


def entries(client, data):
    """The receipt entries that came down to `client` for a record."""
    wanted = td.Record(data).id
    return [e for r in client.trust.by_kind(td.RECEIPT) for e in td.payload_of(r).entries
            if e.record == wanted]


def states(client, data):
    return [e.state for e in entries(client, data)]


def soon(client, data, want):
    """In one of the next connections, `client` has exactly such receipts of a record."""
    until = time.monotonic() + 10 * SLOW
    while states(client, data) != want and time.monotonic() < until:
        time.sleep(0.05)
        client.sync()
    assert states(client, data) == want, entries(client, data)


def keys_of(name):
    return td.Keys(seed(name + " sign"), seed(name + " transport"))


W = {}


def need(name):
    if name not in W:
        raise tap.Skip("an earlier step did not get there")
    return W[name]


def rows(campaign, *options):
    said = json.loads(need("hub").run("board", "--campaign", campaign, "--json", *options))
    return {row["unit"]: row for row in said["rows"]}, said


def reports():
    return {r["report"] for r in json.loads(need("hub").run("report", "list", "--json"))}


def unit_ids(client):
    return {f.code: f.id for r in client.trust.by_kind(td.UNITS) for f in td.payload_of(r).facts}


def a_district_joins_that_nobody_should_trust():
    if not os.access(HUB, os.X_OK):
        raise tap.Skip("no hub at %s" % HUB)
    hub = Hub()
    hub.fingerprint = hub.run("init", "--unit", "94", "--name", "Tỉnh", "--listen", hub.address).strip()
    soon = time.strftime("%d/%m/%Y", time.gmtime(time.time() + 5 * 24 * 3600))
    plans = {"a": PLAN % ("a", "15/12/2024", "commune"), "b": PLAN % ("b", soon, "hamlet")}
    with open(os.path.join(hub.dir, "units.csv"), "w") as f:
        f.write(UNITS)
    hub.run("unit", "import", "units.csv")
    for name, text in plans.items():
        with open(os.path.join(hub.dir, name + ".yaml"), "w") as f:
            f.write(text)
        hub.run("campaign", "issue", name + ".yaml")
    hub.serve()
    W["hub"] = hub
    district = District("district", td.parse_ticket(hub.run("enrol", "948", "--role", "hub")))
    kind, answer = district.join()
    assert kind == td.JOINED, (kind, answer)
    district.sync()
    W["district"], W["unit"] = district, unit_ids(district)
    W["a"] = campaign_named(district.trust, "a")[0].id


def what_its_child_reports_is_receipted_as_of_an_honest_one():
    district, unit, keys = need("district"), need("unit")["31741"], keys_of("honest")
    enrol, join = district.enrol(keys, unit), district.join_of(keys, unit)
    subjects, report = district.reports(keys, unit, need("a"))
    district.hand_on(enrol, join, subjects, report)
    soon(district, report, [td.VALID])
    assert td.Record(report).id.hex() in reports()
    W["honest"], W["first"] = keys, report


def a_record_whose_author_nobody_enrolled_is_not_shown_as_received():
    district, unit, keys = need("district"), need("unit")["31753"], keys_of("stranger")
    join = district.join_of(keys, unit)
    enrol = district.enrol(keys, unit)  # which is handed on later
    subjects, report = district.reports(keys, unit, need("a"))
    district.hand_on(report, subjects, join)  # and in the wrong order at that
    assert states(district, report) == [], entries(district, report)
    assert td.Record(report).id.hex() not in reports(), "it is listed"
    row = rows("a")[0]["31753"]
    assert row["state"] in ("missing", "unknown") and row["report"] is None, row
    W["stranger"] = (enrol, report)


def once_its_author_is_enrolled_it_is_received_as_of_when_it_came():
    district, (enrol, report) = need("district"), need("stranger")
    before = int(time.time() * 1000)
    time.sleep(0.01)
    district.hand_on(enrol)
    soon(district, report, [td.VALID])
    entry, = entries(district, report)
    assert entry.state == td.VALID and entry.received_at < before + 10, entry
    assert rows("a")[0]["31753"]["report"] == td.Record(report).id.hex()


def a_report_that_names_a_campaign_nobody_has_is_held_and_never_valid():
    district, unit, keys = need("district"), need("unit")["31741"], need("honest")
    plan = td.payload_of(campaign_named(district.trust, "a")[0])
    plan.id = "c"
    campaign = district.state_in(district.keys, td.ZERO_UID, td.CAMPAIGN, plan)
    subjects, report = district.reports(keys, unit, td.Record(campaign).id)
    district.hand_on(subjects, report)
    soon(district, report, [td.HELD])
    held = entries(district, report)[0].received_at
    district.hand_on(campaign)
    soon(district, report, [td.HELD, td.VALID])
    assert entries(district, report)[1].received_at == held


def two_actors_of_one_unit_are_counted_once():
    """The root enrols a machine for a unit that already has one of the district's."""
    hub, district, unit = need("hub"), need("district"), need("unit")["31741"]
    other = Client("second", td.parse_ticket(hub.run("enrol", "31741")))
    assert other.join()[0] == td.JOINED
    other.sync()
    subjects = other.state(td.SUBJECTS, listed(unit).SerializeToString())
    second = other.state(td.REPORT, nil_report(unit, need("a"), subjects).SerializeToString())
    other.sync()
    soon(other, other.stated[-1], [td.VALID])
    more, third = district.reports(need("honest"), unit, need("a"), 2)
    district.hand_on(more, third)
    found, board = rows("a")
    assert board["actual"] == 2 and found["31741"]["report"] in (second.hex(), td.Record(third).id.hex()), board
    W["second"] = (other, subjects)


def a_district_that_praises_a_hub_below_it_is_held_to_what_was_measured_of_itself():
    """It says that all its child held in ten years has come; nothing is known of the time since."""
    district, unit, keys = need("district"), need("unit")["31741"], keys_of("below")
    later = ("--at", time.strftime("%Y-%m-%dT00:00:00+07:00", time.gmtime(time.time() + 10 * 24 * 3600)))
    district.hand_on(district.enrol(keys, unit, role=2), district.join_of(keys, unit, role=2))
    assert rows("b", *later)[0]["31744"]["state"] == "unknown"
    then = int(time.time() * 1000) + 3650 * DAY_MS
    lie = pb.Contact(stated_at=then, children=[
        pb.ContactEntry(actor=keys.actor, unit=unit, heard_at=then, drained_to=then)])
    district.hand_on(district.state_in(district.keys, district.ticket.unit, td.CONTACT, lie))
    row = rows("b", *later)[0]["31744"]
    assert row["state"] == "unknown", row


def who_was_enrolled_outside_the_subtree_is_nobody():
    district, unit, keys = need("district"), need("unit")["31498"], keys_of("far")
    enrol, join = district.enrol(keys, unit), district.join_of(keys, unit)
    subjects, report = district.reports(keys, unit, need("a"))
    district.hand_on(enrol, join, subjects, report)
    W["void"] = [enrol]
    assert states(district, report) == [], entries(district, report)
    assert td.Record(report).id.hex() not in reports()
    assert rows("a")[0]["31498"]["report"] is None
    assert rows("a")[1]["actual"] == 2


def a_wrong_enrolment_is_void_and_what_came_after_it_counts():
    district, (other, listed_before) = need("district"), need("second")
    unit, keys = need("unit")["31759"], keys_of("after")
    subjects, report = district.reports(keys, unit, need("a"))
    district.hand_on(district.enrol(keys, unit), subjects, report)
    assert states(district, report) == [td.VALID], entries(district, report)
    other.state(td.REPORT, nil_report(other.ticket.unit, need("a"), listed_before, 3).SerializeToString())
    other.sync()
    soon(other, other.stated[-1], [td.VALID])


def the_auditor_sees_what_the_hub_sees():
    hub = need("hub")
    hub.stop()  # one that serves goes on hearing of its children
    said = rows("a")[1]
    hub.run("check")
    hub.run("bundle", "export", "all.tdb")
    done = subprocess.run([os.path.join(BIN, "thidua-audit"), "verify", "all.tdb", "--root", hub.fingerprint,
                           "--board", "--campaign", "a", "--at", said["at"], "--json"],
                          cwd=hub.dir, capture_output=True, text=True)
    found = json.loads(done.stdout)
    void = [td.Record(r).id.hex() for r in need("void")]
    assert done.returncode == 1 and [p["record"] for p in found["problems"]] == void, (
        done.stderr, found["problems"])
    assert found["board"] == said, (found["board"], said)


if __name__ == "__main__":
    tap.run([
        a_district_joins_that_nobody_should_trust,
        what_its_child_reports_is_receipted_as_of_an_honest_one,
        a_record_whose_author_nobody_enrolled_is_not_shown_as_received,
        once_its_author_is_enrolled_it_is_received_as_of_when_it_came,
        a_report_that_names_a_campaign_nobody_has_is_held_and_never_valid,
        two_actors_of_one_unit_are_counted_once,
        a_district_that_praises_a_hub_below_it_is_held_to_what_was_measured_of_itself,
        who_was_enrolled_outside_the_subtree_is_nobody,
        a_wrong_enrolment_is_void_and_what_came_after_it_counts,
        the_auditor_sees_what_the_hub_sees,
    ])
