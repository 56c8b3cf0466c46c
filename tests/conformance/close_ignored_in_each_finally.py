from trace import *


def onion():
    try:
        try:
            try:
                yield 1
            finally:
                yield 2
                trace("first")
        finally:
            yield 3
            trace("second")
    finally:
        yield 4
        trace("third")


g = onion()
show_next(g)
show_close(g)
show_close(g)
show_close(g)
show_close(g)
show_state(g)
g = onion()
show_next(g)
show_close(g)
show_next(g)
show_next(g)
show_next(g)
show_state(g)
