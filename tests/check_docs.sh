#!/bin/sh
# check_docs.sh [BUILD [CC]] - what README.md and docs/*.md show works.
#
#   ```c       is a whole program; it compiles without a warning and links
#   ```c run   and runs with exit status 0; if the next block is ```text, that is what it prints
#   ```c excerpt of FILE    is looked after by check_tutorial.sh
#   ```sh      lines that begin with `make ` name targets that exist

BUILD=${1:-build} CC=${2:-${CC:-cc}}
cd "$(dirname "$0")/.." || exit 1
flags() { sed -n "s/^$1 *= *//p" Makefile; }
warnings="$(flags WARNINGS) -Werror" plain=$(flags PLAIN) hosted=$(flags HOSTED)
dir=$BUILD/docs
rm -rf "$dir"
mkdir -p "$dir" || exit 1
# Asked from within make, the inner make shall not take the outer one's options.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES

for file in README.md docs/*.md; do
    [ -f "$file" ] || continue
    # NAME-LINE.c, and beside it .run (to be run) and .text (what it is to print).
    awk -v base="$dir/$(basename "$file" .md)" -v makes="$dir/makes" -v file="$file" '
        !inside && /^```/ {
            inside = 1; out = ""
            if (/^```c( |$)/ && !/^```c excerpt of /) {
                program = base "-" NR
                out = program ".c"
                printf "" >out
                if ($0 == "```c run")
                    print "" >(program ".run")
                else
                    program = ""
            } else {
                if ($0 == "```text" && program != "") {
                    out = program ".text"
                    printf "" >out
                }
                program = ""
                if ($0 == "```sh")
                    out = "sh"
            }
            next
        }
        inside && /^```$/ { inside = 0; if (out != "" && out != "sh") close(out); next }
        inside && out == "sh" { if (/^make /) print file ":" NR " " $0 >makes; next }
        inside && out != "" { print >out }
        END { if (inside) { print file ": a block has no end"; exit 1 } }' "$file" || touch "$dir/bad"
done

result=0
[ ! -f "$dir/bad" ] || result=1

for source in "$dir"/*.c; do
    [ -f "$source" ] || continue
    name=${source%.c}
    where=$(basename "$name")
    std=$plain libraries=
    if grep -q '^# *include "loop/' "$source"; then
        std=$hosted libraries="$BUILD/O2/libgenloop.a $(flags LOOP_LIBS)"
    fi
    if ! $CC $std $warnings -O2 -I. -o "$name" "$source" $libraries; then
        echo "$where (file-line): does not compile with $CC"
        result=1
        continue
    fi
    [ -f "$name.run" ] || continue
    timeout 60 "$name" >"$name.out" </dev/null
    status=$?
    if [ $status -ne 0 ]; then
        echo "$where (file-line): exit status $status"
        result=1
    fi
    if [ -f "$name.text" ] && ! diff -u "$name.text" "$name.out"; then
        echo "$where (file-line): prints something else"
        result=1
    fi
done

if [ -f "$dir/makes" ]; then
    set -f
    while read -r where _ words; do
        # Up to a comment or the next command. No shell sees it, so nothing in it is carried out.
        set -- ${words%%[#;&|<>]*}
        if ! make -n "$@" >/dev/null 2>"$dir/make.err"; then
            echo "$where: make $*: $(cat "$dir/make.err")"
            result=1
        fi
    done <"$dir/makes"
fi
exit $result
