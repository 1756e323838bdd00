#!/bin/bash
# Plan 002: a commune's one-year plan inside the district's. The source is a poor scan and one line of it is
# not what the law says. Hamlets are followed, not ranked. The district issues its own plan beside it, which
# the province reads, and gives a commune more time.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"
. "$ROOT/tests/script/tree.sh"

cat >units.csv <<'CSV'
code,parent,level,kind,name
42,,province,state,Tỉnh Hà Tĩnh
439,42,district,state,Huyện Hương Sơn
18139,439,commune,state,Xã Sơn Hồng
18160,439,commune,state,Xã Sơn Lĩnh
DU,18139,body,party,Đảng ủy xã
HND,18139,body,organisation,Hội Nông dân xã
T1,18139,hamlet,state,Thôn 1
CSV
cat >district.yaml <<'YAML'
campaign:
  id: 88-KH-UBND
  title: {vi: Văn hóa công sở huyện Hương Sơn}
  issuer: UBND huyện Hương Sơn
  document: Kế hoạch 88/KH-UBND ngày 02/8/2019
  periods: [{id: "2021", begin: 01/01/2021, end: 31/12/2021}]
  reports:
    - kind: annual
      default: yes
      due: {date: 10/12/2021, inclusive: yes}
      expected: [{levels: [commune]}]
  criteria:
    - {id: K1, about: collective, label: {vi: Triển khai kế hoạch của huyện}}
YAML
cat >people.csv <<'CSV'
code,kind,class,name,unit,leader,uniformed
01,individual,can-bo,Bí thư,DU,yes,no
02,individual,cong-chuc,Văn phòng,DU,no,no
CSV
ask="--campaign son-hong-2021 --period 2021"
calendar '2021-12-09 09:00:00'
root_hub tinh 42 "Tỉnh Hà Tĩnh"
hub_under huyen 439 tinh
hub_under xa 18139 huyen

story "The district's plan reaches the commune; the commune's own then builds on it."
given hub -d huyen campaign issue district.yaml
soon '[.[].campaign] == ["88-KH-UBND"]' hub -d xa campaign list --json
expect_exit 0 hub -d xa campaign issue "$CAMPAIGNS/son-hong-2021.yaml"
says "parent campaign 20-2019-QD-UBND is only named"
says_not "parent campaign 88-KH-UBND is only named"
says "cấp huyện chỉ tặng Giấy khen"
given hub -d xa campaign issue "$CAMPAIGNS/son-hong-2021-met.yaml"
expect_exit 0 hub -d xa campaign show son-hong-2021
prints "source hard to read"
prints "≥ not set %"
prints "followed"
prints "beware: Kế hoạch ghi"
expect_exit 0 hub -d xa campaign show son-hong-2021 --json
prints_json '[.confidence, ([.criteria[] | select(.leaf)] | length)]' '["low",36]'

story "General criteria count for both kinds; a leader has one more, and hamlets are not asked."
join_office vp 18139 xa
join_office hnd HND xa
given node -d vp subject import people.csv
sheet vp "đạt" "$ask --unit DU" "01:G1=không đạt"
sheet hnd "đạt" "$ask" "*:G2=không đạt"
expect_exit 0 node -d vp score --unit DU $ask --json
prints_json '[.rows[] | [.subject, .score, .max]]' '[["DU","13.00","13.00"],["01","23.00","24.00"],["02","22.00","22.00"]]'
hand_in vp --unit DU $ask
hand_in hnd $ask
for hub in xa huyen tinh; do
    soon '[.rows[] | [.unit, .state]] == [["DU","on_time"],["HND","on_time"]]' hub -d $hub board $ask --json
    expect_exit 0 hub -d $hub rank $ask --subject-kind collective --json
    prints_json '[.rows[] | [.rank, .unit, .share]]' '[[1,"DU","100.00"],[2,"HND","92.31"]]'
done

story "The commune answers the district's plan too; the neighbour gets more time, from the district."
expect_exit 0 hub -d huyen extend --campaign 88-KH-UBND --period 2021 --unit 18160 --until 2021-12-14 --reason "lũ"
sheet vp "đạt" "--campaign 88-KH-UBND --period 2021"
hand_in vp --campaign 88-KH-UBND --period 2021
for hub in huyen tinh; do
    soon '[.rows[] | [.unit, .state]] == [["18139","on_time"],["18160","not_due"]]' \
        hub -d $hub board --campaign 88-KH-UBND --period 2021 --at 2021-12-12T08:00:00+07:00 --json
done

story "The commune amends its plan while a body's second revision is under way; both versions stand."
given node -d hnd record $ask --subject HND --criterion G2 --met
given node -d hnd submit $ask
first=$(printed)
sed 's/^  version: 1/  version: 2\n  amended_on: 09\/12\/2021\n  amended_why: Bỏ một tiêu chí/; /^    - id: C5$/,/^      line:/d' \
    "$CAMPAIGNS/son-hong-2021.yaml" >second.yaml
expect_exit 0 hub -d xa campaign issue second.yaml
given node -d hnd sync
given node -d vp sync
hand_in vp --unit DU $ask
for hub in xa tinh; do
    soon '[.state, .version, .version_in_force] == ["received",1,2]' hub -d $hub report show "$first" --json
    soon '[.rows[] | [.rank, .unit, .max, .version // null]] == [[1,"DU","12.00",null],[1,"HND","13.00",1]]' \
        hub -d $hub rank $ask --subject-kind collective --json
done
for hub in xa huyen tinh; do
    expect_exit 0 hub -d $hub check
    export_of $hub
    agrees $hub board $ask
    agrees $hub rank $ask --subject-kind individual
    agrees $hub rank $ask --subject-kind collective
done
agrees tinh board --campaign 88-KH-UBND --period 2021 --at 2021-12-12T08:00:00+07:00
the_end
