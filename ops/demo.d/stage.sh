# shellcheck shell=bash
# stage.sh: what ops/demo plays on: words in two languages, a calendar that is steered, offices that
# are processes with a folder each, a bad line, and checks that end the play when they do not hold.
#
# Set before this is sourced: ROOT (the project), BIN (its programs), lang (vi or en).

T=$(mktemp -d "${TMPDIR:-/tmp}/thidua-demo.XXXXXX") || exit 1
PYTHON=/usr/bin/python3
declare -A _pid=() # name of what runs: its process id

# --- words -------------------------------------------------------------------------------------

bold='' green='' red='' plain=''
[ ! -t 1 ] || bold=$'\e[1m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'

# in_lang VIETNAMESE ENGLISH: sets $words to the one that is asked for.
in_lang() { if [ "$lang" = vi ]; then words=$1; else words=$2; fi; }

# pad WIDTH TEXT: TEXT and spaces; a Vietnamese letter is one column, however many bytes.
pad() { printf '%s%*s' "$2" $(($1 > ${#2} ? $1 - ${#2} : 0)) ''; }

# clock: the time in Viet Nam, as every program of the play sees it now.
clock() { TZ=ICT-7 printf '%(%d/%m/%Y %H:%M:%S)T' $((EPOCHSECONDS + offset)); }

chapter() {
    in_lang "$1" "$2"
    printf '\n%s%s%s\n' "$bold" "$words" "$plain"
}
say() {
    in_lang "$1" "$2"
    printf '%s  %s\n' "$(clock)" "$(short "$words")"
}

# short TEXT: without the folders of the project and of this play.
short() {
    local text=${1//"$ROOT"\//}
    printf '%s' "${text//"$T"\//}"
}
# aside TEXT: without a time. quote TEXT: what a program printed. typed UNIT VERB...: what was typed.
aside() { printf '%21s%s\n' '' "$(short "$1")"; }
quote() { sed 's/^\(.\)/      \1/' <<<"$(short "$1")"; }
typed() {
    local unit=$1
    shift
    aside "\$ $(_program "$unit") -d $unit $*"
}

# fail VIETNAMESE ENGLISH [DETAIL]: the play ends here, with the reason.
fail() {
    in_lang "$1" "$2"
    printf '\n%sops/demo: %s%s\n' "$red" "$words" "$plain" >&2
    [ -z "${3-}" ] || head -c 4000 <<<"$3" | sed 's/^/    /' >&2
    exit 1
}

# holds VIETNAMESE ENGLISH COMMAND...: what was promised is so, or the play ends here.
holds() {
    local said vi=$1 en=$2
    shift 2
    if ! said=$("$@" 2>&1 </dev/null); then
        fail "điều đã hứa không có thật: $vi" "what was promised is not so: $en" "\$ $*"$'\n'"$said"
    fi
    in_lang "$vi" "$en"
    printf '%21s%s✓%s %s\n' '' "$green" "$plain" "$words"
}

# --- the calendar ------------------------------------------------------------------------------

offset=0
calendar=()

# day 'YYYY-MM-DD HH:MM:SS': from here on every program lives at that time in Viet Nam, and its
# clocks, the monotonic one too, run on from there. One that runs already stays where it was.
day() {
    local preload
    preload=$(compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' | head -n 1)
    [ -n "$preload" ] ||
        fail "thiếu faketime: chạy ops/deps demo với quyền root" \
            "faketime is missing: run ops/deps demo as root"
    offset=$(($(date -d "$1 +0700" +%s) - EPOCHSECONDS))
    calendar=(LD_PRELOAD="$preload" FAKETIME="$(printf %+d "$offset")")
}

# --- hubs and offices --------------------------------------------------------------------------

# Each has a name, which is also its folder: a hub the code of its unit ($hubs), an office the code of
# the unit that it reports for; the office of a district, which has a hub as well, CODE-vp.
_is_hub() { [[ " $hubs " == *" $1 "* ]]; }
_program() { if _is_hub "$1"; then echo thidua-hub; else echo thidua-node; fi; }
# command_of NAME VERB...: sets $command to what runs it there, at the calendar's time.
command_of() {
    local name=$1
    shift
    command=(env "${calendar[@]}" "$BIN/$(_program "$name")" -d "$T/$name" --lang "$lang" "$@")
}
# in_office UNIT VERB...: run it there.
in_office() {
    command_of "$@"
    "${command[@]}" </dev/null
}
# does UNIT VERB...: the same, quietly; what it said is in $said. It must succeed.
does() {
    said=$(in_office "$@" 2>&1) ||
        fail "lệnh này bị từ chối:" "this was refused:" "$(typed "$@")"$'\n'"$said"
}
# shows UNIT VERB...: the same, for the audience.
shows() {
    typed "$@"
    does "$@"
    quote "$said"
}
# asks UNIT FILTER WORDS...: jq's FILTER is true of the JSON that the verb prints.
asks() {
    local unit=$1 filter=$2
    shift 2
    in_office "$unit" "$@" --json | tee "$T/.asked" | jq -e "$filter" >"$T/.answer" && return
    cat "$T/.asked" "$T/.answer"
    return 1
}
# tells UNIT FILTER WORDS...: what jq's FILTER finds in that JSON.
tells() {
    local unit=$1 filter=$2
    shift 2
    in_office "$unit" "$@" --json | jq -r "$filter"
}

# each NAMES COMMAND: it succeeds for every one of them.
each() {
    local name names=$1
    shift
    for name in $names; do "$@" "$name" || return; done
}

# --- what runs beside the play -----------------------------------------------------------------

mkfifo "$T/.nap"
nap() { read -r -t 0.1 <>"$T/.nap" || true; }

# within SECONDS COMMAND...: COMMAND succeeds before that.
within() {
    local deadline=$((EPOCHSECONDS + $1))
    shift
    until "$@" >"$T/.within" 2>&1 </dev/null; do
        [ $EPOCHSECONDS -le $deadline ] || { cat "$T/.within"; return 1; }
        nap
    done
}

alive() { [ -n "${_pid[$1]-}" ] && kill -0 "${_pid[$1]}" 2>/dev/null; }
_run() { # NAME COMMAND...: its words go to $T/NAME.log
    local name=$1
    shift
    : >"$T/$name.log"
    "$@" >>"$T/$name.log" 2>&1 </dev/null &
    _pid[$name]=$!
}
_ended() { ! alive "$1"; }
# ends NAME: it is asked to end, and does, with exit 0.
ends() {
    kill -TERM "${_pid[$1]}" 2>/dev/null
    within 10 _ended "$1" || fail "$1 không chịu dừng" "$1 does not stop" "$(tail "$T/$1.log")"
    wait "${_pid[$1]}" || fail "$1 dừng với mã $?" "$1 ended with exit $?" "$(tail "$T/$1.log")"
    unset "_pid[$1]"
}
# is_killed NAME: SIGKILL; no good-bye.
is_killed() {
    kill -KILL "${_pid[$1]}" 2>/dev/null
    wait "${_pid[$1]}" 2>/dev/null
    unset "_pid[$1]"
}

# hub_opens CODE...: these hubs serve, at the calendar's time; all start at once.
_ready_or_ended() { grep -q '^ready ' "$T/hub-$1.log" || ! alive "hub-$1"; }
hub_opens() {
    local code
    for code in "$@"; do
        command_of "$code" serve
        _run "hub-$code" "${command[@]}"
    done
    for code in "$@"; do
        within 30 _ready_or_ended "$code" && grep -q '^ready ' "$T/hub-$code.log" ||
            fail "máy chủ $code không khởi động được" "the hub of $code does not start" \
                "$(tail "$T/hub-$code.log")"
    done
}
# hub_closes CODE...: those of them that serve end, all at once.
hub_closes() {
    local code
    for code in "$@"; do alive "hub-$code" && kill -TERM "${_pid[hub-$code]}"; done
    for code in "$@"; do [ -z "${_pid[hub-$code]-}" ] || ends "hub-$code"; done
}
# stays_in_touch UNIT: `sync --follow`, until `ends UNIT`.
stays_in_touch() {
    command_of "$1" sync --follow
    _run "$1" "${command[@]}"
}

# --- a bad line --------------------------------------------------------------------------------

# Below the range from which the system takes ports of its own: the hub is away for a while and
# must find its port free.
free_port() {
    "$PYTHON" -c 'import random, socket
while True:
    with socket.socket() as s:
        try:
            s.bind(("127.0.0.1", random.randrange(20000, 32000)))
        except OSError:
            continue
        print(s.getsockname()[1])
        break'
}
# lay_line LINE PORT: a line to that port that can be cut; ${line_port[LINE]} is its other end.
declare -A line_port=() _line_in=() _line_out=()
lay_line() {
    local in out
    mkfifo "$T/$1.in" "$T/$1.out"
    exec {in}<>"$T/$1.in" {out}<>"$T/$1.out"
    _line_in[$1]=$in _line_out[$1]=$out
    "$PYTHON" "$ROOT/tests/proxy/proxy.py" --to "127.0.0.1:$2" --control \
        <&"$in" >&"$out" 2>"$T/$1.err" &
    _pid[$1]=$!
    line_says "$1" '^port ' 10
    line_port[$1]=${line_said#port }
}
# line_says LINE REGEX SECONDS: waits until the line says so, and goes on that moment; it is in
# $line_said.
line_says() {
    local deadline=$((EPOCHSECONDS + $3))
    while [ $EPOCHSECONDS -le $deadline ]; do
        read -r -t 1 -u "${_line_out[$1]}" line_said || continue
        [[ $line_said =~ $2 ]] && return
    done
    fail "đường truyền không như kịch bản (chờ: $2)" "the line did not do its part (awaited: $2)" \
        "$(cat "$T/$1.err")"
}
# line_closed LINE: how many bytes went up on the next connection, once it is closed, is in $went_up.
line_closed() {
    line_says "$1" '^open ' 20
    line_says "$1" "^closed ${line_said#open } " 20
    went_up=${line_said#* up=} went_up=${went_up%% *}
}
# line LINE WORDS: tell it what to do from now on (tests/proxy/proxy.py --help).
line() {
    local name=$1
    shift
    echo "$*" >&"${_line_in[$name]}"
    line_says "$name" "^did $*" 10
}

# --- the way out -------------------------------------------------------------------------------

_leave() {
    local name
    trap '' INT TERM
    for name in "${!_pid[@]}"; do kill -TERM "${_pid[$name]}" 2>/dev/null; done
    for name in "${!_pid[@]}"; do
        within 5 _ended "$name" >/dev/null || kill -KILL "${_pid[$name]}" 2>/dev/null
    done
    wait 2>/dev/null
    cd / && rm -rf "$T"
}
trap _leave EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP
trap 'exit 141' PIPE
