# serve.sh - for the scripts in expected/: starts server.py, with the script's $serve as its arguments,
# for as long as the script runs. Then $url is its address, its other lines are on descriptor 3, and
# $directory is an empty one.
directory=$(mktemp -d) && mkfifo "$directory/server" || exit 1
python3 "$(dirname "$0")/../server.py" $serve >"$directory/server" &
started=$!
trap 'kill $started; wait; rm -r "$directory"' EXIT
trap 'exit 1' HUP INT TERM
exec 3<"$directory/server"
read -r url <&3 || exit 1
no_proxy='*'
export no_proxy

# hangs SIGNAL PROCESS COMMAND... : runs a command, and when its page hangs sends the signal to the
# process; to the command, where that is ''.
hangs() {
    signal=$1 process=$2
    shift 2
    "$@" &
    program=$!
    read -r event <&3
    echo "$event"
    kill -s "$signal" "${process:-$program}"
    wait $program
    echo "exit status $?"
    read -r event <&3
    echo "$event"
}
