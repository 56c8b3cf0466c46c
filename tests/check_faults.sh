#!/bin/sh
# check_faults.sh [BUILD [CC]] - each system call and allocation that the loop library makes fails, in
# turn and in each of its ways: see faults/faults.h. SCENARIO=tls runs one scenario, with all that goes
# wrong if FAULTS_ALL=1; SCENARIO='tls recv 7 EINTR' one run of it.

BUILD=${1:-build} CC=${2:-${CC:-cc}}
cd "$(dirname "$0")/.." || exit 1
flags() { sed -n "s/^$1 *= *//p" Makefile; }
dir=$BUILD/faults
mkdir -p "$dir/pool" || exit 1

# compile DIRECTORY FLAG... - what is listed on stdin, two at a time
compile() {
    into=$1
    shift
    # shellcheck disable=SC2016,SC2046
    xargs -P 2 -I FILE sh -c '"$@" -o "$0/$(basename FILE .c).o" FILE' "$into" \
        $CC -c -I. $(flags HOSTED) $(flags WARNINGS) -Werror $(flags san_FLAGS) "$@"
}

# link PROGRAM FILE... - the library's objects become one, in which the calls that faults.c has wrappers
# for are its: not those of others, which are added then.
wraps=$(sed -n 's/^    X(\([a-z_0-9]*\),.*/-Wl,--wrap=\1/p' tests/faults/faults.c)
link() {
    program=$1
    shift
    # shellcheck disable=SC2046,SC2086
    $CC -nostdlib -r $wraps -Wl,--wrap=free -Wl,--whole-archive -o "$program.library" "$@" &&
        $CC $(flags san_FLAGS) -o "$program" "$dir"/*.o "$program.library" $(flags LOOP_LIBS) \
            $(flags TLS_LIBS)
}

printf '%s\n' tests/faults/*.c | compile "$dir" &&
    link "$dir/faults" "$BUILD/san/libgenloop.a" || exit 1

CERTIFICATE=$dir/localhost.pem
export CERTIFICATE
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost -days 2 -keyout "$dir/key" -out "$dir/certificate" \
    2>"$dir/output" || { cat "$dir/output"; exit 1; }
cat "$dir/key" "$dir/certificate" >"$CERTIFICATE" || exit 1

if [ -n "$SCENARIO" ]; then
    # shellcheck disable=SC2086
    exec timeout 300 "$dir/faults" $SCENARIO
fi
"$dir/faults" -l | xargs -P 2 -n 1 timeout 300 "$dir/faults" || exit 1

# Names once more, by the C library in threads.
echo 'without c-ares:'
names='loop/name.c loop/name_ares.c loop/name_pool.c'
# shellcheck disable=SC2086
printf '%s\n' $names | compile "$dir/pool" -DLOOP_NO_ARES &&
    cp "$BUILD/san/libgenloop.a" "$dir/rest.a" &&
    ar d "$dir/rest.a" name.o name_ares.o name_pool.o &&
    link "$dir/faults_pool" "$dir/rest.a" "$dir"/pool/*.o &&
    timeout 100 "$dir/faults_pool" names
