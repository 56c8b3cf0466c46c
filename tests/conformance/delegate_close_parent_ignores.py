from trace import *


def child():
    try:
        yield 1
    finally:
        trace("child leaves")


def parent():
    try:
        yield from child()
    except GEN_EXIT:
        yield 2
        trace("parent goes on")
    return 7


g = parent()
show_next(g)
show_close(g)
show_state(g)
show_next(g)
show_close(g)
