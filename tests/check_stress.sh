#!/bin/sh
# check_stress.sh [BUILD [CC]] - stress_task with a few seeds: plain, under sanitizers, and in a program
# in which whoever allocates or releases memory aborts: task.h and what is in task/ do not.

BUILD=${1:-build} CC=${2:-${CC:-cc}}
cd "$(dirname "$0")/.." || exit 1
flags() { sed -n "s/^$1 *= *//p" Makefile; }
dir=$BUILD/stress
mkdir -p "$dir" || exit 1

cat >"$dir/no_malloc.c" <<'END'
#include <stdlib.h>
void *malloc(size_t size) { (void)size; abort(); }
void *calloc(size_t count, size_t size) { (void)count, (void)size; abort(); }
void *realloc(void *memory, size_t size) { (void)memory, (void)size; abort(); }
void free(void *memory) { if (memory != NULL) abort(); }
END

# build NAME FLAG... - from stress_task.c and what is among the flags
build() {
    name=$1
    shift
    # shellcheck disable=SC2046
    $CC -I. $(flags PLAIN) $(flags WARNINGS) -Werror -o "$dir/$name" tests/stress_task.c "$@"
}

# check NAME STEPS SEED...
check() {
    name=$1 steps=$2
    shift 2
    for seed in "$@"; do
        if ! "$dir/$name" "$seed" "$steps" >"$dir/output" 2>&1; then
            echo "failed: $name $seed $steps"
            cat "$dir/output"
            result=1
        fi
    done
}

result=0
# shellcheck disable=SC2046
build plain $(flags O2_FLAGS) && build san $(flags san_FLAGS) &&
    build no_malloc -O2 -fno-builtin "$dir/no_malloc.c" || exit 1

# That somebody who allocates is noticed.
echo 'int main(void) { char *volatile p = __builtin_malloc(1); return p == 0; }' >"$dir/allocates.c"
$CC -fno-builtin -o "$dir/allocates" "$dir/allocates.c" "$dir/no_malloc.c" || exit 1
if (ulimit -c 0; "$dir/allocates"; exit $?) 2>/dev/null; then
    echo 'failed: malloc is there all the same'
    result=1
fi

check plain 4000000 1 2 3 4 5
check san 500000 6 7 8
check no_malloc 2000000 9
exit $result
