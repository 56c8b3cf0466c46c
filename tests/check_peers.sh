#!/bin/sh
# check_peers.sh [BUILD [CC]] - programs of others as peers, in both directions: nc, socat, and
# Python's asyncio with streams and with protocols. With each of them 1 MiB goes there and back
# while one half is closed, and lines are answered. One line for each pair. Ours have sanitizers.

BUILD=${1:-build} CC=${2:-${CC:-cc}}
cd "$(dirname "$0")/.." || exit 1
CC=$CC sh tests/need.sh nc socat python3 || exit 1
flags() { sed -n "s/^$1 *= *//p" Makefile; }
mkdir -p "$BUILD/peers" || exit 1
dir=$(cd "$BUILD/peers" && pwd) || exit 1
result=0 server=

end_server() {
    [ -z "$server" ] || kill "$server" 2>/dev/null
    server=
}
trap end_server EXIT
trap 'exit 1' HUP INT TERM

for source in examples/network/echo_server.c examples/network/echo_client.c tests/peers/peer.c; do
    # shellcheck disable=SC2046
    $CC -I. $(flags HOSTED) $(flags WARNINGS) -Werror $(flags san_FLAGS) \
        -o "$dir/$(basename "$source" .c)" "$source" "$BUILD/san/libgenloop.a" \
        $(flags LOOP_LIBS) || exit 1
done
rm -f "$dir/fifo" "$dir/said"
mkfifo "$dir/fifo" "$dir/said" || exit 1
head -c 1048576 /dev/urandom >"$dir/bulk"
head -c 1048576 /dev/urandom >"$dir/after"
printf 'one\ntwo\n\nfour, whose end is the end' >"$dir/ask"
printf 'one\ntwo\n\nfour\n' >"$dir/lines"
printf hello >"$dir/message"
printf 'sent: hello\nreceived: hello\n' >"$dir/printed"

# -- Servers and clients: all end by themselves, or are ended. They are run in subshells. ----------

bounded() { exec timeout 60 "$@"; }
ours() { exec timeout --foreground 60 "$dir/$@"; } # which passes one SIGTERM on, not two

# server NAME WHAT: echoes. A listening nc ends at its peer's end, and would not echo what is left
# then; so it sends a file, and takes another `after` that.
# shellcheck disable=SC2016,SC2069
server() {
    case $1 in
    nc)
        [ "$2" = after ] && bounded nc -v -N -l 127.0.0.1 0 <"$dir/bulk" 2>&1 >"$dir/taken"
        bounded sh -c 'nc -v -N -l 127.0.0.1 0 <"$1" | cat >"$1"' sh "$dir/fifo"
        ;;
    echo_server) ours echo_server ;;
    peer) ours peer serve ;;
    socat) bounded socat -d -d -t 60 TCP-LISTEN:0,bind=127.0.0.1 PIPE ;;
    *) bounded python3 tests/peers/peer.py "$1" serve ;;
    esac
}

# client NAME WHAT: from stdin to stdout
client() {
    case $1 in
    echo_client) ours echo_client "$port" hello ;;
    peer) ours peer "$2" "$port" ;;
    nc) bounded nc -N 127.0.0.1 "$port" ;;
    socat) bounded socat -t 60 - "TCP:127.0.0.1:$port" ;;
    *) bounded python3 tests/peers/peer.py "$1" "$2" "$port" ;;
    esac
}

# Sets $port to where the server says that it listens. Descriptor 3 has what else it says.
start_server() {
    server "$1" "$2" >"$dir/said" 2>&1 3<&- &
    server=$!
    exec 3<"$dir/said"
    port=
    while [ -z "$port" ] && read -r line <&3; do
        case $line in
        *[Ll]'istening on '*) port=${line##*[!0-9]} ;;
        esac
    done
}

# pair SERVER CLIENT WHAT [INPUT [OUTPUT]]
pair() {
    start_server "$1" "$3"
    why=
    (client "$2" "$3") <"$dir/${4:-$3}" >"$dir/got" 2>"$dir/errors" ||
        why="the client: exit status $?"
    cmp -s "$dir/${5:-${4:-$3}}" "$dir/got" || why="$why; what comes back is not what was sent"
    case $1 in
    echo_server | peer) kill "$server" || why="$why; the server is gone" ;;
    esac
    wait "$server" || why="$why; the server: exit status $?"
    server=
    [ "$3" != after ] || cmp -s "$dir/after" "$dir/taken" || why="$why; it got something else"
    if [ -z "$why" ]; then
        echo "ok      $1 <- $2: $3"
    else
        echo "FAILED  $1 <- $2: $3: $why"
        cat "$dir/errors" - <&3
        result=1
    fi
    exec 3<&-
}

for other in nc socat streams protocol; do
    for what in bulk ask; do
        pair echo_server $other $what
        pair peer $other $what
        [ $other = nc ] || pair $other peer $what
    done
    pair $other echo_client message message printed
done
pair nc peer after after bulk
pair nc peer ask lines

# What is no port is refused.
for bad in '' ' 80' +80 -1 80x 0x50 65536 99999999999999999999; do
    for program in echo_server echo_client; do
        (ours $program "$bad" >"$dir/got" 2>&1)
        status=$?
        if [ $status -ne 2 ] || ! grep -q "^usage: .*/$program " "$dir/got"; then
            echo "FAILED  $program '$bad': exit status $status, not 2 and its usage"
            result=1
        fi
    done
done
exit $result
