#!/bin/sh
# check_tsan.sh [BUILD [CC]] - the tests that have threads, under ThreadSanitizer: task_wake, and the
# loop. Skipped where the compiler or the machine has none.

BUILD=${1:-build} CC=${2:-${CC:-cc}}
cd "$(dirname "$0")/.." || exit 1
flags() { sed -n "s/^$1 *= *//p" Makefile; }
dir=$BUILD/tsan
mkdir -p "$dir" || exit 1

# The sanitizer wants its shadow at fixed addresses, which some kernels place other things at.
fixed=
run() { $fixed env TSAN_OPTIONS='halt_on_error=1 exitcode=66' "$@" >"$dir/output" 2>&1; }

echo 'int main(void) { return 0; }' >"$dir/none.c"
if ! $CC -fsanitize=thread -o "$dir/none" "$dir/none.c" 2>"$dir/output"; then
    echo "skipped: $CC has no ThreadSanitizer"
    exit 0
fi
run "$dir/none" || fixed='setarch -R'
if ! run "$dir/none"; then
    echo 'skipped: ThreadSanitizer does not run here:'
    cat "$dir/output"
    exit 0
fi

# check NAME SOURCE... - builds and runs
check() {
    name=$1
    shift
    # shellcheck disable=SC2046
    if ! $CC -I. $(flags HOSTED) $(flags WARNINGS) -Werror -g -O1 -fsanitize=thread \
        -o "$dir/$name" "$@" -lcmocka $(flags LOOP_LIBS) $(flags TLS_LIBS) || ! run "$dir/$name"; then
        echo "failed: $name"
        cat "$dir/output"
        result=1
    fi
}

result=0
check test_task_wake tests/test_task_wake.c
check test_loop_run tests/test_loop_run.c loop/*.c
exit $result
