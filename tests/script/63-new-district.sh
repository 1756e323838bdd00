#!/bin/bash
# A district's hub burns down, key and all. A new one takes its place: what had gone up comes down
# again, its board is not empty, and the offices join it with new tickets and go on.
# also under: asan
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"
. "$ROOT/tests/script/tree.sh"

cp "$SAMPLE/units-3-levels.csv" units.csv
root_hub hub 94 "Tỉnh Sóc Trăng"
issue_campaigns hub
hub_under district 948 hub
for code in 31741 31753; do
    join_office "n$code" $code district
done
people n31741 31741
fill n31741 31741
seal n31741
given node -d n31741 sync
status_soon n31741 '[.reports[].receipts | length] == [2]'
at=2030-01-01T00:00:00+07:00
rows() { hub -d "$1" board --campaign soctrang-2023 --period 2023 --at $at --json |
    jq -c '[.rows[] | select(.unit == "31741" or .unit == "31753") | [.unit, .state, .by, .received_at, .report]]'; }
soon '[.rows[] | select(.unit == "31741") | .state] != ["unknown"]' \
    hub -d hub board --campaign soctrang-2023 --period 2023 --at $at --json
before=$(rows district)
names() { hub -d "$1" rank --campaign soctrang-2023 --subject-kind collective --group khoi-xa --json | jq -c '[.rows[] | [.subject, .name, .score]]'; }
ranked=$(names district)
crash district

story "The province puts a new hub in its place; offices are told nothing by a hub that is gone."
unchanged node_state n31741
refused 75 '127.0.0.1' '127.0.0.1' node -d n31741 sync
expect_exit 0 hub -d hub revoke 948 --role hub --dry-run --reason "cháy máy"
says "extend --under 948"
expect_exit 0 hub -d hub enrol 948 --role hub --dry-run
says "extend --under 948"
ticket_for 948 hub --role hub
expect_exit 0 hub -d heir init --parent "$ticket" --listen "tcp://127.0.0.1:$(free_port)"
serve heir

story "Its board is that of the one before it: who received what, and when, stays."
soon "[.rows[] | select(.unit == \"31741\") | .report] == [\"$report\"]" \
    hub -d heir board --campaign soctrang-2023 --period 2023 --at $at --json
check "the same rows" test "$(rows heir)" = "$before"
check "the same ranking" test "$(names heir)" = "$ranked"
expect_exit 0 hub -d heir report show "$report" --json
prints_json '[.receipts[].unit] | sort | unique' '["94","948"]'

story "The offices join it, each in a new directory, and go on where they stopped."
for code in 31741 31753; do
    join_office "m$code" $code heir
done
expect_exit 0 node -d m31741 status --json
prints_json '[.reports[] | [.report, .revision, .inherited, .state]]' "[[\"$report\",1,true,\"received\"]]"
prints_json '[.reports[].receipts[] | select(.state == "valid") | .unit] | unique' '["94","948"]'
given node -d m31741 record --campaign soctrang-2023 --subject 31741 --criterion C1.1 --score 1
seal m31741
given node -d m31741 sync
status_soon m31741 '[.reports[] | select(.revision == 2) | .receipts[].state] == ["valid", "valid"]'
for dir in heir hub; do
    soon "[.rows[] | select(.unit == \"31741\") | [.report, .revision]] == [[\"$report\", 2]]" \
        hub -d $dir board --campaign soctrang-2023 --period 2023 --at $at --json
done

story "A hub that was replaced and comes to life again is cut off, and so is whoever still calls it."
start district hub -d district serve
wait_ready district
check "it learns of it" eventually 30 grep -q "another machine reports for this unit now" "$T/district.log"
unchanged true
refused 1 'máy chủ.*thay thế hoặc thu hồi' 'this hub was replaced or revoked and can take nothing more' \
    node -d n31753 sync
expect_exit 0 node -d n31753 status
prints "the hub refused this machine: this hub was replaced or revoked"

story "It states nothing and hands out no ticket any more, and says so before anything that it shows."
_learned() { [[ $(hub -d district enrol 31741 --dry-run 2>&1) == *"took the place"* ]]; }
check "its directory knows" eventually 10 _learned
unchanged hub_state district
for verb in "enrol 31741" "enrol 31741 --dry-run" "campaign issue $CAMPAIGNS/soctrang-2023.yaml" \
    "unit import units.csv" "revoke 31741 --reason x" \
    "extend --campaign soctrang-2023 --period 2023 --unit 31741 --until 31/12/2033 --reason x"; do
    # shellcheck disable=SC2086 # a verb and its options
    refused 1 'đã thay thế máy chủ này' 'another hub took the place of this one .*counts any more' hub -d district $verb
done
for verb in "board --campaign soctrang-2023 --period 2023" "report list" "unit list" \
    "rank --campaign soctrang-2023 --subject-kind collective --group khoi-xa"; do
    # shellcheck disable=SC2086
    expect_exit 0 hub -d district $verb
    says "another hub took the place of this one"
done
expect_exit 0 hub -d heir board --campaign soctrang-2023 --period 2023
says_not "took the place"
expect_exit 0 hub -d district bundle export kept.tdb
expect_exit 0 audit verify kept.tdb --root "$fingerprint"
stop district

story "All stores are whole, and the auditor says what the hubs say."
for dir in hub heir; do
    expect_exit 0 hub -d $dir check
    export_of $dir
    agrees $dir board --campaign soctrang-2023 --period 2023 --at $at
    agrees $dir rank --campaign soctrang-2023 --group khoi-xa --subject-kind collective
done
for dir in m31741 m31753; do expect_exit 0 node -d $dir check; done
the_end
