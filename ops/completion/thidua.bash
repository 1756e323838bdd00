# shellcheck shell=bash
# Completion of thidua-hub, thidua-node and thidua-audit for bash. What may stand next is asked of the
# program itself (--complete); what it cannot know, files and what lies in a data directory, is looked
# up here.

# _thidua_list PROGRAM DIR MEMBER VERB...: the values of MEMBER in what a verb prints of DIR.
_thidua_list() {
    local program=$1 dir=$2 member=$3
    shift 3
    [ -n "$dir" ] || return 0
    "$program" -d "${dir/#\~\//$HOME/}" "$@" --json 2>/dev/null </dev/null |
        grep -o "\"$member\":\"[^\"]*\"" | cut -d '"' -f 4 | sort -u
}

# _thidua_answer PROGRAM WORD...: what the last WORD may become, a line each.
_thidua_answer() {
    local program=$1 word=${!#} dir='' i line
    shift
    for ((i = 1; i < $#; i++)); do
        case ${!i} in
            -d | --data) line=$((i + 1)) dir=${!line} ;;
            --data=*) dir=${!i#*=} ;;
            -d?*) dir=${!i#-d} ;;
        esac
    done
    case $word in --*=*) word=${word#*=} ;; esac
    "$program" --complete "$@" 2>/dev/null </dev/null | while IFS= read -r line; do
        case $line in
            '<file>') compgen -f -- "$word" ;;
            '<dir>') compgen -d -- "$word" ;;
            '<campaign>') _thidua_list "$program" "$dir" campaign campaign list ;;
            '<period>') _thidua_list "$program" "$dir" period campaign show ;;
            '<unit>')
                _thidua_list "$program" "$dir" code unit list
                _thidua_list "$program" "$dir" unit subject list
                ;;
            '<subject>') _thidua_list "$program" "$dir" code subject list ;;
            '<report>') _thidua_list "$program" "$dir" report report list ;;
            *) printf '%s\n' "$line" ;;
        esac
    done | while IFS= read -r line; do
        [[ $line != "$word"* ]] || printf '%s\n' "$line"
    done
}

# bash takes words apart at = and : as well; they are put together again, and of what comes back only
# that part is given which replaces the last piece.
_thidua() {
    local words=() word piece i
    for ((i = 1; i <= COMP_CWORD; i++)); do
        piece=${COMP_WORDS[i]}
        if [ ${#words[@]} -gt 0 ] && [[ $piece == [=:]* || ${COMP_WORDS[i - 1]} == *[=:] ]]; then
            words[-1]+=$piece
        else
            words+=("$piece")
        fi
    done
    word=${words[-1]-}
    case $word in --*=*) word=${word#*=} ;; esac
    mapfile -t COMPREPLY < <(_thidua_answer "${COMP_WORDS[0]}" "${words[@]}")
    if [[ $word == *:* ]]; then
        COMPREPLY=("${COMPREPLY[@]#"${word%:*}:"}")
    fi
}
complete -o filenames -F _thidua thidua-hub thidua-node thidua-audit
