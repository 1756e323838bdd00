#!/bin/bash
# An office gets a new PC. The new machine takes the old one's place; the old one is refused and told.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"
set -o pipefail # a hub that refuses says nothing, which jq takes for fine

found_hub hub "$(free_port)"
issue_campaigns hub
serve hub
join_office old 31741
people old 31741
fill old 31741
seal old
first=$report
given node -d old sync
given node -d old record --campaign soctrang-2023 --subject 31741 --criterion C1.1 --score 1
seal old
never=$report

# All but when it heard the hub, and that it was told to have ended.
what_it_has() { node_state "$1" 2>/dev/null | sed -E 's/"last_contact":"[^"]*"//; s/"ended":\{[^}]*\},//'; }

story "A second ticket is printed for the same office. Until it is used, nothing has happened."
ticket_for 31741
expect_exit 0 node -d old score --campaign soctrang-2023
expect_exit 0 node -d old status --json
prints_json '[.reports[].state] | sort' '["queued","received"]'

story "The new machine joins with it."
expect_exit 0 node -d new join "$ticket"
says '31741'

story "The old one is refused, says why and what to do; it keeps what it has."
unchanged what_it_has old
shut_out='another machine reports for this unit now: this one was replaced.*new ticket'
refused 1 'vé' "$shut_out" \
    node -d old sync
start following node -d old sync --follow
wait_end following 1
expect_exit 0 node -d old status --json
prints_json "[.reports[] | select(.report == \"$never\") | .state]" '["queued"]'

story "What the old one reported before still stands."
expect_exit 0 hub -d hub board --campaign soctrang-2023 --json
prints_json '[.rows[] | select(.unit == "31741") | .report]' "[\"$first\"]"
check "and what it kept to itself never came" \
    bash -c "! grep -q $never <('$BIN/thidua-hub' -d '$T/hub' report list --json)"

story "The new one reports: its report is the later revision, whatever its number, and counts once."
people new 31741
fill new 31741
given node -d new record --campaign soctrang-2023 --subject 31741 --criterion C1.1 --score 2
seal new
second=$report
expect_exit 0 node -d new sync
expect_exit 0 node -d new status --json
prints_json "[.reports[] | select(.report == \"$second\") | .state]" '["received"]'
expect_exit 0 hub -d hub board --campaign soctrang-2023 --json
prints_json '[.actual, (.rows[] | select(.unit == "31741") | .report)]' "[1,\"$second\"]"
expect_exit 0 hub -d hub rank --campaign soctrang-2023 --group khoi-xa --subject-kind collective --json
prints_json '[.rows[] | select(.subject == "31741") | .report]' "[\"$second\"]"
expect_exit 0 hub -d hub bundle export all.tdb
expect_exit 0 audit verify all.tdb --root "$fingerprint" --json
prints_json '.problems' '[]'

story "The old machine joins again, in a new directory, and now the other one is refused."
ticket_for 31741
expect_exit 0 node -d again join "$ticket"
unchanged what_it_has new
refused 1 'vé' "$shut_out" node -d new sync

story "A copy of a machine's directory is found out: two records with one number are kept as evidence."
cp -r again clone
people again 31741
fill again 31741
seal again
given node -d again sync
first=$report
given node -d clone record --campaign soctrang-2023 --subject 31741 --criterion C1.1 --score 3
seal clone
stray=$report
expect_exit 0 node -d clone sync
says "an older copy was put back, or another copy of it is in use"
says "stop one of them, and ask the hub for a ticket"
run node -d clone report list
prints "says ${stray:0:8} again"
prints "${first:0:8}, of that copy, was received by 94"
prints "Two copies of one machine's directory were in use"
run node -d clone report list --json
prints_json '[.[] | select(.restates) | .restates, .rival]' "[\"$stray\",\"$first\"]"
expect_exit 0 node -d clone report show "${stray:0:8}" # what it had stated first, with its values
prints "kept as evidence only"
says "this machine says it again by"
expect_exit 0 node -d clone report show "$first"
prints "kept as evidence only"
expect_exit 0 hub -d hub report show "${stray:0:9}"
prints "kept as evidence only"
run hub -d hub report list --json
prints_json '[.[] | select(.restates) | .restates]' "[\"$stray\"]"
run node -d clone report list --json
check "what the copy stated in a place that was taken, it says again, as a later revision" \
    jq -e --arg first "$first" '[.[] | select(.inherited | not) | select(.report != $first and .receipts[0].state == "valid")] | length == 1' "$T/.out"
report=$(jq -r --arg first "$first" '.[] | select(.inherited | not) | select(.report != $first) | .report' "$T/.out")
check "under another name" test "$report" != "$stray"
expect_exit 0 hub -d hub board --campaign soctrang-2023 --json
prints_json '[.actual, (.rows[] | select(.unit == "31741") | .report)]' "[1,\"$report\"]"
says "that is settled, and what counts stands on the board"
says "Where a directory was put back from a copy, nothing is left to do"
says_not "revoking one settles it"

story "The first of the two learns of it when it connects again; nothing counts twice."
check "it is let in again, if not at once" eventually 20 node -d again sync
run node -d again status --json
prints_json '[.reports[] | select(.inherited | not) | .state]' '["superseded","received"]'
prints_json '[.reports[] | select(.came_back) | .report]' "[\"$report\"]"
expect_exit 0 node -d again status
prints "the hub gave it back: it was sealed from another copy of this machine's directory"
prints "Where another copy of this machine's directory is still in use, stop one"
given node -d again record --campaign soctrang-2023 --subject 31741 --criterion C1.1 --score 4
given node -d again submit --campaign soctrang-2023
run node -d again status --json # whoever seals has seen what there is
prints_json '[.reports[] | select(.came_back)]' '[]'
given node -d again sync
report=$(node -d again report list --json | jq -r '.[-1].report')
expect_exit 0 hub -d hub report list --json
prints_json '[.[] | select(.unit == "31741" and .state == "received") | .report]' "[\"$report\"]"
expect_exit 0 node -d again check
expect_exit 0 node -d clone check
the_end
