from trace import *


NEXT, SEND, THROW, CLOSE = OPERATIONS = range(4)


def child():
    yield 1
    yield 2


def parent(g):
    try:
        yield from g
        trace("parent goes on")
    except BaseException:
        show_caught()
        raise
    yield 3


for fails in 0, 1:
    for operation in OPERATIONS:
        c = child()
        p = parent(g=c)
        show_next(p)
        if fails:
            show_throw(c, EFIRST)
        else:
            show_rest(c)
        if operation == NEXT:
            show_next(p)
        if operation == SEND:
            show_send(p, 5)
        if operation == THROW:
            show_throw(p, ESECOND)
        if operation == CLOSE:
            show_close(p)
        show_state(p)
