#!/bin/sh
# size.sh CC - gen.size.*: bytes of code on a Cortex-M0 at -Os. Prints rows of run.sh's table.
#
# gen.size.range is the body of a range, against the same as protothreads have it; at most 48 bytes.
# gen.size.shared is what it calls, once for all generators of a file. gen.size.finally is the body
# of a generator with a try/finally around one yield. Left out is NAME_gen__where: a linker drops it
# where nobody asks.

cc=${1:?usage: size.sh CC}
case gen.size in
"$BENCH"*) ;;
*) case $BENCH in gen.size*) ;; *) exit 0 ;; esac ;;
esac
cd "$(dirname "$0")/.." || exit 1
dir=build/bench/size-$cc
mkdir -p "$dir" || exit 1

case $cc in
gcc) cross=arm-none-eabi-gcc ;;
*) cross="$cc --target=arm-none-eabi" ;;
esac
# Not bench/size.sh's to judge: a compiler without that target, or none at all.
if ! echo 'int x;' | $cross -mcpu=cortex-m0 -mthumb -x c -c -o "$dir/try.o" - 2>/dev/null; then
    echo "gen.size: no $cross for a Cortex-M0 here" >&2
    exit 0
fi
nm=nm
for tool in arm-none-eabi-nm llvm-nm; do
    if command -v $tool >/dev/null 2>&1; then
        nm=$tool
        break
    fi
done

for file in range range_pt finally; do
    $cross -mcpu=cortex-m0 -mthumb -Os -std=c99 -ffreestanding -I. -c -o "$dir/$file.o" \
        bench/size/$file.c || exit 1
done

# text FILE - "SIZE NAME" for each function.
text() { $nm -S -t d "$dir/$1.o" | awk '$3 ~ /^[tTwW]$/ && $4 !~ /^\$|_gen__where$/ { print $2 + 0, $4 }'; }

# row MEASURE OURS REFERENCE LIMIT, in bytes.
row() {
    case $1 in
    "$BENCH"*) ;;
    *) return ;;
    esac
    awk -v measure="$1" -v cc="$cc" -v ours="$2" -v ref="$3" -v limit="$4" 'BEGIN {
        printf "%s\t%s\t%d\t%s\tbytes\t", measure, cc, ours, ref
        if (ref == "-") print "-\t-"
        else printf "%.3f\t%.2f\n", ours / ref, limit / ref
    }'
}
body() { text "$1" | awk -v name="$2" '$2 == name { print $1 }'; }

row gen.size.range "$(body range range_gen__body)" "$(body range_pt range_next)" 48
row gen.size.shared "$(text range | awk '$2 != "range_gen__body" { n += $1 } END { print n + 0 }')" - -
row gen.size.finally "$(body finally finally_gen__body)" - -
