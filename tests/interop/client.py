"""A node in memory, over a real connection: joining, streams, and making reports (sections 5.3, 7
and 8 of PROTOCOL.md)."""
import hashlib
import os
import time

import zmq

import td
from td import pb

SLOW = float(os.environ.get("THIDUA_SLOW", "1"))
PATIENCE = 15 * SLOW  # seconds for one answer
CREDITS = 1024


def seed(what):
    """Keys that are the same in every run of one hub, and like no other's."""
    return hashlib.sha256(("interop " + what).encode()).digest()


def uid(what):
    return seed(what)[:16]


class Line:
    """One connection."""

    def __init__(self, keys, ticket):
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.curve_publickey = keys.transport_public
        self.socket.curve_secretkey = keys.transport_secret
        self.socket.curve_serverkey = ticket.transport_key
        self.socket.connect(ticket.address)

    def close(self):
        self.socket.close()
        self.context.term()

    def send(self, kind, body):
        self.socket.send(td.frame(kind, body))

    def receive(self, patience=None):
        """The next frame as (type, body); None when nothing comes."""
        if not self.socket.poll(1000 * (PATIENCE if patience is None else patience)):
            return None
        return td.parse_frame(self.socket.recv())

    def __enter__(self):
        return self

    def __exit__(self, *ignored):
        self.close()


class Client:
    """A node in memory: its keys, its lane, its outbox, and what it was given."""

    def __init__(self, name, ticket):
        self.keys = td.Keys(seed(name + " sign"), seed(name + " transport"))
        self.ticket, self.outbox = ticket, uid(name + " outbox")
        self.trust = td.Trust(ticket.genesis)
        self.stated = []  # bytes of its records, position = place + 1
        self.inbox, self.inbox_position, self.digest = b"", 0, b""
        self.came = []  # ids of what came on the inbox, in order
        join = pb.Join(sign_key=self.keys.sign_public, transport_key=self.keys.transport_public,
                       role=ticket.role)
        self.state(td.JOIN_RECORD, join.SerializeToString())

    def state(self, kind, payload, payload_version=1):
        prev = td.Record(self.stated[-1]).id if self.stated else td.ZERO_HASH
        self.stated.append(td.build(self.keys, kind, payload, seq=len(self.stated) + 1, prev=prev,
                                    claimed=0 if kind == td.JOIN_RECORD else int(time.time() * 1000),
                                    lane=self.ticket.unit,
                                    deployment=self.ticket.genesis,
                                    payload_version=payload_version))
        return td.Record(self.stated[-1]).id

    def join(self):
        """Knock with the ticket; the answer, and its way verified if it is one."""
        with Line(self.keys, self.ticket) as line:
            line.send(td.JOIN, pb.JoinRequest(token=self.ticket.token, record=self.stated[0]))
            kind, body = line.receive()
        if kind != td.JOINED:
            return kind, body
        way = td.Trust(self.ticket.genesis)
        records = [way.vouch_for(data) for data in body.records]
        last = td.payload_of(records[-1])
        assert records[-1].kind == td.ENROL and last.role == self.ticket.role
        assert (last.actor, last.epoch) == (self.keys.actor, 1)
        assert last.transport_key == self.keys.transport_public and last.unit == self.ticket.unit
        self.parent = records[-1].actor
        return kind, body

    def greet(self, line, **changed):
        hello = dict(version_min=1, version_max=1, features=2, deployment=self.ticket.genesis,
                     actor=self.keys.actor, epoch=1, outbox=self.outbox,
                     outbox_end=len(self.stated), inbox=self.inbox,
                     inbox_position=self.inbox_position, inbox_digest=self.digest, clock=int(time.time() * 1000),
                     program="interop")
        hello.update(changed)
        line.send(td.HELLO, pb.Hello(**hello))
        return line.receive()

    def take(self, line, records):
        """Take a run of the inbox and acknowledge it."""
        for place, data in enumerate(records.records, records.first):
            assert place <= self.inbox_position + 1, "a hole in the inbox"
            if place == self.inbox_position + 1:
                self.came.append(self.trust.add(data).id)
                self.digest = td.stream_digest(self.digest, self.came[-1])
                self.inbox_position = place
        line.send(td.ACK, pb.Ack(stream=self.inbox, position=self.inbox_position, credits=CREDITS,
                                 end=len(self.stated)))

    def sync(self, outbox=None):
        """One connection: say all, hear all. Returns the heads that the hub holds of ours."""
        stream = outbox or self.outbox
        with Line(self.keys, self.ticket) as line:
            kind, welcome = self.greet(line, outbox=stream)
            assert kind == td.WELCOME and welcome.version == 1, (kind, welcome)
            assert welcome.actor == self.parent
            if welcome.inbox != self.inbox:
                self.inbox, self.inbox_position, self.digest = welcome.inbox, 0, b""
            at, end, inbox_end = welcome.outbox_position, len(self.stated), welcome.inbox_end
            if at < end:
                line.send(td.RECORDS, pb.Records(stream=stream, first=at + 1, end=end,
                                                 records=self.stated[at:]))
            while at < end or self.inbox_position < inbox_end:
                heard = line.receive()
                assert heard, "the hub fell silent at %d/%d %d/%d" % (
                    at, end, self.inbox_position, inbox_end)
                kind, body = heard
                if kind == td.ACK:
                    at, inbox_end = body.position, max(inbox_end, body.end)
                elif kind == td.RECORDS:
                    inbox_end = max(inbox_end, body.end)
                    self.take(line, body)
                elif kind == td.PING:
                    line.send(td.PONG, pb.Ping(nonce=body.nonce, clock=int(time.time() * 1000)))
                else:
                    raise AssertionError((kind, body))
            return [h for h in welcome.heads if h.actor == self.keys.actor]

    def receipts_of(self, record_id):
        """The entries that name one record, in the order in which they came."""
        found = []
        for r in self.trust.by_kind(td.RECEIPT):
            assert r.actor in self.trust.hubs, "a receipt by who is no hub"
            p = td.payload_of(r)
            assert (p.actor, p.epoch, r.lane) == (self.keys.actor, 1, self.ticket.unit)
            found += [(r, e) for e in p.entries if e.record == record_id]
        return found


# ---- campaigns and reports (section 5.3)


def campaign_named(trust, name):
    """The newest version of a campaign, as its record and message."""
    found = [(r, td.payload_of(r)) for r in trust.by_kind(td.CAMPAIGN)]
    return max(((r, c) for r, c in found if c.id == name), key=lambda rc: rc[1].version)


def criteria_of(trust, campaign, done=None):
    """All criteria in force, by id, in order."""
    done = set() if done is None else done
    out = {}
    for parent in campaign.parents:
        if parent.inherit == 1 and parent.record not in done:
            done.add(parent.record)
            from_there = criteria_of(trust, td.payload_of(trust.records[parent.record]), done)
            for c in from_there.values():
                out[c.id] = c
    for c in campaign.criteria:
        out[c.id] = c
    return out


def unit_has(campaign, attribute, unit, kind):
    return any(a.id == attribute and (unit in a.units or kind in a.kinds)
               for a in campaign.unit_attributes)


def applies(campaign, leaf, subject, unit_kind, unit):
    return (all((a == "leader" and subject.leader) or (a == "uniformed" and subject.uniformed)
                for a in leaf.applies.attributes)
            and (not leaf.applies.classes or subject.class_id in leaf.applies.classes)
            and all(unit_has(campaign, a, unit, unit_kind) for a in leaf.applies.unit_attributes))


def rule_of(profile, leaf):
    """How a leaf is scored: (mode, maximum)."""
    for r in profile.rules if profile else ():
        if r.criterion == leaf.id:
            return r.mode, r.max
    return (profile.default_mode, profile.default_max) if profile else (0, 100)


def cell_of(profile, leaf, score):
    """A cell for `score`, in hundredths of the leaf's maximum."""
    mode, most = rule_of(profile, leaf)
    if mode == 0 or (mode == 2 and leaf.threshold_unknown):
        return 3 if score >= 50 else 2
    return 4 + most * score // 100


def columns_of(campaign, criteria, profile, subjects, unit, score):
    columns = []
    for leaf in (c for c in criteria.values() if c.leaf):
        cells = []
        for s in subjects:
            if leaf.collective if s.kind == 1 else leaf.individual:
                there = applies(campaign, leaf, s, "state", unit)
                cells.append(cell_of(profile, leaf, score) if there else 0)
        columns.append(pb.Column(cells=cells, measured=rule_of(profile, leaf)[0] == 2))
    return columns


PEOPLE = [("CB01", "can-bo", True, "Lâm Văn Út"), ("CC01", "cong-chuc", False, "Trần Thị Ngọc Mai"),
          ("CC02", "cong-chuc", False, "Thạch Sà Rây")]


def subjects_of(client):
    out = [pb.Subject(id=client.ticket.unit, code=client.ticket.code, kind=1, class_id="ubnd-xa")]
    for code, class_id, leader, _ in PEOPLE:
        out.append(pb.Subject(id=uid(client.ticket.code + code), code=code, kind=2,
                              class_id=class_id, leader=leader))
    return out


def state_subjects(client):
    subjects = subjects_of(client)
    for (code, _, _, name), subject in zip(PEOPLE, subjects[1:]):
        message = pb.SubjectName(subject=subject.id, name=name)
        client.state(td.SUBJECT_NAME, os.urandom(32) + message.SerializeToString())
    listed = pb.Subjects(unit=client.ticket.unit, list=subjects)
    return subjects, client.state(td.SUBJECTS, listed.SerializeToString())


def state_report(client, people, listed, score, **changed):
    record, campaign = campaign_named(client.trust, "soctrang-2023")
    profiles = [(r, td.payload_of(r)) for r in client.trust.by_kind(td.PROFILE)]
    scoring = max(((r, p) for r, p in profiles if p.id == campaign.profile),
                  key=lambda rp: rp[1].version)
    criteria = criteria_of(client.trust, campaign)
    report = dict(campaign=record.id, profile=scoring[0].id, period="2023", kind=1,
                  unit=client.ticket.unit, subjects=listed, revision=1,
                  columns=columns_of(campaign, criteria, scoring[1], people, client.ticket.unit,
                                     score))
    report.update(changed)
    return client.state(td.REPORT, pb.Report(**report).SerializeToString())


def bytes_of(client, record_id):
    return next(data for data in client.stated if td.Record(data).id == record_id)


def columns_like(client, record_id, change):
    """The columns of a report stated before, their cells changed."""
    was = td.payload_of(td.Record(bytes_of(client, record_id))).columns
    return [pb.Column(cells=change(list(c.cells)), measured=c.measured) for c in was]
