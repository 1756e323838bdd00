#!/bin/bash
# Data directories: missing, another's, read-only, damaged, newer than the program, in use.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"

port=$(free_port)
found_hub hub "$port"
issue_campaigns hub
serve hub
join_office n 31741
stop hub
# Of a directory, to the byte, but for its locks.
files() { ls -A "$1" && sha256sum $(ls "$1"/* | grep -v lock); }

story "A directory that is not there is not made, but by init and join."
nothing_there() { ls -A nowhere 2>&1; }
unchanged nothing_there
for verb in status score submit sync check "subject list" "report list"; do
    # shellcheck disable=SC2086 # a verb of two words
    refused 1 'nowhere' 'nowhere holds no thidua data: .*`join` at an office, `init` at a hub' \
        node -d nowhere $verb
done
for verb in serve board check "unit list" "enrol 31741"; do
    # shellcheck disable=SC2086
    refused 1 'nowhere' 'nowhere holds no thidua data: .*`join` at an office, `init` at a hub' hub -d nowhere $verb
done
refused 1 'nowhere' 'nowhere' audit verify nowhere --root "$fingerprint"
mkdir bare
unchanged ls -A bare
refused 1 'bare' 'bare.*no thidua data|no thidua data' node -d bare status
refused 1 'bare' 'bare.*no thidua data|no thidua data' hub -d bare board
touch file
refused 1 'file' 'file' node -d file status
refused 2 '-d' 'needs a data directory: -d DIR' node status

story "A hub's directory is not a node's, and the other way round."
unchanged files hub
refused 1 'hub.*--data' 'hub belongs to a .*hub.*: give the right --data' node -d hub status
unchanged files n
refused 1 'n .*--data' 'n belongs to a .*node.*: give the right --data' hub -d n board
ticket_for 31753
unchanged files hub
refused 1 '--data' 'is the hub of unit .* already.*another --data' node -d hub join "$ticket"
refused 1 'hub' 'hub' hub -d hub init --unit 95 --name 'Tỉnh Khác'
check "and no key was left behind" test ! -e root.key

story "One daemon a directory. The other says whom to stop."
serve hub
unchanged hub_state hub
refused 1 "hub.*$(pid_of hub)" "hub: another thidua .process $(pid_of hub). is running on this directory" \
    hub -d hub serve
start follow node -d n sync --follow
check "the node follows" eventually 20 bash -c "grep -q . $T/n/daemon.lock"
but_for_contact() { node_state n | sed 's/"last_contact":"[^"]*"//'; }
unchanged but_for_contact
refused 1 "n.*$(pid_of follow)" "n: another thidua .process $(pid_of follow). is running" node -d n sync
refused 1 "n.*$(pid_of follow)" "n: another thidua .process $(pid_of follow). is running" \
    node -d n sync --follow
story "Verbs that need no daemon run beside it."
expect_exit 0 node -d n status
expect_exit 0 hub -d hub board
stop follow
crash hub

story "What a daemon leaves when it is killed keeps nobody out."
serve hub
stop hub

story "Another program has the port."
start squatter "$PYTHON" "$ROOT/tests/script/not_our_hub.py" silent "$port"
wait_ready squatter
unchanged hub_state hub
refused 1 "127.0.0.1:$port" "127.0.0.1:$port is in use; stop the program that listens there" \
    hub -d hub serve
crash squatter

story "A store that a newer program wrote is not touched."
cp -r n newer
check "a later version was here" "$PYTHON" "$ROOT/tests/script/set_schema.py" newer 9
unchanged sha256sum newer/data.mdb
for verb in status sync score; do
    refused 1 'định dạng 9.*hãy cài' \
        'written by a newer thidua .format 9, this program knows 3.: install the newer program' \
        node -d newer $verb
done

story "Nor is one that was written before the first release; nobody is told to remove it."
cp -r n older
check "an earlier version was here" "$PYTHON" "$ROOT/tests/script/set_schema.py" older 1
unchanged sha256sum older/data.mdb
for verb in status sync score; do
    refused 1 'định dạng 1' 'written by an older thidua .format 1.' node -d older $verb
done

story "A store that is none, a key file that is damaged or gone."
cp -r n torn
head -c 3000 n/data.mdb >torn/data.mdb
unchanged sha256sum torn/data.mdb
refused 1 'torn/data.mdb' 'torn/data.mdb is cut short or damaged.*put a backup of it back' node -d torn status
refused 1 'torn/data.mdb' 'torn/data.mdb is cut short or damaged.*put a backup of it back' node -d torn check
refused 1 'torn/data.mdb' 'torn/data.mdb is cut short or damaged' node -d torn join "$ticket"
cp -r n blank
{ head -c 8192 n/data.mdb && head -c 100000 /dev/zero; } >blank/data.mdb
unchanged sha256sum blank/data.mdb
for verb in status check "join $ticket"; do
    # shellcheck disable=SC2086 # a verb and its ticket
    refused 1 'blank/data.mdb' 'blank/data.mdb is cut short or damaged.*put a backup' node -d blank $verb
done
cp -r n emptied
: >emptied/data.mdb
unchanged sha256sum emptied/data.mdb
refused 1 'emptied/data.mdb' 'emptied/data.mdb is empty: put a backup of it back' node -d emptied status
refused 1 'emptied/data.mdb' 'emptied/data.mdb is empty: put a backup of it back' node -d emptied check
cp -r n keyless
rm keyless/actor.key
unchanged files keyless
refused 1 'actor.key' 'keyless/actor.key is missing: put it back from its copy; if there is none, ask the hub above for a new ticket' node -d keyless submit
refused 1 'actor.key' 'keyless/actor.key is missing' node -d keyless bundle export keyless.tdb
for verb in status "report list" "campaign list" "score --campaign soctrang-2023" "template --campaign soctrang-2023 sheet.csv"; do
    # shellcheck disable=SC2086 # a verb and its options
    expect_exit 0 node -d keyless $verb
    says 'keyless/actor.key is missing: put it back from its copy'
done
still "nothing changed"
refused 1 '--data' 'belongs to the node of unit .* already' node -d keyless join "$ticket"
cp -r n twisted
printf 'x' | dd of=twisted/actor.key bs=1 seek=60 conv=notrunc 2>/dev/null
unchanged files twisted
refused 1 'actor.key' 'twisted/actor.key: the key file is damaged' node -d twisted submit

story "A key file of another machine: what is here is read, and nothing is signed with it."
cp -r n mixed
cp hub/actor.key mixed/actor.key
unchanged files mixed
refused 1 'của máy khác' 'key file .* or of another machine: put both back' node -d mixed submit
expect_exit 0 node -d mixed status
says 'or of another machine: put both back as they were together'
expect_exit 1 node -d mixed check
prints 'the key file is older or newer than the store, or of another machine'
prints ', 1 findings'
still "nothing changed"

story "A directory that may be read and not written."
serve hub
people n 31741
fill n 31741
stop hub
unprivileged=()
if [ "$(id -u)" = 0 ]; then # root writes anywhere, unless it gives that up
    unprivileged=(setpriv "--bounding-set=-dac_override,-dac_read_search,-fowner")
fi
chmod -R a-w n
if ! "${unprivileged[@]}" touch n/new 2>/dev/null && "${unprivileged[@]}" true; then
    THIDUA_WRAP=${unprivileged[*]}
    unchanged files n
    for verb in "record --subject 31741 --criterion C1.1 --score 7 --campaign soctrang-2023" \
        "submit --campaign soctrang-2023" sync; do
        # shellcheck disable=SC2086
        refused 1 'quyền' 'data directory cannot be opened or written .n.: check its owner and permissions' node -d n $verb
    done
else
    skip "a read-only directory" "this user writes anywhere"
fi
chmod -R u+w n
the_end
