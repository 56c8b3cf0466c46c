from trace import *


def child():
    trace("child begins")
    yield 1


def parent(g):
    yield from g


c = child()
p = parent(g=c)
show_close(p)
show_state(c)
p = parent(g=c)
show_throw(p, EFIRST)
show_state(c)
p = parent(g=c)
show_send(p, 5)
show_state(p)
show_state(c)
show_rest(p)
show_state(c)
