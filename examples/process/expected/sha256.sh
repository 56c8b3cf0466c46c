# One worker, several, and as many as there are processors. The digests come in any order; those
# expected are hashlib's.
output=$(mktemp) || exit 1
trap 'rm "$output"' EXIT
for workers in 1 4; do
    "$1" $workers >"$output" || exit 1
    LC_ALL=C sort "$output" | grep -v workers
    grep workers "$output"
done
"$1" >"$output" || exit 1
echo "default: $(grep -c -E '^[0-9a-f]{64}$' "$output") digests"
