#!/bin/sh
# check_freestanding.sh [BUILD [CC]] - gen.h and task.h need no C library.
#
# Compiles a file that includes them, and tests/freestanding.c, for no system at all; of functions
# they may want those four that compilers emit on their own.
#
# On x86-64 Linux it also links tests/freestanding.c without a library and runs it.

BUILD=${1:-build} CC=${2:-${CC:-cc}}
cd "$(dirname "$0")/.." || exit 1
flags() { sed -n "s/^$1 *= *//p" Makefile; }
dir=$BUILD/freestanding
mkdir -p "$dir" || exit 1

for header in gen.h itertools.h task.h; do
    [ ! -f $header ] || echo "#include \"$header\""
done >"$dir/headers.c"
echo 'int headers;' >>"$dir/headers.c" # ISO C has no empty file

result=0
for file in "$dir/headers.c" tests/freestanding.c; do
    [ -f "$file" ] || continue
    object=$dir/$(basename "$file" .c).o
    # Distributions turn on by default what needs their C library.
    if ! $CC $(flags PLAIN) -ffreestanding -fno-stack-protector -fno-pie -O2 $(flags WARNINGS) \
        -Werror -I. -c -o "$object" "$file"; then
        echo "$file: does not compile freestanding with $CC"
        result=1
        continue
    fi
    undefined=$(nm -u "$object") || { result=1; continue; }
    wanted=$(echo "$undefined" | awk 'NF { print $NF }' | grep -vxE '_?mem(set|cpy|move|cmp)')
    if [ -n "$wanted" ]; then
        echo "$file: wants from a library:" $wanted
        result=1
    fi
done

target=$(echo | $CC -dM -E - | awk '$2 == "__x86_64__" || $2 == "__linux__"' | wc -l)
if [ -f tests/freestanding.c ] && [ "$(uname -sm)" = 'Linux x86_64' ] && [ "$target" -eq 2 ]; then
    program=$dir/program
    if ! $CC $(flags PLAIN) -ffreestanding -fno-stack-protector -fno-pie -O2 $(flags WARNINGS) \
        -Werror -I. -DFREESTANDING_START -nostdlib -static -o "$program" tests/freestanding.c; then
        echo "tests/freestanding.c: does not link without a library with $CC"
        result=1
    else
        "$program"
        status=$?
        if [ $status -ne 0 ]; then
            echo "$program: exit status $status (1: generators, 2: tasks)"
            result=1
        fi
    fi
fi
exit $result
