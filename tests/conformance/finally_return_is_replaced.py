from trace import *


def returner():
    try:
        try:
            try:
                yield 1
                return 7
            finally:
                return 8
        finally:
            trace("between")
            yield 2
    finally:
        return 9
    trace("not reached")


g = returner()
show_next(g)
show_next(g)
show_next(g)
g = returner()
show_next(g)
show_throw(g, EFIRST)
show_throw(g, ESECOND)
g = returner()
show_next(g)
show_close(g)
show_close(g)
show_state(g)
