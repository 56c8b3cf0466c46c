from trace import *


RETURNS, BREAKS, CONTINUES = WAYS = range(3)


def child(i):
    yield i
    raise EFIRST


def parent(way):
    for i in range(1, 3):
        try:
            yield from child(i=i)
        finally:
            show_caught()
            if way == RETURNS:
                return 7
            if way == BREAKS:
                break
            if way == CONTINUES:
                continue
        trace("not reached")
    yield 10


for way in WAYS:
    g = parent(way=way)
    show_next(g)
    show_next(g)
    show_next(g)
    g = parent(way=way)
    show_next(g)
    show_throw(g, GEN_CANCELLED)
    show_rest(g)
    g = parent(way=way)
    show_next(g)
    show_close(g)
    show_state(g)
    show_rest(g)
