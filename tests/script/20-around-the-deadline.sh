#!/bin/bash
# Due by the end of 15/12/2023, by the hub's clock: one on time, one a moment too late, one that
# amends, one that sends zeros on time and the real values late, and some that never come.
# also under: asan
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"

due=2023-12-16T00:00:00+07:00
port=$(free_port)
calendar '2023-12-01 08:00:00'
found_hub hub "$port"
issue_campaigns hub
serve hub
offices=(31741 31753 31633 SNV STC)
for code in "${offices[@]}"; do
    join_office "n$code" "$code"
    people "n$code" "$code"
    fill "n$code" "$code"
done
stop hub
board() { run hub -d hub board --campaign soctrang-2023 --json "$@"; }
row() { prints_json "[.rows[] | select(.unit == \"$1\") | $2]" "$3"; }
at() { # the hub lives at that time
    stop hub
    calendar "$1"
    serve hub
}

story "Two weeks before, nothing is late, nothing is missing."
serve hub
board
prints_json '[.due, .expected, .actual]' "[\"$due\",8,0]"
prints_json '[.rows[].state] | unique' '["not_due"]'

story "On the 10th, 31753 sends what it has, and SNV sends zeros so as to have sent something."
calendar '2023-12-10 09:00:00'
seal n31753
given node -d nSNV import <(sed -E 's/^([^,]*,[^,]*,)("[0-9,]+"|[0-9.]+),/\10,/; s/,đạt,/,không đạt,/' "$SAMPLE/values-SNV.csv") \
    --campaign soctrang-2023
seal nSNV
zeros=$report
at '2023-12-10 09:10:00'
given node -d n31753 sync
given node -d nSNV sync

story "At half past eleven at night on the 15th, 31741 seals; 31753 amends one value."
calendar '2023-12-15 23:30:00'
seal n31741
on_time=$report
given node -d n31753 record --campaign soctrang-2023 --subject 31753 --criterion C1.1 --score 0,25
seal n31753
amended=$report
at '2023-12-15 23:59:20'
given node -d n31741 sync
given node -d n31753 sync
board
row 31741 '.state' '["on_time"]'
row 31633 '.state' '["not_due"]'
prints_json '.actual' 3
expect_exit 0 node -d n31741 status --json
prints_json '.reports[0].receipts | length' 1
prints_json ".reports[0].receipts[0].received_at | startswith(\"2023-12-15T23:59:\")" true

story "Some seconds past midnight. STC sealed in time, as it says; what counts is when it came."
calendar '2023-12-15 23:58:00'
seal nSTC
late=$report
expect_exit 0 node -d nSTC status --json
prints_json '.reports[0].sealed_at | startswith("2023-12-15T23:5")' true
at '2023-12-16 00:00:01'
given node -d nSTC sync
expect_exit 0 node -d nSTC status
prints 'one day late: it was due until 15/12/2023'
given node -d nSNV import "$SAMPLE/values-SNV.csv" --campaign soctrang-2023
seal nSNV
says 'the due date has passed'
says 'revision 1, which was received in time, goes on counting'
real=$report
given node -d nSNV sync

story "The board: three on time, one late, four missing."
board
row 31741 '[.state, .report, .revision, .by]' "[[\"on_time\",\"$on_time\",1,\"94\"]]"
row STC '[.state, .report, .revision]' "[[\"late\",\"$late\",1]]"
prints_json '[.rows[] | select(.unit == "STC") | .received_at >= "'$due'"]' '[true]'
row 31633 '[.state, .report, .received_at, .revision]' '[["missing",null,null,null]]'
prints_json '[.rows[] | .state] | group_by(.) | map([.[0], length])' \
    '[["late",1],["missing",4],["on_time",3]]'
prints_json '[.expected, .actual, .actual_on_time, .rate, .rate_on_time]' '[8,4,3,"50.00","37.50"]'

story "The amended report counts, and counts once."
row 31753 '[.state, .report, .revision]' "[[\"on_time\",\"$amended\",2]]"
ask=(--campaign soctrang-2023 --group khoi-xa --subject-kind collective)
expect_exit 0 hub -d hub rank "${ask[@]}" --json
prints_json '[.rows[] | select(.unit == "31753" and .subject == "31753") | [.revision, .report]]' \
    "[[2,\"$amended\"]]"
prints_json '[.rows[] | [.unit, .subject]] | length == (unique | length)' true

story "Zeros on time, the real ones late: the zeros count, the real ones are shown, as after the window."
board
row SNV '[.state, .report, .revision]' "[[\"on_time\",\"$zeros\",1]]"
row SNV '[.shown.report, (.shown.received_at >= "'$due'")]' "[[\"$real\",true]]"
expect_exit 0 hub -d hub board --campaign soctrang-2023
prints "${zeros:0:8}"
prints_match 'Sở Nội vụ.*came after the window'
expect_exit 0 hub -d hub rank --campaign soctrang-2023 --group khoi-so --subject-kind collective --json
prints_json '[.rows[] | select(.subject == "SNV") | .score, .report]' "[\"0.00\",\"$zeros\"]"
prints_json '[.rows[] | select(.unit == "STC") | .on_time] | unique' '[false]'
check "nothing calls the real ones on time" \
    bash -c "! grep -q '$real' <(jq -c '.rows[] | select(.on_time)' '$T/.out')"
expect_exit 0 node -d nSNV sync
expect_exit 0 node -d nSNV status --json
prints_json "[.reports[] | select(.report == \"$real\") | .receipts[0].received_at >= \"$due\"]" '[true]'
expect_exit 0 node -d nSNV withdraw "$zeros" --reason "nhầm" --dry-run
says 'would be withdrawn'
says 'revision 2 was received after the due date: it counts as late'

story "Asked as of an earlier instant the board says what it would have said then."
board --at 2023-12-15T23:59:59+07:00
prints_json '[.rows[] | select(.report) | .unit]' '["31741","31753","SNV"]'
prints_json '[.rows[].state] | unique' '["not_due","on_time"]'

story "A year later it still says the same."
at '2024-12-20 08:00:00'
board
prints_json '[.rows[] | .state] | group_by(.) | map([.[0], length])' \
    '[["late",1],["missing",4],["on_time",3]]'

story "Somebody else with the bundle and the fingerprint comes to the same board and ranking, to the byte."
expect_exit 0 hub -d hub bundle export all.tdb
given hub -d hub board --campaign soctrang-2023 --at 2023-12-20T00:00:00+07:00 --json
printed >board.json
given hub -d hub rank "${ask[@]}" --json
printed >rank.json
expect_exit 0 audit verify all.tdb --root "$fingerprint" --board --at 2023-12-20T00:00:00+07:00 \
    --rank "${ask[@]}" --json
printed >audit.json
prints_json '.problems' '[]'
jq -c .rank <audit.json >audited-rank.json
same_bytes rank.json audited-rank.json
jq -c .board <audit.json >audited-board.json
same_bytes board.json audited-board.json
the_end
