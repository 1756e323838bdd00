"""A client of the protocol, written from proto/PROTOCOL.md and the .proto files alone.

It shares no code with the product, so that the document is what both agree on. Section numbers
below are those of the document.
"""
import atexit
import base64
import hashlib
import importlib
import os
import shutil
import struct
import subprocess
import sys
import tempfile

from nacl.bindings import crypto_box_seed_keypair
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))

GENESIS, GRANT, ENROL, UNITS, CAMPAIGN, PROFILE = 1, 2, 16, 17, 18, 19
JOIN_RECORD, SUBJECTS, SUBJECT_NAME, REPORT, RECEIPT, CONTACT = 32, 33, 34, 35, 64, 80
HELLO, WELCOME, RECORDS, ACK, JOIN, JOINED, REFUSED, PING, PONG, RENEW = range(1, 11)
HELD, VALID, REJECTED = 1, 2, 3
ZERO_HASH, ZERO_UID = bytes(32), bytes(16)
PAYLOAD_MAX, DEPTH_MAX = 1 << 20, 16
RECORD_MAX = PAYLOAD_MAX + 1024
FRAME_MAX = RECORD_MAX + 1024


def _schemas():
    """Compile the .proto files into a folder that goes when we go."""
    out = tempfile.mkdtemp(prefix="thidua-schema-")
    atexit.register(shutil.rmtree, out, True)
    proto = os.path.join(ROOT, "proto")
    names = sorted(n for n in os.listdir(proto) if n.endswith(".proto"))
    subprocess.run(["protoc", "-I" + proto, "--python_out=" + out] + names, check=True, cwd=proto)
    sys.path.insert(0, out)
    modules = [importlib.import_module(n[: -len(".proto")] + "_pb2") for n in names]
    sys.path.remove(out)
    return modules


class _Messages:
    """Every message of every schema, by its name."""

    def __init__(self):
        for module in _schemas():
            for name in module.DESCRIPTOR.message_types_by_name:
                setattr(self, name, getattr(module, name))


pb = _Messages()


class Malformed(Exception):
    """Bytes that are not what they claim to be."""


def need(ok, what):
    if not ok:
        raise Malformed(what)


# ---- section 2: hashes, keys, signatures


def digest(tag, data):
    return hashlib.blake2b(tag.encode() + b"\0" + data, digest_size=32).digest()


def unit_id(author, what):
    """The id of a unit that the hub of unit `author` draws (section 5.2, Units)."""
    drawn = hashlib.sha256(what.encode()).digest()[:6]
    return drawn + digest("thidua unit 1", author + drawn)[:10]


def stream_digest(before, record_id):
    """What a stream is up to its next record."""
    return digest("thidua stream 1", (before or bytes(16)) + record_id)[:16]


def merkle_leaf(record_id):
    return hashlib.blake2b(b"\0" + record_id, digest_size=32).digest()


def merkle_node(left, right):
    return hashlib.blake2b(b"\1" + left + right, digest_size=32).digest()


class Keys:
    """A signing pair and a transport pair, each made from a seed of 32 bytes."""

    def __init__(self, sign_seed, transport_seed):
        self.signing = SigningKey(sign_seed)
        self.sign_public = bytes(self.signing.verify_key)
        self.transport_public, self.transport_secret = crypto_box_seed_keypair(transport_seed)
        self.actor = actor_of(self.sign_public)

    def sign(self, tag, data):
        return self.signing.sign(tag.encode() + b"\0" + data).signature


def actor_of(sign_public):
    return digest("thidua actor 1", sign_public)


def signed_by(public, tag, data, signature):
    try:
        VerifyKey(public).verify(tag.encode() + b"\0" + data, signature)
        return True
    except BadSignatureError:
        return False


# ---- section 3: records

HEADER = struct.Struct(">4sBBHHHIQq32s32s16s32sI32s")
assert HEADER.size == 180


class Record:
    """A parsed record. What it was parsed from stays as it was: it is never packed again."""

    def __init__(self, data):
        need(180 <= len(data) <= RECORD_MAX, "record: length")
        (magic, version, self.suite, self.kind, self.payload_version, reserved, self.epoch,
         self.seq, self.claimed, self.deployment, self.actor, self.lane, self.prev,
         length, payload_hash) = HEADER.unpack_from(data)
        need(magic == b"TDRC" and version == 1, "record: magic or version")
        need(reserved == 0 and self.kind and self.epoch and self.seq, "record: field out of range")
        need((self.seq == 1) == (self.prev == ZERO_HASH), "record: prev")
        need(length <= PAYLOAD_MAX, "record: payload length")
        self.bytes, self.header = data, data[:180]
        proof = self._proof_length(data[180:])
        need(len(data) >= 180 + proof, "record: proof is cut")
        self.proof, self.payload = data[180 : 180 + proof], data[180 + proof :]
        self.erased = not self.payload and length > 0
        if not self.erased:
            need(len(self.payload) == length, "record: payload is cut")
            need(digest("thidua payload 1", self.payload) == payload_hash, "record: payload hash")
        self.id = digest("thidua id 1", self.header)

    def _proof_length(self, rest):
        if self.suite == 1:
            return 64
        need(self.suite == 2 and rest and rest[0] <= DEPTH_MAX, "record: suite")
        return 1 + 4 + 32 * rest[0] + 64

    def verify(self, public):
        """Whether the proof holds under a signing key."""
        signature = self.proof[-64:]
        if self.suite == 1:
            return signed_by(public, "thidua sign 1", self.header, signature)
        depth, index = self.proof[0], int.from_bytes(self.proof[1:5], "big")
        if index >> depth:
            return False
        at = merkle_leaf(self.id)
        for i in range(depth):
            sibling = self.proof[5 + 32 * i : 37 + 32 * i]
            at = merkle_node(sibling, at) if index >> i & 1 else merkle_node(at, sibling)
        return signed_by(public, "thidua root 1", at, signature)


def header_bytes(kind, payload, *, suite=1, epoch=1, seq=1, prev=ZERO_HASH, claimed=0,
                 deployment=ZERO_HASH, actor, lane=ZERO_UID, payload_version=1):
    return HEADER.pack(b"TDRC", 1, suite, kind, payload_version, 0, epoch, seq, claimed, deployment,
                       actor, lane, prev, len(payload), digest("thidua payload 1", payload))


def build(keys, kind, payload, **fields):
    """The bytes of a record under suite 1."""
    header = header_bytes(kind, payload, actor=fields.pop("actor", keys.actor), **fields)
    return header + keys.sign("thidua sign 1", header) + payload


def build_batch(keys, headers_and_payloads):
    """The bytes of records under suite 2: one signature for all. Their number is a power of two."""
    level = [merkle_leaf(digest("thidua id 1", h)) for h, _ in headers_and_payloads]
    levels = [level]
    while len(level) > 1:
        level = [merkle_node(level[i], level[i + 1]) for i in range(0, len(level), 2)]
        levels.append(level)
    signature = keys.sign("thidua root 1", level[0])
    out = []
    for index, (header, payload) in enumerate(headers_and_payloads):
        path = b"".join(levels[d][index >> d ^ 1] for d in range(len(levels) - 1))
        proof = bytes([len(levels) - 1]) + index.to_bytes(4, "big") + path + signature
        out.append(header + proof + payload)
    return out


# ---- section 5: payloads; only what this client reads or writes

PAYLOADS = {GENESIS: "Genesis", GRANT: "Grant", ENROL: "Enrol", UNITS: "Units",
            CAMPAIGN: "Campaign", PROFILE: "Profile", JOIN_RECORD: "Join", SUBJECTS: "Subjects",
            SUBJECT_NAME: "SubjectName", REPORT: "Report", RECEIPT: "Receipt", CONTACT: "Contact"}


def payload_of(record):
    """The payload of a record as a message; a name's random bytes are left out."""
    data = record.payload[32:] if record.kind == SUBJECT_NAME else record.payload
    return parse(PAYLOADS[record.kind], data)


def parse(name, data):
    try:
        return getattr(pb, name).FromString(data)
    except Exception as e:  # the library's own DecodeError, whichever backend it has
        raise Malformed(name) from e


# ---- section 7: frames

BODIES = {HELLO: "Hello", WELCOME: "Welcome", RECORDS: "Records", ACK: "Ack", JOIN: "JoinRequest",
          JOINED: "JoinAnswer", REFUSED: "Refused", PING: "Ping", PONG: "Ping", RENEW: "Renew"}


def frame(kind, body):
    data = b"TDF\1" + bytes([kind]) + body.SerializeToString()
    need(len(data) <= FRAME_MAX, "frame: too long")
    return data


def parse_frame(data):
    need(5 <= len(data) <= FRAME_MAX and data[:4] == b"TDF\1", "frame: head")
    need(data[4] in BODIES, "frame: type")
    return data[4], parse(BODIES[data[4]], data[5:])


# ---- section 8: tickets


class Ticket:
    """What the line printed by `thidua-hub enrol` says."""

    def __init__(self, role, token, genesis, transport_key, unit, address, code, name):
        self.role, self.token, self.genesis, self.transport_key = role, token, genesis, transport_key
        self.unit, self.address, self.code, self.name = unit, address, code, name

    def text(self):
        body = bytes([self.role]) + self.token + self.genesis + self.transport_key + self.unit
        for s in (self.address, self.code, self.name):
            body += struct.pack(">H", len(s.encode())) + s.encode()
        raw = body + digest("thidua ticket 1", body)[:8]
        return "td1-" + base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def parse_ticket(text):
    text = text.strip()
    need(text.startswith("td1-"), "ticket: prefix")
    try:
        raw = base64.b64decode(text[4:] + "=" * (-len(text[4:]) % 4), b"-_", validate=True)
    except ValueError as e:
        raise Malformed("ticket: base64") from e
    body, check = raw[:-8], raw[-8:]
    need(len(raw) > 8 and digest("thidua ticket 1", body)[:8] == check, "ticket: check")
    role, at, texts = body[0], 97, []
    for bound in (200, 32, 256):
        need(len(body) >= at + 2, "ticket: cut")
        n = struct.unpack_from(">H", body, at)[0]
        need(n <= bound and len(body) >= at + 2 + n, "ticket: text")
        texts.append(body[at + 2 : at + 2 + n].decode())
        at += 2 + n
    need(at == len(body) and role in (1, 2), "ticket: shape")
    return Ticket(role, body[1:17], body[17:49], body[49:81], body[81:97], *texts)


# ---- section 10: bundles


class Bundle:
    """A bundle taken apart: its records as bytes, its trailer, and what the signature covers."""

    def __init__(self, data):
        need(len(data) >= 44 and data[:8] == b"TDBUNDLE", "bundle: magic")
        need(data[8:12] == b"\0\1\0\0", "bundle: version")
        self.deployment, self.records, at = data[12:44], [], 44
        while True:
            need(len(data) >= at + 4, "bundle: cut in a length")
            n = int.from_bytes(data[at : at + 4], "big")
            at += 4
            if n == 0:
                break
            need(n <= RECORD_MAX and len(data) >= at + n, "bundle: cut in a record")
            self.records.append(data[at : at + n])
            at += n
        need(len(data) >= at + 4, "bundle: cut before the trailer")
        n = int.from_bytes(data[at : at + 4], "big")
        need(len(data) == at + 4 + n + 64, "bundle: the trailer does not end the file")
        trailer, self.signature = data[at + 4 : at + 4 + n], data[at + 4 + n :]
        self.trailer = parse("Trailer", trailer)
        need(self.trailer.records == len(self.records), "bundle: count")
        need(self.trailer.content == digest("thidua bundle 1", data[:at]), "bundle: content")
        self.signed = digest("thidua trailer 1", trailer)

    def verify(self, public):
        return signed_by(public, "thidua trailer 1", self.signed, self.signature)


# ---- section 4: who may have signed what


class Trust:
    """Records of one deployment, each let in only with a key that the fingerprint vouches for."""

    def __init__(self, fingerprint):
        self.fingerprint = fingerprint
        self.keys = {}  # (actor, epoch) -> signing key
        self.unit = {}  # actor -> its unit
        self.hubs = set()  # actors that may state lane 0
        self.roots = set()
        self.heads = {}  # (actor, epoch, lane) -> Record
        self.records = {}  # id -> Record

    def vouch_for(self, data):
        """Verify a record and learn the keys that it vouches for, whatever came before it in its
        lane; Malformed says what does not hold."""
        r = Record(data)
        if r.kind == GENESIS:
            self._genesis(r)
        need(r.kind == GENESIS or r.deployment == self.fingerprint, "another deployment")
        key = self.keys.get((r.actor, r.epoch))
        need(key is not None, "kind %d: its author is not enrolled" % r.kind)
        need(r.verify(key), "kind %d: signature" % r.kind)
        if r.kind in (GRANT, ENROL):
            self._vouch(r)
        return r

    def add(self, data):
        """Verify one record in causal order and take it at its place in its lane."""
        r = self.vouch_for(data)
        if r.id in self.records:
            return r
        head = self.heads.get((r.actor, r.epoch, r.lane))
        need(r.seq == (head.seq + 1 if head else 1), "kind %d: a gap before it" % r.kind)
        need(head is None or r.prev == head.id, "kind %d: prev" % r.kind)
        self.heads[r.actor, r.epoch, r.lane] = self.records[r.id] = r
        return r

    def _genesis(self, r):
        need(r.id == self.fingerprint and r.deployment == ZERO_HASH, "not our genesis")
        need((r.epoch, r.seq, r.lane) == (1, 1, ZERO_UID), "genesis: place")
        g = payload_of(r)
        need(r.actor == actor_of(g.root_key), "genesis: author")
        for key in (g.root_key, g.recovery_key):
            self.keys[actor_of(key), 1] = key
            self.roots.add(actor_of(key))

    def _vouch(self, r):
        p = payload_of(r)
        need(r.lane == ZERO_UID, "kind %d: lane" % r.kind)
        need(r.actor in (self.roots if r.kind == GRANT else self.hubs), "kind %d: author" % r.kind)
        if p.epoch == 1:
            need(p.actor == actor_of(p.sign_key), "kind %d: actor" % r.kind)
        if p.epoch == 1 and r.kind == ENROL:
            join = pb.Join(sign_key=p.sign_key, transport_key=p.transport_key, role=p.role)
            asked = header_bytes(JOIN_RECORD, join.SerializeToString(), actor=p.actor, seq=1,
                                 prev=ZERO_HASH, lane=p.unit, claimed=0, deployment=r.deployment)
            need(signed_by(p.sign_key, "thidua sign 1", asked, p.proof), "enrol: nobody asked for it")
        self.keys[p.actor, p.epoch] = p.sign_key
        self.unit[p.actor] = p.unit
        if r.kind == GRANT or p.role == 2:
            self.hubs.add(p.actor)

    def by_kind(self, kind):
        return [r for r in self.records.values() if r.kind == kind]
