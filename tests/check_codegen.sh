#!/bin/sh
# check_codegen.sh [BUILD [CC]] - what gcc and clang make of gen.h at -O2, those present, on x86-64.
#
# The loops of bench/ over generators that the compiler sees have no call and write nothing to
# memory, the frame above all. Next() on one that it does not see is one direct call, and resumes in
# few instructions. The instructions are read from -S; which they are does not matter.
#
# In the end the check is shown what it has to object to: the same files without inlining, without
# optimisation, and with another call in the loop.

BUILD=${1:-build}
cd "$(dirname "$0")/.." || exit 1
flags() { sed -n "s/^$1 *= *//p" Makefile; }
dir=$BUILD/codegen
mkdir -p "$dir" || exit 1

# loops and path are two views of one function, as a graph of its instructions.
#
# loops: "CALLS INDIRECT STORES INSTRUCTIONS" in its loops, that is of the instructions from which
# one can come back to them.
# path: the least number of instructions from the entry to a return, by way of `least` stores of
# eight bytes and without a call. In a body that yields a long from a long of the frame's, two such
# stores are what no other way has.
cat >"$dir/graph.awk" <<'E2'
function bfs(from, queue, head, tail, i, k) { # over its successors, into seen[]
    split("", seen)
    for (k = 1; k <= out[from]; k++) if (!seen[next_of[from, k]]++) queue[tail++] = next_of[from, k]
    while (head < tail) {
        i = queue[head++]
        for (k = 1; k <= out[i]; k++) if (!seen[next_of[i, k]]++) queue[tail++] = next_of[i, k]
    }
}
$0 == name ":" || $1 == name ":" { inside = 1; found = 1; next }
!inside { next }
$1 == ".size" && index($2, name ",") == 1 { inside = 0; next }
/^[.A-Za-z_][.A-Za-z0-9_$]*:/ { label = $1; sub(/:.*/, "", label); at[label] = n; next }
{ sub(/[ \t]*#.*/, "") }
$1 ~ /^[a-z]/ { op[n] = $1; $1 = ""; args[n++] = $0 }
END {
    if (!found || n == 0) { print "?"; exit }
    for (i = 0; i < n; i++) {
        target = args[i]
        gsub(/[ \t]/, "", target)
        if (op[i] ~ /^j/ && target in at) next_of[i, ++out[i]] = at[target]
        if (op[i] !~ /^(jmpq?|retq?|ud2)$/ && i + 1 < n) next_of[i, ++out[i]] = i + 1
        call[i] = op[i] ~ /^call/
        store[i] = args[i] ~ /\)$/ && op[i] !~ /^(call|j|cmp|test|lea|nop|prefetch|u?comis|i?mul.$|i?div|push|bt.?$)/ \
            || op[i] ~ /^push/
    }
    if (view == "loops") {
        for (i = 0; i < n; i++) {
            bfs(i)
            if (!seen[i]) continue
            all++
            calls += call[i]
            indirect += call[i] && args[i] ~ /\*/
            stores += store[i]
        }
        print calls + 0, indirect + 0, stores + 0, all + 0
        exit
    }
    # Breadth first over (instruction, stores so far).
    steps[0, 0] = 1
    queue[tail++] = 0 SUBSEP 0
    while (head < tail) {
        split(queue[head++], state, SUBSEP)
        i = state[1]; had = state[2]
        if (op[i] ~ /^ret/ && had >= least) { print steps[i, had]; exit }
        if (call[i]) continue
        now = had + (had < least && store[i] && op[i] == "movq")
        for (k = 1; k <= out[i]; k++) {
            j = next_of[i, k]
            if (!((j, now) in steps)) { steps[j, now] = steps[i, had] + 1; queue[tail++] = j SUBSEP now }
        }
    }
    print "-"
}
E2
view() { awk -v view="$2" -v name="$3" -v least="$4" -f "$dir/graph.awk" "$dir/$1.s"; }

# The loop over one that is not seen: what is wrong.
opaque() {
    set -- $(view opaque loops next_ours)
    if [ "$1 $2" != '1 0' ]; then
        echo "opaque: the loop has $1 calls, of which $2 indirect, not one that is direct"
    elif [ "$4" -gt $loop_limit ]; then
        echo "opaque: the loop has $4 instructions, more than $loop_limit"
    fi
}

# objections CC FLAG... - compiles with these, and says what is wrong.
objections() {
    for file in range pipeline chain opaque opaque_gen; do
        "$@" $(flags HOSTED) -I. -S -o "$dir/$file.s" bench/$file.c || return
    done
    # What is thrown into a delegate is out of line, where clang does not see that nothing is.
    sed -i '/call.*_gen__throw_into/d' "$dir/chain.s"
    for file in range pipeline chain; do
        set -- $(view $file loops ours)
        case $file:$* in
        *:'?' | *' 0') echo "$file: no loop found" ;;
        *:'0 0 0 '*) ;;
        chain:'0 0 '*) ;; # clang has too few registers for seven labels and keeps some in memory
        *) echo "$file: the loop has $1 calls and $3 stores" ;;
        esac
    done
    opaque
    path=$(view opaque_gen path range_gen__body 2)
    case $path in
    '?') echo 'opaque_gen: no body found' ;;
    -) echo 'opaque_gen: a resume does not get by without a call' ;;
    *) [ "$path" -le $path_limit ] ||
        echo "opaque_gen: a resume takes $path instructions, more than $path_limit" ;;
    esac
}
# A state machine written by hand takes 9 in the loop, and 14.
loop_limit=20 path_limit=26

result=0 checked=0
for cc in gcc clang; do
    command -v $cc >/dev/null 2>&1 || continue
    if ! echo | $cc -dM -E - | grep -q '__x86_64__ 1'; then
        echo "$cc: not for x86-64, not checked"
        continue
    fi
    checked=$((checked + 1))
    found=$(objections $cc -O2 2>&1)
    if [ -n "$found" ]; then
        echo "$found" | sed "s/^/$cc -O2: /"
        result=1
    fi
    # What it must find, and where.
    found=$(objections $cc -O2 -fno-inline 2>&1)
    for file in range pipeline; do
        case $found in
        *"$file: the loop has "[1-9]*' calls'*) ;;
        *) echo "$cc -O2 -fno-inline: nothing found in $file"; result=1 ;;
        esac
    done
    case $(objections $cc -O2 -fno-inline -Dalways_inline=unused 2>&1) in
    *'chain: the loop has '[1-9]*' calls'*) ;;
    *) echo "$cc -fno-inline -Dalways_inline=unused: nothing found in chain"; result=1 ;;
    esac
    found=$(objections $cc -O0 2>&1)
    for file in range pipeline; do
        case $found in
        *"$file: the loop has "*' and '[1-9]*' stores'*) ;;
        *) echo "$cc -O0: nothing found in $file"; result=1 ;;
        esac
    done
    case $found in
    *'opaque_gen: a resume '*) ;;
    *) echo "$cc -O0: nothing found in opaque_gen"; result=1 ;;
    esac
    sed 's/while (range_next/while (getenv("") == NULL \&\& range_next/' bench/opaque.c >"$dir/opaque.c"
    $cc -O2 $(flags HOSTED) -I. -Ibench -S -o "$dir/opaque.s" "$dir/opaque.c"
    if [ -z "$(opaque)" ]; then
        echo "$cc: nothing found in opaque with another call"
        result=1
    fi
done
[ $checked -gt 0 ] || echo 'neither gcc nor clang for x86-64 is here: nothing checked'
exit $result
