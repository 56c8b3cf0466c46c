from trace import *


def swallower():
    try:
        yield 1
    finally:
        show_caught()
        return 7


for code in EFIRST, GEN_STOP, GEN_EXIT, GEN_CANCELLED:
    g = swallower()
    show_next(g)
    show_throw(g, code)
    show_state(g)
g = swallower()
show_next(g)
show_close(g)
show_state(g)
