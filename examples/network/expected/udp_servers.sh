# Both servers, clients of each, and Ctrl-C.
directory=$(mktemp -d) || exit 1
mkfifo "$directory/output" || exit 1
"$1" >"$directory/output" &
server=$!
trap 'kill "$server" 2>/dev/null; rm -r "$directory"' EXIT
exec 3<"$directory/output"
read -r time_on <&3
read -r echo_on <&3
client=$(dirname "$1")/udp_client
"$client" "${time_on##*:}" || exit 1
"$client" "${time_on##*:}" '' || exit 1
"$client" "${echo_on##*:}" || exit 1
"$client" "${echo_on##*:}" '' || exit 1
"$client" "${echo_on##*:}" "$(printf '%08200d' 0)" | wc -c # cut to 8192, and the newline
"$1" "${time_on##*:}" 2>&1 | sed 's/^.*: //'                # the port is taken
kill -INT "$server"
wait "$server" || exit 1
cat <&3
