# shellcheck shell=bash
# world.sh: a province and its offices, for stories that begin after the first day, and what
# stories about bad input have in common. Sourced after lib.sh.

CAMPAIGNS=$ROOT/ops/campaigns

# given COMMAND...: what a story takes for granted. No check; if it fails the story breaks off.
given() {
    run "$@" && return
    not_ok "given: $_cmd" "$(_last)"
    echo "Bail out! the story cannot begin"
    exit 1
}

# --- a province ----------------------------------------------------------------------------------

# found_hub DIR PORT: a root hub with the units of the sample; $fingerprint is its genesis.
found_hub() {
    mkdir "$T/$1-keys"
    cd "$T/$1-keys" || exit 1
    given hub -d "$T/$1" init --unit 94 --name "Tỉnh Sóc Trăng" --listen "tcp://127.0.0.1:$2"
    cd "$T" || exit 1
    fingerprint=$(printed)
    given hub -d "$T/$1" unit import "$SAMPLE/units.csv"
}

# issue_campaigns DIR: the sample's campaign, what it builds on, and its points.
issue_campaigns() {
    local name
    for name in tan-thanh-2023 soctrang-2023 soctrang-2023-points; do
        given hub -d "$T/$1" campaign issue "$CAMPAIGNS/$name.yaml"
    done
}

# serve DIR: start the hub in DIR under that name.
serve() {
    start "$1" hub -d "$T/$1" serve
    wait_ready "$1"
}

# ticket_for CODE [HUB] [OPTIONS...]: sets $ticket.
ticket_for() {
    given hub -d "$T/${2:-hub}" enrol "$1" "${@:3}"
    ticket=$(printed)
}

# join_office NODE CODE [HUB] [OPTIONS of enrol...]: a node of unit CODE in $T/NODE; the hub is up.
join_office() {
    ticket_for "$2" "${@:3}"
    given node -d "$T/$1" join "$ticket"
}

# people NODE CODE, fill NODE CODE: the sample's subjects and values.
people() { given node -d "$T/$1" subject import "$SAMPLE/subjects-$2.csv"; }
fill() { given node -d "$T/$1" import "$SAMPLE/values-$2.csv" --campaign soctrang-2023; }

# seal NODE [OPTIONS...]: submit; sets $report.
seal() {
    given node -d "$T/$1" submit --campaign soctrang-2023 "${@:2}"
    report=$(printed)
}

# --- what is there -------------------------------------------------------------------------------

# node_state NODE / hub_state HUB: all that its verbs tell of it, as JSON.
node_state() {
    local lang=en
    node -d "$T/$1" status --json
    node -d "$T/$1" subject list --json
    node -d "$T/$1" campaign list --json
    node -d "$T/$1" report list --json
    node -d "$T/$1" score --campaign soctrang-2023 --json
    node -d "$T/$1" check --json
}
hub_state() {
    local lang=en
    hub -d "$T/$1" unit list --json
    hub -d "$T/$1" campaign list --json
    hub -d "$T/$1" report list --json
    # … and hears whoever is connected
    hub -d "$T/$1" board --at "2023-12-20T00:00:00+07:00" --json |
        sed -E 's/"last_contact":("[^"]*"|null)/"last_contact":0/g'
    hub -d "$T/$1" check --json | jq .problems # a hub that serves states contacts of its own accord
}

# unchanged COMMAND...: remember what COMMAND prints now; `refused` and `still` compare with it.
unchanged() { _watch=("$@") _before=$("$@" 2>&1); }
_watch=(true) _before=''
# still TEXT: check that it prints the same.
still() {
    local now
    now=$("${_watch[@]}" 2>&1)
    if [ "$now" = "$_before" ]; then
        ok "$1"
    else
        not_ok "$1" "$(diff <(echo "$_before") <(echo "$now"))"
        _before=$now
    fi
}

# --- bad input -----------------------------------------------------------------------------------

_lines() { wc -l <"$T/.err" | tr -d ' '; }
# A message goes to standard error, in so many lines, and says the pattern; nothing is printed.
_one_message() { # CODE LINES PATTERN WHAT
    if [ "$_status" -eq "$1" ] && [ "$(_lines)" -eq "$2" ] && [ ! -s "$T/.out" ] &&
        grep -aqE -e "$3" "$T/.err"; then
        ok "$4: exit $1, $(head -n 1 "$T/.err" | cut -c 1-300)"
    else
        not_ok "$4: exit $1 and one message, /$3/" "$(_last)"
    fi
}
# _refused LINES CODE VIETNAMESE ENGLISH COMMAND...
_refused() {
    local lines=$1 code=$2 vi=$3 en=$4 text
    shift 4
    lang='' run "$@"
    text=$(cat "$T/.err")
    _one_message "$code" "$lines" "$vi" "$_cmd"
    lang=en run "$@"
    _one_message "$code" "$lines" "$en" "the same in English"
    grep -qE '[àáảãạằắẳặầấẩậđèéẻẹềếểệịỏọồốổộờớợúủụừứựửỳỷ]' <<<"${text#*: }" ||
        not_ok "without --lang it is Vietnamese" "$text"
    still "nothing changed"
}
# refused CODE VIETNAMESE ENGLISH COMMAND...: COMMAND ends with CODE and one line, which says
# VIETNAMESE to whom nobody asked for the language and ENGLISH with --lang en (patterns); and what
# `unchanged` watches is as before.
refused() { _refused 1 "$@"; }
# refused_file VIETNAMESE ENGLISH COMMAND...: the same of a file with one mistake: a line that says
# where and what, and a line that nothing was changed.
refused_file() {
    _refused 2 1 "$@"
    says "nothing was changed"
}
