# All flags, which come in any order; some that are not there, or a directory; Ctrl-C.
. "$(dirname "$0")/../serve.sh"
exec 2>&1
words() {
    tr ' ' '\n' <"$directory/output" | sed -n '/^[A-Z][A-Z]$/p' | LC_ALL=C sort | tr '\n' ' '
    tail -n 1 "$directory/output"
}
flags=$directory/flags
mkdir "$flags"
"$1" "$url/flags" "$flags" >"$directory/output" || exit 1
words
python3 "$server" --check "$flags"
"$1" "$url/mixed" "$flags" >"$directory/output" && exit 1
words
"$1" "$url/flags" "$flags/none" 2>&1 >"$directory/output" | head -n 2
interrupt "$1" "$url/hang" "$flags"
