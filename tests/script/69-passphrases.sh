#!/bin/bash
# Keys that are sealed with a passphrase: whoever takes the files alone can sign nothing.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"
set -o pipefail

port=$(free_port)
umask 077
echo "một câu dài mà chỉ mình biết" >pass
echo "câu của khóa gốc" >root-pass
echo "sai" >wrong
: >empty
head -c 1100 /dev/zero | tr '\0' x >long
cp pass open && chmod 644 open
mkdir keys
sealed() { test "$(od -An -tx1 -j5 -N1 "$1")" = " 01"; } # as FORMAT.md has it

story "A hub is made with its own key and the root's keys sealed."
cd keys || exit 1
refused 1 'không có tệp' 'no passphrase file' \
    hub -d "$T/hub" init --unit 94 --name Tỉnh --passphrase-file "$T/none"
refused 1 'mật khẩu' 'is no passphrase' hub -d "$T/hub" init --unit 94 --name Tỉnh --passphrase-file "$T/empty"
refused 1 'mật khẩu' 'at most 1024 bytes' hub -d "$T/hub" init --unit 94 --name Tỉnh --passphrase-file "$T/long"
refused 1 'chmod 600' 'read by everyone' hub -d "$T/hub" init --unit 94 --name Tỉnh --passphrase-file "$T/open"
check "nothing was made" test ! -e "$T/hub" -a ! -e root.key
expect_exit 0 hub -d "$T/hub" init --unit 94 --name "Tỉnh Sóc Trăng" --listen "tcp://127.0.0.1:$port" \
    --passphrase-file "$T/pass" --root-passphrase-file "$T/root-pass"
cd "$T" || exit 1
for file in hub/actor.key keys/root.key keys/recovery.key; do
    check "$file is sealed" sealed $file
done

story "Nothing is opened without it, or with another one."
refused 1 'mật khẩu' 'is sealed: give its passphrase' hub -d hub unit import "$SAMPLE/units.csv"
refused 1 'sai mật khẩu' 'wrong passphrase' hub -d hub unit import "$SAMPLE/units.csv" --passphrase-file wrong
refused 1 'mật khẩu' 'is sealed: give its passphrase' hub -d hub serve
refused 1 'mật khẩu' 'is sealed: give its passphrase' hub -d hub check
refused 1 'sai mật khẩu' 'wrong passphrase' hub -d hub renew --key keys/root.key --passphrase-file pass \
    --root-passphrase-file wrong
refused 1 'mật khẩu' 'root.key is sealed' hub -d hub renew --key keys/root.key --passphrase-file pass
expect_exit 1 hub -d hub renew --key keys/root.key --passphrase-file pass --root-passphrase-file root-pass
says "there is nothing to renew"

story "With it everything goes as ever; a service names the file in its environment."
export THIDUA_PASSPHRASE_FILE=$T/pass
expect_exit 0 hub -d hub unit import "$SAMPLE/units.csv"
expect_exit 0 hub -d hub check
serve hub
ticket_for 31741
expect_exit 0 node -d n join "$ticket"
expect_exit 0 node -d n sync
check "the node's key is sealed too" sealed n/actor.key
unset THIDUA_PASSPHRASE_FILE
refused 1 'mật khẩu' 'is sealed: give its passphrase' node -d n sync
refused 1 'mật khẩu' 'is sealed: give its passphrase' node -d n status
expect_exit 0 node -d n status --passphrase-file=pass

story "Where the keys are not sealed, a passphrase opens nothing, and that is said."
ticket=$(hub -d hub enrol 31753 --passphrase-file pass)
expect_exit 0 node -d plain join "$ticket"
says_not 'is not sealed'
expect_exit 0 node -d plain status --passphrase-file pass
says 'plain/actor.key is not sealed, so the passphrase was not needed'
expect_exit 0 node -d plain status
says_not 'is not sealed'
expect_exit 0 node -d n status --passphrase-file pass
says_not 'is not sealed'

story "It can be typed, where there is a terminal, and is not shown."
typed() { # LINES COMMAND...: run COMMAND on a terminal of its own and type LINES
    "$PYTHON" - "$@" <<'PY'
import os, pty, select, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
lines, said = sys.argv[1].split("|"), b""
end = time.time() + 60
while time.time() < end:
    if select.select([fd], [], [], 0.1)[0]:
        try:
            piece = os.read(fd, 4096)
        except OSError:
            break
        if not piece:
            break
        said += piece
        if said.endswith(b": ") and lines:
            os.write(fd, lines.pop(0).encode() + b"\n")
sys.stdout.buffer.write(said)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PY
}
expect_exit 0 typed "$(cat pass)" "$BIN/thidua-node" --lang en -d n status --passphrase-file -
prints "Passphrase of actor.key: "
prints_not "$(cat pass)"
expect_exit 1 typed "sai" "$BIN/thidua-node" --lang en -d n status --passphrase-file -
prints "wrong passphrase"
ticket_for_other() { hub -d hub enrol 31753 --passphrase-file pass; }
given ticket_for_other
ticket=$(printed)
expect_exit 1 typed "một|hai" "$BIN/thidua-node" --lang en -d m join "$ticket" --passphrase-file -
prints "the two passphrases differ"
check "nothing was made" test ! -e m
expect_exit 0 typed "một|một" "$BIN/thidua-node" --lang en -d m join "$ticket" --passphrase-file -
expect_exit 1 typed "$(cat pass)|$(cat root-pass)" "$BIN/thidua-hub" --lang en -d hub renew --key keys/root.key \
    --passphrase-file - --root-passphrase-file -
prints "Passphrase of actor.key: "
prints "Passphrase of root.key and recovery.key: "
prints "there is nothing to renew"

story "Words are the same, however a machine writes their letters, and with a mark before them."
"$PYTHON" -c 'import sys, unicodedata
sys.stdout.buffer.write(b"\xef\xbb\xbf" + unicodedata.normalize("NFD", open("pass", encoding="utf-8").read()).encode())' >other
expect_exit 0 node -d n status --passphrase-file other

story "Where there is no terminal that is said."
apart() { setsid "$BIN/thidua-node" ${lang:+--lang "$lang"} "$@"; }
refused 1 'thiết bị đầu cuối' 'no terminal' apart -d m status --passphrase-file -
stop hub
the_end
