#!/bin/bash
# Plan 004: a province whose criteria come from QĐ 733, which is only reconstructed: every output says so,
# until a true text takes its place by a file alone. The yearly report is a section of a more general one.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"
. "$ROOT/tests/script/tree.sh"

cat >units.csv <<'CSV'
code,parent,level,kind,name
20,,province,state,Tỉnh Lạng Sơn
183,20,district,state,Huyện Cao Lộc
SNV,20,department,state,Sở Nội vụ
STC,20,department,state,Sở Tài chính
CSV
ask="--campaign lang-son --period 2022"
mark="Some criteria are reconstructed from what other documents cite."
calendar '2022-12-05 09:00:00'
root_hub tinh 20 "Tỉnh Lạng Sơn"
hub_under huyen 183 tinh

story "Without its parent it cannot be issued; 719 is only named."
expect_exit 1 hub -d tinh campaign issue "$CAMPAIGNS/lang-son.yaml"
says "parents[1]: the criteria come from campaign qd-733, which is not held here"
for file in qd-733 lang-son lang-son-met; do
    expect_exit 0 hub -d tinh campaign issue "$CAMPAIGNS/$file.yaml"
done
expect_exit 0 hub -d tinh campaign show lang-son
prints "$mark"
prints "only named, not held here"
prints "section; levels department, district; as a section of: Báo cáo tổng kết công tác thi đua, khen thưởng"
prints "phat-dong Launch, plan issued; 2019, by the end of the year"
prints "so-ket Interim review; 2022"
prints "tong-ket Final review; 2025"
prints "don-vi>ban-tdkt>so-noi-vu"
prints "ubnd-tinh; Chủ tịch, các Phó Chủ tịch UBND tỉnh"
expect_exit 0 hub -d tinh campaign show lang-son --json
prints_json '[.milestones[] | [.year, .precision, .missing_after]]' '[[2019,"year",false],[2022,"year",false],[2025,"year",false]]'
prints_json '[.criteria_reconstructed, (.rules[0] | .kind, .embedded_in)]' \
    '[true,"section","Báo cáo tổng kết công tác thi đua, khen thưởng"]'
join_office snv SNV tinh
join_office stc STC tinh
join_office vp 183 huyen
status_soon vp '.hub'

story "Every output that rests on the reconstruction is marked."
for node in snv vp; do
    given node -d $node sync
    expect_exit 0 node -d $node campaign show lang-son
    prints "$mark"
    sheet $node "đạt" "$ask"
    expect_exit 0 node -d $node score $ask
    says "$mark"
    expect_exit 0 node -d $node score $ask --json
    prints_json '[.reconstructed, .version]' '[true,1]'
    expect_exit 0 node -d $node submit $ask
    says "$mark"
    report=$(printed)
    given node -d $node sync
    expect_exit 0 node -d $node report show "$report"
    prints "$mark"
    expect_exit 0 node -d $node status
    prints "$mark"
done
soon '[.rows[] | select(.report) | .unit] == ["183","SNV"]' hub -d tinh board $ask --json
for hub in tinh huyen; do
    expect_exit 0 hub -d $hub campaign list
    prints "criteria reconstructed"
    expect_exit 0 hub -d $hub board $ask
    prints "$mark"
    prints "No due date"
    expect_exit 0 hub -d $hub rank $ask --subject-kind collective
    prints "$mark"
    expect_exit 0 hub -d $hub report show "$report" --json
    prints_json '.reconstructed' true
    expect_exit 0 hub -d $hub rank $ask --subject-kind collective --json
    prints_json '.reconstructed' true
    export_of $hub
    agrees $hub board $ask
    agrees $hub rank $ask --subject-kind collective
done
expect_exit 0 hub -d tinh board $ask --json
prints_json '[.due, .expected, .actual, .reconstructed, (.rows[] | [.unit, .state])]' \
    '[null,3,2,true,["183","on_time"],["SNV","on_time"],["STC","not_due"]]'

story "The text of 733 turns up while a report is on its way: a file replaces it, what was sealed stays valid."
sheet stc "đạt" "$ask" "STC:C5=không đạt"
given node -d stc submit $ask
report=$(printed)
sed 's/^  version: 1/  version: 2\n  amended_on: 06\/12\/2022\n  amended_why: Có văn bản gốc/; /^  reconstructed:/d' \
    "$CAMPAIGNS/qd-733.yaml" >qd-733.yaml
sed 's/^  version: 1/  version: 2\n  amended_on: 06\/12\/2022\n  amended_why: Tiêu chí theo văn bản gốc/' \
    "$CAMPAIGNS/lang-son.yaml" >lang-son.yaml
expect_exit 0 hub -d tinh campaign issue qd-733.yaml
says_not "reconstructed"
expect_exit 0 hub -d tinh campaign issue lang-son.yaml
says_not "reconstructed"
given node -d stc sync
expect_exit 0 node -d stc report show "$report"
prints "sealed under version 1 of the campaign, 2 is in force: it stays valid"
expect_exit 0 hub -d tinh report show "$report" --json
prints_json '[.state, .version, .version_in_force, .reconstructed]' '["received",1,2,true]'
expect_exit 0 hub -d tinh rank $ask --subject-kind collective
prints "under campaign version 1"
prints_not "$mark"
expect_exit 0 hub -d tinh rank $ask --subject-kind collective --json
prints_json '[.version, .reconstructed // null, (.rows[] | [.rank, .unit, .version])]' \
    '[2,null,[1,"183",1],[1,"SNV",1],[3,"STC",1]]'
given node -d snv sync
given node -d snv record $ask --subject SNV --criterion C2.1 --not-met
hand_in snv $ask
expect_exit 0 hub -d tinh rank $ask --subject-kind collective --json
prints_json '[.rows[] | [.rank, .unit, .version // null, .revision]]' '[[1,"183",1,1],[2,"SNV",null,2],[2,"STC",1,1]]'
expect_exit 0 hub -d tinh check
export_of tinh
agrees tinh board $ask
agrees tinh rank $ask --subject-kind collective
the_end
