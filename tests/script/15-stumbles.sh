#!/bin/bash
# What a newcomer stumbles over: each wrong step is refused before anything changes, and says the right one.
. "$(dirname "$0")/lib.sh"

story "a directory that is somebody's stays as it is"
port=$(free_port)
expect_exit 1 hub -d "$T/hub" init --unit 94 --name ""
says "the name is empty"
expect_exit 0 hub -d "$T/hub" init --unit 94 --name "Tỉnh Sóc Trăng" --listen "tcp://127.0.0.1:$port"
rm root.key recovery.key
before=$(sha256sum "$T/hub/actor.key" "$T/hub/data.mdb")
expect_exit 1 hub -d "$T/hub" init --unit 94 --name "Tỉnh Sóc Trăng"
says "is the hub of unit 94 already: nothing to do"
says_not "move"
check "nothing was written" test ! -e root.key -a "$before" = "$(sha256sum "$T/hub/actor.key" "$T/hub/data.mdb")"
expect_exit 0 hub -d "$T/hub" unit import "$SAMPLE/units.csv"
ticket=$(hub -d "$T/hub" enrol 31741 2>/dev/null)
other=$(hub -d "$T/hub" enrol 31723 2>/dev/null)
expect_exit 1 node -d "$T/hub" join "$ticket"
says "is the hub of unit 94 already"

the_end
