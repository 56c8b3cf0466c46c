from trace import *


def meddler():
    yield 1
    try:
        item = next(me)
        trace("not reached")
    finally:
        show_caught()


me = meddler()
show_next(me)
show_next(me)
show_state(me)
show_next(me)
