from trace import *


def child():
    sent = yield 1
    show_sent(sent)
    sent = yield 2
    show_sent(sent)
    sent = yield 3
    show_sent(sent)


def parent(g):
    sent = yield 0
    trace("parent")
    show_sent(sent)
    yield from g
    trace("parent goes on")


c = child()
p = parent(g=c)
show_next(c)
show_next(p)
show_send(p, 5)
show_send(p, 6)
show_send(p, 7)
show_state(c)
