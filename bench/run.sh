#!/bin/sh
# run.sh - builds and runs the benchmarks with gcc and clang, those present, and shows a table, which
# is in build/bench.tsv too. BENCH=PREFIX selects measures by the beginning of their names.
#
# ratio is ours/reference, and is to be at most bound. bench/echo_*.c are left to bench/echo.sh,
# which is given the compiler and prints rows. Any arguments are ignored.

cd "$(dirname "$0")/.." || exit 1
flags() { sed -n "s/^$1 *= *//p" Makefile; }
dir=build/bench tsv=build/bench.tsv
# The alignment of a short loop can matter more than what is in it.
flags="$(flags HOSTED) $(flags WARNINGS) -O2 -falign-functions=64 -falign-loops=32"
mkdir -p $dir || exit 1
[ -z "$BENCH" ] || export BENCH

# On one core: the last that this process may use.
pin=
if command -v taskset >/dev/null 2>&1; then
    core=$(taskset -cp $$ 2>/dev/null | sed 's/.*[^0-9]//')
    if [ -n "$core" ] && taskset -c "$core" true 2>/dev/null; then
        pin="taskset -c $core"
    fi
fi

result=0 found=0
printf 'measure\tcompiler\tours\treference\tunit\tratio\tbound\n' >$tsv
for cc in gcc clang; do
    command -v $cc >/dev/null 2>&1 || continue
    found=1
    for file in bench/*.c; do
        case $file in
        bench/echo_*) continue ;;
        esac
        [ -f "$file" ] || continue
        program=$dir/$(basename "$file" .c)-$cc
        if ! $cc $flags -I. -o "$program" "$file"; then
            echo "$file: does not compile with $cc" >&2
            result=1
        elif ! $pin "$program" >>$tsv; then
            echo "$program: failed" >&2
            result=1
        fi
    done
    if [ -f bench/echo.sh ] && ! sh bench/echo.sh $cc >>$tsv; then
        echo "bench/echo.sh $cc: failed" >&2
        result=1
    fi
done
if [ $found -eq 0 ]; then
    echo 'neither gcc nor clang is here' >&2
    result=1
fi

if command -v column >/dev/null 2>&1; then
    column -t -s "$(printf '\t')" $tsv
else
    cat $tsv
fi
exit $result
