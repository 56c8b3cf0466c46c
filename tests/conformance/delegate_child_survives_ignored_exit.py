from trace import *


def child():
    try:
        yield 1
    except GEN_EXIT:
        trace("ignored")
    yield 2
    yield 3
    return 7


def parent(g):
    yield from g


c = child()
p = parent(g=c)
show_next(p)
show_close(p)
show_state(p)
show_state(c)
p = parent(g=c)
show_next(p)
show_next(p)
show_state(c)
