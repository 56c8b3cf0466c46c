#!/bin/sh
# echo.sh CC - loop.echo64: examples/echo_server.c against echo_bare.c, which has bare libev
# callbacks, with 64 connections that echo 64 bytes. Prints one row of run.sh's table.
#
# The servers are on one core and the load is on another. The two columns are requests per second,
# medians; ratio is the median of the rounds' costs, reference/ours: smaller is better here too.

measure=loop.echo64 bound=1.11
connections=64 bytes=64 rounds=11 seconds=0.4

LC_ALL=C
export LC_ALL
cc=${1:?usage: echo.sh CC}
case $measure in
"$BENCH"*) ;;
*) exit 0 ;;
esac
cd "$(dirname "$0")/.." || exit 1
dir=build/bench/$cc
flags='-O2 -std=c11 -D_GNU_SOURCE -I.'
mkdir -p "$dir" &&
    $cc $flags -o "$dir/echo_server" examples/echo_server.c loop/*.c -lev -lpthread &&
    $cc $flags -o "$dir/echo_bare" bench/echo_bare.c -lev &&
    $cc $flags -o "$dir/echo_load" bench/echo_load.c || exit 1

on_server= on_load=
if taskset -c 0 true 2>/dev/null && taskset -c 1 true 2>/dev/null; then
    on_server='taskset -c 0' on_load='taskset -c 1'
fi

pids=
stop() {
    for pid in $pids; do
        kill "$pid" 2>/dev/null
        for i in 1 2 3 4 5 6 7 8 9 10; do
            kill -0 "$pid" 2>/dev/null || continue 2
            sleep 0.1
        done
        kill -KILL "$pid" 2>/dev/null
    done
    pids=
}
trap stop EXIT
trap 'exit 1' HUP INT TERM

# start PROGRAM - sets port.
start() {
    : >"$dir/$1.out"
    $on_server "$dir/$1" 0 >"$dir/$1.out" &
    pids="$pids $!"
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        port=$(sed -n 's/^listening on 127\.0\.0\.1:\([0-9][0-9]*\)$/\1/p' "$dir/$1.out")
        [ -z "$port" ] || return 0
        sleep 0.1
    done
    echo "$dir/$1: does not listen" >&2
    exit 1
}

# load PORT REQUESTS - requests per second.
load() { $on_load "$dir/echo_load" "$1" $connections $bytes "$2"; }

start echo_server
ours=$port
start echo_bare
bare=$port

# These warm up, and tell how many requests a round is.
load "$ours" 20000 >/dev/null && rate=$(load "$bare" 20000) || exit 1
requests=$(awk "BEGIN { printf \"%d\", $rate * $seconds + 1000 }")

i=0
: >"$dir/echo.txt"
while [ $i -lt $rounds ]; do
    if [ $((i % 2)) -eq 0 ]; then
        a=$(load "$ours" "$requests") && b=$(load "$bare" "$requests") || exit 1
    else
        b=$(load "$bare" "$requests") && a=$(load "$ours" "$requests") || exit 1
    fi
    echo "$a $b" >>"$dir/echo.txt"
    i=$((i + 1))
done

# median EXPRESSION - of $1 and $2, over the rounds, of which there is an odd number.
median() { awk "{ printf \"%.6f\\n\", $1 }" "$dir/echo.txt" | sort -n | sed -n "$((rounds / 2 + 1))p"; }
printf '%s\t%s\t%.0f\t%.0f\treq/s\t%.3f\t%s\n' $measure "$cc" "$(median '$1')" "$(median '$2')" \
    "$(median '$2 / $1')" $bound
