#!/bin/sh
# check_cplusplus.sh [BUILD] - the headers in C++17 and C++20: the tests of generators and
# tests/freestanding.c, which are C as well, and tests/*.cc, with each C++ compiler of $CXX that there
# is. C++17 is optimised, C++20 has $SAN, which is the sanitizers.

cd "$(dirname "$0")/.." || exit 1
dir=${1:-build}/cplusplus
flags() { sed -n "s/^$1 *= *//p" Makefile; }
warnings="$(flags WARNINGS) -Werror" optimised=$(flags O2_FLAGS) san=${SAN-$(flags san_FLAGS)}
rm -rf "$dir"
mkdir -p "$dir" || exit 1

# Not every version of cmocka.h says for itself that it is C.
cat >"$dir/cmocka.hh" <<'END'
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
extern "C" {
#include <cmocka.h>
}
END

known() { echo | "$1" "$2" -Werror -x c++ -fsyntax-only - 2>/dev/null; }

# What `.field = value` needs: it is C++20, and in C++17 an extension that has a warning of its own, or
# else -Wpedantic's. Fields that are left out are zero, which is no mistake.
allowed() {
    echo -Wno-missing-field-initializers
    [ "$2" = c++17 ] || return
    for name in c++20-designator c++20-extensions pedantic; do
        if known "$1" -W$name; then
            echo -Wno-$name
            return
        fi
    done
}

# check SOURCE... - with $cxx as $std
check() {
    program=$dir/$(basename "${1%.*}")
    if ! $cxx $warnings $(allowed "$cxx" $std) -std=$std $mode -I. -include "$dir/cmocka.hh" \
        -x c++ "$@" -o "$program" -lcmocka; then
        echo "$1: does not compile with $cxx as $std"
        result=1
    elif ! "$program" >"$dir/output" 2>&1; then
        cat "$dir/output"
        echo "$1: fails with $cxx as $std"
        result=1
    fi
}

result=0 ran=0
for cxx in ${CXX:-g++ clang++}; do
    command -v "$cxx" >/dev/null || continue
    ran=$((ran + 1))
    for std in c++17 c++20; do
        mode=$optimised
        [ $std = c++17 ] || mode=$san
        check tests/cplusplus.cc tests/freestanding.c
        check tests/itertools.cc
        for file in tests/test_gen*.c; do
            check "$file"
        done
    done
done
if [ $ran -eq 0 ]; then
    echo 'no C++ compiler here: nothing checked'
fi
exit $result
