#!/bin/bash
# The auditor trusts nothing but a fingerprint: one flipped bit, a cut, another root, and it says where.
# also under: asan
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"

found_hub hub "$(free_port)"
issue_campaigns hub
serve hub
for code in 31741 SNV; do
    join_office "n$code" "$code"
    people "n$code" "$code"
    fill "n$code" "$code"
    seal "n$code"
    given node -d "n$code" sync
done
given hub -d hub bundle export all.tdb
stop hub
# Refused: exit 1, and JSON with at least one problem that names a record or says the part.
refuses() { # FILE PATTERN-OF-WHAT [RECORD]
    expect_exit 1 audit verify "$1" --root "$fingerprint" --json
    if jq -e --arg what "$2" --arg record "${3-}" \
        '.problems | length > 0 and any(.[]; (.what | test($what)) and ($record == "" or .record == $record))' \
        <.out >/dev/null 2>&1; then
        ok "the problem: $(jq -r '.problems[0] | (.record // "no record" | .[0:8]) + ": " + .what' <.out | cut -c 1-90)"
    else
        not_ok "a problem that says /$2/ of record ${3:-?}" "$(_last)"
    fi
}
# flipped OFFSET: a copy of the bundle with one bit flipped in the byte at OFFSET.
flipped() {
    "$PYTHON" -c "
import sys
b = bytearray(open('all.tdb', 'rb').read())
b[$1] ^= 1
open('flipped.tdb', 'wb').write(b)"
}
# Where each record begins, what it is, and its id, as section 10 of PROTOCOL.md lays bundles out.
"$PYTHON" - >layout <<'LAYOUT'
import hashlib
data, at = open("all.tdb", "rb").read(), 44
while n := int.from_bytes(data[at : at + 4], "big"):
    header = data[at + 4 : at + 184]
    print("record", at + 4, n, int.from_bytes(header[6:8], "big"))
    at += 4 + n
print("trailer", at + 8, len(data) - at - 8, 0)
print("end", len(data), 0, 0)
LAYOUT
place() { awk -v kind="$1" '$1 == "record" && $4 == kind { print $2; exit }' layout; }
size() { awk -v kind="$1" '$1 == "record" && $4 == kind { print $3; exit }' layout; }
end=$(awk '$1 == "end" { print $2 }' layout)

story "As it was exported it verifies."
expect_exit 0 audit verify all.tdb --root "$fingerprint" --json
prints_json '.problems' '[]'
prints_json '.signatures_ok' true
prints_json '.records' "$(grep -c ^record layout)"
expect_exit 0 audit verify all.tdb --root "$fingerprint"

story "One bit anywhere: in a report's value, its signature, its header; in a receipt; in a campaign; in the genesis."
for kind in 35 64 18 1 16; do
    for where in 100 "$(($(size $kind) / 2))" "$(($(size $kind) - 3))"; do
        flipped "$(($(place $kind) + where))"
        refuses flipped.tdb .
    done
done

story "In the frame of the file: its head, the length of a record, the trailer, the trailer's signature."
for at in 0 9 20 44 47 "$(awk '$1 == "trailer" { print $2 + 1 }' layout)" "$((end - 70))" "$((end - 1))"; do
    flipped "$at"
    refuses flipped.tdb 'header|entries|trailer|export|sign'
done

story "Cut short, anywhere; and with something after its end."
for at in 0 7 43 44 100 "$(($(place 35) + 20))" "$((end - 65))" "$((end - 1))"; do
    head -c "$at" all.tdb >cut.tdb
    refuses cut.tdb 'header|entries|trailer'
done
cat all.tdb <(printf x) >long.tdb
refuses long.tdb 'trailer'

story "Another root: a fingerprint that is not this deployment's."
other=$(printf '%s' "$fingerprint" | tr '0123456789abcdef' '123456789abcdef0')
expect_exit 1 audit verify all.tdb --root "$other" --json
prints_json '.problems | length > 0' true
unchanged ls -A
in_groups=$(sed 's/..../& /g; s/ /-/3; s/ $//' <<<"${fingerprint^^}")
expect_exit 0 audit verify all.tdb --root "$in_groups" --json
refused 2 "${fingerprint}0" "${fingerprint}0" audit verify all.tdb --root "${fingerprint}0"
refused 2 "${fingerprint:0:10}" "${fingerprint:0:10}" audit verify all.tdb --root "${fingerprint:0:10}"
refused 2 '--root' '--root' audit verify all.tdb
refused 1 'none.tdb' 'none.tdb' audit verify none.tdb --root "$fingerprint"

story "In words, for people."
flipped "$(($(place 35) + 100))"
lang='' run audit verify flipped.tdb --root "$fingerprint"
check "exit 1 and words in Vietnamese" bash -c "[ $_status = 1 ] && grep -qE '[ạảấậắặếềệọốồộớợụứự]' .out .err"
lang=vi
for kind in 35 64 18 1 16; do
    for where in 0 4 12 16 24 40 72 100 140 176 190 "$(($(size $kind) / 2))" "$(($(size $kind) - 3))"; do
        flipped "$(($(place $kind) + where))"
        run audit verify flipped.tdb --root "$fingerprint"
        cat .err
    done
done >words.txt
for at in 0 9 20 44 47 "$(awk '$1 == "trailer" { print $2 + 1 }' layout)" "$((end - 70))" "$((end - 1))"; do
    head -c "$at" all.tdb >cut.tdb
    run audit verify cut.tdb --root "$fingerprint"
    cat .err
done >>words.txt
check "many findings were told" bash -c '[ "$(wc -l <words.txt)" -gt 100 ] && grep -q "nội dung đã được ký" words.txt'
check "and no line of them holds English" "$ROOT/tests/english_in" "$ROOT/ops/po/vi.po" words.txt
the_end
