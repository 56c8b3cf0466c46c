from trace import *


def meddler():
    try:
        try:
            yield 1
        except EFIRST:
            show_next(me)
            show_close(me)
            show_caught()
        yield 2
    finally:
        show_caught()
        show_throw(me, ESECOND)
        show_close(me)
        show_caught()


me = meddler()
show_next(me)
show_throw(me, EFIRST)
show_close(me)
show_state(me)
