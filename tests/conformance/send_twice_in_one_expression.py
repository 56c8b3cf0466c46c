from trace import *


def pairs():
    while True:
        trace("sum %d", (yield 1) + (yield 2))


g = pairs()
show_next(g)
show_send(g, 10)
show_send(g, 20)
show_send(g, 30)
show_send(g, 40)
show_close(g)
