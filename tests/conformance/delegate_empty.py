from trace import *


def nothing():
    if False:
        yield 1
    return 7


def parent():
    yield from nothing()
    trace("first")
    value = yield from nothing()
    sent = yield value
    show_sent(sent)
    yield from nothing()
    trace("third")


g = parent()
show_next(g)
show_send(g, 5)
show_next(g)
g = nothing()
show_next(g)
