from trace import *


def child():
    try:
        yield 1
    except GEN_EXIT:
        trace("child returns")
        return 7


def parent():
    try:
        yield from child()
        trace("not reached")
    except BaseException:
        show_caught()
        raise


g = parent()
show_next(g)
show_close(g)
show_state(g)
g = parent()
show_next(g)
show_throw_text(g, GEN_EXIT, "the same")
show_state(g)
