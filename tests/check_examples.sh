#!/bin/sh
# check_examples.sh [BUILD] - the examples, examples/GROUP/NAME.c, print what expected/ beside them
# says, and end with exit status 0. There:
#
#   NAME.txt   what NAME prints
#   NAME.sed   takes out of it what differs from run to run
#   NAME.args  its arguments, as the shell has them; paths begin at the project's directory
#   NAME.in    its stdin; without one it is empty
#   NAME.sh    is run instead, with the program as its argument: for a server, say
#   NAME.bad   bad arguments, a line for each run: NAME ends with another exit status than 0, and
#              says why on stderr. Each NAME that looks at its arguments has one.

cd "$(dirname "$0")/.." || exit 1
build=${1:-build}/O2
output=$(mktemp) && errors=$(mktemp) || exit 1
trap 'rm -f "$output" "$errors"' EXIT
trap 'exit 1' HUP INT TERM

result=0 ran=0
wrong() {
    echo "$group/$name: $1"
    result=1
}

# Runs it with the arguments, which come as a line.
run() {
    eval "set -- $1"
    timeout 60 "$program" "$@"
}

check_output() {
    if [ -f "$expected.sh" ]; then
        timeout 60 sh "$expected.sh" "$program" >"$output" </dev/null
    else
        input=/dev/null args=
        [ ! -f "$expected.in" ] || input=$expected.in
        [ ! -f "$expected.args" ] || args=$(cat "$expected.args")
        run "$args" >"$output" <"$input"
    fi
    status=$?
    [ $status -eq 0 ] || wrong "exit status $status"
    [ ! -f "$expected.sed" ] || sed -E -i -f "$expected.sed" "$output"
    diff -u "$expected.txt" "$output" || wrong 'prints something else'
}

check_bad() {
    while IFS= read -r args; do
        run "$args" >"$output" 2>"$errors" </dev/null
        status=$?
        # From 124 on it was not its own decision to end.
        [ $status -gt 0 ] && [ $status -lt 124 ] ||
            wrong "bad arguments: $args: exit status $status"
        grep -q -e '^usage: ' -e "^[^ ]*$name: ." "$errors" ||
            wrong "bad arguments: $args: no message on stderr, but: $(cat "$errors")"
    done <"$expected.bad"
}

for source in examples/*/*.c; do
    case $source in examples/firmware/*) continue ;; esac # run by tests/embedded
    name=$(basename "$source" .c)
    directory=$(dirname "$source")
    group=${directory#examples/}
    program=$build/${source%.c}
    expected=$directory/expected/$name
    case $program in
    /*) ;;
    *) program=./$program ;;
    esac

    if [ ! -x "$program" ]; then
        wrong "not built in $build"
        continue
    fi
    if [ -f "$expected.txt" ]; then
        ran=$((ran + 1))
        check_output
    else
        wrong "there is no $expected.txt"
    fi
    if [ -f "$expected.bad" ]; then
        check_bad
    elif grep -q '\<argc\>' "$source"; then
        wrong "it has arguments, and there is no $expected.bad"
    fi
done
if [ $ran -eq 0 ]; then
    echo 'no example was run'
    result=1
fi
exit $result
