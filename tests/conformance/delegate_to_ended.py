from trace import *


RETURNED, RAISED, THROWN, CLOSED = WAYS = range(4)


def child(way):
    yield 1
    if way == RAISED:
        raise EFIRST


def parent(g):
    try:
        yield from g
        trace("ended at once")
    except BaseException:
        trace("not reached")
    yield 2


for way in WAYS:
    c = child(way=way)
    p = parent(g=c)
    show_next(c)
    if way == THROWN:
        show_throw(c, EFIRST)
    elif way == CLOSED:
        show_close(c)
    else:
        show_next(c)
    show_next(p)
    show_next(p)
