#!/bin/bash
# Plan 001: the office of a province's committee, itself a department, runs a plan for its divisions and
# centres over seven years. Nothing is dated, nothing is limited; others may read. Then it is amended: peer
# groups of classes, comparators and quotas of every kind come in while a report is on its way.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"
. "$ROOT/tests/script/tree.sh"

cat >units.csv <<'CSV'
code,parent,level,kind,name
44,,province,state,Tỉnh Quảng Bình
VP,44,department,state,Văn phòng UBND tỉnh
TH,VP,division,state,Phòng Tổng hợp
NC,VP,division,state,Phòng Nội chính
TTTH,VP,centre,service,Trung tâm Tin học
SNV,44,department,state,Sở Nội vụ
CSV
people_of() {
    echo "code,kind,class,name,unit,leader"
    echo "01,individual,can-bo,Trưởng $1,$1,yes"
    echo "02,individual,cong-chuc,Chuyên viên $1,$1,no"
    echo "03,individual,cong-chuc,Chuyên viên hai $1,$1,no"
}
ask="--campaign quang-binh-vp --period 2019-2025"
calendar '2023-06-01 09:00:00'
root_hub tinh 44 "Tỉnh Quảng Bình"
hub_under vp VP tinh

story "The office issues for its own divisions; the province can read it, other departments are not asked."
for file in quang-binh-vp quang-binh-vp-met; do
    given hub -d vp campaign issue "$CAMPAIGNS/$file.yaml"
done
expect_exit 0 hub -d vp campaign show quang-binh-vp
prints "oversight"
prints "411-KH-UBND"
prints "don-vi>hoi-dong-co-quan>ban-tdkt-tinh"
for unit in TH NC TTTH; do
    join_office "n$unit" $unit vp
    people_of $unit >people.csv
    given node -d "n$unit" subject import people.csv
done
join_office snv SNV tinh
given node -d snv sync
expect_exit 0 node -d snv campaign list --json
prints_json '.' '[]'

story "Divisions nominate, without a date: nobody is ever late or missing."
sheet nTH "đạt" "$ask" "01:I7=không đạt" "03:I1.1=không đạt"
sheet nNC "đạt" "$ask" "02:I1.1=không đạt" "NC:C6=không đạt"
for node in nTH nNC; do hand_in $node $ask; done
for hub in vp tinh; do
    soon '[.rows[] | [.unit, .state]] == [["NC","on_time"],["TH","on_time"],["TTTH","not_due"]]' \
        hub -d $hub board $ask --json
    expect_exit 0 hub -d $hub board $ask --json
    prints_json '[.due, .expected, .actual, .rate]' '[null,3,2,"66.67"]'
    expect_exit 0 hub -d $hub rank $ask --subject-kind individual --json
    prints_json '[.rows[] | [.rank, .unit, .subject, .share]]' \
        '[[1,"NC","01","100.00"],[1,"NC","03","100.00"],[1,"TH","02","100.00"],[4,"TH","01","95.83"],[5,"NC","02","95.45"],[5,"TH","03","95.45"]]'
    prints_json '.quotas' '[]'
done

story "It is amended while the centre's report, sealed under version 1, has not left."
sheet nTTTH "đạt" "$ask" "02:I1.2=không đạt" "03:I1.1=không đạt"
given node -d nTTTH submit $ask
report=$(printed)
sed 's/^  version: 1/  version: 2\n  amended_on: 02\/06\/2023\n  amended_why: Chia khối, đặt chỉ tiêu/' \
    "$CAMPAIGNS/quang-binh-vp.yaml" >amended.yaml
cat >>amended.yaml <<'YAML'

  groups:
    - {id: lanh-dao, subjects: individual, classes: [can-bo], label: {vi: Lãnh đạo}}
    - {id: chuyen-mon, subjects: individual, classes: [cong-chuc, vien-chuc], label: {vi: Chuyên môn}}
  tie_breakers:
    - {by: criterion, criterion: I1.1}
  quotas:
    - {id: mot-tap-the, subjects: collective, amount: 1, mode: warn}
    - {id: nua-khoi, subjects: individual, scope: group, amount: 50 %, base: subjects, rounding: half_up, mode: block}
    - {id: moi-phong, subjects: individual, scope: unit, amount: 1, mode: warn}
    - {id: mot-phan-ba, subjects: both, amount: 33.33 %, base: subjects, mode: warn}
YAML
expect_exit 0 hub -d vp campaign issue amended.yaml
given node -d nTTTH sync
for hub in vp tinh; do
    soon '[.state, .version, .version_in_force] == ["received",1,2]' hub -d $hub report show "$report" --json
    expect_exit 0 hub -d $hub report list
    prints "sealed under version 1 of the campaign, 2 is in force: it stays valid"
    expect_exit 2 hub -d $hub rank $ask --subject-kind individual
    says "lanh-dao"
    expect_exit 0 hub -d $hub rank $ask --subject-kind individual --group chuyen-mon --json
    prints_json '[.rows[] | [.rank, .unit, .subject]]' \
        '[[1,"NC","03"],[1,"TH","02"],[3,"TTTH","02"],[4,"NC","02"],[4,"TH","03"],[4,"TTTH","03"]]'
    prints_json '[.quotas[] | [.quota, .scope, .within, .base, .places, .inside, .left, .edge, .why]]' \
        '[["nua-khoi","group","chuyen-mon",6,3,3,0,3,null],["moi-phong","unit",null,null,1,null,null,null,"other_groups"],["mot-phan-ba","issuer",null,null,null,null,null,null,"both_kinds"]]'
    expect_exit 0 hub -d $hub rank $ask --subject-kind individual --group lanh-dao
    prints "Quota nua-khoi, group lanh-dao, 50 % / 3, block: places: 2; edge after rank 1, taken: 2"
done
expect_exit 0 hub -d vp rank $ask --subject-kind collective
prints "Quota mot-tap-the, warn: places: 1; edge at rank 1, where 2 tie for the last 1: the council votes"
expect_exit 0 hub -d vp rank $ask --subject-kind collective --csv
says "Quota mot-tap-the"

story "Without groups the quota of each unit shows: who in a division goes first, and who ties."
sed '/^  groups:/,/^  tie_breakers:/{/^  tie_breakers:/!d}; s/^  version: 2/  version: 3/' amended.yaml >third.yaml
expect_exit 0 hub -d vp campaign issue third.yaml
expect_exit 0 hub -d vp rank $ask --subject-kind individual --json
prints_json '[.quotas[] | select(.quota == "moi-phong") | [.within, .inside, .left, .edge, ([.ties[].subject] | join(" "))]]' \
    '[["NC",0,1,1,"01 03"],["TH",1,0,1,""],["TTTH",1,0,1,""]]'
soon '.version == 3' hub -d tinh rank $ask --subject-kind individual --json
for hub in vp tinh; do
    expect_exit 0 hub -d $hub check
    export_of $hub
    agrees $hub board $ask
    for kind in collective individual; do agrees $hub rank $ask --subject-kind $kind; done
done
the_end
