# shellcheck shell=bash
# results.sh: the last acts of ops/demo: receipts, boards and rankings of every level, the audit, and
# one screen of summary.

# --- receipts --------------------------------------------------------------------------------------

# as_at_both OFFICE: each receipt that it holds is one that its hub and the province hold, to the
# millisecond.
as_at_both() {
    local mine code
    hub_of "$1"
    mine=$(tells "$1" '.reports[] | .report as $r | .receipts[] |
        "\($r) \(.unit) \(.received_at) \(.state)"' status) && [ -n "$mine" ] || return
    for code in "$hub" 94; do
        [ -z "$(comm -23 <(sort <<<"$mine") "$T/receipts-$code")" ] || return
    done
}
# both_levels OFFICE: its report has a receipt of its district and one of the province.
both_levels() {
    local district=$hub
    gets "$1" $campaign 1 94 2023-12-1 && received "$1" $campaign 1 "$district" 2023-12-1
}
offices_look() {
    chapter "Biên nhận của hai cấp" "Receipts of two levels"
    local office code
    local communes_in="31618 31633 31684 31690 31714 31741 31753"
    for office in $communes_in; do
        hub_of $office
        holds "$office: biên nhận của huyện ($hub) và của tỉnh (94)" \
            "$office: receipts of its district ($hub) and the province (94)" \
            within 60 both_levels $office
    done
    shows 31633 status
    for code in $hubs; do receipts_at "$code" >"$T/receipts-$code"; done
    holds "mọi biên nhận ở máy trạm là biên nhận ở máy chủ của nó, và ở tỉnh" \
        "every receipt at an office is one at its hub, and at the province" \
        each "$communes_in SNV SYT" as_at_both
    holds "31627, Sở Tài chính: vẫn xếp hàng, không có biên nhận" \
        "31627, Sở Tài chính: still queued, without a receipt" each "31627 STC" is_queued $campaign
}

# --- boards and rankings ---------------------------------------------------------------------------

# own_rank OFFICE: what it works out of itself is what its hub and the province say of it.
own_rank() {
    local code own
    ask $campaign
    asked+=(--group khoi-xa --subject-kind individual)
    own=$(tells "$1" '.rows[]' rank "${asked[@]}") && [ -n "$own" ] || return
    hub_of "$1"
    for code in "$hub" 94; do
        [ "$own" = "$(tells "$code" '.rows[]' rank "${asked[@]}" --under "$1")" ] || return
    done
}
# rank_says GROUP FILTER: of the province's ranking of collectives.
rank_says() {
    ask $campaign
    asks 94 "$2" rank "${asked[@]}" --group "$1" --subject-kind collective
}
boards_and_ranks() {
    chapter "Bảng theo dõi và xếp hạng của tỉnh" "The province's board and rankings"
    shows_board 94 $campaign
    shows_rank 94 $campaign khoi-xa --subject-kind collective --limit 5
    shows_rank 94 $campaign khoi-xa --subject-kind individual --limit 5
    shows_rank 94 $campaign khoi-so --subject-kind collective --limit 3
    shows_rank 94 $models khoi-huyen --subject-kind collective --limit 3
    holds "xã nộp muộn được xếp hạng và ghi rõ" "late communes are ranked, and marked" \
        rank_says khoi-xa '[.rows[] | select(.on_time | not) | .unit] | unique == ["31618"]'
    holds "Sở Nội vụ chỉ được tính một lần, theo bản 2" "Sở Nội vụ counts once, by revision 2" \
        rank_says khoi-so '([.rows[] | select(.unit == "SNV")] | length > 0 and all(.revision == 2))
            and ([.rows[] | [.unit, .subject]] | length == (unique | length))'
    shows_rank 31633 $campaign khoi-xa --subject-kind individual --limit 3
    holds "máy của xã tự xếp hạng được người của mình, như huyện và tỉnh" \
        "a commune's machine ranks its own people, as its district and the province do" own_rank 31633
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
# taken HUB FOLDER RANK-OPTIONS...: board, ranking and bundle of one state of that hub. It serves on,
# and what it hears while the bundle is written would be in one and not in the other.
taken() {
    local again
    in_office "$1" board "${asked[@]}" --json >"$2/board.json"
    in_office "$1" rank "${asked[@]}" "${@:3}" --json >"$2/rank.json"
    does "$1" bundle export "$2/bundle.tdb"
    at=$(jq -r .at "$2/board.json")
    again=$(in_office "$1" board "${asked[@]}" --at "$at" --json)
    [ "$again" = "$(<"$2/board.json")" ]
}
# verified HUB CAMPAIGN FOLDER RANK-OPTIONS...: results and bundle of that hub, and what the auditor
# makes of the bundle, are in the folder; they are the same bytes.
ranking=(--group khoi-xa --subject-kind collective)
verified() {
    local at dir=$3
    ask "$2"
    mkdir -p "$dir"
    within 30 taken "$1" "$dir" "${@:4}" &&
        audit "$dir/bundle.tdb" --board --at "$at" --rank "${asked[@]}" "${@:4}" \
            >"$dir/audit.json" &&
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
            verified "$code" $campaign "$dir" "${ranking[@]}"
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
    cp "$T/dark/board.json" "$T/out/board-2023-12-16.json"
    [ -z "$out" ] || cp -R "$T/out/." "$out/" ||
        fail "không ghi được vào $out" "cannot write to $out"
}
# What each unit went through, in 15 columns.
deed() {
    case $1 in
        31627 | STC) in_lang "ký, không gửi" "never sent" ;;
        31633) in_lang "huyện đã nhận" "district had it" ;;
        31684 | 31714) in_lang "tự gửi lại" "sent again" ;;
        31690) in_lang "ngập, gia hạn" "flood, extended" ;;
        31720) in_lang "cháy trụ sở" "office burnt" ;;
        31732) in_lang "thị xã nộp thay" "by its district" ;;
        31741) in_lang "phút chót" "last minute" ;;
        31753) in_lang "đứt khi đang gửi" "cut, sent again" ;;
        SNV) in_lang "sửa, nộp bản 2" "amended" ;;
        *) in_lang "sau nửa đêm" "after midnight" ;;
    esac
}
# heading UNIT: where a new district begins, its name and what it went through.
heading() {
    case $1 in
        31618) in_lang "Cù Lao Dung (945): mất đường lên tỉnh từ 23:58 ngày 15/12 đến 18/12" \
            "Cù Lao Dung (945): cut off from the province from 15/12 23:58 to 18/12" ;;
        31684) in_lang "Mỹ Xuyên (947): máy chủ bị giết lúc đang nhận báo cáo" \
            "Mỹ Xuyên (947): its hub killed while it took reports in" ;;
        31732) in_lang "Ngã Năm (948)" "Ngã Năm (948)" ;;
        SNV) in_lang "Các sở thuộc tỉnh (94)" "Departments of the province (94)" ;;
        *) return ;;
    esac
    echo "$words"
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
    jq -r --slurpfile dark "$T/dark/board.json" '($dark[0].rows | map({(.unit): .state}) | add) as $before |
        .rows[] | [.unit, .name, $before[.unit], .state, (.received_at // "–" |
        sub("(?<y>....)-(?<m>..)-(?<d>..)T(?<t>.{5}).*"; "\(.d)/\(.m) \(.t)"))] | @tsv' \
        "$T/out/board.json"
}
print_rows() {
    summary_rows >"$T/rows" && [ -s "$T/rows" ] || fail "bảng tóm tắt trống" "the summary is empty"
    local unit name then now at row
    while IFS=$'\t' read -r unit name then now at; do
        heading "$unit"
        row=" $(pad 5 "$unit") $(pad 17 "$name")"
        state_word "$then"
        row="$row $(pad 12 "$words")"
        state_word "$now"
        row="$row $(pad 12 "$words") $(pad 11 "$at")"
        deed "$unit"
        echo "$row $words"
    done <"$T/rows"
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
    local count rate on_time people bodies n
    read -r count rate on_time < <(jq -r '"\(.actual)/\(.expected) \(.rate) \(.rate_on_time)"' \
        "$T/out/board.json")
    people=$(how_many "khoi-xa khoi-so" individual)
    bodies=$(how_many "khoi-xa khoi-so" collective)
    n=$(jq .records "$T/out/audit.json")
    in_lang "Đã báo cáo $count (${rate/./,} %), đúng hạn ${on_time/./,} %; chấm $people cá nhân, $bodies tập thể." \
        "Reported $count ($rate %), on time $on_time %; $people people and $bodies bodies scored."
    echo "$words"
    in_lang "Mô hình (trước 30/10, tính khi tỉnh nhận): 945 nộp muộn dù huyện nhận 29/10." \
        "Models (before 30/10, at the province): 945 late, its district had it on 29/10."
    echo "$words"
    in_lang "Không biên nhận nào mất. Kiểm chứng 4 máy chủ: $n bản ghi, trùng từng byte." \
        "No receipt was lost. Four hubs verified: $n records, the same bytes."
    echo "$words"
    in_lang "Xong sau $((EPOCHSECONDS - began)) giây." "Done in $((EPOCHSECONDS - began)) seconds."
    echo "$words"
    [ -z "$out" ] || echo "$out: board.json rank.json bundle.tdb audit.json root.txt"
}
summary() {
    local then now
    in_lang "0 giờ 16/12" "16/12, 00:00"
    then=$words
    in_lang "sau cùng" "in the end"
    now=$words
    in_lang "biên nhận đầu" "first receipt"
    words="$(pad 12 "$then") $(pad 12 "$now") $words"
    chapter "$(pad 24 "Tóm lại, hạn hết 15/12")$words" "$(pad 24 "In short, due 15/12")$words"
    print_rows
    closing
}
