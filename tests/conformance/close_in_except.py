from trace import *


def handler():
    try:
        try:
            raise EFIRST
        except BaseException:
            show_caught()
            yield 1
            trace("not reached")
    finally:
        show_caught()


g = handler()
show_next(g)
show_close(g)
show_state(g)
