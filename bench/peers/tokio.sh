#!/bin/sh
# tokio.sh BIN - builds bench/peers/tokio, with Debian's crates and its own cargo, which fits them,
# and prints the path of the program BIN. Exits with 2 if they are not here.

registry=/usr/share/cargo/registry
cd "$(dirname "$0")/../.." || exit 1
dir=$PWD/build/bench/tokio
[ -x /usr/bin/cargo ] && ls -d $registry/tokio-1.* >/dev/null 2>&1 || exit 2
mkdir -p "$dir" && cp -Rp bench/peers/tokio/. "$dir" && cd "$dir" &&
    PATH=/usr/bin:$PATH cargo build -q --release --offline \
        --config 'source.crates-io.replace-with="debian"' \
        --config "source.debian.directory=\"$registry\"" >&2 || exit 1
echo "$dir/target/release/$1"
