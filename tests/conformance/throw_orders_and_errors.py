from trace import *


def catcher():
    try:
        try:
            yield 1
        except Exception:
            trace("an error")
            show_caught()
    except BaseException:
        trace("an order")
        show_caught()
    yield 2


for code in EFIRST, GEN_STOP, GEN_EXIT, GEN_CANCELLED:
    g = catcher()
    show_next(g)
    show_throw(g, code)
    show_next(g)
