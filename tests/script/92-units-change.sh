#!/bin/bash
# A reorganisation in mid-year, over three levels: a commune comes to another district, two communes
# become one, one is dissolved. What was due before stays as it was, with whoever was asked then; what is due
# after goes by the new tree. No report is lost or turned down, receipts of all hubs reach the machine wherever
# its unit lies, and what every hub exports audits clean.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"
. "$ROOT/tests/script/tree.sh"

grep -E '^(code|94|94[58]|317(41|53|32)|316(33|18|27)),' "$SAMPLE/units-3-levels.csv" >units.csv
# plan ID ISSUER: a campaign of two half-years that asks communes, until ten days after each.
plan() {
    cat <<PLAN
campaign:
  id: $1
  title: {vi: "Thi đua $1"}
  issuer: "$2"
  periods:
    - {id: 2023-H1, begin: 01/01/2023, end: 30/06/2023}
    - {id: 2023-H2, begin: 01/07/2023, end: 31/12/2023}
  reports:
    - {kind: annual, default: yes, due: {days_after_period: 10, inclusive: yes}, expected: [{levels: [commune]}]}
  criteria: [{id: C1, about: collective, label: {vi: Một}}]
PLAN
}
calendar '2023-06-25 08:00:00'
root_hub tinh 94 "Tỉnh Sóc Trăng"
plan tinh 94 >tinh.yaml
plan huyen 948 >huyen.yaml
given hub -d tinh campaign issue tinh.yaml
hub_under nganam 948 tinh
hub_under cld 945 tinh
soon 'any(.[]; .code == "31741")' hub -d nganam unit list --json
given hub -d nganam campaign issue huyen.yaml
for code in 31741 31753 31732; do join_office n$code $code nganam; done
join_office n31633 31633 cld

# states HUB PERIOD CAMPAIGN: [[unit, state, by], …] of what that board asks.
_board() { hub -d "$1" board --campaign "$2" --period "$3" --at 2024-02-01T00:00:00+07:00 --json; }
# board_is HUB CAMPAIGN PERIOD ROWS: within a while, its board has just these [unit, state].
board_is() {
    if eventually 30 _has_rows "$@"; then ok "$1, $2, $3: $4"; else
        not_ok "$1, $2, $3: $4" "$(_board "$1" "$2" "$3")"
    fi
}
_has_rows() { _board "$1" "$2" "$3" | jq -c '[.rows[] | [.unit, .state]]' | grep -qFx "$4"; }
# all_audit_clean: what each hub exports holds; the auditor has the same boards and ranks.
all_audit_clean() {
    local hub period
    for hub in tinh nganam cld; do
        expect_exit 0 hub -d $hub check
        export_of $hub
        expect_exit 0 audit verify $hub.tdb --root "$fingerprint" --json
        prints_json '.problems' '[]'
        for period in 2023-H1 2023-H2; do
            agrees $hub board --campaign tinh --period $period --at 2024-02-01T00:00:00+07:00
            agrees $hub rank --campaign tinh --period $period --group khoi-xa
        done
        agrees $hub board --campaign tinh --period 2023-H2 --at 2024-02-01T00:00:00+07:00 --under 94
    done
}

story "The first half-year: all but one report to their districts."
for code in 31741 31753 31633; do
    status_soon n$code '[.due[].campaign] | index("tinh")'
    hand_in n$code --campaign tinh --period 2023-H1 --nil
    status_soon n$code '[.reports[].receipts[].state] == ["valid", "valid"]'
done
hand_in n31741 --campaign huyen --period 2023-H1 --nil
status_soon n31741 '[.reports[] | .receipts | length] == [2, 2]'
board_is tinh tinh 2023-H1 \
    '[["31618","unknown"],["31627","unknown"],["31633","on_time"],["31732","unknown"],["31741","on_time"],["31753","on_time"]]'

# what_is HUB: its tree on three days, and what it holds.
what_is() {
    local day
    for day in 2023-06-25 2023-07-31 2023-08-01; do hub -d "$1" unit list --at $day --json; done
    hub -d "$1" report list --json
}
story "Bad events are told with their place, in a dry run too, and nothing is stated."
unchanged what_is tinh
bad() { # LINE VIETNAMESE ENGLISH [HUB]
    printf 'date,op,from,to,extent,basis\n%s\n' "$1" >bad.csv
    refused_file "$2" "$3" hub -d "${4:-tinh}" unit apply bad.csv
}
bad '2023-08-01,exchange,31741,945,,' 'cột 2 .*“exchange”' 'line 2, column 2 .*is no event'
bad '2023-08-01,move,31799,945,,' 'cột 3 .*31799' 'line 2, column 3 .*there is no unit 31799 on 01/08/2023'
bad '31/06/2023,move,31741,945,,' 'cột 1 .*31/06/2023' 'line 2, column 1 .*is no date'
bad '2023-08-01,move,948,31741,,' 'cột 3 .*948' 'line 2, column 3 .*would lie below itself'
bad '2023-08-01,dissolve,948,,,' 'cột 3 .*948' 'would be left below 948'
printf 'date,op,from,to,parent,level,name\n2023-08-01,create,,31999,948,ward,Phường\n' >bad.csv
refused_file 'cột 6 .*ward' 'line 2, column 6 .*no unit has the level “ward”' hub -d tinh unit apply bad.csv
unchanged what_is nganam
bad '2023-08-01,move,31633,948,,' '31633' 'unit 31633 does not lie below 948' nganam
bad '2023-08-01,move,31741,945,,' '945' 'unit 945 does not lie below 948' nganam
bad '2023-08-01,dissolve,948,,,' '948' '948 is the unit of this hub' nganam

story "The decision comes in July and holds from the first of August."
later '2023-07-20 08:00:00' tinh nganam cld
# what is right to send today does not become wrong by what people learn tomorrow
hand_in n31741 --campaign huyen --period 2023-H2 --nil
status_soon n31741 '[.reports[].receipts[].state] == ["valid", "valid", "valid", "valid", "valid", "valid"]'
cat >events.csv <<'CSV'
Ngày,Việc,Đơn vị cũ,Đơn vị mới,Phạm vi,Căn cứ
01/08/2023,chuyển,31741,945,,12/NQ-HĐND
01/08/2023,sáp nhập,31753,31732,toàn bộ,12/NQ-HĐND
01/08/2023,đổi tên,31732,Phường Một Mới,,12/NQ-HĐND
01/08/2023,giải thể,31627,,,12/NQ-HĐND
CSV
unchanged what_is tinh
expect_exit 0 hub -d tinh unit apply events.csv --dry-run
prints "2023-08-01 - 31753 Xã Mỹ Quới"
prints "2023-08-01 ~ 31732 Phường Một Mới (31732 Phường 1)"
still "a dry run states nothing"
expect_exit 0 hub -d tinh unit apply events.csv
says "4 events stated, 0 were here so already"
unchanged what_is tinh
expect_exit 0 hub -d tinh unit apply events.csv
says "nothing to change"
still "once more it states nothing"
# tree_is HUB DAY CODES: the communes that HUB has on DAY.
tree_is() { soon "[.[] | select(.level == \"commune\") | .code] == $3" hub -d "$1" unit list --at "$2" --json; }
tree_is tinh 2023-07-31 '["31618","31627","31633","31732","31741","31753"]'
tree_is tinh 2023-08-01 '["31618","31633","31741","31732"]'
tree_is nganam 2023-07-31 '["31732","31741","31753"]'
tree_is nganam 2023-08-01 '["31732"]'
tree_is cld 2023-07-31 '["31618","31627","31633"]'
tree_is cld 2023-08-01 '["31618","31633","31741"]'

story "It is August. The commune's machine still speaks with its old district, and nothing of it is lost."
later '2024-01-05 08:00:00' tinh nganam cld
for code in 31741 31732 31633; do
    hand_in n$code --campaign tinh --period 2023-H2 --nil
    status_soon n$code '[.reports[] | select(.campaign == "tinh" and .period == "2023-H2") | .receipts[] | [.unit, .state]] | length == 2 and all(.[]; .[1] == "valid")'
done
status_soon n31741 '[.due[].campaign] == []'
expect_exit 0 hub -d tinh enrol 31741 --dry-run
expect_exit 1 hub -d nganam enrol 31741
says "is not below this hub"
says "whose hub, or one above that, gives its ticket"

story "What was due before stays; what is due after goes by the new tree."
h1_tinh='[["31618","missing"],["31627","missing"],["31633","on_time"],["31732","missing"],["31741","on_time"],["31753","on_time"]]'
h2_tinh='[["31618","missing"],["31633","on_time"],["31732","on_time"],["31741","on_time"]]'
later '2024-01-15 08:00:00' tinh nganam cld
board_is tinh tinh 2023-H1 "$h1_tinh"
board_is tinh tinh 2023-H2 "$h2_tinh"
board_is nganam tinh 2023-H1 '[["31732","missing"],["31741","on_time"],["31753","on_time"]]'
board_is nganam tinh 2023-H2 '[["31732","on_time"]]'
board_is nganam huyen 2023-H1 '[["31732","missing"],["31741","on_time"],["31753","missing"]]'
board_is nganam huyen 2023-H2 '[["31732","missing"]]'
board_is cld tinh 2023-H1 '[["31618","missing"],["31627","missing"],["31633","on_time"]]'
# the new district cannot know what came by the old one
board_is cld tinh 2023-H2 '[["31618","missing"],["31633","on_time"],["31741","unknown"]]'
expect_exit 0 hub -d tinh rank --campaign tinh --period 2023-H2 --under 945 --units-as-of 2023-07-31 --group khoi-xa --json
prints_json '[.units_as_of]' '["2023-07-31"]'
all_audit_clean

story "The new district enrols a machine for the commune; the old one's is revoked, and its reports stand."
join_office m31741 31741 cld
expect_exit 0 hub -d nganam revoke 31741 --reason "về huyện Cù Lao Dung"
status_soon m31741 '.hub == "945"'
hand_in m31741 --campaign tinh --period 2023-H2 --nil
status_soon m31741 '[.reports[].receipts[] | [.unit, .state]] | length == 2 and all(.[]; .[1] == "valid")'
board_is cld tinh 2023-H2 '[["31618","missing"],["31633","on_time"],["31741","late"]]'
board_is tinh tinh 2023-H1 "$h1_tinh"
board_is tinh tinh 2023-H2 "$h2_tinh"
all_audit_clean

story "A district states what happens below it; a unit that it loses later is no longer its own."
printf 'date,op,from,to\n2024-02-01,rename,31732,Phường 1\n' >rename.csv
expect_exit 0 hub -d nganam unit apply rename.csv
soon 'any(.[]; .name == "Phường 1")' hub -d tinh unit list --at 2024-02-01 --json
printf 'date,op,from,to\n2024-02-01,rename,31741,Xã của ta\n' >rename.csv
expect_exit 1 hub -d nganam unit apply rename.csv
says "does not lie below 948"

story "What a district made, the province moves: the past of it stays with the district."
cat >hamlets.csv <<'CSV'
code,parent,level,name
AP,31732,hamlet,Ấp Một
AP1,AP,hamlet,Tổ Một
CSV
printf 'date,op,from,to\n2024-03-01,move,AP,31633\n' >ap.csv
expect_exit 0 hub -d nganam unit import hamlets.csv
soon 'any(.[]; .code == "AP1")' hub -d tinh unit list --json
expect_exit 0 hub -d tinh unit apply ap.csv
soon '[.[] | select(.level == "hamlet") | [.code, .parent]] == [["AP","31633"],["AP1","AP"]]' hub -d cld unit list --at 2024-03-01 --json
soon '[.[] | select(.level == "hamlet")] == []' hub -d nganam unit list --at 2024-03-01 --json
for hub in tinh nganam; do
    run hub -d $hub unit list --at 2024-02-29 --json
    prints_json '[.[] | select(.level == "hamlet") | [.code, .parent]]' '[["AP","31732"],["AP1","AP"]]'
done
printf 'date,op,from,to\n2024-03-01,rename,AP1,Tổ Một mới\n' >ap.csv
expect_exit 1 hub -d nganam unit apply ap.csv
expect_exit 0 hub -d cld unit apply ap.csv
soon 'any(.[]; .name == "Tổ Một mới")' hub -d tinh unit list --at 2024-03-01 --json
printf 'code,parent,level,name\nAP1,AP,hamlet,Tổ Một A\n' >hamlets.csv
expect_exit 0 hub -d cld unit import hamlets.csv
soon 'any(.[]; .name == "Tổ Một A")' hub -d tinh unit list --at 2024-03-01 --json
run hub -d tinh unit list --at 2024-02-29 --json
prints_json '[.[] | select(.code == "AP1") | .name]' '["Tổ Một"]'
all_audit_clean
the_end
