from trace import *


def raiser():
    try:
        raise
    except GEN_EBADSTATE:
        show_caught()
    yield 1
    try:
        raise EFIRST
    except EFIRST:
        show_caught()
    raise


g = raiser()
show_next(g)
show_next(g)
show_state(g)
