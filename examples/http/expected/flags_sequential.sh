# All flags; a flag that is not there; a directory that is not; Ctrl-C.
. "$(dirname "$0")/../serve.sh"
exec 2>&1
"$1" "$url/flags" "$directory" || exit 1
python3 "$server" --check "$directory"
"$1" "$url/mixed" "$directory" && exit 1
"$1" "$url/flags" "$directory/none" && exit 1
interrupt "$1" "$url/hang" "$directory"
