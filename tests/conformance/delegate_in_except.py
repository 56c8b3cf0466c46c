from trace import *


def child():
    try:
        sent = yield 1
        show_sent(sent)
        yield 2
    except ESECOND:
        show_caught()
    return 7


def parent():
    try:
        raise EFIRST
    except EFIRST:
        show_caught()
        value = yield from child()
        trace("returned %d", value)
    except BaseException:
        trace("not reached")
    yield 3


g = parent()
show_next(g)
show_send(g, 5)
show_next(g)
for code in ESECOND, ETHIRD, GEN_EXIT:
    g = parent()
    show_next(g)
    show_throw(g, code)
    show_state(g)
g = parent()
show_next(g)
show_close(g)
