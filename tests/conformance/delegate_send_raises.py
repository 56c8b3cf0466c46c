from trace import *


def child():
    while True:
        sent = yield 1
        show_sent(sent)
        if sent == 9:
            raise EFIRST("nine")


def parent():
    try:
        yield from child()
    except EFIRST:
        show_caught()
    sent = yield 2
    show_sent(sent)


g = parent()
show_next(g)
show_send(g, 5)
show_next(g)
show_send(g, 9)
show_send(g, 6)
