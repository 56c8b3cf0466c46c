from trace import *


def handler():
    try:
        try:
            raise EFIRST
        except EFIRST:
            yield 1
        except BaseException:
            trace("not reached")
        trace("after")
    except ESECOND:
        show_caught()
        yield 2


g = handler()
show_rest(g)
for code in EFIRST, ESECOND, GEN_EXIT, GEN_STOP:
    g = handler()
    show_next(g)
    show_throw(g, code)
    show_state(g)
    show_next(g)
