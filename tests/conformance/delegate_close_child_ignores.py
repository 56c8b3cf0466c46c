from trace import *


def child():
    try:
        yield 1
    except GEN_EXIT:
        trace("child ignores it")
        yield 2


def parent(catches):
    try:
        yield from child()
        trace("not reached")
    except Exception:
        show_caught()
        if not catches:
            raise
    yield 3


for catches in 0, 1:
    g = parent(catches=catches)
    show_next(g)
    show_close(g)
    show_state(g)
    show_next(g)
    g = parent(catches=catches)
    show_next(g)
    show_throw(g, GEN_EXIT)
    show_state(g)
    show_next(g)
