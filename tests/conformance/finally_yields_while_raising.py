from trace import *


def guarded():
    try:
        yield 1
    finally:
        yield 2
        yield 3
    trace("not reached")


for code in EFIRST, GEN_CANCELLED, GEN_EXIT, GEN_STOP:
    g = guarded()
    show_next(g)
    show_throw(g, code)
    show_send(g, 5)
    show_state(g)
    show_next(g)
    show_state(g)
