#!/usr/bin/python3
"""The examples of PROTOCOL.md are what this client makes, and this client refuses their likes that
are off by one bit."""
import os
import re

import examples
import tap
import td

DOCUMENT = open(os.path.join(td.ROOT, "proto", "PROTOCOL.md"), encoding="utf-8").read()
BLOCKS = {name: "".join(body.split())
          for name, body in re.findall(r"^```([a-z-]+)\n(.*?)^```$", DOCUMENT, re.M | re.S)}
MADE = examples.examples()


def refused(make, *args):
    try:
        make(*args)
    except td.Malformed:
        return True
    return False


def every_example_is_in_the_document_and_no_other():
    assert list(BLOCKS) == list(MADE), (list(BLOCKS), list(MADE))
    for name, data in MADE.items():
        want = data.decode() if name == "ticket" else data.hex()
        assert BLOCKS[name] == want, name


def records_verify_under_their_authors_key_alone():
    for name, key in (("genesis", examples.root), ("report", examples.child),
                      ("batch-record", examples.hub)):
        record = td.Record(MADE[name])
        assert record.verify(key.sign_public), name
        assert not record.verify(examples.recovery.sign_public), name


def no_bit_of_a_record_can_be_flipped():
    for name, key in (("genesis", examples.root), ("batch-record", examples.hub)):
        data = MADE[name]
        for bit in range(8 * len(data)):
            flipped = bytearray(data)
            flipped[bit // 8] ^= 1 << bit % 8
            try:
                assert not td.Record(bytes(flipped)).verify(key.sign_public), (name, bit)
            except td.Malformed:
                pass


def all_records_of_a_batch_verify_at_every_size():
    fingerprint = MADE["genesis-id"]
    for depth in range(5):
        made = [(td.header_bytes(200, b"", suite=2, seq=i + 1, prev=bytes([i] * 32),
                                 deployment=fingerprint, actor=examples.hub.actor), b"")
                for i in range(1 << depth)]
        for data in td.build_batch(examples.hub, made):
            assert td.Record(data).verify(examples.hub.sign_public)


def a_ticket_is_read_back_and_a_cut_one_refused():
    text = MADE["ticket"].decode()
    ticket = td.parse_ticket("  %s\n" % text)
    assert (ticket.code, ticket.name) == ("31498", "Thị trấn Kế Sách")
    assert ticket.address == "tcp://127.0.0.1:9494" and ticket.token == b"\x77" * 16
    assert all(refused(td.parse_ticket, text[:n]) for n in range(len(text)))


def frames_are_read_back():
    kind, hello = td.parse_frame(MADE["hello"])
    assert kind == td.HELLO and hello.outbox_end == 3 and hello.actor == examples.child.actor
    kind, join = td.parse_frame(MADE["join"])
    record = td.Record(join.record)
    assert kind == td.JOIN and record.verify(td.payload_of(record).sign_key)
    assert refused(td.parse_frame, b"TDF\2" + MADE["hello"][4:])


def a_bundle_is_read_back_and_a_cut_or_changed_one_refused():
    data = MADE["bundle"]
    bundle = td.Bundle(data)
    assert bundle.records == [MADE["genesis"]] and bundle.verify(examples.hub.sign_public)
    assert all(refused(td.Bundle, data[:n]) for n in range(len(data)))
    assert refused(td.Bundle, data + b"\0")
    for at in range(len(data)):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        try:
            assert not td.Bundle(changed).verify(examples.hub.sign_public)
        except td.Malformed:
            pass


if __name__ == "__main__":
    tap.run([every_example_is_in_the_document_and_no_other,
             records_verify_under_their_authors_key_alone, no_bit_of_a_record_can_be_flipped,
             all_records_of_a_batch_verify_at_every_size,
             a_ticket_is_read_back_and_a_cut_one_refused, frames_are_read_back,
             a_bundle_is_read_back_and_a_cut_or_changed_one_refused])
