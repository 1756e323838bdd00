#!/bin/bash
# Campaign files with mistakes: each is refused with its place, and nothing of it is issued.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"

found_hub hub "$(free_port)"
issue_campaigns hub
unchanged hub_state hub

# The campaign that the others are made from: sound as it stands.
cat >sound.yaml <<'YAML'
campaign:
  id: xanh-2024
  title: {vi: Cơ quan xanh 2024}
  issuer: UBND tỉnh
  periods:
    - {id: "2024", begin: 01/01/2024, end: 31/12/2024}
  reports:
    - kind: annual
      due: {date: 10/01/2025, inclusive: yes}
  criteria:
    - {id: C1, about: collective, label: {vi: Xanh}}
    - {id: C2, about: collective, label: {vi: Sạch}}
YAML
made() { sed "$1" sound.yaml >bad.yaml; }
issue=(hub -d hub campaign issue bad.yaml)

story "The sound one passes a dry run, which issues nothing."
made ''
expect_exit 0 "${issue[@]}" --dry-run
still "nothing changed"

story "A workbook is no campaign file, and it is said what is."
printf 'PK\003\004....' >book.xlsx
cp "$SAMPLE/units.csv" units.csv
refused 1 'units.csv, dòng 1: ' 'units.csv, line 1: .*write keys here' hub -d hub campaign issue units.csv
refused 1 'book.xlsx là tệp bảng tính' 'book.xlsx is a workbook, not a campaign file, which is plain text' \
    hub -d hub campaign issue book.xlsx

story "Keys that nobody knows, or that stand twice."
made 's/  issuer:/  isuer:/'
refused 1 'bad.yaml, dòng 4: .*“isuer”.*issuer' 'bad.yaml, line 4: .*the key “isuer” is not known; known here:.*issuer' \
    "${issue[@]}"
made 's/{id: C1, about/{id: C1, points: 5, about/'
refused 1 'bad.yaml, dòng 11: .*“points”' 'bad.yaml, line 11: .*the key “points” is not known' "${issue[@]}"
made 's/  issuer:/  id: xanh-2025\n  issuer:/'
refused 1 'bad.yaml, dòng 3: .*“id”' 'bad.yaml, line 3: .*the key “id” stands here twice' "${issue[@]}"
made '/  id: xanh-2024/d'
refused 1 'bad.yaml.*“id”' 'bad.yaml, .*the key “id” is missing; add it' "${issue[@]}"

story "Ids that are there twice."
made 's/id: C2/id: C1/'
refused 1 'bad.yaml.*C1' 'bad.yaml, line 12: criteria.*“C1” stands here a second time' "${issue[@]}"
made 's/^  reports:/    - {id: "2024", begin: 01\/01\/2024, end: 31\/12\/2024}\n  reports:/'
refused 1 'bad.yaml.*2024' 'bad.yaml, line 7: periods.*“2024” stands here a second time' "${issue[@]}"

story "Days that no calendar has."
for date in 31/02/2024 29/02/2023 2024-13-01 00/01/2024 mai; do
    made "s|10/01/2025|$date|"
    refused 1 "bad.yaml.*“$date”.*15/12/2023" "bad.yaml.*due.*“$date” is no date of the calendar; write it as 15/12/2023" \
        "${issue[@]}"
done
made 's|date: 10/01/2025|each_year: 30/02|'
refused 1 'bad.yaml.*30/0?2' 'bad.yaml.*due.*30/0?2' "${issue[@]}"
made 's|end: 31/12/2024|end: 31/12/2023|'
refused 1 'bad.yaml.*2024' 'bad.yaml, line 6: .*period 2024 ends.*before it begins' "${issue[@]}"
made 's/, inclusive: yes//'
refused 1 'bad.yaml.*inclusive' 'bad.yaml.*due.*say inclusive: yes' "${issue[@]}"

story "Parents that go round in a circle: criteria, and campaigns."
made 's/id: C1, /id: C1, parent: C2, /; s/id: C2, /id: C2, parent: C1, /'
refused 1 'bad.yaml.*C[12]' 'bad.yaml.*criteri.*C[12]' "${issue[@]}"
made 's/id: C1, /id: C1, parent: C1, /'
refused 1 'bad.yaml.*C1' 'bad.yaml.*C1' "${issue[@]}"
made 's/id: C1, /id: C1, parent: C9, /'
refused 1 'bad.yaml.*C9' 'bad.yaml.*C9' "${issue[@]}"
made 's/^  periods:/  parents:\n    - {id: xanh-2024, inherit: criteria}\n  periods:/'
refused 1 'bad.yaml.*xanh-2024' 'bad.yaml.*campaign xanh-2024 cannot be its own parent' "${issue[@]}"
made 's/^  periods:/  parents:\n    - {id: nobodys-plan, inherit: criteria}\n  periods:/'
refused 1 'nobodys-plan' 'bad.yaml, line 6: .*criteria come from campaign nobodys-plan, which is not held here: issue it' \
    "${issue[@]}"
# Longer: the plan that soctrang-2023 builds on, amended so that it builds on soctrang-2023.
sed 's/^  version: 1/  version: 2\n  amended_on: 01\/06\/2023\n  amended_why: vòng/
    s/^  parents:/  parents:\n    - {id: soctrang-2023, inherit: criteria}/' \
    "$CAMPAIGNS/tan-thanh-2023.yaml" >bad.yaml
refused 1 'soctrang-2023.*tan-thanh-2023' 'campaign soctrang-2023 descends from tan-thanh-2023 itself' "${issue[@]}"

story "What refers to nothing."
made 's/^  criteria:/      expected:\n        - {include: ["31742"]}\n  criteria:/'
refused 1 'bad.yaml.*“31742”' 'bad.yaml.*no unit has the code “31742”' "${issue[@]}"
made 's/about: collective, label: {vi: Xanh}/about: everybody, label: {vi: Xanh}/'
refused 1 'bad.yaml, dòng 11.*“everybody”.*collective' 'bad.yaml, line 11: .*“everybody” is not known here; write one of:.*collective' \
    "${issue[@]}"
made 's/id: "2024", begin/id: "2024-Q5", begin/'
refused 1 'bad.yaml.*2024-Q5' 'bad.yaml.*“2024-Q5” is no period; write 2023' "${issue[@]}"

story "Files that are no campaign at all."
made 's/^  title:/\ttitle:/'
refused 1 'bad.yaml, dòng 3.*Tab' 'bad.yaml, line 3: a tab stands here; use spaces' "${issue[@]}"
made 's/{vi: Xanh}/{vi: Xanh/'
refused 1 'bad.yaml.*YAML' 'bad.yaml, .*line 1[0-9].*YAML' "${issue[@]}"
made '$a ---\ncampaign: {}'
refused 1 'bad.yaml, dòng 13' 'bad.yaml, line 13: a second document' "${issue[@]}"
made '1s/campaign/campain/'
refused 1 'bad.yaml, dòng 1.*“campain”.*campaign, profile' 'bad.yaml, line 1: .*“campain” is not known; known here: campaign, profile' "${issue[@]}"
printf 'campaign:\n  id: \xc0\xc1\n' >bad.yaml
refused 1 'bad.yaml, dòng 2.*UTF-8' 'bad.yaml, line 2: this is not UTF-8' "${issue[@]}"
: >bad.yaml
refused 1 'bad.yaml' 'bad.yaml: begin with' "${issue[@]}"
rm bad.yaml
refused 1 'bad.yaml' 'bad.yaml' "${issue[@]}"

story "An amendment needs a higher version, and says when and why."
refused 1 'soctrang-2023.* 1' 'soctrang-2023 is held here in version 1 already: a change needs a higher version' \
    hub -d hub campaign issue "$CAMPAIGNS/soctrang-2023.yaml"
sed 's/^  version: 1/  version: 2/' "$CAMPAIGNS/soctrang-2023.yaml" >bad.yaml
refused 1 'amended_on.*amended_why' 'amends.*amended_on.*amended_why' "${issue[@]}"

story "A profile that does not fit its campaign."
sed 's/criterion: C1.1, max: 8/criterion: C9.9, max: 8/; s/^  version: 1/  version: 2/' \
    "$CAMPAIGNS/soctrang-2023-points.yaml" >bad.yaml
refused 1 'C9\.9' 'C9\.9' "${issue[@]}"

story "After all that the sound one is issued, once."
made ''
expect_exit 0 "${issue[@]}"
expect_exit 0 hub -d hub campaign list --json
prints_json 'map(select(.campaign == "xanh-2024")) | length' 1
the_end
