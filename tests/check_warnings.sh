#!/bin/sh
# check_warnings.sh - every source compiles without a warning: gcc and clang, those present, with
# -O0, -O2 and -Os, as a compiler sees more or less of a body's flow with each. Any arguments are
# ignored.

cd "$(dirname "$0")/.." || exit 1
flags() { sed -n "s/^$1 *= *//p" Makefile; }
warnings="$(flags WARNINGS) -Werror" plain=$(flags PLAIN) hosted=$(flags HOSTED)

for cc in gcc clang; do
    command -v $cc >/dev/null 2>&1 || continue
    for file in tests/*.c examples/*/*.c loop/*.c; do
        [ -f "$file" ] || continue
        std=$plain
        case $file in
        loop/* | tests/test_loop_*) std=$hosted ;;
        examples/*) ! grep -q '^# *include "loop/' "$file" || std=$hosted ;;
        esac
        for level in -O0 -O2 -Os; do
            # Not -fsyntax-only: the warnings about flow come from the optimizer.
            echo "$cc $std $warnings $level -I. -c -o /dev/null $file"
        done
    done
done | xargs -L 1 -P "$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)" \
    sh -c '[ $# -eq 0 ] || "$@" || { echo "failed: $*"; exit 1; }' sh
