#!/bin/bash
# A data directory put back to an older state, or begun anew with its key: node, district, root hub.
# What is missing comes back from the neighbours, and nothing that was receipted is lost.
# also under: asan
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"

set -o pipefail
port=$(free_port)
district_port=$(free_port)
mkdir keys
cd keys || exit 1
given hub -d "$T/hub" init --unit 94 --name "Tỉnh Sóc Trăng" --listen "tcp://127.0.0.1:$port"
fingerprint=$(printed)
cd "$T" || exit 1
given hub -d hub unit import "$SAMPLE/units-3-levels.csv"

# plan ID: a campaign of one criterion that asks communes.
plan() {
    cat <<PLAN
campaign:
  id: $1
  title: {vi: "Thi đua $1"}
  issuer: "$1"
  periods: [{id: "2033", begin: 01/01/2033, end: 31/12/2033}]
  reports:
    - {kind: annual, default: yes, due: {date: 15/12/2033, inclusive: yes}, expected: [{levels: [commune]}]}
  criteria: [{id: C1, about: collective, label: {vi: Một}}]
PLAN
}
for id in a b c d e g; do plan $id >$id.yaml; done
given hub -d hub campaign issue a.yaml
serve hub
ticket_for 948 hub --role hub
district_ticket=$ticket
given hub -d district init --parent "$ticket" --listen "tcp://127.0.0.1:$district_port"
serve district
join_office n31741 31741 district
commune_ticket=$ticket
join_office n31753 31753 district

_has() { node -d "$1" sync && node -d "$1" status --json | jq -e "$2" >/dev/null; }
# node_gets NODE FILTER: within a while its status is so.
node_gets() {
    if eventually 30 _has "$1" "$2"; then ok "$1 gets to know $2"; else
        not_ok "$1 gets to know $2" "$(cat "$T/.eventually"; node -d "$1" status --json)"
    fi
}
_reports() { hub -d "$1" report list --json | jq -e "length == $2" >/dev/null; }
hub_has() {
    if eventually 30 _reports "$1" "$2"; then ok "$1 has $2 reports"; else
        not_ok "$1 has $2 reports" "$(hub -d "$1" report list --json)"
    fi
}
copy() { rm -rf "$2" && cp -a "$1" "$2"; }
both() { node_gets "$1" "[.reports[].receipts | length] == [$2]"; }

story "A node goes on from yesterday's copy: its reports of today come back, and it goes on in a new epoch."
node_gets n31741 '[.due[].campaign] == ["a"]'
copy n31741 yesterday
given node -d n31741 submit --nil --campaign a
report=$(printed)
both n31741 2
rm -rf n31741 && cp -a yesterday n31741
both n31741 2
run node -d n31741 report list --json
prints "$report"
given node -d n31741 withdraw "$report" --reason "nhầm"
given node -d n31741 submit --nil --campaign a
both n31741 '2,2'
hub_has hub 2

story "A node that stated others in the same places says the same again."
copy n31753 yesterday
given node -d n31753 submit --nil --campaign a
both n31753 2
rm -rf n31753 && cp -a yesterday n31753
given node -d n31753 submit --nil --campaign a
node_gets n31753 '[.reports[] | select(.receipts | length == 2)] | length == 1'
hub_has hub 4
run node -d n31753 status --json
prints_json '[.reports[].state]' '["received"]'

expect_exit 0 hub -d district conflict list --json
prints_json "[.[] | .settled] | unique" "[true]"

story "A node that lost all but its key joins again with its old ticket."
cp n31741/actor.key key
rm -rf n31741 && mkdir -m 700 n31741 && mv key n31741/actor.key
run node -d n31741 join "$commune_ticket"
says "joined" # the next epoch, so soon after the last one, may have to wait
both n31741 '2,2'
expect_exit 0 node -d n31741 check

story "A district goes on from yesterday's copy: receipts that it gave stand, its campaign comes back."
stop district
copy district yesterday
serve district
given hub -d district campaign issue b.yaml
node_gets n31741 '[.due[].campaign] | index("b")'
given node -d n31741 submit --nil --campaign b
both n31741 '2,2,2'
stop district
rm -rf district && cp -a yesterday district
serve district
_knows() { hub -d "$1" campaign list --json | jq -e "[.[].campaign] | index(\"$2\")" >/dev/null; }
check "the campaign is back" eventually 60 _knows district b
both n31741 '2,2,2'
hub_has district 5
check "the district states again" eventually 60 hub -d district campaign issue c.yaml
node_gets n31753 '[.due[].campaign] | index("c")'
given node -d n31753 submit --nil --campaign c
node_gets n31753 '[.reports[] | select(.receipts | length == 2)] | length == 2'
hub_has hub 6

story "A district that lost all but its key begins again with its old ticket."
stop district
cp district/actor.key key
rm -rf district && mkdir -m 700 district && mv key district/actor.key
run hub -d district init --parent "$district_ticket" --listen "tcp://127.0.0.1:$district_port"
says "joined" # and perhaps that the next epoch, so soon after the last one, has to wait
serve district
check "its campaigns are back" eventually 60 _knows district c
hub_has district 6
node_gets n31741 '[.due[].campaign] | index("c")'
given node -d n31741 submit --nil --campaign c
both n31741 '2,2,2,2'
hub_has hub 7

story "The root goes on from yesterday's copy: it says that the root key is needed."
stop hub
copy hub yesterday
serve hub
given node -d n31753 submit --nil --campaign b
node_gets n31753 '[.reports[] | select(.receipts | length == 2)] | length == 3'
stop hub
rm -rf hub && cp -a yesterday hub
stop district
serve hub
serve district
_spent() { ! run hub -d hub campaign withdraw a --reason x --dry-run && grep -q "older copy" "$T/.err"; }
# all_were_here OFFICE...: they and the district hand back what the root lacks.
_were_here() {
    for office in "$@"; do node -d "$office" sync; done
    hub -d hub renew --key keys/root.key --dry-run
}
all_were_here() { check "all below were here" eventually 60 _were_here "$@"; }
check "the root can state nothing" eventually 60 _spent
expect_exit 1 hub -d hub renew --key keys/none.key
all_were_here
expect_exit 0 hub -d hub renew --key keys/root.key
says "epoch 2"
says "since the copy was made, and nobody below had been sent yet, is gone"
expect_exit 1 hub -d hub renew --key keys/root.key
hub_has hub 8
expect_exit 0 hub -d hub campaign withdraw a --reason "xong"
node_gets n31753 '[.due[].campaign] | index("a") | not'
given node -d n31753 withdraw "$(node -d n31753 report list --json | jq -r '.[0].report')" --reason x
node_gets n31753 'all(.reports[]; .receipts | length == 2)'

story "The root goes on from a copy older than an office: that shows who enrolled it, and nothing is lost."
stop hub
given hub -d hub campaign issue d.yaml
given hub -d hub campaign issue e.yaml
copy hub yesterday
serve hub
join_office n31732 31732 hub
node_gets n31732 '[.due[].campaign] | index("d")'
given node -d n31732 submit --nil --campaign d
report=$(printed)
both n31732 1
check "it has new keys" eventually 30 node -d n31732 rotate
stop hub
rm -rf hub && cp -a yesterday hub
serve hub
run node -d n31732 sync
says_not "ticket"
check "the root can state nothing" eventually 60 _spent
all_were_here n31732
expect_exit 0 hub -d hub renew --key keys/root.key
both n31732 1
_has_report() { hub -d hub report list --json | jq -e "[.[].report] | index(\"$report\")" >/dev/null; }
check "the root has its report again" eventually 60 _has_report
given node -d n31732 submit --nil --campaign e
both n31732 1,1

story "Somebody is enrolled on the root's old copy before those call who were enrolled since: it says all of them again."
stop district
given hub -d hub campaign issue g.yaml
stop hub
copy hub yesterday
serve hub
join_office n31633 31633 hub
node_gets n31633 '[.due[].campaign] | index("g")'
stop hub
rm -rf hub && cp -a yesterday hub
serve hub
join_office n31714 31714 hub # in the place that is taken
node_gets n31714 '[.due[].campaign] | index("g")'
run node -d n31633 sync
check "the root can state nothing" eventually 60 _spent
serve district
all_were_here n31732 n31633 n31714
expect_exit 0 hub -d hub renew --key keys/root.key
for office in n31633 n31714; do
    given node -d $office submit --nil --campaign g
    both $office 1
done

story "A machine that was revoked joins the root's old copy with its old ticket: it stays revoked."
stop district
ticket_for 31684 hub
old_ticket=$ticket
stop hub
copy hub yesterday
serve hub
given node -d n31684 join "$old_ticket"
cp n31684/actor.key key
given hub -d hub revoke 31684 --reason "mất"
given node -d n31633 sync
stop hub
rm -rf hub && cp -a yesterday hub
serve hub
rm -rf n31684 && mkdir -m 700 n31684 && mv key n31684/actor.key
given node -d n31684 join "$old_ticket"
node -d n31633 sync
check "the root can state nothing" eventually 60 _spent
serve district
all_were_here n31732 n31633 n31714 n31684 # nobody knows yet that this one was revoked
expect_exit 0 hub -d hub renew --key keys/root.key
given node -d n31633 sync
expect_exit 0 hub -d hub unit list --json
prints_json '[.[] | select(.code == "31684") | .node]' '[false]'
expect_exit 1 node -d n31684 sync
says "revoked"

story "All stores are whole, and the auditor finds nothing."
stop district
stop hub
for dir in hub district; do
    expect_exit 0 hub -d $dir check
    expect_exit 0 hub -d $dir bundle export "$dir.tdb"
    expect_exit 0 audit verify "$dir.tdb" --root "$fingerprint"
done
for dir in n31741 n31753 n31732 n31633 n31714; do expect_exit 0 node -d $dir check; done
the_end
