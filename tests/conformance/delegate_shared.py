from trace import *


def child():
    try:
        for i in range(1, 5):
            sent = yield i
            show_sent(sent)
    finally:
        trace("child leaves")


def parent(g, name):
    yield from g
    trace("parent %d goes on", name)
    yield 10 * name


for closes in 0, 1:
    c = child()
    a = parent(g=c, name=1)
    b = parent(g=c, name=2)
    show_next(a)
    show_next(b)
    show_send(a, 5)
    show_next(c)
    if closes:
        show_close(a)
    show_send(b, 6)
    show_send(a, 7)
    show_next(b)
    show_state(c)
