#!/bin/sh
# check_strict.sh [BUILD [CC]] - gen.h and task.h bring no warning into files of users who ask for more
# than $(WARNINGS): in C from a directory of headers and from one of system headers; in C++ too, but
# for warnings about what is C, which only a directory of system headers keeps quiet.

BUILD=${1:-build} CC=${2:-${CC:-cc}}
cd "$(dirname "$0")/.." || exit 1
flags() { sed -n "s/^$1 *= *//p" Makefile; }
dir=$BUILD/strict
mkdir -p "$dir" || exit 1

BOTH='-Wsign-conversion -Wmissing-declarations -Wredundant-decls -Wcast-align -Wcast-qual -Wundef
    -Wunused-macros -Wwrite-strings -Wpointer-arith -Wswitch-enum -Wvla -Wformat=2
    -Wnull-dereference -Wdouble-promotion -Wduplicated-cond -Wduplicated-branches -Wlogical-op
    -Wstrict-overflow=2 -Wunreachable-code -Wcomma -Wconditional-uninitialized -Wshadow-all'
ONLY_C='-Wstrict-prototypes -Wmissing-prototypes -Wmissing-variable-declarations
    -Wold-style-definition -Wnested-externs -Wbad-function-cast -Wjump-misses-init
    -Wdeclaration-after-statement'
ONLY_C11='-Wc++-compat' # which does not like the static assertions of C99
ONLY_CXX='-Wextra-semi -Wsuggest-override -Wnon-virtual-dtor -Woverloaded-virtual'
ABOUT_C='-Wold-style-cast -Wuseless-cast -Wzero-as-null-pointer-constant'

# known FLAG... - those that $with, a compiler with its language, knows
known() {
    for flag in "$@"; do
        ! echo 'typedef int x;' | $with "$flag" -Werror -fsyntax-only - 2>/dev/null || printf '%s ' "$flag"
    done
}

# check FLAG... - compiles $file, at -O2, as some warnings come from the optimizer
check() {
    if ! $with $(flags WARNINGS) -Werror "$@" -O2 -c -o "$dir/object.o" "$file"; then
        echo "$file: warnings: $with $*"
        result=1
    fi
}

result=0
printf '%s\n' '#include "task.h"' 'extern int headers;' >"$dir/headers.c"

with="$CC $(flags PLAIN) -x c"
strict=$(known $BOTH $ONLY_C)
for file in tests/separate/*.c tests/freestanding.c "$dir/headers.c"; do
    check $strict -I.
    check $strict -isystem .
    check $strict $ONLY_C11 -std=c11 -I.
done

case $CC in
cc*) cxx=c++${CC#cc} ;;
gcc*) cxx=g++${CC#gcc} ;;
clang*) cxx=clang++${CC#clang} ;;
*) cxx= ;;
esac
if command -v "${cxx%% *}" >/dev/null; then
    with="$cxx -std=c++20 -x c++"
    strict="$(known $BOTH $ONLY_CXX) -Wno-missing-field-initializers"
    about_c=$(known $ABOUT_C)
    for file in tests/separate/*.c "$dir/headers.c"; do
        check $strict -I.
        check $strict $about_c -isystem .
    done
fi
exit $result
