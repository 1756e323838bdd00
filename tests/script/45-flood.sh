#!/bin/bash
# Two thousand connections are opened and say nothing. Offices that are enrolled notice nothing of it,
# and after a while the connections are ended.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"
set -o pipefail
ulimit -Sn 1024 # the hub takes as many as the hard limit has
[ "$(ulimit -Hn)" = unlimited ] || [ "$(ulimit -Hn)" -ge 4096 ] || {
    skip "two thousand idle connections" "this machine allows only $(ulimit -Hn) file handles"
    the_end
}

port=$(free_port)
found_hub hub "$port"
issue_campaigns hub
serve hub
join_office n 31741

flood() {
    exec "$PYTHON" - "$port" <<'PY'
import resource, select, socket, sys, time
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
idle = []
for _ in range(2000):
    idle.append(socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=20))
print("open", len(idle), flush=True)
asleep = select.poll()
for s in idle:
    asleep.register(s.fileno(), select.POLLIN)
left, by_fd = set(idle), {s.fileno(): s for s in idle}
end = time.time() + 120
while left and time.time() < end:
    for fd, _ in asleep.poll(1000):
        try:
            gone = not by_fd[fd].recv(4096)
        except OSError:
            gone = True
        if gone:
            asleep.unregister(fd)
            left.discard(by_fd[fd])
print("closed", len(idle) - len(left), flush=True)
PY
}

story "The flood stands; an office reports through it."
start flood flood
wait_line flood '^open 2000$' 60
people n 31741
fill n 31741
seal n
expect_exit 0 node -d n sync
expect_exit 0 node -d n status --json
prints_json '[.reports[].receipts[].state]' '["valid"]'
check "the hub is alive" alive hub

story "Whoever does not finish the handshake is cut off, and a new office can join then."
wait_line flood '^closed 2000$' 90
join_office m 31753
stop hub
the_end
