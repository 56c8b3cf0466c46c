from trace import *


def child():
    try:
        yield 1
    finally:
        sent = yield 2
        show_sent(sent)


def parent():
    try:
        yield from child()
        trace("not reached")
    except EFIRST:
        show_caught()
    yield 3


for code in EFIRST, ESECOND, GEN_CANCELLED:
    g = parent()
    show_next(g)
    show_throw(g, code)
    show_send(g, 5)
    show_next(g)
