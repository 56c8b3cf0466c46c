# The stories, against the server's own count; two polls at a time; the limit of fetches; JSON that
# is broken, or not what it should be; a page that is not there; an error at random; Ctrl-C; a
# fetch that hangs.
. "$(dirname "$0")/../serve.sh"
exec 2>&1
python3 "$server" --count 20 >"$directory/count"
"$1" --polls 1 --limit 20 "$url/v0" >"$directory/output" || exit 1
sed -n -E 's/^\[.*\] (Post .*) \(1\)$/\1/p' "$directory/output" | diff "$directory/count" - ||
    exit 1
"$1" --polls 1 --verbose --limit 1 "$url/v0" || exit 1
"$1" --polls 2 --period 0 --limit 20 "$url/v0" | grep -c 'Post .* comments'
"$1" --period 0 --fetches 0 --verbose "$url/v0" && exit 1
"$1" --polls 1 --fetches 1 --verbose "$url/v0" && exit 1
"$1" --polls 1 --random 1 "$url/v0" && exit 1
"$1" --polls 1 --limit 1 "$url/broken" && exit 1
"$1" --polls 1 --limit 1 "$url/wrong" && exit 1
"$1" --polls 1 "$url/nothing" && exit 1
interrupt "$1" --limit 20 "$url/lazy"
"$1" --polls 1 --timeout 0.1 "$url/hang" && exit 1
exit 0
