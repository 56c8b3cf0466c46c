from trace import *


def child():
    try:
        yield 1
    except BaseException:
        show_caught()
        return 7


def parent():
    value = yield from child()
    trace("returned %d", value)
    yield 2


for code in EFIRST, GEN_CANCELLED, GEN_STOP, GEN_EXIT:
    g = parent()
    show_next(g)
    show_throw(g, code)
    show_next(g)
