from trace import *


def outward():
    try:
        try:
            try:
                raise EFIRST
            except EFIRST:
                trace("first")
                raise ESECOND
            except BaseException:
                trace("not reached")
            trace("not reached")
        except EFIRST:
            trace("not reached")
        trace("not reached")
    except ESECOND:
        show_caught()
        yield 1
        raise ETHIRD


g = outward()
show_next(g)
show_next(g)
show_state(g)
