from trace import *


def stubborn():
    n = 0
    while n < 3:
        try:
            n += 1
            yield n
        except GEN_EXIT:
            trace("ignored")
    trace("gives in")
    yield 4


g = stubborn()
show_next(g)
show_close(g)
show_state(g)
show_close(g)
show_state(g)
show_next(g)
show_close(g)
show_state(g)
