from trace import *


def guarded():
    try:
        try:
            yield 1
        finally:
            show_caught()
            raise
            trace("not reached")
    finally:
        try:
            raise
        except BaseException:
            show_caught()
        trace("goes on")


g = guarded()
show_next(g)
show_throw_text(g, EFIRST, "thrown")
g = guarded()
show_next(g)
show_close(g)
show_state(g)
