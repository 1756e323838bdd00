#!/usr/bin/python3
"""What may answer at a hub's address and is not that hub, or not one that we can talk to.

    not_our_hub.py silent PORT        accepts connections and says nothing
    not_our_hub.py http PORT          speaks HTTP
    not_our_hub.py ssh PORT           greets like another kind of server, and waits
    not_our_hub.py drops PORT         closes the first line at its first word, and is gone
    not_our_hub.py welcomes PORT KEY  a hub with the keys in file KEY that welcomes in version 9
    not_our_hub.py refuses PORT KEY   one that knows versions 7 to 9 only and says so
    not_our_hub.py babbles PORT KEY   one whose frames make no sense

Prints `ready` when it accepts; runs until it is ended.
"""
import os
import socket
import sys
import threading


def plain(port, greeting, answer):
    """A TCP server: `greeting` at once, `answer` once the other side has said something."""
    listener = socket.create_server(("127.0.0.1", port))
    print("ready", flush=True)

    def serve(s):
        s.sendall(greeting)
        heard = s.recv(4096)
        if heard and answer:
            s.sendall(answer)
            s.close()
        while heard:
            heard = s.recv(4096)

    while True:
        threading.Thread(target=lambda s: serve(s), args=(listener.accept()[0],), daemon=True).start()


def drop(port):
    """Gone with the first that calls, as a hub that ends."""
    listener = socket.create_server(("127.0.0.1", port))
    print("ready", flush=True)
    s = listener.accept()[0]
    listener.close()
    s.recv(4096)
    s.close()


def fake(port, key_file, say):
    """A hub's transport, down to its keys; `say(td)` makes the frame that answers any other."""
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))
    import td
    import zmq
    import zmq.auth
    import zmq.utils.z85 as z85
    from zmq.auth.thread import ThreadAuthenticator

    seeds = open(key_file, "rb").read()[48:112]
    keys = td.Keys(seeds[:32], seeds[32:])
    context = zmq.Context()
    door = ThreadAuthenticator(context)
    door.start()
    door.configure_curve(domain="*", location=zmq.auth.CURVE_ALLOW_ANY)
    s = context.socket(zmq.ROUTER)
    s.linger = 0
    s.curve_server = True
    s.curve_publickey, s.curve_secretkey = (z85.encode(k) for k in (keys.transport_public,
                                                                    keys.transport_secret))
    s.bind("tcp://127.0.0.1:%d" % port)
    print("ready", flush=True)
    while True:
        peer, _ = s.recv_multipart()
        s.send_multipart([peer, say(td, keys)])


def welcome(td, keys):
    return td.frame(td.WELCOME, td.pb.Welcome(version=9, actor=keys.actor, inbox=bytes(range(16))))


def refuse(td, _keys):
    return td.frame(td.REFUSED, td.pb.Refused(code=1, args=["7", "9"]))


def babble(_td, _keys):
    return b"TDF\1\x02\xff\xff\xff"


HTTP = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
what, at = sys.argv[1], int(sys.argv[2])
if what == "silent":
    plain(at, b"", b"")
elif what == "http":
    plain(at, b"", HTTP)
elif what == "ssh":
    plain(at, b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", b"")
elif what == "drops":
    drop(at)
else:
    fake(at, sys.argv[3], {"welcomes": welcome, "refuses": refuse, "babbles": babble}[what])
