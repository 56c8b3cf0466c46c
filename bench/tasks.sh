#!/bin/sh
# tasks.sh CC - task.*.PEER: tasks (ours) against those of Go, tokio and asyncio, each on one core: a
# switch between two that are ready, an item through a queue of 64, and the memory of one that sleeps.
# Prints rows of run.sh's table, and on stderr which peers are not here.
#
# Run in turns; the ratio is the median of the rounds' ratios. Ours has a clock that costs nothing.

rounds=5 # an odd number

LC_ALL=C
export LC_ALL
cc=${1:?usage: tasks.sh CC}
cd "$(dirname "$0")/.." || exit 1
dir=build/bench/tasks-$cc
ours=build/bench/task-$cc
mkdir -p "$dir" || exit 1
[ -x "$ours" ] || exit 0

# median FILE EXPRESSION
median() { awk "{ printf \"%.6f\\n\", $2 }" "$1" | sort -n | sed -n "$((($(wc -l <"$1") + 1) / 2))p"; }

# against WHAT PEER UNIT BOUND COMMAND...
against() {
    case task.$1.$2 in
    "$BENCH"*) ;;
    *) return ;;
    esac
    what=$1 peer=$2 unit=$3 bound=$4
    shift 4
    : >"$dir/times"
    turns=$rounds
    [ "$what" != memory ] || turns=1
    while [ $turns -gt 0 ]; do
        a=$("$ours" "$what") && b=$("$@") || {
            echo "task.$what.$peer: failed" >&2
            result=1
            return
        }
        echo "$a $b" >>"$dir/times"
        turns=$((turns - 1))
    done
    printf 'task.%s.%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$what" "$peer" "$cc" \
        "$(median "$dir/times" '$1')" "$(median "$dir/times" '$2')" "$unit" \
        "$(median "$dir/times" '$1 / $2')" "$bound"
}

# all PEER N COMMAND... - N is how many switches it makes in about a tenth of a second
all() {
    peer=$1 n=$2
    shift 2
    against switch "$peer" ns - "$@" switch "$n"
    against queue "$peer" ns "$([ "$peer" = go ] && echo 0.25 || echo -)" "$@" queue "$n"
    against memory "$peer" bytes - "$@" memory "$([ "$peer" = asyncio ] && echo 200000 || echo 1000000)"
}

result=0
if command -v go >/dev/null 2>&1; then
    GO111MODULE=off GOCACHE=$PWD/build/bench/go-cache
    export GO111MODULE GOCACHE
    go build -o "$dir/go" bench/peers/tasks.go && all go 2000000 "$dir/go" || result=1
else
    echo 'task.*.go: no go here' >&2
fi
tokio=$(sh bench/peers/tokio.sh tasks)
case $? in
0) all tokio 2000000 "$tokio" || result=1 ;;
2) echo 'task.*.tokio: no librust-tokio-dev and cargo here' >&2 ;;
*) result=1 ;;
esac
if command -v python3 >/dev/null 2>&1; then
    all asyncio 200000 python3 bench/peers/tasks.py || result=1
fi
exit $result
