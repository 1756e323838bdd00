#!/bin/bash
# One hop, from an empty machine to a ranking that somebody else has verified.
# also under: asan valgrind tsan
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"

story "The province founds its hub and says who is below it."
port=$(free_port)
expect_exit 0 hub -d hub init --unit 94 --name "Tỉnh Sóc Trăng" --listen "tcp://127.0.0.1:$port"
prints_match '^[0-9a-f]{64}$'
says "take both away"
fingerprint=$(printed)
check "root.key and recovery.key lie here, for nobody else to read" \
    test "$(stat -c '%a %a' root.key recovery.key | sort -u)" = "600 600"
expect_exit 0 hub -d hub unit import "$SAMPLE/units.csv"
expect_exit 0 hub -d hub unit list --json
prints_json 'length' 9

story "It issues a campaign, the one that its criteria come from first, and the points."
expect_exit 0 hub -d hub campaign issue "$CAMPAIGNS/tan-thanh-2023.yaml"
expect_exit 0 hub -d hub campaign issue "$CAMPAIGNS/soctrang-2023.yaml" --dry-run
expect_exit 0 hub -d hub campaign issue "$CAMPAIGNS/soctrang-2023.yaml"
expect_exit 0 hub -d hub campaign issue "$CAMPAIGNS/soctrang-2023-points.yaml"
expect_exit 0 hub -d hub campaign list --json
prints 'soctrang-2023'

story "It enrols a commune and a department. Each joins with its ticket: one line, to paste."
serve hub
expect_exit 0 hub -d hub enrol 31741
prints_match '^td1-[A-Za-z0-9_-]+$'
expect_exit 0 node -d commune join "$(printed)"
says "31741 Xã Tân Long"
expect_exit 0 hub -d hub enrol SNV
expect_exit 0 node -d department join "$(printed)"
says "SNV Sở Nội vụ"

story "The hub goes away. The commune lists its people and gets a sheet to fill in."
stop hub
expect_exit 0 node -d commune subject import "$SAMPLE/subjects-31741.csv"
expect_exit 0 node -d commune subject list --json
prints_json '[.[] | select(.code == "DU") | .name] | .[0]' 'Đảng ủy'
expect_exit 0 node -d commune campaign show soctrang-2023
prints 'C1.1'
expect_exit 0 node -d commune template --campaign soctrang-2023 --period 2023 sheet.csv
check "the sheet has a row per subject, itself included, under one header" \
    test "$(wc -l <sheet.csv)" -eq "$(wc -l <"$SAMPLE/subjects-31741.csv" | awk '{ print $1 + 1 }')"

story "It fills in what it knows, sees what is still empty, and fills in the rest."
expect_exit 0 node -d commune record --campaign soctrang-2023 --subject 31741 --criterion C1.1 \
    --score 7,5
expect_exit 1 node -d commune submit --campaign soctrang-2023
says "empty"
expect_exit 0 node -d commune import "$SAMPLE/values-31741.csv" --campaign soctrang-2023
expect_exit 0 node -d commune score --campaign soctrang-2023 --json
prints_json '.empty' 0

story "It seals its report. Sealed is not sent, and sent is not received."
expect_exit 0 node -d commune submit --campaign soctrang-2023
prints_match '^[0-9a-f]{64}$'
commune_report=$(printed)
says "queued"
expect_exit 0 node -d commune status --json
prints_json '.reports[0] | [.report, .state, .receipts]' "[\"$commune_report\",\"queued\",[]]"
expect_exit 75 node -d commune sync
expect_exit 0 node -d commune status --json
prints_json '.reports[0].state' queued

story "The department does the same with its own file."
expect_exit 0 node -d department subject import "$SAMPLE/subjects-SNV.csv"
expect_exit 0 node -d department import "$SAMPLE/values-SNV.csv" --campaign soctrang-2023
expect_exit 0 node -d department submit --campaign soctrang-2023
department_report=$(printed)

story "The hub is back. Each syncs once and holds its receipt."
serve hub
expect_exit 0 node -d commune sync
expect_exit 0 node -d department sync
expect_exit 0 node -d commune status --json
prints_json '.reports[0] | [.report, .state, (.receipts | length), .receipts[0].unit, .receipts[0].state]' \
    "[\"$commune_report\",\"received\",1,\"94\",\"valid\"]"
prints_json '.pending' 0
expect_exit 0 node -d department status
prints 'SNV'

story "The province sees who has reported, and how all of them stand."
expect_exit 0 hub -d hub board --campaign soctrang-2023 --json
prints_json '[.expected, .actual]' '[8,2]'
prints_json '[.rows[] | select(.report) | [.unit, .report]]' \
    "[[\"31741\",\"$commune_report\"],[\"SNV\",\"$department_report\"]]"
expect_exit 0 hub -d hub board
prints 'Xã Tân Long'
expect_exit 0 hub -d hub report list --json
prints "$commune_report"
expect_exit 0 hub -d hub report show "${commune_report:0:8}"
expect_exit 2 hub -d hub rank --campaign soctrang-2023
prints_not '{'
ask=(--campaign soctrang-2023 --group khoi-xa --subject-kind individual)
expect_exit 0 hub -d hub rank "${ask[@]}" --json
prints_json '[.rows[].unit] | unique' '["31741"]'
printed >rank.json
expect_exit 0 hub -d hub rank "${ask[@]}"
prints 'khoi-xa'
expect_exit 0 node -d commune rank "${ask[@]}" --json
prints_json '[.rows[] | [.unit, .rank] | select(.[0] != "31741")]' '[]'
own='[.rows[] | select(.unit == "31741") | [.subject, .score, .max, .grade, .on_time, .report]] | sort'
check "the office ranks its own as the hub does" \
    [ "$(printed | jq -c "$own")" = "$(jq -c "$own" <rank.json)" ]
check "and there is somebody" [ "$(printed | jq '.rows | length')" -gt 2 ]
expect_exit 0 hub -d hub rank --group khoi-so --subject-kind collective --json
prints_json '[.rows[] | select(.subject == "SNV") | .unit_name]' '["Sở Nội vụ"]'

story "It exports everything, and somebody who knows the fingerprint verifies all of it."
expect_exit 0 hub -d hub bundle export all.tdb
stop hub
expect_exit 0 hub -d hub check --json
expect_exit 0 node -d commune check
expect_exit 0 audit verify all.tdb --root "$fingerprint" --rank "${ask[@]}" --json
prints_json '.problems' '[]'
printed >audit.json
jq -c '.rank' <audit.json >audited.json
same_bytes rank.json audited.json
the_end
