#!/bin/sh
# check_tutorial.sh [BUILD] - what docs/tutorial.md shows is what there is.
#
#   ```python              is a whole program
#   ```c excerpt of FILE   beside it, the same in C: lines of that example, in its order; where some
#                          are left out, a line "..." stands
#   ```text                what both print: lines of the example's expected output, which
#                          check_examples.sh compares with what it prints, and all that the Python
#                          program prints, which takes the example's place in expected/NAME.sh
#
# check_tutorial.sh --update brings the excerpts up to date: what is between the first and the last
# line of each piece is taken from the example.

cd "$(dirname "$0")/.." || exit 1
update=false
if [ "${1:-}" = --update ]; then
    update=true
    shift
fi
doc=docs/tutorial.md
dir=${1:-build}/tutorial
rm -rf "$dir"
mkdir -p "$dir" || exit 1
case $dir in
/*) ;;
*) dir=./$dir ;;
esac

# Writes the document with the excerpts as they should be to new.md, what is wrong to wrong, and each
# step to a directory: the programs, by the names of the examples; of the last of these the file's
# name, to "example", and the text.
awk -v dir="$dir" '
function wrong(what) { print "docs/tutorial.md:" FNR ": " what >(dir "/wrong") }

function same(at, from, to,    i) {
    for (i = from; i <= to; i++)
        if (at + i - from > lines || source[at + i - from] != block[i])
            return 0
    return 1
}

# A piece, the lines from..to of the block, as the source has it.
function put(from, to,    at, end) {
    for (at = place; at <= lines && !same(at, from, to); at++)
        ;
    end = at + to - from
    if (at > lines) {
        for (at = place; at <= lines && source[at] != block[from]; at++)
            ;
        for (end = at + (to > from); end <= lines && source[end] != block[to]; end++)
            ;
    }
    if (from > to || end > lines) {
        wrong(from > to ? "an empty piece" : file " has not, in this order: " block[from] " ... " block[to])
        for (at = from; at <= to; at++)
            print block[at]
        return
    }
    place = end + 1
    for (; at <= end; at++) {
        if (length(source[at]) > 84)
            wrong("too wide: " source[at])
        print source[at]
    }
}

function end_c(    i, from, command) {
    lines = 0
    while ((getline source[lines + 1] <file) > 0)
        lines++
    close(file)
    if (lines == 0)
        wrong("there is no " file)
    place = from = 1
    for (i = 1; i <= n; i++)
        if (block[i] == "...") {
            put(from, i - 1)
            print "..."
            from = i + 1
        }
    put(from, n)

    name = file
    sub(/^.*\//, "", name)
    sub(/\.c$/, "", name)
    if (python == "")
        wrong("no Python beside " file)
    command = "mkdir -p " dir "/" step
    if (system(command) != 0)
        exit 1
    # A shell starts what it runs in the background deaf to Ctrl-C.
    print "#!/usr/bin/env python3\nimport signal\n" \
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n" python >(dir "/" step "/" name)
    close(dir "/" step "/" name)
    print file >(dir "/" step "/example")
    close(dir "/" step "/example")
    example = file
    python = ""
}

function end_text(    i) {
    file = example
    sub(/[^\/]*$/, "expected/&", file)
    sub(/\.c$/, ".txt", file)
    lines = 0
    while ((getline source[lines + 1] <file) > 0)
        lines++
    close(file)
    for (i = 1; i <= lines && !same(i, 1, n); i++)
        ;
    if (example == "" || n == 0 || i > lines)
        wrong("this is not in " (example == "" ? "any example" : file))
    for (i = 1; i <= n; i++) {
        print block[i]
        if (example != "")
            print block[i] >(dir "/" step "/text")
    }
    close(dir "/" step "/text")
    example = ""
    step++
}

BEGIN { step = 10 }
!inside && /^```/ {
    inside = FNR
    kind = ""
    n = 0
    if (/^```python$/) {
        kind = "python"
        if (python != "")
            wrong("no C beside the Python before")
        python = ""
    } else if (/^```c excerpt of /) {
        kind = "c"
        file = substr($0, length("```c excerpt of ") + 1)
    } else if (/^```text$/)
        kind = "text"
    else
        wrong("what is " $0 "?")
    print
    next
}
inside && /^```$/ {
    if (kind == "c")
        end_c()
    else if (kind == "text")
        end_text()
    inside = 0
    print
    next
}
inside && (kind == "c" || kind == "text") { block[++n] = $0; next }
inside && kind == "python" { python = python $0 "\n" }
{ print }
END {
    if (inside)
        wrong("the block that begins at line " inside " has no end")
    if (python != "" || example != "")
        wrong("the last step has no C, or no output")
    if (step == 10)
        wrong("there are no steps")
}' $doc >"$dir/new.md" || exit 1

result=0
if [ -f "$dir/wrong" ]; then
    cat "$dir/wrong"
    result=1
elif $update; then
    cat "$dir/new.md" >$doc || exit 1
elif ! diff -u $doc "$dir/new.md"; then
    echo 'the excerpts are not what the examples have: sh tests/check_tutorial.sh --update'
    result=1
fi

for link in $(grep -o ']([^):#]*[)#]' $doc | sed 's/^](//; s/.$//' | sort -u); do
    [ -e "docs/$link" ] || { echo "$doc: there is no $link"; result=1; }
done

for name in $(grep -o '`[^`]*`' $doc | grep -o -E '\<(gen|iter|task|loop|stream|process|tls)_[a-z_]+\>' | sort -u); do
    grep -q "\<$name\>" gen.h itertools.h task.h task/*.h loop/*.h ||
        { echo "$doc: there is no $name"; result=1; }
done

# What it needs is of 3.11: groups, timeouts.
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || exit $result
for step in "$dir"/[0-9]*; do
    [ -f "$step/text" ] || continue
    example=$(cat "$step/example")
    name=$(basename "$example" .c)
    expected=$(dirname "$example")/expected/$name
    chmod +x "$step"/*
    if [ -f "$expected.sh" ]; then
        timeout 60 sh "$expected.sh" "$step/$name" >"$step/out" </dev/null
    else
        timeout 60 "$step/$name" >"$step/out" </dev/null
    fi
    status=$?
    [ $status -eq 0 ] || { echo "$example, in Python: exit status $status"; result=1; }
    diff -u "$step/text" "$step/out" || { echo "$example, in Python: prints something else"; result=1; }
done
exit $result
