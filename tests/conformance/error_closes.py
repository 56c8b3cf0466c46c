from trace import *


def divider():
    for n in range(2, -3, -1):
        try:
            if n == 0:
                raise EFIRST
            yield 10 // n
        finally:
            trace("finally %d", n)


g = divider()
show_next(g)
show_next(g)
show_next(g)
show_state(g)
show_next(g)
show_close(g)
show_next(g)
