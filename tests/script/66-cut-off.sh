#!/bin/bash
# A district is cut off over the due instant. The province says of its communes that it does not
# know, and since when; of those that report to it straight it does know. The district comes back,
# with a report that it received in time: everything becomes right by itself.
# also under: asan
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"

set -o pipefail # a hub that refuses says nothing, which jq takes for fine
port=$(free_port)
district_port=$(free_port)
calendar '2023-12-14 08:00:00'
mkdir keys
cd keys || exit 1
given hub -d "$T/hub" init --unit 94 --name "Tỉnh Sóc Trăng" --listen "tcp://127.0.0.1:$port"
fingerprint=$(printed)
cd "$T" || exit 1
given hub -d hub unit import "$SAMPLE/units-3-levels.csv"
cat >tinh.yaml <<'PLAN'
campaign:
  id: tinh
  title: {vi: "Thi đua"}
  issuer: "94"
  periods: [{id: "2023", begin: 01/01/2023, end: 31/12/2023}]
  reports:
    - kind: annual
      default: yes
      due: {date: 15/12/2023, inclusive: yes}
      expected: [{include: ["31741", "31753", "SNV"]}]
  criteria: [{id: C1, about: collective, label: {vi: Một}}]
PLAN
given hub -d hub campaign issue tinh.yaml
serve hub
ticket_for 948 hub --role hub
given hub -d district init --parent "$ticket" --listen "tcp://127.0.0.1:$district_port"
serve district
join_office n31741 31741 district
join_office n31753 31753 district
join_office nSNV SNV

_states() { hub -d "$1" board --json "${@:3}" | jq -c '[.rows[] | [.unit, .state]]' | grep -qFx "$2"; }
# board_is HUB STATES [OPTIONS...]: within a while, its board says so of each unit.
board_is() {
    if eventually 20 _states "$@"; then ok "$1: $2"; else
        not_ok "$1: $2" "$(hub -d "$1" board --json "${@:3}")"
    fi
}
# the_auditor_agrees HUB: what HUB, which hears nobody just now, exports gives an auditor the same board, of the same instant.
the_auditor_agrees() {
    local at=2023-12-17T12:00:00+07:00
    expect_exit 0 hub -d "$1" bundle export "$1.tdb"
    hub -d "$1" board --at $at --json >board.json
    run audit verify "$1.tdb" --root "$fingerprint" --board --at $at --json
    prints "$(cat board.json)"
    prints_json '.problems' '[]'
}

story "Before the due instant nobody has to have reported, and the district is in contact."
board_is hub '[["31741","not_due"],["31753","not_due"],["SNV","not_due"]]'
_heard() { hub -d hub board --json | jq -e '.rows[] | select(.unit == "SNV") | .last_contact != null'; }
check "the province heard the department" eventually 20 _heard
_reached() { node -d n31741 sync && node -d n31741 status --json | jq -e '.due[0].campaign == "tinh"'; }
check "the campaign reaches the commune" eventually 20 _reached

_known() { hub -d hub board --at 2023-12-17T08:00:00+07:00 --state unknown | grep -q "known up to 14/12/2023"; }
check "the province knows up to when it has all that the district had" eventually 20 _known

story "The line to the province is cut. A commune reports to its district, in time."
stop hub
given node -d n31741 submit --nil
expect_exit 0 node -d n31741 sync
board_is district '[["31741","on_time"],["31753","not_due"]]'
crash district

story "The due instant passes while the district is away: its communes are unknown, others missing."
calendar '2023-12-17 08:00:00'
serve hub
board_is hub '[["31741","unknown"],["31753","unknown"],["SNV","missing"]]'
run hub -d hub board --json
prints_json '[.rows[] | select(.unit == "SNV") | .last_contact[0:10]]' '["2023-12-14"]'
prints_json '[.expected, .actual, .rate]' '[3,0,"0.00"]'
run hub -d hub board --state unknown
prints "known up to 14/12/2023"
the_auditor_agrees hub
stop hub

story "The district is up again, by itself: it knows who is missing."
serve district
board_is district '[["31741","on_time"],["31753","missing"]]'
the_auditor_agrees district

story "The line is back. What was unknown becomes what it is, by itself."
serve hub
board_is hub '[["31741","on_time"],["31753","missing"],["SNV","missing"]]'
run hub -d hub board --json
prints_json '[.rows[] | select(.unit == "31741") | [.received_at[0:10], .by]]' '[["2023-12-14","948"]]'
_receipts() { node -d n31741 sync && node -d n31741 status --json | jq -e '[.reports[].receipts[] | .unit] | sort == ["94","948"]'; }
check "the commune has the receipts of both" eventually 20 _receipts
stop district
stop hub
for hub in hub district; do
    the_auditor_agrees $hub
    expect_exit 0 hub -d $hub check
done
the_end
