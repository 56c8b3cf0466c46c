from trace import *


def child():
    try:
        yield 1
        raise ESECOND
    finally:
        show_caught()
        return 7


def parent():
    try:
        value = yield from child()
        trace("returned %d", value)
        yield 2
    finally:
        trace("parent leaves")


g = parent()
show_rest(g)
g = parent()
show_next(g)
show_throw(g, EFIRST)
show_next(g)
g = parent()
show_next(g)
show_close(g)
show_state(g)
g = parent()
show_next(g)
show_throw(g, GEN_EXIT)
