from trace import *


def child(items):
    for item in range(items, 0, -1):
        sent = yield item
        if sent is not None:
            return 100 + sent
    return 7


def parent():
    sum = 0
    sum += yield from child(items=0)
    trace("sum %d", sum)
    sum += yield from child(items=2)
    trace("sum %d", sum)
    sum += yield from child(items=9)
    trace("sum %d", sum)
    return sum


g = parent()
show_next(g)
show_next(g)
show_next(g)
show_send(g, 5)
show_next(g)
