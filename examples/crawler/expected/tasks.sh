# The site, which no crawler ends that asks for one page after the other; the same with a pool; a part
# of it, one page at a time; a page that ends half-way; Ctrl-C; and then the rest, with a pool.
serve=concurrent
. "$(dirname "$0")/../serve.sh"
exec 2>&1
"$1" -c 2 "$url/" || exit 1
"$1" -w 2 "$url/" || exit 1
"$1" -c 1 -n 3 "$url/" || exit 1
"$1" "$url/torn/" && exit 1
hangs INT '' "$1" -w 1 "$url/stuck/"
"$1" -w 1 "$url/stuck/" || exit 1
