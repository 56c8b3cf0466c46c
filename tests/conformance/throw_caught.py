from trace import *


def catcher():
    while True:
        try:
            sent = yield 1
            show_sent(sent)
        except EFIRST:
            yield 2
        except ESECOND:
            return 7
        except ETHIRD:
            raise EFOURTH


for code in EFIRST, ESECOND, ETHIRD, EFOURTH:
    g = catcher()
    show_next(g)
    show_throw(g, code)
    show_state(g)
    show_next(g)
    show_next(g)
