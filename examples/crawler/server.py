#!/usr/bin/env python3
"""server.py - the site that the crawlers here crawl.

    server.py               serves on a free port of 127.0.0.1 until it is killed. Prints its URL.
    server.py concurrent    the same, and /slow.html is not there before /fast.html is asked for, so
                            that who asks for one page after the other waits for ever

    /                       pages that link to each other in a circle, to pages that are not there, to
                            other hosts, and to themselves; one has moved, one has left for another host
    /stuck/, /killed/, /lost/   pages of which the last is not there before its first client has gone.
                            Prints "hangs" when that one asks, "gone" when it is
    /torn/                  links to a page that ends half-way
"""
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGES = {
    '/': '''<title>Home</title> <a href="slow.html">slow</a> <a href='a.html'>The loop</a>, the task
        <a class=x href=/deep/b.html?x=1&amp;y=2>and</a> <A HREF="fast.html#end">fast</A>
        <script>var x = "<a href='/script.html'>no</a>";</script><!-- <a href="/comment.html"> -->
        <a href="http://example.invalid/">elsewhere</a> <a href="mailto:x@example.invalid">mail</a>''',
    '/a.html': '<p>A task runs in the loop. <a href="/">home</a> <a href="missing.html">gone</a>',
    '/deep/b.html?x=1&y=2': 'Words, words: <a href="../a.html">a</a> <a href="/old.html">c</a>',
    '/deep/c.html': 'The end of the loop: <a href="../deep/./c.html">itself</a> <a href="/none">x</a>',
    '/fast.html': 'A fast page. <a href="slow.html">slow</a> <a href="left.html">left</a>',
    '/slow.html': 'A slow page. <a href="fast.html">fast</a> <a href="/deep/c.html">loop</a>',
    '/torn/': '<a href="torn.html">torn</a>',
    '/torn/torn.html': 'Half of',
}
for name in ('stuck', 'killed', 'lost'):
    PAGES[f'/{name}/'] = 'The first: <a href="one.html">one</a>'
    PAGES[f'/{name}/one.html'] = 'One more: <a href="hangs.html">the last</a>'
    PAGES[f'/{name}/hangs.html'] = 'Here it is.'
MOVED = {'/old.html': 'deep/c.html', '/left.html': 'http://example.invalid/'}
fast = threading.Event()
hanging = {name + 'hangs.html': threading.Lock() for name in ('/stuck/', '/killed/', '/lost/')}
telling = threading.Lock()


def tell(event):
    with telling:
        print(event, flush=True)


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    disable_nagle_algorithm = True

    def log_message(self, *args):
        pass

    def do_GET(self):
        if self.path == '/fast.html':
            fast.set()
        if self.path == '/slow.html' and sys.argv[1:] == ['concurrent']:
            fast.wait()
        if self.path in hanging and hanging[self.path].acquire(blocking=False):
            tell('hangs')
            while self.connection.recv(4096):
                pass
            tell('gone')
            self.close_connection = True
            return
        body = PAGES.get(self.path, 'Not found.').encode()
        torn = self.path == '/torn/torn.html'
        self.send_response(200 if self.path in PAGES else 302 if self.path in MOVED else 404)
        if self.path in MOVED:
            self.send_header('Location', MOVED[self.path])
        self.send_header('Content-Type', 'text/html')
        self.send_header('Content-Length', str(len(body) * (1 + torn)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = torn


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


if __name__ == '__main__':
    with Server(('127.0.0.1', 0), Handler) as server:
        tell('http://127.0.0.1:%d' % server.server_port)
        server.serve_forever()
