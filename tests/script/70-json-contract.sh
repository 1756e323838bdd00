#!/bin/bash
# The JSON of board, rank, status and audit: each member that other people's programs rely on is there,
# in its order and of its type, compact, with Vietnamese as it is.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"

found_hub hub "$(free_port)"
issue_campaigns hub
serve hub
for code in 31741 SNV; do
    join_office "n$code" "$code"
    people "n$code" "$code"
    fill "n$code" "$code"
done
seal n31741
given node -d n31741 sync
given node -d n31741 record --campaign soctrang-2023 --subject 31741 --criterion C1.1 --score 1
seal n31741
given hub -d hub bundle export all.tdb

# members FILTER LIST...: of the object at FILTER these members come in this order; others may follow.
members() {
    local filter=$1 got want
    shift
    want=$(printf '%s\n' "$@" | jq -R . | jq -sc .)
    got=$(jq -c "$filter | keys_unsorted" <"$T/.out")
    if jq -en --argjson got "$got" --argjson want "$want" \
        '$got[0:($want | length)] == $want' >/dev/null; then
        ok "$filter has $(echo "$*" | wc -w) members in order: $*"
    else
        not_ok "$filter has the members $*" "it has $got"
    fi
}
# types FILTER WANT: of what is at FILTER each value's type, in order, letters as below.
types() {
    prints_json "[$1 | .[] | type | .[0:3]] | join(\" \") | .[0:$((${#2}))]" "$2"
}
compact() {
    check "one line, compact" test "$(wc -l <.out)" = 1
    # jq spells it the same way, so neither blanks nor escapes are in it
    check "as jq spells it" cmp .out <(jq -c . <.out)
}
instant='^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{3})?\\+07:00$'
score='^-?[0-9]+\\.[0-9]{2}$'

story "board"
expect_exit 0 hub -d hub board --campaign soctrang-2023 --period 2023 --kind annual --json
compact
prints 'Xã Tân Long'
members . campaign period kind at due expected actual actual_on_time rate rate_on_time rows
types . 'str str str str str num num num str str arr'
members '.rows[0]' unit name state review received_at by report revision nil last_contact
types '(.rows[] | select(.unit == "31741"))' 'str str str str str str str num boo str'
types '(.rows[] | select(.unit == "31633"))' 'str str str str nul nul nul nul boo'
prints_json "[.at, .due, (.rows[] | .received_at // empty)] | all(test(\"$instant\"))" true
prints_json "[.rate, .rate_on_time] | all(test(\"$score\"))" true
prints_json '[.rows[].state] - ["on_time","late","excused","missing","unknown","not_due","exempt"]' '[]'
prints_json '[.rows[].review] - ["none","accepted","returned"]' '[]'
prints_json '[.rows[].unit] | . == sort' true
expect_exit 0 hub -d hub board --json
prints_json 'map(.campaign)' '["soctrang-2023"]' # several: a list of all that is due
expect_exit 0 hub -d hub board --json --under 31741 --state late
prints_json '[.[].rows[].unit]' '["31741"]'
expect_exit 0 hub -d hub board --json
unbranched=$(printed | jq -c '[.[] | has("branches")] | any')
check "branches are there only where they are asked for" test "$unbranched" = false
ask=(--campaign soctrang-2023 --period 2023 --kind annual --at 2023-12-31)
expect_exit 0 hub -d hub board "${ask[@]}" --json
jq -c '[.expected, .actual, .actual_on_time]' <.out >figures.json
expect_exit 0 hub -d hub board "${ask[@]}" --branches --json
compact
members . campaign period kind at due expected actual actual_on_time rate rate_on_time rows branches
prints_json .rows '[]'
members '.branches[0]' unit name expected actual actual_on_time rate rate_on_time missing unknown not_due
types '.branches[0]' 'str str num num num str str num num num'
prints_json '[.branches[].unit] | . == sort' true
prints_json '[.branches[] | .expected == .actual + .missing + .unknown + .not_due] | all' true
jq -c '[(.branches | map(.expected), map(.actual), map(.actual_on_time)) | add]' <.out >summed.json
same_bytes figures.json summed.json
printed >branches.json
given hub -d hub bundle export all.tdb
expect_exit 0 audit verify all.tdb --root "$fingerprint" --json --board "${ask[@]}" --branches
jq -c .board <.out >audited.json
same_bytes branches.json audited.json
expect_exit 2 hub -d hub board --branches --state late
expect_exit 0 hub -d hub board --csv
prints 'campaign,period,kind,unit,name,state,review,received_at,by,report,revision,nil,last_contact'
expect_exit 0 hub -d hub board "${ask[@]}" --csv --separator tab
printed >board.csv
expect_exit 0 audit verify all.tdb --root "$fingerprint" --board "${ask[@]}" --csv --separator tab
printed >audited.csv
same_bytes board.csv audited.csv

story "rank"
ask=(--campaign soctrang-2023 --period 2023 --kind annual --group khoi-xa --subject-kind individual)
expect_exit 0 hub -d hub rank "${ask[@]}" --json
compact
members . campaign version period kind under group subject_kind profile values units_as_of rows excluded
types . 'str num str str nul str str str str str arr arr'
members '.rows[0]' rank tied unit unit_name subject name class score max share grade source on_time report revision
types '.rows[0]' 'num boo str str str str str str str str str str boo str num'
prints_json "[.rows[] | .score, .max, .share] | all(test(\"$score\"))" true
prints_json '[.rows[].source] | unique' '["self"]'
prints_json '.units_as_of | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}$")' true
prints_json '[.rows[].rank] | . == sort' true
prints_json '[.rows[] | select(.tied) | .rank] | group_by(.) | all(length > 1)' true
printed >rank.json
expect_exit 0 hub -d hub rank "${ask[@]}" --json --limit 3
prints_json '.rows | length >= 3' true
expect_exit 0 hub -d hub rank "${ask[@]}" --csv
prints 'rank'
printed >rank.csv
expect_exit 0 audit verify all.tdb --root "$fingerprint" --rank "${ask[@]}" --csv
printed >audited.csv
same_bytes rank.csv audited.csv
expect_exit 0 hub -d hub rank "${ask[@]}" --csv --separator semicolon
prints 'rank;tied;unit'
expect_exit 2 hub -d hub rank "${ask[@]}" --separator semicolon
expect_exit 2 hub -d hub rank "${ask[@]}" --csv --separator dot
expect_exit 2 audit verify all.tdb --root "$fingerprint" --csv
expect_exit 2 audit verify all.tdb --root "$fingerprint" --rank --board "${ask[@]}" --csv

story "status"
expect_exit 0 node -d n31741 status --json
compact
members . unit hub last_contact pending reports due
types . 'str str str num arr arr'
members '.reports[0]' report unit campaign period kind revision state sealed_at receipts reason
prints_json '[.reports[].state] - ["queued","received","accepted","returned","rejected","superseded","withdrawn"]' '[]'
prints_json '[.reports[] | [.revision, .state, (.receipts | length)]] | sort' \
    '[[1,"received",1],[2,"queued",0]]'
prints_json '[.reports[] | .receipts[]][0] | keys_unsorted[0:4]' '["unit","level","received_at","state"]'
prints_json '[.reports[] | .receipts[]][0] | [.unit, .level, .state]' '["94","province","valid"]'
prints_json "[.reports[].sealed_at, (.reports[].receipts[].received_at)] | all(test(\"$instant\"))" true
prints_json '[.reports[].reason]' '[null,null]'
expect_exit 0 node -d nSNV status --json
members '.due[0]' unit campaign period kind due days_left
types '.due[0]' 'str str str str str num'
prints_json '.reports' '[]'

story "audit"
expect_exit 0 audit verify all.tdb --root "$fingerprint" --json
compact
members . records actors signatures_ok problems board rank
types . 'num num boo arr'
prints_json '.rank' null
expect_exit 0 audit verify all.tdb --root "$fingerprint" --json --rank "${ask[@]}"
members . records actors signatures_ok problems board rank
jq -c .rank <.out >audited.json
same_bytes rank.json audited.json
head -c 2000 all.tdb >cut.tdb
expect_exit 1 audit verify cut.tdb --root "$fingerprint" --json
members '.problems[0]' record what
prints_json '.problems[0].what | type' string
the_end
