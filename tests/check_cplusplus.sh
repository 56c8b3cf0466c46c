#!/bin/sh
# check_cplusplus.sh [BUILD] - gen.h and task.h in C++17 and C++20, with each C++ compiler there is. In
# C++17 the fields of gen_for are an extension that the compilers have and -Wpedantic names.

cd "$(dirname "$0")/.." || exit 1
build=${1:-build}
warnings=$(sed -n 's/^WARNINGS *= *//p' Makefile)
mkdir -p "$build"
result=0 ran=0
for cxx in g++ clang++; do
    command -v $cxx >/dev/null || continue
    extension=-Wno-c++20-extensions
    [ $cxx = g++ ] || extension=-Wno-c++20-designator
    for std in "-std=c++17 $extension" -std=c++20; do
        ran=$((ran + 1))
        if ! $cxx $warnings -Werror $std -I. -o "$build/cplusplus" tests/cplusplus.cc ||
            ! "$build/cplusplus"; then
            echo "$cxx $std: failed"
            result=1
        fi
    done
done
[ $ran -gt 0 ] || echo 'no C++ compiler here: nothing checked'
exit $result
