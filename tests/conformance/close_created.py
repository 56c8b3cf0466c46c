from trace import *


def guarded():
    try:
        trace("begun")
        yield 1
    finally:
        trace("finally")


g = guarded()
show_close(g)
show_state(g)
show_next(g)
show_send(g, 5)
show_close(g)
