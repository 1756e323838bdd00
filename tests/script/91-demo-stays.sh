#!/bin/bash
# The demo in English; its hubs stay up for whoever wants to look around, until they are told to go.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/demo.sh"

story "in English, and it stays until it is told to go"
start demo demo --lang en
wait_line demo 'Ctrl-C ends them' 280
log_of demo >"$T/told"
from_line 'In short' "$T/told" >"$T/screen"
check "24 lines of 80 columns" one_screen
hub=$(log_of demo | grep -oE "$T/tmp/thidua-demo[^ ]*/bin/94" | head -n 1)
expect_exit 0 "${hub%94}945" board --campaign soctrang-2023 --json
prints_json '[.actual, .expected]' '[2,3]'
expect_exit 0 "$hub" board --campaign soctrang-2023 --json
prints_json '[.actual, .expected]' '[10,12]'
stop demo
check "nothing is left" nothing_left

the_end
