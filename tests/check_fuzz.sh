#!/bin/sh
# check_fuzz.sh [BUILD [CC]] - some hundred random generator programs do the same in C as in Python.
# Always the same ones; `make fuzz-conformance` looks for more. And what mutations.txt changes in gen.h
# is still there to be changed; .ci/run makes the changes.

cd "$(dirname "$0")/.." || exit 1
made=$(python3 tests/fuzz/mutations.py --made) || { echo "$made"; exit 1; }
exec python3 tests/fuzz/fuzz.py --seed 1 --count 300 --cc "${2:-${CC:-cc}}" --build "${1:-build}/fuzz"
