#!/bin/bash
# What a newcomer stumbles over: each wrong step is refused before anything changes, and says the right one.
. "$(dirname "$0")/lib.sh"

story "a directory that is somebody's stays as it is"
port=$(free_port)
expect_exit 1 hub -d "$T/hub" init --unit 94 --name ""
says "the name is empty"
expect_exit 0 hub -d "$T/hub" init --unit 94 --name "Tỉnh Sóc Trăng" --listen "tcp://127.0.0.1:$port"
root=$(printed)
rm root.key recovery.key
before=$(sha256sum "$T/hub/actor.key" "$T/hub/data.mdb")
expect_exit 1 hub -d "$T/hub" init --unit 94 --name "Tỉnh Sóc Trăng"
says "is the hub of unit 94 already: nothing to do"
says_not "move"
check "nothing was written" test ! -e root.key -a "$before" = "$(sha256sum "$T/hub/actor.key" "$T/hub/data.mdb")"
expect_exit 0 hub -d "$T/hub" unit import "$SAMPLE/units.csv"
ticket=$(hub -d "$T/hub" enrol 31741 2>/dev/null)
other=$(hub -d "$T/hub" enrol 31753 2>/dev/null)
expect_exit 1 node -d "$T/hub" join "$ticket"
says "is the hub of unit 94 already"

story "a join that did not finish says how to go on"
expect_exit 75 node -d "$T/old" join "$ticket"
says "the hub may be off too. Nothing is lost"
expect_exit 0 node -d "$T/old" status
prints "run join again with the same ticket"
prints_not "nothing is due"
prints_not "\`sync\`"
expect_exit 1 node -d "$T/old" subject list
says "run join again with its ticket"

start hub1 hub -d "$T/hub" serve
wait_ready hub1
for name in tan-thanh-2023 soctrang-2023 soctrang-2023-points; do
    expect_exit 0 hub -d "$T/hub" campaign issue "$ROOT/ops/campaigns/$name.yaml"
done
expect_exit 0 node -d "$T/old" join "$ticket"
expect_exit 0 node -d "$T/old" status
prints_not "run join again"
expect_exit 1 node -d "$T/old" join "$other"
says "belongs to the node of unit 31741 already"

story "a spreadsheet that ate zeros is noticed, not obeyed"
cat >zeros.csv <<'END'
code,kind,class,name,unit
01,collective,co-quan-dang,Đảng ủy,31741
02,collective,mat-tran,Mặt trận,31741
END
sed 's/^0//' zeros.csv >eaten.csv
expect_exit 0 node -d "$T/old" subject import zeros.csv
expect_exit 1 node -d "$T/old" subject import eaten.csv
says "there is no subject 1; is it 01, whose leading zero a spreadsheet ate?"
sed 's/^02/3/' zeros.csv >other.csv
expect_exit 0 node -d "$T/old" subject import --dry-run other.csv
sed 's/,group$/,nhóm gì đó/' "$SAMPLE/units.csv" >columns.csv
expect_exit 1 hub -d "$T/hub" unit import columns.csv
says "this column is not known here"

story "a report of nothing needs an empty sheet"
expect_exit 0 node -d "$T/old" subject import "$SAMPLE/subjects-31741.csv"
expect_exit 0 node -d "$T/old" import --campaign soctrang-2023 "$SAMPLE/values-31741.csv"
expect_exit 1 node -d "$T/old" submit --campaign soctrang-2023 --nil
says_match '^thidua-node: [0-9]+ values are recorded for soctrang-2023 2023'

story "what is typed is answered with the criterion's own bounds"
expect_exit 1 node -d "$T/old" record --campaign soctrang-2023 --subject 31741 --criterion C1.1 --score seven
says "write a number from 0 to 8 with"
expect_exit 0 node -d "$T/old" record --campaign soctrang-2023 --subject 31741 --criterion C1.1 --na --note "chưa giao"
says "keeps its place in the maximum until a hub confirms"
expect_exit 0 node -d "$T/old" score --campaign soctrang-2023
says "1 values are “na”"

story "a sync that stays says where it is"
start follow node -d "$T/old" sync --follow
wait_line follow 'connected to the hub'
wait_line follow 'in step with the hub; [0-9]+ records came in'
expect_exit 0 node -d "$T/old" submit --campaign soctrang-2023
stop hub1
wait_line follow 'trying again in [0-9]+ s' 30
stop follow
start hub1 hub -d "$T/hub" serve
wait_ready hub1
expect_exit 0 node -d "$T/old" sync

story "tables for people have words, and say by which version a row is scored"
rank() { hub -d "$T/hub" rank --campaign soctrang-2023 --group khoi-xa --subject-kind collective "$@"; }
expect_exit 0 rank
prints "Good"
prints_not "by scoring profile version"
expect_exit 0 rank --json
prints_json '[.rows[].grade] | unique | contains(["tot"])' true

story "who names a subject has named its kind and its group"
expect_exit 0 rank --subject 31741 --json
told=$(printed)
expect_exit 0 hub -d "$T/hub" rank --subject 31741 --json
check "the same as with both" test "$(printed)" = "$told"
person=$(node -d "$T/old" subject list --json | jq -r '[.[] | select(.kind == "individual")][0].code')
expect_exit 0 hub -d "$T/hub" rank --subject "31741/$person" --json
prints_json '[.subject_kind, [.rows[].subject]]' "[\"individual\",[\"$person\"]]"
told=$(printed)
expect_exit 0 hub -d "$T/hub" bundle export whom.tdb
expect_exit 0 audit verify whom.tdb --root "$root" --rank --campaign soctrang-2023 --subject "31741/$person" --json
prints_json '.rank' "$told"
expect_exit 1 hub -d "$T/hub" rank --subject 31741/khong-co --json
says "no subject 31741/khong-co is in this ranking"

sed 's/^  version: 1$/  version: 2/' "$ROOT/ops/campaigns/soctrang-2023-points.yaml" >points2.yaml
expect_exit 0 hub -d "$T/hub" campaign issue points2.yaml
expect_exit 0 rank
prints "by scoring profile version 1"
expect_exit 0 hub -d "$T/hub" board
prints_not "Reported 0 of 0"
expect_exit 0 audit --help
prints_not "--data"
prints_not "--dry-run"
prints_not "-d DIR"

story "an issue that meets nobody, or scores nothing, says what there is"
sed 's/^  id: .*/  id: thu-cap/; s/levels: \[body, hamlet\]/levels: [phường, Xã]/' \
    "$ROOT/ops/campaigns/tan-thanh-2023.yaml" >levels.yaml
expect_exit 0 hub -d "$T/hub" campaign issue --dry-run levels.yaml
says "no unit is of level phường; levels here: province, commune, department"
says_not "level commune;"
says_not "NOBODY"
sed -i 's/levels: \[phường, Xã\]/levels: [phường]/' levels.yaml
expect_exit 0 hub -d "$T/hub" campaign issue --dry-run levels.yaml
says "of the units here nobody is asked for a report (annual report, nomination), and nothing will be due: this campaign hands down its criteria; levels here: province, commune, department"
says_not "NOBODY"
sed '0,/levels: \[phường\]/s//levels: [commune]/' levels.yaml >one.yaml
expect_exit 0 hub -d "$T/hub" campaign issue --dry-run one.yaml
says "NOBODY IS ASKED: no unit here is selected for the nomination, so that nothing will ever be due; levels here: province, commune, department"
sed 's/^  campaign: soctrang-2023$/  campaign: soc-trang-2023/' "$ROOT/ops/campaigns/soctrang-2023-met.yaml" >stray.yaml
expect_exit 0 hub -d "$T/hub" campaign issue --dry-run stray.yaml
says "this hub has issued no campaign soc-trang-2023"
says "there is soctrang-2023"

sed 's/^    - {id: chua-dat, from: 0,/    - {id: chua-dat, from: 10,/' "$ROOT/ops/campaigns/soctrang-2023-met.yaml" >band.yaml
expect_exit 1 hub -d "$T/hub" campaign issue band.yaml
says "band.yaml, line $(($(grep -n "from: 10," band.yaml | cut -d: -f1))): grades[2].from: the last grade, chua-dat, does not begin at 0"

story "a file that verifies and shows a part only says so"
expect_exit 0 hub -d "$T/hub" bundle export "$T/all.tdb"
expect_exit 0 hub -d "$T/hub" bundle export --for 31741 "$T/one.tdb"
says_not "replaced"
expect_exit 0 node -d "$T/old" bundle export "$T/own.tdb"
expect_exit 0 audit verify "$T/all.tdb" --root "$root"
says_not "made "
prints_json '.shows_only' 'null'
expect_exit 0 audit verify "$T/one.tdb" --root "$root"
says "made for unit 31741: it shows that unit and those below it"
says "with --under 31741 boards and rankings leave these out"
prints_json '.shows_only' 31741
expect_exit 0 audit verify "$T/all.tdb" --root "$root" --campaign soctrang-2023
says "--campaign chooses a board or a ranking: give --board or --rank too"
expect_exit 0 audit verify "$T/all.tdb" --root "$root" --campaign soctrang-2023 --board
says_not "give --board"
expect_exit 0 hub -d "$T/hub" bundle export --for 31741 "$T/one.tdb"
says "the file that was there is replaced"
expect_exit 0 audit verify "$T/own.tdb" --root "$root"
says "made by the office of unit 31741: it shows what that office stated and what came down to it"

story "a sheet for a spreadsheet that writes 8,5; a state by its Vietnamese word"
expect_exit 0 node -d "$T/old" template --campaign soctrang-2023 --separator semicolon "$T/semi.csv"
check "cells are apart by semicolons" grep -qE '^.?.?.?subject;name;C1' "$T/semi.csv"
expect_exit 2 node -d "$T/old" template --campaign soctrang-2023 --separator dot "$T/dot.csv"
says "--separator is comma, semicolon or tab, not dot"
printf 'subject;criterion;value\n31741;C1.1;7,5\n' >"$T/semi.csv"
expect_exit 0 node -d "$T/old" import --campaign soctrang-2023 "$T/semi.csv" --dry-run
expect_exit 0 hub -d "$T/hub" board --campaign soctrang-2023 --state "Chưa nộp" --json
prints_json '[.rows[].state] | unique' '["missing"]'

story "a replaced machine is told so, and remembers it"
heir=$(hub -d "$T/hub" enrol 31741 2>/dev/null)
expect_exit 0 node -d "$T/new" join "$heir"
expect_exit 1 node -d "$T/old" sync
says "another machine reports for this unit now"
expect_exit 0 node -d "$T/old" status
prints "the hub refused this machine: another machine reports"
prints "a sheet that was not submitted is kept here"
expect_exit 0 node -d "$T/old" template --campaign soctrang-2023 kept.csv
expect_exit 0 node -d "$T/new" import --campaign soctrang-2023 kept.csv
expect_exit 1 node -d "$T/old" submit --campaign soctrang-2023
says 'to which a sheet goes by `template` here and `import` there'

story "a key that others may read is told of where somebody looks"
expect_exit 0 node -d "$T/new" check
check "nothing is said of a key that is closed" test ! -s "$T/.err"
chmod 644 "$T/new/actor.key"
expect_exit 0 node -d "$T/new" check
says "run \`chmod 600 $T/new/actor.key\`"
expect_exit 0 node -d "$T/new" sync
says "run \`chmod 600 $T/new/actor.key\`"
chmod 640 "$T/hub/actor.key"
expect_exit 0 hub -d "$T/hub" check
says "run \`chmod 600 $T/hub/actor.key\`"
expect_exit 0 node -d "$T/new" sync

stop hub1
the_end
