from trace import *


def echo():
    trace("begun")
    sent = yield 1
    show_sent(sent)


g = echo()
show_state(g)
show_send(g, 5)
show_state(g)
show_send(g, 5)
show_next(g)
show_send(g, 6)
show_send(g, 7)
