#!/usr/bin/env python3
"""peer.py streams|protocol serve|bulk PORT|ask PORT - what peer.c does, with Python's asyncio.

The server answers one connection, and ends."""
import asyncio
import sys

HOST = '127.0.0.1'
SECONDS = 30


def announce(server):
    print(f'listening on {HOST}:{server.sockets[0].getsockname()[1]}', flush=True)


def pieces(data, size):
    return (data[i:i + size] for i in range(0, len(data), size))


def halves(line):
    return line[:len(line) // 2], line[len(line) // 2:]


# -- Streams ---------------------------------------------------------------------------------------

async def streams_serve():
    done = asyncio.get_running_loop().create_future()

    async def handle(reader, writer):
        try:
            while data := await reader.read(10000):
                writer.write(data)
                await writer.drain()
            writer.write_eof()
            writer.close()
            await writer.wait_closed()
            done.set_result(None)
        except Exception as e:
            done.set_exception(e)

    async with await asyncio.start_server(handle, HOST, 0) as server:
        announce(server)
        await done


async def streams_bulk(port):
    reader, writer = await asyncio.open_connection(HOST, port)

    async def send():
        for piece in pieces(sys.stdin.buffer.read(), 10000):
            writer.write(piece)
            await writer.drain()
        writer.write_eof()

    _, data = await asyncio.gather(send(), reader.read())
    sys.stdout.buffer.write(data)
    writer.close()
    await writer.wait_closed()


async def streams_ask(port):
    reader, writer = await asyncio.open_connection(HOST, port)
    line = b''
    for line in sys.stdin.buffer:
        for half in halves(line):
            writer.write(half)
            await writer.drain()
        if not line.endswith(b'\n'):
            writer.write_eof()  # which ends the line
        sys.stdout.buffer.write(await reader.readline())
    if line.endswith(b'\n'):
        writer.write_eof()
    if await reader.read():
        sys.exit('an answer that nobody asked for')
    writer.close()
    await writer.wait_closed()


# -- Protocols -------------------------------------------------------------------------------------

class Peer(asyncio.Protocol):
    """Its future `done` has the error that the connection was lost with."""

    def __init__(self):
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport):
        self.transport = transport

    def connection_lost(self, error):
        if error:
            self.done.set_exception(error)
        else:
            self.done.set_result(None)


class Echo(Peer):
    def data_received(self, data):
        self.transport.write(data)

    def pause_writing(self):
        self.transport.pause_reading()

    def resume_writing(self):
        self.transport.resume_reading()


class Sender(Peer):
    def __init__(self, data):
        super().__init__()
        self.rest, self.got, self.may_write = pieces(data, 10000), [], True

    def connection_made(self, transport):
        super().connection_made(transport)
        self.go_on()

    def go_on(self):
        while self.may_write:
            piece = next(self.rest, None)
            if piece is None:
                self.transport.write_eof()
                return
            self.transport.write(piece)

    def pause_writing(self):
        self.may_write = False

    def resume_writing(self):
        self.may_write = True
        self.go_on()

    def data_received(self, data):
        self.got.append(data)


class Asker(Peer):
    def __init__(self, lines):
        super().__init__()
        self.lines, self.got, self.missing = lines, b'', 0

    def connection_made(self, transport):
        super().connection_made(transport)
        self.next()

    def next(self):
        line = next(self.lines, None)
        if line is None:
            self.transport.write_eof()
            return
        self.missing = len(line)
        for half in halves(line):
            self.transport.write(half)
        if not line.endswith(b'\n'):
            self.transport.write_eof()

    def data_received(self, data):
        self.got += data
        self.missing -= len(data)
        if self.missing < 0:
            sys.exit('an answer that nobody asked for')
        if self.missing == 0 and self.got.endswith(b'\n'):
            self.next()


async def protocol_serve():
    loop = asyncio.get_running_loop()
    connected = loop.create_future()

    def make():
        connected.set_result(Echo())
        return connected.result()

    server = await loop.create_server(make, HOST, 0)
    announce(server)
    await (await connected).done
    server.close()


async def protocol_client(port, peer):
    _, peer = await asyncio.get_running_loop().create_connection(lambda: peer, HOST, port)
    await peer.done
    return peer.got


async def protocol_bulk(port):
    got = await protocol_client(port, Sender(sys.stdin.buffer.read()))
    sys.stdout.buffer.write(b''.join(got))


async def protocol_ask(port):
    sys.stdout.buffer.write(await protocol_client(port, Asker(iter(sys.stdin.buffer))))


async def main(kind, what, *port):
    await asyncio.wait_for(globals()[f'{kind}_{what}'](*map(int, port)), SECONDS)


asyncio.run(main(*sys.argv[1:]))
