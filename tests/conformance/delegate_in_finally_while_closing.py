from trace import *


def child(items):
    try:
        for item in range(items, 0, -1):
            yield item
    finally:
        trace("child leaves")
    return 7


def parent(items):
    try:
        yield from child(items=1)
        yield 10
    finally:
        trace("finally")
        value = yield from child(items=items)
        trace("returned %d", value)


for items in 0, 1:
    g = parent(items=items)
    show_next(g)
    show_close(g)
    show_state(g)
    show_next(g)
    g = parent(items=items)
    show_next(g)
    show_throw(g, EFIRST)
    show_next(g)
    g = parent(items=items)
    show_rest(g)
