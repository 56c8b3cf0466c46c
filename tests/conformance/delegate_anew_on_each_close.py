from trace import *


def child(i):
    try:
        yield i
        yield 10 * i
    except GEN_EXIT:
        trace("child %d leaves", i)
        raise


def parent():
    for i in range(1, 4):
        try:
            yield from child(i=i)
        except GEN_EXIT:
            trace("parent stays")


g = parent()
show_next(g)
show_close(g)
show_next(g)
show_close(g)
show_state(g)
show_close(g)
show_state(g)
