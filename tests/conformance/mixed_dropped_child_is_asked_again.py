from trace import *


def child():
    try:
        yield 1
    except GEN_EXIT:
        try:
            yield 2
        finally:
            trace("child leaves")


def parent():
    try:
        yield from child()
    except GEN_EIGNORED:
        trace("parent")
    trace("parent goes on")


g = parent()
show_next(g)
show_close(g)
show_state(g)
