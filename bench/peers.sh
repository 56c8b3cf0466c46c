#!/bin/sh
# peers.sh CC - peer.*: a sum over a range, by gen.h (ours) and by what else one would take for it.
# Prints rows of run.sh's table, and on stderr which peers are not here.
#
# Each program in bench/peers/ prints the nanoseconds for one item. They are run in turns with ours;
# ratio is the median of the rounds' ratios. A figure is that of the whole loop: in an interpreter
# the loop that consumes costs as well. The number of items is such that each takes about as long,
# as what takes longer is interrupted more often.

rounds=7 # an odd number

LC_ALL=C
export LC_ALL
cc=${1:?usage: peers.sh CC}
cd "$(dirname "$0")/.." || exit 1
dir=build/bench/peers-$cc
mkdir -p "$dir" || exit 1
align='-falign-functions=64 -falign-loops=32'
case $cc in
gcc) cxx=g++ ;;
*) cxx=clang++ ;;
esac

wanted() {
    case $1 in
    "$BENCH"*) return 0 ;;
    esac
    return 1
}
# have MEASURE COMMAND - is it wanted, and can it be built?
have() {
    wanted "$1" || return 1
    command -v "$2" >/dev/null 2>&1 && return 0
    echo "$1: no $2 here" >&2
    return 1
}
includes() { echo "#include <$2>" | "$1" -std=c++20 -fsyntax-only -x c++ - 2>/dev/null; }

# median FILE EXPRESSION
median() { awk "{ printf \"%.6f\\n\", $2 }" "$1" | sort -n | sed -n "$((rounds / 2 + 1))p"; }

# against MEASURE ITEMS COMMAND... - in turns; one that fails has no row.
against() {
    measure=$1 items=$2
    shift 2
    : >"$dir/times"
    i=0
    while [ $i -lt $rounds ]; do
        a=$("$dir/gen" 30000000) && b=$("$@" "$items") || {
            echo "$measure: failed" >&2
            result=1
            return
        }
        echo "$a $b" >>"$dir/times"
        i=$((i + 1))
    done
    printf '%s\t%s\t%.3f\t%.3f\tns/item\t%.4f\t-\n' "$measure" "$cc" "$(median "$dir/times" '$1')" \
        "$(median "$dir/times" '$2')" "$(median "$dir/times" '$1 / $2')"
}

result=0
case peer. in
"$BENCH"*) ;;
*) case $BENCH in peer.*) ;; *) exit 0 ;; esac ;;
esac
$cc -std=c11 -D_GNU_SOURCE -O2 $align -I. -o "$dir/gen" bench/peers/gen.c || exit 1

if have peer.rust rustc; then
    rustc --edition 2021 -C opt-level=3 -o "$dir/rust" bench/peers/rust.rs &&
        against peer.rust 30000000 "$dir/rust" || result=1
fi
if have peer.cxx20 $cxx; then
    if ! includes $cxx coroutine; then
        echo "peer.cxx20: $cxx has no <coroutine>" >&2
    else
        $cxx -std=c++20 -O2 $align -o "$dir/cxx20" bench/peers/cxx20.cc &&
            against peer.cxx20 10000000 "$dir/cxx20" || result=1
    fi
fi
if have peer.boost $cxx; then
    if ! includes $cxx boost/context/fiber.hpp; then
        echo 'peer.boost: no <boost/context/fiber.hpp> here' >&2
    else
        $cxx -std=c++20 -O2 $align -o "$dir/boost" bench/peers/boost.cc -lboost_context &&
            against peer.boost 1500000 "$dir/boost" || result=1
    fi
fi
if wanted peer.ucontext; then
    $cc -std=c11 -D_GNU_SOURCE -O2 $align -I. -o "$dir/ucontext" bench/peers/ucontext.c &&
        against peer.ucontext 50000 "$dir/ucontext" || result=1
fi
if have peer.python python3; then
    against peer.python 200000 python3 bench/peers/python.py
fi
if have peer.go go; then
    GO111MODULE=off GOCACHE=$PWD/build/bench/go-cache
    export GO111MODULE GOCACHE
    go build -o "$dir/go" bench/peers/go.go && against peer.go 150000 "$dir/go" || result=1
    if ! go list iter >/dev/null 2>&1; then
        echo "peer.go.pull: $(go version | cut -d ' ' -f 3) has no iter.Pull" >&2
    else
        go build -o "$dir/go_pull" bench/peers/go_pull.go &&
            against peer.go.pull 500000 "$dir/go_pull" || result=1
    fi
fi
exit $result
