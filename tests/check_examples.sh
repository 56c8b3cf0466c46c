#!/bin/sh
# check_examples.sh [BUILD] - the examples print what examples/expected says, each NAME what is in
# NAME.txt, and end with exit status 0. NAME.sed, if there is one, takes out what differs from run to
# run. Examples without a NAME.txt are not run.

cd "$(dirname "$0")/.." || exit 1
dir=${1:-build}/O2/examples
output=$(mktemp) || exit 1
trap 'rm -f "$output"' EXIT
trap 'exit 1' HUP INT TERM

result=0 ran=0
for expected in examples/expected/*.txt; do
    [ -f "$expected" ] || continue
    name=$(basename "$expected" .txt)
    ran=$((ran + 1))
    if [ ! -x "$dir/$name" ]; then
        echo "$name: not built in $dir"
        result=1
        continue
    fi
    timeout 60 "$dir/$name" >"$output" </dev/null
    status=$?
    if [ $status -ne 0 ]; then
        echo "$name: exit status $status"
        result=1
    fi
    filter=${expected%.txt}.sed
    [ ! -f "$filter" ] || sed -E -i -f "$filter" "$output"
    if ! diff -u "$expected" "$output"; then
        echo "$name: prints something else"
        result=1
    fi
done
if [ $ran -eq 0 ]; then
    echo 'examples/expected has no files'
    result=1
fi
exit $result
