"""The examples of PROTOCOL.md, made from fixed seeds. Run it to print that section."""

import td
from td import pb


def seed(n):
    return bytes([n]) * 32


CLAIMED = 1702659599999  # 2023-12-15T23:59:59.999+07:00
ROOT_UNIT, CHILD_UNIT = bytes([0xA0]) * 16, bytes([0xA1]) * 16
root, recovery = td.Keys(seed(1), seed(1)), td.Keys(seed(2), seed(2))
hub, child = td.Keys(seed(3), seed(4)), td.Keys(seed(5), seed(6))


def genesis():
    payload = pb.Genesis(root_key=root.sign_public, recovery_key=recovery.sign_public,
                         root_unit=ROOT_UNIT)
    return td.build(root, td.GENESIS, payload.SerializeToString(), claimed=CLAIMED)


def report_payload():
    columns = [pb.Column(cells=[3, 2]), pb.Column(step=50, cells=[4 + 17]), pb.Column(cells=[1])]
    return pb.Report(campaign=seed(0x33), profile=seed(0x44), period="2023", kind=1,
                     unit=CHILD_UNIT, subjects=seed(0x22), revision=1, columns=columns,
                     notes=[pb.Note(row=1, column=2, text="ấp không có trường học")]
                     ).SerializeToString()


def report_place(fingerprint):
    return dict(epoch=1, seq=3, prev=seed(0x22), claimed=CLAIMED, deployment=fingerprint,
                lane=CHILD_UNIT)


def batch(fingerprint):
    """Four records under one signature; the example is the third."""
    out = []
    for seq in range(2, 6):
        payload = bytes([seq])
        out.append((td.header_bytes(200, payload, suite=2, seq=seq, prev=seed(seq), claimed=CLAIMED,
                                    deployment=fingerprint, actor=hub.actor, lane=CHILD_UNIT),
                    payload))
    return out


def ticket(fingerprint):
    return td.Ticket(1, bytes([0x77]) * 16, fingerprint, hub.transport_public, CHILD_UNIT,
                     "tcp://127.0.0.1:9494", "31498", "Thị trấn Kế Sách")


def hello(fingerprint):
    body = pb.Hello(version_min=1, version_max=1, features=2, deployment=fingerprint,
                    actor=child.actor, epoch=1, outbox=bytes([0xB0]) * 16, outbox_end=3,
                    clock=CLAIMED, program="example 1")
    return td.frame(td.HELLO, body)


def join(fingerprint):
    payload = pb.Join(sign_key=child.sign_public, transport_key=child.transport_public, role=1).SerializeToString()
    record = td.build(child, td.JOIN_RECORD, payload, claimed=0, deployment=fingerprint,
                      lane=CHILD_UNIT)
    return td.frame(td.JOIN, pb.JoinRequest(token=bytes([0x77]) * 16, record=record))


def renew(fingerprint):
    renewal = bytes([0xC0]) * 16
    said = (fingerprint + child.actor + (2).to_bytes(4, "big") + child.sign_public +
            child.transport_public + CHILD_UNIT + renewal)
    return td.frame(td.RENEW, pb.Renew(epoch=2, sign_key=child.sign_public, renewal=renewal,
                                       proof=child.sign("thidua renew 1", said)))


def bundle(fingerprint, record):
    head = b"TDBUNDLE\0\1\0\0" + fingerprint + len(record).to_bytes(4, "big") + record + bytes(4)
    trailer = pb.Trailer(exported_at=CLAIMED, actor=hub.actor, epoch=1, records=1,
                         content=td.digest("thidua bundle 1", head)).SerializeToString()
    signature = hub.sign("thidua trailer 1", td.digest("thidua trailer 1", trailer))
    return head + len(trailer).to_bytes(4, "big") + trailer + signature


def examples():
    """Name and bytes of every example, in the document's order."""
    g = td.Record(genesis())
    r = td.Record(td.build(child, td.REPORT, report_payload(), **report_place(g.id)))
    b = td.Record(td.build_batch(hub, batch(g.id))[2])
    return {
        "root-key": root.sign_public, "root-actor": root.actor,
        "hub-sign-key": hub.sign_public, "hub-transport-key": hub.transport_public,
        "child-sign-key": child.sign_public, "child-actor": child.actor,
        "child-transport-key": child.transport_public,
        "genesis": g.bytes, "genesis-id": g.id,
        "report": r.bytes, "report-payload": r.payload, "report-id": r.id,
        "report-signature": r.proof,
        "batch-record": b.bytes, "batch-id": b.id, "batch-proof": b.proof,
        "batch-root": td.merkle_node(
            td.merkle_node(*[td.merkle_leaf(td.digest("thidua id 1", h))
                             for h, _ in batch(g.id)[:2]]),
            td.merkle_node(*[td.merkle_leaf(td.digest("thidua id 1", h))
                             for h, _ in batch(g.id)[2:]])),
        "ticket": ticket(g.id).text().encode(),
        "hello": hello(g.id), "join": join(g.id), "renew": renew(g.id), "bundle": bundle(g.id, g.bytes),
    }


def written(name, data):
    """An example as the document writes it: the ticket as its line, all else in hex."""
    text = data.decode() if name == "ticket" else data.hex()
    return "```%s\n%s\n```" % (name, "\n".join(text[i : i + 96] for i in range(0, len(text), 96)))


if __name__ == "__main__":
    print("\n\n".join(written(n, d) for n, d in examples().items()))
