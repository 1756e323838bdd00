#!/bin/bash
# The stories' own tools work: checks that can fail, daemons that come and go, a steered calendar.
. "$(dirname "$0")/lib.sh"

# What a small story says, and how it ends. It runs with programs that are stand-ins.
mkdir "$T/bin"
cat >"$T/bin/thidua-hub" <<'STANDIN'
#!/bin/bash
shift 2
case "$1" in
    serve) trap 'exit 0' TERM; echo "ready tcp://127.0.0.1:1"; while :; do read -t 1 <> <(:); done ;;
    deaf) trap '' TERM; echo ready; while :; do read -t 1 <> <(:); done ;;
    date) exec date -u +%Y-%m-%dT%H ;;
    refuse) echo "no such unit: 31741" >&2; exit 1 ;;
esac
STANDIN
chmod +x "$T/bin/thidua-hub"
tell_story() {
    printf '. %q/tests/script/lib.sh\n%s\n' "$ROOT" "$1" >"$T/story.sh"
    THIDUA_BIN=$T/bin THIDUA_SLOW=1 bash "$T/story.sh" >"$T/told" 2>&1
    told=$?
}
# ends NAME CODE LINE STORY: the story ends with CODE and says LINE.
ends() {
    tell_story "$4"
    if [ $told -eq "$2" ] && grep -qxE "$3" "$T/told"; then
        ok "$1"
    else
        not_ok "$1" "exit $told: $(cat "$T/told")"
    fi
}

story "checks"
ends "an expected exit passes" 0 'ok 1 - hub refuse: exit 1' 'expect_exit 1 hub refuse; the_end'
ends "another exit fails" 1 'not ok 1 - hub refuse: exit 0' 'expect_exit 0 hub refuse; the_end'
ends "words are found" 0 'ok 2 .*' 'expect_exit 1 hub refuse; says "no such unit"; the_end'
ends "missing words fail" 1 'not ok 2 .*' 'expect_exit 1 hub refuse; says "no such file"; the_end'
ends "words on the wrong side fail" 1 'not ok 1 .*' 'run hub refuse; prints "no such unit"; the_end'
ends "JSON is read" 0 'ok 1 .*' 'run echo "{\"a\":[1,2]}"; prints_json .a "[1,2]"; the_end'
ends "other JSON fails" 1 'not ok 1 .*' 'run echo "{\"a\":1}"; prints_json .a 2; the_end'
ends "no JSON fails" 1 'not ok 1 .*' 'run echo nothing; prints_json .a 2; the_end'
ends "the plan comes at the end" 0 '1\.\.2' 'ok a; ok b; the_end'
tell_story 'ok a; exit 0'
check "a story that breaks off has no plan" bash -c "! grep -q '^1\\.\\.' '$T/told'"

story "daemons"
ends "a daemon gets ready and stops" 0 'ok 2 - h ends with 0' \
    'start h hub serve; wait_ready h; stop h; the_end'
ends "one that never gets ready fails" 1 'not ok 1 .*' \
    'start h sleep 60; wait_ready h 1; the_end'
ends "one that dies instead fails at once" 1 '#   it has ended; it said:' \
    'start h hub refuse; wait_ready h 50; the_end'
ends "one that ignores SIGTERM fails" 1 'not ok 1 - h ends with 0' \
    'start h hub deaf; eventually 5 grep -q ready h.log; kill -TERM $(pid_of h); wait_end h 0 1; the_end'
ends "a killed one can start again, and its old words do not count" 1 'not ok 2 .*' \
    'start h hub serve; wait_ready h; crash h; start h sleep 60; wait_ready h 1; the_end'
tell_story 'start h hub deaf; start i sleep 61; pid_of h; pid_of i; exit 3'
check "nothing is left running" bash -c \
    "for p in \$(grep -xE '[0-9]+' '$T/told'); do ! kill -0 \$p 2>/dev/null || exit 1; done"
tell_story 'echo "$T"; touch file; the_end'
check "and no folder" test ! -e "$(head -n 1 "$T/told")"

story "ports and time"
port=$(free_port)
check "a free port is one that can be had" "$PYTHON" -c \
    "import socket; socket.create_server(('127.0.0.1', $port))"
ends "the calendar is steered" 0 'ok 1 .*' \
    'calendar "2023-12-15 23:30:00"; run hub date; prints 2023-12-15T16; the_end'
ends "and given back" 0 'ok 1 .*' \
    'calendar "2023-12-15 23:30:00"; real_time; run hub date; prints "$(date -u +%Y)"; the_end'
ends "the proxy can be started and told" 0 'ok 1 - p says .*' \
    'start_proxy p --to 127.0.0.1:9; tell p cut; wait_line p "did cut"; the_end'
the_end
