# shellcheck shell=bash
# tree.sh: trees of hubs for stories about whole plans. Sourced after lib.sh and world.sh.

set -o pipefail # a hub that refuses says nothing, which jq takes for fine

# root_hub DIR CODE NAME: a root hub, its units from $T/units.csv; $fingerprint is its genesis. It serves.
root_hub() {
    mkdir "$T/$1-keys"
    cd "$T/$1-keys" || exit 1
    given hub -d "$T/$1" init --unit "$2" --name "$3" --listen "tcp://127.0.0.1:$(free_port)"
    cd "$T" || exit 1
    fingerprint=$(printed)
    given hub -d "$T/$1" unit import units.csv
    serve "$1"
}

# hub_under DIR CODE PARENT: the hub of unit CODE in $T/DIR, under the hub in $T/PARENT. It serves.
hub_under() {
    ticket_for "$2" "$3" --role hub
    given hub -d "$T/$1" init --parent "$ticket" --listen "tcp://127.0.0.1:$(free_port)"
    serve "$1"
}

# later 'YYYY-MM-DD HH:MM:SS' HUB...: it is that time; the hubs, topmost first, run on.
later() {
    local hub
    for hub in "${@:2}"; do stop "$hub"; done
    calendar "$1"
    for hub in "${@:2}"; do serve "$hub"; done
}

# sheet NODE VALUE "OPTIONS" [SUBJECT:CRITERION=VALUE...]: fill the sheet that OPTIONS (--campaign …) name.
sheet() {
    local node=$1 value=$2 options=$3
    shift 3
    rm -f "$T/sheet.csv"
    # shellcheck disable=SC2086 # options are several words
    given node -d "$T/$node" template $options "$T/sheet.csv"
    given "$PYTHON" "$ROOT/tests/script/fill_sheet.py" "$T/sheet.csv" "$value" "$@"
    # shellcheck disable=SC2086
    given node -d "$T/$node" import $options "$T/sheet.csv"
}

# hand_in NODE OPTIONS...: submit and sync; $report is its id.
hand_in() {
    given node -d "$T/$1" submit "${@:2}"
    report=$(printed)
    given node -d "$T/$1" sync
}

_json() { # FILTER COMMAND...: what COMMAND prints satisfies FILTER
    local filter=$1
    shift
    "$@" | jq -e "$filter"
}
# soon FILTER COMMAND...: within a while the JSON that COMMAND prints satisfies FILTER.
soon() {
    local filter=$1
    shift
    if eventually 30 _json "$filter" "$@"; then
        ok "$(_short "$@"): $filter"
    else
        not_ok "$(_short "$@"): $filter" "$("$@" 2>&1 | head -c 6000)"
    fi
}
_synced() { node -d "$T/$1" sync && node -d "$T/$1" status --json | jq -e "$2"; }
# status_soon NODE FILTER: syncing now and then, its status satisfies FILTER.
status_soon() {
    if eventually 30 _synced "$1" "$2"; then
        ok "$1 gets to know $2"
    else
        not_ok "$1 gets to know $2" "$(cat "$T/.eventually")"
    fi
}

# export_of HUB: what the auditor reads, in $T/HUB.tdb.
export_of() { expect_exit 0 hub -d "$T/$1" bundle export "$T/$1.tdb"; }
# _alike HUB board|rank OPTIONS...: HUB and the auditor of its export say the same bytes.
_alike() {
    local from=$1 what=$2
    shift 2
    hub -d "$T/$from" "$what" "$@" --json | tr -d '\n' >"$T/said" &&
        audit verify "$T/$from.tdb" --root "$fingerprint" "--$what" "$@" --json >"$T/.out" &&
        grep -qF -f "$T/said" "$T/.out"
}
_alike_anew() { hub -d "$T/$1" bundle export "$T/$1.tdb" && _alike "$@"; }
# agrees HUB board|rank OPTIONS...: so they do; where HUB heard somebody since it exported, anew.
agrees() {
    local from=$1 what=$2
    shift 2
    # without an instant the hub means now, the auditor when the file was made
    [[ $what == rank || $* == *--at* ]] || set -- "$@" --at 2030-01-01T00:00:00+07:00
    if _alike "$from" "$what" "$@" || eventually 30 _alike_anew "$from" "$what" "$@"; then
        ok "the auditor says what $from says: $what $*"
    else
        not_ok "the auditor says what $from says: $what $*" "$(diff <(jq . "$T/said") <(jq ".$what" "$T/.out"))"
    fi
    prints_json '.warnings' '[]'
}
