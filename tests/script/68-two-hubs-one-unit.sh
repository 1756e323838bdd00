#!/bin/bash
# The province and the district each enrol a machine of one unit. The province revokes its own: what
# that one had reported stays unless it is cut off, and whoever revokes is told so.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"
. "$ROOT/tests/script/tree.sh"

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
for unit in 31741 31753; do
    join_office huyen-$unit $unit huyen
    given node -d huyen-$unit sync
    join_office tinh-$unit $unit tinh
    status_soon tinh-$unit '[.due[].campaign] == ["tinh"]'
    hand_in tinh-$unit --nil --campaign tinh
done
soon 'length == 2' hub -d tinh report list --json
counts() { # UNIT REPORT
    soon "[.rows[] | select(.unit == \"$1\") | .report] == [\"$2\"]" hub -d tinh board --campaign tinh --json
}

story "A dry run, and the revocation, say which hub's machine goes on and what stays of the revoked one."
for dry in --dry-run ''; do
    # shellcheck disable=SC2086 # an option or none
    expect_exit 0 hub -d tinh revoke 31741 --reason "nhầm" $dry
    says "unit 31741 has another machine, which the hub of 948 enrolled"
    says "stay in force"
done
kept=$(node -d tinh-31741 report list --json | jq -r '.[0].report')
given node -d huyen-31741 submit --nil --campaign tinh
status_soon huyen-31741 '[.reports[].receipts | length] == [2]'
counts 31741 "$kept"

story "A second time it says that this was done, not that there never was such a machine."
unchanged hub_state tinh
refused 1 'đã bị thu hồi từ trước.*948' 'was revoked already on [0-9/]+ .*another one was enrolled at 948' \
    hub -d tinh revoke 31741 --last-good 1:0 --reason "cắt"

story "Cut off, the revoked machine leaves the place to the other."
expect_exit 0 hub -d tinh revoke 31753 --last-good 1:0 --reason "cắt"
says_not "another machine"
given node -d huyen-31753 submit --nil --campaign tinh
report=$(printed)
status_soon huyen-31753 '[.reports[].receipts | length] == [2]'
counts 31753 "$report"
stop huyen
stop tinh
the_end
