# shellcheck shell=bash
# deadline.sh: the acts of ops/demo around the deadline, from the evening of 15/12/2023 on.

# --- 22:00: an amended report, and a district's hub that dies --------------------------------------

office_amends() {
    a_new_day '2023-12-15 22:00:00'
    chapter "15/12, 22 giờ: một bản điều chỉnh, và máy chủ huyện chết giữa chừng" \
        "15 December, 22:00: an amended report, and a district's hub that dies at work"
    calls SNV
    holds "Sở Nội vụ có biên nhận cho bản 1" "Sở Nội vụ has a receipt for revision 1" \
        received SNV $campaign 1 94 2023-12-15T22:0
    say "Sở Nội vụ thấy sai sáu chỗ, sửa và nộp lại:" "Sở Nội vụ finds six mistakes and amends:"
    shows SNV import --campaign $campaign "$sample/values-SNV-2.csv"
    shows SNV submit --campaign $campaign
    calls SNV
    holds "Sở Nội vụ có biên nhận cho bản 2" "Sở Nội vụ has a receipt for revision 2" \
        received SNV $campaign 2 94 2023-12-15T22:0
}

# hub_writes_after HUB FILE: returns within microseconds of the first write to its store since then.
hub_writes_after() {
    local deadline=$((EPOCHSECONDS + 20))
    until [ "$T/$1/data.mdb" -nt "$2" ] || [ $EPOCHSECONDS -gt $deadline ]; do :; done
}
hub_dies() {
    receipts_at 947 >"$T/947-before"
    receipts_at 94 >"$T/94-before"
    line myxuyen clean
    line myxuyen drop-down-after-up $((idle + 64))
    : >"$T/mark"
    say "31714 và 31684 cùng gửi lên máy chủ 947 (Mỹ Xuyên) …" \
        "31714 and 31684 both send to the hub of 947 (Mỹ Xuyên) …"
    stays_in_touch 31714
    stays_in_touch 31684
    line_says myxuyen '^trigger ' 20 # what they say is at the door, and no answer comes back
    hub_writes_after 947 "$T/mark"
    is_killed hub-947
    say "… máy chủ ấy bị giết (SIGKILL) ngay lúc đang ghi vào kho" \
        "… that hub is killed (SIGKILL) while it writes them to its store"
    line myxuyen cut
    line myxuyen clean
    does 947 check
    say "Kho của máy chủ đã chết: $said" "The dead hub's store: $said"
    holds "hai máy chưa có biên nhận nên vẫn coi là chưa gửi" \
        "the two machines have no receipt, so to them nothing was sent" \
        each "31714 31684" is_queued $campaign
}
hub_is_back() {
    hub_opens 947
    say "Máy chủ 947 chạy lại; hai máy tự gọi, tự gửi lại" \
        "The hub of 947 is back; the two machines call and send again by themselves"
    local office
    for office in 31714 31684; do
        holds "$office có biên nhận của huyện, trước hạn" \
            "$office has its district's receipt, before the deadline" \
            within 90 received $office $campaign 1 947 2023-12-15T22:
        holds "… và của tỉnh" "… and the province's" \
            within 90 received $office $campaign 1 94 2023-12-15T22:
        ends $office
    done
    receipts_at 947 >"$T/947-after"
    receipts_at 94 >"$T/94-after"
    holds "không biên nhận nào mất, không biên nhận nào đổi, ở huyện và ở tỉnh" \
        "no receipt was lost, none has changed, in the district and at the province" \
        each "947 94" nothing_lost
}

# --- 23:58 -----------------------------------------------------------------------------------------

before_midnight() {
    line uplink down
    line uplink cut
    a_new_day '2023-12-15 23:58:00'
    chapter "15/12, 23:58: sát giờ chót, và cả huyện Cù Lao Dung mất đường lên tỉnh" \
        "15 December, 23:58: the last minutes, and all of Cù Lao Dung cut off from the province"
    calls 31741
    holds "31741 có biên nhận ngày 15/12" "31741 has a receipt of the 15th" \
        received 31741 $campaign 1 948 2023-12-15T23:5
    line nganam clean
    line nganam drop-down-after-up $((idle + 64))
    fails_to_call 31753
    line_closed nganam
    sent_first=$went_up
    line nganam clean
    holds "31753 đứt mạng sau khi gửi, không có biên nhận: vẫn là chưa gửi (mã 75)" \
        "31753 was cut off after sending; no receipt, so nothing was sent (exit 75)" \
        is_queued $campaign 31753
    holds "nhưng máy chủ 948 đã giữ báo cáo ấy từ trước nửa đêm" \
        "but the hub of 948 has held that report since before midnight" \
        hub_holds 948 31753 $campaign 948 2023-12-15T23:5
    calls 31633
    holds "31633 (Cù Lao Dung) có biên nhận của huyện, ngày 15/12; tỉnh chưa biết gì" \
        "31633 (Cù Lao Dung) has its district's receipt of the 15th; the province knows nothing" \
        received 31633 $campaign 1 945 2023-12-15T23:5
    holds "các báo cáo khác của 948 đã ở tỉnh" "the other reports of 948 are at the province" \
        within 60 each "31741 31753" received_at_top 94
}

# --- 00:00 -----------------------------------------------------------------------------------------

after_midnight() {
    a_new_day '2023-12-16 00:00:05'
    chapter "16/12, 0 giờ: hết hạn" "16 December, 00:00: the deadline has passed"
    holds "biên nhận của tỉnh đã về máy chủ 948" "the province's receipts are at the hub of 948" \
        within 60 each "31741 31753" received_at_top 948
    receipts_at 948 >"$T/948-before"
    does 31753 sync
    line_closed nganam
    receipts_at 948 >"$T/948-after"
    say "31753 có mạng lại: gửi lại trên một kết nối mới" \
        "31753 is back: it sends again, on a new connection"
    holds "cùng những byte ấy: $sent_first byte lần trước, $went_up lần này" \
        "the same bytes: $sent_first went up before, $went_up now" [ "$went_up" -ge "$sent_first" ]
    holds "máy chủ nhận ra là trùng, không ghi gì thêm" "the hub knows them and writes nothing" \
        cmp "$T/948-before" "$T/948-after"
    holds "biên nhận là của lần đầu, ngày 15/12: đúng hạn" \
        "the receipt is that of the first time, of the 15th: on time" \
        received 31753 $campaign 1 948 2023-12-15T23:5
    calls SYT
    calls 31618
    say "31627 và Sở Tài chính đã ký báo cáo nhưng không bao giờ gửi" \
        "31627 and Sở Tài chính have sealed their reports but never send them"
    holds "ở huyện Cù Lao Dung mọi việc đều rõ: đúng hạn, nộp muộn, chưa nộp" \
        "in Cù Lao Dung all is plain: on time, late, missing" \
        board_says 945 $campaign "31618:late 31627:missing 31633:on_time"
}
the_dark_board() {
    chapter "Bảng của tỉnh khi một huyện không liên lạc được" \
        "The province's board while a district is out of reach"
    local others="31684:on_time 31690:not_due 31714:on_time 31720:exempt 31732:on_time \
31741:on_time 31753:on_time SNV:on_time STC:missing SYT:late"
    holds "ba xã ấy là “chưa rõ”, không xã nào bị coi là chưa nộp" \
        "those three communes are unknown, and none of them is missing" within 60 board_says 94 \
        $campaign "31618:unknown 31627:unknown 31633:unknown $others"
    shows_board 94 $campaign
    holds "người kiểm chứng cũng thấy đúng bảng ấy, từng byte" \
        "the auditor sees that very board, byte for byte" \
        verified 94 $campaign "$T/dark" "${ranking[@]}"
    dark_at=$(jq -r .at "$T/dark/board.json")
}

# --- the district is back; the extension is used ---------------------------------------------------

light_again() {
    a_new_day '2023-12-18 08:00:00'
    chapter "Thứ hai 18/12: Cù Lao Dung có mạng lại" "Monday 18 December: Cù Lao Dung is back"
    holds "sau ba ngày ba xã vẫn là “chưa rõ”" "after three days the three are unknown still" \
        board_says 94 $campaign "31618:unknown 31627:unknown 31633:unknown" --under 945
    line uplink back
    say "Đường thông. Không ai phải làm gì:" "The line is back. Nobody has to do anything:"
    holds "ở tỉnh: 31618 nộp muộn, 31627 chưa nộp, 31633 đúng hạn (huyện nhận 15/12)" \
        "at the province: 31618 late, 31627 missing, 31633 on time (its district's receipt)" \
        within 90 board_says 94 $campaign "31618:late 31627:missing 31633:on_time" --under 945
    holds "hỏi lại bảng của lúc 0 giờ hôm ấy: cũng đúng như vậy" \
        "the board as of that midnight, asked again, is right as well" \
        board_says 94 $campaign "31618:late 31627:missing 31633:on_time" --under 945 --at "$dark_at"
}
the_extension() {
    a_new_day '2023-12-19 09:00:00'
    chapter "19/12: trong hạn đã gia" "19 December: within the extension"
    records 31690
    holds "31690 nộp: có biên nhận của huyện và của tỉnh" \
        "31690 reports: receipts of its district and the province" \
        within 60 gets 31690 $campaign 1 94 2023-12-19
    final_board="31618:late 31627:missing 31633:on_time 31684:on_time 31690:excused \
31714:on_time 31720:exempt 31732:on_time 31741:on_time 31753:on_time SNV:on_time STC:missing SYT:late"
    holds "ở tỉnh: 31690 nộp trong hạn gia" "at the province: 31690 is excused" \
        within 30 board_says 94 $campaign "$final_board"
}
