from trace import *


def once():
    try:
        yield 1
    except BaseException:
        trace("except")
    return 7


g = once()
show_next(g)
show_next(g)
for code in EFIRST, GEN_EXIT, GEN_CANCELLED, GEN_STOP, EFIRST:
    show_throw(g, code)
    show_next(g)
    show_close(g)
    show_state(g)
