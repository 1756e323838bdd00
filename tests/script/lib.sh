# shellcheck shell=bash
# lib.sh: what the numbered stories share. A story sources it, then tells what it does:
#
#   #!/bin/bash
#   # A report reaches the hub and its receipt comes back.
#   # also under: asan valgrind tsan
#   . "$(dirname "$0")/lib.sh"
#
#   port=$(free_port)
#   expect_exit 0 hub -d "$T/hub" init --unit 94 --name "Tỉnh Sóc Trăng"
#   prints_match '^[0-9a-f]{64}$'
#   start hub1 hub -d "$T/hub" serve --listen "tcp://127.0.0.1:$port"
#   wait_ready hub1
#   the_end
#
# Each check prints one TAP line; the plan comes at the end. Everything that was started is ended and
# the folder $T is removed on the way out, whatever happens (KEEP=1 keeps the folder).
#
# THIDUA_BIN   the folder of the programs (build/release/bin)
# THIDUA_WRAP  a command to run them under, such as valgrind
# THIDUA_SLOW  factor on every deadline, for sanitizers and valgrind (1)
#
# Two marks in the first lines of a story are read by ops/test:
#   "# also under: asan valgrind"   run it again on those builds
#   "# takes: minutes"              left out of ops/test --quick ("hours": only in --long)

set -u
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
SAMPLE=$ROOT/ops/sample
PYTHON=/usr/bin/python3
export LC_ALL=C.UTF-8
unset LANGUAGE FAKETIME
T=$(mktemp -d "${TMPDIR:-/tmp}/thidua-story.XXXXXX")
cd "$T" || exit 1

_n=0 _bad=0
declare -A _pid=() # name of what was started: its process id
declare -a _calendar=()

# A sanitizer ends a program with a status of its own: whoever looked at it or not, the story fails.
for _options in ASAN_OPTIONS UBSAN_OPTIONS TSAN_OPTIONS; do
    export "$_options=${!_options-}:exitcode=86"
done

# --- checks ------------------------------------------------------------------------------------

# ok TEXT / not_ok TEXT [DETAIL]: one TAP line.
ok() {
    _n=$((_n + 1))
    echo "ok $_n - $1"
}
not_ok() {
    _n=$((_n + 1)) _bad=$((_bad + 1))
    echo "not ok $_n - $1"
    [ -z "${2-}" ] || head -c 20000 <<<"$2" | sed 's/^/#   /'
}

# skip TEXT WHY: a check that cannot be made here.
skip() {
    _n=$((_n + 1))
    echo "ok $_n - $1 # SKIP $2"
}

# story TEXT: what comes next, for whoever reads along.
story() { echo "# $*"; }

# A command line as a reader would type it, without this run's folder.
_short() {
    local line="$*"
    line=${line//"$T"\//}
    line=${line//"$ROOT"\//}
    [ ${#line} -le 110 ] || line="${line:0:107}…"
    echo "${line//#/no.}"
}
_last() {
    echo "\$ $_cmd"
    echo "exit $_status; standard output:"
    head -n 60 "$T/.out"
    echo "standard error:"
    tail -n 60 "$T/.err"
}
_cmd='' _status=0

# run COMMAND...: run it, keep what it says for the checks below; no check by itself.
run() {
    _cmd=$(_short "$@")
    "$@" >"$T/.out" 2>"$T/.err" </dev/null
    _status=$?
    return $_status
}

# expect_exit CODE COMMAND...: run it and check how it ended.
expect_exit() {
    local want=$1
    shift
    run "$@"
    if [ "$_status" -eq "$want" ]; then
        ok "$_cmd: exit $want"
    else
        not_ok "$_cmd: exit $want" "$(_last)"
    fi
}

_check_text() { # HOW FILE(S)-AS-TEXT PATTERN DESCRIPTION
    local found=1
    case $1 in
        text) [[ $2 == *"$3"* ]] && found=0 ;;
        none) [[ $2 != *"$3"* ]] && found=0 ;;
        match) grep -aqE -e "$3" <<<"$2" && found=0 ;;
    esac
    if [ $found -eq 0 ]; then ok "$4"; else not_ok "$4" "$(_last)"; fi
}
# What the last command printed: words on standard error, data on standard output.
says() { _check_text text "$(cat "$T/.err")" "$1" "says: $(_short "$1")"; }
says_not() { _check_text none "$(cat "$T/.err")" "$1" "does not say: $(_short "$1")"; }
says_match() { _check_text match "$(cat "$T/.err")" "$1" "says: /$1/"; }
prints() { _check_text text "$(cat "$T/.out")" "$1" "prints: $(_short "$1")"; }
prints_not() { _check_text none "$(cat "$T/.out")" "$1" "does not print: $(_short "$1")"; }
prints_match() { _check_text match "$(cat "$T/.out")" "$1" "prints: /$1/"; }

# prints_json FILTER WANT: jq's FILTER over the printed JSON gives WANT (compact).
prints_json() {
    local got
    got=$(jq -c -r "$1" <"$T/.out" 2>&1)
    if [ "$got" = "$2" ]; then
        ok "JSON $1 is $2"
    else
        not_ok "JSON $1 is $2" "it is $got"$'\n'"$(_last)"
    fi
}

# The printed text, for a story's own use.
printed() { cat "$T/.out"; }

# same_bytes A B: two files are equal.
same_bytes() {
    local differ
    if differ=$(cmp "$1" "$2" 2>&1); then
        ok "same bytes: $(_short "$1 $2")"
    else
        not_ok "same bytes: $(_short "$1 $2")" "$differ"
    fi
}

# check TEXT COMMAND...: COMMAND succeeds (its words are shown only if not).
check() {
    local what=$1 said
    shift
    if said=$("$@" 2>&1 </dev/null); then ok "$what"; else not_ok "$what" "$(_short "$@")"$'\n'"$said"; fi
}

# --- programs ----------------------------------------------------------------------------------

BIN=${THIDUA_BIN:-$ROOT/build/release/bin}
SLOW=${THIDUA_SLOW:-1}
lang=en # the language of hub, node and audit in a story; empty: the one of whoever asks for none

# The program replaces the shell where it was started with `start`, so that a signal meets it.
_program() {
    local program=$1
    shift
    # shellcheck disable=SC2086 # the wrapper is a command with its arguments
    set -- env "${_calendar[@]}" ${THIDUA_WRAP-} "$BIN/$program" ${lang:+--lang "$lang"} "$@"
    [ "${_exec-}" != 1 ] || exec "$@"
    "$@"
    local status=$?
    [ $status -ne 86 ] || _short "$@" >>"$T/.sanitizer"
    return $status
}
hub() { _program thidua-hub "$@"; }
node() { _program thidua-node "$@"; }
audit() { _program thidua-audit "$@"; }

# free_port: a loopback port that nobody has, below those that outgoing connections get.
free_port() {
    "$PYTHON" -c '
import random, socket
while True:
    with socket.socket() as s:
        try:
            s.bind(("127.0.0.1", random.randrange(20000, 32000)))
        except OSError:
            continue
        print(s.getsockname()[1])
        break'
}

# calendar 'YYYY-MM-DD HH:MM:SS': from here on hub, node and audit live at that time in Viet Nam, and
# their clocks run on from there. Set it again to jump; restart a daemon for it to follow.
calendar() {
    local preload offset sanitizer shim=$BIN/../lib/calendar_shim.so
    offset=$(($(date -d "$1 +0700" +%s) - $(date +%s)))
    sanitizer=$(ldd "$BIN/thidua-hub" | awk '$1 ~ /^lib[at]san/ { print $3 }')
    if [ -n "$sanitizer" ]; then
        [ -e "$shim" ] || { echo "Bail out! $shim is not built"; exit 1; }
        _calendar=(LD_PRELOAD="$sanitizer $shim" "CALENDAR_OFFSET=$offset")
        return
    fi
    preload=$(compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' | head -n 1)
    [ -n "$preload" ] || { echo "Bail out! libfaketime is not installed"; exit 1; }
    _calendar=(LD_PRELOAD="$preload" "FAKETIME=$(printf %+d "$offset")")
}
real_time() { _calendar=(); }

# --- daemons -----------------------------------------------------------------------------------

_nap() { read -r -t 0.02 <>"$T/.nap" || true; }
mkfifo "$T/.nap"

# eventually SECONDS COMMAND...: COMMAND succeeds before the deadline. No check by itself.
eventually() {
    local deadline=$((${EPOCHREALTIME/./} + $1 * SLOW * 1000000))
    shift
    until "$@" >"$T/.eventually" 2>&1 </dev/null; do
        [ "${EPOCHREALTIME/./}" -lt $deadline ] || return 1
        _nap
    done
}

# start NAME COMMAND...: in the background; what it says goes to $T/NAME.log, appended.
start() {
    local name=$1
    shift
    [ -z "${_pid[$name]-}" ] || stop "$name"
    : >>"$T/$name.log"
    _from=$(wc -c <"$T/$name.log")
    printf '%s' "$_from" >"$T/.from-$name"
    (_exec=1 && "$@") >>"$T/$name.log" 2>&1 </dev/null &
    _pid[$name]=$!
}
pid_of() { echo "${_pid[$1]}"; }
alive() { kill -0 "${_pid[$1]-x}" 2>/dev/null && [ "$(_state "$1")" != Z ]; }
_state() {
    local stat
    read -r stat 2>/dev/null <"/proc/${_pid[$1]}/stat" || { echo Z; return; }
    stat=${stat##*) }
    echo "${stat%% *}"
}
# What NAME has said since it was last started.
log_of() { tail -c "+$(($(cat "$T/.from-$1") + 1))" "$T/$1.log"; }

_said_or_dead() { log_of "$1" | grep -aqE -e "$2" || ! alive "$1"; }
# wait_line NAME REGEX [SECONDS]: NAME says it, within 10 seconds unless said otherwise.
wait_line() {
    if eventually "${3:-10}" _said_or_dead "$1" "$2" && log_of "$1" | grep -aqE -e "$2"; then
        ok "$1 says /$2/"
    elif alive "$1"; then
        not_ok "$1 says /$2/" "not in ${3:-10} s; it said:"$'\n'"$(log_of "$1" | tail -n 60)"
    else
        not_ok "$1 says /$2/" "it has ended; it said:"$'\n'"$(log_of "$1" | tail -n 60)"
    fi
}
wait_ready() { wait_line "$1" '(^|[^[:alnum:]])ready([^[:alnum:]]|$)' "${2:-10}"; }

# wait_end NAME CODE [SECONDS]: NAME ends by itself with that exit code.
_dead() { ! alive "$1"; }
wait_end() {
    local status
    if ! eventually "${3:-10}" _dead "$1"; then
        not_ok "$1 ends with $2" "still running; it said:"$'\n'"$(log_of "$1" | tail -n 60)"
        return
    fi
    wait "${_pid[$1]}"
    status=$?
    unset "_pid[$1]"
    if [ $status -eq "$2" ]; then
        ok "$1 ends with $2"
    else
        not_ok "$1 ends with $2" "exit $status; it said:"$'\n'"$(log_of "$1" | tail -n 60)"
    fi
}

# stop NAME: ask it to end; it must, with exit 0, within 10 seconds.
stop() {
    kill -TERM "${_pid[$1]}" 2>/dev/null
    wait_end "$1" 0
}
# crash NAME: kill -9; a story's business, no check.
crash() {
    kill -KILL "${_pid[$1]}" 2>/dev/null
    wait "${_pid[$1]}" 2>/dev/null
    unset "_pid[$1]"
}
# freeze NAME / thaw NAME: a machine that hangs, and goes on.
freeze() { kill -STOP "${_pid[$1]}"; }
thaw() { kill -CONT "${_pid[$1]}"; }

# start_proxy NAME OPTIONS...: tests/proxy/proxy.py with these options; sets $proxy_port.
# Tell it what to do with `tell NAME WORDS` (see its --help).
start_proxy() {
    local name=$1
    shift
    mkfifo "$T/$name.in"
    start "$name" _proxy "$name" "$@"
    eventually 10 _said_or_dead "$name" '^port ' || true
    proxy_port=$(log_of "$name" | sed -n 's/^port //p')
}
_proxy() {
    local name=$1
    shift
    exec "$PYTHON" "$ROOT/tests/proxy/proxy.py" "$@" --control <>"$T/$name.in"
}
tell() {
    local name=$1
    shift
    echo "$*" >"$T/$name.in"
}

# --- the way out -------------------------------------------------------------------------------

_clean_up() {
    local name
    for name in "${!_pid[@]}"; do
        kill -KILL "${_pid[$name]}" 2>/dev/null
    done
    wait 2>/dev/null
    _pid=()
    cd / || true
    if [ "${KEEP-}" = 1 ]; then echo "# kept: $T"; else rm -rf "$T"; fi
}
trap '_clean_up' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# the_end: the last line of every story. One that breaks off earlier has no plan and so fails.
the_end() {
    [ ! -e "$T/.sanitizer" ] || not_ok "no sanitizer complains" "$(cat "$T/.sanitizer")"
    echo "1..$_n"
    exit $((_bad > 0))
}
