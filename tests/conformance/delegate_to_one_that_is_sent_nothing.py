from trace import *


def child():
    for i in range(3):
        yield i
    return 7


def parent():
    sent = yield 10
    show_sent(sent)
    value = yield from child()
    sent = yield value
    show_sent(sent)


g = parent()
show_next(g)
show_send(g, 5)
show_send(g, 6)
show_next(g)
show_send(g, 7)
show_send(g, 8)
