from trace import *


def child():
    while True:
        try:
            yield 1
        except EFIRST:
            trace("child")
            show_caught()


def parent():
    try:
        yield from child()
    except ESECOND:
        trace("parent")
        show_caught()
    yield 2


for code in ESECOND, ETHIRD, GEN_CANCELLED, GEN_STOP:
    g = parent()
    show_next(g)
    show_throw(g, EFIRST)
    show_next(g)
    show_throw(g, EFIRST)
    show_throw(g, code)
    show_next(g)
    show_state(g)
