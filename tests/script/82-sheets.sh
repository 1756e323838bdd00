#!/bin/bash
# Files of values as spreadsheets save them: what is read all the same, and what is refused, and where.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"

found_hub hub "$(free_port)"
issue_campaigns hub
serve hub
join_office n 31714
people n 31714
stop hub
cp -r n empty
import=(node -d n import)
ours=(--campaign soctrang-2023)

# A sheet of ours in the plain form: long, commas, UTF-8, LF, from the one of the sample.
"$PYTHON" - "$SAMPLE/values-31714.csv" >plain.csv <<'PLAIN'
import csv, sys
print("subject,criterion,value,note")
for row in csv.DictReader(open(sys.argv[1], encoding="utf-8")):
    for leaf, value in row.items():
        if leaf not in ("subject", "name") and value:
            print('%s,%s,%s,%s' % (row["subject"], leaf, value, "Ghi chú" if leaf == "C5" else ""))
PLAIN

story "The plain file fills the sheet."
expect_exit 0 "${import[@]}" plain.csv "${ours[@]}"
says '0 are still empty'
values() { # all that is drafted: what a dry run would seal, by a copy that seals it
    rm -rf "sealing-$1" && cp -r "$1" "sealing-$1"
    node -d "sealing-$1" submit "${ours[@]}" >sealed 2>/dev/null
    node -d "sealing-$1" report show "$(cat sealed)" --json | jq -c .values
}
values n >plain.values
check "so that a report of it holds all of them" test "$(jq length <plain.values)" -gt 300

story "The same values in every form that an office's programs write are the same sheet."
from_plain() { "$PYTHON" -c "import sys; t = open('plain.csv', encoding='utf-8').read(); $1" >"$2"; }
out='sys.stdout.buffer.write'
from_plain "$out(('\\ufeff' + t).encode())" bom.csv
from_plain "$out(('\\ufeff' + t).encode('utf-16-le'))" utf-16-le.csv
from_plain "$out(('\\ufeff' + t).encode('utf-16-be'))" utf-16-be.csv
from_plain "$out(t.replace('\\n', '\\r\\n').encode())" crlf.csv
from_plain "import re; $out(re.sub(r';(\\d+)\\.(\\d+);', r';\\1,\\2;', t.replace(',', ';')).encode())" semicolon.csv
from_plain "$out(t.replace(',', '\\t').encode())" tab.csv
from_plain "$out(''.join(','.join('\"%s\"' % c for c in l.split(',')) + '\\n' for l in t.splitlines()).encode())" quotes.csv
from_plain "import unicodedata; $out(unicodedata.normalize('NFD', t).encode())" nfd.csv
from_plain "$out(t.replace('subject,criterion,value,note', 'Mã đối tượng,Tiêu chí,Giá trị,Ghi chú').encode())" vi.csv
from_plain "$out(t.rstrip().encode())" no-last-line-feed.csv
# C2.3 and its like spelt in English, dots become commas within quotes
from_plain "$out(t.replace(',đạt,', ',met,').replace(',không đạt,', ',not met,').encode())" words.csv
for form in bom utf-16-le utf-16-be crlf semicolon tab quotes nfd vi no-last-line-feed words; do
    rm -rf form && cp -r empty form
    expect_exit 0 node -d form import $form.csv "${ours[@]}"
    values form >$form.values
    same_bytes plain.values $form.values
done
rm -rf form && cp -r empty form
expect_exit 0 node -d form import "$SAMPLE/values-31714.csv" "${ours[@]}"
values form | sed 's/Ghi chú//' >wide.values
sed 's/Ghi chú//' plain.values >plain-without.values
check "the wide form too, but for the notes, which it has no column for" \
    test "$(jq -c 'map(del(.note))' <wide.values)" = "$(jq -c 'map(del(.note))' <plain.values)"
check "a note that came in NFD is kept in NFC" grep -q "Ghi chú" nfd.values

story "A template is filled in and taken back as it is."
expect_exit 0 node -d n template "${ours[@]}" --period 2023 template.csv
expect_exit 0 "${import[@]}" template.csv "${ours[@]}"
says ' 0 values'
refused_exists() { refused 1 'template.csv' 'template.csv exists already' "$@"; }
unchanged node_state n
refused_exists node -d n template "${ours[@]}" --period 2023 template.csv

story "What cannot be read is refused whole, and each mistake has its place."
bad() { printf "$@" >bad.csv; }
bad=("${import[@]}" bad.csv "${ours[@]}")
bad 'subject,criterion,note\nDU,C1.1,\n'
refused_file '^bad.csv, dòng 1.*value' "^bad.csv, line 1: column 'value'.*missing" "${bad[@]}"
bad 'criterion,value\nC1.1,5\n'
refused_file '^bad.csv, dòng 1.*subject' "^bad.csv, line 1.*column 'subject'.*missing" "${bad[@]}"
bad 'subject,criterion,value,colour\nDU,C1.1,5,red\n'
refused_file '^bad.csv, dòng 1, cột 4 .colour.' '^bad.csv, line 1, column 4 .colour.*not known' "${bad[@]}"
bad 'subject,name,C1.1,C9.9\nDU,Đảng ủy,5,5\n'
refused_file '^bad.csv, dòng 1, cột 4 .C9.9.' '^bad.csv, line 1, column 4 .C9.9.' "${bad[@]}"
bad 'subject,criterion,value\nDU,C1.1,5\nMT,C1.1,5\nDU,C1.1,6\n'
refused_file '^bad.csv, dòng 4.*DU.*C1\.1.* 2' '^bad.csv, line 4.*DU, criterion C1.1 is there twice.*line 2' \
    "${bad[@]}"
bad 'subject,name,C1.1\nDU,Đảng ủy,5\nDU,Đảng ủy,6\n'
refused_file '^bad.csv, dòng 3.*DU.* 2' '^bad.csv, line 3.*DU.*twice.*line 2' "${bad[@]}"
bad 'subject,criterion,value,value\nDU,C1.1,5,5\n'
refused_file '^bad.csv, dòng 1, cột 4' "^bad.csv, line 1, column 4.*twice" "${bad[@]}"
bad 'subject,criterion,value\n1,I1.1,3\n'
refused_file '^bad.csv, dòng 2, cột 1.* 001' '^bad.csv, line 2, column 1 .subject.*is it 001.*leading zero' \
    "${bad[@]}"
bad 'subject,criterion,value,note\nDU,C1.1,5\n'
refused_file '^bad.csv, dòng 2' '^bad.csv, line 2.*3 cells.* 4' "${bad[@]}"
bad 'subject,criterion,value,note\nDU,C1.1,5,"mở\n'
refused 1 'bad.csv, dòng 2.*nháy' 'bad.csv, line 2: a quote.*is not closed' "${bad[@]}"
bad 'subject,criterion,value,note\nDU,C1.1,5,\xf0\xedt\n'
refused 1 'bad.csv, dòng 2, byte .*UTF-8' 'bad.csv, line 2, byte [0-9]+: this is not UTF-8' "${bad[@]}"
bad '\xff\xfes\x00u\x00b'
refused 1 'bad.csv, dòng 1.*UTF-16' 'bad.csv, line 1: the UTF-16 text is damaged or cut off' "${bad[@]}"
bad '\xff\xfes\x00\x00\xd8,\x00\n\x00'
refused 1 'bad.csv, dòng 1.*UTF-16' 'bad.csv, line 1: the UTF-16 text is damaged' "${bad[@]}"
bad 's\x00u\x00b\x00'
refused 1 'bad.csv.*UTF-16' 'bad.csv holds zero bytes' "${bad[@]}"
bad 'PK\x03\x04xl/workbook.xml'
refused 1 'bad.csv.*CSV UTF-8' 'bad.csv is a workbook, not CSV' "${bad[@]}"
bad ''
refused 1 'bad.csv' 'bad.csv is empty: its first line must name the columns' "${bad[@]}"
rm bad.csv
refused 1 'bad.csv' 'there is no file bad.csv' "${bad[@]}"
refused 1 '/' 'cannot be read|no file' "${import[@]}" / "${ours[@]}"

story "More rows than a report may hold."
"$PYTHON" -c "
print('subject,criterion,value')
for i in range(262145): print('X%d,C1.1,5' % i)" >bad.csv
refused 1 'bad.csv.*262144' 'bad.csv, line 262146: more than 262144 rows: split the file' "${bad[@]}"

story "Of many mistakes each is told, at its place and in order; nothing of the file is taken."
bad 'subject,criterion,value\nDU,C1.1,5\nDU,C1.2,nan\nXX,C1.1,5\nDU,C9.9,5\nDU,C1.3,99\n'
expect_exit 1 "${bad[@]}"
says 'bad.csv, line 3, column 3 (value)'
says 'bad.csv, line 4, column 1 (subject)'
says 'bad.csv, line 5, column 2 (criterion)'
says 'bad.csv, line 6, column 3 (value)'
says '4 mistakes; nothing was changed'
still "nothing changed"
check "in order" sort -c -t ' ' -k 3,3 <(grep -a '^bad.csv, line' .err)

story "A dry run says what would change, and changes nothing."
bad 'subject,criterion,value\nDU,C1.1,1\n'
expect_exit 0 "${bad[@]}" --dry-run
says '1 values'
says 'nothing was changed'
still "nothing changed"
the_end
