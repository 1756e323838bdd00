#!/bin/bash
# Under the system calls that the units of ops/systemd leave them, hubs and an office start, confine
# themselves and do what they are for.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"
set -o pipefail

under() { THIDUA_WRAP="$PYTHON $ROOT/tests/script/as_service.py $ROOT/ops/systemd/thidua-$1.service"; }
by_hand() { THIDUA_WRAP=''; }

if grep -qa '__[at]san_init' "$BIN/thidua-hub"; then
    skip "the units' system calls" "a build with a sanitizer makes calls of its own"
    the_end
fi
if ! command -v systemd-analyze >/dev/null; then
    skip "the units' system calls" "there is no systemd-analyze here"
    the_end
fi
port=$(free_port)
mkdir keys
cd keys || exit 1
given hub -d "$T/hub" init --unit 94 --name "Tỉnh Sóc Trăng" --listen "tcp://127.0.0.1:$port"
cd "$T" || exit 1
given hub -d hub unit import "$SAMPLE/units-3-levels.csv"
issue_campaigns hub

story "A root hub, a hub below it and an office that stays connected run as the units have it."
under hub
serve hub
by_hand
ticket_for 948 hub --role hub
given hub -d district init --parent "$ticket" --listen "tcp://127.0.0.1:$(free_port)"
under hub
serve district
by_hand
join_office commune 31741 district
people commune 31741
fill commune 31741
seal commune
under node
start following node -d commune sync --follow
by_hand
_receipted() { node -d commune status --json | jq -e '[.reports[].receipts | length] == [2]' >/dev/null; }
check "a report is receipted by both hubs" eventually 30 _receipted
for name in hub district following; do
    check "$name runs, and says nothing of the kernel" bash -c "! grep -q 'kernel' '$T/$name.log'"
done

story "They stop when they are told to."
stop following
stop district
stop hub

story "A list that lacks a call that a program needs is noticed."
grep -v landlock "$ROOT/ops/systemd/thidua-hub.service" >short.service
THIDUA_WRAP="$PYTHON $ROOT/tests/script/as_service.py $T/short.service"
serve hub
wait_line hub 'kernel'
stop hub
the_end
