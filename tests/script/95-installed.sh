#!/bin/bash
# What was installed stands alone: it needs nothing of the folder that it was built in.
. "$(dirname "$0")/lib.sh"

build=$(cd "${THIDUA_BIN:-$ROOT/build/release/bin}/.." && pwd)
mine=$T/usr
# vietnamese PROGRAM: what it says of itself in the language of its users.
vietnamese() { LC_ALL=vi_VN.UTF-8 "$mine/bin/$1" --help; }

story "Programs, messages, man pages and completions go below the prefix that was asked for."
check "it installs" cmake --install "$build" --prefix "$mine"
for name in thidua-hub thidua-node thidua-audit; do
    check "$name is there" test -x "$mine/bin/$name"
    check "its man page is there" test -s "$mine/share/man/man1/$name.1"
    check "its man page in Vietnamese is there" test -s "$mine/share/man/vi/man1/$name.1"
    check "its completion is there" test -s "$mine/share/bash-completion/completions/$name"
done

story "So do the texts that the pages name, and units that start what was installed."
for name in PROTOCOL.md FORMAT.md campaigns/README.md campaigns/soctrang-2023.yaml; do
    check "$name is there" test -s "$mine/share/doc/thidua/$name"
done
pages=$(cat "$mine"/share/man/man1/*.1 "$mine"/share/man/vi/man1/*.1)
for name in $(grep -oE '^\.Pa [^ ]*\.md( |$)' <<<"$pages" | cut -d' ' -f2 | sort -u); do
    check "$name, which a page names, is there" test -s "$mine/share/doc/thidua/$name"
done
for name in hub node; do
    unit=$mine/lib/systemd/system/thidua-$name.service
    check "the unit of thidua-$name is there" test -s "$unit"
    check "it starts the program beside it" grep -q "^ExecStart=$mine/bin/thidua-$name " "$unit"
done

story "Messages in Vietnamese are those that were installed with the programs."
for name in thidua-hub thidua-node thidua-audit; do
    check "$name speaks Vietnamese" bash -c "grep -q 'Cách dùng\|cách dùng' <<<'$(vietnamese "$name" | tr -d "'")'"
done
catalogue=$mine/share/locale/vi/LC_MESSAGES/thidua.mo
check "the catalogue was installed" test -s "$catalogue"
mv "$catalogue" "$catalogue.away"
for name in thidua-hub thidua-node thidua-audit; do
    check "without it $name speaks English" bash -c "grep -qi 'usage' <<<'$(vietnamese "$name" | tr -d "'")'"
done
mv "$catalogue.away" "$catalogue"

story "Moved as a whole, they still find them."
mv "$mine" "$T/moved"
mine=$T/moved
check "thidua-node speaks Vietnamese" bash -c "grep -q 'Cách dùng\|cách dùng' <<<'$(vietnamese thidua-node | tr -d "'")'"

the_end
