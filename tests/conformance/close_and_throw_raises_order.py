from trace import *


def child():
    try:
        yield 1
        yield 2
    finally:
        raise GEN_CANCELLED
    return 7


def parent():
    return (yield from child())


g = parent()
show_next(g)
show_close(g)
show_next(g)
for code in GEN_EXIT, GEN_STOP, GEN_CANCELLED, ESECOND:
    g = parent()
    show_next(g)
    show_throw(g, code)
    show_next(g)
    show_state(g)
g = parent()
show_rest(g)
