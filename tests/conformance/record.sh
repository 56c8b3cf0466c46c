#!/bin/sh
# record.sh - records what CPython prints for each NAME.py here as NAME.txt. PYTHON names another
# interpreter than python3.

cd "$(dirname "$0")" || exit 1
result=0
for program in *.py; do
    name=${program%.py}
    [ "$name" != trace ] || continue
    # Python says nothing on stderr unless a program is wrong; or because it dislikes `return` in a
    # finally, which it is here to show.
    errors=$("${PYTHON:-python3}" -B -W ignore "$program" 2>&1 >"$name.new") && [ -z "$errors" ] &&
        mv "$name.new" "$name.txt" || {
        printf '%s: not recorded\n%s\n' "$program" "$errors"
        rm -f "$name.new"
        result=1
    }
done
exit $result
