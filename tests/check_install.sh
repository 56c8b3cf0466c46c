#!/bin/sh
# check_install.sh [BUILD [CC]] - what `make install` puts below $BUILD/stage can be used with what
# pkg-config says of it, in a prefix of its own and in one that DESTDIR moves elsewhere, without TLS
# and c-ares too, and `make uninstall` takes all of it away and nothing else.

BUILD=${1:-build} CC=${2:-${CC:-cc}}
cd "$(dirname "$0")/.." || exit 1
CC=$CC sh tests/need.sh pkg-config ev.h || exit 1
flags() { sed -n "s/^$1 *= *//p" Makefile; }
warnings="$(flags WARNINGS) -Werror" plain=$(flags PLAIN) hosted=$(flags HOSTED)
mkdir -p "$BUILD/stage" || exit 1
stage=$(cd "$BUILD/stage" && pwd)
rm -rf "${stage:?}"/*
# Asked from within make, the inner make shall not take the outer one's options.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES DESTDIR PREFIX

cat >"$stage/generator.c" <<'END'
#include "gen.h"
gen_declare(countdown, int);
struct countdown {
    struct gen gen;
    int n;
};
gen_define(countdown)
{
    gen_begin();
    for (; self->n > 0; self->n--)
        gen_yield(self->n);
    gen_end();
}
int main(void)
{
    int sum = 0;
    gen_for (n, countdown, .n = 4)
        sum += n;
    return sum != 10;
}
END
cat >"$stage/loop.c" <<'END'
#include "loop/loop.h"
#include "loop/stream.h"
gen_declare(sleeper, void);
struct sleeper {
    struct gen gen;
    int woken;
};
gen_define(sleeper)
{
    gen_begin();
    task_sleep(0);
    self->woken = 1;
    gen_end();
}
int main(void)
{
    struct sleeper s = {{0, 0}, 0};
    return loop_run(sleeper_any(&s)) != 0 || !s.woken;
}
END

fail() {
    echo "PREFIX=$prefix DESTDIR=$destdir WITHOUT='$without': $*"
    result=1
}

# use NAME FLAG... - with the compiler's flags for it, before pkg-config's
use() {
    program=$stage/$1
    shift
    rm -f "$program"
    $CC "$@" $warnings -o "$program" "$program.c" $cflags $libs && "$program" ||
        fail "$(basename "$program").c: $CC $* ... $cflags $libs"
}

run_make() {
    make -s "$1" CC="$CC" BUILD="$stage/build" PREFIX="$prefix" DESTDIR="$destdir" WITHOUT="$without" ||
        fail "make $1"
}

# check PREFIX DESTDIR WITHOUT
check() {
    prefix=$1 destdir=$2 without=$3 tree=$2$1
    include=$tree/include/gen lib=$tree/lib
    PKG_CONFIG_PATH=$lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$destdir
    export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR

    run_make install
    cflags=$(pkg-config --cflags gen) && libs=$(pkg-config --libs gen) || fail pkg-config
    [ "$(pkg-config --modversion gen)" = "$(flags VERSION)" ] || fail 'gen.pc has another version'
    use generator $plain
    use loop $hosted
    run_make uninstall
    left=$(find "$tree" ! -type d)
    [ -z "$left" ] || fail "make uninstall leaves" $left
    [ ! -e "$include" ] || fail "make uninstall leaves the directory $include"

    run_make install
    for directory in "$include" "$include/loop" "$lib" "$lib/pkgconfig"; do
        : >"$directory/foreign"
    done
    run_make uninstall
    left=$(find "$tree" ! -type d ! -name foreign)
    [ -z "$left" ] || fail "make uninstall leaves, beside what is not ours," $left
    [ "$(find "$tree" -name foreign | wc -l)" -eq 4 ] || fail 'make uninstall takes what is not ours'
}

result=0
check "$stage/own" '' ''
check /opt/gen "$stage/moved" 'tls ares'
exit $result
