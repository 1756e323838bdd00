# shellcheck shell=bash
# cast.sh: who plays in ops/demo, and what can be seen of them: receipts, boards.

sample=$ROOT/ops/sample
campaign=soctrang-2023     # communes and departments, by the end of 15/12/2023
models=soctrang-mo-hinh    # departments and districts, before 30/10/2023, judged at the province
districts="945 947 948"    # Cù Lao Dung, Mỹ Xuyên, Ngã Năm
hubs="94 $districts"
communes="31618 31627 31633 31684 31690 31714 31720 31741 31753" # Phường 1 has no machine
departments="SNV STC SYT"
offices="$communes 945-vp 947-vp 948-vp $departments"

# hub_of OFFICE: sets $hub to the one that it calls. unit_of OFFICE: the unit it reports for.
hub_of() {
    case $1 in
        31618 | 31627 | 31633 | 945-vp) hub=945 ;;
        31684 | 31690 | 31714 | 31720 | 947-vp) hub=947 ;;
        31741 | 31753 | 948-vp) hub=948 ;;
        *) hub=94 ;;
    esac
}
unit_of() { echo "${1%-vp}"; }
# What lies between: the district of Cù Lao Dung and two of the offices' districts sit on bad lines.
line_of() {
    case $1 in
        945) echo uplink ;;
        31753) echo nganam ;;
        31684 | 31714) echo myxuyen ;;
    esac
}

# a_new_day 'YYYY-MM-DD HH:MM:SS': all hubs end and start again at that time. Nobody waits for a day
# to pass; a hub that starts does what it would have done at the turn of the day.
a_new_day() {
    # shellcheck disable=SC2086 # words are meant
    hub_closes $hubs
    day "$1"
    # shellcheck disable=SC2086
    hub_opens $hubs
}

# --- what offices have in hand -------------------------------------------------------------------

has_campaigns() {
    asks "$1" "([.[].campaign] - ([.[].campaign] - [\"$campaign\", \"$models\"])) | length == 2" \
        campaign list
}
# received OFFICE CAMPAIGN REVISION HUB AS-OF: it holds a valid receipt of that hub, of a time that
# begins like this.
received() {
    asks "$1" "any(.reports[]; .campaign == \"$2\" and .revision == $3 and any(.receipts[];
        .unit == \"$4\" and .state == \"valid\" and (.received_at | startswith(\"$5\"))))" status
}
# gets ...: the same, once it has called its hub.
gets() {
    in_office "$1" sync
    received "$@"
}
# is_queued CAMPAIGN OFFICE: its report has no receipt.
is_queued() {
    asks "$2" "[.reports[] | select(.campaign == \"$1\")] |
        length > 0 and all(.state == \"queued\" and .receipts == [])" status
}
# calls OFFICE: sync, for the audience.
calls() {
    does "$1" sync
    say "$1: $said" "$1: $said"
}
# fails_to_call OFFICE: its sync must end with 75, nothing lost.
fails_to_call() {
    in_office "$1" sync 2>"$T/.said"
    local status=$?
    say "$1: $(cat "$T/.said")" "$1: $(cat "$T/.said")"
    [ $status -eq 75 ] ||
        fail "$1: mã $status, không phải 75" "$1: exit $status, not 75" "$(cat "$T/.said")"
}

# --- what hubs have in hand ----------------------------------------------------------------------

# receipts_at HUB: of all reports that came there, one a line.
receipts_at() {
    tells "$1" '.[] | .report as $r | .receipts[] | "\($r) \(.unit) \(.received_at) \(.state)"' \
        report list | sort
}
# hub_holds HUB UNIT CAMPAIGN ISSUER AS-OF: a report, with a receipt of that issuer and time.
hub_holds() {
    asks "$1" "any(.[]; .unit == \"$2\" and .campaign == \"$3\" and
        any(.receipts[]; .unit == \"$4\" and (.received_at | startswith(\"$5\"))))" report list
}
# nothing_lost HUB: each receipt of before, in files of receipts_at, is there after, as it was.
nothing_lost() { [ -s "$T/$1-before" ] && [ -z "$(comm -23 "$T/$1-before" "$T/$1-after")" ]; }
# received_at_top HUB UNIT: the hub knows of the province's receipt for the unit's report.
received_at_top() { hub_holds "$1" "$2" "$campaign" 94 2023-12-1; }

# ask CAMPAIGN: sets $asked to the options of board and rank that choose it.
ask() { asked=(--campaign "$1" --period 2023); }
# board_says HUB CAMPAIGN 'UNIT:STATE ...' [OPTIONS]: exactly these rows, by code.
board_says() {
    ask "$2"
    asks "$1" "[.rows[] | \"\(.unit):\(.state)\"] | join(\" \") == \"$3\"" \
        board "${asked[@]}" "${@:4}"
}
# shows_board HUB CAMPAIGN, shows_rank HUB CAMPAIGN GROUP OPTIONS...
shows_board() {
    ask "$2"
    shows "$1" board "${asked[@]}"
}
shows_rank() {
    ask "$2"
    shows "$1" rank "${asked[@]}" --group "$3" "${@:4}"
}
