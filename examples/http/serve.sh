# serve.sh - for the scripts in expected/: starts server.py, for as long as the script runs. Then
# $url is its address, its other lines are on descriptor 3, $server is its path, and $directory an
# empty one.
directory=$(mktemp -d) && work=$(mktemp -d) && mkfifo "$work/server" || exit 1
server=$(dirname "$0")/../server.py
python3 "$server" >"$work/server" &
serving=$!
trap 'kill $serving; rm -r "$directory" "$work"' EXIT
trap 'exit 1' HUP INT TERM
exec 3<"$work/server"
read -r url <&3 || exit 1
no_proxy='*'
export no_proxy

# Runs a command, interrupts it when its request hangs, and waits until its connections are closed.
interrupt() {
    "$@" &
    program=$!
    read -r event <&3
    kill -INT $program
    wait $program
    echo "exit status $?"
    hanging=1
    while [ $hanging -gt 0 ] && read -r event <&3; do
        [ "$event" = gone ] && hanging=$((hanging - 1)) || hanging=$((hanging + 1))
    done
    echo 'the connections are closed'
}
