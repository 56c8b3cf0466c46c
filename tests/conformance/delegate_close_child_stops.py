from trace import *


def child():
    try:
        yield 1
    except GEN_EXIT:
        raise GEN_STOP


def parent():
    try:
        yield from child()
    except BaseException:
        show_caught()
        raise


g = parent()
show_next(g)
show_close(g)
show_state(g)
