#!/bin/sh
# check_misuse.sh [BUILD [CC [FILE...]]] - what users get wrong does what tests/misuse/*.c say it does.
# With FILEs: those alone.
#
# A file says it in lines of its first comment. COMPILERS are of gcc, clang, g++ and clang++; those
# not on this machine are passed over. FLAGS are all there are besides the standard (C99, C++20).
#
#   expect COMPILERS FLAGS: error: WORDS      it does not compile, and an error has these words
#   expect COMPILERS FLAGS: warning -WNAME    this diagnostic comes, as a warning or an error
#   expect COMPILERS FLAGS: no warning        it compiles, silently
#   expect run: LINE                          compiled by CC without a warning, plain and under
#                                             sanitizers, it prints these lines and ends with 0,
#   expect killed                             or is killed by a signal after them
#   expect sanitizer: WORDS                   only the sanitizers can tell: they do, in these words
#
# At the end the check is checked: files that expect what is false have to fail.

BUILD=${1:-build} CC=${2:-${CC:-cc}}
[ $# -le 2 ] && shift $# || shift 2
cd "$(dirname "$0")/.." || exit 1
flags() { sed -n "s/^$1 *= *//p" Makefile; }
plain=$(flags PLAIN) warnings=$(flags WARNINGS) sanitizers=$(flags san_FLAGS)
dir=$BUILD/misuse
mkdir -p "$dir" || exit 1
LC_ALL=C # the compilers' words, in ASCII
ASAN_OPTIONS=${ASAN_OPTIONS:-detect_stack_use_after_return=1}
export LC_ALL ASAN_OPTIONS

# complain WORDS...: for the file at hand
complain() {
    echo "$file: $*"
    result=1
}

# show: the log without what surrounds the messages
show() { grep -aE 'error:|ERROR:|warning:' "$log" | head -n 8 | sed 's/^/    /'; }

# compile COMPILER FLAGS...: sets `status`, and `log` is what the compiler says.
compile() {
    case $1 in
    *++) standard='-x c++ -std=c++20' ;;
    *) standard=$plain ;;
    esac
    "$@" $standard -I. -c -o "$object" "$file" >"$log" 2>&1
    status=$?
}

# expect_compile 'COMPILERS FLAGS' WHAT
expect_compile() {
    compilers= options=
    for word in $1; do
        case $word in
        -*) options="$options $word" ;;
        *) compilers="$compilers $word" ;;
        esac
    done
    for compiler in $compilers; do
        case $compiler in
        gcc | clang | g++ | clang++) ;;
        *) complain "$compiler: not a compiler that this check knows" ;;
        esac
        command -v $compiler >/dev/null || continue
        compile $compiler $options
        case $2 in
        'error: '*)
            if [ $status -eq 0 ]; then
                complain "$compiler$options: compiles; expected: $2"
            elif ! grep 'error: ' "$log" | grep -qF -e "${2#error: }"; then
                complain "$compiler$options: other errors; expected: $2"
                show
            fi ;;
        'warning -W'*)
            if ! grep -q -e "\[-W\(error=\)\?${2#warning -W}\(,[^]]*\)\?\]" "$log"; then
                complain "$compiler$options: not so: $2"
                show
            fi ;;
        'no warning')
            if [ $status -ne 0 ] || [ -s "$log" ]; then
                complain "$compiler$options: not so: $2"
                show
            fi ;;
        *) complain "not understood: $2" ;;
        esac
    done
}

# run FLAGS...: compiles, links and runs; sets `status`, `out` and `log` are what it prints.
run() {
    if ! $CC $plain $warnings -Werror "$@" -I. -o "$program" "$file" >"$log" 2>&1; then
        complain "does not compile with $CC $*"
        show
        status=none
        return
    fi
    # In a shell of its own, whose word on the signal is not wanted.
    timeout 60 sh -c '"$0"; exit $?' "$program" >"$out" 2>"$log" </dev/null
    status=$?
}

expect_run() {
    sed -n 's/^ \* expect run: //p' "$file" >"$lines"
    ran=false
    if grep -q '^ \* expect \(run: \|killed$\)' "$file"; then
        ran=true
        for options in -O2 "$sanitizers"; do
            run $options
            [ $status != none ] || continue
            if ! diff -u "$lines" "$out"; then
                complain "prints something else with $CC $options"
                show
            fi
            if grep -q '^ \* expect killed$' "$file"; then
                [ $status -gt 128 ] || complain "is not killed by a signal, but ends with $status"
            elif [ $status -ne 0 ]; then
                complain "exit status $status with $CC $options"
                show
            fi
        done
    fi
    words=$(sed -n 's/^ \* expect sanitizer: //p' "$file")
    if [ -n "$words" ]; then
        ran=true
        run $sanitizers
        if [ $status = 0 ] || ! grep -qF -e "$words" "$log"; then
            complain "the sanitizers do not say: $words"
            show
        fi
    fi
}

# check FILE: sets `result`
check() {
    file=$1 result=0
    name=$dir/$(basename "$file" .c)
    object=$name.o log=$name.log program=$name.program out=$name.out lines=$name.lines
    expected=$name.expected
    sed -n 's/^ \* expect //p' "$file" >"$expected"
    [ -s "$expected" ] || complain 'expects nothing'
    while IFS= read -r line; do
        case $line in
        run:* | killed | sanitizer:*) ;;
        *:\ *) expect_compile "${line%%: *}" "${line#*: }" ;;
        *) complain "not understood: $line" ;;
        esac
    done <"$expected"
    expect_run
}

if [ $# -gt 0 ]; then
    bad=0
    for one in "$@"; do
        check "$one"
        bad=$((bad + result))
    done
    [ $bad -eq 0 ]
    exit
fi

failed=0
printf '%s\n' tests/misuse/*.c |
    xargs -n 4 -P "$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)" \
        sh tests/check_misuse.sh "$BUILD" "$CC" || failed=1

# The check of the check: each of these expects one thing that is not so.
false=$dir/false
rm -rf "$false"
mkdir -p "$false" || exit 1
sound='int main(void) { puts("one"); return 0; }'
first=$(for cc in gcc clang; do command -v $cc >/dev/null && echo $cc && break; done)
lie() { printf '/* A lie.\n *\n%b */\n#include <stdio.h>\n%s\n' "$2" "$3" >"$false/$1.c"; }
lie nothing '' "$sound"
lie line ' * expect run: two\n' "$sound"
lie no_line ' * expect run: one\n * expect run: two\n' "$sound"
lie killed ' * expect run: one\n * expect killed\n' "$sound"
lie status ' * expect run: one\n' 'int main(void) { puts("one"); return 3; }'
lie crash ' * expect run: one\n' 'int main(void) { puts("one"); fflush(stdout); __builtin_trap(); }'
lie overflow ' * expect run: one\n' \
    'int main(int c, char **v) { (void)v; puts("one"); return c + 2147483647 == 5; }'
lie warned ' * expect run: one\n' 'int main(void) { int unused; puts("one"); return 0; }'
lie sanitizer ' * expect sanitizer: overflow\n' "$sound"
lie unknown_form ' * expect better\n' "$sound"
lie unknown_compiler ' * expect bcc: no warning\n' "$sound"
if [ -n "$first" ]; then
    lie error " * expect $first: error: missing\n" "$sound"
    lie other_error " * expect $first: error: missing\n" 'int main(void) { return undeclared; }'
    lie warning " * expect $first -Wall: warning -Wunused-variable\n" "$sound"
    lie other_warning " * expect $first -Wall: warning -Wunused\n" 'int main(void) { int unused; }'
    lie silent " * expect $first -Wall: no warning\n" 'int main(void) { int unused; }'
    lie compiles " * expect $first: no warning\n" 'int main(void) { return undeclared; }'
fi
for file in "$false"/*.c; do
    if sh tests/check_misuse.sh "$BUILD" "$CC" "$file" >"$false/log" 2>&1; then
        echo "$file: this check does not fail where it has to"
        failed=1
    fi
done
exit $failed
