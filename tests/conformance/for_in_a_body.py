from trace import *


def counter(n):
    for i in range(n):
        sent = yield i
        show_sent(sent)


def doubler():
    source = counter(n=6)
    for x in source:
        if x == 1:
            continue
        if x == 4:
            break
        sent = yield x
        show_sent(sent)
        yield 2 * x
    trace("after the loop")
    for x in source:
        yield x


g = doubler()
show_next(g)
show_send(g, 50)
show_next(g)
show_send(g, 60)
show_next(g)
show_next(g)
show_rest(g)
