from trace import *


def catcher():
    try:
        raise GEN_STOP
    except GEN_STOP:
        show_caught()
    try:
        yield 1
    except Exception:
        show_caught()
    yield 2


g = catcher()
show_next(g)
show_throw(g, GEN_STOP)
show_next(g)
