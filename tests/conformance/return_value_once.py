from trace import *


def seven(early=0):
    if early:
        return 7
    yield 1
    return 8


g = seven()
show_next(g)
show_next(g)
show_next(g)
show_send(g, 5)
g = seven(early=1)
show_next(g)
show_next(g)
show_state(g)
