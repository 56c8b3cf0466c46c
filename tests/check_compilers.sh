#!/bin/sh
# check_compilers.sh [BUILD [COMPILER...]] - the tests of generators with these compilers, or with all
# that are installed; INSTALL=1 installs those that are missing, of gcc and clang the oldest and the
# newest in Debian. A line for each says what was done; a warning is a failure.
#
#   gcc, clang, tcc   build and run tests/test_gen*.c and tests/separate/
#   g++, clang++      the same, by check_cplusplus.sh
#   musl-gcc          builds and runs what needs no cmocka, linked with musl
#   for other targets compile what needs no library; the sizes are checked there too

cd "$(dirname "$0")/.." || exit 1
build=${1:-build}
[ $# -eq 0 ] || shift
flags() { sed -n "s/^$1 *= *//p" Makefile; }

fixed='gcc clang g++ clang++ tcc musl-gcc arm-none-eabi-gcc avr-gcc riscv64-unknown-elf-gcc'

# versions NAME - the oldest and the newest that can be installed
versions() {
    apt-cache search --names-only "^$1-[0-9]+\$" | sed 's/ .*//' | sort -t - -k 2n | sed -n '1p;$p'
}

# installed - all there are, each once: gcc-12 may be gcc
installed() {
    seen=
    for cc in $fixed $(echo "$PATH" | tr : '\n' | while read -r d; do ls "$d" 2>/dev/null; done |
        grep -xE '(gcc|g\+\+|clang|clang\+\+)-[0-9]+' | sort -uV); do
        path=$(command -v "$cc") || continue
        # clang++ is a link to clang, and another compiler for its name.
        path=$(readlink -f "$path")
        case $cc in *++*) path=$path++ ;; esac
        case " $seen " in
        *" $path "*) continue ;;
        esac
        seen="$seen $path"
        echo "$cc"
    done
}

# known FLAG... - those that $cc knows
known() {
    for flag in "$@"; do
        ! echo 'typedef int x;' | $cc "$flag" -Werror -x c -fsyntax-only - 2>/dev/null || printf '%s ' "$flag"
    done
}

# hosted STANDARD... - builds and runs the tests as each, by turns optimised and not
hosted() {
    level=-O2
    for std in "$@"; do
        for file in tests/test_gen*.c; do
            program=$dir/$(basename "$file" .c)
            $cc -std="$std" $warnings $level -I. -o "$program" "$file" -lcmocka && "$program" ||
                return 1
        done
        [ $level = -O0 ] && level=-O2 || level=-O0
    done
    SAN='' sh tests/check_separate.sh "$dir" "$cc" && done="built and ran as $*"
}

musl() {
    SAN='' sh tests/check_separate.sh "$dir" "$cc -static" &&
        sh tests/check_freestanding.sh "$dir" "$cc" && done='built and ran, statically'
}

cplusplus() {
    CXX=$cc SAN=-O0 sh tests/check_cplusplus.sh "$dir" && done='built and ran as c++17 c++20'
}

# target FLAG... - compiles for a machine that is not this one
target() {
    for file in tests/freestanding.c tests/separate/*.c; do
        $cc $(flags PLAIN) $warnings "$@" -Os -ffreestanding -I. -c \
            -o "$dir/$(basename "$file" .c).o" "$file" || return 1
    done
    done="compiled for $*"
}

# one COMPILER
one() {
    cc=$1 dir=$build/compilers/$1
    mkdir -p "$dir" || return 1
    if ! command -v "$cc" >/dev/null; then
        echo "skip  $cc: not installed"
        return
    fi
    case $cc in
    tcc) version=$(tcc -v) warnings='-Wall -Werror' ;;
    *)
        version=$($cc --version | head -n 1)
        warnings="$(known $(flags WARNINGS)) -Werror"
        ;;
    esac
    case $cc in
    arm-none-eabi-*) set -- target -mcpu=cortex-m0 -mthumb ;;
    avr-*) set -- target -mmcu=atmega328p ;;
    riscv64-unknown-*) set -- target -march=rv32imac -mabi=ilp32 ;;
    musl-*) set -- musl ;;
    *++*) set -- cplusplus ;;
    tcc) set -- hosted c99 ;;
    *) set -- hosted c99 c11 $(known -std=c2x | sed 's/-std=//') ;;
    esac
    if "$@" >"$dir/log" 2>&1; then
        echo "ok    $cc: $version: $done"
    else
        echo "FAIL  $cc: $version"
        sed 's/^/      | /' "$dir/log"
        return 1
    fi
}

if [ "$ONE" ]; then
    one "$1"
    exit
fi

if [ "$INSTALL" ]; then
    sh tests/need.sh $fixed && # which updates apt-cache's list, if there was none
        sh tests/need.sh cmocka.h $(for cc in gcc g++ clang; do versions $cc; done) || exit 1
fi
[ $# -gt 0 ] || set -- $(installed) # names without blanks
result=$(mktemp) || exit 1
trap 'rm -f "$result"' EXIT
trap 'exit 1' HUP INT TERM
printf '%s\n' "$@" | ONE=1 xargs -n 1 -P "$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)" \
    sh tests/check_compilers.sh "$build" | tee "$result"
passed=$(grep -c '^ok ' "$result") failed=$(grep -c '^FAIL ' "$result")
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
