# A message of the user's, and a server that does not listen.
directory=$(mktemp -d) || exit 1
mkfifo "$directory/output" || exit 1
"$(dirname "$1")/echo_server" 0 >"$directory/output" &
server=$!
trap 'kill "$server" 2>/dev/null; rm -r "$directory"' EXIT
exec 3<"$directory/output"
read -r listening <&3
"$1" "${listening##*:}" 'a message with spaces' || exit 1
kill -INT "$server"
wait "$server" || exit 1
"$1" "${listening##*:}" 2>&1 | sed 's/^.*echo_client: //'
