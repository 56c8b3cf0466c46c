from trace import *


def child():
    try:
        yield 1
        raise EFIRST
        yield 2
    finally:
        trace("child leaves")


def parent():
    try:
        yield 0
        yield from child()
        yield 3
    finally:
        trace("parent leaves")


g = parent()
show_rest(g)
show_state(g)
show_next(g)
