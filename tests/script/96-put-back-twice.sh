#!/bin/bash
# A root hub is put back a second time from one and the same copy: nothing in that copy tells of the
# epoch that was granted after the first time. Only those below know, so `renew` waits for them.
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
renew() { hub -d tinh renew --key tinh-keys/root.key "$@"; }

grep -E '^(code|94|948|317(32|41|53)),' "$SAMPLE/units-3-levels.csv" >units.csv
# plan ID: a campaign of one criterion that asks communes.
plan() {
    cat <<PLAN
campaign:
  id: $1
  title: {vi: "Thi đua $1"}
  issuer: "94"
  periods: [{id: "2033", begin: 01/01/2033, end: 31/12/2033}]
  reports:
    - {kind: annual, default: yes, due: {date: 15/12/2033, inclusive: yes}, expected: [{levels: [commune]}]}
  criteria: [{id: C1, about: collective, label: {vi: Một}}]
PLAN
}
for id in a b c; do plan $id >$id.yaml; done
root_hub tinh 94 "Tỉnh Sóc Trăng"
given hub -d tinh backup empty.backup
given hub -d tinh campaign issue a.yaml
hub_under huyen 948 tinh
join_office xa 31732 tinh
join_office mat 31753 tinh # whose machine will be gone for good
status_soon xa '[.due[].campaign] == ["a"]'
given hub -d tinh backup tinh.backup

story "Put back once, the root waits for all those below it whom it knows; who is gone for good is named."
rm -rf mat
stop huyen
stop tinh
put_back tinh tinh.backup
expect_exit 1 renew
says "run serve first"
serve tinh
wait_line tinh 'older copy' 30
expect_exit 1 renew
says 'the hub of unit 948'
says 'the machine of unit 31732'
says '3 of the machines right below'
says 'without CODE'
expect_exit 1 renew --dry-run
says 'not here yet'
expect_exit 1 hub -d tinh revoke 94 --key tinh-keys/root.key --reason x
says '3 of the machines right below'
expect_exit 1 renew --without 99999
says 'there is no unit 99999'
serve huyen
_only_one() { node -d xa sync; ! run renew --dry-run && grep -q "1 of the machines right below" "$T/.err"; }
check "it waits for one still" eventually 60 _only_one
says 'unit 31753'
says_not '948'
says_not '31732'
expect_exit 0 renew --without 31753 --dry-run
expect_exit 0 renew --without 948,31753
says 'epoch 2'
wait_line tinh 'those below have shown what they hold: this hub goes on in epoch 2' 30
given hub -d tinh campaign issue b.yaml
status_soon xa '[.due[].campaign] == ["a","b"]'

story "Put back again from the same copy, it waits again, and takes the epoch after the one that it forgot."
stop huyen
stop tinh
put_back tinh tinh.backup
serve tinh
wait_line tinh 'older copy' 30
expect_exit 1 renew --without 31753
says '2 of the machines right below'
serve huyen
_may() { node -d xa sync; renew --without 31753 --dry-run; }
check "they hand back what is missing" eventually 60 _may
expect_exit 0 renew --without 31753
says 'epoch 3'
given hub -d tinh campaign issue c.yaml
status_soon xa '[.due[].campaign] == ["a","b","c"]'
soon '[.[].campaign] | sort == ["a","b","c"]' hub -d huyen campaign list --json
hand_in xa --nil --campaign c
status_soon xa '[.reports[].receipts | length] == [1]'
stop huyen
stop tinh
for dir in tinh huyen; do
    expect_exit 0 hub -d $dir check
    expect_exit 0 hub -d $dir bundle export $dir.tdb
    expect_exit 0 audit verify $dir.tdb --root "$fingerprint"
done

story "A copy that knows nobody below waits for nobody, and does not say that anything came back."
put_back tinh empty.backup
serve tinh
wait_line tinh 'older copy' 30
expect_exit 0 eventually 30 renew
wait_line tinh 'nobody below was here: this hub goes on in epoch 2' 30
stop tinh
the_end
