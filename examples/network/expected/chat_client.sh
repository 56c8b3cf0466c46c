# Four users say hi twelve times; then the server ends. One user's name is taken; nobody listens.
directory=$(mktemp -d) || exit 1
mkfifo "$directory/output" || exit 1
mkfifo "$directory/said" || exit 1
"$(dirname "$1")/chat_server" 0 >"$directory/output" &
server=$!
trap 'kill "$server" 2>/dev/null; rm -r "$directory"' EXIT
exec 3<"$directory/output"
read -r listening <&3
port=${listening##*:}

"$1" "$port" 1 3 alice bob carol dave >"$directory/said" &
users=$!
count=0
while read -r line; do
    echo "$line"
    case $line in
    *'says hi') count=$((count + 1)) ;;
    esac
    if [ $count -eq 12 ]; then
        count=0
        "$1" "$port" 1 0 bob 2>&1
        kill "$server"
    fi
done <"$directory/said" | sort
wait "$users" || exit 1
wait "$server" || exit 1
sort <&3
! "$1" "$port" 1 0 alice 2>&1
