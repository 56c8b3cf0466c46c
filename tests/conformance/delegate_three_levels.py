from trace import *


def inner():
    try:
        sent = yield 1
        show_sent(sent)
        yield 2
    except EFIRST:
        show_caught()
        sent = yield 3
        show_sent(sent)
    return 4


def middle():
    trace("middle begins")
    value = yield from inner()
    return 10 * value


def outer():
    trace("outer begins")
    value = yield from middle()
    return 10 * value


g = outer()
show_next(g)
show_send(g, 5)
show_throw(g, EFIRST)
show_send(g, 6)
show_next(g)
