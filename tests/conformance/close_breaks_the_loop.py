from trace import *


def counter():
    n = 0
    while True:
        try:
            yield n
            n += 1
        except GEN_EXIT:
            trace("leaves at %d", n)
            break
    trace("after the loop")


g = counter()
show_next(g)
show_next(g)
show_close(g)
show_state(g)
