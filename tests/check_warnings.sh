#!/bin/sh
# check_warnings.sh [BUILD [CC]] - every source compiles without a warning with -O0 and -Os too, as a
# compiler sees more or less of a body's flow with each; -O2 is what it is built with.

CC=${2:-${CC:-cc}}
cd "$(dirname "$0")/.." || exit 1
flags() { sed -n "s/^$1 *= *//p" Makefile; }
warnings="$(flags WARNINGS) -Werror" plain=$(flags PLAIN) hosted=$(flags HOSTED)

for file in tests/*.c examples/*/*.c loop/*.c; do
    std=$plain
    case $file in
    loop/* | tests/test_loop_*) std=$hosted ;;
    examples/firmware/*) continue ;; # it has compilers of its own
    examples/*) ! grep -q '^# *include "loop/' "$file" || std=$hosted ;;
    esac
    for level in -O0 -Os; do
        # Not -fsyntax-only: the warnings about flow come from the optimizer.
        echo "$CC $std $warnings $level -I. -c -o /dev/null $file"
    done
done | xargs -L 1 -P "$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)" \
    sh -c '[ $# -eq 0 ] || "$@" || { echo "failed: $*"; exit 1; }' sh
