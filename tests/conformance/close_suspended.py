from trace import *


def guarded():
    try:
        try:
            yield 1
            trace("not reached")
        finally:
            show_caught()
            trace("inner")
        trace("not reached")
    finally:
        trace("outer")


g = guarded()
show_next(g)
show_close(g)
show_state(g)
show_close(g)
show_next(g)
