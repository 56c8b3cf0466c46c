#!/bin/sh
# check_freestanding.sh [BUILD [CC]] - gen.h and task.h need no C library.
#
# Compiles a file that includes them, and tests/freestanding.c, for no system at all; of functions
# they may want those four that compilers emit on their own.

BUILD=${1:-build} CC=${2:-${CC:-cc}}
cd "$(dirname "$0")/.." || exit 1
flags() { sed -n "s/^$1 *= *//p" Makefile; }
dir=$BUILD/freestanding
mkdir -p "$dir" || exit 1

for header in gen.h task.h; do
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
exit $result
