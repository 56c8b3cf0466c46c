from trace import *


def child():
    try:
        yield 1
    finally:
        trace("child")
        show_caught()


def parent():
    try:
        yield from child()
        trace("not reached")
    finally:
        trace("parent")
        show_caught()


g = parent()
show_next(g)
show_close(g)
show_state(g)
show_next(g)
