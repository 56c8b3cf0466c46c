# A message of the user's, and a server that does not listen any more.
directory=$(mktemp -d) || exit 1
mkfifo "$directory/output" || exit 1
"$(dirname "$1")/udp_servers" >"$directory/output" &
server=$!
trap 'kill "$server" 2>/dev/null; rm -r "$directory"' EXIT
exec 3<"$directory/output"
read -r _ <&3
read -r echo_on <&3
"$1" "${echo_on##*:}" 'a message with spaces' || exit 1
kill "$server"
wait "$server" || exit 1
! "$1" "${echo_on##*:}" 2>&1
