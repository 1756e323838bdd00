#!/bin/bash
# The demo tells its story to the end, hands out what it promises, and leaves nothing behind.
. "$(dirname "$0")/lib.sh"

# From a folder that is not the project's, without a locale, its temporary files under our eyes.
mkdir "$T/tmp"
demo() {
    local as_told=(env -u LC_ALL -u LANG TMPDIR="$T/tmp" "$ROOT/ops/demo")
    if [ -n "${_exec-}" ]; then exec "${as_told[@]}" "$@"; else "${as_told[@]}" "$@"; fi
}
# What the demo starts has its environment, and what it writes is in its folder.
nothing_left() {
    ! grep -aqsF "TMPDIR=$T/tmp" /proc/[0-9]*/environ && [ -z "$(ls -A "$T/tmp")" ]
}

story "once, with results"
expect_exit 0 demo --once --out "$T/O"
prints "✓ chưa nộp: Phường 1, Sở Tài chính, Sở Y tế"
prints "✓ không biên nhận nào mất, không biên nhận nào đổi"
prints "✓ tính lại từ đầu bằng chương trình khác: bảng và xếp hạng trùng từng byte"
prints "✓ và báo cáo bị sửa được nêu đích danh"
check "nothing is left" nothing_left

story "what it hands out"
for state in on_time late missing; do
    check "the board has a unit that is $state" \
        jq -e "any(.rows[]; .state == \"$state\")" "$T/O/board.json"
done
check "everyone on the board is expected" jq -e '.expected == 8 and (.rows | length) == 8' "$T/O/board.json"
jq -c .rank "$T/O/audit.json" >"$T/rank.json"
same_bytes "$T/rank.json" "$T/O/rank.json"
jq -c .board "$T/O/audit.json" >"$T/board.json"
same_bytes "$T/board.json" "$T/O/board.json"
check "the ranking ranks" jq -e '.rows | length > 0' "$T/O/rank.json"
check "the fingerprint is one" grep -qxE '[0-9a-f]{64}' "$T/O/root.txt"
expect_exit 0 audit verify "$T/O/bundle.tdb" --root "$(cat "$T/O/root.txt")"
expect_exit 1 audit verify "$T/O/bundle.tdb" --root "$(tr 0-9a-f 1-9a-f0 <"$T/O/root.txt")"

story "in English, and it stays until it is told to go"
start demo demo --lang en
wait_line demo 'Ctrl-C ends it' 180
hub=$(log_of demo | grep -oE "$T/tmp/thidua-demo[^ ]*/bin/94" | head -n 1)
expect_exit 0 "$hub" board --campaign soctrang-2023 --json
prints_json '[.actual, .expected]' '[5,8]'
stop demo
check "nothing is left" nothing_left

story "interrupted half way"
start demo demo
wait_line demo 'vào hệ thống' 60
kill -TERM "$(pid_of demo)"
wait_end demo 143
check "nothing is left" nothing_left

story "misunderstood"
expect_exit 2 demo --out
says "usage"
expect_exit 2 demo --lang fr
expect_exit 1 demo --once --out /dev/null/O
the_end
