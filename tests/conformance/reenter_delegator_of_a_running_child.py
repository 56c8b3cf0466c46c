from trace import *


NEXT, SEND, THROW, CLOSE = OPERATIONS = range(4)


def child(operation):
    yield 1
    if operation == NEXT:
        show_next(p)
    if operation == SEND:
        show_send(p, 5)
    if operation == THROW:
        show_throw(p, EFIRST)
    if operation == CLOSE:
        show_close(p)
    show_state(p)
    yield 2


def parent():
    try:
        yield from c
        trace("not reached")
    except BaseException:
        show_caught()
        raise


for operation in OPERATIONS:
    c = child(operation=operation)
    p = parent()
    show_next(p)
    show_next(c)
    show_state(c)
    show_rest(c)
