#!/bin/sh
# echo.sh CC - loop.*: echo servers, examples/network/echo_server.c (ours) against bare libev callbacks
# (echo_bare.c), and against the peers in bench/peers/ that are here. Prints rows of run.sh's table,
# and on stderr which peers are not here.
#
#   loop.echo64   requests per second, 64 connections of 64 bytes; loop.echo1k: 512 of 1 KiB
#   loop.cpu64    the server's CPU time for a request, there; loop.cpu1k
#   loop.p99      the time in which 99 of 100 answers came, 64 connections of 64 bytes
#   loop.memory   bytes resident for each of 5000 connections, with a buffer of 64; against 1 KiB
#   loop.*.PEER   the same against a peer
#
# The servers are on one core and the load is on another. In each round every server has its turn.
# The columns are medians, ratio is the median of the rounds' costs: smaller is better for rates too.

rounds=7 # an odd number
seconds=0.3 # of a turn
idle=5000

LC_ALL=C
export LC_ALL
cc=${1:?usage: echo.sh CC}
cd "$(dirname "$0")/.." || exit 1
dir=build/bench/$cc
flags='-O2 -std=c11 -D_GNU_SOURCE -I.'
libs=$(sed -n 's/^LOOP_LIBS *= *//p; s/^TLS_LIBS *= *//p' Makefile)
result=0

# wanted MEASURE...
wanted() {
    for measure; do
        case $measure in
        "$BENCH"*) return 0 ;;
        esac
    done
    return 1
}

# -- Servers -------------------------------------------------------------------------------------

on_server= on_load=
if taskset -c 0 true 2>/dev/null && taskset -c 1 true 2>/dev/null; then
    on_server='taskset -c 0' on_load='taskset -c 1'
fi
ulimit -n "$(ulimit -H -n)" 2>/dev/null
limit=$(ulimit -n)
[ "$limit" = unlimited ] || [ "$limit" -gt $((idle + 100)) ] || idle=$((limit - 100))

pids=
# end PID... - and waits until they have ended.
end() {
    for pid; do
        kill "$pid" 2>/dev/null
        for i in 1 2 3 4 5 6 7 8 9 10; do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "$pid" 2>/dev/null
        pids=$(echo "$pids " | sed "s/ $pid / /; s/ *\$//")
    done
}
trap 'end $pids' EXIT
trap 'exit 1' HUP INT TERM

# start NAME COMMAND... - a server, on any port; then `load NAME` is for it.
start() {
    name=$1
    shift
    : >"$dir/$name.out"
    $on_server "$@" >"$dir/$name.out" &
    pids="$pids $!"
    eval "pid_$name=$!"
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        port=$(sed -n 's/^listening on 127\.0\.0\.1:\([0-9][0-9]*\)$/\1/p' "$dir/$name.out")
        eval "port_$name=\$port"
        [ -z "$port" ] || return 0
        sleep 0.1
    done
    echo "echo.sh: $* does not listen" >&2
    return 1
}

# load NAME CONNECTIONS BYTES REQUESTS - prints what echo_load does.
load() {
    eval "port=\$port_$1 pid=\$pid_$1"
    shift
    $on_load "$dir/echo_load" "$port" "$@" "$pid"
}

# -- Peers: build_NAME sets `command`, or says what is not here ------------------------------------

missing() {
    echo "loop.*.$1: no $2 here" >&2
    return 1
}
failed() {
    result=1
    return 1
}

build_bare() {
    command=$dir/echo_bare
    $cc $flags -o "$command" bench/echo_bare.c -lev || failed
}

build_libuv() {
    command=$dir/echo_uv
    echo '#include <uv.h>' | $cc -E - >/dev/null 2>&1 || missing libuv uv.h || return
    $cc $flags -o "$command" bench/peers/echo_uv.c -luv || failed
}

build_tokio() {
    command=$(sh bench/peers/tokio.sh echo)
    case $? in
    0) ;;
    2) missing tokio 'librust-tokio-dev and cargo' ;;
    *) failed ;;
    esac
}

build_go() {
    command=$dir/echo_go
    command -v go >/dev/null 2>&1 || missing go go || return
    GO111MODULE=off GOCACHE=$PWD/build/bench/go-cache go build -o "$command" bench/peers/echo.go ||
        failed
}

# python MODULE - sets `python` to one that has it: Debian's modules are for Debian's.
python() {
    for python in python3 /usr/bin/python3; do
        python=$($python -c "import $1, sys; print(sys.executable)" 2>/dev/null) && return 0
    done
    return 1
}

# fastest LOOP KIND... - of echo.py: the one that takes the least CPU time.
fastest() {
    loop=$1 least=
    shift
    for kind; do
        start trial "$python" bench/peers/echo.py "$loop" "$kind" && load trial 64 64 5000 >/dev/null &&
            took=$(load trial 64 64 5000) || failed || return
        end $pid_trial
        least=$(printf '%s %s\n' $least "$(echo "$took" | cut -d ' ' -f 4)" "$kind" | sort -n | head -n 1)
    done
    command="$python bench/peers/echo.py $loop ${least#* }"
}

build_asyncio() {
    python asyncio || missing asyncio python3 || return
    fastest asyncio streams protocol buffered
}

build_uvloop() {
    python uvloop || missing uvloop python3-uvloop || return
    fastest uvloop protocol buffered
}

# -- Rows ----------------------------------------------------------------------------------------

# measures SERVER SETTING
measures() {
    case $1 in
    bare) [ "$2" = 64 ] && echo loop.echo64 loop.cpu64 loop.p99 || echo "loop.echo$2" "loop.cpu$2" ;;
    libuv | tokio) echo "loop.echo$2.$1" "loop.cpu$2.$1" ;;
    *) echo "loop.echo$2.$1" ;;
    esac
}

# median EXPRESSION - of the columns of both.
median() {
    awk "{ printf \"%.6f\\n\", $1 }" "$dir/both" | sort -n | sed -n "$((rounds / 2 + 1))p"
}

# row MEASURE SERVER SETTING FIELD FORMAT UNIT BOUND - FIELD is one of echo_load's: 1 is a rate.
row() {
    wanted "$1" || return 0
    paste -d ' ' "$dir/ours.$3" "$dir/$2.$3" >"$dir/both"
    a="\$$4" b="\$($4 + NF / 2)"
    [ "$4" = 1 ] && ratio="$b / $a" || ratio="$a / $b"
    printf "%s\t%s\t$5\t$5\t%s\t%.3f\t%s\n" "$1" "$cc" "$(median "$a")" "$(median "$b")" "$6" \
        "$(median "$ratio")" "$7"
}

# rows SERVER SETTING
rows() {
    case $1 in
    bare)
        row "loop.echo$2" "$1" "$2" 1 %.0f req/s 1.031
        row "loop.cpu$2" "$1" "$2" 4 %.3f us/req -
        [ "$2" != 64 ] || row loop.p99 "$1" "$2" 3 %.1f us 1.1
        ;;
    *)
        row "loop.echo$2.$1" "$1" "$2" 1 %.0f req/s 1
        case $1 in
        libuv | tokio) row "loop.cpu$2.$1" "$1" "$2" 4 %.3f us/req 1 ;;
        esac
        ;;
    esac
}

# memory COMMAND... - sets `bytes`.
memory() {
    start memory "$@" && load memory 1 64 10 >/dev/null &&
        bytes=$(load memory $idle 64 $idle) || failed || return
    bytes=$(echo "$bytes" | cut -d ' ' -f 5)
    end $pid_memory
}

# memory_row MEASURE REFERENCE BOUND
memory_row() {
    ! wanted "$1" || printf '%s\t%s\t%s\t%s\tbytes\t%s\t%s\n' "$1" "$cc" "$ours" "$2" \
        "$(awk "BEGIN { printf \"%.3f\", $ours / $2 }")" "$3"
}

# ------------------------------------------------------------------------------------------------

servers= settings=
for setting in 64 1k; do
    for server in bare libuv tokio go asyncio uvloop; do
        wanted $(measures $server $setting) || continue
        case " $servers " in *" $server "*) ;; *) servers="$servers $server" ;; esac
        case " $settings " in *" $setting "*) ;; *) settings="$settings $setting" ;; esac
    done
done
[ -n "$servers" ] || wanted loop.memory loop.memory.go loop.memory.asyncio || exit 0
mkdir -p "$dir" && $cc $flags -o "$dir/echo_load" bench/echo_load.c || exit 1

if [ -n "$servers" ]; then
    $cc $flags -o "$dir/echo_server" examples/network/echo_server.c loop/*.c $libs &&
        start ours "$dir/echo_server" || exit 1
fi
present=
for server in $servers; do
    build_$server && { start $server $command || failed; } && present="$present $server"
done

for setting in $settings; do
    case $setting in
    64) load='64 64' ;;
    1k) load='512 1024' ;;
    esac
    turns=
    for server in ours $present; do
        [ $server = ours ] || wanted $(measures $server $setting) || continue
        # This warms up, and tells how many requests a turn is.
        load $server $load 5000 >/dev/null && rate=$(load $server $load 10000) || exit 1
        requests=$(awk "BEGIN { printf \"%d\", ${rate%% *} * $seconds + 1000 }")
        eval "requests_$server=\$requests"
        : >"$dir/$server.$setting"
        turns="$turns $server"
    done
    round=0
    while [ $round -lt $rounds ]; do
        reversed=
        for server in $turns; do
            eval "requests=\$requests_$server"
            load $server $load "$requests" >>"$dir/$server.$setting" || exit 1
            reversed="$server $reversed"
        done
        turns=$reversed
        round=$((round + 1))
    done
    for server in $present; do
        ! wanted $(measures $server $setting) || rows $server $setting
    done
    awk -v setting=$setting '{ if ($1 * $4 < 7e5) busy++ }
        END { if (busy > NR / 2) print "loop.*" setting ": others want these cores too: rates and " \
            "times count for little" }' "$dir/ours.$setting" >&2
done

if wanted loop.memory loop.memory.go loop.memory.asyncio; then
    # Ours with a small buffer: what a connection takes without it.
    sed 's/data\[16384\]/data[64]/' examples/network/echo_server.c >"$dir/idle_server.c"
    $cc $flags -o "$dir/idle_server" "$dir/idle_server.c" loop/*.c $libs &&
        memory "$dir/idle_server" || exit 1
    ours=$bytes
    memory_row loop.memory 1024 1
    if wanted loop.memory.go && build_go; then
        memory "$command" 0 64 && memory_row loop.memory.go "$bytes" 1
    fi
    if wanted loop.memory.asyncio && python asyncio; then
        memory "$python" bench/peers/echo.py asyncio protocol && memory_row loop.memory.asyncio "$bytes" 1
    fi
fi
exit $result
