from trace import *


def counter():
    try:
        for i in range(3):
            yield i
    except BaseException:
        trace("not reached")


def caller():
    g = counter()
    show_next(g)
    try:
        raise EFIRST
    except Exception:
        show_next(g)
        yield 1
        show_next(g)
    show_next(g)


g = caller()
show_next(g)
show_next(g)
