from trace import *


def child():
    trace("child")
    raise EFIRST
    yield 1


def parent(catches):
    try:
        try:
            yield from child()
            trace("not reached")
        except EFIRST:
            show_caught()
            if not catches:
                raise
        yield 2
    finally:
        trace("finally")


g = parent(catches=0)
show_next(g)
show_state(g)
g = parent(catches=1)
show_rest(g)
