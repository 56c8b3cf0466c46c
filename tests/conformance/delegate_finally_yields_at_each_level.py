from trace import *


def level(n):
    try:
        if n > 0:
            yield from level(n=n - 1)
        else:
            yield 0
        trace("not reached")
    finally:
        sent = yield 10 + n
        show_sent(sent)
        yield 20 + n


for code in EFIRST, GEN_CANCELLED, GEN_STOP:
    g = level(n=2)
    show_next(g)
    show_throw(g, code)
    show_send(g, 5)
    show_next(g)
    show_send(g, 6)
    show_throw(g, ESECOND)
    show_next(g)
    show_next(g)
    show_next(g)
