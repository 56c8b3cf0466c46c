from trace import *


def meddler():
    show_state(me)
    show_next(me)
    show_send(me, 5)
    show_throw(me, EFIRST)
    show_throw(me, GEN_EXIT)
    show_close(me)
    show_state(me)
    yield 1
    show_next(me)
    yield 2


me = meddler()
show_rest(me)
show_state(me)
