#!/bin/bash
# What a node meets when it calls: nobody, something that is no hub, a hub of another version. It
# says who was called, loses nothing, and does it again when the hub is back.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"
set -o pipefail # a hub that refuses says nothing, which jq takes for fine

port=$(free_port)
here=127.0.0.1:$port
found_hub hub "$port"
issue_campaigns hub
serve hub
join_office n 31741
people n 31741
fill n 31741
seal n
ticket_for 31753
stop hub
pretend() {
    start pretender "$PYTHON" "$ROOT/tests/script/not_our_hub.py" "$@"
    wait_ready pretender
}
gone() { crash pretender; }
unchanged node_state n

story "The hub is down."
refused 75 "$here" "$here cannot be reached now: check the network connection" node -d n sync
refused 75 "$here" "$here cannot be reached now" node -d later join "$ticket"

story "The address is nobody's."
the_hub_moved() { # a ticket that names another address
    "$PYTHON" -c "
import sys
sys.path.insert(0, '$ROOT/tests/interop')
import td
t = td.parse_ticket('$ticket')
t.address = '$1'
print(t.text())"
}
refused 75 'hub.example.invalid' 'the host hub.example.invalid is not found now' \
    node -d nowhere join "$(the_hub_moved tcp://hub.example.invalid:17170)"

story "Something listens there and says nothing, another thing speaks HTTP, another SSH."
# Patience takes its time, so the four calls wait side by side.
pretend silent "$port"
lang='' start vi node -d n sync
cp -r n m
start en node -d m sync
start joining node -d later join "$ticket"
wait_end vi 75 60
wait_end en 75 60
wait_end joining 75 60
check "in Vietnamese it names who was called" grep -q "$here .*không phải là máy chủ thidua" vi.log
check "in English too" grep -q "$here accepts connections but is no thidua hub" en.log
check "and so when joining" grep -q "$here accepts connections but is no thidua hub" joining.log
still "nothing changed"
gone
for what in http ssh; do
    pretend $what "$port"
    refused 75 "$here .*không phải là máy chủ thidua" "$here accepts connections but is no thidua hub" \
        node -d n sync
    gone
done

story "A line that drops once, with a hub that is gone, says nothing of another hub."
for lang in vi en; do
    pretend drops "$port"
    expect_exit 75 node -d n sync
    says "$here"
    says_not "ticket"
    says_not "vé mới"
    gone
done
pretend drops "$port"
start followed node -d m sync --follow
wait_line followed "the line to .*dropped before the hub answered: nothing is lost, try again"
crash followed
gone
still "nothing changed"

story "A hub with the right keys, but of another version, or out of its mind. It was heard, no more."
but_for_contact() { node_state n | sed 's/"last_contact":"[^"]*"//'; }
unchanged but_for_contact
pretend refuses "$port" hub/actor.key
refused 75 '7 .* 9.*hãy cập nhật' \
    'speaks protocol versions 7 to 9, this program speaks 1: update the older program' node -d n sync
gone
pretend welcomes "$port" hub/actor.key
refused 75 'hãy cập nhật' 'another version of the protocol: update' node -d n sync
gone
pretend babbles "$port" hub/actor.key
run node -d n sync
check "$_cmd: refused or away, and not as if it were done" test "$_status" = 1 -o "$_status" = 75
still "nothing changed"
gone

story "A hub that follows keeps trying; one that is there at last takes everything."
start follow node -d n sync --follow
wait_line follow "$here cannot be reached now"
serve hub
received() { node -d n status --json | jq -e '.reports[0].state == "received"'; }
check "the report is received" eventually 30 received
stop follow
expect_exit 0 node -d later join "$ticket"
the_end
