# shellcheck shell=bash
# year.sh: the acts of ops/demo up to the eve of the deadline: May, October, early December.

# --- May: the province asks, hubs and offices join -----------------------------------------------

found_the_province() {
    day '2023-05-15 08:00:00'
    chapter "Tháng 5: tỉnh lập máy chủ gốc, phát động hai phong trào" \
        "May: the province founds the root hub and issues two campaigns"
    port=$(free_port)
    mkdir "$T/keys"
    cd "$T/keys" || exit 1
    does 94 init --unit 94 --name "Tỉnh Sóc Trăng" --listen "tcp://127.0.0.1:$port"
    cd "$T" || exit 1
    root=$(grep -xE '[0-9a-f]{64}' <<<"$said")
    say "Tỉnh Sóc Trăng lập máy chủ gốc. Ai muốn kiểm chứng thì cần vân tay này:" \
        "The province of Sóc Trăng founds its hub. Whoever verifies needs this fingerprint:"
    aside "$root"
    holds "root.key và recovery.key nằm ngoài máy chủ, để đem cất hai nơi" \
        "root.key and recovery.key lie outside the hub, to be kept in two places" \
        test -s keys/root.key -a -s keys/recovery.key
    shows 94 unit import "$sample/units-3-levels.csv"
    local name
    for name in tan-thanh-2023 soctrang-2023 soctrang-2023-points soctrang-2023-met \
        soctrang-mo-hinh soctrang-mo-hinh-met; do
        shows 94 campaign issue "$ROOT/ops/campaigns/$name.yaml"
    done
    hub_opens 94
}

# ticket HUB OPTIONS...: sets $ticket.
ticket() {
    does "$1" enrol "${@:2}"
    ticket=$(grep -E '^td1-' <<<"$said")
}
districts_join() {
    chapter "Ba huyện, thị xã lập máy chủ dưới tỉnh" "Three districts found hubs under the province"
    local code at
    lay_line uplink "$port"
    for code in $districts; do
        at=$port
        [ "$code" != 945 ] || at=${line_port[uplink]}
        ticket 94 "$code" --role hub --address "tcp://127.0.0.1:$at"
        district_port[$code]=$(free_port)
        does "$code" init --parent "$ticket" --listen "tcp://127.0.0.1:${district_port[$code]}"
        hub_opens "$code"
        say "$code: máy chủ huyện, vào bằng vé dùng một lần ${ticket:0:14}…" \
            "$code: a hub, joined with its one-time ticket ${ticket:0:14}…"
    done
    lay_line nganam "${district_port[948]}"
    lay_line myxuyen "${district_port[947]}"
    holds "phong trào của tỉnh xuống đến cả ba" "the campaigns of the province reach all three" \
        within 30 each "$districts" has_campaigns
}
declare -A district_port=()

joins() { # OFFICE
    local hub at way
    hub_of "$1"
    at=${district_port[$hub]-$port} way=$(line_of "$1")
    [ -z "$way" ] || at=${line_port[$way]}
    ticket "$hub" "$(unit_of "$1")" --address "tcp://127.0.0.1:$at"
    does "$1" join "$ticket"
}
offices_join() {
    local office code
    for office in $offices; do joins "$office"; done
    for code in $hubs; do
        words=''
        for office in $offices; do
            hub_of "$office"
            [ "$hub" != "$code" ] || words="$words $office"
        done
        say "vào máy chủ $code:$words" "joined under $code:$words"
    done
    holds "cả 15 máy của xã, sở, huyện đều giữ hai phong trào" \
        "all 15 machines of communes, departments and districts hold both campaigns" \
        each "$offices" has_campaigns
    # What an exchange without news weighs on a line: cuts come when more than that has gone up.
    line nganam clean
    does 31753 sync
    line_closed nganam
    idle=$went_up
}

# --- October: what counts is when the province has it --------------------------------------------

reports_models() { # OFFICE
    local unit
    unit=$(unit_of "$1")
    does "$1" subject import "$sample/subjects-$unit.csv"
    does "$1" import --campaign $models --period 2023 "$sample/values-$unit-mo-hinh.csv"
    does "$1" submit --campaign $models --period 2023
}
october() {
    a_new_day '2023-10-29 22:00:00'
    chapter "29/10, 22 giờ: kết quả mô hình, hạn “trước ngày 30 tháng 10”, tính khi tỉnh nhận" \
        "29 October, 22:00: results due “before 30 October”, judged by when the province has them"
    line uplink down
    line uplink cut
    say "945 (Cù Lao Dung) mất đường lên tỉnh" "945 (Cù Lao Dung) has lost its line to the province"
    local office
    for office in 945-vp 947-vp 948-vp SNV STC; do reports_models "$office"; done
    for office in 947-vp 948-vp; do
        hub_of "$office"
        holds "$office: biên nhận của huyện và của tỉnh, đều trong ngày 29/10" \
            "$office: receipts of district and province, both of the 29th" \
            within 60 gets "$office" $models 1 94 2023-10-29
    done
    calls SNV
    calls STC
    calls 945-vp
    holds "945-vp có biên nhận của huyện ngày 29/10, chưa có của tỉnh" \
        "945-vp has its district's receipt of the 29th, none of the province" \
        received 945-vp $models 1 945 2023-10-29
}
october_is_over() {
    a_new_day '2023-10-30 00:00:05'
    chapter "30/10, 0 giờ: hết hạn" "30 October, 00:00: the due instant has passed"
    holds "ở tỉnh: 945 là “chưa rõ”, không phải “chưa nộp”; Sở Y tế thì chưa nộp" \
        "at the province: 945 is unknown, not missing; Sở Y tế is missing" within 60 board_says 94 \
        $models "945:unknown 947:on_time 948:on_time SNV:on_time STC:on_time SYT:missing"
    line uplink back
    say "đường của 945 thông lại" "the line of 945 is back"
    models_board="945:late 947:on_time 948:on_time SNV:on_time STC:on_time SYT:missing"
    holds "tỉnh nhận báo cáo của 945 ngày 30/10: nộp muộn, dù huyện nhận từ 29/10" \
        "the province has 945's report on the 30th: late, though its district had it on the 29th" \
        within 60 board_says 94 $models "$models_board"
    holds "máy của 945 giữ cả hai biên nhận" "945's machine holds both receipts" \
        within 60 gets 945-vp $models 1 94 2023-10-30T00:0
    shows_board 94 $models
}

# --- December: no hub, everyone records ----------------------------------------------------------

records() { # OFFICE [UNIT-WITHOUT-MACHINE]
    local unit=${2-$1} for_it=()
    [ $# -eq 1 ] || for_it=(--unit "$2")
    does "$1" subject import "$sample/subjects-$unit.csv"
    does "$1" import --campaign $campaign "${for_it[@]}" "$sample/values-$unit.csv"
    say "$unit: $said" "$unit: $said"
    does "$1" submit --campaign $campaign "${for_it[@]}"
}
recording="31618 31627 31633 31684 31714 31741 31753 SNV STC SYT"
offices_record() {
    # shellcheck disable=SC2086 # words are meant
    hub_closes $hubs
    day '2023-12-11 08:00:00'
    chapter "11/12: không máy chủ nào chạy, các đơn vị vẫn làm việc" \
        "11 December: no hub runs, the offices work on"
    fails_to_call 31741
    say "31690 (Đại Tâm) thì trụ sở đang ngập, 31720 (Gia Hòa 1) thì vừa cháy" \
        "31690 (Đại Tâm) is under water, 31720 (Gia Hòa 1) has just burnt down"
    local office
    for office in $recording; do records "$office"; done
    records 948-vp 31732
    say "Phường 1 không có máy: văn phòng thị xã Ngã Năm nhập và ký thay" \
        "Phường 1 has no machine: the office of Ngã Năm records and seals for it"
    shows 31741 status
    holds "11 báo cáo đã ký và xếp hàng; không máy nào nói là đã gửi" \
        "11 reports are signed and queued; no machine says that anything was sent" \
        each "$recording 948-vp" is_queued $campaign
}
is_asked() { # OFFICE FILTER: what it still owes for the campaign
    in_office "$1" sync
    asks "$1" "[.due[] | select(.campaign == \"$campaign\")] | $2" status
}
province_acts() {
    a_new_day '2023-12-13 08:00:00'
    chapter "13/12: một gia hạn, một miễn báo cáo: có chữ ký, có lý do" \
        "13 December: an extension and an exemption, signed and with a reason"
    shows 94 extend --campaign $campaign --period 2023 --unit 31690 \
        --until 2023-12-20T17:00:00+07:00 --reason "Triều cường ngập trụ sở"
    shows 94 campaign assign $campaign --unit 31720 --exempt --reason "Cháy trụ sở, hồ sơ không còn"
    holds "31690 biết mình có đến 17 giờ ngày 20/12" "31690 learns that it has until 20/12 17:00" \
        within 30 is_asked 31690 'any(.due == "2023-12-20T17:00:00+07:00" and .extended)'
    holds "31720 biết mình được miễn" "31720 learns that it is exempt" \
        within 30 is_asked 31720 'length == 0'
    holds "báo cáo của Phường 1 có biên nhận của thị xã và của tỉnh" \
        "the report of Phường 1 has receipts of its district and the province" \
        within 60 gets 948-vp $campaign 1 94 2023-12-13
    holds "ở tỉnh: Phường 1 đúng hạn, 31720 được miễn, còn lại chưa đến hạn" \
        "at the province: Phường 1 on time, 31720 exempt, the others not due yet" \
        board_says 94 $campaign "31618:not_due 31627:not_due 31633:not_due 31684:not_due \
31690:not_due 31714:not_due 31720:exempt 31732:on_time 31741:not_due 31753:not_due \
SNV:not_due STC:not_due SYT:not_due"
}
