#!/bin/sh
# check_names.sh - what docs/names.md names is there: each program that it links to, each name of
# these headers' that it mentions in `backquotes`; and each example in a group is linked to. Any
# arguments are ignored.

cd "$(dirname "$0")/.." || exit 1
doc=docs/names.md
result=0

for link in $(grep -o '](\.\./[^)]*)' $doc | sed 's/](\.\.\/\(.*\))/\1/' | sort -u); do
    [ -f "$link" ] || { echo "$doc: there is no $link"; result=1; }
done
for source in examples/*/*.c; do
    case $source in examples/firmware/*) continue ;; esac # run by tests/embedded
    grep -qF "](../$source)" $doc || { echo "$doc: $source is not linked to"; result=1; }
done

# All but the first column, which has Python's. NAME_next and the like are made of NAME by gen_declare.
made='gen|iter|task|loop|stream|datagram|process|protocol|tls|transport|GEN|ITER|TASK|LOOP|STREAM|NAME'
name="\<($made)_[A-Za-z_]+\>"
for name in $(sed 's/^|[^|]*|//' $doc | grep -o '`[^`]*`' | grep -o -E "$name" | sort -u); do
    grep -q -E "\<$name\>|NAME##${name#NAME}\>" gen.h itertools.h task.h task/*.h loop/*.h ||
        { echo "$doc: there is no $name"; result=1; }
done
exit $result
