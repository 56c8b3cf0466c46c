#!/usr/bin/env python3
"""server.py - the web server that the examples in this directory download from.

    server.py               serves on a free port of 127.0.0.1 until it is killed; prints its URL,
                            then "hangs" for a request that it does not answer, and "gone" when
                            that client is
    server.py --count N     prints how many comments each of the first N stories has
    server.py --check DIR   prints how many files in it are flags as they are here

    /flags/br/br.gif        a flag
    /mixed/br/br.gif        the same; not found (TR), unavailable (IR), cut off half-way (CD)
    /endless, /hang         a body without an end; no answer (and all that is below them)
    /v0/topstories.json, /v0/item/1.json        a tree of stories and comments
    /lazy/..., /broken/..., /wrong/...          the stories; items that hang, that are no JSON, or
                                                that are no items
"""
import json
import pathlib
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STORIES = range(1, 21)
telling = threading.Lock()


def kids(item):
    """Of each item 0 to 3, four levels deep; None for what was deleted."""
    if item % 13 == 0:
        return None
    count = item * 7 % 4 if item < 10 ** 5 else 0
    return [item * 10 + k for k in range(1, count + 1)]


def count(item):
    return sum(1 + count(kid) for kid in kids(item) or [])


def flag(code):
    return b'GIF89a' + code.encode() * (100 * ord(code[0]))


def tell(event):
    with telling:
        print(event, flush=True)


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    disable_nagle_algorithm = True

    def log_message(self, *args):
        pass

    def answer(self, status, body, type='application/json', length=None):
        self.send_response(status)
        self.send_header('Content-Type', type)
        self.send_header('Content-Length', str(length or len(body)))
        self.end_headers()
        self.wfile.write(body)

    def hang(self):
        tell('hangs')
        while self.connection.recv(4096):
            pass
        tell('gone')
        self.close_connection = True

    def endless(self):
        self.send_response(200)
        self.end_headers()
        self.close_connection = True
        try:
            while True:
                self.wfile.write(bytes(65536))
        except OSError:
            pass

    def flag(self, kind, code):
        status = {'tr': 404, 'ir': 503}.get(code, 200) if kind == 'mixed' else 200
        body = flag(code) if status == 200 else b'no flag'
        if kind == 'mixed' and code == 'cd':
            self.answer(200, body[:10], 'image/gif', len(body))
            self.close_connection = True
        else:
            self.answer(status, body, 'image/gif' if status == 200 else 'text/plain')

    def item(self, kind, number):
        if kind == 'lazy':
            self.hang()
        elif kind == 'broken':
            self.answer(200, b'{"id": %d, "kids": [' % number)
        elif kind == 'wrong':
            self.answer(200, b'{"kids": "none"}')
        elif kids(number) is None:
            self.answer(200, b'null')
        elif kids(number):
            self.answer(200, json.dumps({'id': number, 'kids': kids(number)}).encode())
        else:
            self.answer(200, json.dumps({'id': number}).encode())

    def do_GET(self):
        parts = self.path.strip('/').split('/')
        if parts[0] == 'hang':
            self.hang()
        elif parts[0] == 'endless':
            self.endless()
        elif parts[0] in ('flags', 'mixed') and len(parts) == 3:
            self.flag(parts[0], parts[1])
        elif parts[0] in ('v0', 'lazy', 'broken', 'wrong') and parts[1:] == ['topstories.json']:
            self.answer(200, json.dumps(list(STORIES)).encode())
        elif parts[0] in ('v0', 'lazy', 'broken', 'wrong') and parts[1:2] == ['item']:
            self.item(parts[0], int(parts[2].split('.')[0]))
        else:
            self.answer(404, b'not found')


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


if __name__ == '__main__':
    if sys.argv[1:2] == ['--count']:
        for story in STORIES[:int(sys.argv[2])]:
            print(f'Post {story} has {count(story)} comments')
    elif sys.argv[1:2] == ['--check']:
        files = list(pathlib.Path(sys.argv[2]).iterdir())
        right = [f for f in files if f.read_bytes() == flag(f.stem) and f.suffix == '.gif']
        print(f'{len(right)} of {len(files)} files are right')
    else:
        with Server(('127.0.0.1', 0), Handler) as server:
            print('http://127.0.0.1:%d' % server.server_port, flush=True)
            server.serve_forever()
