# Flags of which some fail, as they come; all flags, quietly; a directory that is not there; flags
# without an end; with a terminal; Ctrl-C.
. "$(dirname "$0")/../serve.sh"
exec 2>&1
"$1" -v --max-req 3 "$url/mixed" "$directory" >"$directory/output" && exit 1
LC_ALL=C sort "$directory/output"
rm "$directory/output"
python3 "$server" --check "$directory"
rm "$directory"/*
"$1" --limit 10 "$url/flags" "$directory" || exit 1
python3 "$server" --check "$directory"
"$1" -v -l 1 "$url/flags" "$directory/none" && exit 1
"$1" -v -l 1 "$url/endless" "$directory" && exit 1
python3 -c 'import pty, sys; pty.spawn(sys.argv[1:])' "$1" -l 4 "$url/flags" "$directory" |
    tr '\r' '\n' | grep '%'
interrupt "$1" "$url/hang" "$directory"
