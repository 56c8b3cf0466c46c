#!/bin/sh
# run.sh [BUILD [TARGET...]] - the tests of the host, from the same sources, on the processors that
# firmware runs on, emulated; the storm of interrupts; and examples/firmware. A line for each target
# and test; what does not fit is skipped, which is said. Exit 1 if anything failed.
#
# Everything runs without a heap, at -Os, within 5 minutes each.

cd "$(dirname "$0")/../.." || exit 1
build=${1:-build}/embedded
here=tests/embedded
. $here/targets.sh
flags() { sed -n "s/^$1 *= *//p" Makefile; }
warnings="$(flags WARNINGS) -Werror"
common="-std=gnu99 -Os -ffunction-sections -fdata-sections -I. -I$here -I$here/include -include $here/critical.h"

# What fits into the smallest one is found by trying; this is what is not even tried.
hosted='tests/test_task_wake.c' # signals and threads; storm.c is there in its place

# Numbers that an int of 16 bits has not, or a double of 32.
wide='throw_of_what_is_no_code_is_refused raise_of_what_is_no_code_is_badstate
    void_struct_and_pointer_items an_hour_of_sleeps count_stops_where_its_type_does'

# set_target NAME - target, and what follows from it
set_target() {
    target "$1"
    dir=$build/$1
    small=
    link="$no_heap -Wl,--gc-sections"
    # The sizes that tests take by themselves are for a host.
    [ "$board" = avr ] && small='-DTASK_TICKS_PER_SECOND=1000 -DHUGE_ITEM=100 -DSTACK_ROOM=640 -DNOTES=64 -DSHOWN=200 -DTIMERS=20 -DSEEDS=2' pool=160 || {
        link="$link -nostartfiles -T $here/$board.ld"
        pool='((size_t)1<<20)'
    }
    [ "$1" != rv32imc ] || pool='((size_t)80<<20)'
    # Where an int has 16 bits, the tests' numbers of 32 are not as they were meant; see `fits`.
    warn=$warnings
    [ -z "$small" ] || warn="-Wall -Wno-overflow -Wno-unused -Wno-format $small"
    compile="$cc $picolibc $flags $common $warn"
    objects="$dir/cmocka.o $dir/pool.o $dir/$board.o"
    [ -n "$small" ] || objects="$objects $dir/stdio.o"
}

# report STATUS TARGET WHAT [NOTE]
report() { printf '%-5s %-11s %s%s\n' "$1" "$2" "$3" "${4:+ ($4)}"; }

indent() { sed 's/^/      | /'; }

# fits LOG - not because it is too large for the target?
fits() {
    ! grep -qE 'will not fit|overflowed by|is not within region|is too large|exceeds maximum object size' "$1" ||
        grep -E ': error: ' "$1" | grep -qvE 'collect2|is too large|exceeds maximum object size'
}

# sources FILE - what has to be included before it
before() {
    grep -qE '"(virtual_time|task/virtual)\.h"' "$1" && echo "-include $here/pool.h" ||
        { ! grep -qE '[^_]malloc\(' "$1" || echo "-DPOOL_GEN_ONLY -include $here/pool.h"; }
}

# a_file TARGET FILE - a file of tests as one program
a_file() {
    set_target "$1"
    name=$(basename "$2" .c)
    log=$dir/$name.log elf=$dir/$name.elf
    if ! $compile $(before "$2") $link -o "$elf" "$2" $objects >"$log" 2>&1; then
        report FAIL "$1" "$2" 'does not build'
        indent <"$log"
        return 1
    fi
    timeout 300 $emulator "$elf" >"$log" 2>&1 </dev/null
    status=$?
    last=$(tail -n 1 "$log" | tr -d '\r')
    case $status,$last in
    0,*' passed, 0 failed, 0 skipped') report ok "$1" "$2" "${last%% *}" ;;
    0,*' passed, 0 failed, '*)
        report ok "$1" "$2" "${last%% *}; too large: $(sed -n 's/^skip //p' "$log" | tr -d '\r' | tr '\n' ' ')"
        ;;
    *)
        report FAIL "$1" "$2" "exit status $status"
        grep -vE '^ok ' "$log" | indent
        return 1
        ;;
    esac
}

# small_tests TARGET FILE - the names of the tests, in their order
names() {
    $cc -E -DNAMES $flags $common $(before "$1") "$1" | grep -oE 'TEST ?<[a-z_0-9A-Z]+>' |
        sed 's/.*<//; s/>//'
}

# a_file_in_parts TARGET FILE - each test a program of its own
a_file_in_parts() {
    set_target "$1"
    name=$(basename "$2" .c)
    passed=0 large= stack= other= result=0 number=-1
    for test in $(names "$2"); do
        number=$((number + 1))
        case " $(echo $wide) " in
        *" $test "*)
            other="$other $test"
            continue
            ;;
        esac
        log=$dir/$name.$number.log elf=$dir/$name.$number.elf
        if ! $compile $(before "$2") -DONLY=$number $link -o "$elf" "$2" $objects >"$log" 2>&1; then
            if fits "$log"; then
                report FAIL "$1" "$2" "$test does not build"
                indent <"$log"
                result=1
            else
                large="$large $test"
            fi
        else
            timeout 300 $emulator "$elf" >"$log" 2>&1 </dev/null
            status=$?
            if [ $status -eq 125 ]; then # it may do without a pool
                $compile $(before "$2") -DONLY=$number $link -o "$elf" "$2" "$dir/cmocka.o" \
                    "$dir/no_pool.o" "$dir/$board.o" >"$log" 2>&1
                timeout 300 $emulator "$elf" >"$log" 2>&1 </dev/null
                status=$?
            fi
            case $status,$(tail -n 1 "$log" | tr -d '\r') in
            '0,1 passed, 0 failed, 0 skipped') passed=$((passed + 1)) ;;
            '0,0 passed, 0 failed, 1 skipped') large="$large $test" ;;
            125,*) stack="$stack $test" ;;
            *)
                report FAIL "$1" "$2" "$test, exit status $status"
                indent <"$log"
                result=1
                ;;
            esac
        fi
        rm -f "$elf"
    done
    note="$passed of $((number + 1))"
    [ -z "$other" ] || note="$note; int or double too short:$other"
    [ -z "$large" ] || note="$note; too large:$large"
    [ -z "$stack" ] || note="$note; too little room for the stack:$stack"
    if [ "$passed" -eq 0 ]; then
        report skip "$1" "$2" "$note"
    elif [ $result -eq 0 ]; then
        report ok "$1" "$2" "$note"
    fi
    return $result
}

# forms FILE - of tests/conformance/check_conformance.sh
forms() { grep -q 'delegate[a-z_]*(' "$1" && echo STATIC ANY NEW || echo STATIC; }

# conformance TARGET - all of tests/conformance in one program
conformance() {
    set_target "$1"
    c=$dir/conformance
    mkdir -p "$c" || return 1
    {
        echo '#include <stddef.h>'
        echo 'struct named { const char *name; int (*main)(void); };'
        for file in tests/conformance/*.c; do
            name=$(basename "$file" .c)
            [ "$name" != trace ] || continue
            for form in $(forms "$file"); do
                echo "int ${name}_$form(void);"
            done
        done
        echo 'extern const struct named programs[]; const struct named programs[] = {'
        for file in tests/conformance/*.c; do
            name=$(basename "$file" .c)
            [ "$name" != trace ] || continue
            for form in $(forms "$file"); do
                echo "{\"$name $form\", ${name}_$form},"
                $compile -Wno-missing-prototypes -DFORM=$form "-Dmain=${name}_$form" -c -o "$c/$name.$form.o" "$file" ||
                    echo "$file $form" >>"$c/failed"
            done
        done
        echo '{NULL, NULL}};'
    } >"$c/table.c"
    if ! { $compile -c -o "$c/trace.o" tests/conformance/trace.c &&
        $compile $link -o "$c/all.elf" $here/conformance.c "$c/table.c" "$c"/*.o "$dir/stdio.o" \
            "$dir/$board.o"; }; then
        report FAIL "$1" tests/conformance 'does not build'
        return 1
    fi
    timeout 300 $emulator "$c/all.elf" >"$c/out" 2>&1 </dev/null
    status=$?
    awk -v dir="$c" '{ sub(/\r$/, "") }
        /^=== status / { close(out); print $3, name >(dir "/ended"); out = ""; next }
        /^=== / { name = $2 "." $3; out = dir "/" name ".out"; printf "" >out; next }
        out != "" { print >out }' "$c/out"
    passed=0 result=0
    while read -r code program; do
        if [ "$code" -eq 0 ] && cmp -s "tests/conformance/${program%.*}.txt" "$c/$program.out"; then
            passed=$((passed + 1))
        else
            report FAIL "$1" "tests/conformance/$program" "exit status $code"
            diff "tests/conformance/${program%.*}.txt" "$c/$program.out" | head -n 20 | indent
            result=1
        fi
    done <"$c/ended"
    wanted=$(grep -c '^{"' "$c/table.c")
    if [ "$passed" -ne "$wanted" ] || [ $status -ne 0 ]; then
        report FAIL "$1" tests/conformance "$passed of $wanted, exit status $status"
        return 1
    fi
    report ok "$1" tests/conformance "$passed programs"
    return $result
}

# conformance_in_parts TARGET - each by itself, with the arena and the gen_stacks that fit
conformance_in_parts() {
    set_target "$1"
    c=$dir/conformance
    mkdir -p "$c" || return 1
    passed=0 all=0 result=0 large=
    for file in tests/conformance/*.c; do
        name=$(basename "$file" .c)
        [ "$name" != trace ] || continue
        for form in $(forms "$file"); do
            all=$((all + 1))
            log=$c/$name.$form.log elf=$c/$name.$form.elf
            if ! $compile -DTRACE_ARENA=480 -DTRACE_STACK=200 -DFORM=$form -Dmain=program -c \
                -o "$c/$name.o" "$file" >"$log" 2>&1 ||
                ! $compile -DTRACE_ARENA=480 -DTRACE_STACK=200 $link -o "$elf" "$c/$name.o" \
                    tests/conformance/trace.c $here/conformance_one.c $here/stdio.c "$dir/$board.o" >>"$log" 2>&1; then
                if fits "$log"; then
                    report FAIL "$1" "$file" "$form does not build"
                    indent <"$log"
                    result=1
                else
                    large="$large $name.$form"
                fi
                continue
            fi
            timeout 300 $emulator "$elf" >"$log" 2>&1 </dev/null
            status=$?
            if [ $status -eq 125 ] || grep -q 'the arena is full' "$log" ||
                { grep -q GEN_ENOMEM "$log" && ! grep -q GEN_ENOMEM "tests/conformance/$name.txt"; }; then
                large="$large $name.$form"
            elif [ $status -eq 0 ] && tr -d '\r' <"$log" | cmp -s - "tests/conformance/$name.txt"; then
                passed=$((passed + 1))
            else
                report FAIL "$1" "$file" "$form, exit status $status"
                tr -d '\r' <"$log" | diff "tests/conformance/$name.txt" - | head -n 20 | indent
                result=1
            fi
            rm -f "$elf"
        done
    done
    if [ "$passed" -eq 0 ]; then
        report skip "$1" tests/conformance "none of $all programs fits"
    elif [ $result -eq 0 ]; then
        report ok "$1" tests/conformance "$passed of $all programs; too large:${large:- none}"
    fi
    return $result
}

# prepare TARGET - what all programs have in common; and that there is no heap
prepare() {
    set_target "$1"
    rm -rf "$dir"
    mkdir -p "$dir" || return 1
    for source in cmocka pool stdio $board; do
        $compile "-DPOOL=$pool" -c -o "$dir/$source.o" $here/$source.c || {
            report FAIL "$1" "$here/$source.c" 'does not build'
            return 1
        }
    done
    [ -z "$small" ] || $compile -DPOOL=1 -c -o "$dir/no_pool.o" $here/pool.c || return 1
    if $compile $link -o "$dir/heap.elf" $here/heap.c "$dir/$board.o" >"$dir/heap.log" 2>&1 ||
        ! grep -q 'undefined reference to .__wrap_malloc' "$dir/heap.log"; then
        report FAIL "$1" $here/heap.c 'a call of malloc is not found'
        return 1
    fi
    report ok "$1" $here/heap.c 'malloc does not link'
    if ! $compile '-DTASK_CRITICAL(...)=__VA_ARGS__' $link -o "$dir/unsafe.elf" $here/storm.c \
        $objects >"$dir/unsafe.log" 2>&1; then
        report FAIL "$1" $here/storm.c 'does not build without a critical section'
        indent <"$dir/unsafe.log"
        return 1
    fi
    timeout 60 $emulator "$dir/unsafe.elf" >"$dir/unsafe.log" 2>&1 </dev/null && {
        report FAIL "$1" $here/storm.c 'a critical section that is none is not found'
        return 1
    }
    report ok "$1" $here/storm.c 'fails without a critical section, as it should'
}

# firmware - examples/firmware is built, and talked to
firmware() {
    log=$build/firmware.log result=0
    if ! make -C examples/firmware BUILD="$(cd "$build" && pwd)/firmware" >"$log" 2>&1; then
        report FAIL all examples/firmware 'does not build'
        indent <"$log"
        return 1
    fi
    grep -E '^ +(flash|ram|text|data):' "$log" | sed 's/^ */      | /'
    for board in lm3s6965 atmega328p; do
        case $board in
        lm3s6965) runs='qemu' ;;
        *) runs="simavr $build/avr_run" ;;
        esac
        if timeout 300 python3 examples/firmware/talk.py $runs "$build/firmware/$board.elf" \
            >"$build/$board.log" 2>"$build/$board.err"; then
            report ok "$board" examples/firmware "$(cat "$build/$board.log")"
        else
            report FAIL "$board" examples/firmware
            cat "$build/$board.log" "$build/$board.err" | indent
            result=1
        fi
    done
    return $result
}

if [ -n "$ONE" ]; then # called by itself: FUNCTION ARGUMENT...
    shift
    "$@"
    exit
fi

[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- $targets
sh tests/need.sh arm-none-eabi-gcc riscv64-unknown-elf-gcc avr-gcc qemu-system-arm qemu-system-riscv32 \
    picolibc-arm picolibc-riscv avr-libc simavr/sim_avr.h python3 || exit 1
mkdir -p "$build" || exit 1
${CC:-cc} -std=gnu99 -O2 $warnings -o "$build/avr_run" $here/avr_run.c -lsimavr || exit 1

results=$build/results
for t in "$@"; do
    prepare "$t" >"$build/prepared" 2>&1
    status=$?
    cat "$build/prepared"
    [ $status -eq 0 ] || exit 1
done
for t in "$@"; do
    set_target "$t"
    if [ -n "$small" ]; then
        run=a_file_in_parts
        echo "conformance_in_parts $t"
    else
        run=a_file
        echo "conformance $t"
    fi
    for file in $here/storm.c tests/test_gen*.c tests/test_itertools.c tests/test_task*.c; do
        case " $hosted " in
        *" $file "*) ;;
        *) echo "$run $t $file" ;;
        esac
    done
done | { cat; echo firmware; } | ONE=1 xargs -L 1 -P 2 sh $here/run.sh "${build%/embedded}" | tee "$results"
for file in $hosted; do
    report skip all "$file" 'signals and threads of a host'
done
passed=$(grep -c '^ok ' "$results") failed=$(grep -c '^FAIL ' "$results")
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
