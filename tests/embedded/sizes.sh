#!/bin/sh
# sizes.sh [BUILD] - what gen.h and task.h take on each target, at -Os, from the real objects. Writes the
# tables between the marks in docs/embedded.md, and prints a short one, for README.md.
#
# Bytes of a function are those of its symbol. Bytes of a program are those of its code and constants as
# linked, with unused functions left out, less those of a program that does nothing; the host's
# functions take none.

cd "$(dirname "$0")/../.." || exit 1
build=${1:-build}/embedded/sizes
here=tests/embedded
. $here/targets.sh
sh tests/need.sh arm-none-eabi-gcc riscv64-unknown-elf-gcc avr-gcc picolibc-arm picolibc-riscv avr-libc ||
    exit 1
mkdir -p "$build" || exit 1
values=$build/values
: >"$values"

# value ROW TARGET BYTES
value() { echo "$1	$2	$3" >>"$values"; }

# function OBJECT NAME - its bytes
function_size() { ${cc%gcc}nm -S -t d "$1" | awk -v name="$2" '$4 == name { print $2 + 0 }'; }

# program NAME [OPTION...] - bytes of code and constants
program() {
    name=$1
    shift
    $compile "$@" -nostartfiles -Wl,--gc-sections,-e,main,--undefined=interrupt \
        -Wl,--defsym=host_now=0,--defsym=host_idle=0,--defsym=work=0,--defsym=other_work=0 \
        -o "$dir/$name.elf" $here/size/$name.c || exit 1
    ${cc%gcc}size "$dir/$name.elf" | awk 'NR == 2 { print $1 + $2 }'
}

# others NAME - the bytes of NAME, as linked, which are not task.h's: the coroutines with what gen_declare
# and gen_define make of them, and gen.h, which they would take without a scheduler
others() {
    ${cc%gcc}nm -S -t d "$dir/$1.elf" | awk '$3 ~ /[tT]/ && $4 ~ /gen__/ { n += $2 } END { print n + 0 }'
}

# scheduler ROW NAME [OPTION...] - task.h's code in a program; all that main calls is in there
scheduler() {
    row=$1
    shift
    bytes=$(program "$@")
    value "$row" $t $((bytes - none - $(others "$1")))
}

# masked FILE - the most instructions that stand between those that turn interrupts off and on again;
# where there are two ways, both are counted
masked() {
    ${cc%gcc}objdump -d --no-show-raw-insn "$1" | awk '
        /^[0-9a-f]+ <[^.]/ { off = 0 }
        !/^ *[0-9a-f]+:/ { next }
        /cpsid|csrr?c.*mstatus|[ \t]cli/ { off = 1; n = 0; next }
        off { n++ }
        off && /msr[ \t].*PRIMASK|csrs.*mstatus|out[ \t]+0x3f|sts[ \t]+0x005F/ { if (n > most) most = n }
        END { print most + 0 }'
}

for t in $targets; do
    target $t
    dir=$build/$t
    mkdir -p "$dir" || exit 1
    compile="$cc $picolibc $flags -std=gnu99 -Os -ffunction-sections -fdata-sections -I. -include $here/critical.h"

    $compile -fno-common -c -o "$dir/structs.o" $here/size/structs.c || exit 1
    ${cc%gcc}nm -S -t d "$dir/structs.o" | awk '{ print $4, $2 + 0 }' | sed -n 's/^size_of_//p' |
        while read -r name size; do
            value "struct $name" $t "$size"
        done

    $compile -DTASK_TIME_32 -c -o "$dir/other.o" $here/size/structs.c || exit 1
    if $compile -nostartfiles -Wl,-e,main,--defsym=host_now=0,--defsym=host_idle=0,--defsym=work=0 \
        -o "$dir/other.elf" $here/size/sleep.c "$dir/other.o" >"$dir/other.log" 2>&1 ||
        ! grep -q TASK_TIME_32_is_for_all_files "$dir/other.log"; then
        echo "$t: files with TASK_TIME_32 and without are linked" >&2
        exit 1
    fi

    for file in range range_pt finally; do
        $compile -c -o "$dir/$file.o" bench/size/$file.c || exit 1
    done
    $compile -c -o "$dir/range_machine.o" $here/size/range_machine.c || exit 1
    value 'range' $t "$(function_size "$dir/range.o" range_gen__body)"
    value 'range, protothreads' $t "$(function_size "$dir/range_pt.o" range_next)"
    value 'range, by hand' $t "$(function_size "$dir/range_machine.o" range_next)"
    value 'finally' $t "$(function_size "$dir/finally.o" finally_gen__body)"

    none=$(program none)
    base=$(program sleep)
    value 'program sleep' $t $((base - none))
    for p in two await finally future cancel wakeup queue timeout group; do
        value "program $p" $t $(($(program $p) - base))
    done

    scheduler 'scheduler sleep' sleep
    scheduler 'scheduler future' future
    scheduler 'unmeasured sleep' sleep -DTASK_MEASURE=0
    scheduler 'unmeasured future' future -DTASK_MEASURE=0
    scheduler 'time 32 sleep' sleep -DTASK_TIME_32
    scheduler 'time 32 future' future -DTASK_TIME_32
    value 'least sleep' $t $(($(program sleep -DTASK_TIME_32 -DTASK_MEASURE=0) - none))
    value masked $t "$(masked "$dir/wakeup.elf")"

    $compile -fstack-usage -c -o "$dir/turn.o" $here/size/turn.c || exit 1
    value 'stack body' $t "$(awk -F '[\t]' '$1 ~ /sleeper_gen__(body|call)/ { n += $2 } END { print n }' "$dir/turn.su")"
    value 'stack turn' $t "$(awk -F '[\t]' '$1 ~ /:turn$|:gen__resume|sleeper_gen__(body|call|erased)/ { n += $2 } END { print n }' "$dir/turn.su")"
    $compile -fstack-usage -c -o "$dir/range.o" bench/size/range.c || exit 1
    value 'stack range' $t "$(awk -F '[\t]' '$1 ~ /range_gen__body/ { print $2 }' "$dir/range.su")"
done
# table - reads lines "KEY	WORDS"; an empty key is a heading
table() {
    awk -F '\t' -v targets="$targets" '
        NR == FNR { size[$1, $2] = $3; next }
        FNR == 1 {
            n = split(targets, name, " ")
            printf "| bytes |"
            for (i = 1; i <= n; i++) printf " %s |", name[i]
            printf "\n| --- |"
            for (i = 1; i <= n; i++) printf " ---: |"
            print ""
        }
        {
            printf "| %s |", $2
            for (i = 1; i <= n; i++) printf " %s |", $1 == "" ? "" : size[$1, name[i]]
            print ""
        }' "$values" -
}

tab=$(printf '\t')
lines() { sed "s/ *= /$tab/"; }
{
    echo
    lines <<'END' | table
 = **RAM**
struct gen = a generator, `struct gen`, besides its members
struct gen_unwind = for each nesting of try/finally or a scope
struct gen_stack = a `gen_stack`, besides its room
struct task = `struct task`, besides its coroutine's frame
struct task_scheduler = `struct task_scheduler`
struct task_future = `struct task_future`
struct task_call = `struct task_call`
struct task_wakeup = `struct task_wakeup`
struct task_scope = `struct task_scope`: a deadline, a shield
struct task_group = `struct task_group`
struct task_queue = `struct task_queue`, besides its room
 = **Code of one function**
range = a range, one yield in a loop: its body
range, protothreads = the same as Dunkels' protothreads have it
range, by hand = the same as a state machine by hand
finally = a try/finally around one yield: the body
 = **Code of task.h in a program**
scheduler sleep = scheduler, timers, sleep
unmeasured sleep = the same, `TASK_MEASURE` 0
time 32 sleep = the same, `TASK_TIME_32`
scheduler future = scheduler, timers, sleep, future
unmeasured future = the same, `TASK_MEASURE` 0
time 32 future = the same, `TASK_TIME_32`
 = **Code of a program**
program sleep = scheduler, timers, one task that sleeps in a loop
least sleep = the same, `TASK_MEASURE` 0 and `TASK_TIME_32`
program two = + another such task
program await = + a coroutine that is awaited
program finally = + a try/finally
program future = + a future that another task awaits
program cancel = + `task_cancel`
program wakeup = + `task_wake` and `task_wait_wakeup`
program queue = + a queue
program timeout = + a deadline
program group = + a group and its task
 = **Stack of one function's frame, or of all to a body**
stack range = the body of the range
stack body = the body of the task that sleeps
stack turn = a turn, from `task_run_once` to that body
END
    echo
    echo 'Instructions that run with interrupts off, at most:'
    echo
    lines <<'END' | table | sed '1s/bytes/instructions/'
masked = `task_wake` and what takes what was woken
END
    echo
} >"$build/tables"

awk -v tables="$build/tables" '
    /<!-- sizes -->/ { print; while ((getline line <tables) > 0) print line; skip = 1; next }
    /<!-- end of sizes -->/ { skip = 0 }
    !skip { print }' docs/embedded.md >"$build/embedded.md" && cat "$build/embedded.md" >docs/embedded.md || exit 1

lines <<'END' | table
struct gen = RAM: a generator
struct task = RAM: a task
range = code: one yield in a loop
range, protothreads = the same, protothreads
range, by hand = the same by hand
finally = code: try/finally around a yield
scheduler sleep = code: scheduler, timers, sleep
scheduler future = code: the same, and futures
program sleep = code: a program of one task that sleeps
program two = code: another such task
program queue = code: a queue
END
