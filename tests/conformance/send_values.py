from trace import *


def adder():
    sum = 0
    while True:
        sent = yield sum
        show_sent(sent)
        if sent is None:
            return sum
        sum += sent


g = adder()
show_next(g)
show_send(g, 5)
show_send(g, -2)
show_send(g, 0)
show_next(g)
