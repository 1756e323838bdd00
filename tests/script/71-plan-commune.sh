#!/bin/bash
# Plan 000: a commune issues its own plan to its bodies and hamlets. Province, town, commune and body are
# four levels. One PC of the commune's office reports for every body without a machine; one body has its own.
# Nominations are in time through the whole of 15/12/2023. Two collectives and four individuals are the most.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"
. "$ROOT/tests/script/tree.sh"

cat >units.csv <<'CSV'
code,parent,level,kind,name
89,,province,state,Tỉnh An Giang
887,89,district,state,Thị xã Tân Châu
30394,887,commune,state,Xã Tân Thạnh
DU,30394,body,party,Đảng ủy
MT,30394,body,front,Ủy ban MTTQ Việt Nam xã
CA,30394,body,police,Công an xã
QS,30394,body,military,Ban Chỉ huy Quân sự xã
AP1,30394,hamlet,state,Ban nhân dân ấp Giồng Trà Dên
AP2,30394,hamlet,state,Ban nhân dân ấp Núi Nổi
CSV
cat >people.csv <<'CSV'
code,kind,class,name,unit,leader,uniformed
01,individual,can-bo,Nguyễn Văn An,DU,yes,no
02,individual,cong-chuc,Trần Thị Bình,DU,no,no
01,individual,can-bo,Lê Văn Cường,MT,yes,no
01,individual,cong-chuc,Phạm Văn Dũng,CA,yes,yes
01,individual,truong-ap,Huỳnh Văn Em,AP1,yes,no
02,individual,pho-ap,Võ Thị Giang,AP1,no,no
CSV
calendar '2023-12-15 22:00:00'
root_hub tinh 89 "Tỉnh An Giang"
hub_under thixa 887 tinh
hub_under xa 30394 thixa

story "The commune issues; nobody above has to do anything for it."
expect_exit 0 hub -d xa campaign issue "$CAMPAIGNS/tan-thanh-2023.yaml" --dry-run
says "parent campaign 855-KH-UBND is only named"
given hub -d xa campaign issue "$CAMPAIGNS/tan-thanh-2023.yaml"
join_office vp 30394 xa
join_office qs QS xa
status_soon qs '[.due[].campaign] | index("tan-thanh-2023")'
expect_exit 0 node -d qs campaign show tan-thanh-2023
prints "C2.3"
prints "≥ not set %"
prints "“xã Tân Châu” means the town of Tân Châu"
prints "don-vi>noi-vu-xa>thuong-truc-hoi-dong"
prints "giay-khen-ca-nhan"
for hub in xa thixa tinh; do
    soon '[.[].campaign] | index("tan-thanh-2023")' hub -d $hub campaign list --json
done

story "One PC records, scores and submits for each body that has no machine, and for no other."
ask="--campaign tan-thanh-2023 --period 2023"
given node -d vp subject import people.csv
given node -d vp sync
expect_exit 1 node -d vp submit --unit QS --nil $ask
says "has a machine of its own"
expect_exit 1 node -d vp submit --unit 887 --nil $ask
for unit in DU MT CA AP1; do
    sheet vp "đạt" "$ask --unit $unit" "*:I1.4=không đạt"
done
expect_exit 0 node -d vp record --unit AP1 $ask --subject 02 --criterion I5.6 --not-met
expect_exit 0 node -d vp record --unit MT $ask --subject MT --criterion C3 --not-met
expect_exit 0 node -d vp score --unit AP1 $ask --json
prints_json '[.unit, .complete, (.rows[] | [.subject, .score, .max])]' \
    '["AP1",true,["AP1","12.00","12.00"],["01","23.00","24.00"],["02","20.00","22.00"]]'
expect_exit 0 node -d vp score --unit CA $ask --json
prints_json '.rows[1] | [.subject, .max]' '["01","25.00"]' # leader and uniformed: all 25 apply
for unit in DU MT CA AP1; do
    hand_in vp --unit $unit $ask --kind nomination
done
sheet qs "đạt" "$ask"
hand_in qs $ask --kind nomination
expect_exit 1 node -d vp submit --unit DU $ask --kind nomination
status_soon vp '[.reports[] | [.unit, .state, ([.receipts[].unit] | sort)]] == [
    ["DU","received",["30394","887","89"]], ["MT","received",["30394","887","89"]],
    ["CA","received",["30394","887","89"]], ["AP1","received",["30394","887","89"]]]'

story "A minute before midnight of the 15th all is in time; what comes on the 16th is late."
ask="$ask --kind nomination"
later '2023-12-16 00:00:05' tinh thixa xa
hand_in vp --unit AP2 --nil $ask
for hub in xa thixa tinh; do
    soon '[.rows[] | [.unit, .state]] == [["AP1","on_time"],["AP2","late"],["CA","on_time"],["DU","on_time"],
        ["MT","on_time"],["QS","on_time"]]' hub -d $hub board $ask --at 2023-12-17T00:00:00+07:00 --json
    run hub -d $hub board $ask --at 2023-12-17T00:00:00+07:00 --json
    prints_json '[.due, .expected, .actual, .actual_on_time, .rate_on_time]' '["2023-12-16T00:00:00+07:00",6,6,5,"83.33"]'
    expect_exit 0 hub -d $hub rank $ask --subject-kind collective --json
    prints_json '[.rows[] | [.rank, .unit]]' '[[1,"AP1"],[1,"CA"],[1,"DU"],[1,"QS"],[5,"MT"]]'
    prints_json '[.quotas[] | [.quota, .award, .mode, .places, .inside, .left, .edge, ([.ties[].unit] | join(" "))]]' \
        '[["giay-khen-tap-the","giay-khen","block",2,0,2,1,"AP1 CA DU QS"]]'
    printed >rank-$hub.json
done
same_bytes rank-xa.json rank-tinh.json
expect_exit 0 hub -d xa rank $ask --subject-kind collective
prints "Quota giay-khen-tap-the, giay-khen, block: places: 2; edge at rank 1, where 4 tie for the last 2: the council votes"
prints "AP1/AP1, CA/CA, DU/DU, QS/QS"
expect_exit 0 hub -d xa rank $ask --subject-kind individual --json
prints_json '[.rows[] | [.rank, .unit, .subject, .share]]' \
    '[[1,"CA","01","96.00"],[2,"AP1","01","95.83"],[2,"DU","01","95.83"],[2,"MT","01","95.83"],[5,"DU","02","95.45"],[6,"AP1","02","90.91"]]'
prints_json '.quotas[0] | [.places, .inside, .edge, .ties, .why]' '[4,4,2,[],null]'
expect_exit 0 hub -d xa rank $ask --subject-kind individual --under DU --json
prints_json '.quotas[0] | [.places, .inside, .edge, .ties, .why]' '[4,null,null,[],"part_only"]'
expect_exit 0 hub -d tinh board $ask --under 887 --at 2023-12-17T00:00:00+07:00 --json
prints_json '[.expected, (.rows | length)]' '[6,6]'

story "The auditor, from the exports of the commune and of the province, says the same."
for hub in xa tinh; do
    expect_exit 0 hub -d $hub check
    export_of $hub
    agrees $hub board $ask --at 2023-12-17T00:00:00+07:00
    agrees $hub rank $ask --subject-kind collective
    agrees $hub rank $ask --subject-kind individual
    agrees $hub rank $ask --subject-kind individual --under DU
done
the_end
