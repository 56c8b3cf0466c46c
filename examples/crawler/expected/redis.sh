# Two crawlers, of which each does one page at a time, so that neither comes to an end alone; a page that
# ends half-way; Ctrl-C, and another that takes up what was left; the same after a kill; Redis gone, in
# the middle and from the start.
serve=concurrent
. "$(dirname "$0")/../serve.sh"
exec 2>&1
mkfifo "$directory/redis"
socket=$directory/redis.sock
redis-server --port 0 --unixsocket "$socket" --dir "$directory" --save '' --appendonly no \
    >"$directory/redis" &
redis=$!
started="$started $redis"
exec 4<"$directory/redis"
while read -r line <&4; do
    case $line in *'eady to accept'*) break ;; esac
done
cat <&4 >"$directory/log" &

"$1" -c 1 "$socket" "$url/" &
"$1" -c 1 "$socket" "$url/" || exit 1
wait $! || exit 1
"$1" -p "$socket" "$url/" || exit 1
"$1" -p "$socket" "$url/" || exit 1
"$1" -n 2 -c 1 "$socket" "$url/" || exit 1
"$1" -p "$socket" "$url/" || exit 1
"$1" "$socket" "$url/torn/" && exit 1
"$1" -p "$socket" "$url/torn/" && exit 1

hangs INT '' "$1" "$socket" "$url/stuck/"
"$1" -p "$socket" "$url/stuck/" || exit 1
"$1" "$socket" "$url/stuck/" || exit 1
"$1" -p "$socket" "$url/stuck/" || exit 1

hangs KILL '' "$1" "$socket" "$url/killed/" 2>/dev/null
"$1" -r "$socket" "$url/killed/" || exit 1
"$1" -p "$socket" "$url/killed/" || exit 1

hangs TERM $redis "$1" "$socket" "$url/lost/"
wait $redis
started=${started% *}
"$1" "$socket" "$url/lost/" && exit 1
exit 0
