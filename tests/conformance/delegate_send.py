from trace import *


def child():
    trace("child")
    sent = yield 1
    show_sent(sent)
    sent = yield 2
    show_sent(sent)


def parent():
    sent = yield 0
    trace("parent")
    show_sent(sent)
    yield from child()
    trace("parent")
    sent = yield 3
    show_sent(sent)


g = parent()
show_send(g, 41)
show_next(g)
show_send(g, 42)
show_send(g, 43)
show_send(g, 44)
show_send(g, 45)
show_send(g, 46)
