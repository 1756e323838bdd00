#!/usr/bin/python3
"""A bad link between two programs: a TCP proxy that delays, cuts and swallows bytes.

What passes is encrypted, so faults are placed by counting bytes in a direction: `up` from whoever
connects to us to the server, `down` from the server. Faults hold for the first --faulty connections
(all by default: 0); later ones pass clean.

Prints one line per event: `port P` first, then `open N`, `trigger N WHAT up=U down=D`,
`closed N WHY up=U down=D dropped-up=U dropped-down=D`, N counting connections from 1 and bytes as
forwarded. A second program can wait for these lines instead of sleeping.

With --control, lines on standard input steer it at run time, `KEY VALUE` with the option names, for
connections opened from then on, and these, for those that are open now:
    cut              end all connections with a reset
    swallow up|down|both   read on and forward nothing that way (half-open, to those who look)
    hold / release   stop reading, both ways; go on
    down / back      refuse new connections; accept them again
    clean            no faults for connections opened from now on
SIGUSR1 is `cut`, SIGUSR2 is `swallow both`.

To cut a client off after it sent its report and before the receipt comes back: let an idle exchange
pass and read its `up=U`; then `drop-down-after-up U+64`. From the moment those bytes have gone up
nothing comes down; once the server has answered into the void and nothing has moved for --idle ms,
both sides are reset.
"""
import argparse
import asyncio
import logging
import random
import signal
import socket
import struct
import sys

CHUNK = 65536
DRIP_S = 0.005


def options():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument("--to", required=True, metavar="HOST:PORT", help="the server")
    p.add_argument("--listen", default="127.0.0.1:0", metavar="HOST:PORT")
    p.add_argument("--control", action="store_true", help="read commands from standard input")
    p.add_argument("--seed", type=int, default=1, help="of the delays and random cuts")
    p.add_argument("--faulty", type=int, default=0, metavar="N",
                   help="only the first N connections have faults; 0: all")
    for way, what in (("up", "client to server"), ("down", "server to client")):
        p.add_argument(f"--cut-after-{way}", type=int, default=-1, metavar="BYTES",
                       help=f"reset both sides after exactly BYTES {what}")
        p.add_argument(f"--swallow-after-{way}", type=int, default=-1, metavar="BYTES",
                       help=f"after BYTES {what}, forward nothing either way, keep both open")
    p.add_argument("--drop-down-after-up", type=int, default=-1, metavar="BYTES",
                   help="once BYTES went up nothing comes down; when idle, reset both")
    p.add_argument("--idle", type=int, default=300, metavar="MS",
                   help="quiet time that ends a --drop-down-after-up")
    p.add_argument("--hold-most", type=int, default=15000, metavar="MS",
                   help="end it after this long at the latest, idle or not")
    p.add_argument("--cut-random", default="", metavar="MIN-MAX",
                   help="reset each connection after a random number of bytes, both ways together")
    p.add_argument("--delay", type=int, default=0, metavar="MS", help="each way")
    p.add_argument("--jitter", type=int, default=0, metavar="MS", help="up to this on top")
    p.add_argument("--rate", type=int, default=0, metavar="BYTES", help="a second, each way")
    p.add_argument("--drip", type=int, default=0, metavar="BYTES",
                   help="pass this many at a time, each in a packet of its own, 5 ms apart")
    p.add_argument("--flip-random", default="", metavar="MIN-MAX",
                   help="change one bit after a random number of bytes, both ways together")
    p.add_argument("--twin", type=int, default=0, metavar="0|1",
                   help="say all that goes up to the server a second time, on a connection of its own")
    return p.parse_args()


def say(*words):
    print(*words, flush=True)


def address(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


def reset(writer):
    """Close so that the other end sees a reset, as when a link or a machine is gone."""
    sock = writer.get_extra_info("socket")
    if sock is not None and not writer.is_closing():
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class Connection:
    """One client and its server. `passed` and `dropped` count bytes per way."""

    def __init__(self, proxy, number, faults):
        self.proxy, self.number, self.faults = proxy, number, faults
        self.passed = {"up": 0, "down": 0}
        self.dropped = {"up": 0, "down": 0}
        self.swallow = set()
        self.random = random.Random(proxy.options.seed * 1000003 + number)
        self.cut_at = -1
        if faults.cut_random:
            self.cut_at = self.random.randint(*map(int, faults.cut_random.split("-")))
        self.flip_at = -1
        if faults.flip_random:
            self.flip_at = self.random.randint(*map(int, faults.flip_random.split("-")))
        self.dropping = False
        self.moved = asyncio.get_running_loop().time()
        self.over = asyncio.Event()
        self.why = ""
        self.writers = []
        self.twin = None

    def counts(self):
        return f"up={self.passed['up']} down={self.passed['down']}"

    def trigger(self, what):
        say("trigger", self.number, what, self.counts())

    def end(self, why):
        if not self.over.is_set():
            self.why = why
            self.over.set()

    def room(self, way):
        """How many more bytes may pass `way` before a fault is due; None: no end in sight."""
        limits = []
        for at in (getattr(self.faults, f"cut_after_{way}"),
                   getattr(self.faults, f"swallow_after_{way}")):
            if at >= 0:
                limits.append(at - self.passed[way])
        if self.cut_at >= 0:
            limits.append(self.cut_at - sum(self.passed.values()))
        return max(0, min(limits)) if limits else None

    def faults_due(self, way):
        """Act on the limits that have been reached; called after bytes passed `way`."""
        f, n = self.faults, self.passed[way]
        if 0 <= getattr(f, f"cut_after_{way}") <= n or 0 <= self.cut_at <= sum(self.passed.values()):
            self.trigger("cut")
            self.end("cut")
        elif 0 <= getattr(f, f"swallow_after_{way}") <= n and len(self.swallow) < 2:
            self.swallow = {"up", "down"}
            self.trigger("swallow")

    def about_to_pass(self, way, n):
        """Stop the answers before the bytes that they answer have left us."""
        at = self.faults.drop_down_after_up
        if way == "up" and at >= 0 and not self.dropping and self.passed["up"] + n >= at:
            self.dropping = True
            self.swallow.add("down")
            self.trigger("drop-down")
            asyncio.ensure_future(self.end_when_idle())

    async def end_when_idle(self):
        clock = asyncio.get_running_loop().time
        latest = clock() + self.faults.hold_most / 1000
        while not self.over.is_set() and clock() < latest:
            quiet = clock() - self.moved
            if self.dropped["down"] > 0 and quiet * 1000 >= self.faults.idle:
                break
            await asyncio.sleep(0.01)
        self.end("cut")

    async def take(self, way, reader, line):
        """Read `way` into `line`, a slow line: each piece with the instant at which it arrives."""
        clock = asyncio.get_running_loop().time
        free_at = 0.0
        data = b"-"
        while data:
            try:
                data = await reader.read(1460 if self.faults.rate else CHUNK)
            except OSError:
                data = b""
            await self.proxy.flowing.wait()
            self.moved = clock()
            arrives = clock() + (self.faults.delay + self.random.random() * self.faults.jitter) / 1000
            if self.faults.rate:
                free_at = max(free_at, clock()) + len(data) / self.faults.rate
                arrives += free_at - clock()
            await line.put((arrives, data))

    async def give(self, way, line, writer):
        """Forward what arrives on `line`, in order, until its end."""
        clock = asyncio.get_running_loop().time
        try:
            while True:
                arrives, data = await line.get()
                if arrives > clock():
                    await asyncio.sleep(arrives - clock())
                if not data:
                    break
                await self.forward(way, data, writer)
            if way not in self.swallow:
                self.end("end-" + way)
        except OSError:
            self.end("lost-" + way)

    async def forward(self, way, data, writer):
        if not self.faults_off():
            self.about_to_pass(way, len(data))
        if way in self.swallow:
            self.dropped[way] += len(data)
            return
        room = None if self.faults_off() else self.room(way)
        part = data if room is None else data[:room]
        if part:
            await self.pass_on(way, self.flipped(part), writer)
        self.dropped[way] += len(data) - len(part)
        if not self.faults_off():
            self.faults_due(way)

    def flipped(self, part):
        """`part` with a bit changed, where that is due within it."""
        at = self.flip_at - sum(self.passed.values())
        if self.faults_off() or not 0 <= at < len(part):
            return part
        self.trigger("flip")
        return part[:at] + bytes([part[at] ^ 1 << self.random.randrange(8)]) + part[at + 1:]

    async def pass_on(self, way, part, writer):
        size = self.faults.drip if self.faults.drip > 0 and not self.faults_off() else len(part)
        for at in range(0, len(part), size):
            if at > 0:
                await asyncio.sleep(DRIP_S)
            piece = part[at:at + size]
            writer.write(piece)
            if way == "up" and self.twin is not None:
                self.twin.write(piece)
            await writer.drain()
            self.passed[way] += len(piece)

    async def open_twin(self):
        """A second connection that says the same; what the server answers it is read and dropped."""
        reader, self.twin = await asyncio.open_connection(*self.proxy.server)
        self.writers.append(self.twin)

        async def drop():
            while await reader.read(CHUNK):
                pass
        return asyncio.ensure_future(drop())

    def faults_off(self):
        return 0 < self.proxy.options.faulty < self.number

    async def run(self, client_reader, client_writer):
        self.writers = [client_writer]
        try:
            server_reader, server_writer = await asyncio.open_connection(*self.proxy.server)
        except OSError:
            reset(client_writer)
            say("closed", self.number, "no-server", self.counts(), "dropped-up=0 dropped-down=0")
            return
        self.writers.append(server_writer)
        twin = [await self.open_twin()] if self.faults.twin and not self.faults_off() else []
        up, down = asyncio.Queue(256), asyncio.Queue(256)
        pumps = [asyncio.ensure_future(work) for work in (
            self.take("up", client_reader, up), self.give("up", up, server_writer),
            self.take("down", server_reader, down), self.give("down", down, client_writer))]
        await self.over.wait()
        for w in self.writers:
            if self.why == "cut":
                # What has passed is on its way: give it the time to arrive before the reset.
                await asyncio.sleep(0.02)
                reset(w)
            else:
                w.close()
        for p in pumps + twin:
            p.cancel()
        await asyncio.gather(*twin, return_exceptions=True)
        say("closed", self.number, self.why, self.counts(),
            f"dropped-up={self.dropped['up']} dropped-down={self.dropped['down']}")


class Proxy:
    def __init__(self, opts):
        self.options = opts
        self.server = address(opts.to)
        self.count = 0
        self.open = set()
        self.refusing = False
        self.flowing = asyncio.Event()
        self.flowing.set()
        self.stop = asyncio.Event()

    async def accept(self, reader, writer):
        if self.refusing:
            reset(writer)
            return
        self.count += 1
        c = Connection(self, self.count, argparse.Namespace(**vars(self.options)))
        self.open.add(c)
        say("open", c.number)
        try:
            await c.run(reader, writer)
        finally:
            self.open.discard(c)

    def cut(self):
        for c in self.open:
            c.end("cut")

    def swallow(self, ways):
        for c in self.open:
            c.swallow |= {"up", "down"} if ways == "both" else {ways}

    def clean(self):
        for name in vars(self.options):
            if name.startswith(("cut_", "swallow_", "drop_")):
                setattr(self.options, name, "" if name == "cut_random" else -1)
        self.options.flip_random = ""
        self.options.delay = self.options.jitter = self.options.rate = 0
        self.options.drip = self.options.twin = 0

    def set_option(self, name, value):
        old = getattr(self.options, name.replace("-", "_"))
        setattr(self.options, name.replace("-", "_"), type(old)(value))

    def command(self, line):
        words = line.split()
        if not words:
            return
        simple = {"cut": self.cut, "clean": self.clean, "hold": self.flowing.clear,
                  "release": self.flowing.set, "stop": self.stop.set}
        try:
            if words[0] in simple:
                simple[words[0]]()
            elif words[0] in ("down", "back"):
                self.refusing = words[0] == "down"
            elif words[0] == "swallow" and words[1] in ("up", "down", "both"):
                self.swallow(words[1])
            else:
                self.set_option(words[0], words[1])
            say("did", *words)
        except (IndexError, AttributeError, ValueError):
            say("unknown", *words)

    async def listen_to_commands(self):
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            self.command(line.decode(errors="replace"))

    async def run(self):
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR1, self.cut)
        loop.add_signal_handler(signal.SIGUSR2, self.swallow, "both")
        loop.add_signal_handler(signal.SIGTERM, self.stop.set)
        loop.add_signal_handler(signal.SIGINT, self.stop.set)
        host, port = address(self.options.listen)
        listener = await asyncio.start_server(self.accept, host, port)
        say("port", listener.sockets[0].getsockname()[1])
        if self.options.control:
            commands = asyncio.ensure_future(self.listen_to_commands())
        await self.stop.wait()
        if self.options.control:
            commands.cancel()
        listener.close()
        for c in list(self.open):
            for w in c.writers:
                reset(w)


if __name__ == "__main__":
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # lost connections are its trade
    asyncio.run(Proxy(options()).run())
