# The echo server with asyncio, on its own loop or uvloop's, as a coroutine over streams, a Protocol,
# or a BufferedProtocol, which reads into memory of its own.
# Usage: echo.py asyncio|uvloop streams|protocol|buffered [port]
import asyncio
import sys

SIZE = 16384


async def streams(reader, writer):
    try:
        while data := await reader.read(SIZE):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()


class Protocol(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)

    def pause_writing(self):
        self.transport.pause_reading()

    def resume_writing(self):
        self.transport.resume_reading()


class Buffered(Protocol, asyncio.BufferedProtocol):
    def connection_made(self, transport):
        self.transport = transport
        self.buffer = memoryview(bytearray(SIZE))

    def get_buffer(self, size):
        return self.buffer

    def buffer_updated(self, n):
        self.transport.write(bytes(self.buffer[:n]))


async def main(kind, port):
    if kind == "streams":
        server = await asyncio.start_server(streams, "127.0.0.1", port, backlog=1024)
    else:
        server = await asyncio.get_running_loop().create_server(
            {"protocol": Protocol, "buffered": Buffered}[kind], "127.0.0.1", port, backlog=1024)
    print("listening on 127.0.0.1:%d" % server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if sys.argv[1] == "uvloop":
    import uvloop
    uvloop.install()
asyncio.run(main(sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 0))
