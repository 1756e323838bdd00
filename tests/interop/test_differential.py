#!/usr/bin/python3
"""Our codecs against Google's protobuf, on sound payloads, changed ones and random ones.

What Google's library refuses, ours refuses. What both take, both understand as the same: ours
encodes again what it understood, and Google's reads that. What ours alone refuses has one of the
reasons in REASONS. CODEC_FILTER names the program (default: build/dev/bin/tests/codec-filter);
THIDUA_SEED repeats a run.
"""
import glob
import os
import random
import re
import struct
import subprocess

import tap
import td

FILTER = os.environ.get("CODEC_FILTER",
                        os.path.join(td.ROOT, "build", "dev", "bin", "tests", "codec-filter"))
CORPUS = os.path.join(td.ROOT, "tests", "fuzz", "corpus", "payload")
SEED = int(os.environ.get("THIDUA_SEED") or random.SystemRandom().getrandbits(32))
CHANGED, FOUND, RANDOM = 250, 5, 150  # of each seed, of each other input, of each kind
N_SEEDS = len([name for name in os.listdir(CORPUS) if name.startswith("seed-")])
FRAME = 0
KINDS = [int(kind) for kind in subprocess.check_output([FILTER, "--kinds"]).split()]
MESSAGES = {**td.PAYLOADS, 4: "Revoke", 20: "CampaignWithdraw", 21: "CampaignAssign",
            36: "Withdrawal", 67: "Extension", 82: "ClockMend"}
BODIES = {**td.BODIES, 11: "Part"}

# Why ours may refuse what Google's takes: words of the refusal, and what is behind them.
REASONS = [
    # A field that must be there, or have a length, a range, a text without control characters: each
    # is a line of PROTOCOL.md or of the schema's comments, and protobuf itself has no such rules.
    (r"is not as it must be$", None),
    # The same of campaigns and profiles, by key path.
    (r"^[a-z_]+(\[\d+\])?(\.[a-z_]+(\[\d+\])?)*: ", None),
    (r"^this campaign |^this profile |^the campaign |^the profile ", None),
    # U+0000 would end a text for us and go on for others; a flag in another wire type, or a number
    # that no field has.
    (r": the bytes are not what every reader would take them for$",
     lambda name, data: b"\0" in data or odd_wire(getattr(td.pb, name).DESCRIPTOR, data)),
    # protobuf-c is stricter about the wire itself, or the arena's cap was reached: see odd_wire.
    (r": the bytes cannot be decoded$", lambda name, data: odd_wire(getattr(td.pb, name).DESCRIPTOR,
                                                                   data)),
    # Frames: the head before the message, which Google's library never sees.
    (r"^(this is|a frame|the frame|unknown frame)", lambda name, data: name is None),
]
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
WIRE = {"bytes": BYTES, "string": BYTES, "message": BYTES}


def varint_at(data, at):
    """The varint at a place and where it ends; None where there is none of at most ten bytes."""
    value = 0
    for i in range(10):
        if at + i >= len(data):
            return None
        value |= (data[at + i] & 127) << 7 * i
        if data[at + i] < 128:
            return value, at + i + 1
    return None


def varint(value, longer=0):
    """A varint; `longer` bytes longer than it needs to be."""
    out = bytearray()
    while value > 127 or longer > 0:
        out.append(value & 127 | 128)
        longer -= value <= 127
        value >>= 7
    return bytes(out + bytes([value]))


def is_message(field):
    return field.message_type is not None


def wire_types(field):
    """What the schema lets a field be on the wire."""
    if field.type in (field.TYPE_BYTES, field.TYPE_STRING, field.TYPE_MESSAGE):
        return {BYTES}
    return {VARINT, BYTES} if field.label == field.LABEL_REPEATED else {VARINT}


def odd_wire(descriptor, data):
    """What protobuf-c refuses and Google's skips: groups; a known field in another wire type, which
    is an unknown one for Google's; numbers longer than they may be; or much in little."""
    at, fields = 0, 0
    while at < len(data):
        tag = varint_at(data, at)
        if tag is None or tag[1] - at > 5 or not 0 < tag[0] >> 3 < 1 << 29:
            return True
        (number, kind), at = (tag[0] >> 3, tag[0] & 7), tag[1]
        fields += 1
        field = descriptor.fields_by_number.get(number)
        if kind not in (VARINT, FIXED64, BYTES, FIXED32) or \
                field is not None and kind not in wire_types(field):
            return True
        if kind in (FIXED64, FIXED32):
            at += 8 if kind == FIXED64 else 4
            continue
        value = varint_at(data, at)
        if value is None:
            return True
        at = value[1]
        if kind == BYTES:
            if value[1] - at > 5 or at + value[0] > len(data):
                return True
            inside = data[at : at + value[0]]
            at += value[0]
            if field is not None and is_message(field) and odd_wire(field.message_type, inside):
                return True
    return fields > 20000


# ---- sound payloads, and what becomes of them


def sound():
    """(kind, payload) of every seed, and of what fuzzing found beyond them."""
    out = []
    names = sorted(os.listdir(CORPUS), key=lambda n: not n.startswith("seed-"))
    for name in names:
        with open(os.path.join(CORPUS, name), "rb") as f:
            data = f.read()
        if data:
            out.append((KINDS[data[0] % len(KINDS)], data[1:]))
    return out


def split(kind, data):
    """Name of the message in a payload, and its bytes; None where there is none."""
    if kind == FRAME:
        known = 5 <= len(data) <= td.FRAME_MAX and data[:4] == b"TDF\1" and data[4] in BODIES
        return (BODIES[data[4]], data[5:]) if known else (None, data)
    if kind == td.SUBJECT_NAME:
        return (MESSAGES[kind], data[32:]) if len(data) >= 32 else (None, data)
    return MESSAGES[kind], data


def changed(dice, data, others):
    """`data` with one to three things done to its bytes."""
    out = bytearray(data)
    for _ in range(dice.randint(1, 3)):
        at = dice.randrange(len(out) + 1)
        what = dice.randrange(7)
        if what == 0 and out:
            out[at % len(out)] ^= 1 << dice.randrange(8)
        elif what == 1:
            del out[at : at + dice.randint(1, 8)]
        elif what == 2:
            out[at:at] = dice.randbytes(dice.randint(1, 4))
        elif what == 3:
            out[at:at] = out[dice.randrange(len(out) + 1) :][: dice.randint(1, 40)]
        elif what == 4:
            other = dice.choice(others)
            out[at:] = other[dice.randrange(len(other) + 1) :]
        elif what == 5:
            out += field_of(dice, dice.choice((dice.randint(0, 40), 1 << 29, 1 << 33)))
        elif out:
            out[at % len(out)] = dice.choice((0, 1, 127, 128, 255))
    return bytes(out)


def field_of(dice, number):
    """A field as it may come: any wire type, any length, at any bound."""
    kind = dice.choice((VARINT, VARINT, BYTES, BYTES, FIXED32, FIXED64, 3))
    tag = varint(number << 3 | kind, dice.choice((0, 0, 0, 1)))
    edge = dice.choice((0, 1, 2, 127, 1 << 31, (1 << 32) - 1, 1 << 32, (1 << 63), (1 << 64) - 1))
    if kind == VARINT:
        return tag + varint(edge, dice.choice((0, 0, 2)))
    if kind == BYTES:
        body = dice.choice((b"", b"\0", b"a" * 33, bytes(16), bytes(32), dice.randbytes(16),
                            dice.randbytes(32), "vì bão".encode(), b"\x08\x01", b"\xff"))
        return tag + varint(len(body)) + body
    return tag + dice.randbytes(8 if kind == FIXED64 else 4 if kind == FIXED32 else 0)


def random_message(dice, descriptor, depth=0):
    """Fields of `descriptor` in any order, some twice, some missing, some of no schema."""
    out = b""
    fields = [f for f in descriptor.fields for _ in range(dice.choice((0, 1, 1, 1, 2)))]
    dice.shuffle(fields)
    for field in fields:
        if is_message(field):
            body = random_message(dice, field.message_type, depth + 1)
        elif field.type == field.TYPE_BYTES:
            body = dice.randbytes(dice.choice((16, 32, 32, 16, 0, 31)))
        elif field.type == field.TYPE_STRING:
            body = dice.choice(("2023", "a", "", "Ấp An Quới", "a\tb", "\x7f")).encode()
        else:
            number = dice.choice((1, 1, 2, 3, 0, 19000, 1 << 20, (1 << 32) + 1, (1 << 64) - 1))
            out += varint(field.number << 3) + varint(number)
            continue
        out += varint(field.number << 3 | BYTES) + varint(len(body)) + body
    return out + (field_of(dice, 77) if dice.randrange(4) == 0 else b"")


def cases():
    dice = random.Random(SEED)
    seeds = sound()
    out, payloads = list(seeds), [data for _, data in seeds]
    for i, (kind, data) in enumerate(seeds):
        n = CHANGED if i < N_SEEDS else FOUND
        out += [(kind, changed(dice, data, payloads)) for _ in range(n)]
    for kind in sorted({kind for kind, _ in seeds}):
        for _ in range(RANDOM):
            name, head = MESSAGES.get(kind), b""
            if kind == FRAME:
                head = b"TDF\1" + bytes([dice.choice(list(BODIES))])
                name = BODIES[head[4]]
            elif kind == td.SUBJECT_NAME:
                head = dice.randbytes(32)
            out.append((kind, head + random_message(dice, getattr(td.pb, name).DESCRIPTOR)))
    return [(kind, data) for kind, data in out if len(data) <= td.FRAME_MAX]


# ---- what each side makes of them


def ours(all_cases):
    """For each case: what was understood, encoded again, or the words of the refusal as text."""
    given = b"".join(struct.pack(">HI", k, len(d)) + d for k, d in all_cases)
    done = subprocess.run([FILTER], input=given, stdout=subprocess.PIPE, timeout=300)
    assert done.returncode == 0, "%s ended with %d" % (FILTER, done.returncode)
    out, at = [], 0
    while at < len(done.stdout):
        taken, n = struct.unpack_from(">?I", done.stdout, at)
        body = done.stdout[at + 5 : at + 5 + n]
        out.append(body if taken else body.decode())
        at += 5 + n
    assert len(out) == len(all_cases), (len(out), len(all_cases))
    return out


def google(kind, data):
    """The message as Google's library reads it, in one form: None where it refuses."""
    name, body = split(kind, data)
    if name is None:
        return None
    try:
        message = td.parse(name, body)
    except td.Malformed:
        return None
    message.DiscardUnknownFields()
    return one_form(message)


def one_form(message):
    """What the schemas call the same is made the same: ids of zeros are none, a column's step of 0
    is 1, and a part in which nothing stands is no part."""
    for field in message.DESCRIPTOR.fields:
        if field.label == field.LABEL_REPEATED:
            for part in getattr(message, field.name) if is_message(field) else ():
                one_form(part)
        elif is_message(field):
            part = message.HasField(field.name) and one_form(getattr(message, field.name))
            if part and part.ByteSize() == 0:
                message.ClearField(field.name)
        elif field.type == field.TYPE_BYTES and not any(getattr(message, field.name)):
            message.ClearField(field.name)
    if message.DESCRIPTOR.name == "Column" and message.step == 0:
        message.step = 1
    return message


CASES = cases()
OURS = ours(CASES)


def refused(answer):
    return isinstance(answer, str)


def told(kind, data, *more):
    return " ".join(str(x) for x in ("seed", SEED, "kind", kind, data.hex(), *more))


def every_decoder_of_the_product_is_compared():
    """Each `x_decode` of proto/ that reads what others wrote has a row in the codecs."""
    with open(os.path.join(td.ROOT, "tests", "fuzz", "codec.c")) as f:
        rows = set(re.findall(r"^ROUND(?:_OWNED)?\((\w+),", f.read(), re.M))
    offered = set()
    for path in glob.glob(os.path.join(td.ROOT, "proto", "*.h")):
        with open(path) as f:
            offered |= set(re.findall(r"^int (\w+)_decode\(struct slice \w+,", f.read(), re.M))
    assert rows == offered, "decoders without a codec, or the other way: %s" % (rows ^ offered)
    assert len(rows) == len(KINDS) == len(set(KINDS)), (len(rows), KINDS)


def every_seed_is_taken_and_there_is_one_of_each_kind():
    for (kind, data), answer in list(zip(CASES, OURS))[:N_SEEDS]:
        assert not refused(answer), told(kind, data, answer)
    assert {kind for kind, _ in CASES[:N_SEEDS]} == {FRAME, *MESSAGES} == set(KINDS)
    frames = {data[4] for kind, data in CASES[:N_SEEDS] if kind == FRAME}
    assert frames == set(BODIES), frames


def what_google_s_protobuf_refuses_ours_refuses():
    for (kind, data), answer in zip(CASES, OURS):
        assert refused(answer) or google(kind, data) is not None, told(kind, data)


def what_both_take_both_understand_as_the_same():
    n = 0
    for (kind, data), answer in zip(CASES, OURS):
        if not refused(answer):
            n += 1
            a, b = google(kind, data), google(kind, answer)
            assert a == b, told(kind, data, "\n", a, "ours:\n", b)
    assert n > len(CASES) // 20, "only %d of %d were taken: the test shows little" % (n, len(CASES))


def excused(kind, data, answer):
    name, body = split(kind, data)
    return any(re.search(words, answer) and (behind is None or behind(name, body))
               for words, behind in REASONS)


def what_ours_alone_refuses_it_refuses_for_a_stated_reason():
    for (kind, data), answer in zip(CASES, OURS):
        if refused(answer) and google(kind, data) is not None:
            assert excused(kind, data, answer), told(kind, data, answer)


def greedy(descriptor, room):
    """Ways to ask for much memory in little: each repeated field, at any depth, over and over."""
    for field in descriptor.fields:
        if field.label == field.LABEL_REPEATED:
            one = varint(field.number << 3 | BYTES) + b"\0"
            yield one * (room // len(one))
            if field.type not in (field.TYPE_BYTES, field.TYPE_STRING, field.TYPE_MESSAGE):
                body = bytes(room - 16)  # packed: a byte a number
                yield varint(field.number << 3 | BYTES) + varint(len(body)) + body
        if is_message(field):
            for inside in greedy(field.message_type, room - 8):
                yield varint(field.number << 3 | BYTES) + varint(len(inside)) + inside


def no_payload_of_full_size_makes_decoding_hold_more_memory_than_its_arena():
    greedy_cases = []
    for kind, name in MESSAGES.items():
        head = bytes(32) if kind == td.SUBJECT_NAME else b""
        room = td.PAYLOAD_MAX - len(head)
        greedy_cases += [(kind, head + body)
                         for body in greedy(getattr(td.pb, name).DESCRIPTOR, room)]
    for kind, name in BODIES.items():
        greedy_cases += [(FRAME, b"TDF\1" + bytes([kind]) + body)
                         for body in greedy(getattr(td.pb, name).DESCRIPTOR, td.FRAME_MAX - 5)]
    assert len(greedy_cases) > 50
    ours(greedy_cases)  # the filter ends badly where memory is passed


if __name__ == "__main__":
    print("# seed %d, %d cases" % (SEED, len(CASES)))
    tap.run([every_decoder_of_the_product_is_compared,
             every_seed_is_taken_and_there_is_one_of_each_kind,
             what_google_s_protobuf_refuses_ours_refuses,
             what_both_take_both_understand_as_the_same,
             what_ours_alone_refuses_it_refuses_for_a_stated_reason,
             no_payload_of_full_size_makes_decoding_hold_more_memory_than_its_arena])
