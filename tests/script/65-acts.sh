#!/bin/bash
# Signed acts over three levels: a due date is extended, a report is taken back, a unit is assigned
# and another exempted, a campaign is withdrawn. Commune, district, province and auditor agree.
# also under: asan
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"

set -o pipefail # a hub that refuses says nothing, which jq takes for fine
port=$(free_port)
district_port=$(free_port)
calendar '2023-12-01 08:00:00'
mkdir keys
cd keys || exit 1
given hub -d "$T/hub" init --unit 94 --name "Tỉnh Sóc Trăng" --listen "tcp://127.0.0.1:$port"
fingerprint=$(printed)
cd "$T" || exit 1
given hub -d hub unit import "$SAMPLE/units-3-levels.csv"

# plan ID LEVEL EXTRA: a campaign of one criterion, due by the end of 15/12/2023.
plan() {
    cat <<PLAN
campaign:
  id: $1
  title: {vi: "Thi đua $1"}
  issuer: "$1"
  periods: [{id: "2023", begin: 01/01/2023, end: 31/12/2023}]
  reports:
    - kind: annual
      default: yes
      due: {date: 15/12/2023, inclusive: yes}
      expected: [{levels: [$2]}]
  criteria: [{id: C1, about: collective, label: {vi: Một}}]
PLAN
}
plan tinh commune >tinh.yaml
plan huyen commune >huyen.yaml
given hub -d hub campaign issue tinh.yaml
serve hub
ticket_for 948 hub --role hub
given hub -d district init --parent "$ticket" --listen "tcp://127.0.0.1:$district_port"
serve district
join_office n31741 31741 district
join_office n31753 31753 district

_has() { node -d "$1" sync && node -d "$1" status --json | jq -e "$2"; }
# node_gets NODE FILTER: within a while its status is so.
node_gets() {
    if eventually 20 _has "$1" "$2"; then ok "$1 gets to know $2"; else
        not_ok "$1 gets to know $2" "$(cat "$T/.eventually")"
    fi
}
_row() { hub -d "$1" board --campaign "$2" --period 2023 --json --at "$3" | jq -e ".rows[] | select(.unit == \"$4\") | $5"; }
# board_gets HUB CAMPAIGN AT UNIT FILTER
board_gets() {
    if eventually 20 _row "$@"; then ok "$1, $2 at $3: $4 is $5"; else
        not_ok "$1, $2 at $3: $4 is $5" "$(hub -d "$1" board --campaign "$2" --period 2023 --json --at "$3")"
    fi
}

story "The province gives a commune of a district more time: the district and the commune know."
expect_exit 0 hub -d hub extend --campaign tinh --period 2023 --unit 31741 --until 2023-12-20T12:00:00+07:00 --reason "bão" --dry-run
says "unit 31741 would have until 20/12/2023 12:00"
says "what arrives at 20/12/2023 12:00 or later, Viet Nam time, is too late"
expect_exit 0 hub -d hub extend --campaign tinh --period 2023 --unit 31741 --until 20/12/2023 --reason "bão" --dry-run
says "unit 31741 would have until 20/12/2023"
says "that day counts to its end, Viet Nam time"
expect_exit 0 hub -d hub extend --campaign tinh --period 2023 --unit 31741 --until 2023-12-20T12:00:00+07:00 --reason "bão"
prints_match '^31741 [0-9a-f]{64}$'
node_gets n31741 '.due[0].due == "2023-12-20T12:00:00+07:00" and .due[0].extended'
board_gets district tinh 2023-12-18T08:00:00+07:00 31741 '.state == "not_due" and .extended_to == "2023-12-20T12:00:00+07:00"'
board_gets hub tinh 2023-12-18T08:00:00+07:00 31741 '.state == "not_due" and .why == "bão"'
expect_exit 0 hub -d district board --campaign tinh --period 2023 --at 2023-12-18T08:00:00+07:00
prints "31741 has until 20/12/2023 12:00: bão"
expect_exit 1 hub -d hub extend --campaign tinh --period 2023 --unit 31741 --until 2023-12-18T12:00:00+07:00 --reason "bão"
says "changes nothing"
expect_exit 2 hub -d hub extend --campaign tinh --period 2023 --unit 31741 --until "20/12/2023 16:15:34" --reason "bão"
says "has seconds: give whole minutes"

story "A year that was mistyped is asked about: nothing makes an extension shorter."
far=(hub -d hub extend --campaign tinh --period 2023 --unit 31741 --until 30/11/2062 --reason "bão")
expect_exit 1 "${far[@]}"
says "--until 30/11/2062 is more than a year after the due date, 15/12/2023, and an extension cannot be shortened"
expect_exit 1 "${far[@]}" --dry-run
expect_exit 0 "${far[@]}" --over-a-year --dry-run
says "unit 31741 would have until 30/11/2062"
says "an extension cannot be taken back or shortened"

story "A due date that comes from above is not the district's to move."
expect_exit 1 hub -d district extend --campaign tinh --period 2023 --unit 31753 --until 2023-12-20T12:00:00+07:00 --reason "bão"
says "was issued by 94, above this hub"
expect_exit 1 hub -d district campaign assign tinh --unit 31753 --exempt --reason "bão"
says "only its hub may change it"
expect_exit 1 hub -d district campaign withdraw tinh --reason "bão"

story "Its own campaign it may extend, and the province above it as well."
expect_exit 0 hub -d district campaign issue huyen.yaml
expect_exit 0 hub -d district extend --campaign huyen --period 2023 --under 948 --until 2023-12-16 --reason "họp"
prints_match '^31732 '
board_gets hub huyen 2023-12-16T08:00:00+07:00 31753 '.state == "not_due"'
expect_exit 0 hub -d hub extend --campaign huyen --period 2023 --unit 31753 --until 17/12/2023 --reason "lũ"
board_gets district huyen 2023-12-17T08:00:00+07:00 31753 '.state == "not_due" and .extended_to == "2023-12-18T00:00:00+07:00"'
node_gets n31753 'any(.due[]; .campaign == "huyen" and .extended and .why == "lũ")'
expect_exit 0 node -d n31753 status
prints "huyen, 2023 annual: unit 31753 has until 17/12/2023: lũ"

story "A commune reports to both, takes one report back, and it counts nowhere any more."
node_gets n31753 '[.due[].campaign] | index("huyen")'
for campaign in tinh huyen; do
    given node -d n31753 submit --nil --campaign "$campaign"
done
report=$(printed)
node_gets n31753 '[.reports[].receipts | length] == [2, 2]'
expect_exit 0 node -d n31753 withdraw "$report" --reason "nhầm số liệu" --dry-run
says "would be withdrawn"
expect_exit 0 node -d n31753 withdraw "$report" --reason "nhầm số liệu"
expect_exit 1 node -d n31753 withdraw "$report" --reason "nhầm số liệu"
says "was withdrawn before"
node_gets n31753 '[.reports[].state] == ["received", "withdrawn"] and .reports[1].reason == "nhầm số liệu"'
for hub in district hub; do
    board_gets $hub huyen 2023-12-19T08:00:00+07:00 31753 '.report == null'
    board_gets $hub tinh 2023-12-19T08:00:00+07:00 31753 '.state == "on_time"'
done
expect_exit 0 hub -d district report show "${report:0:12}" --json
prints_json '[.state, .reason]' '["withdrawn","nhầm số liệu"]'
given node -d n31753 submit --nil --campaign huyen
says "revision 2"
node_gets n31753 '[.reports[].state] == ["received", "withdrawn", "received"]'
board_gets hub huyen 2023-12-19T08:00:00+07:00 31753 '.state == "on_time" and .revision == 2'

story "A department is asked by name, a commune exempted: it is shown and not counted."
expect_exit 0 hub -d hub campaign assign tinh --unit SNV --reason "làm điểm"
expect_exit 0 hub -d hub campaign assign tinh --unit 31741 --exempt --reason "sáp nhập"
for hub in hub district; do
    board_gets $hub tinh 2023-12-25T08:00:00+07:00 31741 '.state == "exempt"'
done
run hub -d hub board --campaign tinh --period 2023 --json --at 2023-12-25T08:00:00+07:00
prints_json '[.rows[] | select(.unit == "SNV") | .state]' '["missing"]'
prints_json '[.expected, (.rows | length)]' '[10,11]'
node_gets n31741 '[.due[].campaign] == ["huyen"]'
node_gets n31741 '[.exempt[] | [.unit, .campaign, .why]] == [["31741","tinh","sáp nhập"]]'
expect_exit 0 node -d n31741 status
prints "tinh, 2023 annual: unit 31741 is exempt: sáp nhập"
expect_exit 0 hub -d district campaign show tinh --json
prints_json '[.assigned[] | [.unit, .exempt, .reason]]' '[["31741",true,"sáp nhập"],["SNV",false,"làm điểm"]]'
expect_exit 0 node -d n31741 campaign show tinh
prints "31741; exempt; sáp nhập"
prints "levels commune"
lang='' run node -d n31741 campaign show tinh
prints "cấp xã"

story "Who submits what is not asked is told so, and what is awaited; before the list of what is empty, too."
plan so department >so.yaml
given hub -d hub campaign issue so.yaml
_lists() { node -d "$1" sync && node -d "$1" campaign show "$2"; }
check "the campaign is at the commune" eventually 20 _lists n31741 so
expect_exit 0 node -d n31741 submit --nil --campaign tinh --dry-run
says "unit 31741 is exempt from this report"
expect_exit 0 node -d n31741 submit --nil --campaign so --dry-run
says_match 'unit 31741 is not asked for this report. Awaited from it: huyen 2023, annual$'
expect_exit 0 node -d n31741 campaign list
prints_match '^so .*asks nothing of this unit$'
prints_match '^huyen .*Thi đua huyen$'
prints_match '^tinh .*Thi đua tinh$' # exempt is something else
expect_exit 0 hub -d district campaign list
prints_not "asks nothing"
expect_exit 1 node -d n31741 submit --campaign so
says "unit 31741 is not asked for this report"
says_match '^still empty'
lang='' run node -d n31741 submit --nil --campaign so --dry-run
says "đơn vị 31741 không phải nộp báo cáo này"
expect_exit 0 node -d n31741 submit --nil --campaign huyen --dry-run
says_not "not asked"

story "The district's campaign is withdrawn after one report: nobody is asked, nothing more is taken."
given node -d n31741 submit --nil --campaign huyen
expect_exit 0 hub -d district campaign withdraw huyen --reason "trùng với tỉnh" --dry-run
says "cannot be taken back, and no campaign can be called huyen again; reports in hand: 2"
expect_exit 0 hub -d district campaign withdraw huyen --reason "trùng với tỉnh"
says "reports in hand: 2"
expect_exit 0 hub -d district campaign list
prints "withdrawn by its issuer"
expect_exit 1 hub -d district extend --campaign huyen --period 2023 --unit 31753 --until 2023-12-30 --reason "x"
says "was withdrawn"
# What a withdrawn campaign asked for is not meant: the one that is left is another hub's.
expect_exit 1 hub -d district extend --unit 31753 --until 2023-12-30 --reason "x"
says "campaign tinh was issued by 94"
says_not "huyen 2023"
expect_exit 0 hub -d district board --at 2023-12-14T08:00:00+07:00
prints_not "has until"
node_gets n31741 '[.reports[].state] == ["rejected"] and .reports[0].reason_code == 13 and .due == []'
expect_exit 1 node -d n31741 submit --nil --campaign huyen
says "takes no more reports"
run hub -d district board --campaign huyen --period 2023 --json --at 2023-12-25T08:00:00+07:00
prints_json '[.due, .expected, .rows]' '[null,0,[]]'
expect_exit 0 hub -d district board --campaign huyen --period 2023
prints "The campaign was withdrawn on"

story "Every hub's store is whole, and the auditor says what each of them says."
_reports() { hub -d hub report list --json | jq -e 'length == 4'; }
check "all reports are at the province" eventually 20 _reports
stop district
stop hub
for hub in hub district; do
    expect_exit 0 hub -d $hub check
    expect_exit 0 hub -d $hub bundle export $hub.tdb
    for campaign in tinh huyen; do
        hub -d $hub board --campaign $campaign --period 2023 --at 2023-12-25T08:00:00+07:00 --json >board.json
        run audit verify $hub.tdb --root "$fingerprint" --board --campaign $campaign --period 2023 --at 2023-12-25T08:00:00+07:00 --json
        prints "$(cat board.json)"
    done
done

story "A hub that is silent for a week: the office is told since when, and whom to ask."
expect_exit 0 node -d n31741 status
prints_not "has not been reached"
calendar '2023-12-20 08:00:00'
expect_exit 0 node -d n31741 status
prints "the hub has not been reached for 19 days"
prints "ask the office of unit 948"
the_end
