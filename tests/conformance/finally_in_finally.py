from trace import *


def guarded():
    try:
        raise EFIRST
    finally:
        try:
            try:
                yield 1
                raise ESECOND
            finally:
                yield 2
        except ESECOND:
            show_caught()
        yield 3
    trace("not reached")


g = guarded()
show_rest(g)
g = guarded()
show_next(g)
show_throw(g, ESECOND)
show_next(g)
show_next(g)
g = guarded()
show_next(g)
show_throw(g, ETHIRD)
show_next(g)
show_next(g)
