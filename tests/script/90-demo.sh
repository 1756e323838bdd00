#!/bin/bash
# The demo tells its story to the end, hands out what it promises, and leaves nothing behind.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/demo.sh"

story "once, with results"
expect_exit 0 demo --once --out "$T/O"
printed >"$T/told"
prints "✓ không biên nhận nào mất, không biên nhận nào đổi, ở huyện và ở tỉnh"
prints "✓ ba xã ấy là “chưa rõ”, không xã nào bị coi là chưa nộp"
prints "✓ hỏi lại bảng của lúc 0 giờ hôm ấy: cũng đúng như vậy"
prints "✓ tỉnh nhận báo cáo của 945 ngày 30/10: nộp muộn, dù huyện nhận từ 29/10"
prints "✓ 31633: biên nhận của huyện (945) và của tỉnh (94)"
prints "✓ và báo cáo bị sửa được nêu đích danh"
check "nothing is left" nothing_left

story "it ends with one screen that has every state of the board"
from_line 'Tóm lại' "$T/told" >"$T/screen"
check "24 lines of 80 columns" one_screen
for state in "đúng hạn" "nộp muộn" "được gia hạn" "chưa nộp" "CHƯA RÕ" "chưa đến hạn" "được miễn"; do
    check "a unit is: $state" grep -qE "^ [0-9A-Z]+ .* $state " "$T/screen"
done

story "what it hands out"
states() { jq -e '[.rows[].state] | unique == ($want | split(" ") | sort)' --arg want "$2" "$T/O/$1"; }
check "the board's states in the end" states board.json "on_time late excused missing exempt"
check "the board's states while a district is out of reach" \
    states board-2023-12-16.json "on_time late missing unknown not_due exempt"
check "everyone on the board but one is expected" \
    jq -e '.expected == 12 and (.rows | length) == 13' "$T/O/board.json"
for code in . 945 947 948; do
    for what in board rank; do
        jq -c ".$what" "$T/O/$code/audit.json" >"$T/$what.json"
        same_bytes "$T/$what.json" "$T/O/$code/$what.json"
    done
    check "the ranking ranks" jq -e '.rows | length > 0' "$T/O/$code/rank.json"
    expect_exit 0 audit verify "$T/O/$code/bundle.tdb" --root "$(cat "$T/O/root.txt")"
done
check "the fingerprint is one" grep -qxE '[0-9a-f]{64}' "$T/O/root.txt"
expect_exit 1 audit verify "$T/O/bundle.tdb" --root "$(tr 0-9a-f 1-9a-f0 <"$T/O/root.txt")"

story "interrupted half way"
start demo demo
wait_line demo 'vào bằng vé' 60
kill -TERM "$(pid_of demo)"
wait_end demo 143
check "nothing is left" nothing_left

story "misunderstood"
expect_exit 2 demo --out
says "usage"
expect_exit 2 demo --lang fr
expect_exit 1 demo --once --out /dev/null/O
the_end
