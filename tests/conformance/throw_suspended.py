from trace import *


def guarded():
    try:
        yield 1
        trace("not reached")
    finally:
        trace("finally")
    trace("not reached")


for code in EFIRST, GEN_EXIT, GEN_CANCELLED, GEN_STOP:
    g = guarded()
    show_next(g)
    show_throw(g, code)
    show_state(g)
    show_next(g)
