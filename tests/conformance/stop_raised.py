from trace import *


def stopper(raises):
    yield 1
    if raises:
        raise GEN_STOP
    yield 2


g = stopper(raises=1)
show_next(g)
show_next(g)
show_next(g)
g = stopper(raises=0)
show_next(g)
show_throw(g, GEN_STOP)
show_state(g)
show_next(g)
