# shellcheck shell=bash
# results.sh: the last acts of ops/demo: receipts, boards and rankings of every level, the audit, and
# one screen of summary.

# --- receipts --------------------------------------------------------------------------------------

# as_at_hub HUB OFFICE: each receipt that the office holds is one that the hub holds, to the
# millisecond.
as_at_hub() {
    local mine
    mine=$(tells "$2" '.reports[] | .report as $r | .receipts[] |
        "\($r) \(.unit) \(.received_at) \(.state)"' status) && [ -n "$mine" ] &&
        [ -z "$(comm -23 <(sort <<<"$mine") "$T/receipts-$1")" ]
}
# both_levels OFFICE: its report has a receipt of its district and one of the province.
both_levels() {
    local district=$hub
    gets "$1" $campaign 1 94 2023-12-1 && received "$1" $campaign 1 "$district" 2023-12-1
}
offices_look() {
    chapter "Biên nhận của hai cấp" "Receipts of two levels"
    local office code
    for office in 31618 31633 31684 31690 31714 31741 31753; do
        hub_of $office
        holds "$office: biên nhận của huyện ($hub) và của tỉnh (94)" \
            "$office: receipts of its district ($hub) and the province (94)" \
            within 60 both_levels $office
    done
    shows 31633 status
    for code in $hubs; do receipts_at "$code" >"$T/receipts-$code"; done
    holds "mọi biên nhận ở máy trạm là biên nhận ở máy chủ của nó, và ở tỉnh" \
        "every receipt at an office is one at its hub, and at the province" \
        eval 'for office in 31618 31633 31684 31690 31714 31741 31753 SNV SYT; do hub_of $office
              as_at_hub $hub $office && as_at_hub 94 $office || exit; done'
    holds "31627, Sở Tài chính: vẫn xếp hàng, không có biên nhận" \
        "31627, Sở Tài chính: still queued, without a receipt" each "31627 STC" is_queued $campaign
}

# --- boards and rankings ---------------------------------------------------------------------------

boards_and_ranks() {
    chapter "Bảng theo dõi và xếp hạng của tỉnh" "The province's board and rankings"
    shows_board 94 $campaign
    shows_rank 94 $campaign khoi-xa --subject-kind collective --limit 5
    shows_rank 94 $campaign khoi-xa --subject-kind individual --limit 5
    shows_rank 94 $campaign khoi-so --subject-kind collective --limit 3
    shows_rank 94 $models khoi-huyen --subject-kind collective --limit 3
    holds "xã nộp muộn được xếp hạng và ghi rõ" "late communes are ranked, and marked" \
        eval "ask $campaign; asks 94 '[.rows[] | select(.on_time | not) | .unit] | unique == [\"31618\"]' \
            rank \"\${asked[@]}\" --group khoi-xa --subject-kind collective"
    holds "Sở Nội vụ chỉ được tính một lần, theo bản 2" "Sở Nội vụ counts once, by revision 2" \
        eval "ask $campaign; asks 94 '([.rows[] | select(.unit == \"SNV\")] | length > 0 and
            all(.revision == 2)) and ([.rows[] | [.unit, .subject]] | length == (unique | length))' \
            rank \"\${asked[@]}\" --group khoi-so --subject-kind collective"
    local code
    for code in $districts; do
        chapter "Bảng và xếp hạng của $code" "The board and the ranking of $code"
        shows_board "$code" $campaign
        shows_rank "$code" $campaign khoi-xa --subject-kind collective --limit 3
        holds "từng dòng như ở tỉnh" "row by row as at the province" as_at_the_province "$code"
    done
}
# as_at_the_province DISTRICT: its rows, last contacts aside, are the province's for its part.
as_at_the_province() {
    local verb
    ask $campaign
    for verb in board "rank --group khoi-xa --subject-kind individual"; do
        # shellcheck disable=SC2086 # words are meant
        cmp <(tells "$1" '.rows[] | del(.last_contact)' $verb "${asked[@]}") \
            <(tells 94 '.rows[] | del(.last_contact)' $verb "${asked[@]}" --under "$1") || return
    done
}

# --- whoever doubts it -----------------------------------------------------------------------------

audit() { "$BIN/thidua-audit" verify "$@" --root "$root" --lang "$lang"; }
# same_member NAME JSON FILE: that member of JSON is the line in FILE, byte for byte.
same_member() {
    local whole want
    whole=$(<"$2") want=$(<"$3")
    [ -n "$want" ] && [[ $whole == *"\"$1\":$want"[,}]* ]]
}
# verified HUB CAMPAIGN FOLDER RANK-OPTIONS...: results and bundle of that hub, and what the auditor
# makes of the bundle, are in the folder; they are the same bytes.
verified() {
    local at hub=$1 dir=$3
    ask "$2"
    mkdir -p "$dir"
    in_office "$hub" board "${asked[@]}" --json >"$dir/board.json"
    in_office "$hub" rank "${asked[@]}" "${@:4}" --json >"$dir/rank.json"
    does "$hub" bundle export "$dir/bundle.tdb"
    at=$(jq -r .at "$dir/board.json")
    audit "$dir/bundle.tdb" --board --at "$at" --rank "${asked[@]}" "${@:4}" \
        >"$dir/audit.json" 2>"$T/.said" || { cat "$T/.said"; return 1; }
    jq -e '.signatures_ok and .problems == [] and .records > 0' "$dir/audit.json" &&
        same_member board "$dir/audit.json" "$dir/board.json" &&
        same_member rank "$dir/audit.json" "$dir/rank.json"
}
anyone_verifies() {
    chapter "Ai cũng kiểm chứng được, ở mọi cấp" "Anyone can verify it, at every level"
    local code dir
    for code in $hubs; do
        dir=$T/out
        [ "$code" = 94 ] || dir=$T/out/$code
        holds "$code, $campaign: tính lại bằng chương trình khác, trùng từng byte" \
            "$code, $campaign: worked out anew by another program, the same bytes" \
            verified "$code" $campaign "$dir" --group khoi-xa --subject-kind collective
        holds "$code, $models: trùng từng byte" "$code, $models: the same bytes" \
            verified "$code" $models "$T/models-$code" --group khoi-huyen --subject-kind collective
    done
    audit "$T/out/bundle.tdb" 2>&1 >"$T/.audit" | sed 's/^/      /'
    flip_a_bit
}
# flip_a_bit: in a report, a little after the id of the campaign that each report names.
flip_a_bit() {
    "$PYTHON" -c '
import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[data.rindex(bytes.fromhex(sys.argv[3])) + 100] ^= 1
open(sys.argv[2], "wb").write(data)' "$T/out/bundle.tdb" "$T/forged.tdb" \
        "$(tells 94 ".[] | select(.campaign == \"$campaign\") | .record" campaign list)"
    say "Ai đó sửa một bit của một báo cáo trong bản sao của tệp:" \
        "Someone changes one bit of one report in a copy of that file:"
    audit "$T/forged.tdb" >"$T/forged.json" 2>"$T/.said"
    local status=$?
    quote "$(cat "$T/.said")"
    holds "bị từ chối, mã 1" "it is refused, with exit 1" [ $status -eq 1 ]
    holds "và báo cáo bị sửa được nêu đích danh" "and the report that was changed is named" \
        jq -e --slurpfile board "$T/out/board.json" '(.signatures_ok | not) and
            ([.problems[].record] - ([.problems[].record] - [$board[].rows[].report | strings])
             | length > 0)' "$T/forged.json"
}

# --- the end ---------------------------------------------------------------------------------------

hand_out() {
    echo "$root" >"$T/out/root.txt"
    cp "$T/dark.json" "$T/out/board-2023-12-16.json"
    [ -z "$out" ] || cp -R "$T/out/." "$out/" ||
        fail "không ghi được vào $out" "cannot write to $out"
}
# What each unit went through, in 15 columns.
deed() {
    case $1 in
        31618) in_lang "sau nửa đêm" "after midnight" ;;
        31627 | STC) in_lang "ký, không gửi" "never sent" ;;
        31633) in_lang "huyện mất mạng" "district dark" ;;
        31684 | 31714) in_lang "máy chủ bị giết" "its hub killed" ;;
        31690) in_lang "gia hạn 20/12" "extended" ;;
        31720) in_lang "cháy trụ sở" "office burnt" ;;
        31732) in_lang "thị xã làm thay" "by its district" ;;
        31741) in_lang "phút chót" "last minute" ;;
        31753) in_lang "đứt khi gửi" "cut, same bytes" ;;
        SNV) in_lang "sửa, nộp bản 2" "amended" ;;
        *) in_lang "sau nửa đêm" "after midnight" ;;
    esac
}
state_word() {
    case $1 in
        on_time) in_lang "đúng hạn" "on time" ;;
        late) in_lang "nộp muộn" "late" ;;
        excused) in_lang "được gia hạn" "excused" ;;
        missing) in_lang "chưa nộp" "missing" ;;
        unknown) in_lang "CHƯA RÕ" "UNKNOWN" ;;
        not_due) in_lang "chưa đến hạn" "not due" ;;
        exempt) in_lang "được miễn" "exempt" ;;
        *) words=$1 ;;
    esac
}
# summary_rows: code, name, state then, state now, first receipt; of all on the board.
summary_rows() {
    jq -r --slurpfile dark "$T/dark.json" '($dark[0].rows | map({(.unit): .state}) | add) as $before |
        .rows[] | [.unit, .name, $before[.unit], .state, (.received_at // "–" |
        sub("(?<y>....)-(?<m>..)-(?<d>..)T(?<t>.{5}).*"; "\(.d)/\(.m) \(.t)"))] | @tsv' \
        "$T/out/board.json"
}
print_rows() {
    local unit name then now at row
    while IFS=$'\t' read -r unit name then now at; do
        row="$(pad 5 "$unit") $(pad 17 "$name")"
        state_word "$then"
        row="$row $(pad 12 "$words")"
        state_word "$now"
        row="$row $(pad 12 "$words") $(pad 11 "$at")"
        deed "$unit"
        echo "$row $words"
    done < <(summary_rows)
}
# how_many GROUPS KIND: subjects of that kind that the province ranks in them.
how_many() {
    local group n=0
    ask $campaign
    for group in $1; do
        n=$((n + $(tells 94 '.rows | length' rank "${asked[@]}" --group "$group" --subject-kind "$2")))
    done
    echo $n
}
# closing: what it all comes to, a sentence a line.
closing() {
    local count rate on_time people bodies n size
    read -r count rate on_time < <(jq -r '"\(.actual)/\(.expected) \(.rate) \(.rate_on_time)"' \
        "$T/out/board.json")
    people=$(how_many "khoi-xa khoi-so" individual)
    bodies=$(how_many "khoi-xa khoi-so" collective)
    n=$(jq .records "$T/out/audit.json") size=$(stat -c %s "$T/out/bundle.tdb")
    in_lang "Đã báo cáo $count (${rate/./,} %), đúng hạn ${on_time/./,} %; chấm $people cá nhân, $bodies tập thể." \
        "Reported $count ($rate %), on time $on_time %; $people people and $bodies bodies scored."
    echo "$words"
    in_lang "Mô hình (trước 30/10, tính khi tỉnh nhận): 945 nộp muộn dù huyện nhận 29/10." \
        "Models (before 30/10, as the province has it): 945 late, its district had it on 29/10."
    echo "$words"
    in_lang "Một huyện bị giết, một huyện mất mạng ba ngày: không mất biên nhận nào." \
        "One district killed, one dark for three days: no receipt was lost."
    echo "$words"
    in_lang "Kiểm chứng 4 máy chủ: $n bản ghi, $size byte, bảng và hạng trùng từng byte." \
        "Four hubs verified: $n records, $size bytes; boards and ranks are the same bytes."
    echo "$words"
    in_lang "Vân tay gốc ${root:0:16}…; xong sau $((EPOCHSECONDS - began)) giây." \
        "Root ${root:0:16}…; done in $((EPOCHSECONDS - began)) seconds."
    echo "$words"
    [ -z "$out" ] || echo "$out: board.json rank.json bundle.tdb audit.json root.txt"
}
summary() {
    chapter "Tóm lại: $campaign, hạn nộp hết ngày 15/12/2023; 948, 945, 947 và tỉnh" \
        "In short: $campaign, due by the end of 15/12/2023"
    in_lang "0 giờ 16/12" "16/12, 00:00"
    local then=$words
    in_lang "sau cùng" "in the end"
    local now=$words
    in_lang "biên nhận đầu" "first receipt"
    echo "$(pad 23 "") $(pad 12 "$then") $(pad 12 "$now") $words"
    print_rows
    closing
}
