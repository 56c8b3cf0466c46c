#!/bin/sh
# run.sh PROGRAM... - runs cmocka programs and check scripts (*.sh, given $BUILD and $CC), shows what
# failing ones say, and ends with the line "N passed, N failed". Exit 1 if anything failed.
#
# A program counts for each of its tests, a script and a program without cmocka's output for 1.

BUILD=${BUILD:-build} CC=${CC:-cc}
passed=0 failed=0
output=$(mktemp) || exit 1
trap 'rm -f "$output"' EXIT
trap 'exit 1' HUP INT TERM

# A frame that outlives its function is what these headers make easy to write by mistake.
ASAN_OPTIONS=${ASAN_OPTIONS:-detect_stack_use_after_return=1}
UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
CMOCKA_MESSAGE_OUTPUT=stdout
export ASAN_OPTIONS UBSAN_OPTIONS CMOCKA_MESSAGE_OUTPUT

for program in "$@"; do
    case $program in
    *.sh) timeout 600 sh "$program" "$BUILD" "$CC" ;;
    */*) timeout 120 "$program" ;;
    *) timeout 120 "./$program" ;;
    esac >"$output" 2>&1 </dev/null
    status=$?

    # cmocka lists the failed tests again after the end of a group: those are not counted. A group
    # that has no end was left by exit() or by a crash.
    case $program in
    *.sh) counts='0 0 0 0' ;;
    *) counts=$(awk '
        /^\[==========\].*Running/ { groups++; open = 1; next }
        /^\[==========\]/ { open = 0; next }
        /^\[       OK \]/ { ok++ }
        /^\[  FAILED  \]/ && open { bad++ }
        /^\[  ERROR   \] [^-]/ && open { bad++ } # could not set up, tear down or go on
        END { print ok + 0, bad + 0, groups + 0, open + 0 }' "$output") ;;
    esac
    set -- $counts
    ok=$1 bad=$2 groups=$3 open=$4
    note=
    if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
        bad=1
        note=", exit status $status"
        [ "$status" -ne 124 ] || note=', timed out'
    elif [ "$bad" -eq 0 ] && [ "$open" -ne 0 ]; then
        bad=1
        note=', ended before its tests did'
    elif [ "$status" -eq 0 ] && [ "$groups" -eq 0 ]; then
        ok=1
    fi

    if [ "$bad" -eq 0 ]; then
        echo "ok    $program ($ok)"
    else
        echo "FAIL  $program ($ok passed, $bad failed$note)"
        sed 's/^/      | /' "$output"
    fi
    passed=$((passed + ok)) failed=$((failed + bad))
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
