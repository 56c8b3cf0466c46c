from trace import *


FALLS, RETURNS, RAISES = WAYS = range(3)


def guarded(way):
    try:
        if way == RETURNS:
            return 7
        if way == RAISES:
            raise EFIRST
    finally:
        yield 1
        trace("finally goes on")
    yield 2


for way in WAYS:
    g = guarded(way=way)
    show_next(g)
    show_next(g)
    show_next(g)
    g = guarded(way=way)
    show_next(g)
    show_throw(g, ESECOND)
    show_next(g)
    g = guarded(way=way)
    show_next(g)
    show_close(g)
    show_next(g)
