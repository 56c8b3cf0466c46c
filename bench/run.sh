#!/bin/sh
# run.sh - builds and runs the benchmarks with gcc and clang, those present. Shows a table, which is
# in build/bench.tsv too, and draws it: build/bench.svg. BENCH=PREFIX selects measures by the
# beginning of their names.
#
# ratio is a cost, ours/reference, and is to be at most bound ("-": there is none). Where the columns
# are rates (req/s) it is reference/ours, so that smaller is better everywhere.
#
# `programs` names those that are built, in the order of the table: bench/NAME.c, of which
# bench/NAME_*.c are other translation units, and loop/ if it includes that. `scripts` are given the
# compiler and print rows.
# Any arguments are ignored.

cd "$(dirname "$0")/.." || exit 1
flags() { sed -n "s/^$1 *= *//p" Makefile; }
dir=build/bench tsv=build/bench.tsv
programs='range pipeline chain opaque recursion task threadsafe' scripts='size peers tasks echo'
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

libs=$(sed -n 's/^LOOP_LIBS *= *//p; s/^TLS_LIBS *= *//p' Makefile)
result=0 found=0
printf 'measure\tcompiler\tours\treference\tunit\tratio\tbound\n' >$tsv
for cc in gcc clang; do
    command -v $cc >/dev/null 2>&1 || continue
    found=1
    for name in $programs; do
        program=$dir/$name-$cc units=
        for unit in bench/"$name"_*.c; do
            [ ! -f "$unit" ] || units="$units $unit"
        done
        ! grep -q '"loop/' bench/"$name".c || units="$units loop/*.c"
        if ! $cc $flags -I. -o "$program" bench/"$name".c $units $libs; then
            echo "bench/$name.c: does not compile with $cc" >&2
            result=1
        elif ! $pin "$program" >>$tsv; then
            echo "$program: failed" >&2
            result=1
        fi
    done
    for script in $scripts; do
        on=$pin
        [ $script != echo ] || on= # it has a core for each side
        if ! $on sh bench/$script.sh $cc >>$tsv; then
            echo "bench/$script.sh $cc: failed" >&2
            result=1
        fi
    done
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
sh bench/chart.sh $tsv build/bench.svg || result=1
exit $result
