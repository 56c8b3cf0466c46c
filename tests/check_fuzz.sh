#!/bin/sh
# check_fuzz.sh [BUILD [CC]] - some hundred random generator programs do the same in C as in Python.
# Always the same ones; `make fuzz-conformance` looks for more.

cd "$(dirname "$0")/.." || exit 1
exec python3 tests/fuzz/fuzz.py --seed 1 --count 300 --cc "${2:-${CC:-cc}}" --build "${1:-build}/fuzz"
