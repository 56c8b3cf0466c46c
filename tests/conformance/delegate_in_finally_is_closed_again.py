from trace import *


NEXT, SEND, THROW, CLOSE = OPERATIONS = range(4)


def child(item):
    try:
        sent = yield item
        show_sent(sent)
    except BaseException:
        trace("child %d", item)
        show_caught()
        raise
    return 7


def parent():
    try:
        yield from child(item=1)
    finally:
        yield from child(item=2)
        trace("finally ends")
    yield 3


for operation in OPERATIONS:
    g = parent()
    show_next(g)
    show_close(g)
    show_state(g)
    if operation == NEXT:
        show_next(g)
    if operation == SEND:
        show_send(g, 5)
    if operation == THROW:
        show_throw(g, EFIRST)
    if operation == CLOSE:
        show_close(g)
    show_state(g)
