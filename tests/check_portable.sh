#!/bin/sh
# check_portable.sh [BUILD [CC]] - the loop library as on a system that has less: without what
# loop/portable.h finds that is better than POSIX, then without c-ares and OpenSSL, too. Under the
# sanitizers, and its tests, but for those below.

BUILD=${1:-build} CC=${2:-${CC:-cc}}
cd "$(dirname "$0")/.." || exit 1
dir=$BUILD/portable
mkdir -p "$dir" || exit 1

# It is written in nothing but POSIX.1-2008.
flags() { sed -n "s/^$1 *= *//p" Makefile; }
for file in loop/*.c; do
    case $file in loop/tls*) continue ;; esac
    # shellcheck disable=SC2046
    $CC -std=c11 -D_POSIX_C_SOURCE=200809L -DLOOP_PORTABLE -DLOOP_NO_ARES -I. \
        $(flags WARNINGS) -Werror -fsyntax-only "$file" || exit 1
done

# PROGRAM TEST what of Linux it is about
skipped='loop_descriptor addresses_have_texts sockets without a file
loop_dump tasks_descriptors_and_timers_have_owners the descriptor of a process
loop_protocol a_unix_socket_without_a_file sockets without a file
loop_shutdown a_socket_without_a_file sockets without a file'

cat >"$dir/skip.c" <<'END'
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>

__attribute__((constructor)) static void skip_one(void)
{
    cmocka_set_skip_filter(getenv("SKIP"));
}
END
$CC -c -o "$dir/skip.o" "$dir/skip.c" || exit 1

# Asked from within make, the inner make shall not take the outer one's options.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
# All descriptors that there could be are closed one by one.
# shellcheck disable=SC3045
ulimit -Sn 4096 2>/dev/null
ASAN_OPTIONS=${ASAN_OPTIONS:-detect_stack_use_after_return=1}
export ASAN_OPTIONS

# check DIRECTORY WITHOUT NAME...
check() {
    into=$1 without=$2
    shift 2
    programs=
    for name in "$@"; do
        programs="$programs $into/san/tests/test_$name"
    done
    # shellcheck disable=SC2086
    make -s -j"$(getconf _NPROCESSORS_ONLN)" BUILD="$into" CC="$CC" CFLAGS=-O0 WITHOUT="$without" \
        CPPFLAGS='-DLOOP_PORTABLE' LDFLAGS="$dir/skip.o" $programs || exit 1
    for name in "$@"; do
        line=$(echo "$skipped" | grep "^$name ")
        SKIP=$(echo "$line" | cut -d ' ' -f 2)
        [ -z "$SKIP" ] || echo "skipped: $SKIP: $(echo "$line" | cut -d ' ' -f 3-)"
        SKIP=$SKIP timeout 100 "$into/san/tests/test_$name" >"$dir/output" 2>&1 && continue
        echo "failed: $into/san/tests/test_$name"
        cat "$dir/output"
        result=1
    done
}

result=0
# shellcheck disable=SC2046
check "$dir/all" '' $(cd tests && echo test_loop_*.c | sed 's/test_//g; s/\.c//g')
check "$dir/less" 'tls ares' loop_connect loop_datagram loop_protocol
exit $result
