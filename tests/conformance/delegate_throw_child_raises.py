from trace import *


def child(answer):
    try:
        yield 1
    except BaseException:
        raise answer


def parent(answer):
    try:
        yield from child(answer=answer)
        trace("not reached")
    except Exception:
        show_caught()
    yield 2


codes = ESECOND, GEN_EXIT, GEN_CANCELLED, GEN_STOP
for thrown in codes:
    for answer in codes:
        g = parent(answer=answer)
        show_next(g)
        show_throw(g, thrown)
        show_state(g)
