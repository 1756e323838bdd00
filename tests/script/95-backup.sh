#!/bin/bash
# A store is copied while its hub serves; put back beside its key it goes on, and nothing that was
# receipted since is lost. The same of an office.
# also under: asan
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"
. "$ROOT/tests/script/tree.sh"

# put_back DIR FILE: DIR anew, of its key and of that backup.
put_back() {
    cp "$1/actor.key" "$T/key"
    rm -rf "$1"
    mkdir -m 700 "$1"
    mv "$T/key" "$1/actor.key"
    cp "$2" "$1/data.mdb"
}
mode_of() { stat -c %a "$1"; }

grep -E '^(code|94|948|317(41|53)),' "$SAMPLE/units-3-levels.csv" >units.csv
cat >plan.yaml <<'PLAN'
campaign:
  id: tinh
  title: {vi: "Thi đua tỉnh"}
  issuer: "94"
  periods: [{id: "2033", begin: 01/01/2033, end: 31/12/2033}]
  reports:
    - {kind: annual, default: yes, due: {date: 15/12/2033, inclusive: yes}, expected: [{levels: [commune]}]}
  criteria: [{id: CN1, about: collective, label: {vi: Một}}]
PLAN
root_hub tinh 94 "Tỉnh Sóc Trăng"
given hub -d tinh campaign issue plan.yaml
hub_under huyen 948 tinh
join_office xa 31741 huyen
status_soon xa '[.due[].campaign] == ["tinh"]'

story "Hub and office are copied while the hubs serve; what exists is not overwritten."
umask 022
for of in hub:tinh hub:huyen node:xa; do
    expect_exit 0 "${of%:*}" -d "${of#*:}" backup "${of#*:}.backup"
    says 'actor.key'
    says_match "^${of#*:}.backup holds [0-9]+ records, $(stat -c %s "${of#*:}.backup") bytes"
    check "it is for this user alone" test "$(mode_of "${of#*:}.backup")" = 600
    expect_exit 1 "${of%:*}" -d "${of#*:}" backup "${of#*:}.backup"
    says 'exists already'
done
check "no other file is left" test "$(find . -name '*.new' | wc -l)" = 0
expect_exit 1 node -d huyen backup other.backup
says 'thidua-hub backup'
expect_exit 1 hub -d xa backup other.backup
says 'thidua-node backup'
expect_exit 1 node -d nowhere backup other.backup
expect_exit 1 node -d xa backup -
says 'give the name of a new file'
expect_exit 1 node -d xa backup xa/copy
says 'xa/copy lies in the data directory'
expect_exit 1 node -d xa backup no/such/folder
check "nothing was made" test ! -e other.backup
check "no key is in it" "$PYTHON" -c 'import sys
key, copy = (open(f, "rb").read() for f in sys.argv[1:])
parts = [key[i:i + 16] for i in range(len(key) - 15) if len(set(key[i:i + 16])) > 8]
sys.exit(not parts or any(part in copy for part in parts))' xa/actor.key xa.backup

story "The office reports; its machine is lost, and goes on from the copy with the old key."
hand_in xa --nil --campaign tinh
put_back xa xa.backup
expect_exit 0 node -d xa status
prints_match 'older copy: run sync first'
prints_not 'no report has been sealed'
prints_not 'nothing is due'
expect_exit 1 node -d xa submit --nil --campaign tinh
says 'run sync first'
expect_exit 0 node -d xa report list
says 'run sync first'
status_soon xa "[.reports[].report] == [\"$report\"]"
status_soon xa '[.reports[].receipts | length] == [2]'
expect_exit 0 node -d xa status
prints_not 'older copy'
expect_exit 0 node -d xa report list
prints_not 'rival'
expect_exit 1 node -d xa submit --nil --campaign tinh
says 'revision 1'
expect_exit 0 node -d xa check

story "The district's hub is lost, and goes on from its copy: the receipt that it gave stands."
stop huyen
put_back huyen huyen.backup
expect_exit 1 hub -d huyen extend --campaign tinh --period 2033 --unit 31741 --until 31/12/2033 --reason x
says 'older copy'
serve huyen
wait_line huyen 'older copy'
wait_line huyen 'goes on in epoch 2' 30
status_soon xa '[.reports[].receipts | length] == [2]'
soon 'length == 1' hub -d huyen report list --json
expect_exit 0 hub -d huyen check

story "The root's hub is lost too: it says at once what it needs, and goes on with the root key."
given hub -d tinh campaign withdraw tinh --reason "hết"
soon '.[].withdrawn.reason == "hết"' hub -d huyen campaign list --json
stop tinh
put_back tinh tinh.backup
expect_exit 1 hub -d tinh campaign withdraw tinh --reason "hết rồi"
says 'older copy'
expect_exit 1 hub -d tinh unit import units.csv
serve tinh
wait_line tinh 'older copy.*renew.*root key' 30
soon 'length == 1' hub -d tinh report list --json
_back() { hub -d tinh campaign list --json | jq -e '.[].withdrawn.reason == "hết"'; }
check "the district's hub calls again after a while and hands back what is missing" eventually 120 _back
_renewed() { hub -d tinh renew --key tinh-keys/root.key; }
check "the root key lets it go on" eventually 30 _renewed
check "and says what nobody can hand back" \
    grep -qE 'since the copy was made on [0-9/]+ [0-9:]+, and nobody below had been sent yet, is gone' .eventually
wait_line tinh 'goes on in epoch 2' 30
stop huyen
stop tinh
for dir in tinh huyen; do
    expect_exit 0 hub -d $dir check
    expect_exit 0 hub -d $dir bundle export $dir.tdb
    expect_exit 0 audit verify $dir.tdb --root "$fingerprint"
done
the_end
