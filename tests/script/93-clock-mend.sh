#!/bin/bash
# A district's clock runs ten years ahead, and says in every receipt that it is in doubt. The
# province mends the span with one signed act: what came in time is in time, on every level and for
# the auditor. Then the root's own clock runs ahead, with nobody there to tell it: its key mends that.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"
. "$ROOT/tests/script/tree.sh"

calendar '2023-12-14 08:00:00'
cp "$SAMPLE/units-3-levels.csv" units.csv
root_hub hub 94 "Tỉnh Sóc Trăng"
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
      expected: [{include: ["31741", "31753", "31732", SNV, SYT]}]
  criteria: [{id: C1, about: collective, label: {vi: Một}}]
PLAN
given hub -d hub campaign issue tinh.yaml
hub_under district 948 hub
join_office n31741 31741 district
join_office n31753 31753 district
join_office n31732 31732 district
join_office nSNV SNV
join_office nSYT SYT
for n in n31741 n31753 n31732 nSNV nSYT; do status_soon $n '.due[0].campaign == "tinh"'; done

row() { echo ".rows[] | select(.unit == \"$1\") | [.state, .by, .clock_doubt] == $2"; }
at=(--at 2023-12-31T00:00:00+07:00)
# agreed HUB: what it exports gives the auditor the same board. It hears those below meanwhile: they
# agree as soon as nobody was heard in between.
_agreed() {
    rm -f "$1.tdb"
    hub -d "$1" bundle export "$1.tdb" && hub -d "$1" board "${at[@]}" --json | tr -d '\n' >said &&
        audit verify "$1.tdb" --root "$fingerprint" --board "${at[@]}" --json | grep -qF -f said
}
agreed() { check "the auditor says what $1 says" eventually 30 _agreed "$1"; }

story "The district starts with its clock ten years ahead; the hub above tells it so."
stop district
calendar '2033-12-14 08:00:00'
serve district
check "it says that it doubts its clock" eventually 20 grep -q 'ten minutes off that of the hub above' "$T/district.log"

story "The line to the province breaks; a commune reports in time. The receipt bears a year to come."
stop hub
calendar '2023-12-14 09:00:00'
given node -d n31741 submit --nil
report=$(printed)
expect_exit 0 node -d n31741 sync
run node -d n31741 report list --json
prints_json '.[0].receipts[0] | [.unit, .received_at[0:4], .clock_doubt, .mended_at]' '["948","2033",true,null]'
soon "$(row 31741 '["late","948",true]')" hub -d district board "${at[@]/2023/2043}" --json
run hub -d district board --at 2043-01-01T00:00:00+07:00
prints "received by a clock in doubt"

story "The province hears of it two days after the due instant, by when the clock is right again."
stop district
calendar '2023-12-17 08:00:00'
serve hub
serve district
soon "$(row 31741 '["late","94",false]')" hub -d hub board "${at[@]}" --json
agreed hub
given node -d n31753 submit --nil
expect_exit 0 node -d n31753 sync
run node -d n31753 report list --json
prints_json '.[0].receipts[0] | [.unit, .received_at[0:10], .clock_doubt]' '["948","2023-12-17",false]'

story "The district may not mend its own clock, nor anybody that of the root without its key."
span=(--from 2033-01-01 --until 2034-01-01 --showed 2033-12-14T08:00:00+07:00 --was 2023-12-14T08:00:00+07:00)
expect_exit 1 hub -d district clock mend 948 "${span[@]}" --reason "pin hỏng"
says "a hub cannot mend its own clock"
expect_exit 1 hub -d hub clock mend 94 "${span[@]}" --reason "pin hỏng"
says "give --key root.key"

story "The province sees the span, tries, and mends it: what came in time is in time."
run hub -d hub clock list --json
prints_json '.[] | [.unit, .from[0:4], .until[0:4], .receipts, .mended]' '["948","2033","2033",1,0]'
expect_exit 0 hub -d hub clock mend 948 "${span[@]}" --reason "pin hỏng" --dry-run
prints_match "^31741 .*tinh .*2023 .*1 .*14/12/2033 .*14/12/2023 "
says "unit 31741, tinh 2023: on time, was late"
soon "$(row 31741 '["late","94",false]')" hub -d hub board "${at[@]}" --json
expect_exit 0 hub -d hub clock mend 948 "${span[@]}" --reason "pin hỏng"
soon "$(row 31741 '["on_time","948",false]')" hub -d hub board "${at[@]}" --json
soon "$(row 31741 '["on_time","948",false]')" hub -d district board "${at[@]}" --json
agreed hub
agreed district
run hub -d hub clock list --json
prints_json '.[0] | [.receipts, .mended]' '[1,1]'
expect_exit 0 hub -d hub clock list
prints_match "what the clock of 948 showed from .*2033 .* to .* counts -3653d, by the word of 94: .*pin hỏng"
expect_exit 0 hub -d hub board "${at[@]}"
prints_match "^31741 .*received by a clock since mended"
given node -d n31741 sync
run node -d n31741 report list --json
prints_json '[.[0].receipts[] | select(.unit == "948")][0] | [.received_at[0:10], .clock_doubt, .mended_at[0:10]]' \
    '["2033-12-14",true,"2023-12-14"]'
run hub -d district report show "$report"
prints "by a clock since mended: counts as 14/12/2023"

story "The root itself starts ten years ahead. Nobody above can tell; it doubts nothing."
stop district
stop hub
calendar '2033-12-20 08:00:00'
serve hub
given node -d nSNV submit --nil
given node -d nSNV sync
run hub -d hub board --at 2034-01-01T00:00:00+07:00 --json
prints_json "$(row SNV '["late","94",false]')" true

story "Put right, it stands behind its own last receipt, and doubts: until its key mends the span."
stop hub
calendar '2023-12-20 09:00:00'
serve hub
serve district
given node -d n31732 submit --nil
again=$(printed)
given node -d n31732 sync
soon '[.[] | select(.report == "'"$again"'").receipts[] | select(.unit == "94")][0].clock_doubt == true' \
    hub -d hub report list --json
check "it says so" grep -q 'behind the last receipt' "$T/hub.log"
span=(--from 2033-01-01 --until 2034-01-01 --showed 2033-12-20T08:00:00+07:00 --was 2023-12-20T08:00:00+07:00)
expect_exit 1 hub -d hub clock mend 94 "${span[@]}" --key hub-keys/root.key --reason "pin hỏng"
says "--all"
expect_exit 0 hub -d hub clock mend 94 "${span[@]}" --key hub-keys/root.key --all --reason "pin hỏng"
expect_exit 0 hub -d hub clock mend 94 --from 2023-12-20 --until 2023-12-21 --shift 0s --key hub-keys/root.key \
    --reason "đồng hồ đúng"
run hub -d hub board "${at[@]}" --json
prints_json "$(row SNV '["late","94",false]')" true
prints_json '[.rows[] | .received_at | values | .[0:4]] | unique' '["2023"]'
check "it doubts no more, and says so" eventually 20 grep -q 'no longer in doubt' "$T/hub.log"
given node -d nSYT submit --nil
once=$(printed)
given node -d nSYT sync
run hub -d hub report list --json
prints_json '[.[] | select(.report == "'"$once"'").receipts[] | .clock_doubt]' '[false]'
agreed hub
run audit verify hub.tdb --root "$fingerprint" --json
prints_json '[.problems, .warnings]' '[[],[]]'

the_end
