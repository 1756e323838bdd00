#!/bin/bash
# Units get other names; two exchange theirs. They stay who they are: boards,
# ranks, receipts and what an office knows of its reports are as before, but for the labels.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"
. "$ROOT/tests/script/tree.sh"

cp "$SAMPLE/units-3-levels.csv" units.csv
root_hub hub 94 "Tỉnh Sóc Trăng"
issue_campaigns hub
hub_under district 948 hub
for code in 31741 31753; do
    join_office "n$code" $code district
    people "n$code" $code
    fill "n$code" $code
    seal "n$code"
    given node -d "n$code" sync
    status_soon "n$code" '[.reports[].receipts | length] == [2]'
done
at=2024-01-20T00:00:00+07:00
# without_names COMMAND...: its JSON without what units are called, and when they were heard last
without_names() {
    "$@" --json | jq -c 'walk(if type == "object" then del(.last_contact, .unit_name) |
        (if has("state") and has("name") then del(.name) else . end) |
        (if has("subject") and (.subject == .unit or .class == null) then del(.name) else . end) else . end)'
}
all_of() {
    local dir
    for dir in hub district; do
        without_names hub -d $dir board --campaign soctrang-2023 --period 2023 --at $at
        without_names hub -d $dir rank --campaign soctrang-2023 --group khoi-xa --subject-kind collective
        without_names hub -d $dir rank --campaign soctrang-2023 --subject-kind individual --under 948 --group can-bo 2>&1
        hub -d $dir report list --json
    done
    for dir in n31741 n31753; do
        node -d $dir report list --json
        without_names node -d $dir status
        without_names node -d $dir score --campaign soctrang-2023
    done
}
unchanged all_of

story "A file of units puts nobody elsewhere who has a machine."
sed 's/^31741,948,/31741,94,/' units.csv >moved.csv
expect_exit 1 hub -d hub unit import moved.csv
says 'unit 31741, or one below it, has had a machine or a report'
sed 's/^948,94,/948,31753,/' units.csv >moved.csv
expect_exit 1 hub -d hub unit import moved.csv

story "New names come in at the root: two communes have exchanged theirs, the district is another."
sed 's/Xã Tân Long/Xã ?/; s/Xã Mỹ Quới/Xã Tân Long/; s/Xã ?/Xã Mỹ Quới/; s/Thị xã Ngã Năm/Khu vực Ngã Năm/' units.csv >renamed.csv
expect_exit 0 hub -d hub unit import renamed.csv --dry-run
prints "~ 31741 Xã Mỹ Quới (Xã Tân Long)"
still "a dry run renames nobody"
expect_exit 0 hub -d hub unit import renamed.csv
says "0 units added, 3 changed"
soon '.[] | select(.code == "31741") | .name == "Xã Mỹ Quới"' hub -d district unit list --json
for code in 31741 31753; do given node -d "n$code" sync; done

story "All is as it was, but for the names."
still "boards, ranks, reports and receipts"
for dir in hub district; do
    expect_exit 0 hub -d $dir board --campaign soctrang-2023 --period 2023 --at $at --json
    prints_json '[.rows[] | select(.unit == "31741" or .unit == "31753") | [.unit, .name]]' \
        '[["31741","Xã Mỹ Quới"],["31753","Xã Tân Long"]]'
    expect_exit 0 hub -d $dir check
    export_of $dir
    agrees $dir board --campaign soctrang-2023 --period 2023 --at $at
    agrees $dir rank --campaign soctrang-2023 --group khoi-xa --subject-kind collective
done

story "An office goes on under its new name."
given node -d n31741 record --campaign soctrang-2023 --subject 31741 --criterion C1.1 --score 1
seal n31741
status_soon n31741 '[.reports[] | select(.revision == 2) | .receipts[].state] == ["valid", "valid"]'
the_end
