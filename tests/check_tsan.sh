#!/bin/sh
# check_tsan.sh [BUILD [CC]] - the tests that have threads, under ThreadSanitizer: task_wake, and the
# loop. Skipped where the compiler or the machine has none.

BUILD=${1:-build} CC=${2:-${CC:-cc}}
cd "$(dirname "$0")/.." || exit 1
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

# Not those of processes: ThreadSanitizer does not know pidfd_open, and takes its descriptor for another.
programs=
for name in task_wake loop_run loop_signal loop_executor loop_thread loop_file loop_process_pool \
    loop_name_pool; do
    programs="$programs $BUILD/tsan/tests/test_$name"
done
# Asked from within make, the inner make shall not take the outer one's options.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
make -s -j"$(getconf _NPROCESSORS_ONLN)" CC="$CC" BUILD="$BUILD" $programs || exit 1

result=0
for program in $programs; do
    run "$program" && continue
    echo "failed: $program"
    cat "$dir/output"
    result=1
done
exit $result
