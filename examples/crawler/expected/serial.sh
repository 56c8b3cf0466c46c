# The site; a part of it; a page that ends half-way; Ctrl-C; and then the rest.
. "$(dirname "$0")/../serve.sh"
exec 2>&1
"$1" "$url/" || exit 1
"$1" -n 2 "$url/" || exit 1
"$1" "$url/torn/" && exit 1
hangs INT '' "$1" "$url/stuck/"
"$1" "$url/stuck/" || exit 1
