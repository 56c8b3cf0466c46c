# All flags, which come in any order; some that are not there, or a directory; Ctrl-C.
. "$(dirname "$0")/../serve.sh"
exec 2>&1
lines() {
    sed -E 's/^([A-Z]{2} )+//; /^$/d' "$directory/output" | LC_ALL=C sort
}
flags=$directory/flags
mkdir "$flags"
"$1" "$url/flags" "$flags" >"$directory/output" || exit 1
echo "$(grep -o -E '\<[A-Z]{2} ' "$directory/output" | wc -l) flags shown"
lines
python3 "$server" --check "$flags"
"$1" "$url/mixed" "$flags" >"$directory/output" && exit 1
lines
"$1" "$url/flags" "$flags/none" >"$directory/output" && exit 1
lines
interrupt "$1" "$url/hang" "$flags"
