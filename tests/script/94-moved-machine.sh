#!/bin/bash
# A commune comes to another district after the hub of its old one broke and was replaced. The office is told
# what to do; until it has a machine at the new district its old one counts, from then on the new one does,
# whatever the old one still sends. Whoever is left with a hub that is gone is told the way out.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"
. "$ROOT/tests/script/tree.sh"

grep -E '^(code|94|94[58]|317(41|53)),' "$SAMPLE/units-3-levels.csv" >units.csv
cat >plan.yaml <<'PLAN'
campaign:
  id: tinh
  title: {vi: "Thi đua tỉnh"}
  issuer: "94"
  periods: [{id: 2023-H2, begin: 01/07/2023, end: 31/12/2023}]
  reports:
    - {kind: annual, default: yes, due: {days_after_period: 10, inclusive: yes}, expected: [{levels: [commune]}]}
  criteria: [{id: CN1, about: collective, label: {vi: Một}}]
PLAN
printf 'profile:\n  id: diem\n  campaign: tinh\n  label: {vi: Điểm}\n  default_mode: points\n  default_max: 10\n' >diem.yaml
sed -i 's/^  issuer: "94"/&\n  profile: diem/' plan.yaml
calendar '2023-07-20 08:00:00'
root_hub tinh 94 "Tỉnh Sóc Trăng"
given hub -d tinh campaign issue plan.yaml
given hub -d tinh campaign issue diem.yaml
port=$(free_port)
# district DIR: a hub of district 948, each one in the place of the one before it.
district() {
    ticket_for 948 tinh --role hub
    given hub -d "$1" init --parent "$ticket" --listen "tcp://127.0.0.1:$port"
    serve "$1"
}
district nganam
hub_under cld 945 tinh
join_office n31753 31753 nganam
crash nganam
district heir

story "A hub that was replaced answers at the old address with another key: its offices are told the way out."
refused 75 'có thể đã được thay.*vé mới.*`template`.*`import`' 'may have been replaced.*new ticket.*`template` and `import`' node -d n31753 sync
ticket_for 31753 heir
refused 1 '`template`.*`import`' 'give another --data.*`template` and `import`' node -d n31753 join "$ticket"

story "A commune joins there; then it comes to the other district, whose hub is older."
join_office old 31741 heir
given node -d old sync
expect_exit 0 node -d old status
prints_not "from 01/08/2023"
run node -d old status --json
prints_json '.moved' 'null'
sheet old 6 "--campaign tinh"
hand_in old --campaign tinh
says_not "01/08/2023"
printf 'date,op,from,to\n2023-08-01,move,31741,945\n' >move.csv
expect_exit 0 hub -d tinh unit apply move.csv

moved="from 01/08/2023 on this unit lies under 945 Huyện Cù Lao Dung, no longer under 948"
story "Its machine says so, everywhere; it works as before as long as there is no other."
status_soon old '.moved == {"since": "2023-08-01", "under": "945"}'
expect_exit 0 node -d old sync
says "$moved"
says "ask the hub of 945 for a ticket"
expect_exit 0 node -d old status
prints "$moved"
given node -d old record --campaign tinh --subject 31741 --criterion CN1 --score 7
expect_exit 0 node -d old submit --campaign tinh
says "$moved"
given node -d old sync
in_force() { soon "[.rows[] | select(.subject == \"31741\") | .score] == [\"$1.00\"]" hub -d tinh rank --campaign tinh --group khoi-xa --json; }
in_force 7

story "The new district's ticket tells what does not come along; the new machine goes on with the old sheet."
soon 'any(.[]; .code == "31741")' hub -d cld unit list --at 2023-08-01 --json
ticket_for 31741 cld
says_match 'unit 31741 comes here on 01/08/2023.*`template`.*`import`'
given node -d new join "$ticket"
run node -d new status
prints_match 'came under 945 on 01/08/2023.*`template`.*`import`'
run node -d new status --json
prints_json '.moved' 'null'
rm -f sheet.csv
expect_exit 0 node -d old template --campaign tinh sheet.csv
status_soon new '[.due[].campaign] == ["tinh"]'
expect_exit 0 node -d new import --campaign tinh sheet.csv
given node -d new record --campaign tinh --subject 31741 --criterion CN1 --score 9
hand_in new --campaign tinh
run node -d new status
prints_not 'came under 945'

story "From then on the province counts what the new machine says, though the old hub is the younger one."
in_force 9
soon '[.rows[] | select(.unit == "31741") | .state] == ["on_time"]' hub -d cld board --campaign tinh --period 2023-H2 --json
given node -d old record --campaign tinh --subject 31741 --criterion CN1 --score 5
hand_in old --campaign tinh
soon '[.[] | select(.unit == "31741") | .state] | sort == ["received", "superseded", "superseded", "superseded"]' \
    hub -d tinh report list --json
in_force 9
for hub in heir cld; do stop $hub; done
export_of tinh
expect_exit 0 audit verify tinh.tdb --root "$fingerprint" --json
prints_json '.problems' '[]'
agrees tinh board --campaign tinh --period 2023-H2
agrees tinh rank --campaign tinh --period 2023-H2 --group khoi-xa
expect_exit 0 hub -d tinh check

story "Who revokes the old machine is told whose it is."
refused 1 '31741.*94[58], 94[58]' 'no machine of unit 31741, that was done at 94[58], 94[58]' hub -d tinh revoke 31741 --reason "về 945"
the_end
