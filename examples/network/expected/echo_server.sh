# The server, a client, and Ctrl-C.
directory=$(mktemp -d) || exit 1
mkfifo "$directory/output" || exit 1
"$1" 0 >"$directory/output" &
server=$!
trap 'kill "$server" 2>/dev/null; rm -r "$directory"' EXIT
exec 3<"$directory/output"
read -r listening <&3
"$(dirname "$1")/echo_client" "${listening##*:}" || exit 1
kill -INT "$server"
wait "$server" || exit 1
cat <&3
