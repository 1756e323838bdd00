#!/bin/bash
# A hub below another begins while that one is away: it says what is left to do, whatever is asked of
# it, and does nothing by halves. And where a hub is told to listen at what it cannot, it says so at once.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"
. "$ROOT/tests/script/tree.sh"

grep -E '^(code|94|948|31741),' "$SAMPLE/units-3-levels.csv" >units.csv

story "A hub listens at numbers; a name is refused before anything is written."
for host in localhost cafe tinh.example; do
    expect_exit 1 hub -d tinh init --unit 94 --name "Tỉnh Sóc Trăng" --listen "tcp://$host:7411"
    says "cannot listen at tcp://$host:7411: give the address as a number"
    check "nothing is written" test ! -e tinh -a ! -e root.key
done
root_hub tinh 94 "Tỉnh Sóc Trăng"
ticket_for 948 tinh --role hub
expect_exit 1 hub -d huyen init --parent "$ticket" --listen tcp://localhost:7411
says 'give the address as a number, such as 127.0.0.1, or as *, not as a name'
check "nothing is written" test ! -e huyen
stop tinh
expect_exit 1 hub -d tinh serve --listen tcp://cafe:7411
says 'cannot listen at tcp://cafe:7411'

story "The province is off as the district begins: until it has joined it says so, and serves nobody."
here=(--parent "$ticket" --listen "tcp://127.0.0.1:$(free_port)")
expect_exit 75 hub -d huyen init "${here[@]}"
for verb in serve "unit list" "enrol 31741" "campaign list" rotate; do
    # shellcheck disable=SC2086 # a verb is several words
    expect_exit 1 hub -d huyen $verb
    says 'this hub has not finished joining the one above: run the same `init --parent TICKET` line again'
done
expect_exit 0 hub -d huyen check

story "A key that was kept is what the hub goes on with, whatever ticket it comes back with."
cp huyen/actor.key kept.key
mkdir -m 700 other
cp kept.key other/actor.key
expect_exit 75 hub -d other init "${here[@]}"
given hub -d tinh unit list # the province is off, and gives tickets all the same
ticket_for 948 tinh --role hub
expect_exit 75 hub -d other init --parent "$ticket" --listen "tcp://127.0.0.1:$(free_port)"
check "the key is still there" cmp -s kept.key other/actor.key
rm -r other

story "The same line again, and it has joined."
serve tinh
expect_exit 0 hub -d huyen init "${here[@]}"
says_not "will listen"
expect_exit 1 hub -d huyen init "${here[@]}"
says "nothing to do; it listens at ${here[3]}, or where \`serve --listen\` says"
serve huyen
expect_exit 0 hub -d huyen enrol 31741

story "Who does not say where it will listen is told."
ticket_for 31741 tinh --role hub
expect_exit 0 hub -d xa init --parent "$ticket"
says 'will listen at tcp://*:7411; `serve --listen tcp://HOST:PORT` at another place'
mkdir other-keys
cd other-keys || exit 1
expect_exit 0 hub -d other init --unit 93 --name "Tỉnh Hậu Giang"
says 'will listen at tcp://*:7411'
cd "$T" || exit 1
stop huyen
stop tinh
the_end
