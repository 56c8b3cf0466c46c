#!/bin/sh
# check_fuzz_reader.sh [BUILD [CC]] - any bytes, cut into any pieces, read the same as the whole: some
# thousand inputs, by libFuzzer where the compiler has it. RUNS=1000000 makes it longer.

BUILD=${1:-build} CC=${2:-${CC:-cc}}
cd "$(dirname "$0")/.." || exit 1
flags() { sed -n "s/^$1 *= *//p" Makefile; }
dir=$BUILD/fuzz
mkdir -p "$dir" || exit 1

# build OUTPUT FLAG...
build() {
    output=$1
    shift
    # shellcheck disable=SC2046
    $CC -I. $(flags HOSTED) $(flags WARNINGS) -Werror -g -O1 "$@" -o "$output" tests/fuzz/reader.c \
        "$BUILD/san/libgenloop.a" $(flags LOOP_LIBS)
}

sanitizers=address,undefined
if build "$dir/reader_fuzzer" -DFUZZER -fsanitize=fuzzer,$sanitizers 2>/dev/null; then
    mkdir -p "$dir/reader_corpus"
    timeout 500 "$dir/reader_fuzzer" -runs="${RUNS:-20000}" -seed=1 -max_len=256 -print_final_stats=0 \
        -artifact_prefix="$dir/" "$dir/reader_corpus"
else
    build "$dir/reader" -fsanitize=$sanitizers -fno-sanitize-recover=all &&
        timeout 500 "$dir/reader" "${RUNS:-5000}" 1
fi
