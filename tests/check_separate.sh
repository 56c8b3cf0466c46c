#!/bin/sh
# check_separate.sh [BUILD [CC]] - generators across files: tests/separate/user.c uses a library's,
# whose bodies are in primes.c, and those that a header has whole. Each file is compiled as C and as
# C++ and linked with the other in all four ways, optimised and with $SAN, which is the sanitizers.

BUILD=${1:-build} CC=${2:-${CC:-cc}}
cd "$(dirname "$0")/.." || exit 1
flags() { sed -n "s/^$1 *= *//p" Makefile; }
warnings="$(flags WARNINGS) -Werror"
dir=$BUILD/separate
mkdir -p "$dir" || exit 1

case $CC in
cc*) cxx=c++${CC#cc} ;;
gcc*) cxx=g++${CC#gcc} ;;
clang*) cxx=clang++${CC#clang} ;;
*) cxx= ;;
esac
languages=c
! command -v "${cxx%% *}" >/dev/null || languages='c c++'

# compile NAME LANGUAGE
compile() {
    case $2 in
    c) with="$CC $(flags PLAIN) $warnings" ;;
    c++) with="$cxx -x c++ -std=c++20 $warnings -Wno-missing-field-initializers" ;;
    esac
    if ! $with $mode -I. -c -o "$dir/$1-$2.o" "tests/separate/$1.c"; then
        echo "$1.c: does not compile as $2: $with $mode"
        result=1
    fi
}

# try LIBRARY USER - each a language
try() {
    linker=$CC
    [ "$1$2" = cc ] || linker=$cxx
    if ! $linker $mode -o "$dir/program" "$dir/primes-$1.o" "$dir/user-$2.o"; then
        echo "a library in $1 and a program in $2 do not link with $CC $mode"
        result=1
        return
    fi
    "$dir/program"
    status=$?
    if [ $status -ne 0 ]; then
        echo "exit status $status (a line of user.c): library in $1, program in $2, $CC $mode"
        result=1
    fi
}

result=0
for mode in "$(flags O2_FLAGS)" "${SAN-$(flags san_FLAGS)}"; do
    rm -f "$dir"/*.o
    for language in $languages; do
        compile primes "$language"
        compile user "$language"
    done
    [ $result -eq 0 ] || exit 1
    for library in $languages; do
        for user in $languages; do
            try "$library" "$user"
        done
    done
done
exit $result
