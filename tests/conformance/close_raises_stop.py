from trace import *


def stopper():
    try:
        yield 1
    finally:
        trace("finally")
        raise GEN_STOP


g = stopper()
show_next(g)
show_close(g)
show_state(g)
g = stopper()
show_next(g)
show_next(g)
show_next(g)
