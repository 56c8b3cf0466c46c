from trace import *


def guarded():
    try:
        try:
            raise EFIRST
        finally:
            yield 1
            trace("finally goes on")
    except BaseException:
        show_caught()
        raise


g = guarded()
show_next(g)
show_close(g)
show_state(g)
g = guarded()
show_next(g)
show_next(g)
show_state(g)
