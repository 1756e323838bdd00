#!/bin/bash
# Bad input and bad times over three levels: tickets for the wrong program, units outside a subtree, circles
# of units, levels that nobody has, an amendment while reports are on their way, two machines of one unit.
# What a district does that means ill stands in tests/interop/test_district.py, what an old copy does in
# 67-old-copies.sh.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"
. "$ROOT/tests/script/tree.sh"

cp "$SAMPLE/units-3-levels.csv" units.csv
# plan ID [EXTRA-LINE...]: a campaign of two criteria that asks communes, by the end of 15/12/2033.
plan() {
    cat <<PLAN
campaign:
  id: $1
  title: {vi: "Thi đua $1"}
  issuer: "$1"
  periods: [{id: "2033", begin: 01/01/2033, end: 31/12/2033}]
  reports:
    - {kind: annual, default: yes, due: {date: 15/12/2033, inclusive: yes}, expected: [{levels: [commune]}]}
    - {kind: interim, due: {date: 15/06/2033, inclusive: yes}, expected: [{levels: [commune]}]}
  criteria:
    - {id: C1, about: collective, label: {vi: Một}}
    - {id: C2, about: collective, label: {vi: Hai}}
PLAN
}
root_hub hub 94 "Tỉnh Sóc Trăng"
plan tinh >tinh.yaml
given hub -d hub campaign issue tinh.yaml

story "A ticket for a hub makes no node, and one for a node no hub; afterwards it serves whom it was meant for."
hubs_and_no_new() {
    hub_state hub
    ls -d new 2>&1
}
ticket_for 948 hub --role hub
unchanged hubs_and_no_new
refused 1 'init --parent' 'this ticket is for a hub: use .thidua-hub init --parent' node -d new join "$ticket"
given hub -d district init --parent "$ticket" --listen "tcp://127.0.0.1:$(free_port)"
serve district
soon 'map(.campaign) == ["tinh"]' hub -d district campaign list --json
ticket_for 31741 district
unchanged hubs_and_no_new
refused 1 'thidua-node join' 'this ticket is for a node: use .thidua-node join' \
    hub -d new init --parent "$ticket" --listen tcp://127.0.0.1:0
given node -d n31741 join "$ticket"
join_office n31753 31753 district

story "A district enrols, imports and assigns below itself and nowhere else."
unchanged hub_state district
refused 1 '945' 'unit 945 is not below this hub' hub -d district enrol 945
refused 1 '94' 'unit 94 is not below this hub' hub -d district enrol 94 --role hub
refused 1 '948 đã có máy chủ' 'unit 948 has its hub: this one' hub -d district enrol 948 --role hub
cat >more.csv <<'CSV'
code,parent,level,name
99001,945,commune,Xã của huyện khác
CSV
refused_file '945' 'unit 945 does not lie below 948' hub -d district unit import more.csv

story "Units in a circle: in one file, and with one that is there."
cat >circle.csv <<'CSV'
code,parent,level,name
A1,A2,hamlet,Ấp Một
A2,A1,hamlet,Ấp Hai
CSV
refused_file 'dòng 2.*A[12].*chính nó' 'line 2.*unit A1 would lie below itself' hub -d district unit import circle.csv
cat >hamlet.csv <<'CSV'
code,parent,level,name
A1,31741,hamlet,Ấp Một
CSV
expect_exit 0 hub -d district unit import hamlet.csv
cat >circle.csv <<'CSV'
code,parent,level,name
31741,A1,commune,Xã Tân Long
CSV
unchanged hub_state district
refused_file 'chính nó' 'unit 31741 would lie below itself' hub -d district unit import circle.csv

story "A level that the tree does not have: a campaign may ask it, and whoever issues is told, once."
plan huyen >huyen.yaml
sed 's/\[commune\]/[thon-ban]/; s/due: {date: 15.06.2033, inclusive: yes}/due_by_level: [{level: ward, date: 15\/06\/2033, inclusive: yes}]/' \
    huyen.yaml >levels.yaml
expect_exit 0 hub -d district campaign issue levels.yaml --dry-run
says "no unit is of level thon-ban; levels here: "
says "no unit is of level ward; levels here: "
check "each once" test "$(grep -c 'no unit is of level' "$T/.err")" = 2
expect_exit 0 hub -d district board --campaign tinh --under A1 --json
prints_json '[.expected, .rows]' '[0,[]]'

story "A campaign is amended at the root while a report sealed under the first version is on its way."
given node -d n31741 sync
given node -d n31741 record --campaign tinh --subject 31741 --criterion C1 --met
given node -d n31741 record --campaign tinh --subject 31741 --criterion C2 --not-met
given node -d n31741 submit --campaign tinh
report=$(printed)
sed 's/  id: tinh/  id: tinh\n  version: 2\n  amended_on: 01\/06\/2033\n  amended_why: Thêm một tiêu chí/
    $ a\    - {id: C3, about: collective, label: {vi: Ba}}' tinh.yaml >amended.yaml
expect_exit 0 hub -d hub campaign issue amended.yaml
soon '.[0].version == 2' hub -d district campaign list --json
given node -d n31741 sync
status_soon n31741 "[.reports[] | select(.report == \"$report\") | .receipts[].state] == [\"valid\", \"valid\"]"
expect_exit 0 hub -d hub board --campaign tinh --period 2033 --kind annual --json --at 2034-01-01
prints_json ".rows[] | select(.report == \"$report\") | .state" on_time
expect_exit 0 hub -d hub rank --campaign tinh --subject-kind collective --json
prints_json '[.version, (.rows[] | select(.unit == "31741") | .version)]' '[2,1]'

story "Who has not the new version yet, in the dark, and submits by the old one, is in as well."
stop district
expect_exit 75 node -d n31753 sync
for c in C1 C2; do given node -d n31753 record --campaign tinh --subject 31753 --criterion $c --met; done
given node -d n31753 submit --campaign tinh
serve district
status_soon n31753 '[.reports[].receipts[].state] == ["valid", "valid"]'
expect_exit 0 hub -d hub rank --campaign tinh --subject-kind collective --json
prints_json '[.rows[] | [.unit, .rank]] | sort' '[["31741",2],["31753",1]]'

story "The unit gets a machine from the root as well: two report for it, one is counted, and nobody is cut off."
join_office second 31741 hub
given node -d second sync
given node -d second submit --nil --campaign tinh
given node -d second sync
given node -d n31741 record --campaign tinh --subject 31741 --criterion C3 --met
given node -d n31741 submit --campaign tinh --kind interim
given node -d n31741 sync
status_soon n31741 '[.reports[] | select(.kind == "interim") | .receipts[].state] == ["valid", "valid"]'
soon '.actual == 2 and .expected == 10' hub -d hub board --campaign tinh --period 2033 --kind annual --json --at 2034-01-01

story "All stores are whole, and hub and auditor say the same at every level."
for dir in hub district; do
    expect_exit 0 hub -d $dir check
    export_of $dir
    agrees $dir board --campaign tinh --period 2033 --kind annual
    agrees $dir rank --campaign tinh --subject-kind collective
done
the_end
