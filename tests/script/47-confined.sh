#!/bin/bash
# Programs that stay up give away what they do not need, and go on working; and nothing that they log
# is a name of a person, of a unit's people, or a key.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"
set -o pipefail

# confined NAME: the kernel filters its calls (2) in each of its threads, and it may gain no rights.
confined() {
    local task
    for task in /proc/"$(pid_of "$1")"/task/*; do
        grep -q '^Seccomp:[[:space:]]*2' "$task/status" &&
            grep -q '^NoNewPrivs:[[:space:]]*1' "$task/status" || return 1
    done
}

# A build with a sanitizer is not confined: that opens files and starts programs of its own.
watched() { grep -qa '__[at]san_init' "$BIN/thidua-hub"; }

mkdir keys
cd keys || exit 1
given hub -d "$T/hub" init --unit 94 --name "Tỉnh Sóc Trăng" --listen "tcp://127.0.0.1:$(free_port)"
cd "$T" || exit 1
given hub -d hub unit import "$SAMPLE/units-3-levels.csv"
given hub -d hub campaign issue "$CAMPAIGNS/tan-thanh-2023.yaml"
given hub -d hub campaign issue "$CAMPAIGNS/soctrang-2023.yaml"
given hub -d hub campaign issue "$CAMPAIGNS/soctrang-2023-points.yaml"
serve hub
ticket_for 948 hub --role hub
district_port=$(free_port)
given hub -d district init --parent "$ticket" --listen "tcp://127.0.0.1:$district_port"
serve district
join_office commune 31741 district --address "tcp://localhost:$district_port"
start following node -d commune sync --follow

story "The root hub, a hub below it and an office that stays connected are confined in every thread."
_connected() { test -s "$T/following.log"; }
check "the office is connected" eventually 10 _connected
for name in hub district following; do
    if watched; then
        skip "$name is confined" "a build with a sanitizer is not"
    else
        check "$name is confined" confined $name
    fi
    check "$name says nothing of it" bash -c "! grep -q 'kernel\|nhân' '$T/$name.log'"
done

story "Confined, they exchange, judge, log and stop as ever; also after a break."
people commune 31741
fill commune 31741
seal commune
_receipted() { node -d commune status --json | jq -e '[.reports[].receipts | length] == [2]' >/dev/null; }
check "a report is receipted by both hubs" eventually 30 _receipted
stop hub
serve hub
given node -d commune record --campaign soctrang-2023 --subject 31741 --criterion C1.1 --score 1
seal commune
_both() { node -d commune status --json | jq -e '[.reports[].receipts | length] == [2,2]' >/dev/null; }
check "so is the next one" eventually 60 _both

story "No log holds the name of a person, nor what a key file holds."
tail -n +2 "$SAMPLE/subjects-31741.csv" | cut -d, -f4 | sort -u >names
check "there are names to look for" test -s names
for name in hub district following; do
    check "$name logs no name" bash -c "! grep -qFf names '$T/$name.log'"
    for file in hub/actor.key district/actor.key commune/actor.key keys/root.key keys/recovery.key; do
        $PYTHON - "$T/$name.log" "$file" <<'PY'
import base64, sys
log = open(sys.argv[1], "rb").read().lower()
key = open(sys.argv[2], "rb").read()[48:112]
bad = any(form in log for part in (key[:32], key[32:]) if any(part)
          for form in (part, part.hex().encode(), base64.b64encode(part)[:40].lower()))
sys.exit(1 if bad else 0)
PY
        check "$name logs nothing of $file" test $? -eq 0
    done
done
stop following
stop district
stop hub
the_end
