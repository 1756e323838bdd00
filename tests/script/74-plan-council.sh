#!/bin/bash
# Plan 003: a provincial council asks departments and districts for the results of their models, "before 30
# October" of each year, at the root. A district's office reports through a node under its own hub. What the
# root received by the end of the 29th, a Sunday, is in time; what only the district had by then is not.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"
. "$ROOT/tests/script/tree.sh"

cat >units.csv <<'CSV'
code,parent,level,kind,name,group
94,,province,state,Tỉnh Sóc Trăng,
948,94,district,state,Thị xã Ngã Năm,khoi-huyen
945,94,district,state,Huyện Cù Lao Dung,khoi-huyen
SNV,94,department,state,Sở Nội vụ,khoi-so
BTG,94,department,party,Ban Tuyên giáo Tỉnh ủy,khoi-so
31741,948,commune,state,Xã Tân Long,khoi-xa
CSV
ask="--campaign soctrang-mo-hinh --period 2023"
day=2023-10-30T00:00:00+07:00
calendar '2023-10-29 23:00:00'
root_hub tinh 94 "Tỉnh Sóc Trăng"
hub_under huyen 948 tinh
hub_under culao 945 tinh

story "The council's plan: a form, aims that not everybody has, and a registration that nobody checks yet."
expect_exit 0 hub -d tinh campaign issue "$CAMPAIGNS/soctrang-mo-hinh.yaml"
says "issue the scoring profile soctrang-mo-hinh-met next"
given hub -d tinh campaign issue "$CAMPAIGNS/soctrang-mo-hinh-met.yaml"
expect_exit 0 hub -d tinh campaign show soctrang-mo-hinh
prints "result; before 30/10; levels department, district; only after: registration; counts once the root has it"
prints_match "2023 +result +29/10/2023"
prints "a model counts from its launch to the review"
prints "2. Name of the model"
expect_exit 0 hub -d tinh campaign show soctrang-mo-hinh --json
prints_json '[.rules[] | [.kind, .needs // null]]' '[["result","registration"],["registration",null]]'
prints_json '.awards[0].upkeep' 'from_launch'
join_office snv SNV tinh
join_office btg BTG tinh
join_office vp948 948 huyen
join_office vp945 945 culao
for node in vp948 vp945; do status_soon $node '[.due[].campaign] | index("soctrang-mo-hinh")'; done

story "Each fills in what it has: K2 and K3 are only for those who take part in the indices."
sheet snv "đạt" "$ask" "*:K1=2" "*:K2=85,01" "*:K3=75,01"
sheet btg "đạt" "$ask" "*:K1=1"
sheet vp948 "đạt" "$ask" "*:N3=không đạt" "*:K1=1" "*:K2=85" "*:K3=80"
sheet vp945 "đạt" "$ask" "*:K1=0" "*:K2=90" "*:K3=90"
expect_exit 1 node -d btg record $ask --subject BTG --criterion K2 --value 90
says "does not apply"
expect_exit 0 node -d snv score $ask --json
prints_json '.rows[0] | [.score, .max]' '["3.00","3.00"]' # aims are no part of it
for node in snv btg vp948; do
    expect_exit 0 node -d $node submit $ask
    says "registration: not checked"
    given node -d $node sync
done
soon '[.rows[] | select(.report) | .unit] == ["948","BTG","SNV"]' hub -d tinh board $ask --json

story "Cù Lao Dung's hub is cut off from the province over the end of the day."
stop tinh
hand_in vp945 $ask
expect_exit 0 hub -d culao report list
prints "received by 945 on 29/10/2023"
prints "registration: not checked"
later '2023-10-30 00:10:00' huyen culao
serve tinh
soon '[.rows[] | select(.report) | .unit] == ["945","948","BTG","SNV"]' hub -d tinh board $ask --json
expect_exit 0 hub -d tinh board $ask --at $day --json
prints_json '[.due, .expected, .actual, .rate]' '["2023-10-30T00:00:00+07:00",4,3,"75.00"]'
expect_exit 0 hub -d tinh board $ask --at 2023-10-30T12:00:00+07:00 --json
prints_json '[.rows[] | [.unit, .state, .by]]' \
    '[["945","late","94"],["948","on_time","94"],["BTG","on_time","94"],["SNV","on_time","94"]]'
prints_json '[.actual, .actual_on_time, .rate, .rate_on_time, .registration]' '[4,3,"100.00","75.00","not checked"]'
expect_exit 0 hub -d tinh board $ask --under 945 --at 2023-10-30T12:00:00+07:00 --json
prints_json '[.expected, .actual, .actual_on_time, .rate_on_time]' '[1,1,0,"0.00"]' # the rates of one branch
expect_exit 0 hub -d tinh board $ask
prints "registration: not checked"
prints "Due by the end of 29/10/2023"

story "Rankings, reports and the auditor all say that no registration was checked."
expect_exit 2 hub -d tinh rank $ask
says "khoi-huyen"
expect_exit 0 hub -d tinh rank $ask --group khoi-huyen --json
prints_json '[.registration, (.rows[] | [.rank, .unit, .share, .on_time])]' \
    '["not checked",[1,"945","100.00",false],[2,"948","66.67",true]]'
expect_exit 0 hub -d tinh rank $ask --group khoi-so
prints "registration: not checked"
expect_exit 0 hub -d tinh report show "$report"
prints "registration: not checked"
expect_exit 0 hub -d tinh report show "$report" --json
prints_json '[.registration, .version, .version_in_force]' '["not checked",1,1]'
expect_exit 0 node -d vp945 report show "$report" --json
prints_json '.registration' 'not checked'
expect_exit 0 node -d vp945 status
prints "registration: not checked"
for hub in tinh culao; do
    expect_exit 0 hub -d $hub check
    export_of $hub
    agrees $hub board $ask --at 2023-10-30T12:00:00+07:00
    agrees $hub rank $ask --group khoi-huyen
done
agrees tinh rank $ask --group khoi-so
the_end
