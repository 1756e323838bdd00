"""Those who mean ill, each a process of its own: foes.py KIND SEED TICKET; it goes on until it is killed."""
import glob
import os
import random
import resource
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "interop"))
import td  # noqa: E402
from client import Client, Line  # noqa: E402
from td import pb  # noqa: E402

CHILD_LINES = 400  # connections of the enrolled child at a time
IDLE = 6000        # connections that say nothing
chance = random.Random()


def corpus():
    """Every input that the search for broken frames kept."""
    found = []
    for path in sorted(glob.glob(os.path.join(td.ROOT, "tests", "fuzz", "corpus", "frame", "*"))):
        with open(path, "rb") as f:
            found.append(f.read())
    return [x for x in found if x]


FRAMES = corpus()


def mutated(frame):
    """`frame` with bits flipped, cut, repeated or stuffed."""
    b = bytearray(frame)
    for _ in range(chance.choice([0, 1, 1, 2, 8])):
        at = chance.randrange(len(b))
        how = chance.randrange(5)
        if how == 0:
            b[at] ^= 1 << chance.randrange(8)
        elif how == 1:
            b[at] = chance.choice([0, 1, 127, 128, 255])
        elif how == 2:
            del b[at + 1:at + 1 + chance.randrange(16)]
        elif how == 3:
            b[at:at] = os.urandom(chance.randrange(64))
        else:
            b[at:at] = b[:at] * chance.randrange(1, 3)
    if chance.random() < 0.01:
        b += os.urandom(chance.randrange(td.FRAME_MAX))
    return bytes(b[:td.FRAME_MAX + 100])


def send(line, data):
    try:
        line.socket.send(data, td_flags)
    except Exception:  # its queue is full, or it was turned away: what a foe has to live with
        time.sleep(0.001)


td_flags = 1  # zmq.DONTWAIT


def listen(line):
    """Read what came, so that nothing waits on account of us."""
    while line.socket.poll(0):
        line.socket.recv()


def enrolled(ticket, name="foe"):
    """The foe that has a ticket, joined; the door may be full for a while."""
    client = Client(name, ticket)
    while True:
        try:
            if client.join()[0] == td.JOINED:
                return client
        except (TypeError, AssertionError):  # no answer
            time.sleep(0.1)


def child(ticket):
    """An enrolled child that greets well and then says what it likes, its own records changed too."""
    client = enrolled(ticket)
    for n in range(64):
        client.state(2000 + n % 5, os.urandom(chance.randrange(2000)))
    while True:
        with Line(client.keys, ticket) as line:
            if chance.random() < 0.8:
                client.greet(line)
            for _ in range(chance.randrange(3000)):
                pick = chance.random()
                if pick < 0.7:
                    send(line, mutated(chance.choice(FRAMES)))
                else:
                    at = chance.randrange(len(client.stated))
                    run = pb.Records(stream=client.outbox, first=at + 1, end=1 << 40,
                                     records=client.stated[at:at + 20])
                    data = td.frame(td.RECORDS, run)
                    send(line, data if pick < 0.8 else mutated(data))
                listen(line)


def lines(ticket):
    """The enrolled child on very many connections, each of which says one thing and stays."""
    client = enrolled(ticket)
    held = []
    while True:
        line = Line(client.keys, ticket)
        held.append(line)
        client_hello = pb.Hello(version_min=1, version_max=1, deployment=ticket.genesis,
                                actor=client.keys.actor, epoch=1, outbox=client.outbox)
        try:
            line.socket.send(td.frame(td.HELLO, client_hello), td_flags)
        except Exception:
            pass
        time.sleep(0.01)
        if len(held) > CHILD_LINES:
            held.pop(0).close()


def hoard(ticket):
    """An enrolled child that does nothing wrong but to state large records without end, of a kind that nobody
    knows; when it is refused it comes again and goes on."""
    client = enrolled(ticket, "hoard")
    while True:
        with Line(client.keys, ticket) as line:
            kind, said = client.greet(line) or (None, None)
            at = sent = said.outbox_position if kind == td.WELCOME else 0
            while kind in (td.WELCOME, td.ACK, td.RECORDS):
                if kind == td.ACK:
                    client.stated[at:said.position] = [None] * (said.position - at)
                    at = said.position
                while sent < at + 8:
                    if sent == len(client.stated):
                        client.state(2000 + sent % 5, os.urandom(1000000))
                    line.send(td.RECORDS, pb.Records(stream=client.outbox, first=sent + 1, end=1 << 40,
                                                     records=client.stated[sent:sent + 1]))
                    sent += 1
                kind, said = line.receive() or (None, None)
        time.sleep(0.2)


def guests(ticket):
    """Keys that nobody knows, with more and larger frames than a guest may send."""
    while True:
        keys = td.Keys(os.urandom(32), os.urandom(32))
        with Line(keys, ticket) as line:
            for _ in range(40):
                send(line, mutated(chance.choice(FRAMES)))
            line.socket.poll(50)


def address(ticket):
    host, port = ticket.address[len("tcp://"):].rsplit(":", 1)
    return host, int(port)


def knock(ticket):
    s = socket.create_connection(address(ticket), timeout=5)
    s.setblocking(False)
    return s


GREETING = (b"\xff" + b"\0" * 8 + b"\x7f\3\1CURVE" + b"\0" * 15 + b"\0" + b"\0" * 31)
HALVES = [b"", GREETING[:10], GREETING[:11], GREETING, GREETING + b"\4\xc8\5HELLO" + b"\1\0" + b"\0" * 192]


def idle(ticket):
    """Connections by the thousand that say nothing, or begin a handshake and leave it at that."""
    held = []
    while True:
        try:
            s = knock(ticket)
            s.send(chance.choice(HALVES))
            held.append(s)
        except OSError:
            time.sleep(0.01)
        if len(held) > IDLE:
            held.pop(chance.randrange(len(held))).close()


def slow(ticket):
    """A byte at a time."""
    held = []
    while True:
        while len(held) < 200:
            try:
                held.append([knock(ticket), chance.choice(HALVES[1:]) + os.urandom(1000)])
            except OSError:
                time.sleep(0.1)
        for one in list(held):
            try:
                one[0].send(one[1][:1])
                one[1] = one[1][1:]
            except OSError:
                one[1] = b""
            if not one[1]:
                one[0].close()
                held.remove(one)
        time.sleep(0.05)


def noise(ticket):
    """Bytes that are no protocol at all, as fast as connections can be had."""
    while True:
        try:
            s = knock(ticket)
            s.send(chance.choice(HALVES)[:chance.randrange(300)] + os.urandom(chance.randrange(2000)))
            s.close()
        except OSError:
            time.sleep(0.01)


KINDS = {f.__name__: f for f in (child, lines, hoard, guests, idle, slow, noise)}

if __name__ == "__main__":
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    chance.seed("%s/%s" % (sys.argv[1], sys.argv[2]))
    KINDS[sys.argv[1]](td.parse_ticket(sys.argv[3]))
