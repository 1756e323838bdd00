#!/usr/bin/python3
"""A client that knows the protocol by its document only, against the real hub.

It joins with a ticket, receives campaigns, submits a report and verifies the receipt from the
fingerprint down; offers the same bytes again, offers garbage, and checks an exported bundle.
THIDUA_BIN names the folder of the programs (default: build/release/bin).
"""
import atexit
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import tap
import td
from client import (Client, Line, SLOW, bytes_of, campaign_named, columns_like, criteria_of,
                    seed, state_report, state_subjects, uid)
from td import pb

BIN = os.environ.get("THIDUA_BIN", os.path.join(td.ROOT, "build", "release", "bin"))
HUB = os.path.join(BIN, "thidua-hub")
UNITS = """code,parent,level,kind,name,group
31498,94,commune,state,Thị trấn Kế Sách,Khối 1
31501,94,commune,state,Xã Tân Thạnh,Khối 1
"""
CAMPAIGNS = ["tan-thanh-2023", "soctrang-2023", "soctrang-2023-points", "soctrang-2023-met"]


# ---- the hub


class Hub:
    """The real programs, in a folder that goes when the test goes."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="thidua-interop-")
        atexit.register(shutil.rmtree, self.dir, True)
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.address = "tcp://127.0.0.1:%d" % s.getsockname()[1]
        self.process = None
        atexit.register(self.stop)

    def run(self, *args):
        """One verb; its standard output."""
        done = subprocess.run([HUB, "--data", "hub", "--lang", "en", *args], cwd=self.dir,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=60 * SLOW)
        assert done.returncode == 0, (args, done.returncode, done.stdout, done.stderr)
        return done.stdout

    def serve(self):
        self.log = os.path.join(self.dir, "serve.log")
        with open(self.log, "w") as log:
            self.process = subprocess.Popen([HUB, "--data", "hub", "--lang", "vi", "serve"],
                                            cwd=self.dir, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log)
        until = time.monotonic() + 30 * SLOW
        while "ready" not in open(self.log).read():
            assert self.process.poll() is None, open(self.log).read()
            assert time.monotonic() < until, "the hub does not get ready"
            time.sleep(0.05)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process = None


def found_hub():
    if not os.access(HUB, os.X_OK):
        raise tap.Skip("no hub at %s" % HUB)
    hub = Hub()
    said = hub.run("init", "--unit", "94", "--name", "Tỉnh Sóc Trăng", "--listen", hub.address)
    hub.fingerprint = bytes.fromhex(re.search(r"\b[0-9a-f]{64}\b", said).group(0))
    with open(os.path.join(hub.dir, "units.csv"), "w") as f:
        f.write(UNITS)
    hub.run("unit", "import", "units.csv")
    for name in CAMPAIGNS:
        path = os.path.join(td.ROOT, "ops", "campaigns", name + ".yaml")
        hub.run("campaign", "issue", path)
    hub.serve()
    return hub


# ---- the story

W = {}  # what one step leaves for the next


def need(name):
    if name not in W:
        raise tap.Skip("an earlier step did not get there")
    return W[name]


def a_hub_is_founded_and_serves():
    W["hub"] = found_hub()


def a_ticket_is_one_line_that_says_where_and_whose():
    hub = need("hub")
    line = hub.run("enrol", "31498")
    assert line.count("\n") == 1, line
    ticket = td.parse_ticket(line)
    assert ticket.genesis == hub.fingerprint and ticket.code == "31498" and ticket.role == 1
    assert ticket.address == hub.address and ticket.name == "Thị trấn Kế Sách"
    W["ticket"] = ticket


def a_key_that_is_unknown_may_say_nothing_but_join():
    ticket = need("ticket")
    stranger = Client("stranger", ticket)
    with Line(stranger.keys, ticket) as line:
        kind, body = stranger.greet(line)
        assert kind == td.REFUSED and body.code == 3, (kind, body)
    with Line(stranger.keys, ticket) as line:
        line.socket.send(b"TDF\1" + bytes([td.RECORDS]) + b"\0" * 5000)
        assert line.receive(1) is None, "a frame above a guest's allowance was answered"


def a_ticket_that_was_never_printed_is_refused():
    ticket = need("ticket")
    made_up = td.Ticket(1, bytes(15) + b"\1", ticket.genesis, ticket.transport_key, ticket.unit,
                        ticket.address, ticket.code, ticket.name)
    kind, body = Client("stranger", made_up).join()
    assert kind == td.REFUSED and body.code == 5, (kind, body)


def joining_gives_the_way_from_the_fingerprint_down_to_us():
    client = Client("node", need("ticket"))
    kind, body = client.join()
    assert kind == td.JOINED, (kind, body)
    W["client"], W["joined"] = client, list(body.records)


def the_same_key_with_the_same_ticket_gets_the_same_answer():
    kind, body = need("client").join()
    assert kind == td.JOINED and list(body.records) == need("joined"), (kind, body)


def another_key_with_a_used_ticket_is_refused():
    need("client")
    kind, body = Client("thief", need("ticket")).join()
    assert kind == td.REFUSED and body.code == 6, (kind, body)


def campaigns_arrive_and_every_record_verifies_from_the_fingerprint():
    client = need("client")
    client.sync()
    names = {td.payload_of(r).id for r in client.trust.by_kind(td.CAMPAIGN)}
    assert names == {"tan-thanh-2023", "soctrang-2023"}, names
    criteria = criteria_of(client.trust, campaign_named(client.trust, "soctrang-2023")[1])
    assert any(c.leaf for c in criteria.values()), "no criterion was inherited"
    W["synced"] = client


def a_report_gets_a_receipt_that_verifies_from_the_fingerprint():
    client = need("synced")
    subjects, listed = state_subjects(client)
    before = int(time.time() * 1000)
    report = state_report(client, subjects, listed, 90)
    client.sync()
    (record, entry), = client.receipts_of(report)
    assert entry.state == td.VALID and entry.code == 0, entry
    assert before - 1000 <= entry.received_at <= int(time.time() * 1000) + 1000, entry
    assert not entry.clock_doubt
    W["report"], W["receipt"], W["listed"] = report, (record.id, entry), (subjects, listed)


def the_same_bytes_on_a_new_connection_get_the_receipt_that_exists():
    client, report = need("client"), need("report")
    known = need("receipt")
    heads = [h for h in client.sync(outbox=uid("rebuilt")) if h.actor == client.keys.actor]
    assert [(h.seq, h.id) for h in heads] == [(len(client.stated),
                                               td.Record(client.stated[-1]).id)], heads
    found = client.receipts_of(report)
    assert [(r.id, e) for r, e in found] == [known], found
    assert client.came.count(known[0]) == 2, "the receipt did not come again"


def a_report_that_breaks_a_rule_is_rejected_by_code_and_blocks_nobody():
    client, report = need("client"), need("report")
    subjects, listed = need("listed")
    cut = columns_like(client, report, lambda cells: cells[:-1])
    blank = columns_like(client, report, lambda cells: [0] * len(cells))
    high = columns_like(client, report, lambda cells: [c and (4 + 0xFFFFFF) for c in cells])
    cases = [
        ("period", dict(period="1999"), 4), ("kind", dict(kind=4), 5),
        ("campaign", dict(campaign=campaign_named(client.trust, "tan-thanh-2023")[0].id), None),
        ("unit", dict(unit=uid("nowhere")), None), ("subjects", dict(subjects=report), 8),
        ("a cell short", dict(columns=cut), 9), ("no column", dict(columns=[]), 9),
        ("empty", dict(columns=blank), 11), ("too high", dict(columns=high), 10)]
    stated = [(name, state_report(client, subjects, listed, 90, **changed), code)
              for name, changed, code in cases]
    stated.append(("bytes", client.state(td.REPORT, b"\xff\xff\xff"), 1))
    good = state_report(client, subjects, listed, 70, revision=2)
    client.sync()
    for name, record_id, code in stated:
        (_, entry), = client.receipts_of(record_id)
        assert entry.state == td.REJECTED and entry.code == (code or entry.code), (name, entry)
    (_, entry), = client.receipts_of(good)
    assert entry.state == td.VALID, entry


def what_a_later_version_states_is_held_and_receipted():
    client = need("report") and need("client")
    for kind, version in ((999, 1), (999, 7), (td.REPORT, 2)):
        strange = client.state(kind, b"\xff from a later version", version)
        client.sync()
        (_, entry), = client.receipts_of(strange)
        assert entry.state == td.HELD, (kind, version, entry)


def a_record_that_comes_before_its_predecessor_waits_for_it():
    client, people = need("client"), need("listed")
    first = state_report(client, *people, 71, revision=3)
    second = state_report(client, *people, 72, revision=4)
    with Line(client.keys, client.ticket) as line:
        assert client.greet(line, outbox=uid("early"), outbox_end=1)[0] == td.WELCOME
        line.send(td.RECORDS, pb.Records(stream=uid("early"), first=1, end=1,
                                         records=client.stated[-1:]))
        kind, ack = line.receive()
        while kind == td.RECORDS:
            kind, ack = line.receive()
        assert kind == td.ACK and ack.position == 1, (kind, ack)
    client.sync()
    states = [entry.state for r in (first, second) for _, entry in client.receipts_of(r)]
    assert states == [td.VALID, td.VALID], states


def garbage_in_a_stream_is_refused_and_the_stream_goes_on():
    client, report = need("client"), need("report")
    garbage = bytearray(bytes_of(client, report))
    garbage[-1] ^= 1
    stolen = td.build(td.Keys(seed("thief sign"), seed("thief transport")), td.REPORT, b"",
                      actor=client.keys.actor, seq=len(client.stated) + 1,
                      prev=td.Record(client.stated[-1]).id, lane=client.ticket.unit,
                      deployment=client.ticket.genesis)
    records = [b"no record at all", bytes(garbage), stolen]
    with Line(client.keys, client.ticket) as line:
        kind, _ = client.greet(line, outbox=uid("garbage"), outbox_end=3)
        assert kind == td.WELCOME
        line.send(td.RECORDS, pb.Records(stream=uid("garbage"), first=1, end=3, records=records))
        kind, ack = line.receive()
        while kind == td.RECORDS:
            kind, ack = line.receive()
        assert kind == td.ACK and ack.position == 3, (kind, ack)
    head, = (h for h in client.sync() if h.actor == client.keys.actor)
    assert head.seq == len(client.stated), "garbage took a place in the log"


def a_frame_that_makes_no_sense_ends_the_connection_with_a_reason():
    client = need("synced")
    for bad in (b"TDF\1\x03\xff\xff", b"TDF\2\x08", b"hello", b"TDF\1\x63"):
        with Line(client.keys, client.ticket) as line:
            assert client.greet(line)[0] == td.WELCOME
            line.socket.send(bad)
            kind, body = line.receive()
            while kind == td.RECORDS:
                kind, body = line.receive()
            assert kind == td.REFUSED and body.code == 8, (bad, kind, body)


def a_hello_that_does_not_fit_is_refused_by_code():
    client = need("synced")
    cases = [(dict(version_min=2, version_max=9), 1), (dict(deployment=seed("other")), 2),
             (dict(actor=seed("other")), 3)]
    for changed, code in cases:
        with Line(client.keys, client.ticket) as line:
            kind, body = client.greet(line, **changed)
            assert kind == td.REFUSED and body.code == code, (changed, kind, body)


def a_ping_is_answered_with_its_nonce():
    client = need("synced")
    with Line(client.keys, client.ticket) as line:
        assert client.greet(line)[0] == td.WELCOME
        line.send(td.PING, pb.Ping(nonce=2**63 + 5, clock=1))
        kind, body = line.receive()
        while kind == td.RECORDS:
            kind, body = line.receive()
        assert kind == td.PONG and body.nonce == 2**63 + 5, (kind, body)


def the_newest_connection_wins():
    client = need("synced")
    with Line(client.keys, client.ticket) as old, Line(client.keys, client.ticket) as new:
        assert client.greet(old)[0] == td.WELCOME
        assert client.greet(new)[0] == td.WELCOME
        kind, body = old.receive()
        while kind == td.RECORDS:
            kind, body = old.receive()
        assert kind == td.REFUSED and body.code == 9, (kind, body)


def a_bundle_holds_all_of_it_and_verifies_from_the_fingerprint():
    hub, client, report = need("hub"), need("client"), need("report")
    hub.run("bundle", "export", "all.tdb")
    with open(os.path.join(hub.dir, "all.tdb"), "rb") as f:
        data = f.read()
    bundle = td.Bundle(data)
    assert bundle.deployment == hub.fingerprint
    trust = td.Trust(hub.fingerprint)
    for record in bundle.records:
        trust.add(record)
    key = trust.keys[bundle.trailer.actor, bundle.trailer.epoch]
    assert bundle.verify(key), "the trailer's signature does not hold"
    assert report in trust.records and all(td.Record(s).id in trust.records
                                           for s in client.stated)
    assert [c.unit for c in bundle.trailer.contacts] == [client.ticket.unit]
    for at in (len(data) // 3, len(data) - 1):
        try:
            td.Bundle(data[:at])
        except td.Malformed:
            continue
        raise AssertionError("a cut bundle was taken")


def lay_down(client, records, stream):
    """Bring `records`, whose place or author the hub does not know yet."""
    with Line(client.keys, client.ticket) as line:
        kind, _ = client.greet(line, outbox=uid(stream), outbox_end=len(records))
        assert kind == td.WELCOME, kind
        line.send(td.RECORDS, pb.Records(stream=uid(stream), first=1, end=len(records),
                                         records=records))
        kind, ack = line.receive()
        while kind == td.RECORDS:
            kind, ack = line.receive()
        assert kind == td.ACK and ack.position == len(records), (kind, ack)


def a_report_carried_before_its_author_joins_counts_since_that():
    hub, carrier = need("hub"), need("synced")
    office = Client("late office", td.parse_ticket(hub.run("enrol", "31501")))
    office.trust = carrier.trust
    listed = state_subjects(office)
    report = state_report(office, *listed, 80)
    lay_down(carrier, office.stated[1:], "carried")
    time.sleep(0.05)
    joins = int(time.time() * 1000)
    office.trust = td.Trust(office.ticket.genesis)
    kind, _ = office.join()
    assert kind == td.JOINED, kind
    office.sync()
    (_, entry), = office.receipts_of(report)
    assert entry.state == td.VALID and entry.received_at >= joins, (entry, joins)
    W["office"] = office, listed


def of_reports_laid_down_none_counts_before_one_is_chosen():
    (office, listed), carrier = need("office"), need("synced")
    base = list(office.stated)

    def branch(tag, steps):
        office.stated = list(base)
        for _ in range(steps):
            office.state(999, tag)
        return state_report(office, *listed, 70), office.stated[len(base):]

    (_, dropped), (report, chosen) = branch(b"a", 1), branch(b"b", 2)
    lay_down(office, dropped[-1:], "laid")
    lay_down(carrier, chosen[-1:], "laid by another")
    time.sleep(0.05)
    chooses = int(time.time() * 1000)
    office.sync()
    (_, entry), = office.receipts_of(report)
    assert entry.state == td.VALID and entry.received_at >= chooses, (entry, chooses)


def the_hub_stops_when_it_is_told_to():
    hub = need("hub")
    hub.process.send_signal(signal.SIGTERM)
    assert hub.process.wait(30 * SLOW) == 0, open(hub.log).read()


def what_it_said_of_all_this_holds_no_english():
    hub = need("hub")
    said = open(hub.log, encoding="utf-8").read()
    assert "đã từ chối một bản ghi: " in said, said
    done = subprocess.run([os.path.join(td.ROOT, "tests", "english_in"),
                           os.path.join(td.ROOT, "ops", "po", "vi.po"), hub.log],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def the_hub_finds_nothing_wrong_with_its_store():
    need("report")
    need("hub").run("check")


if __name__ == "__main__":
    tap.run([
        a_hub_is_founded_and_serves,
        a_ticket_is_one_line_that_says_where_and_whose,
        a_key_that_is_unknown_may_say_nothing_but_join,
        a_ticket_that_was_never_printed_is_refused,
        joining_gives_the_way_from_the_fingerprint_down_to_us,
        the_same_key_with_the_same_ticket_gets_the_same_answer,
        another_key_with_a_used_ticket_is_refused,
        campaigns_arrive_and_every_record_verifies_from_the_fingerprint,
        a_report_gets_a_receipt_that_verifies_from_the_fingerprint,
        the_same_bytes_on_a_new_connection_get_the_receipt_that_exists,
        a_report_that_breaks_a_rule_is_rejected_by_code_and_blocks_nobody,
        what_a_later_version_states_is_held_and_receipted,
        a_record_that_comes_before_its_predecessor_waits_for_it,
        garbage_in_a_stream_is_refused_and_the_stream_goes_on,
        a_frame_that_makes_no_sense_ends_the_connection_with_a_reason,
        a_hello_that_does_not_fit_is_refused_by_code,
        a_ping_is_answered_with_its_nonce,
        the_newest_connection_wins,
        a_bundle_holds_all_of_it_and_verifies_from_the_fingerprint,
        a_report_carried_before_its_author_joins_counts_since_that,
        of_reports_laid_down_none_counts_before_one_is_chosen,
        the_hub_stops_when_it_is_told_to,
        what_it_said_of_all_this_holds_no_english,
        the_hub_finds_nothing_wrong_with_its_store,
    ])
