# The server, and users who are not ours.
directory=$(mktemp -d) || exit 1
mkfifo "$directory/output" || exit 1
"$1" 0 >"$directory/output" &
server=$!
trap 'kill "$server" 2>/dev/null; rm -r "$directory"' EXIT
exec 3<"$directory/output"
read -r listening <&3
timeout 30 python3 examples/network/expected/chat_users.py "${listening##*:}" "$server" || exit 1
wait "$server" || exit 1
echo '-- the server'
cat <&3
