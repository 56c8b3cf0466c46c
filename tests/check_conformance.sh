#!/bin/sh
# check_conformance.sh [BUILD [CC]] - each program of tests/conformance prints the trace that CPython
# printed for the Python program of the same name: with -O2, those that delegate once for each FORM of
# trace.h, and under sanitizers on a gen_stack.

BUILD=${1:-build} CC=${2:-${CC:-cc}}
cd "$(dirname "$0")/.." || exit 1
flags() { sed -n "s/^$1 *= *//p" Makefile; }
cases=tests/conformance dir=$BUILD/conformance
common="$(flags PLAIN) $(flags WARNINGS) -Werror -I."
O2=$(flags O2_FLAGS) san="$(flags san_FLAGS) -g0" # without -g it takes two thirds of the time
export CC cases dir common O2 san
rm -rf "$dir"
mkdir -p "$dir" || exit 1

$CC $common $O2 -c -o "$dir/trace.O2.o" $cases/trace.c || exit 1
$CC $common $san -c -o "$dir/trace.san.o" $cases/trace.c || exit 1

# NAME FORM CONFIGURATION: compiles, runs and compares one.
one='
    program=$dir/$1.$2.$3
    case $3 in O2) flags=$O2 ;; *) flags=$san ;; esac
    $CC $common $flags -DFORM=$2 -o "$program" "$cases/$1.c" "$dir/trace.$3.o" 2>"$program.err" &&
        timeout 20 "$program" >"$program.txt" 2>"$program.err" </dev/null
    status=$?
    [ $status -ne 0 ] || ! cmp -s "$cases/$1.txt" "$program.txt" || exit 0
    {
        echo "$1, $2, $3: exit status $status"
        head -n 40 "$program.err"
        [ ! -f "$program.txt" ] || diff -u "$cases/$1.txt" "$program.txt"
    } >"$program.log"
    cat "$program.log"
    exit 1
'
result=0
for file in $cases/*.c $cases/*.py $cases/*.txt; do
    name=${file##*/} name=${name%.*}
    [ "$name" != trace ] || continue
    for suffix in c py txt; do
        [ -f "$cases/$name.$suffix" ] || { echo "$cases/$name.$suffix is missing"; result=1; }
    done
done
for file in $cases/*.c; do
    name=${file##*/} name=${name%.c}
    [ "$name" != trace ] || continue
    forms=STATIC
    ! grep -q 'delegate[a-z_]*(' "$file" || forms='STATIC ANY NEW'
    for form in $forms; do
        echo "$name $form O2"
    done
    echo "$name NEW san"
done >"$dir/programs"
xargs -L 1 -P "$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)" sh -c "$one" sh <"$dir/programs" ||
    result=1

pairs=$(cut -d ' ' -f 1 "$dir/programs" | uniq | wc -l)
echo "conformance: $((pairs)) pairs, $(($(wc -l <"$dir/programs"))) programs"
exit $result
