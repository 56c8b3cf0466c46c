#!/bin/sh
# demo.sh DIR - shows the programs in DIR at work: the generators, the time server, and the echo
# server with a client that is not ours (Python's asyncio), which checks every byte.
set -eu
dir=$1
for name in generators/countdown generators/fibonacci coroutines/averager iterators/itertools \
    network/time_server; do
    printf '\n-- %s\n' "$name"
    "$dir/$name"
done

printf '\n-- echo_server, with a client in Python\n'
out=$(mktemp)
"$dir/network/echo_server" 0 >"$out" &
server=$!
trap 'kill "$server" 2>/dev/null || :; rm -f "$out"' EXIT
tries=0
until grep -q listening "$out"; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || { echo 'the server does not start'; exit 1; }
    kill -0 "$server" || { echo 'the server has ended'; exit 1; }
    sleep 0.05
done
cat "$out"
python3 - "$(sed -n 's/.*:\([0-9]*\)$/\1/p' "$out")" <<'PY'
import asyncio, os, sys

CONNECTIONS, MESSAGES = 100, 100

async def talk(port):
    reader, writer = await asyncio.open_connection('127.0.0.1', port)
    count = 0
    for size in range(1, MESSAGES + 1):
        message = os.urandom(size * size)
        writer.write(message)
        await writer.drain()
        if await reader.readexactly(len(message)) != message:
            sys.exit('a byte came back wrong')
        count += len(message)
    writer.write_eof()
    if await reader.read() != b'':
        sys.exit('bytes came that nobody sent')
    writer.close()
    return count

async def main(port):
    counts = await asyncio.wait_for(
        asyncio.gather(*(talk(port) for _ in range(CONNECTIONS))), 60)
    print(f'{CONNECTIONS} connections, {CONNECTIONS * MESSAGES} messages, {sum(counts)} bytes: '
          'all came back as they were sent')

asyncio.run(main(int(sys.argv[1])))
PY
kill -INT "$server" # as Ctrl-C does
wait "$server"
tail -n 1 "$out"
