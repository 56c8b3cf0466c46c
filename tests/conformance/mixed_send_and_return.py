from trace import *


def e():
    last = 0
    while True:
        sent = yield last
        show_sent(sent)
        last = -1 if sent is None else sent
        if last == 100:
            return 5


def d():
    yield (yield from e())
    return 4


def c():
    yield (yield from d())
    return 3


def b():
    yield (yield from c())
    return 2


def a():
    yield (yield from b())
    return 1


g = a()
show_next(g)
show_send(g, 50)
show_next(g)
show_send(g, 100)
show_rest(g)
