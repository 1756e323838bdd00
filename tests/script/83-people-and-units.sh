#!/bin/bash
# Files of people and of units: what is read all the same, and what is refused, and where.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/script/world.sh"

found_hub hub "$(free_port)"
issue_campaigns hub
serve hub
join_office n 31741
stop hub

story "Vietnamese typed with combining marks (NFD) is kept precomposed (NFC)."
head=code,kind,class,name,unit,leader,uniformed
subjects() { printf "$head\n$1" >people.csv; }
people=(node -d n subject import people.csv)
subjects 'DU,collective,co-quan-dang,Đa\xcc\x89ng u\xcc\x89y,,,\nNV1,individual,can-bo,Nguye\xcc\x82\xcc\x83n Va\xcc\x86n A\xcc\x81nh,31741,có,không\n'
expect_exit 0 "${people[@]}"
expect_exit 0 node -d n subject list --json
prints_json '[.[] | select(.code != "31741") | .name]' '["Đảng ủy","Nguyễn Văn Ánh"]'
prints_json '[.[] | select(.code == "NV1") | .leader, .uniformed]' '[true,false]'

story "People whose row cannot stand."
unchanged node_state n
subjects 'DU,bàn,x,Đảng ủy,,,\n'
refused_file '^people.csv, dòng 2, cột 2 .*bàn' '^people.csv, line 2, column 2 .kind.: “bàn” is no kind' "${people[@]}"
subjects 'DU,collective,x,Đảng ủy,31742,,\n'
refused_file 'dòng 2, cột 5 .*31742.*31741' 'line 2, column 5 .unit.: 31742 is no unit that this office' "${people[@]}"
subjects 'DU,collective,x,,,,\n'
refused_file 'dòng 2, cột 4' 'line 2, column 4 .name.: this cell is empty' "${people[@]}"
subjects 'D U,collective,x,Đảng ủy,,,\n'
refused_file 'dòng 2, cột 1 .*D U' "line 2, column 1 .code.: 'D U' cannot be a code" "${people[@]}"
subjects 'DU,collective,x,Đảng ủy,,,\nDU,collective,x,Đảng bộ,,,\n'
refused_file 'dòng 3.*DU.* 2' "line 3.*'DU' is there twice, first on line 2" "${people[@]}"
subjects 'DU,collective,x,Đảng ủy,,,\nDU,collective,x,Đảng bộ,31741,,\n'
refused_file 'dòng 3.*DU' "line 3.*'DU' is there twice" "${people[@]}"
subjects 'DU,individual,x,A,,có lẽ,\n'
refused_file 'dòng 2, cột 6 .*có lẽ' 'line 2, column 6 .leader.: “có lẽ” is neither yes nor no' "${people[@]}"
subjects '31741,individual,x,A,,,\n'
refused_file 'dòng 2, cột 1 .*31741' 'line 2, column 1 .code.: 31741 is the code of the unit itself' "${people[@]}"
printf 'code,kind,class,name,unit,until\nDU,collective,x,A,,31/02/2023\n' >people.csv
refused_file 'dòng 2, cột 6 .*31/02/2023' 'line 2, column 6 .until.: “31/02/2023” is no date' "${people[@]}"
printf 'code,kind,class,name,unit,from,until\nDU,collective,x,A,,01/02/2023,01/01/2023\n' >people.csv
refused_file 'dòng 2, cột 7' 'line 2, column 7 .until.: the post ends before it begins' "${people[@]}"
printf 'code,kind,class,name\nDU,collective,x,A\n' >people.csv
refused_file '^people.csv, dòng 1.*unit' "^people.csv, line 1: column 'unit'.*missing" "${people[@]}"
subjects 'DU,collective,x,\xc1\xf0ng,,,\n'
refused 1 'people.csv, dòng 2, byte.*UTF-8' 'people.csv, line 2, byte [0-9]+: this is not UTF-8' "${people[@]}"
"$PYTHON" -c "
print('code,kind,class,name,unit')
for i in range(4096): print('X%d,collective,x,A,' % i)" >people.csv
refused 1 '31741.*4096' 'unit 31741 would have more than 4096 subjects' "${people[@]}"

story "A file of units at the hub."
head=code,parent,level,kind,name,group
units() { printf "$head\n$1" >units.csv; }
units=(hub -d hub unit import units.csv)
unchanged hub_state hub
for file in soctrang-2023 soctrang-2023-points; do
    refused 1 'campaign issue' 'looks like a campaign file, not a table of units: `campaign issue` takes it' \
        hub -d hub unit import "$CAMPAIGNS/$file.yaml"
done
units '31800,9 4,commune,state,Xã Mới,khoi-xa\n'
refused_file '^units.csv, dòng 2, cột 2 .*9 4' '^units.csv, line 2, column 2 .parent.: there is no unit 9 4' "${units[@]}"
units '31800,99,commune,state,Xã Mới,khoi-xa\n'
refused_file 'dòng 2, cột 2 .* 99' 'line 2, column 2 .parent.: there is no unit 99' "${units[@]}"
units '31800,,commune,state,Xã Mới,khoi-xa\n'
refused_file 'dòng 2, cột 2 .* 94' 'line 2, column 2 .parent.: the parent is missing.* 94' "${units[@]}"
units 'A,B,commune,state,A,\nB,C,commune,state,B,\nC,A,commune,state,C,\n'
refused_file 'dòng [234], cột 2 .*' 'line [234], column 2 .parent.: unit . would lie below itself' "${units[@]}"
units '31800,94,commune,state,A,\n31800,94,commune,state,B,\n'
refused_file "dòng 3.*31800.* 2" "line 3.*'31800' is there twice, first on line 2" "${units[@]}"
units '31800,94,,state,A,\n'
refused_file 'dòng 2, cột 3' 'line 2, column 3 .level.: the level is missing' "${units[@]}"
units '31800,94,commune,state,,\n'
refused_file 'dòng 2, cột 5' 'line 2, column 5 .name.: the name is missing' "${units[@]}"
units '94,31741,province,state,Tỉnh,\n'
refused_file 'dòng 2, cột 2 .*94' 'line 2, column 2 .parent.: 94 is the unit of this hub' "${units[@]}"
printf 'code,parent,level,kind,name,group,from\nA,94,commune,state,A,,30/02/2023\n' >units.csv
refused_file 'dòng 2, cột 7 .*30/02/2023' 'line 2, column 7 .from.: “30/02/2023” is no date' "${units[@]}"
printf 'code,parent,level,name,colour\nA,94,commune,A,red\n' >units.csv
refused_file 'dòng 1, cột 5 .colour' 'line 1, column 5 .colour.: this column is not known' "${units[@]}"

story "A spreadsheet ate a leading zero: the message suggests the code."
units '001,94,commune,state,Xã Số Không,\n'
expect_exit 0 "${units[@]}"
unchanged hub_state hub
units '0011,1,hamlet,body,Ấp,\n'
refused_file 'dòng 2, cột 2 .* 001' 'line 2, column 2 .parent.: there is no unit 1: did you mean 001' "${units[@]}"

story "Names in NFD are kept in NFC, and the same file again changes nothing."
units '31800,94,commune,state,Xa\xcc\x83 Mo\xcc\x9b\xcc\x81i,\n'
expect_exit 0 "${units[@]}" --dry-run
says 'would add 1'
still "nothing changed"
expect_exit 0 "${units[@]}"
expect_exit 0 hub -d hub unit list --json
prints_json '[.[] | select(.code == "31800") | .name]' '["Xã Mới"]'
unchanged hub_state hub
expect_exit 0 "${units[@]}"
still "nothing changed"
the_end
