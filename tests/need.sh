#!/bin/sh
# need.sh NAME... - sees to it that these headers and commands are there.
#
# What is missing is installed with apt-get. Where that cannot be done: says what to type, exit 1.
# CC is the compiler whose headers are meant.

# Debian's package, and what it is for.
package() {
    case $1 in
    ev.h) echo 'libev-dev       the event loop that loop/ runs on' ;;
    openssl/ssl.h) echo 'libssl-dev      TLS: loop/tls.h' ;;
    openssl) echo 'openssl         makes certificates for the tests, and is a peer' ;;
    ares.h) echo 'libc-ares-dev   looks names up without blocking' ;;
    curl/curl.h) echo 'libcurl4-openssl-dev  HTTP, for the examples in examples/http/' ;;
    jansson.h) echo 'libjansson-dev  JSON, for examples/http/comments.c' ;;
    hiredis/hiredis.h) echo 'libhiredis-dev  Redis, for examples/crawler/redis.c' ;;
    redis-server) echo 'redis-server    the queue that the crawlers of examples/crawler share' ;;
    cmocka.h) echo 'libcmocka-dev   the tests are written with it' ;;
    python3) echo 'python3         the other end of some examples, and what they are compared with' ;;
    socat) echo 'socat           talks to the examples, too' ;;
    nc) echo 'netcat-openbsd  talks to the examples that are servers' ;;
    gcc) echo 'gcc             compiles' ;;
    clang) echo 'clang           the second compiler that everything is tested with' ;;
    g++) echo 'g++             compiles C++' ;;
    clang++) echo 'clang           the second compiler for C++' ;;
    gcc-[0-9]* | g++-[0-9]* | clang-[0-9]*) echo "$1 another version of a compiler" ;;
    clang++-[0-9]*) echo "clang-${1#clang++-} another version of a compiler" ;;
    tcc) echo 'tcc             a compiler that is neither gcc nor clang' ;;
    musl-gcc) echo 'musl-tools      another C library' ;;
    arm-none-eabi-gcc) echo 'gcc-arm-none-eabi  compiles for Cortex-M' ;;
    avr-gcc) echo 'gcc-avr         compiles for AVR, where an int has 16 bits' ;;
    riscv64-unknown-elf-gcc) echo 'gcc-riscv64-unknown-elf  compiles for RISC-V' ;;
    make) echo 'make            builds' ;;
    clang-format) echo 'clang-format    make lint: the format of the source' ;;
    clang-tidy) echo 'clang-tidy      make lint: looks for mistakes' ;;
    cppcheck) echo 'cppcheck        make lint: looks for mistakes' ;;
    pkg-config) echo 'pkg-config      reads gen.pc' ;;
    gnuplot) echo 'gnuplot-nox     make bench: draws the table' ;;
    rustc) echo 'rustc           make bench: a peer' ;;
    go) echo 'golang-go       make bench: a peer' ;;
    cargo) echo 'cargo           make bench: builds a peer' ;;
    tokio) echo 'librust-tokio-dev  make bench: a peer' ;;
    boost/context/fiber.hpp) echo 'libboost-context-dev  make bench: a peer' ;;
    uv.h) echo 'libuv1-dev      make bench: a peer' ;;
    uvloop) echo 'python3-uvloop  make bench: a peer' ;;
    avr-libc) echo 'avr-libc        make check-embedded: the C library for AVR' ;;
    picolibc-arm) echo 'picolibc-arm-none-eabi  make check-embedded: a C library for Cortex-M' ;;
    picolibc-riscv) echo 'picolibc-riscv64-unknown-elf  make check-embedded: a C library for RISC-V' ;;
    qemu-system-arm) echo 'qemu-system-arm  make check-embedded: runs programs for Cortex-M' ;;
    qemu-system-riscv32) echo 'qemu-system-misc  make check-embedded: runs programs for RISC-V' ;;
    simavr/sim_avr.h) echo 'libsimavr-dev   make check-embedded: runs programs for AVR' ;;
    esac
}

present() {
    case $1 in
    uvloop) /usr/bin/python3 -c 'import uvloop' 2>/dev/null ;;
    avr-libc) [ -f /usr/lib/avr/include/avr/io.h ] ;;
    picolibc-arm) [ -f /usr/lib/picolibc/arm-none-eabi/picolibc.specs ] ;;
    picolibc-riscv) [ -f /usr/lib/picolibc/riscv64-unknown-elf/picolibc.specs ] ;;
    tokio) ls -d /usr/share/cargo/registry/tokio-1.* >/dev/null 2>&1 ;;
    *.h) echo "#include <$1>" | ${CC:-cc} -E - >/dev/null 2>&1 ;;
    *.hpp) echo "#include <$1>" | ${CXX:-c++} -x c++ -E - >/dev/null 2>&1 ;;
    *) command -v "$1" >/dev/null 2>&1 ;;
    esac
}

# Sets `missing` (names) and `packages`.
look() {
    missing= packages=
    for name in "$@"; do
        found=$(package "$name")
        if [ -z "$found" ]; then
            echo "need.sh: $name: not a name that it knows" >&2
            exit 2
        fi
        present "$name" || {
            missing="$missing $name"
            packages="$packages ${found%% *}"
        }
    done
}

look "$@"
[ -n "$missing" ] || exit 0

# Without this a compiler that is not there would look like headers that are not there.
set -- ${CC:-cc}
case $missing in
*.h*) command -v "$1" >/dev/null 2>&1 || {
    case $1 in
    cc | gcc) missing="$missing gcc" packages="$packages gcc" ;;
    clang) missing="$missing clang" packages="$packages clang" ;;
    *) echo "need.sh: the compiler $1 (CC) is not there" >&2; exit 1 ;;
    esac
} ;;
esac

for name in $missing; do
    why=$(package "$name")
    echo "need.sh: missing: $name, of package ${why%% *}: ${why#*  }" | tr -s ' ' >&2
done

if [ "$(id -u)" = 0 ]; then
    sudo=
else
    sudo=sudo
fi
command="apt-get update && ${sudo:+$sudo }apt-get install -y$packages"
if ! command -v apt-get >/dev/null 2>&1; then
    echo "need.sh: no apt-get here; on Debian it would be: ${sudo:+$sudo }$command" >&2
    exit 1
fi
if [ -n "$sudo" ] && ! sudo -n true 2>/dev/null; then
    echo "need.sh: may not install it; please type: $sudo $command" >&2
    exit 1
fi

# make -j may ask for several things at once; apt-get admits one at a time.
if command -v flock >/dev/null 2>&1; then
    exec 9>"${TMPDIR:-/tmp}/gen-need.$(id -u).lock" && flock 9
fi
DEBIAN_FRONTEND=noninteractive
export DEBIAN_FRONTEND
$sudo apt-get update -qq >&2
if ! $sudo apt-get install -y -q $packages </dev/null >&2; then
    echo "need.sh: could not install it; please try: ${sudo:+$sudo }$command" >&2
    exit 1
fi

look $missing
[ -z "$missing" ] || {
    echo "need.sh: installed, and still not found:$missing" >&2
    exit 1
}
